import { helper } from './kernel.ts';

/** Values at a face from the cells on a line across it. Cell −1 lies before the face, cell 0 behind it. */

/** (11 d₂ − 3 d₄ + 24 d₃ − 2 d₁)/60 as 4 (d₂ + d₄ + 6 d₃)/60 + 7 (d₂ − d₄)/60 − 2 d₁/60: what both sides of a face share. */
const EVEN = 4 / 60;
const ODD = 7 / 60;
const OUTER = 2 / 60;

export type Line = (k: number) => number;

export interface Traces {
  readonly left: number;
  readonly right: number;
}

/**
 * Five-point upwind-biased face values from cell averages, (2, −13, 47, 27, −3)/60 (Suresh & Huynh 1997, eq. 2.1), in
 * differences of neighbours, so that a constant stays constant to the bit and the two sides mirror each other exactly.
 */
export const fivePointTraces = helper(
  (q: Line): Traces => {
    const d1 = q(-2) - q(-3);
    const d2 = q(-1) - q(-2);
    const d3 = q(0) - q(-1);
    const d4 = q(1) - q(0);
    const d5 = q(2) - q(1);
    const even = EVEN * (d2 + d4 + 6 * d3);
    const odd = ODD * (d2 - d4);
    return {
      left: q(-1) + (even + odd - OUTER * d1),
      right: q(0) - (even - odd - OUTER * d5),
    };
  },
  () => ({ OUTER, EVEN, ODD }),
);

/** The left trace of `fivePointTraces` alone, from cells at distance −2 … 2 from the cell at the face, outward positive. */
export const fivePointTrace = helper(
  (q: Line): number => {
    const d1 = q(-1) - q(-2);
    const d2 = q(0) - q(-1);
    const d3 = q(1) - q(0);
    const d4 = q(2) - q(1);
    return q(0) + (EVEN * (d2 + d4 + 6 * d3) + ODD * (d2 - d4) - OUTER * d1);
  },
  () => ({ OUTER, EVEN, ODD }),
);

/** How far a limited trace may go towards the nearer neighbour: a dry cell's must stay above still water beside it. */
const STEEPEST = 0.75;

/** Half of the slope of Kurganov & Tadmor (2000) eq. 4.9, θ = 1.5, from the differences to the two neighbours. */
const halfSlope = helper(
  (before: number, after: number): number => {
    const central = 0.25 * (before + after);
    const low = STEEPEST * before;
    const high = STEEPEST * after;
    return before > 0
      ? greatest(0, least(least(low, high), central))
      : least(0, greatest(greatest(low, high), central));
  },
  () => ({ greatest, least, STEEPEST }),
);

/** Value at the face behind the cell, between the values of its cells: q(−1), q(0) and q(1) counted outwards. */
export const limitedTrace = helper(
  (q: Line): number => q(0) + halfSlope(q(0) - q(-1), q(1) - q(0)),
  () => ({ halfSlope }),
);

/** The smaller of two numbers; one instruction, unlike Math.min, whose rules for NaN and −0 take several. */
export function least(a: number, b: number): number {
  return a < b ? a : b;
}

export function greatest(a: number, b: number): number {
  return a > b ? a : b;
}
