import { atan2, cos, sin } from '../../engine/math/index.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { sampleFinest } from './nesting.ts';

/** A cell's corners in the order south-west, south-east, north-west, north-east of its panel. */
export interface CellShape {
  /** Longitude [degrees], without a jump within the cell; x [m] on a plane. */
  readonly x: Float64Array;
  /** Latitude [degrees]; y [m] on a plane. */
  readonly y: Float64Array;
  /** Cosine of the latitude; 1 on a plane. */
  readonly cosine: Float64Array;
}

const RADIANS = Math.PI / 180;
/** Half a spacing apart up to this many spacings across a cell; beyond, a spacing apart, and ever coarser past the last. */
const FEW_SPACINGS = 8;
const MOST_ACROSS = 128;

/**
 * Weighted mean over a cell whose inside lies bilinearly between its corners in x and y; weight is the Jacobian of that
 * map times the cosine of the latitude. NaN if no point is covered; uncovered points otherwise do not count.
 */
export function flatMean(cell: CellShape, patches: readonly ElevationGrid[], count: number): number {
  const { x, y, cosine } = cell;
  const { spacingLongitude, spacingLatitude } = patches[0];
  const alongI = Math.max(spread(x, 1) / spacingLongitude, spread(y, 1) / spacingLatitude);
  const alongJ = Math.max(spread(x, 2) / spacingLongitude, spread(y, 2) / spacingLatitude);
  const pointsI = pointsFor(alongI);
  const pointsJ = pointsFor(alongJ);
  let first = NaN;
  let sum = 0;
  let weights = 0;
  for (let l = 0; l < pointsJ; l++) {
    const t = (l + 0.5) / pointsJ;
    const westX = x[0] + t * (x[2] - x[0]);
    const westY = y[0] + t * (y[2] - y[0]);
    const westCosine = cosine[0] + t * (cosine[2] - cosine[0]);
    const acrossX = x[1] + t * (x[3] - x[1]) - westX;
    const acrossY = y[1] + t * (y[3] - y[1]) - westY;
    const acrossCosine = cosine[1] + t * (cosine[3] - cosine[1]) - westCosine;
    for (let k = 0; k < pointsI; k++) {
      const s = (k + 0.5) / pointsI;
      const value = sampleFinest(patches, count, westX + s * acrossX, westY + s * acrossY);
      if (Number.isNaN(value)) continue;
      if (weights === 0) first = value;
      const upX = x[2] - x[0] + s * (x[3] - x[1] - (x[2] - x[0]));
      const upY = y[2] - y[0] + s * (y[3] - y[1] - (y[2] - y[0]));
      const weight = Math.abs(acrossX * upY - acrossY * upX) * (westCosine + s * acrossCosine);
      weights += weight;
      // As differences from the first value, a constant bed stays constant to the bit.
      sum += weight * (value - first);
    }
  }
  return first + sum / weights;
}

/**
 * The same for a cell near a pole or several degrees wide: its inside lies bilinearly between its corners in space, and
 * is seen from the globe's centre. Weight is the solid angle, p·(∂p/∂s × ∂p/∂t) / |p|³.
 */
export function roundMean(cell: CellShape, patches: readonly ElevationGrid[], count: number): number {
  const [a, b, c, d] = cornerDirections(cell);
  const spacing = Math.min(patches[0].spacingLongitude, patches[0].spacingLatitude) * RADIANS;
  const pointsI = pointsFor(Math.max(distance(a, b), distance(c, d)) / spacing);
  const pointsJ = pointsFor(Math.max(distance(a, c), distance(b, d)) / spacing);
  const p = [0, 0, 0];
  const alongI = [0, 0, 0];
  const alongJ = [0, 0, 0];
  let first = NaN;
  let sum = 0;
  let weights = 0;
  for (let l = 0; l < pointsJ; l++) {
    const t = (l + 0.5) / pointsJ;
    for (let k = 0; k < pointsI; k++) {
      const s = (k + 0.5) / pointsI;
      for (let n = 0; n < 3; n++) {
        const south = a[n] + s * (b[n] - a[n]);
        const north = c[n] + s * (d[n] - c[n]);
        p[n] = south + t * (north - south);
        alongI[n] = b[n] - a[n] + t * (d[n] - c[n] - (b[n] - a[n]));
        alongJ[n] = north - south;
      }
      const horizontal = p[0] * p[0] + p[1] * p[1];
      const longitude = atan2(p[1], p[0]) / RADIANS;
      const latitude = atan2(p[2], Math.sqrt(horizontal)) / RADIANS;
      const value = sampleFinest(patches, count, longitude, latitude);
      if (Number.isNaN(value)) continue;
      if (weights === 0) first = value;
      const squared = horizontal + p[2] * p[2];
      const triple =
        p[0] * (alongI[1] * alongJ[2] - alongI[2] * alongJ[1]) +
        p[1] * (alongI[2] * alongJ[0] - alongI[0] * alongJ[2]) +
        p[2] * (alongI[0] * alongJ[1] - alongI[1] * alongJ[0]);
      const weight = Math.abs(triple) / (squared * Math.sqrt(squared));
      weights += weight;
      sum += weight * (value - first);
    }
  }
  return first + sum / weights;
}

/** Largest angle between a corner and any point of the cell [degrees], from above: an arc is at most π/2 chords. */
export function reach(cell: CellShape): number {
  const [a, b, c, d] = cornerDirections(cell);
  return Math.max(distance(a, d), distance(b, c)) * 90;
}

function cornerDirections(cell: CellShape): [Vector, Vector, Vector, Vector] {
  const corner = (k: number): Vector => {
    const longitude = cell.x[k] * RADIANS;
    const latitude = cell.y[k] * RADIANS;
    return [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)];
  };
  return [corner(0), corner(1), corner(2), corner(3)];
}

/** Largest change of a coordinate along i (step 1) or j (step 2) of the cell. */
function spread(corner: Float64Array, step: 1 | 2): number {
  const other = 3 - step;
  return Math.max(Math.abs(corner[step] - corner[0]), Math.abs(corner[3] - corner[other]));
}

/** Two at least, so that a mean is more than the value at the centre; a hair less than exact keeps round ratios round. */
function pointsFor(spacings: number): number {
  const fine = Math.ceil(2 * Math.min(spacings, FEW_SPACINGS) - 1e-6);
  return Math.min(MOST_ACROSS, Math.max(2, fine, Math.ceil(spacings - 1e-6)));
}

type Vector = readonly [number, number, number];

function distance(a: Vector, b: Vector): number {
  const [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return Math.sqrt(x * x + y * y + z * z);
}
