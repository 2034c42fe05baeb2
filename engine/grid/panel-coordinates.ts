import { tan } from '../math/index.ts';
import type { PanelCoordinates } from './grid.ts';
import { toGlobe } from './panels.ts';

/**
 * Coordinates of an equiangular gnomonic panel, X = tan α, Y = tan β, ρ² = 1 + X² + Y²: the point is (1, X, Y)/ρ,
 * J = (1 + X²)(1 + Y²)/ρ³, and the length element of a line of constant α is s = √(1 + X²) (1 + Y²)/ρ².
 */
export function panelCoordinates(panel: number, cells: number, halo: number): PanelCoordinates {
  const step = Math.PI / 2 / cells;
  /** tan of `half` half cells from the panel's middle, exactly odd. */
  const tangentOf = (half: number): number => (half < 0 ? -tangentOf(-half) : tan((half * step) / 2));
  const wide = cells + 2 * halo;
  const centres = Float64Array.from({ length: wide }, (_, k) => tangentOf(2 * (k - halo) + 1 - cells));
  const lines = Float64Array.from({ length: cells + 1 }, (_, k) => tangentOf(2 * k - cells));

  const centre = [0, 1, 2].map(() => new Float64Array(wide * wide)) as [Float64Array, Float64Array, Float64Array];
  for (let j = 0; j < wide; j++)
    for (let i = 0; i < wide; i++) {
      const [X, Y] = [centres[i]!, centres[j]!];
      const distance = Math.sqrt(1 + (X * X + Y * Y));
      const place = toGlobe(panel, 1 / distance, X / distance, Y / distance);
      for (const axis of [0, 1, 2] as const) centre[axis][j * wide + i] = place[axis];
    }

  /** ∂J/J along the coordinate of X. */
  const areaStretch = (X: number, Y: number): number => step * (X * (2 - (3 * (1 + X * X)) / (1 + (X * X + Y * Y))));
  /** ∂s/s along Y on a line of constant X. */
  const faceStretch = (X: number, Y: number): number => (step * (2 * Y * (X * X))) / (1 + (X * X + Y * Y));
  const inner = centres.subarray(halo, halo + cells);
  const table = (columns: Float64Array, rows: Float64Array, value: (X: number, Y: number) => number): Float64Array => {
    const values = new Float64Array(columns.length * rows.length);
    rows.forEach((Y, j) => {
      columns.forEach((X, i) => {
        values[j * columns.length + i] = value(X, Y);
      });
    });
    return values;
  };
  return {
    centre,
    stretchX: table(inner, inner, areaStretch),
    stretchY: table(inner, inner, (X, Y) => areaStretch(Y, X)),
    faceStretchX: table(lines, inner, faceStretch),
    faceStretchY: table(inner, lines, (X, Y) => faceStretch(Y, X)),
  };
}
