import type { Grid } from '../grid/grid.ts';

export interface StepLimits {
  /** Time step [s] at which the summed Courant number (|λx|/Δx + |λy|/Δy) Δt reaches 1 in the worst cell. */
  readonly unitStep: number;
  readonly worst: { readonly panel: number; readonly i: number; readonly j: number; readonly speed: number };
  /** Narrowest distance [m] across any cell, area over its longest face. */
  readonly narrowest: number;
}

/** Cell widths [m] across the west and south faces, area over the longer of two opposite faces. */
export function cellWidths(grid: Grid, panel: number, i: number, j: number): { x: number; y: number } {
  const { area, lengthX, lengthY } = grid.geometry(panel);
  const { cellsX } = grid;
  const a = area[j * cellsX + i]!;
  const west = lengthX[j * (cellsX + 1) + i]!;
  const east = lengthX[j * (cellsX + 1) + i + 1]!;
  const south = lengthY[j * cellsX + i]!;
  const north = lengthY[(j + 1) * cellsX + i]!;
  return { x: a / Math.max(west, east), y: a / Math.max(south, north) };
}

/** The largest stable-step figures of a state; `speed` is the fastest signal [m/s] in a cell. Exact, so order-free. */
export function stepLimits(grid: Grid, speed: (panel: number, cell: number) => number): StepLimits {
  let fastest = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  let worst = { panel: 0, i: 0, j: 0, speed: 0 };
  for (let panel = 0; panel < grid.panels; panel++) {
    const { area, lengthX, lengthY } = grid.geometry(panel);
    for (let j = 0; j < grid.cellsY; j++) {
      for (let i = 0; i < grid.cellsX; i++) {
        const cell = j * grid.cellsX + i;
        const face = j * (grid.cellsX + 1) + i;
        const across = Math.max(lengthX[face]!, lengthX[face + 1]!);
        const along = Math.max(lengthY[cell]!, lengthY[cell + grid.cellsX]!);
        narrowest = Math.min(narrowest, area[cell]! / Math.max(across, along));
        const s = speed(panel, cell);
        const rate = (s * (across + along)) / area[cell]!;
        if (rate > fastest) {
          fastest = rate;
          worst = { panel, i, j, speed: s };
        }
      }
    }
  }
  return { unitStep: fastest > 0 ? 1 / fastest : Number.POSITIVE_INFINITY, worst, narrowest };
}
