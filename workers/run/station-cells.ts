import type { SamplePoint } from '../../engine/backends/cpu/cpu-run.ts';
import { bilinearTable } from '../../engine/grid/bilinear.ts';
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
 * Cells and weights of a station: bilinear between the cell centres around it, dry ones left out; where all are dry,
 * the nearest wet cell. Undefined outside the grid.
 */
export function stationCells(
  grid: Grid,
  isWet: (panel: number, i: number, j: number) => boolean,
  longitude: number,
  latitude: number,
): StationCells | undefined {
  if (!grid.locate(longitude, latitude)) return undefined;
  const table = bilinearTable(grid, { longitude: [longitude], latitude: [latitude] });
  const around = Array.from({ length: 4 }, (_, n) => ({
    panel: table.panel[n]!,
    i: table.cell[n]! % grid.cellsX,
    j: Math.floor(table.cell[n]! / grid.cellsX),
    weight: table.weight[n]!,
  })).filter(({ panel, i, j, weight }) => weight > 0 && isWet(panel, i, j));
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
