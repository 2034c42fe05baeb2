import { type FontWeight, textWidth } from './font.ts';
import { palette, text } from './svg.ts';

/** Title and subtitle at the top of a page; letters shrink, then the end is cut, where the page is narrow. */
export function pageHead(width: number, title: string, subtitle: string | undefined, left: number): string[] {
  const room = width - left - 40;
  const size = Math.max(18, Math.min(30, (30 * room) / textWidth(title, 30, 600)));
  const parts = [text(left, 56, fitText(title, size, room, 600), { size, weight: 600 })];
  if (subtitle) {
    const small = Math.max(12, Math.min(17, (17 * room) / textWidth(subtitle, 17)));
    parts.push(text(left, 86, fitText(subtitle, small, room), { size: small, fill: palette.muted }));
  }
  return parts;
}

/** Caption at the lower left, credit at the lower right. */
export function pageFoot(
  width: number,
  height: number,
  caption: string | undefined,
  credit: string,
  left: number,
): string[] {
  const y = height - 20;
  const style = { size: 12, fill: palette.muted } as const;
  const creditWidth = textWidth(credit, 12);
  const parts = [text(width - 24, y, credit, { ...style, anchor: 'end' })];
  if (caption) parts.push(text(left, y, fitText(caption, 12, width - left - creditWidth - 64), style));
  return parts;
}

/** The text, or as much of it as fits with an ellipsis. */
export function fitText(content: string, size: number, room: number, weight: FontWeight = 400): string {
  if (textWidth(content, size, weight) <= room) return content;
  const characters = [...content];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, size, weight) > room) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
