import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { openRunGroup, readFloats } from '../../../workers/store/zarr-reading.ts';
import { finish, prepareSmall, writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
const home = dirname(file);
afterAll(() => rmSync(home, { recursive: true }));

test('a tracer is written, in time and at the end, within the range that it started in', async () => {
  const set = ['grid.cells=16', 'grid.tile=16', 'time.duration=1 h', 'output.latitudeLongitude=10'];
  const directory = mkdtempSync(join(home, 'run-'));
  const inTime = await prepareSmall(file, [...set, 'output.fields=[{ name: dye, every: 30 min }]']);
  await finish(inTime, directory);
  const group = await openRunGroup(await openFileStore(join(directory, 'run.zarr'), { readOnly: true }));
  const frames = await readFloats(group, 'native/dye');
  const cells = 6 * 16 * 16;
  expect(frames.length).toBe(3 * cells);
  const wet = frames.filter((value) => !Number.isNaN(value));
  expect(wet.length).toBeGreaterThan(2 * cells);
  expect([Math.min(...wet), Math.max(...wet)]).toEqual([1, 3]);
  const atEnd = mkdtempSync(join(home, 'run-'));
  await finish(await prepareSmall(file, [...set, 'output.fields=[{ name: dye }]']), atEnd);
  const last = await openRunGroup(await openFileStore(join(atEnd, 'run.zarr'), { readOnly: true }));
  expect(await readFloats(last, 'native/dye')).toEqual(frames.slice(2 * cells));
});
