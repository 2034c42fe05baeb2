import { helper } from './kernel.ts';

/** Values at a face from the cells on a line across it. Cell −1 lies before the face, cell 0 behind it. */

/**
 * An upwind-biased five-point face value q₋₁ + even (d₂ + d₄) + centre d₃ + odd (d₂ − d₄) − outer d₁, d₁ … d₅ being the
 * differences of neighbours from cell −3 to cell 2: a constant stays constant to the bit, and the two sides, which share
 * what is even, mirror each other exactly.
 */
interface TraceForm {
  readonly even: number;
  readonly centre: number;
  readonly odd: number;
  readonly outer: number;
}

/** (2, −13, 47, 27, −3)/60 on cell averages, Suresh & Huynh (1997) eq. 2.1. */
const OF_AVERAGES: TraceForm = { even: 4 / 60, centre: 24 / 60, odd: 7 / 60, outer: 2 / 60 };

/** (3, −20, 90, 60, −5)/128 on values at cell centres. */
const OF_POINTS: TraceForm = { even: 6 / 128, centre: 55 / 128, odd: 11 / 128, outer: 3 / 128 };

export type Line = (k: number) => number;

export interface Traces {
  readonly left: number;
  readonly right: number;
}

const bothTraces = ({ even, centre, odd, outer }: TraceForm) =>
  helper(
    (q: Line): Traces => {
      const d1 = q(-2) - q(-3);
      const d2 = q(-1) - q(-2);
      const d3 = q(0) - q(-1);
      const d4 = q(1) - q(0);
      const d5 = q(2) - q(1);
      const shared = even * (d2 + d4) + centre * d3;
      const bias = odd * (d2 - d4);
      return { left: q(-1) + (shared + bias - outer * d1), right: q(0) - (shared - bias - outer * d5) };
    },
    () => ({ even, centre, odd, outer }),
  );

/** The left trace alone, from cells at distance −2 … 2 from the cell at the face, outward positive. */
const oneTrace = ({ even, centre, odd, outer }: TraceForm) =>
  helper(
    (q: Line): number => {
      const d1 = q(-1) - q(-2);
      const d2 = q(0) - q(-1);
      const d3 = q(1) - q(0);
      const d4 = q(2) - q(1);
      return q(0) + (even * (d2 + d4) + centre * d3 + odd * (d2 - d4) - outer * d1);
    },
    () => ({ even, centre, odd, outer }),
  );

export const averageTraces = bothTraces(OF_AVERAGES);
export const averageTrace = oneTrace(OF_AVERAGES);
export const pointTraces = bothTraces(OF_POINTS);
export const pointTrace = oneTrace(OF_POINTS);

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
