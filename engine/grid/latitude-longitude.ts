import { sin } from '../math/index.ts';
import { GridError, requirePositive, requireWhole } from './errors.ts';

const RADIANS = Math.PI / 180;
/** Edges closer than this [degrees, 0.1 mm] are one edge. */
export const SAME_EDGE = 1e-9;

/**
 * Boxes between equally spaced meridians and parallels [degrees]. Row by row from the south, each row from west to
 * east: box (column, row) is number row · columns + column.
 */
export interface LatLonBoxes {
  readonly columns: number;
  readonly rows: number;
  /** Western edge of the first column and southern edge of the first row. */
  readonly west: number;
  readonly south: number;
  readonly longitudeStep: number;
  readonly latitudeStep: number;
}

/** Boxes over the whole globe, the first column beginning at `west`. */
export const globalBoxes = (columns: number, rows: number, west = -180): LatLonBoxes => ({
  columns,
  rows,
  west,
  south: -90,
  longitudeStep: 360 / columns,
  latitudeStep: 180 / rows,
});

/** Whether the boxes go round a whole circle of longitude. */
export const goesRound = (boxes: LatLonBoxes): boolean => boxes.columns * boxes.longitudeStep > 360 - SAME_EDGE;

/** Throws InvalidOption unless the boxes lie on the globe and do not overlap. */
export function requireBoxes(boxes: LatLonBoxes): void {
  requireWhole('columns', boxes.columns, 1);
  requireWhole('rows', boxes.rows, 1);
  requirePositive('longitudeStep', boxes.longitudeStep, 'degrees');
  requirePositive('latitudeStep', boxes.latitudeStep, 'degrees');
  const { columns, longitudeStep, rows, latitudeStep, south, west } = boxes;
  if (!(columns * longitudeStep < 360 + SAME_EDGE) || !Number.isFinite(west))
    throw new GridError(
      'InvalidOption',
      `${columns} columns of ${longitudeStep}° from ${west}° E overlap. Use at most 360° from a finite longitude.`,
    );
  const north = south + rows * latitudeStep;
  if (!(south > -90 - SAME_EDGE && north < 90 + SAME_EDGE))
    throw new GridError(
      'InvalidOption',
      `${rows} rows of ${latitudeStep}° from ${south}° N reach ${north}° N, past a pole. Keep to −90 … 90.`,
    );
}

/** Latitudes [degrees] of the rows + 1 parallels between the rows, exactly ±90 at the poles. */
export function rowEdges(boxes: LatLonBoxes): Float64Array {
  const edges = new Float64Array(boxes.rows + 1);
  for (let row = 0; row <= boxes.rows; row++) {
    const latitude = boxes.south + row * boxes.latitudeStep;
    edges[row] = Math.abs(latitude) > 90 - SAME_EDGE ? 90 * Math.sign(latitude) : latitude;
  }
  return edges;
}

/** Sines of the parallels between the rows, exactly ±1 at the poles. */
export const rowSines = (boxes: LatLonBoxes): Float64Array =>
  rowEdges(boxes).map((latitude) => (Math.abs(latitude) === 90 ? Math.sign(latitude) : sin(latitude * RADIANS)));

/** Areas [m²] of the boxes of each row. */
export function rowAreas(boxes: LatLonBoxes, radius: number): Float64Array {
  const sines = rowSines(boxes);
  const width = boxes.longitudeStep * RADIANS;
  return new Float64Array(boxes.rows).map((_, row) => radius * radius * width * (sines[row + 1]! - sines[row]!));
}

/** Centres [degrees] of all boxes, in their order. */
export function boxCentres(boxes: LatLonBoxes): { readonly longitude: Float64Array; readonly latitude: Float64Array } {
  const { columns, rows, west, south, longitudeStep, latitudeStep } = boxes;
  const longitude = new Float64Array(columns * rows);
  const latitude = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      longitude[row * columns + column] = west + (column + 0.5) * longitudeStep;
      latitude[row * columns + column] = south + (row + 0.5) * latitudeStep;
    }
  return { longitude, latitude };
}
