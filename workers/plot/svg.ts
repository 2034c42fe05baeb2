import { type FontWeight, fontFamily } from './font.ts';
import { encodePng, type Picture } from './png.ts';

/** Ink and paper of every picture. */
export const palette = {
  paper: '#ffffff',
  ink: '#16202b',
  muted: '#5b6773',
  faint: '#d5dbe1',
  land: '#dcd9d2',
  water: '#f2f5f8',
  coast: '#4a4740',
  model: '#0b66c3',
  observed: '#16202b',
  accent: '#d1361b',
} as const;

export interface TextStyle {
  readonly size?: number;
  readonly weight?: FontWeight;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Width [px] of a paper-coloured line around the letters, so that they can be read on any colour. */
  readonly halo?: number;
  /** Degrees, clockwise, about the anchor. */
  readonly turn?: number;
}

/** A line of text with its baseline at y. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 13, weight = 400, fill = palette.ink, anchor = 'start', halo = 0, turn = 0 } = style;
  const outline = halo
    ? ` stroke="#ffffff" stroke-opacity="0.85" stroke-width="${halo}" stroke-linejoin="round" paint-order="stroke"`
    : '';
  const transform = turn ? ` transform="rotate(${number(turn)} ${number(x)} ${number(y)})"` : '';
  return `<text x="${number(x)}" y="${number(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}"${outline}${transform}>${escapeXml(content)}</text>`;
}

export interface StrokeStyle {
  readonly stroke?: string;
  readonly width?: number;
  readonly opacity?: number;
  readonly dash?: string;
  readonly fill?: string;
}

/** A path; not filled unless told. */
export function path(d: string, style: StrokeStyle = {}): string {
  const { stroke = 'none', width = 1, opacity = 1, dash, fill = 'none' } = style;
  const dashes = dash ? ` stroke-dasharray="${dash}"` : '';
  return `<path d="${d}" fill="${fill}" stroke="${stroke}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linejoin="round" stroke-linecap="${dash ? 'butt' : 'round'}"${dashes}/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, style: StrokeStyle = {}): string {
  return path(`M${number(x1)},${number(y1)}L${number(x2)},${number(y2)}`, { stroke: palette.ink, ...style });
}

export function rectangle(x: number, y: number, width: number, height: number, style: StrokeStyle = {}): string {
  return path(`M${number(x)},${number(y)}h${number(width)}v${number(height)}h${number(-width)}Z`, style);
}

/** A picture stretched over a rectangle; pixel for pixel where the sizes agree. */
export function image(x: number, y: number, width: number, height: number, picture: Picture): string {
  const bytes = Buffer.from(encodePng(picture, {}, 1)).toString('base64');
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="optimizeSpeed" xlink:href="data:image/png;base64,${bytes}"/>`;
}

/** The whole drawing. Sizes in px; `description` is what a screen reader says. */
export function svgDocument(width: number, height: number, description: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}, sans-serif" role="img">`,
    `<title>${escapeXml(description)}</title>`,
    rectangle(0, 0, width, height, { fill: palette.paper }),
    ...parts,
    '</svg>',
  ].join('\n');
}

/** A coordinate with a hundredth of a pixel. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

// Control characters are not allowed in XML at all, so they go.
const forbidden = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

export function escapeXml(content: string): string {
  return content.replace(forbidden, '').replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
