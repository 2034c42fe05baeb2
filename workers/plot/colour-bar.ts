import { type ColourScale, colourFraction, colourTicks } from './colour-scale.ts';
import { textWidth } from './font.ts';
import type { Picture } from './png.ts';
import type { Box } from './projections.ts';
import { image, line, palette, path, text } from './svg.ts';

export interface ColourBarOptions {
  readonly scale: ColourScale;
  /** The coloured bar itself [px]; ticks go to its right. */
  readonly box: Box;
  readonly units: string;
  /** What the colours show; written along the bar. */
  readonly quantity?: string | undefined;
  /** Values lie beyond the low or the high limit: that end gets a point. */
  readonly beyond: { readonly low: boolean; readonly high: boolean };
  readonly tickStep?: number | undefined;
}

/** An upright colour bar, low at the bottom: ticks inside the limits, units above, the quantity to the right. */
export function colourBar({ scale, box, units, quantity, beyond, tickStep }: ColourBarOptions): string[] {
  const { x, y, width, height } = box;
  const point = 14;
  const bottom = y + height;
  const parts = [image(x, y, width, height, barPicture(scale))];
  const lowColour = hexColour(scale.table, 0);
  const highColour = hexColour(scale.table, 255);
  const edge = { stroke: palette.ink, width: 0.8 };
  const right = x + width;
  const peak = `${x + width / 2},${y - point}`;
  const foot = `${x + width / 2},${bottom + point}`;
  if (beyond.high) parts.push(path(`M${x},${y + 0.3}L${peak}L${right},${y + 0.3}Z`, { fill: highColour }));
  if (beyond.low) parts.push(path(`M${x},${bottom - 0.3}L${foot}L${right},${bottom - 0.3}Z`, { fill: lowColour }));
  const head = beyond.high ? `L${peak}` : '';
  const tail = beyond.low ? `L${foot}` : '';
  parts.push(path(`M${x},${y}${head}L${right},${y}L${right},${bottom}${tail}L${x},${bottom}Z`, edge));

  const at = (value: number): number => bottom - colourFraction(scale, value) * height;
  const { major, minor } = colourTicks(scale, Math.max(2, Math.round(height / 70)), tickStep);
  for (const value of minor) parts.push(line(right, at(value), right + 3, at(value), edge));
  let widest = 0;
  for (const tick of major) {
    parts.push(line(right, at(tick.value), right + 6, at(tick.value), edge));
    parts.push(text(right + 11, at(tick.value) + 4.8, tick.text, { size: 13.5 }));
    widest = Math.max(widest, textWidth(tick.text, 13.5));
  }
  parts.push(
    text(x + width / 2, y - (beyond.high ? point : 0) - 12, units, { size: 14, weight: 600, anchor: 'middle' }),
  );
  if (quantity) {
    const across = right + 11 + widest + 22;
    parts.push(text(across, y + height / 2, quantity, { size: 14, anchor: 'middle', turn: -90, fill: palette.muted }));
  }
  return parts;
}

/** The table as a picture one pixel wide, high values on top. */
function barPicture({ table }: ColourScale): Picture {
  const pixels = new Uint8Array(256 * 4);
  for (let entry = 0; entry < 256; entry++) {
    pixels.set(table.subarray(3 * entry, 3 * entry + 3), 4 * (255 - entry));
    pixels[4 * (255 - entry) + 3] = 255;
  }
  return { width: 1, height: 256, pixels };
}

function hexColour(table: Uint8Array, entry: number): string {
  return `#${Buffer.from(table.subarray(3 * entry, 3 * entry + 3)).toString('hex')}`;
}
