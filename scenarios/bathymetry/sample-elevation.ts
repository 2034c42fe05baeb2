import { type ElevationGrid, margin } from './elevation-grid.ts';

/**
 * Elevation [m, positive up] at a longitude and latitude [degrees] (x, y [m] on a plane), bilinear between the four
 * points around it; NaN where the grid does not reach or one of the four is missing. Any branch of longitude will do.
 */
export function sampleElevation(grid: ElevationGrid, longitude: number, latitude: number): number {
  const { columns, elevation, missing } = grid;
  let x = (longitude - grid.longitude0) / grid.spacingLongitude;
  if (grid.coordinates === 'geographic') {
    const turn = grid.wraps ? columns : 360 / grid.spacingLongitude;
    if (x < -0.5 || x >= turn - 0.5) x -= Math.floor((x + 0.5) / turn) * turn;
  }
  const y = (latitude - grid.latitude0) / grid.spacingLatitude;
  const c = Math.floor(x);
  const r = Math.floor(y);
  if (!(c >= 0 && c < columns - 1 && r >= 0 && r < grid.rows - 1)) return sampleNearEdge(grid, x, y);
  const at = r * columns + c;
  const southWest = elevation[at];
  const southEast = elevation[at + 1];
  const northWest = elevation[at + columns];
  const northEast = elevation[at + columns + 1];
  if (missing !== undefined) {
    if (southWest === missing || southEast === missing || northWest === missing || northEast === missing) return NaN;
  }
  return bilinear(southWest, southEast, northWest, northEast, x - c, y - r);
}

/** Depth below mean sea level [m, positive down]; NaN outside the grid. */
export function depthAt(grid: ElevationGrid, longitude: number, latitude: number): number {
  return -sampleElevation(grid, longitude, latitude);
}

/** Written as differences: four equal values give that value to the bit. */
function bilinear(southWest: number, southEast: number, northWest: number, northEast: number, x: number, y: number) {
  const south = southWest + x * (southEast - southWest);
  const north = northWest + x * (northEast - northWest);
  return south + y * (north - south);
}

function sampleNearEdge(grid: ElevationGrid, x: number, y: number): number {
  const { columns, rows, wraps } = grid;
  const beyond = margin(grid.registration);
  if (!(y >= -beyond && y <= rows - 1 + beyond)) return NaN;
  if (!wraps && !(x >= -beyond && x <= columns - 1 + beyond)) return NaN;
  // Beyond the outermost points of a regional grid the value is that of its edge.
  const xInside = wraps ? x : Math.min(Math.max(x, 0), columns - 1);
  const yInside = grid.global ? y : Math.min(Math.max(y, 0), rows - 1);
  const c = Math.floor(xInside);
  const r = Math.floor(yInside);
  return bilinear(
    valueAt(grid, c, r),
    valueAt(grid, c + 1, r),
    valueAt(grid, c, r + 1),
    valueAt(grid, c + 1, r + 1),
    xInside - c,
    yInside - r,
  );
}

/** The point one row beyond the pole is the point of the last row on the opposite meridian. */
function valueAt(grid: ElevationGrid, column: number, row: number): number {
  const { columns, rows, wraps, elevation, missing } = grid;
  const overPole = row < 0 || row >= rows;
  const r = row < 0 ? 0 : row >= rows ? rows - 1 : row;
  let c = column;
  if (wraps) {
    if (overPole && grid.global && grid.registration === 'cell' && columns % 2 === 0) c += columns / 2;
    c = ((c % columns) + columns) % columns;
  } else if (c >= columns) c = columns - 1;
  const value = elevation[r * columns + c];
  return value === missing ? NaN : value;
}
