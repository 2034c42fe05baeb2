import { type Accessor, helper } from './kernel.ts';
import type { Line } from './traces.ts';

/**
 * What averages over cells and faces differ by from values at their centres, after McCorquodale & Colella (2011)
 * eq. 12–17, with Δ ∂J/J (along a face Δ ∂s/s) for the metric:
 *
 *   ⟨q⟩ − q = (∂²q + 2 (∂J/J) ∂q) Δ²/24 + …
 *
 * in differences two cells to either side. Along each coordinate what follows, ∂⁴q Δ⁴/1920 of values and
 * −7 ∂⁴⟨q⟩ Δ⁴/5760 of averages, is counted too: the rest of fourth order, in the metric and across coordinates, is smaller.
 */
interface ExcessForm {
  /** Weights of the differences to the next cells, and to those behind them. */
  readonly near: number;
  readonly far: number;
}
const FROM_VALUES: ExcessForm = { near: 1 / 18 - 4 / 1920, far: -1 / 288 + 1 / 1920 };
const FROM_AVERAGES: ExcessForm = { near: 1 / 18 + 28 / 5760, far: -1 / 288 - 7 / 5760 };
const TWELFTH = 1 / 12;

const SLOPE = TWELFTH * TWELFTH;

/** Weights of the differences to the cells at −2, −1, 1 and 2 are shared by all fields of a cell, as its stretch is. */
const excess = ({ near, far }: ExcessForm) =>
  helper(
    (q: Line, stretch: number): number => {
      const turn = SLOPE * stretch;
      const eight = 8 * turn;
      const inner = (near - eight) * (q(-1) - q(0)) + (near + eight) * (q(1) - q(0));
      return inner + ((far + turn) * (q(-2) - q(0)) + (far - turn) * (q(2) - q(0)));
    },
    () => ({ near, far, SLOPE }),
  );
const excessOfValues = excess(FROM_VALUES);
const excessOfAverages = excess(FROM_AVERAGES);

/** Value at a cell's centre from averages; stretches are Δ ∂J/J along both coordinates. */
export const centreValue = helper(
  (q: Accessor, stretchX: number, stretchY: number): number =>
    q(0, 0) - (excessOfAverages((k) => q(k, 0), stretchX) + excessOfAverages((k) => q(0, k), stretchY)),
  () => ({ excessOfAverages }),
);

/** Average over a cell from values at centres. */
export const cellMean = helper(
  (q: Accessor, stretchX: number, stretchY: number): number =>
    q(0, 0) + (excessOfValues((k) => q(k, 0), stretchX) + excessOfValues((k) => q(0, k), stretchY)),
  () => ({ excessOfValues }),
);

/** Mean over a face from values at its centre and at those of the faces along its line. */
export const faceMean = helper(
  (q: Line, stretch: number): number => q(0) + excessOfValues(q, stretch),
  () => ({ excessOfValues }),
);

/** Δ ∂q at a centre, (q₋₂ − 8 q₋₁ + 8 q₁ − q₂)/12. */
export const slope = helper(
  (q: Line): number => TWELFTH * (8 * (q(1) - q(-1)) - (q(2) - q(-2))),
  () => ({ TWELFTH }),
);

const TWENTY_FOURTH = 1 / 24;

/**
 * ⟨q⟩ − q in a cell from its four neighbours alone, averages or centre values: for tracers, whose edges may be sharp. The
 * stretches are Δ ∂J/J along both coordinates.
 */
export const nearCellExcess = helper(
  (q: Accessor, stretchX: number, stretchY: number): number => {
    const west = q(0, 0) - q(-1, 0);
    const east = q(1, 0) - q(0, 0);
    const south = q(0, 0) - q(0, -1);
    const north = q(0, 1) - q(0, 0);
    return TWENTY_FOURTH * (east - west + stretchX * (east + west) + (north - south + stretchY * (north + south)));
  },
  () => ({ TWENTY_FOURTH }),
);

/** Mean over a face from the values at its centre and at those of the next faces alone; the stretch is Δ ∂s/s along it. */
export const nearFaceMean = helper(
  (q: Line, stretch: number): number => {
    const before = q(-1) - q(0);
    const behind = q(1) - q(0);
    return q(0) + TWENTY_FOURTH * (before + behind + stretch * (behind - before));
  },
  () => ({ TWENTY_FOURTH }),
);
