import { panelLines } from './cubed-sphere-geometry.ts';
import { direction } from './great-circle.ts';
import type { Grid } from './grid.ts';
import { PANEL_AXES } from './panels.ts';

/** A cell of a panel. */
export interface Cell {
  readonly panel: number;
  readonly i: number;
  readonly j: number;
}

/** The cell that contains a point [degrees] (x and y [m] on a plane); undefined outside the grid. */
export function cellAt(grid: Grid, longitude: number, latitude: number): Cell | undefined {
  const point = grid.locate(longitude, latitude);
  if (point === undefined) return undefined;
  return {
    panel: point.panel,
    i: Math.min(grid.cellsX - 1, Math.floor(point.i)),
    j: Math.min(grid.cellsY - 1, Math.floor(point.j)),
  };
}

/** Whether a cell may be chosen, for instance because it is wet. */
export type Accept = (panel: number, i: number, j: number) => boolean;

/**
 * The accepted cell whose centre is nearest to a point [degrees] (x and y [m] on a plane), the first of equals in
 * panel, row and column order; undefined where none is accepted. Looks at every cell: some 10 ns each.
 */
export function nearestCell(
  grid: Grid,
  longitude: number,
  latitude: number,
  accept: Accept = () => true,
): Cell | undefined {
  const squaredDistance =
    grid.kind === 'plane' ? onPlane(grid, longitude, latitude) : onSphere(grid, longitude, latitude);
  let nearest: Cell | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let panel = 0; panel < grid.panels; panel++) {
    const distanceTo = squaredDistance(panel);
    for (let j = 0; j < grid.cellsY; j++)
      for (let i = 0; i < grid.cellsX; i++) {
        const distance = distanceTo(i, j);
        if (distance < least && accept(panel, i, j)) {
          least = distance;
          nearest = { panel, i, j };
        }
      }
  }
  return nearest;
}

type SquaredDistance = (panel: number) => (i: number, j: number) => number;

function onPlane(grid: Grid, x: number, y: number): SquaredDistance {
  return (panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return (i, j) => {
      const dx = longitude[j * grid.cellsX + i]! - x;
      const dy = latitude[j * grid.cellsX + i]! - y;
      return dx * dx + dy * dy;
    };
  };
}

/** Squares of chords, which order as the arcs do. */
function onSphere(grid: Grid, longitude: number, latitude: number): SquaredDistance {
  const r = direction(longitude, latitude);
  const { centreTangent } = panelLines(grid.cellsX);
  return (panel) => {
    const [a, b, c] = PANEL_AXES[panel]!.map((axis) => axis[0] * r[0] + axis[1] * r[1] + axis[2] * r[2]) as [
      number,
      number,
      number,
    ];
    return (i, j) => {
      const x = centreTangent[i]!;
      const y = centreTangent[j]!;
      const scale = 1 / Math.sqrt(1 + (x * x + y * y));
      const [da, db, dc] = [scale - a, x * scale - b, y * scale - c];
      return da * da + db * db + dc * dc;
    };
  };
}
