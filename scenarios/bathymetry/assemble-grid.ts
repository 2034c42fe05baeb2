import type { ElevationGrid } from './elevation-grid.ts';
import { makeElevationGrid } from './elevation-grid.ts';
import { BathymetryError } from './errors.ts';
import type { ReadOptions } from './read-options.ts';
import type { RegularAxis } from './regular-axis.ts';

/** Relief of the Earth with room to spare [m]: from 11 km below the sea to 8.9 km above. */
const LOWEST = -15_000;
const HIGHEST = 10_000;
/** Points that one grid may hold: 1 GiB of int16. */
const LARGEST = 2 ** 29;
const MISSING_INT16 = -32768;

export interface Decoding {
  readonly factor: number;
  readonly offset: number;
  /** Stored numbers that mark missing values (NaN always does). */
  readonly missing: readonly number[];
  /** Stored numbers outside are missing (CF valid_range). */
  readonly valid: readonly [number, number];
  /** The stored numbers all fit an Int16Array. */
  readonly fitsInt16: boolean;
}

/** Where the file keeps its points, and how to read a block of them. */
export interface StoredGrid {
  readonly file: string;
  readonly variable: string;
  readonly coordinates: 'geographic' | 'plane';
  readonly longitude: RegularAxis;
  readonly latitude: RegularAxis;
  readonly registration: 'node' | 'cell';
  readonly decoding: Decoding;
  readonly sha256: string;
  /** Rows (or columns, if the file runs along latitude fastest) that one read should bring. */
  readonly slowest: 'latitude' | 'longitude';
  readonly blockSize: number;
  /** Stored numbers of positions start … start + count − 1 along the slowest axis, all along the other. */
  read(start: number, count: number): ArrayLike<number>;
}

/** A run of positions of one axis: which stored positions to keep, in ascending order, and where the first one lies. */
interface Kept {
  readonly first: number;
  readonly count: number;
  /** Stored index of the k-th position kept. */
  readonly stored: (k: number) => number;
}

/** Brings a stored grid into canonical form: south to north, longitudes from 0° if global, from −180° … 180° if not. */
export function assembleGrid(stored: StoredGrid, options: ReadOptions): ElevationGrid {
  const { longitude, latitude, decoding } = stored;
  const columns = keepColumns(stored, options);
  const rows = keepRows(latitude, stored, options);
  const points = columns.count * rows.count;
  if (points > LARGEST) {
    throw new BathymetryError({
      tag: 'GridTooLarge',
      file: stored.file,
      variable: stored.variable,
      problem: `${columns.count} × ${rows.count} points are more than the ${LARGEST} that fit in memory.`,
      cure: 'Read a part of it with region: { west, east, south, north }, or thin it first (gdal_translate -outsize 25% 25% -r average).',
    });
  }
  const identity = decoding.factor === 1 && decoding.offset === 0;
  const asInt16 = decoding.fitsInt16 && identity;
  const elevation = asInt16 ? new Int16Array(points) : new Float32Array(points);
  const rowOf = inverse(rows, latitude.count);
  const columnOf = inverse(columns, longitude.count);
  const byRow = stored.slowest === 'latitude';
  const [slow, fast] = byRow ? [rowOf, columnOf] : [columnOf, rowOf];
  const implausible = options.quantity === 'displacement' ? Infinity : 1;
  const { factor, offset, missing, valid } = decoding;
  const [markA, markB] = [missing[0] ?? NaN, missing[1] ?? NaN];
  const manyMarks = missing.length > 2 ? new Set(missing) : undefined;
  let missingCount = 0;

  for (let start = 0; start < slow.length; start += stored.blockSize) {
    const count = Math.min(stored.blockSize, slow.length - start);
    let wanted = false;
    for (let p = start; p < start + count && !wanted; p++) wanted = slow[p] >= 0;
    if (!wanted) continue;
    const block = stored.read(start, count);
    for (let p = 0; p < count; p++) {
      const slowTo = slow[start + p];
      if (slowTo < 0) continue;
      for (let q = 0; q < fast.length; q++) {
        const fastTo = fast[q];
        if (fastTo < 0) continue;
        const number = block[p * fast.length + q];
        const at = byRow ? slowTo * columns.count + fastTo : fastTo * columns.count + slowTo;
        const known = number >= valid[0] && number <= valid[1] && number !== markA && number !== markB;
        if (!known || manyMarks?.has(number)) {
          elevation[at] = asInt16 ? MISSING_INT16 : NaN;
          missingCount++;
          continue;
        }
        const value = identity ? number : number * factor + offset;
        if (value < LOWEST * implausible || value > HIGHEST * implausible || (asInt16 && value === MISSING_INT16)) {
          throw implausibleElevation(stored, columns, rows, at, number, value);
        }
        elevation[at] = value;
      }
    }
  }
  if (missingCount === points) {
    throw new BathymetryError({
      tag: 'NotAGrid',
      file: stored.file,
      variable: stored.variable,
      problem: `all ${points} values are missing.`,
      cure: 'Name another variable, or check _FillValue, missing_value and valid_range.',
    });
  }
  return makeElevationGrid({
    name: `${stored.file}, variable ${stored.variable}`,
    coordinates: stored.coordinates,
    longitude0: columns.first,
    latitude0: rows.first,
    spacingLongitude: longitude.spacing,
    spacingLatitude: latitude.spacing,
    columns: columns.count,
    rows: rows.count,
    registration: stored.registration,
    elevation,
    missing: asInt16 && missingCount > 0 ? MISSING_INT16 : undefined,
    sha256: stored.sha256,
  });
}

/** For each stored position its place among those kept, or −1. */
function inverse(kept: Kept, length: number): Int32Array {
  const places = new Int32Array(length).fill(-1);
  for (let k = 0; k < kept.count; k++) places[kept.stored(k)] = k;
  return places;
}

/** Position of the k-th point of an axis, exact where the axis is a fraction of a degree. */
function positionOf(axis: RegularAxis, k: number): number {
  const { ratio, halves } = axis;
  if (ratio && halves !== undefined) return ((halves + 2 * k) * ratio[0]) / (2 * ratio[1]);
  return axis.first + k * axis.spacing;
}

/** The same position a number of whole turns west, again exact. */
function turnedBack(axis: RegularAxis, k: number, turns: number): number {
  const { ratio, halves } = axis;
  if (ratio && halves !== undefined) return ((halves + 2 * k) * ratio[0] - 720 * turns * ratio[1]) / (2 * ratio[1]);
  return axis.first + k * axis.spacing - 360 * turns;
}

function keepColumns(stored: StoredGrid, options: ReadOptions): Kept {
  const axis = stored.longitude;
  const flip = (k: number) => (axis.descending ? axis.count - 1 - k : k);
  if (stored.coordinates === 'plane') {
    const [from, to] = within(axis, options.region?.west, options.region?.east, stored, options);
    return { first: positionOf(axis, from), count: to - from + 1, stored: (k) => flip(from + k) };
  }
  const turn = Math.round(360 / axis.spacing);
  const wraps = Math.abs(turn * axis.spacing - 360) < 1e-6 * axis.spacing && axis.count >= turn;
  if (!wraps) {
    if (axis.count * axis.spacing > 360 + 0.5 * axis.spacing) throw overlapping(stored, axis);
    const [west, east] = options.region ? nearestBranch(axis, options.region) : [undefined, undefined];
    const [from, to] = within(axis, west, east, stored, options);
    // A west end in [−180°, 180°): files that count to 360° and files that count to ±180° give one grid.
    const turns = Math.floor((positionOf(axis, from) + 180) / 360);
    return { first: turnedBack(axis, from, turns), count: to - from + 1, stored: (k) => flip(from + k) };
  }
  // Global: the first column is the first at or east of 0°; a duplicate last column is left out.
  const spacing = axis.spacing;
  const offset = Math.ceil(-positionOf(axis, 0) / spacing - 1e-6);
  const fromZero = (k: number) => flip((((offset + k) % turn) + turn) % turn);
  const zeroFirst = turnedBack(axis, offset, 0);
  const { region } = options;
  if (!region) return { first: Math.abs(zeroFirst) < 1e-9 * spacing ? 0 : zeroFirst, count: turn, stored: fromZero };
  const from = Math.ceil((region.west - zeroFirst) / spacing - 1e-6);
  const to = Math.min(Math.floor((eastOf(region) - zeroFirst) / spacing + 1e-6), from + turn - 1);
  if (to - from < 1) throw emptyRegion(stored, options);
  const turns = Math.floor((zeroFirst + from * spacing + 180) / 360);
  return { first: turnedBack(axis, offset + from, turns), count: to - from + 1, stored: (k) => fromZero(from + k) };
}

function keepRows(axis: RegularAxis, stored: StoredGrid, options: ReadOptions): Kept {
  const [from, to] = within(axis, options.region?.south, options.region?.north, stored, options);
  return {
    first: positionOf(axis, from),
    count: to - from + 1,
    stored: (k) => (axis.descending ? axis.count - 1 - (from + k) : from + k),
  };
}

const eastOf = (region: NonNullable<ReadOptions['region']>) =>
  region.east > region.west ? region.east : region.east + 360;

/** The branch of a region's longitudes that shares most with the axis. */
function nearestBranch(axis: RegularAxis, region: NonNullable<ReadOptions['region']>): readonly [number, number] {
  const end = positionOf(axis, axis.count - 1);
  const branches = [-2, -1, 0, 1, 2].map((turns): readonly [number, number] => [
    region.west + 360 * turns,
    eastOf(region) + 360 * turns,
  ]);
  const shared = ([west, east]: readonly [number, number]) => Math.min(east, end) - Math.max(west, axis.first);
  return branches.reduce((best, branch) => (shared(branch) > shared(best) ? branch : best));
}

function within(
  axis: RegularAxis,
  low: number | undefined,
  high: number | undefined,
  stored: StoredGrid,
  options: ReadOptions,
): readonly [number, number] {
  const from = low === undefined ? 0 : Math.max(0, Math.ceil((low - axis.first) / axis.spacing - 1e-6));
  const to =
    high === undefined
      ? axis.count - 1
      : Math.min(axis.count - 1, Math.floor((high - axis.first) / axis.spacing + 1e-6));
  if (!(to - from >= 1)) throw emptyRegion(stored, options);
  return [from, to];
}

function emptyRegion(stored: StoredGrid, { region }: ReadOptions): BathymetryError {
  const { longitude, latitude } = stored;
  return new BathymetryError({
    tag: 'InvalidOption',
    file: stored.file,
    variable: stored.variable,
    problem: `region ${JSON.stringify(region)} holds fewer than 2 × 2 points.`,
    cure: `The file covers ${longitude.first} to ${positionOf(longitude, longitude.count - 1)} east, ${latitude.first} to ${positionOf(latitude, latitude.count - 1)} north.`,
  });
}

function overlapping(stored: StoredGrid, axis: RegularAxis): BathymetryError {
  return new BathymetryError({
    tag: 'IrregularGrid',
    file: stored.file,
    variable: stored.variable,
    problem: `${axis.count} columns of ${axis.spacing}° overlap themselves but do not divide 360°.`,
    cure: 'Cut the overlap, or regrid to a spacing that divides the circle.',
  });
}

function implausibleElevation(stored: StoredGrid, columns: Kept, rows: Kept, at: number, raw: number, value: number) {
  const longitude = columns.first + (at % columns.count) * stored.longitude.spacing;
  const latitude = rows.first + Math.floor(at / columns.count) * stored.latitude.spacing;
  return new BathymetryError({
    tag: 'ImplausibleElevation',
    file: stored.file,
    variable: stored.variable,
    problem: `${value} m (stored as ${raw}) at ${longitude}, ${latitude} is outside ${LOWEST} … ${HIGHEST} m.`,
    cure: `If ${raw} marks missing values, say missing: ${raw}; if not, check units and scale_factor.`,
  });
}
