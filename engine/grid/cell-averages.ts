import { GAUSS_NODES, GAUSS_WEIGHTS, tan } from '../math/index.ts';
import type { Grid } from './grid.ts';
import { toGlobe } from './panels.ts';

/**
 * Averages over the cells of functions of position, a unit vector on the sphere, (x, y) [m] on a plane: one row-major
 * array a panel for each of the `count` values that `at` writes into `out`.
 */
export function cellAverages(
  grid: Grid,
  count: number,
  at: (x: number, y: number, z: number, out: Float64Array) => void,
): Float64Array[][] {
  const { cellsX, cellsY, panels } = grid;
  const fields = Array.from({ length: count }, () =>
    Array.from({ length: panels }, () => new Float64Array(cellsX * cellsY)),
  );
  const sphere = grid.kind === 'cubed-sphere';
  const { longitude, latitude } = grid.corners(0);
  /** tan of the panel's angle, or metres, at a node of a row or column of cells. */
  const places = (cells: number, corner: (k: number) => number): Float64Array =>
    Float64Array.from({ length: 4 * cells }, (_, k) => {
      const cell = Math.floor(k / 4);
      const node = GAUSS_NODES[k % 4]!;
      if (sphere) return tan((((2 * (cell + node)) / cells - 1) * Math.PI) / 4);
      return corner(cell) + node * (corner(cell + 1) - corner(cell));
    });
  const columns = places(cellsX, (k) => longitude[k]!);
  const rows = places(cellsY, (k) => latitude[k * (cellsX + 1)]!);
  const out = new Float64Array(count);
  const sums = new Float64Array(count);
  for (let panel = 0; panel < panels; panel++)
    for (let j = 0; j < cellsY; j++)
      for (let i = 0; i < cellsX; i++) {
        sums.fill(0);
        let whole = 0;
        for (let node = 0; node < 16; node++) {
          const X = columns[4 * i + (node % 4)]!;
          const Y = rows[4 * j + Math.floor(node / 4)]!;
          let weight = GAUSS_WEIGHTS[node % 4]! * GAUSS_WEIGHTS[Math.floor(node / 4)]!;
          if (sphere) {
            const distance = Math.sqrt(1 + (X * X + Y * Y));
            const [x, y, z] = toGlobe(panel, 1 / distance, X / distance, Y / distance);
            weight *= ((1 + X * X) * (1 + Y * Y)) / (distance * distance * distance);
            at(x, y, z, out);
          } else at(X, Y, 0, out);
          whole += weight;
          for (let n = 0; n < count; n++) sums[n]! += weight * out[n]!;
        }
        for (let n = 0; n < count; n++) fields[n]![panel]![j * cellsX + i] = sums[n]! / whole;
      }
  return fields;
}
