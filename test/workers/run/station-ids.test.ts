import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stationIds } from '../../../workers/run/station-ids.ts';
import { exportStationsCsv } from '../../../workers/store/csv-export.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { readStations } from '../../../workers/store/zarr-stations.ts';
import { finish, lastCheckpoint, prepareSmall, writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
const home = dirname(file);
afterAll(() => rmSync(home, { recursive: true }));

const NAMES = ['Óbidos', '東京', '大阪', '.x', 'Hilo, HI', 'Hilo HI', 'HILO-hi', '…', 'zarr.json', '21413'];
const IDS = [
  'Obidos',
  'station',
  'station-2',
  'x',
  'Hilo-HI',
  'Hilo-HI-2',
  'HILO-hi-3',
  'station-3',
  'zarr.json-2',
  '21413',
];

test('ids are words for paths, each once whatever the capitals, the same for the same order', () => {
  expect(stationIds(NAMES)).toEqual(IDS);
  const many = stationIds([...NAMES, 'a'.repeat(300), '-2', 'Hilo-HI-2', ...Array(50).fill('x'), '\u0301', ' ']);
  expect(new Set(many.map((id) => id.toLowerCase())).size).toBe(many.length);
  for (const id of many) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,90}$/);
});

test('a run keeps the record of every station, whatever it is called', async () => {
  const stations = NAMES.map((name, index) => ({ name, longitude: 40 + index, latitude: 30, every: '10 min' }));
  const set = ['grid.cells=16', 'grid.tile=16', 'time.duration=1 h', `output.stations=${JSON.stringify(stations)}`];
  const run = await prepareSmall(file, set);
  for (const format of ['zarr', 'none']) {
    const directory = mkdtempSync(join(home, 'run-'));
    const { scenario } = run.loaded;
    const other = { ...scenario, output: { ...scenario.output, format: format as 'zarr' } };
    const { stations: scores } = await finish({ ...run, prepared: { ...run.prepared, scenario: other } }, directory);
    expect(scores.map(({ id }) => id)).toEqual(NAMES);
    expect(await lastCheckpoint(directory)).toBeDefined();
    if (format === 'none') continue;
    const kept = await readStations(await openFileStore(join(directory, 'run.zarr'), { readOnly: true }));
    expect(kept.map(({ station }) => [station.id, station.name]).sort()).toEqual(
      IDS.map((id, index) => [id, NAMES[index]]).sort(),
    );
    for (const { seconds } of kept) expect(seconds).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600]);
    await exportStationsCsv(join(directory, 'run.zarr'), join(directory, 'stations'));
    expect(readdirSync(join(directory, 'stations')).sort()).toEqual(IDS.map((id) => `${id}.csv`).sort());
  }
});
