import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeElevationGrid } from '../../../scenarios/bathymetry/elevation-grid.ts';
import type { BathymetryError } from '../../../scenarios/bathymetry/errors.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import type { ReadOptions } from '../../../scenarios/bathymetry/read-options.ts';
import { writeElevation } from '../../../scenarios/bathymetry/write-elevation.ts';
import { fixture, temporaryFolder } from './temporary-files.ts';
import { type Written, writeHdf5 } from './write-hdf5.ts';

const folder = temporaryFolder();
const plainValues = Array.from({ length: 30 }, (_, k) => 100 * Math.floor(k / 6) + (k % 6));

async function failure(path: string, options: ReadOptions = {}): Promise<BathymetryError> {
  const error: unknown = await readElevation(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'BathymetryError' });
  return error as BathymetryError;
}

describe('NetCDF', () => {
  it.each(['classic', 'offset64', 'data64', 'hdf5'])('reads the same grid from the %s format', async (format) => {
    const grid = await readElevation(fixture(`plain-${format}.nc`));
    expect(grid).toMatchObject({
      coordinates: 'geographic',
      longitude0: 0,
      latitude0: -60,
      spacingLongitude: 60,
      spacingLatitude: 30,
      columns: 6,
      rows: 5,
      registration: 'node',
      wraps: true,
      global: false,
      missing: undefined,
    });
    expect(grid.elevation).toBeInstanceOf(Int16Array);
    expect([...grid.elevation]).toEqual(plainValues);
  });

  it.each(['classic', 'hdf5'])(
    'undoes packing, depth, kilometres, north first, −180…180 and the repeated column (%s)',
    async (format) => {
      const grid = await readElevation(fixture(`packed-depth-${format}.nc`), { index: { time: 0 } });
      const plain = await readElevation(fixture('plain-classic.nc'));
      const { longitude0, latitude0, spacingLongitude, spacingLatitude, columns, rows, wraps } = plain;
      expect(grid).toMatchObject({ longitude0, latitude0, spacingLongitude, spacingLatitude, columns, rows, wraps });
      const expected = plainValues.map((value, k) => (k === 2 ? NaN : value));
      for (const [k, value] of grid.elevation.entries()) {
        if (Number.isNaN(expected[k])) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(expected[k]!, 4);
      }
    },
  );

  it('reads a later index of a further dimension, across padded records', async () => {
    const grid = await readElevation(fixture('packed-depth-classic.nc'), { index: { time: 1 } });
    expect(new Set(grid.elevation)).toEqual(new Set([1000]));
  });

  it('reads the one-dimensional layout of GMT 3', async () => {
    const grid = await readElevation(fixture('old-gmt.nc'));
    expect(grid).toMatchObject({
      longitude0: 0,
      latitude0: -60,
      columns: 6,
      rows: 5,
      registration: 'cell',
      wraps: true,
    });
    expect([...grid.elevation]).toEqual(plainValues);
  });

  it('finds the same spacing and origin however roughly single-precision coordinates state them', async () => {
    const exact = regional({ longitude0: 139.5, spacing: 1 / 60 });
    const rough = { ...exact, longitude0: Math.fround(139.50001), spacingLongitude: 0.01666667 };
    await writeElevation(folder.path('exact.nc'), exact, {});
    await writeElevation(folder.path('rough.nc'), rough, {});
    const grids = [await readElevation(folder.path('exact.nc')), await readElevation(folder.path('rough.nc'))];
    for (const grid of grids) expect([grid.longitude0, grid.spacingLongitude]).toEqual([139.5, 1 / 60]);
  });

  it('reads longitudes fastest or slowest, with or without dimension scales', async () => {
    const lat = { data: Float64Array.of(0, 1, 2), attributes: { units: 'degrees_north' } };
    const lon = { data: Float64Array.of(170, 175, -180, -175), attributes: { units: 'degrees_east' } };
    const metres = { units: 'm' };
    const values = Float32Array.from({ length: 12 }, (_, k) => k);
    const turned = Float32Array.from({ length: 12 }, (_, k) => 4 * (k % 3) + Math.floor(k / 3));
    const paths = [
      await writeHdf5(folder.path('rows.nc'), {
        lat,
        lon,
        z: { data: values, shape: [3, 4], over: ['lat', 'lon'], attributes: metres },
      }),
      await writeHdf5(folder.path('columns.nc'), {
        lat,
        lon,
        z: { data: turned, shape: [4, 3], over: ['lon', 'lat'], attributes: metres },
      }),
      await writeHdf5(folder.path('bare.nc'), { lat, lon, z: { data: values, shape: [3, 4], attributes: metres } }),
    ];
    for (const path of paths) {
      const grid = await readElevation(path);
      expect(grid).toMatchObject({ longitude0: 170, latitude0: 0, spacingLongitude: 5, columns: 4, rows: 3 });
      expect([...grid.elevation]).toEqual([...values]);
    }
  });

  it('makes one grid, to the bit, of a globe from 0° or from −180°, north or south first', async () => {
    const value = (longitude: number, latitude: number) => 10 * (((longitude + 360) % 360) - latitude);
    const files = await Promise.all(
      [
        [0.5, 1],
        [-179.5, 1],
        [-179.5, -1],
      ].map(async ([first, direction], k) => {
        const lon = Float64Array.from({ length: 360 }, (_, i) => first! + i);
        const lat = Float64Array.from({ length: 180 }, (_, j) => direction! * (j - 89.5));
        const values = Float32Array.from({ length: 360 * 180 }, (_, i) =>
          value(lon[i % 360]!, lat[Math.floor(i / 360)]!),
        );
        const { lat: y, lon: x, z } = oneDegree(lat, lon);
        return writeHdf5(folder.path(`globe-${k}.nc`), { lat: y, lon: x, z: { ...z, data: values } });
      }),
    );
    const [from0, from180, northFirst] = await Promise.all(
      files.map(async (file) => ({ ...(await readElevation(file)), name: '', sha256: '' })),
    );
    expect(from0).toMatchObject({ global: true, registration: 'cell', longitude0: 0.5, latitude0: -89.5 });
    expect(from180).toEqual(from0);
    expect(northFirst).toEqual(from0);
  });

  it('tells cell from node registration by where the points lie', async () => {
    const grids = await Promise.all(
      [0.5, 0].map(async (first) => {
        const path = folder.path(`registered-${first}.nc`);
        await writeHdf5(
          path,
          oneDegree(Float64Array.of(first, 1 + first, 2 + first), Float64Array.of(first, 1 + first)),
        );
        return readElevation(path);
      }),
    );
    expect(grids.map(({ registration }) => registration)).toEqual(['cell', 'node']);
  });

  it('takes metres as a plane and numbers outside valid_range as missing', async () => {
    const grid = await readElevation(
      await writeHdf5(folder.path('plane.nc'), {
        y: { data: Float64Array.of(0, 0.25), attributes: { units: 'km' } },
        x: { data: Float64Array.of(1, 2, 3), attributes: { units: 'km' } },
        z: {
          data: Int16Array.of(1, 2, 3, 4, 5, 600),
          shape: [2, 3],
          over: ['y', 'x'],
          attributes: { units: 'm', valid_max: 500 },
        },
      }),
    );
    expect(grid).toMatchObject({
      coordinates: 'plane',
      longitude0: 1000,
      spacingLatitude: 250,
      spacingLongitude: 1000,
    });
    expect([...grid.elevation]).toEqual([1, 2, 3, 4, 5, grid.missing]);
  });

  it('cuts a region out of a global grid, across the seam of its longitudes', async () => {
    const grid = await readElevation(fixture('plain-hdf5.nc'), {
      region: { west: -120, east: 60, south: -30, north: 40 },
    });
    expect(grid).toMatchObject({ longitude0: -120, latitude0: -30, columns: 4, rows: 3, wraps: false });
    expect([...grid.elevation]).toEqual([104, 105, 100, 101, 204, 205, 200, 201, 304, 305, 300, 301]);
  });

  it('gives back what it wrote, in both number types', async () => {
    for (const elevation of [Int16Array.of(-5000, 3, 7, 8000, -1, 0), Float32Array.of(-0.5, 3, 7.25, 800, -1, 0)]) {
      const grid = makeElevationGrid({
        longitude0: 139,
        latitude0: 34,
        spacingLongitude: 0.5,
        spacingLatitude: 0.25,
        columns: 3,
        rows: 2,
        registration: 'cell',
        elevation,
      });
      await writeElevation(folder.path('again.nc'), grid, { title: 'again' });
      const { name: _, sha256: __, ...again } = await readElevation(folder.path('again.nc'));
      const { name: ___, sha256: ____, ...original } = grid;
      expect(again).toEqual(original);
    }
  });
});

describe('ESRI ASCII', () => {
  const body = '9 8 7\n\n 6.0 5 -9999\n';
  it('reads corners, centres and GeoClaw’s reversed header, gzipped or not', async () => {
    const corner = `ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 0.5\nNODATA_value -9999\n${body}`;
    const centre = `NCOLS 3\nNROWS 2\nXLLCENTER 10.25\nYLLCENTER 20.25\nCELLSIZE .5\nNODATA_VALUE -9999\n${body}`;
    const reversed = `3 ncols\n2 nrows\n10.25 xll\n20.25 yll\n0.5 cellsize\n-9999 nodata_value\n${body}`;
    const a = await readElevation(folder.write('corner.asc', corner));
    const b = await readElevation(folder.write('centre.asc', centre));
    const c = await readElevation(folder.write('reversed.asc.gz', gzipSync(reversed)));
    expect(a).toMatchObject({ longitude0: 10.25, latitude0: 20.25, columns: 3, rows: 2, registration: 'cell' });
    expect([...a.elevation]).toEqual([6, 5, -32768, 9, 8, 7]);
    expect(a.missing).toBe(-32768);
    for (const other of [b, c]) {
      expect(other).toMatchObject({ longitude0: 10.25, latitude0: 20.25, registration: 'node', missing: -32768 });
      expect([...other.elevation]).toEqual([...a.elevation]);
    }
  });

  it('says what is wrong with a header or a body', async () => {
    const header = 'ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 0.5\n';
    expect((await failure(folder.write('short.asc', `${header}1 2 3 4 5`))).message).toContain(
      '5 values where ncols × nrows = 6',
    );
    expect((await failure(folder.write('long.asc', `${header}1 2 3 4 5 6 7`))).message).toContain('7 values');
    expect((await failure(folder.write('word.asc', `${header}1 2 x 4 5 6`))).message).toContain('value 3 is "x"');
    expect((await failure(folder.write('bare.asc', 'ncols 3\nnrows 2\n1 2 3 4 5 6'))).message).toContain('corner');
    expect((await failure(folder.write('half.asc', 'ncols 3.5\nnrows 2\n1'))).message).toContain('ncols is 3.5');
  });
});

describe('every problem is a tagged error with file, value and cure', () => {
  it.each<[string, string, ReadOptions, string, string[]]>([
    ['no such variable', 'plain-classic.nc', { variable: 'q' }, 'NoElevationVariable', ['variable q', 'z(5 × 6)']],
    ['a further dimension', 'packed-depth-hdf5.nc', {}, 'InvalidOption', ['time of 2', 'index: { time: 0 … 1 }']],
    ['an index outside', 'packed-depth-hdf5.nc', { index: { time: 2 } }, 'InvalidOption', ['index 2']],
    [
      'a region outside',
      'plain-hdf5.nc',
      { region: { west: 1, east: 2, south: 0, north: 9 } },
      'InvalidOption',
      ['2 × 2'],
    ],
    ['no file', 'absent.nc', {}, 'FileNotFound', ['absent.nc']],
    ['no grid', 'README.md', {}, 'NotAGrid', ['Small gr']],
    ['a variable without both coordinates', 'plain-classic.nc', { variable: 'lat' }, 'NoCoordinates', ['lat = 5']],
  ])('%s', async (_, name, options, tag, parts) => {
    const error = await failure(fixture(name), options);
    expect(error.tag).toBe(tag);
    for (const part of [...parts, name]) expect(error.message).toContain(part);
    expect(error.cure.length).toBeGreaterThan(10);
  });

  /** The classic fixture with the double `from` (big-endian) replaced. */
  function withDouble(name: string, from: number, to: number): string {
    const bytes = readFileSync(fixture('plain-classic.nc'));
    const [old, fresh] = [Buffer.alloc(8), Buffer.alloc(8)];
    old.writeDoubleBE(from);
    fresh.writeDoubleBE(to);
    bytes.set(fresh, bytes.lastIndexOf(old));
    return folder.write(name, bytes);
  }

  it('uneven spacing names the first offending coordinate', async () => {
    const error = await failure(withDouble('uneven.nc', 120, 130));
    expect(error.tag).toBe('IrregularGrid');
    expect(error.message).toContain('lon[2] is 130');
    expect(error.message).toContain('gives 120');
  });
  it('latitudes beyond the poles', async () => {
    const beyond = oneDegree(Float64Array.of(89, 90, 91), Float64Array.of(0, 1));
    const error = await failure(await writeHdf5(folder.path('polar.nc'), beyond));
    expect(error).toMatchObject({ tag: 'CoordinateOutOfRange', variable: 'lat' });
    expect(error.message).toContain('lat[2] is 91');
  });
  it('units that are no length', async () => {
    const bytes = readFileSync(fixture('plain-classic.nc'));
    const at = bytes.indexOf('units\0\0\0\0\0\0\x02\0\0\0\x01m', 0, 'latin1');
    bytes.write('K', at + 16, 'latin1');
    const error = await failure(folder.write('kelvin.nc', bytes));
    expect(error).toMatchObject({ tag: 'UnknownUnits', variable: 'z' });
    expect(error.message).toContain('"K"');
  });
  it('a depth that does not say which way it counts, until told', async () => {
    const { lat, lon, z } = oneDegree(Float64Array.of(0, 1), Float64Array.of(0, 1, 2));
    const path = await writeHdf5(folder.path('depth.nc'), { lat, lon, depth: z });
    expect(await failure(path)).toMatchObject({ tag: 'AmbiguousSign', variable: 'depth' });
    expect([...(await readElevation(path, { positive: 'down' })).elevation]).toEqual([-0, -1, -2, -3, -4, -5]);
    expect([...(await readElevation(path, { positive: 'up' })).elevation]).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('two variables that could each be meant, until one is named', async () => {
    const { lat, lon, z } = oneDegree(Float64Array.of(0, 1), Float64Array.of(0, 1, 2));
    const path = await writeHdf5(folder.path('two.nc'), { lat, lon, bed: z, topo: z });
    expect((await failure(path)).message).toContain('bed, topo');
    expect((await readElevation(path, { variable: 'bed' })).columns).toBe(3);
  });
  it('a curvilinear grid', async () => {
    const square = (units: string) => ({ data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], attributes: { units } });
    const path = await writeHdf5(folder.path('curvilinear.nc'), {
      nav_lat: square('degrees_north'),
      nav_lon: square('degrees_east'),
      elevation: square('m'),
    });
    const error = await failure(path, { variable: 'elevation' });
    expect(error.tag).toBe('IrregularGrid');
    expect(error.message).toContain('curvilinear');
  });
  it('coordinates that stand still', async () => {
    const still = oneDegree(Float64Array.of(5, 5), Float64Array.of(1, 2));
    expect((await failure(await writeHdf5(folder.path('still.nc'), still))).message).toContain('every value is 5');
  });
  it('a field of nothing but missing values', async () => {
    const { lat, lon } = oneDegree(Float64Array.of(0, 1), Float64Array.of(0, 1));
    const z = { data: Float32Array.of(NaN, NaN, NaN, NaN), shape: [2, 2], over: ['lat', 'lon'] };
    expect((await failure(await writeHdf5(folder.path('empty.nc'), { lat, lon, z }))).message).toContain(
      'all 4 values',
    );
  });
  it('an elevation that Earth does not have', async () => {
    const deep = regional({ longitude0: 0, spacing: 1 });
    deep.elevation[41] = -32767;
    await writeElevation(folder.path('deep.nc'), deep, {});
    const error = await failure(folder.path('deep.nc'));
    expect(error.tag).toBe('ImplausibleElevation');
    expect(error.message).toContain('-32767 m (stored as -32767) at 1, 1');
    expect(error.cure).toContain('missing: -32767');
    const cured = await readElevation(folder.path('deep.nc'), { missing: -32767 });
    expect([cured.elevation[41], cured.missing]).toEqual([-32768, -32768]);
  });
});

function regional({ longitude0, spacing }: { longitude0: number; spacing: number }) {
  return makeElevationGrid({
    longitude0,
    latitude0: 0,
    spacingLongitude: spacing,
    spacingLatitude: spacing,
    columns: 40,
    rows: 3,
    registration: 'node',
    elevation: Int16Array.from({ length: 120 }, (_, k) => -k),
  });
}

/** A field 0, 1, 2, … over the given coordinates. */
function oneDegree(latitudes: Float64Array, longitudes: Float64Array): Record<'lat' | 'lon' | 'z', Written> {
  const count = latitudes.length * longitudes.length;
  return {
    lat: { data: latitudes, attributes: { units: 'degrees_north' } },
    lon: { data: longitudes, attributes: { units: 'degrees_east' } },
    z: {
      data: Float32Array.from({ length: count }, (_, k) => k),
      shape: [latitudes.length, longitudes.length],
      over: ['lat', 'lon'],
      attributes: { units: 'm' },
    },
  };
}
