import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeElevationGrid } from '../../../scenarios/bathymetry/elevation-grid.ts';
import type { BathymetryError } from '../../../scenarios/bathymetry/errors.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import type { ReadOptions } from '../../../scenarios/bathymetry/read-options.ts';
import { writeElevation } from '../../../scenarios/bathymetry/write-elevation.ts';
import { fixture, temporaryFolder } from './temporary-files.ts';

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
    expect(grid).toMatchObject({ longitude0: 0, latitude0: -60, columns: 6, rows: 5, registration: 'cell', wraps: true });
    expect([...grid.elevation]).toEqual(plainValues);
  });

  it('finds the same spacing and origin however roughly single-precision coordinates state them', async () => {
    const exact = regional({ longitude0: 179.5 - 360, spacing: 1 / 60 });
    const rough = { ...exact, longitude0: Math.fround(179.50001), spacingLongitude: 0.01666667 };
    await writeElevation(folder.path('exact.nc'), exact, {});
    await writeElevation(folder.path('rough.nc'), rough, {});
    const [a, b] = [await readElevation(folder.path('exact.nc')), await readElevation(folder.path('rough.nc'))];
    expect(a.longitude0).toBe(179.5 > 180 ? 0 : -180.5 + 360 > 180 ? -180.5 : 179.5);
    expect([b.longitude0, b.spacingLongitude]).toEqual([a.longitude0, a.spacingLongitude]);
    expect(a.spacingLongitude).toBe(1 / 60);
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
    expect((await failure(folder.write('short.asc', `${header}1 2 3 4 5`))).message).toContain('5 values where ncols × nrows = 6');
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
    ['a region outside', 'plain-hdf5.nc', { region: { west: 1, east: 2, south: 0, north: 9 } }, 'InvalidOption', ['2 × 2']],
    ['no file', 'absent.nc', {}, 'FileNotFound', ['absent.nc']],
    ['no grid', 'README.md', {}, 'NotAGrid', ['Small gr']],
    ['too rough', 'plain-classic.nc', { missing: 5, variable: 'lat' }, 'NoCoordinates', ['lat = 5']],
  ])('%s', async (_, name, options, tag, parts) => {
    const error = await failure(fixture(name), options);
    expect(error.tag).toBe(tag);
    for (const part of [...parts, name]) expect(error.message).toContain(part);
    expect(error.cure.length).toBeGreaterThan(10);
  });

  /** The classic fixture with one text replaced by another of the same length. */
  function altered(name: string, from: string, to: string): string {
    const bytes = readFileSync(fixture('plain-classic.nc'));
    const at = bytes.indexOf(from, 0, 'latin1');
    expect(at).toBeGreaterThan(0);
    expect(from.length).toBe(to.length);
    bytes.write(to, at, 'latin1');
    return folder.write(name, bytes);
  }
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
    const path = altered('polar.nc', 'degrees_north', 'degrees_nort_');
    expect((await failure(path)).tag).not.toBe('FileNotFound');
  });
  it('units that are no length', async () => {
    const bytes = readFileSync(fixture('plain-classic.nc'));
    const at = bytes.indexOf('units\0\0\0\0\0\0\x02\0\0\0\x01m', 0, 'latin1');
    bytes.write('K', at + 16, 'latin1');
    const error = await failure(folder.write('kelvin.nc', bytes));
    expect(error).toMatchObject({ tag: 'UnknownUnits', variable: 'z' });
    expect(error.message).toContain('"K"');
  });
  it('a depth that does not say which way it counts', async () => {
    const path = folder.path('depth.nc');
    await writeElevation(path, regional({ longitude0: 0, spacing: 1 }), {});
    const bytes = readFileSync(path).toString('latin1');
    const hidden = bytes.replaceAll('height_above_mean_sea_level', 'height_above_nothing_at_all');
    const ambiguous = folder.write('depth2.nc', Buffer.from(hidden, 'latin1'));
    expect((await readElevation(ambiguous)).columns).toBe(40);
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
