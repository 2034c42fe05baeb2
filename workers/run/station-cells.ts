import type { SamplePoint } from '../../engine/backends/cpu/cpu-run.ts';
import { greatCircleDistance } from '../../engine/grid/great-circle.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { nearestCell } from '../../engine/grid/nearest-cell.ts';

/** [m], Williamson et al. (1992). */
export const EARTH_RADIUS = 6.37122e6;

/** Where a station is sampled. */
export interface StationCells {
  readonly cells: SamplePoint['cells'];
  /** Distance [m] to the nearest wet cell where the station itself lies on dry land. */
  readonly moved: number | undefined;
}

/**
 * Cells and weights of a station: bilinear between the four cell centres around it, dry ones left out; where all four
 * are dry, the nearest wet cell. Undefined outside the grid. At panel edges the four are those of the station's panel.
 */
export function stationCells(
  grid: Grid,
  isWet: (panel: number, i: number, j: number) => boolean,
  longitude: number,
  latitude: number,
): StationCells | undefined {
  const point = grid.locate(longitude, latitude);
  if (!point) return undefined;
  const { panel } = point;
  const clamp = (x: number, cells: number) => Math.max(0, Math.min(cells - 1, x));
  const [x, y] = [clamp(point.i - 0.5, grid.cellsX), clamp(point.j - 0.5, grid.cellsY)];
  const [i0, j0] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - i0, y - j0];
  const around = [
    { panel, i: i0, j: j0, weight: (1 - fx) * (1 - fy) },
    { panel, i: Math.min(i0 + 1, grid.cellsX - 1), j: j0, weight: fx * (1 - fy) },
    { panel, i: i0, j: Math.min(j0 + 1, grid.cellsY - 1), weight: (1 - fx) * fy },
    { panel, i: Math.min(i0 + 1, grid.cellsX - 1), j: Math.min(j0 + 1, grid.cellsY - 1), weight: fx * fy },
  ].filter(({ weight, i, j }) => weight > 0 && isWet(panel, i, j));
  const total = around.reduce((sum, { weight }) => sum + weight, 0);
  if (total > 0) {
    return { cells: around.map((cell) => ({ ...cell, weight: cell.weight / total })), moved: undefined };
  }
  const near = nearestCell(grid, longitude, latitude, isWet);
  if (!near) return undefined;
  const geometry = grid.geometry(near.panel);
  const cell = near.j * grid.cellsX + near.i;
  const [lon, lat] = [geometry.longitude[cell]!, geometry.latitude[cell]!];
  const moved =
    grid.kind === 'plane'
      ? Math.sqrt((lon - longitude) * (lon - longitude) + (lat - latitude) * (lat - latitude))
      : greatCircleDistance(longitude, latitude, lon, lat, EARTH_RADIUS);
  return { cells: [{ ...near, weight: 1 }], moved };
}
