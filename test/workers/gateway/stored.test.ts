import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStored } from '../../../workers/cli/stored-runs.ts';
import { exportSite } from '../../../workers/gateway/export-site.ts';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { RunBoard } from '../../../workers/gateway/run-board.ts';
import type { StoredRun } from '../../../workers/gateway/stored-run.ts';
import { unpackFrame, unpackMessage } from '../../../workers/protocol/frame.ts';
import { lastingFramePath, movingFramePath, type SiteIndex } from '../../../workers/protocol/site.ts';
import type { StationReply } from '../../../workers/protocol/viewing.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { openRunGroup, readFloats } from '../../../workers/store/zarr-reading.ts';
import { writeSmallOcean } from '../run/small-ocean.ts';
import { beginRun, keepResult, newDirectory, removeDirectories, SEA, serve, TOKEN } from './small-gateway.ts';
import { connect, type TestViewer, valuesOf } from './viewer.ts';

const RUN = 'small-ocean';
let directory: string;
let stored: StoredRun;
let gateway: Gateway;
let viewer: TestViewer;
let hash: string;

beforeAll(async () => {
  const run = await beginRun(writeSmallOcean(newDirectory()), { watched: false });
  ({ directory } = run);
  hash = (await keepResult(run)).stateHash!;
  stored = await openStored(directory, () => true);
  const board = new RunBoard();
  board.add(stored);
  gateway = await serve(board);
  viewer = await connect(gateway.port);
});
afterAll(async () => {
  await viewer.close();
  await gateway.close();
  removeDirectories();
});

const storedFrame = async (field: string, frame: number, panel: number) =>
  readFloats(
    await openRunGroup(await openFileStore(join(directory, 'run.zarr'), { readOnly: true })),
    `native/${field}`,
    [frame, panel, null, null],
  );

describe('a run that lies on a disk', () => {
  it('tells what it is, and what it has', async () => {
    expect(await viewer.next('welcome')).toMatchObject({
      shown: RUN,
      runs: [{ id: RUN, live: false, state: 'finished' }],
    });
    viewer.say({ type: 'open', run: RUN });
    const { run, progress } = await viewer.next('run');
    expect(run).toMatchObject({ firstField: SEA, steps: 90, timeStep: 120, ground: 'surface_altitude' });
    expect(run.fields.map(({ name, kind }) => [name, kind])).toEqual([
      [SEA, 'moving'],
      ['sea_water_speed', 'moving'],
      ['maximum_amplitude', 'lasting'],
      ['arrival_time', 'lasting'],
      ['surface_altitude', 'lasting'],
    ]);
    expect(progress).toMatchObject({ state: 'finished', stateHash: hash, seconds: 10800 });
    expect(progress.times.slice(0, 3)).toEqual([0, 480, 840]);
  });

  it('shows each stored moment as it was stored', async () => {
    viewer.say({ type: 'frame', id: 1, run: RUN, field: SEA, level: 0, seconds: 900 });
    const frame = await viewer.nextFrame();
    expect(frame.header.seconds).toBe(840);
    const exact = await storedFrame(SEA, 2, 1);
    const found = valuesOf(frame)[1]!;
    const half = (0.5001 * (frame.header.high - frame.header.low)) / 65534;
    exact.forEach((value, cell) => {
      if (Number.isNaN(value)) expect(found[cell]).toBeNaN();
      else expect(Math.abs(found[cell]! - value)).toBeLessThanOrEqual(half);
    });
  });

  it('takes no moment of another field for its own', () => {
    // Every 7 and every 33 minutes, each at the nearest step of two.
    const due = (minutes: number) =>
      Array.from(
        { length: Math.floor(180 / minutes) + 1 },
        (_, k) => 120 * Math.min(90, Math.round(k * minutes * 0.5)),
      );
    expect(stored.timesOf(SEA)).toEqual(due(7));
    expect(stored.timesOf('sea_water_speed')).toEqual(due(33));
  });

  it('goes back to the last moment of a field of longer intervals', async () => {
    viewer.say({ type: 'frame', id: 2, run: RUN, field: 'sea_water_speed', level: 0, seconds: 3000 });
    const { header } = await viewer.nextFrame();
    expect(header.seconds).toBe(2040);
    expect(header.high).toBeGreaterThan(header.low);
  });

  it('has at a station’s place what the station recorded', async () => {
    viewer.say({ type: 'stations', run: RUN });
    const { stations } = await viewer.next('stations');
    viewer.say({ type: 'probe', id: 3, run: RUN, field: SEA, longitude: 49, latitude: 30, seconds: 1700 });
    const { series, value, seconds, ground } = await viewer.next('probe');
    const { model } = stations.find(({ id }) => id === 'near')!;
    expect(seconds).toBe(1680);
    expect(value).toBe(series.values[series.seconds.indexOf(1680)]);
    expect(ground).toBeLessThan(0);
    let compared = 0;
    for (const [at, time] of series.seconds.entries()) {
      const same = model.seconds.indexOf(time);
      if (same < 0) continue;
      compared++;
      expect(series.values[at]).toBeCloseTo(model.values[same]!, 6);
    }
    expect(compared).toBeGreaterThan(5);
  });

  it('reads the series of a place once', async () => {
    const { fields } = stored as unknown as { fields: { series(...args: unknown[]): Promise<unknown> } };
    const { series } = fields;
    let read = 0;
    fields.series = (...args) => {
      read++;
      return series(...args);
    };
    const place = { run: RUN, field: SEA, longitude: 51, latitude: 31 };
    for (const id of [30, 31]) viewer.say({ type: 'probe', id, ...place });
    const [first, second] = [await viewer.next('probe'), await viewer.next('probe')];
    expect(second.series).toEqual(first.series);
    expect(read).toBe(1);
    fields.series = series;
    const cells = { cells: [{ panel: 0, i: 3, j: 4, weight: 1 }], panel: 0, tile: 0 };
    const whole = (await series(SEA, cells)) as { seconds: number[] };
    const rest = (await series(SEA, cells, 5)) as { seconds: number[] };
    expect(rest.seconds).toEqual(whole.seconds.slice(5));
  });

  it('takes no control, whoever asks', async () => {
    viewer.say({ type: 'control', id: 4, token: TOKEN, run: RUN, action: 'pause' });
    expect(await viewer.next('refused')).toMatchObject({ id: 4, code: 'not-possible' });
    viewer.say({ type: 'start', id: 5, token: TOKEN, scenario: 'tohoku-2011' });
    expect(await viewer.next('refused')).toMatchObject({ id: 5, code: 'not-possible' });
  });

  it('is sent once to whoever watches it', async () => {
    viewer.say({ type: 'watch', id: 6, run: RUN, field: SEA, level: 0, credits: 9 });
    expect((await viewer.nextFrame()).header.seconds).toBe(10_560);
    viewer.say({ type: 'probe', id: 7, run: RUN, field: SEA, longitude: 0, latitude: 0 });
    await viewer.next('probe', ({ id }) => id === 7);
    expect(viewer.frames).toEqual([]);
  });
});

it('exported as a site holds the viewer and every frame, as the socket would send them', async () => {
  const built = newDirectory();
  mkdirSync(join(built, 'assets'));
  writeFileSync(join(built, 'index.html'), '<!doctype html>');
  const site = newDirectory();
  const { frames } = await exportSite(stored, { viewer: built, directory: site, engine: 'Terrella' });
  expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe('<!doctype html>');
  const index = JSON.parse(readFileSync(join(site, 'site.json'), 'utf8')) as SiteIndex;
  expect(index.run.levels).toEqual([0]);
  expect(index.progress.stateHash).toBe(hash);
  expect(index.moving[SEA]).toEqual(index.progress.times);
  expect(frames).toBe(index.moving[SEA]!.length + index.moving.sea_water_speed!.length + index.lasting.length);
  const last = index.moving[SEA]!.length - 1;
  const frame = unpackFrame(readFileSync(join(site, movingFramePath(SEA, last))));
  expect(frame.header).toMatchObject({ id: 0, field: SEA, seconds: 10_560 });
  viewer.say({ type: 'frame', id: 0, run: RUN, field: SEA, level: 0 });
  const sent = await viewer.nextFrame();
  expect(frame.tiles.map((tile) => [...tile])).toEqual(sent.tiles.map((tile) => [...tile]));
  const ground = unpackFrame(readFileSync(join(site, lastingFramePath('surface_altitude'))));
  expect(ground.header.low).toBeLessThan(-3900);
  const { stations } = unpackMessage(readFileSync(join(site, 'stations.message'))) as StationReply;
  expect(stations.map(({ id }) => id)).toEqual(['near', 'far-side']);
});
