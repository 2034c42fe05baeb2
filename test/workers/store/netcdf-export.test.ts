import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportStationsCsv } from '../../../workers/store/csv-export.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { exportNetcdf } from '../../../workers/store/netcdf-export.ts';
import type { FloatArray } from '../../../workers/store/zarr-arrays.ts';
import { createRunStore } from '../../../workers/store/zarr-output.ts';
import { tier } from '../../tiers.ts';
import {
  description,
  FRAMES,
  heightAt,
  latitude,
  live,
  longitude,
  provenance,
  sample,
  seconds,
  state,
} from './small-run.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terrella-netcdf-'));
  const store = await openFileStore(join(directory, 'run'));
  await live(await createRunStore(store, description, { provenance }), 0);
  file = join(directory, 'run.nc');
  await exportNetcdf(join(directory, 'run'), file, { native: true });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a NetCDF export', () => {
  test('holds every value of the run bit for bit', async () => {
    await h5wasm.ready;
    const opened = new h5wasm.File(file, 'r');
    const read = (path: string): number[] => [...((opened.get(path) as h5wasm.Dataset).value as FloatArray)];
    expect(read('latitude')).toEqual([...latitude]);
    expect(read('longitude')).toEqual([...longitude]);
    expect(read('time')).toEqual([0, 1, 2].map(seconds));
    const frames = Array.from({ length: FRAMES }, (_, frame) => frame);
    for (const name of ['sea_surface_height', 'speed']) {
      expect(read(name)).toEqual(frames.flatMap((frame) => [...sample(state(name, frame))]));
      expect(read(`native/${name}`)).toEqual(
        frames.flatMap((frame) => state(name, frame).flatMap((panel) => [...panel])),
      );
    }
    expect(read('maximum_amplitude')).toEqual([...sample(state('maximum_amplitude', 9))]);
    const times = read('stations/21413/time');
    expect(times.length).toBe(11);
    expect(read('stations/21413/sea_surface_height')[0]).toBe(heightAt(0));
    opened.close();
  });

  test('leaves no partial file, and none at all when it fails', async () => {
    expect((await readdir(directory)).sort()).toEqual(['run', 'run.nc']);
    await expect(exportNetcdf(join(directory, 'nothing'), join(directory, 'x.nc'))).rejects.toMatchObject({
      tag: 'RunStoreMissing',
    });
    await expect(exportNetcdf(join(directory, 'run'), join(directory, 'absent', 'x.nc'))).rejects.toThrow(
      /NotWritable: cannot write .*x\.nc: its directory does not exist/,
    );
    expect((await readdir(directory)).sort()).toEqual(['run', 'run.nc']);
  });
});

describe('a CSV export', () => {
  test('is a file a station, with its samples and the run’s start', async () => {
    const out = join(directory, 'csv');
    expect(await exportStationsCsv(join(directory, 'run'), out)).toEqual([join(out, '21413.csv')]);
    const lines = (await readFile(join(out, '21413.csv'), 'utf8')).trim().split('\n');
    expect(lines.slice(4, 7)).toEqual([
      '# start: 2011-03-11T05:46:18.000Z',
      'time [UTC],time [s],sea_surface_height [m]',
      '2011-03-11T05:46:18.000Z,0,0',
    ]);
    expect(lines.length).toBe(6 + 11);
    await rm(out, { recursive: true });
  });
});

const runs =
  (program: string, ...words: string[]) =>
  () =>
    spawnSync(program, words, { stdio: 'ignore' }).status === 0;

tier(
  'ncdump',
  runs('sh', '-c', 'command -v ncdump'),
  'apt-get install netcdf-bin',
)('a NetCDF export in ncdump', () => {
  test('is NetCDF-4 with named dimensions, coordinates, units and fill values', () => {
    expect(execFileSync('ncdump', ['-k', file], { encoding: 'utf8' }).trim()).toBe('netCDF-4');
    const header = execFileSync('ncdump', ['-h', file], { encoding: 'utf8' });
    for (const line of [
      'time = UNLIMITED ; // (3 currently)',
      'latitude = 9 ;',
      'float sea_surface_height(time, latitude, longitude) ;',
      'sea_surface_height:standard_name = "sea_surface_height_above_mean_sea_level" ;',
      'sea_surface_height:_FillValue = NaNf ;',
      'double speed(time, latitude, longitude) ;',
      'speed:_FillValue = NaN ;',
      'double longitude(longitude) ;',
      'longitude:units = "degrees_east" ;',
      'time:units = "seconds since 2011-03-11 05:46:18" ;',
      ':Conventions = "CF-1.11" ;',
      'group: \\21413 {',
      'float sea_surface_height(time, panel, y, x) ;',
    ]) {
      expect(header).toContain(line);
    }
    expect(header).not.toContain('phony');
  });

  test('gives its times as dates', () => {
    const times = execFileSync('ncdump', ['-t', '-v', 'time', file], { encoding: 'utf8' });
    expect(times).toContain('time = "2011-03-11 05:46:18", "2011-03-11 05:51:18.250000"');
  });
});

const PYTHON = ['/usr/bin/python3', 'python3'].find((program) => runs(program, '-c', 'import xarray, netCDF4')());

tier(
  'xarray',
  () => PYTHON !== undefined,
  'apt-get install python3-xarray python3-netcdf4',
)('a NetCDF export in xarray', () => {
  test('opens with decoded times, coordinates and values, in every group', () => {
    const script = `
import sys, json, xarray
root = xarray.open_dataset(sys.argv[1])
gauge = xarray.open_dataset(sys.argv[1], group='stations/21413')
native = xarray.open_dataset(sys.argv[1], group='native')
height = root.sea_surface_height
print(json.dumps(dict(
  dims=list(height.dims), coords=sorted(height.coords), units=height.attrs['units'], time=str(height.time.values[1]),
  missing=int(height.isnull().sum()), total=float(height.sum(dtype='float64')), near=float(height.sel(latitude=21, longitude=129, method='nearest')[2]),
  gauge=[str(gauge.time.values[1]), float(gauge.sea_surface_height[0]), float(gauge.longitude)],
  gaugeCoords=sorted(gauge.sea_surface_height.coords), nativeCoords=sorted(native.sea_surface_height.coords))))
`;
    const found = JSON.parse(execFileSync(PYTHON as string, ['-c', script, file], { encoding: 'utf8' }));
    const all = [0, 1, 2].flatMap((frame) => [...sample(state('sea_surface_height', frame))]);
    const present = all.filter((value) => !Number.isNaN(value));
    expect(found).toMatchObject({
      dims: ['time', 'latitude', 'longitude'],
      coords: ['latitude', 'longitude', 'time'],
      units: 'm',
      time: '2011-03-11T05:51:18.250000000',
      missing: all.length - present.length,
      near: sample(state('sea_surface_height', 2))[5 * 18 + 6],
      gauge: ['2011-03-11T05:47:18.000000000', 0, 152.1],
      gaugeCoords: ['latitude', 'longitude', 'time'],
      nativeCoords: ['latitude', 'longitude', 'time'],
    });
    expect(found.total).toBeCloseTo(
      present.reduce((sum, value) => sum + value, 0),
      6,
    );
  });
});
