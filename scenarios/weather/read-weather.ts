import { WeatherError } from './errors.ts';
import { type Grib2Field, type RegularGrid, readGrib2 } from './grib2.ts';
import type { LatLonPoints, Vectors } from './spherical-harmonics.ts';

/** Height [m] and wind [m/s] on a surface of equal pressure, on points of the whole globe as in `spherical-harmonics.ts`. */
export interface Weather extends LatLonPoints, Vectors {
  readonly height: Float64Array;
}

/** Of table 4.2 for discipline 0, and what is believable [m, m/s]. */
const WANTED = {
  height: { name: 'geopotential height', category: 3, number: 5, least: -2000, most: 60_000 },
  eastward: { name: 'eastward wind', category: 2, number: 2, least: -250, most: 250 },
  northward: { name: 'northward wind', category: 2, number: 3, least: -250, most: 250 },
} as const;
const ISOBARIC = 100;
const HPA = 100;

/** Height and wind at a pressure [Pa] from a file of GRIB2 and its name, for errors. Throws WeatherError. */
export function readWeather(bytes: Uint8Array, pressure: number, file: string): Weather {
  try {
    return weatherOf(readGrib2(bytes), pressure);
  } catch (error) {
    throw error instanceof WeatherError ? error.of(file) : error;
  }
}

function weatherOf(fields: readonly Grib2Field[], pressure: number): Weather {
  const [height, eastward, northward] = (['height', 'eastward', 'northward'] as const).map((name) =>
    select(fields, name, pressure),
  ) as [Grib2Field, Grib2Field, Grib2Field];
  const grid = height.grid();
  for (const field of [eastward, northward])
    if (momentOf(field) !== momentOf(height) || JSON.stringify(field.grid()) !== JSON.stringify(grid))
      throw new WeatherError({
        tag: 'AmbiguousField',
        offset: field.offset,
        problem: `wind (${momentOf(field)}) and height (${momentOf(height)}) are of other times or grids.`,
        cure: 'Cut out height and wind of one time on one grid.',
      });
  const shift = eastwardShift(grid, height.offset);
  const values = (field: Grib2Field, name: keyof typeof WANTED) => turned(believable(field, name), grid, shift);
  return {
    rows: grid.rows,
    columns: grid.columns,
    height: values(height, 'height'),
    eastward: values(eastward, 'eastward'),
    northward: values(northward, 'northward'),
  };
}

const momentOf = ({ reference, product }: Grib2Field): string =>
  `${reference} + ${product!.forecast} of unit ${product!.timeUnit}`;

function select(fields: readonly Grib2Field[], wanted: keyof typeof WANTED, pressure: number): Grib2Field {
  const { name, category, number } = WANTED[wanted];
  const same = fields.filter(
    ({ discipline, product }) =>
      discipline === 0 && product?.category === category && product.number === number && product.surface === ISOBARIC,
  );
  const found = same.filter(({ product }) => product!.level === pressure);
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new WeatherError({
      tag: 'AmbiguousField',
      offset: found[1]!.offset,
      problem: `there are ${found.length} fields of ${name} at ${pressure / HPA} hPa: ${found.slice(0, 3).map(momentOf).join('; ')}.`,
      cure: 'Cut out those of one time.',
    });
  const levels = [...new Set(same.map(({ product }) => product!.level / HPA))].sort((a, b) => a - b);
  throw new WeatherError({
    tag: 'FieldNotFound',
    problem: `there is no ${name} at ${pressure / HPA} hPa among ${fields.length} fields.`,
    cure:
      levels.length > 0
        ? `Write a level of ${levels.slice(0, 40).join(', ')} hPa.`
        : 'Name a file with geopotential height and both components of the wind on levels of pressure.',
  });
}

function believable(field: Grib2Field, wanted: keyof typeof WANTED): Float64Array {
  const { name, least, most } = WANTED[wanted];
  const values = field.values();
  const bad = values.findIndex((value) => !(value >= least && value <= most));
  if (bad >= 0)
    throw new WeatherError({
      tag: 'ImplausibleWeather',
      offset: field.offset,
      problem: `the ${name} of point ${bad} is ${values[bad]}, not within ${least} … ${most}.`,
      cure: 'Name a file without gaps.',
    });
  return values;
}

/** Columns by which the first one lies east of 0° E. Throws unless the grid covers the globe, poles included. */
function eastwardShift(grid: RegularGrid, offset: number): number {
  const { columns, rows, north, west, stepLongitude, stepLatitude } = grid;
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-3;
  const south = north - (rows - 1) * stepLatitude;
  const shift = Math.round(west / stepLongitude);
  const isWhole =
    near(north, 90) && near(south, -90) && near(columns * stepLongitude, 360) && near(west, shift * stepLongitude);
  if (isWhole && rows >= 9 && columns >= 16) return shift;
  throw new WeatherError({
    tag: 'NotGlobal',
    offset,
    problem: `the grid has ${columns} columns from ${west}° E, ${stepLongitude}° apart, and ${rows} rows from ${north} to ${south}° N.`,
    cure: 'Take one of the whole globe with both poles and a point at 0° E, e.g. wgrib2 -new_grid latlon 0:144:2.5 -90:73:2.5.',
  });
}

function turned(values: Float64Array, { columns }: RegularGrid, shift: number): Float64Array {
  if (shift % columns === 0) return values;
  return values.map((_, k) => {
    const column = k % columns;
    return values[k - column + ((((column - shift) % columns) + columns) % columns)]!;
  });
}
