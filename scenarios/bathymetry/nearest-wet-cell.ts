import { greatCircleDistance } from '../../engine/grid/great-circle.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { type Cell, cellAt, nearestCell } from '../../engine/grid/nearest-cell.ts';

/** Mean radius of the Earth [m], IUGG. */
const EARTH_RADIUS = 6_371_008.8;

export interface WetCell extends Cell {
  /** Centre [degrees], or [m] on a plane. */
  readonly longitude: number;
  readonly latitude: number;
  /** Mean depth of the cell [m]. */
  readonly depth: number;
  /** From the point asked for to the centre [m]; 0 if the point's own cell is wet. */
  readonly distance: number;
}

/**
 * The cell of a point [degrees; m on a plane] if it lies deeper than `deeperThan` [m] below the datum, else the nearest
 * that does; undefined if none does. `bed` is elevation [m], positive up.
 */
export function nearestWetCell(
  grid: Grid,
  bed: readonly Float64Array[],
  longitude: number,
  latitude: number,
  deeperThan = 0,
): WetCell | undefined {
  const wet = (panel: number, i: number, j: number) => -bed[panel][j * grid.cellsX + i] > deeperThan;
  const own = cellAt(grid, longitude, latitude);
  const isOwn = own !== undefined && wet(own.panel, own.i, own.j);
  const cell = isOwn ? own : nearestCell(grid, longitude, latitude, wet);
  if (!cell) return undefined;
  const at = cell.j * grid.cellsX + cell.i;
  const geometry = grid.geometry(cell.panel);
  const [x, y] = [geometry.longitude[at], geometry.latitude[at]];
  const away =
    grid.kind === 'plane'
      ? Math.sqrt((x - longitude) * (x - longitude) + (y - latitude) * (y - latitude))
      : greatCircleDistance(longitude, latitude, x, y, EARTH_RADIUS);
  return { ...cell, longitude: x, latitude: y, depth: -bed[cell.panel][at], distance: isOwn ? 0 : away };
}
