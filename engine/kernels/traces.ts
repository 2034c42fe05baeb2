/** Values at a face from the cells on a line across it. Cell −1 lies before the face, cell 0 behind it. */

/** 1/60, the common divisor of the five-point average form. */
export const FIVE_POINT = 1 / 60;

export type Line = (k: number) => number;

export interface Traces {
  readonly left: number;
  readonly right: number;
}

/**
 * Five-point upwind-biased face values from cell averages, (2, −13, 47, 27, −3)/60 (Suresh & Huynh 1997, eq. 2.1), in
 * differences of neighbours, so that a constant stays constant to the bit and the two sides mirror each other exactly.
 * A weight of 0 in place of FIVE_POINT makes that side first order.
 */
export function fivePointTraces(q: Line, leftWeight: number, rightWeight: number): Traces {
  const d1 = q(-2) - q(-3);
  const d2 = q(-1) - q(-2);
  const d3 = q(0) - q(-1);
  const d4 = q(1) - q(0);
  const d5 = q(2) - q(1);
  return {
    left: q(-1) + leftWeight * (11 * d2 - 2 * d1 + 24 * d3 - 3 * d4),
    right: q(0) - rightWeight * (11 * d4 - 2 * d5 + 24 * d3 - 3 * d2),
  };
}

/** The left trace of `fivePointTraces` alone, from cells at distance −2 … 2 from the cell at the face, outward positive. */
export function fivePointTrace(q: Line, weight: number): number {
  const d1 = q(-1) - q(-2);
  const d2 = q(0) - q(-1);
  const d3 = q(1) - q(0);
  const d4 = q(2) - q(1);
  return q(0) + weight * (11 * d2 - 2 * d1 + 24 * d3 - 3 * d4);
}

/** The smaller of two numbers; one instruction, unlike Math.min, whose rules for NaN and −0 take several. */
export function least(a: number, b: number): number {
  return a < b ? a : b;
}

export function greatest(a: number, b: number): number {
  return a > b ? a : b;
}
