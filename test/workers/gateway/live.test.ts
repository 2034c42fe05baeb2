import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { outputField } from '../../../workers/run/output-fields.ts';
import { writeSmallOcean } from '../run/small-ocean.ts';
import {
  beginRun,
  boardOf,
  newDirectory,
  removeDirectories,
  SEA,
  type SmallLive,
  serve,
  stateHash,
  TOKEN,
} from './small-gateway.ts';
import { connect, type TestViewer, valuesOf } from './viewer.ts';

const RUN = 'tohoku-2011';
/** No files: what is tested is what viewers get. */
const SILENT = ['output.format=none', 'output.checkpoints={}'];
const LONG = [...SILENT, 'time.duration="4000 h"'];

const open: Gateway[] = [];
const viewers: TestViewer[] = [];
const runs: SmallLive[] = [];

afterEach(async () => {
  for (const { live } of runs) live.control.stop();
  await Promise.all(runs.splice(0).map(({ end }) => end));
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});
afterAll(removeDirectories);

async function begin(...[name, options]: Parameters<typeof beginRun>): Promise<SmallLive> {
  const run = await beginRun(name, options);
  runs.push(run);
  return run;
}

async function serving(...shown: readonly SmallLive[]): Promise<Gateway> {
  const gateway = await serve(boardOf(...shown));
  open.push(gateway);
  return gateway;
}

async function visit({ port }: Gateway, run = RUN): Promise<TestViewer> {
  const viewer = await connect(port);
  viewers.push(viewer);
  viewer.say({ type: 'open', run });
  return viewer;
}

describe('the bits of a run', () => {
  it('are the same however it is watched, paused, slowed and asked', async () => {
    const alone = await stateHash(await begin(RUN, { set: SILENT, watched: false }));
    const run = await begin(RUN, { set: SILENT, paused: true });
    const viewer = await visit(await serving(run));
    await viewer.next('run');
    viewer.paysAtOnce = true;
    const fields = ['sea_water_speed', 'maximum_amplitude', SEA];
    for (const [id, field] of fields.entries())
      viewer.say({ type: 'watch', id, run: RUN, field, level: 0, credits: 2 });
    const control = (id: number, action: 'pause' | 'resume') =>
      viewer.say({ type: 'control', id, token: TOKEN, run: RUN, action });
    viewer.say({ type: 'speed', id: 10, token: TOKEN, run: RUN, limit: 4000 });
    control(11, 'resume');
    await viewer.next('progress', ({ progress }) => progress.state === 'running' && progress.step > 2);
    control(12, 'pause');
    const { progress } = await viewer.next(
      'progress',
      (reply) => reply.progress.state === 'paused' && reply.progress.step > 2,
    );
    viewer.say({ type: 'probe', id: 13, run: RUN, field: SEA, longitude: 150, latitude: 35 });
    await viewer.next('probe');
    viewer.say({ type: 'stations', run: RUN });
    await viewer.next('stations');
    expect(run.live.progress().step).toBeLessThanOrEqual(progress.step + 1);
    viewer.say({ type: 'speed', id: 14, token: TOKEN, run: RUN });
    control(15, 'resume');
    expect(await stateHash(run)).toBe(alone);
    const last = await viewer.next('progress', (reply) => reply.progress.state === 'finished');
    expect(last.progress.stateHash).toBe(alone);
  });
});

it('a field that cannot be computed changes neither the bits of a run nor its outcome', async () => {
  const alone = await stateHash(await begin(RUN, { set: SILENT, watched: false }));
  const run = await begin(RUN, { set: SILENT, paused: true });
  const viewer = await visit(await serving(run));
  await viewer.next('run');
  const broken = run.live as unknown as { read(field: string): unknown };
  const { read } = broken;
  broken.read = function (this: unknown, field: string) {
    if (field !== 'sea_water_speed') return read.call(this, field);
    throw new Error('it cannot be computed');
  };
  const reports: unknown[] = [];
  run.live.report = (error) => reports.push(error);
  viewer.paysAtOnce = true;
  viewer.say({ type: 'watch', id: 1, run: RUN, field: 'sea_water_speed', level: 0, credits: 1 });
  viewer.say({ type: 'watch', id: 2, run: RUN, field: SEA, level: 0, credits: 1 });
  run.live.control.resume();
  viewer.say({ type: 'frame', id: 3, run: RUN, field: 'sea_water_speed', level: 0 });
  expect(await viewer.next('refused')).toMatchObject({ id: 3, code: 'not-possible' });
  await viewer.nextFrame(({ header }) => header.seconds === 7200);
  expect(await stateHash(run)).toBe(alone);
  expect(run.live.progress()).toMatchObject({ state: 'finished', stateHash: alone });
  expect(reports).toHaveLength(1);
});

it('a frame that cannot be packed leaves the way free for the next', async () => {
  const run = await begin(RUN, { set: LONG, paused: true });
  const viewer = await visit(await serving(run));
  await viewer.next('run');
  const broken = run.live as unknown as { frameOf(...args: unknown[]): { tile(index: number): unknown } };
  const { frameOf } = broken;
  broken.frameOf = function (this: unknown, ...args) {
    broken.frameOf = frameOf;
    return { ...frameOf.apply(this, args), tile: () => Promise.reject(new Error('it cannot be packed')) };
  };
  viewer.say({ type: 'watch', id: 1, run: RUN, field: 'sea_water_speed', level: 0, credits: 1 });
  run.live.control.resume();
  expect((await viewer.nextFrame()).header.step).toBeGreaterThan(0);
});

it('a pause counts as no time of computing', async () => {
  const run = await begin(RUN, { set: LONG });
  const viewer = await visit(await serving(run));
  const { progress } = await viewer.next('progress', (reply) => reply.progress.step > 0);
  const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
  run.live.control.pause();
  await wait(100);
  const [before, from] = [run.live.progress(), performance.now()];
  await wait(2000);
  run.live.control.resume();
  const { progress: after } = await viewer.next('progress', (reply) => reply.progress.step > before.step);
  const passed = (performance.now() - from) / 1000;
  expect(passed).toBeGreaterThan(1.9);
  expect(after.wallSeconds - before.wallSeconds).toBeLessThan(passed - 1.5);
  expect(after.realTimeFactor).toBeCloseTo(after.seconds / after.wallSeconds, 3);
  expect(progress.wallSeconds).toBeLessThan(after.wallSeconds);
});

describe('a viewer', () => {
  it('is told what runs there are, what the one it opens is, and how far it is', async () => {
    const run = await begin(RUN, { set: SILENT, paused: true });
    const viewer = await visit(await serving(run));
    const welcome = await viewer.next('welcome');
    expect(welcome).toMatchObject({ version: 1, shown: RUN, runs: [{ id: RUN, live: true }] });
    const { run: info, progress } = await viewer.next('run');
    expect(info).toMatchObject({
      equations: 'tsunami',
      firstField: SEA,
      levels: [0],
      duration: 7200,
      ground: 'surface_altitude',
    });
    expect(info.fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining([SEA, 'sea_water_speed', 'maximum_amplitude', 'arrival_time', 'surface_altitude']),
    );
    expect(info.fields[0]).toMatchObject({ title: 'Height of the sea surface', signed: true });
    const [low, high] = info.fields[0]!.limits;
    expect(high).toBe(-low);
    expect(high).toBeGreaterThan(0);
    expect(info.events).toMatchObject([{ magnitude: 9, title: 'Earthquake, magnitude 9.0' }]);
    expect(info.events[0]!.longitude).toBeCloseTo(143, 0);
    expect(info.stations).toHaveLength(5);
    expect(info.stations.filter(({ observed }) => observed).map(({ name }) => name)).toEqual(['21413', '21418']);
    expect(progress).toMatchObject({ state: 'paused', step: 0, seconds: 0 });
  });

  it('gets frames that hold the values of the run to half a step of their range', async () => {
    const run = await begin(RUN, { set: SILENT });
    await run.end;
    const viewer = await visit(await serving(run));
    viewer.say({ type: 'watch', id: 4, run: RUN, field: SEA, level: 0, credits: 1 });
    const frame = await viewer.nextFrame();
    expect(frame.header).toMatchObject({ id: 4, run: RUN, field: SEA, level: 0, seconds: 7200, cellsX: 48, tileX: 48 });
    const { memory } = run.live as unknown as { memory: Parameters<typeof outputField>[0] };
    const exact = outputField(memory, SEA);
    const found = valuesOf(frame);
    const half = (0.5001 * (frame.header.high - frame.header.low)) / 65534;
    found.forEach((panel, p) => {
      panel.forEach((value, cell) => {
        const due = exact[p]![cell]!;
        if (Number.isNaN(due)) expect(value).toBeNaN();
        else if (!(Math.abs(value - due) <= half)) expect(value).toBe(due);
      });
    });
  });

  it('gets no more frames than it has credit for, and the newest one when it pays', async () => {
    const run = await begin(RUN, { set: LONG });
    const viewer = await visit(await serving(run));
    await viewer.next('run');
    viewer.say({ type: 'watch', id: 1, run: RUN, field: SEA, level: 0, credits: 2 });
    const first = await viewer.nextFrame();
    const second = await viewer.nextFrame();
    expect(second.header.step).toBeGreaterThan(first.header.step);
    const later = second.header.step + 60;
    await viewer.next('progress', ({ progress }) => progress.step > later);
    expect(viewer.frames).toEqual([]);
    viewer.say({ type: 'credit', id: 1, frames: 1 });
    expect((await viewer.nextFrame()).header.step).toBeGreaterThan(later);
    viewer.say({ type: 'unwatch', id: 1 });
    viewer.say({ type: 'credit', id: 1, frames: 5 });
    const { progress } = await viewer.next('progress', (reply) => reply.progress.step > later + 60);
    expect(progress.state).toBe('running');
    expect(viewer.frames).toEqual([]);
  });

  it('that never reads delays neither the run nor another viewer', async () => {
    const run = await begin(RUN, { set: SILENT, paused: true });
    const gateway = await serving(run);
    const [slow, quick] = [await visit(gateway), await visit(gateway)];
    await slow.next('run');
    const before = process.memoryUsage().arrayBuffers;
    slow.socket.pause();
    for (let id = 0; id < 16; id++) slow.say({ type: 'watch', id, run: RUN, field: SEA, level: 0, credits: 1000 });
    quick.paysAtOnce = true;
    quick.say({ type: 'watch', id: 1, run: RUN, field: SEA, level: 0, credits: 1 });
    await quick.nextFrame();
    run.live.control.resume();
    const last = await quick.nextFrame(({ header }) => header.seconds === 7200);
    expect(last.header.step).toBe(run.prepared.steps);
    expect((await run.end).outcome).toBe('finished');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });

  it('goes back in time along the times that were kept', async () => {
    const run = await begin(RUN, { set: SILENT });
    await run.end;
    const viewer = await visit(await serving(run));
    const { progress } = await viewer.next('run');
    expect(progress.times[0]).toBe(0);
    expect(progress.times.length).toBeGreaterThan(1);
    expect(progress.times).toEqual([...progress.times].sort((a, b) => a - b));
    for (const [id, seconds] of progress.times.entries()) {
      viewer.say({ type: 'frame', id, run: RUN, field: SEA, level: 0, seconds });
      expect((await viewer.nextFrame()).header).toMatchObject({ id, seconds });
    }
    viewer.say({ type: 'frame', id: 99, run: RUN, field: SEA, level: 0, seconds: progress.times[1]! - 1 });
    expect((await viewer.nextFrame()).header.seconds).toBe(progress.times[0]);
  });
});

it('a run that has given way to another keeps its frames, and nothing at full size', async () => {
  const run = await begin(RUN, { set: SILENT });
  await run.end;
  const viewer = await visit(await serving(run));
  const { run: info } = await viewer.next('run');
  const at = { run: RUN, longitude: 150, latitude: 35 };
  const fields = [SEA, 'sea_water_speed', 'maximum_amplitude', 'surface_altitude'];
  const ask = async () => {
    const found = [];
    for (const [id, field] of fields.entries()) {
      viewer.say({ type: 'frame', id, run: RUN, field, level: 0 });
      const { header, tiles } = await viewer.nextFrame();
      viewer.say({ type: 'probe', id, field, ...at });
      const { value, ground } = await viewer.next('probe');
      found.push({ header: { ...header, captured: 0 }, tiles: tiles.map((tile) => [...tile]), value, ground });
    }
    return found;
  };
  const before = await ask();
  await run.live.release();
  const after = await ask();
  for (const [k, { header, tiles, value, ground }] of after.entries()) {
    expect({ header, tiles }).toEqual({ header: before[k]!.header, tiles: before[k]!.tiles });
    expect(Math.abs(value! - before[k]!.value!)).toBeLessThan(0.1 * (header.high - header.low));
    expect(ground).toBeLessThan(-1000);
  }
  viewer.say({ type: 'watch', id: 9, run: RUN, field: SEA, level: 0, credits: 2 });
  expect((await viewer.nextFrame()).header).toMatchObject({ id: 9, seconds: 7200 });
  viewer.say({ type: 'open', run: RUN });
  expect((await viewer.next('run')).run).toEqual(info);
  const kept = run.live as unknown as Record<string, unknown>;
  expect([kept.memory, kept.prepared]).toEqual([undefined, undefined]);
  expect((kept.latest as Map<string, unknown>).size).toBe(0);
  expect(run.live.keptBytes()).toBeGreaterThan(0);
  run.live.forget();
  viewer.say({ type: 'frame', id: 10, run: RUN, field: SEA, level: 0 });
  expect(await viewer.next('refused')).toMatchObject({ id: 10, code: 'not-possible' });
});

describe('levels and areas', () => {
  it('are means of blocks, cut into the tiles asked for', async () => {
    const set = [...SILENT, 'grid.cells=144', 'grid.tile=48', 'time.duration="30 min"'];
    const run = await begin(writeSmallOcean(newDirectory()), { set });
    await run.end;
    const viewer = await visit(await serving(run), run.live.id);
    const { run: info } = await viewer.next('run');
    expect(info.levels).toEqual([2, 1, 0]);
    const ask = async (level: number, tiles?: readonly number[]) => {
      viewer.say({ type: 'frame', id: level, run: run.live.id, field: SEA, level, ...(tiles ? { tiles } : {}) });
      return viewer.nextFrame();
    };
    const [fine, coarse] = [await ask(0), await ask(2)];
    expect(coarse.header).toMatchObject({ level: 2, cellsX: 36, cellsY: 36, tileX: 36 });
    const [blocks, means] = [valuesOf(fine), valuesOf(coarse)];
    const step = (fine.header.high - fine.header.low) / 65534;
    for (let j = 0; j < 36; j++) {
      for (let i = 0; i < 36; i++) {
        const cells = Array.from({ length: 16 }, (_, k) => blocks[2]![(4 * j + (k >> 2)) * 144 + 4 * i + (k & 3)]!);
        const wet = cells.filter((value) => !Number.isNaN(value));
        const mean = wet.reduce((sum, value) => sum + value, 0) / wet.length;
        const found = means[2]![j * 36 + i]!;
        if (wet.length === 0) expect(found).toBeNaN();
        else expect(Math.abs(found - mean)).toBeLessThan(2 * step);
      }
    }
    const part = await ask(0, [3, 5]);
    expect(part.header.tiles).toEqual([3, 5]);
    expect([...part.tiles[1]!]).toEqual([...fine.tiles[5]!]);
    viewer.say({ type: 'frame', id: 7, run: run.live.id, field: SEA, level: 3 });
    expect(await viewer.next('refused')).toMatchObject({ id: 7, code: 'not-possible' });
  });
});

describe('a probe', () => {
  it('at a station’s place is the station’s record, at stored and at captured times', async () => {
    const set = [
      'output.fields=[{name: sea_surface_height_above_mean_sea_level, every: 30 min}]',
      'time.duration="6 h"',
    ];
    const run = await begin(RUN, { set, paused: true });
    const viewer = await visit(await serving(run));
    const { run: info } = await viewer.next('run');
    const ask = async (id: number) => {
      const { longitude, latitude } = info.stations[id]!;
      viewer.say({ type: 'probe', id, run: RUN, field: SEA, longitude, latitude });
      return viewer.next('probe');
    };
    for (const id of info.stations.keys()) await ask(id);
    viewer.paysAtOnce = true;
    viewer.say({ type: 'watch', id: 1, run: RUN, field: SEA, level: 0, credits: 1 });
    run.live.control.resume();
    await run.end;
    viewer.say({ type: 'stations', run: RUN });
    const { stations } = await viewer.next('stations');
    const { records } = run.live as unknown as { records: { seconds: number[] }[] };
    expect(records).toHaveLength(info.stations.length);
    for (const [k, { id }] of info.stations.entries()) {
      const { series, seconds, value } = await ask(k);
      expect(seconds).toBe(21600);
      expect(value).toBe(series.values.at(-1));
      expect(series.seconds.length).toBeGreaterThanOrEqual(13);
      const { model } = stations.find((station) => station.id === id)!;
      const scale = Math.max(...model.values.map(Math.abs));
      let compared = 0;
      for (const [at, time] of series.seconds.entries()) {
        const same = model.seconds.findIndex((other) => Math.abs(other - time) < 1e-6);
        if (same < 0) continue;
        compared++;
        expect(Math.abs(series.values[at]! - model.values[same]!)).toBeLessThan(1e-6 * Math.max(scale, 1e-3));
      }
      expect(compared).toBeGreaterThan(1);
    }
    const observed = stations.find(({ id }) => id === '21413')!;
    expect(observed.observed!.seconds.length).toBeGreaterThan(100);
    expect(observed.score!.arrival.observed! / 60).toBeCloseTo(75, 0);
  });

  it('on land has the height of the ground and no value', async () => {
    const run = await begin(RUN, { set: SILENT });
    await run.end;
    const viewer = await visit(await serving(run));
    viewer.say({ type: 'probe', id: 1, run: RUN, field: SEA, longitude: 90, latitude: 35 });
    const reply = await viewer.next('probe');
    expect(reply.value).toBeUndefined();
    expect(reply.ground).toBeGreaterThan(3000);
    expect(reply.series.seconds).toEqual([]);
  });
});

it.each([
  ['galewsky', 'atmosphere_relative_vorticity', ['time.duration="10 min"']],
  ['nair-lauritzen', 'cosine_bells', ['time.duration="10 min"']],
  ['synolakis-1987', SEA, []],
])('every field of %s can be shown', async (name, first, more) => {
  const run = await begin(name, { set: [...SILENT, ...more] });
  await run.end;
  const viewer = await visit(await serving(run), name);
  const { run: info } = await viewer.next('run');
  for (const [id, { name: field, limits }] of info.fields.entries()) {
    viewer.say({ type: 'frame', id, run: name, field, level: 0 });
    const { header } = await viewer.nextFrame();
    expect(header.field).toBe(field);
    expect(limits[1], field).toBeGreaterThan(limits[0]);
  }
  expect(info.fields.map(({ name: field }) => field)).toContain(first);
});
