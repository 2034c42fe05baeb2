import { BathymetryError } from './errors.ts';

/**
 * Positions first + k·spacing, k = 0 … count − 1, ascending. Where the spacing is a fraction of a degree that a geographer
 * would choose, `ratio` is that fraction, and every number follows from it exactly, however roughly the file states it.
 */
export interface RegularAxis {
  readonly first: number;
  readonly spacing: number;
  readonly count: number;
  /** The file lists the positions from the largest to the smallest. */
  readonly descending: boolean;
  /** spacing = ratio[0] / ratio[1] degrees, first = halves · ratio[0] / (2 · ratio[1]); undefined where none fits. */
  readonly ratio?: readonly [number, number];
  readonly halves?: number;
}

export interface AxisContext {
  readonly file: string;
  readonly variable: string;
  readonly kind: 'longitude' | 'latitude' | 'plane';
}

/** Irregularity allowed, in spacings: single-precision longitudes of a 15″ grid err by 0.002. */
const TOLERANCE = 0.05;
/** Rounding of a pole's latitude in single precision [degrees]. */
const HAIR = 1e-4;
/** Drift over the whole axis, in spacings, within which a stated spacing is taken for the fraction nearest to it. */
const SNAP = 0.01;
/** Parts of an arc-second that spacings are made of: 1/9″ and 1/3″ coastal grids, 7.5″, 22.5″. */
const PARTS = [1, 2, 3, 4, 9];

/** Throws BathymetryError (IrregularGrid, CoordinateOutOfRange) with the first offending value. */
export function regularAxis(positions: ArrayLike<number>, context: AxisContext): RegularAxis {
  const { file, variable, kind } = context;
  const count = positions.length;
  const values = Float64Array.from(positions);
  if (count < 2) {
    throw irregular(context, `it has ${count} value${count === 1 ? '' : 's'}; at least two are needed.`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw irregular(context, `${variable}[${bad}] is ${values[bad]}.`);
  const limit = kind === 'latitude' ? 90 : kind === 'longitude' ? 720 : Infinity;
  const outside = values.findIndex((value) => Math.abs(value) > limit + HAIR);
  if (outside >= 0) {
    throw new BathymetryError({
      tag: 'CoordinateOutOfRange',
      file,
      variable,
      problem: `${variable}[${outside}] is ${values[outside]}, a ${kind} beyond ±${limit}°.`,
      cure: 'Check the units of the coordinate: degrees, or metres with coordinates: plane.',
    });
  }
  if (kind === 'longitude') unwrap(values);
  const descending = values[0] > values[count - 1];
  if (descending) values.reverse();
  const spacing = (values[count - 1] - values[0]) / (count - 1);
  for (let k = 0; k < count; k++) {
    const expected = values[0] + k * spacing;
    if (!(Math.abs(values[k] - expected) <= TOLERANCE * spacing)) {
      const at = descending ? count - 1 - k : k;
      throw irregular(
        context,
        `${variable}[${at}] is ${values[k]} where an even spacing of ${spacing} gives ${expected}.`,
      );
    }
  }
  if (!(spacing > 0)) throw irregular(context, `every value is ${values[0]}.`);
  const rough = { first: values[0], spacing, count, descending };
  return kind === 'plane' ? rough : snapped(rough, kind);
}

/** Lets longitudes run on across the date line: 179.5, −179.5 becomes 179.5, 180.5. */
function unwrap(values: Float64Array): void {
  for (let k = 1; k < values.length; k++) {
    const jump = values[k] - values[k - 1];
    if (Math.abs(jump) > 180) values[k] -= 360 * Math.round(jump / 360);
  }
}

function snapped(axis: RegularAxis, kind: 'longitude' | 'latitude'): RegularAxis {
  const { count, spacing } = axis;
  const fits = (numerator: number, denominator: number) =>
    Math.abs(numerator / denominator - spacing) * (count - 1) <= SNAP * spacing;
  const candidates: (readonly [number, number])[] = [];
  if (kind === 'longitude') candidates.push([360, count], [360, count - 1]);
  else candidates.push([180, count], [180, count - 1]);
  for (const part of PARTS) candidates.push([Math.round(spacing * 3600 * part), 3600 * part]);
  const ratio = candidates.find(([numerator, denominator]) => numerator > 0 && fits(numerator, denominator));
  if (!ratio) return axis;
  const [numerator, denominator] = ratio;
  const exact = numerator / denominator;
  const halves = Math.round((2 * axis.first) / exact);
  if (Math.abs((halves * numerator) / (2 * denominator) - axis.first) > SNAP * exact)
    return { ...axis, spacing: exact };
  return { ...axis, spacing: exact, first: (halves * numerator) / (2 * denominator), ratio, halves };
}

function irregular({ file, variable }: AxisContext, detail: string): BathymetryError {
  return new BathymetryError({
    tag: 'IrregularGrid',
    file,
    variable,
    problem: `the coordinate is not evenly spaced: ${detail}`,
    cure: 'Regrid the data to a regular longitude-latitude grid, for example with gdalwarp, cdo remapbil or gmt surface.',
  });
}
