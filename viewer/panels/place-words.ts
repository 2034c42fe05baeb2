import type { Place } from '../state.ts';

/** "38.3° N, 142.4° E". */
export function placeInWords({ latitude, longitude }: Place, digits = 1): string {
  return `${degrees(latitude, digits, 'N', 'S')}, ${degrees(eastward(longitude), digits, 'E', 'W')}`;
}

function degrees(value: number, digits: number, above: string, below: string): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? '0°' : `${text}° ${value < 0 ? below : above}`;
}

/** The same longitude within −180° … 180°. */
export function eastward(longitude: number): number {
  const turned = ((((longitude + 180) % 360) + 360) % 360) - 180;
  return turned === -180 ? 180 : turned;
}

/** A latitude or longitude as people type it: "38.3", "−38,3", "38.3 N", "142° 22′ W". Undefined where it is none. */
export function parseDegrees(text: string, limit: 90 | 360): number | undefined {
  const parts = text
    .trim()
    .replace('−', '-')
    .replace(',', '.')
    .match(/^([-+]?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′]\s*)?([NSEW])?$/i);
  if (!parts) return undefined;
  const [, whole = '', minutes = '0', side = ''] = parts;
  const size = Math.abs(Number(whole)) + Number(minutes) / 60;
  const isBelow = whole.startsWith('-') !== /[SW]/i.test(side);
  return size > limit ? undefined : isBelow ? 0 - size : size;
}

/** "4 210 m deep", "35 m above the sea". */
export function groundInWords(elevation: number): string {
  const size = Math.abs(elevation);
  const text = size >= 10 ? groupDigits(Math.round(size)) : size.toFixed(1);
  return elevation < 0 ? `${text} m deep` : `${text} m above the sea`;
}

/** Thousands apart by a thin space that does not break. */
export const groupDigits = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, '\u202f');
