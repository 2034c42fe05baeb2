import { type ColourMapName, colourMap, colourMapKind } from './colour-maps.ts';
import { linearTicks, logarithmicTicks, minorLogarithmicTicks, roundStep, type Tick, ticksEvery } from './ticks.ts';

/** From value to colour. `table` has 256 × 3 bytes; limits in the field's units, above 0 where logarithmic. */
export interface ColourScale {
  readonly map: ColourMapName;
  readonly table: Uint8Array;
  readonly limits: readonly [number, number];
  readonly logarithmic: boolean;
}

/** Throws BadColourLimits. */
export function colourScale(
  map: ColourMapName,
  limits: readonly [number, number],
  { logarithmic = false, reversed = false }: { logarithmic?: boolean; reversed?: boolean } = {},
): ColourScale {
  const [low, high] = limits;
  if (!(low < high) || !Number.isFinite(high - low))
    throw new BadColourLimits(limits, 'the first must be below the second');
  if (logarithmic && low <= 0) throw new BadColourLimits(limits, 'a logarithmic scale needs both above 0');
  const table = colourMap(map);
  return { map, table: reversed ? reverseTable(table) : table, limits: [low, high], logarithmic };
}

/** Entry (0 … 255) of a finite value; values outside the limits take the end colours. */
export function colourIndex({ limits: [low, high], logarithmic }: ColourScale, value: number): number {
  const fraction = logarithmic
    ? value <= low
      ? 0
      : Math.log(value / low) / Math.log(high / low)
    : (value - low) / (high - low);
  return Math.max(0, Math.min(255, Math.floor(fraction * 256)));
}

/** Red, green, blue (0 … 255) of a finite value. */
export function colourOf(scale: ColourScale, value: number): readonly [number, number, number] {
  const at = 3 * colourIndex(scale, value);
  return [scale.table[at]!, scale.table[at + 1]!, scale.table[at + 2]!];
}

/** Where a value lies along the colour bar, 0 (low) … 1 (high); outside that range for values outside the limits. */
export function colourFraction({ limits: [low, high], logarithmic }: ColourScale, value: number): number {
  return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** Round ticks inside the limits, `minor` ones without text. `step`, where given, is the distance of linear ticks. */
export function colourTicks(scale: ColourScale, count: number, step?: number): { major: Tick[]; minor: number[] } {
  const [low, high] = scale.limits;
  if (scale.logarithmic) return { major: logarithmicTicks(low, high, count), minor: minorLogarithmicTicks(low, high) };
  return { major: step ? ticksEvery(low, high, step) : linearTicks(low, high, count), minor: [] };
}

/**
 * Round limits that hold all but the largest `outside` share of the finite values: symmetric about zero for a diverging
 * map, three decades below the top for a logarithmic scale. [0, 1] where there is nothing to see.
 */
export function automaticLimits(
  values: ArrayLike<number>,
  map: ColourMapName,
  { logarithmic = false, outside = 0.001 }: { logarithmic?: boolean; outside?: number } = {},
): [number, number] {
  const signed = colourMapKind(map) === 'diverging';
  // A million values tell the percentiles as well as all do.
  const stride = Math.max(1, Math.floor(values.length / 1e6));
  const finite = new Float64Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let k = 0; k < values.length; k += stride) {
    const value = values[k]!;
    if (Number.isFinite(value)) finite[count++] = signed ? Math.abs(value) : value;
  }
  const sorted = finite.subarray(0, count).sort();
  if (sorted.length === 0) return signed ? [-1, 1] : logarithmic ? [1e-3, 1] : [0, 1];
  const top = sorted[Math.floor((sorted.length - 1) * (1 - outside))]!;
  const bottom = sorted[Math.floor((sorted.length - 1) * outside)]!;
  if (logarithmic) {
    const high = top > 0 ? roundUp(top) : 1;
    return [high / 1000, high];
  }
  if (signed) return top > 0 ? [-roundUp(top), roundUp(top)] : [-1, 1];
  if (bottom >= 0 && bottom < 0.5 * top) return [0, roundUp(top)];
  if (!(top > bottom)) return [bottom, bottom + 1];
  const step = roundStep(top - bottom, 8);
  return [Math.floor(bottom / step) * step, Math.ceil(top / step) * step];
}

/** The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10ⁿ at or above a positive value. */
function roundUp(value: number): number {
  const power = Math.floor(Math.log10(value));
  const lead = value / 10 ** power;
  const round = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((candidate) => candidate >= lead * (1 - 1e-6)) ?? 10;
  return Number(`${round}e${power}`);
}

function reverseTable(table: Uint8Array): Uint8Array {
  const reversed = new Uint8Array(table.length);
  for (let entry = 0; entry < 256; entry++) reversed.set(table.subarray(3 * entry, 3 * entry + 3), 3 * (255 - entry));
  return reversed;
}

export class BadColourLimits extends Error {
  readonly tag = 'BadColourLimits';
  constructor(limits: readonly [number, number], cure: string) {
    super(`BadColourLimits: colour limits [${limits.join(', ')}] cannot be used: ${cure}.`);
    this.name = 'BadColourLimits';
  }
}
