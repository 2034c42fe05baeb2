import { type Accessor, helper } from './kernel.ts';
import type { Line } from './traces.ts';

/**
 * What averages over cells and faces differ by from values at their centres, to fourth order, after McCorquodale & Colella
 * (2011) eq. 12–17, with Δ ∂J/J (∂s/s along a face) for the metric: ⟨q⟩ − q = (∂²q + 2 (∂J/J) ∂q) Δ²/24.
 */
const TWENTY_FOURTH = 1 / 24;

/** In a cell, from its four neighbours' averages or centre values; stretches are Δ ∂J/J along both coordinates. */
export const cellExcess = helper(
  (q: Accessor, stretchX: number, stretchY: number): number => {
    const west = q(0, 0) - q(-1, 0);
    const east = q(1, 0) - q(0, 0);
    const south = q(0, 0) - q(0, -1);
    const north = q(0, 1) - q(0, 0);
    return TWENTY_FOURTH * (east - west + stretchX * (east + west) + (north - south + stretchY * (north + south)));
  },
  () => ({ TWENTY_FOURTH }),
);

/** Mean over a face from the values at its centre and at those of the next faces along its line. */
export const faceMean = helper(
  (q: Line, stretch: number): number => {
    const before = q(-1);
    const behind = q(1);
    return q(0) + TWENTY_FOURTH * (before + behind - 2 * q(0) + stretch * (behind - before));
  },
  () => ({ TWENTY_FOURTH }),
);

/** Δ ∂q at a centre, (q₋₂ − 8 q₋₁ + 8 q₁ − q₂)/12. */
export const slope = helper(
  (q: Line): number => (2 / 3) * (q(1) - q(-1)) - (1 / 12) * (q(2) - q(-2)),
  () => ({}),
);

/** ⟨q⟩ − q in a cell from centre values two cells to either side. */
export const cellExcessOfPoints = helper(
  (q: Accessor, stretchX: number, stretchY: number): number => {
    const along = (p: Line, stretch: number) =>
      (4 / 3) * (p(1) + p(-1)) - (1 / 12) * (p(2) + p(-2)) - 2.5 * p(0) + 2 * stretch * slope(p);
    return TWENTY_FOURTH * (along((k) => q(k, 0), stretchX) + along((k) => q(0, k), stretchY));
  },
  () => ({ TWENTY_FOURTH, slope }),
);
