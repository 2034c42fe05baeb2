import { superscript } from '../../workers/plot/ticks.ts';
import type { FieldInfo } from '../../workers/protocol/viewing.ts';

/** How values of a field are shown: multiplied by `factor`, in `units`. */
export interface Display {
  readonly factor: number;
  readonly units: string;
}

/** Seconds of a lasting field are times of the day's order, so people read them in hours. */
export function displayOf({ units, kind }: Pick<FieldInfo, 'units' | 'kind'>): Display {
  if (units === 's' && kind === 'lasting') return { factor: 1 / 3600, units: 'h' };
  return { factor: 1, units: unitsInWords(units) };
}

/** CF units as people write them: "m s-1" is m/s, "m-1 s-1" is m⁻¹ s⁻¹, "1" is nothing. */
export function unitsInWords(units: string): string {
  if (units === '1') return '';
  const parts = units.split(' ').map((part) => {
    const [, base = part, power = '1'] = part.match(/^([^\d-]+)(-?\d+)?$/) ?? [];
    return { base, power: Number(power) };
  });
  const below = parts.filter(({ power }) => power < 0);
  if (below.length === 1 && below.length < parts.length) {
    const above = parts.filter(({ power }) => power > 0);
    const raised = ({ base, power }: (typeof parts)[number], size = Math.abs(power)): string =>
      size === 1 ? base : `${base}${superscript(size)}`;
    return `${above.map((part) => raised(part)).join(' ')}/${raised(below[0]!)}`;
  }
  return parts.map(({ base, power }) => (power === 1 ? base : `${base}${superscript(power)}`)).join(' ');
}

/** Three significant digits, a true minus sign, and powers of ten where plain digits would mislead. */
export function valueInWords(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const sign = value < 0 ? '−' : '';
  if (size < 1e-3 || size >= 1e6) {
    const [mantissa = '', exponent = ''] = size.toExponential(2).split('e');
    return `${sign}${Number(mantissa)} × 10${superscript(Number(exponent))}`;
  }
  const digits = Math.max(0, Math.min(5, 2 - Math.floor(Math.log10(size))));
  const text = size.toFixed(digits);
  return Number(text) === 0 ? '0' : `${sign}${text}`;
}

/** "0.42 m", "8.3 h". */
export function quantity(value: number, { factor, units }: Display): string {
  const text = valueInWords(value * factor);
  return units === '' ? text : `${text} ${units}`;
}
