import { describe, expect, test } from 'vitest';
import * as zarr from 'zarrita';
import { makePlane } from '../../../engine/grid/plane.ts';
import { StoreError } from '../../../workers/store/errors.ts';
import { sha256Hex } from '../../../workers/store/state-hash.ts';
import { memoryStore, type Store } from '../../../workers/store/store.ts';
import { createRunStore, openForAppend, type Panels } from '../../../workers/store/zarr-output.ts';
import { openFloats, openRunGroup, readFloats, zarrReadable } from '../../../workers/store/zarr-reading.ts';
import { readStations } from '../../../workers/store/zarr-stations.ts';
import {
  description,
  FRAMES,
  fields,
  frameValues,
  grid,
  latitude,
  live,
  longitude,
  type Operation,
  provenance,
  recordingStore,
  sample,
  seconds,
  state,
  station,
} from './small-run.ts';

const hex = (values: ArrayBufferView): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
const joined = (panels: Panels): Float32Array | Float64Array => {
  const values = panels.flatMap((panel) => [...panel]);
  return panels[0] instanceof Float64Array ? Float64Array.from(values) : Float32Array.from(values);
};

async function wholeRun(): Promise<Map<string, Uint8Array>> {
  const map = new Map<string, Uint8Array>();
  await live(await createRunStore(memoryStore(map), description, { provenance }), 0);
  return map;
}

async function expectFrames(store: Store, frames: number, first = 0): Promise<void> {
  const root = await openRunGroup(store);
  for (const group of ['native', 'latlon']) {
    expect([...(await readFloats(root, `${group}/time`))]).toEqual(
      Array.from({ length: frames }, (_, at) => seconds(at)),
    );
  }
  for (let frame = first; frame < frames; frame++) {
    for (const name of ['sea_surface_height', 'speed']) {
      const panels = state(name, frame);
      expect(hex(await readFloats(root, `native/${name}`, [frame, null, null, null]))).toBe(hex(joined(panels)));
      expect(hex(await readFloats(root, `latlon/${name}`, [frame, null, null]))).toBe(hex(sample(panels)));
    }
  }
}

describe('a run’s Zarr store', () => {
  test('gives every value of the state back bit for bit', async () => {
    const store = memoryStore(await wholeRun());
    await expectFrames(store, FRAMES);
    const root = await openRunGroup(store);
    const maximum = state('maximum_amplitude', 9);
    expect(hex(await readFloats(root, 'native/maximum_amplitude'))).toBe(hex(joined(maximum)));
    expect(hex(await readFloats(root, 'latlon/maximum_amplitude'))).toBe(hex(sample(maximum)));
  });

  test('holds the grid’s cell centres, corners and areas', async () => {
    const root = await openRunGroup(memoryStore(await wholeRun()));
    const all = (get: (panel: number) => Float64Array) =>
      hex(joined(Array.from({ length: 6 }, (_, panel) => get(panel))));
    expect(hex(await readFloats(root, 'native/longitude'))).toBe(all((panel) => grid.geometry(panel).longitude));
    expect(hex(await readFloats(root, 'native/latitude'))).toBe(all((panel) => grid.geometry(panel).latitude));
    expect(hex(await readFloats(root, 'native/cell_area'))).toBe(all((panel) => grid.geometry(panel).area));
    expect(hex(await readFloats(root, 'native/longitude_corner'))).toBe(all((panel) => grid.corners(panel).longitude));
    expect(hex(await readFloats(root, 'native/latitude_corner'))).toBe(all((panel) => grid.corners(panel).latitude));
    expect([...(await readFloats(root, 'latlon/latitude'))]).toEqual([...latitude]);
    expect([...(await readFloats(root, 'latlon/longitude'))]).toEqual([...longitude]);
  });

  test('names dimensions, units and coordinates by the CF conventions, and stores a tile as a chunk', async () => {
    const root = await openRunGroup(memoryStore(await wholeRun()));
    expect(root.attrs).toMatchObject({ Conventions: 'CF-1.11', title: 'A small run' });
    const height = await openFloats(root, 'native/sea_surface_height');
    expect(height.dimensionNames).toEqual(['time', 'panel', 'y', 'x']);
    expect(height.chunks).toEqual([1, 1, 4, 4]);
    expect(height.attrs).toMatchObject({
      units: 'm',
      standard_name: 'sea_surface_height_above_mean_sea_level',
      coordinates: 'longitude latitude',
      cell_measures: 'area: cell_area',
    });
    const fill = Buffer.from(height.attrs._FillValue as string, 'base64').readDoubleLE();
    expect([fill, height.fillValue]).toEqual([Number.NaN, Number.NaN]);
    expect((await openFloats(root, 'latlon/speed')).dimensionNames).toEqual(['time', 'latitude', 'longitude']);
    expect((await openFloats(root, 'latlon/time')).attrs).toMatchObject({
      units: 'seconds since 2011-03-11 05:46:18',
      calendar: 'standard',
      standard_name: 'time',
    });
    expect((await openFloats(root, 'latlon/latitude')).attrs).toMatchObject({ units: 'degrees_north', axis: 'Y' });
  });

  test('says the same in each node’s own metadata and in the consolidated one', async () => {
    const map = await wholeRun();
    const json = (key: string) => JSON.parse(new TextDecoder().decode(map.get(key)));
    const members = json('zarr.json').consolidated_metadata.metadata as Record<string, { node_type: string }>;
    const onDisk = [...map.keys()].filter((key) => key.endsWith('/zarr.json')).map((key) => key.slice(0, -10));
    expect(Object.keys(members).sort()).toEqual(onDisk.sort());
    for (const [path, metadata] of Object.entries(members)) {
      if (metadata.node_type === 'array') expect(json(`${path}/zarr.json`)).toEqual(metadata);
    }
    for (const group of ['native', 'latlon', 'stations/21413']) {
      for (const [name, metadata] of Object.entries(json(`${group}/zarr.json`).consolidated_metadata.metadata)) {
        expect(metadata).toEqual(members[`${group}/${name}`]);
      }
    }
  });

  test('stores no chunk where nothing but land is, and one small chunk for a quiet tile', async () => {
    const map = await wholeRun();
    expect([...map.keys()].filter((key) => key.startsWith('native/sea_surface_height/c.0.5.'))).toEqual([]);
    const quiet = map.get('native/sea_surface_height/c.0.0.0.0') as Uint8Array;
    expect(quiet.length).toBeLessThan(32);
  });

  test('carries its provenance in the root and beside it', async () => {
    const map = await wholeRun();
    const root = await openRunGroup(memoryStore(map));
    expect(root.attrs.terrella_provenance).toMatchObject({ scenario: { identity: 'aa' }, wallSeconds: 60 });
    expect(JSON.parse(new TextDecoder().decode(map.get('provenance.json')))).toEqual(root.attrs.terrella_provenance);
  });

  test('keeps a field that a frame leaves out as missing there', async () => {
    const store = memoryStore();
    const run = await createRunStore(store, description);
    await run.writeFrame(0, 0, { speed: state('speed', 0) });
    const values = await readFloats(await openRunGroup(store), 'native/sea_surface_height', [0, null, null, null]);
    expect(values.length).toBe(384);
    expect(values.every(Number.isNaN)).toBe(true);
  });

  test('refuses frames out of order, fields it does not know, panels of another size, and a second run', async () => {
    const store = memoryStore();
    const run = await createRunStore(store, description);
    await expect(run.writeFrame(1, 0, {})).rejects.toMatchObject({ tag: 'FrameOutOfOrder' });
    await expect(run.writeFrame(0, 0, { depth: state('speed', 0) })).rejects.toMatchObject({ tag: 'FieldMismatch' });
    await expect(run.writeFrame(0, 0, { speed: state('speed', 0).slice(1) })).rejects.toThrow(/5 panels.*6 of 64/);
    await expect(run.writeStatic('speed', state('speed', 0))).rejects.toMatchObject({ tag: 'FieldMismatch' });
    await run.writeFrame(0, 10, frameValues(0));
    await expect(run.writeFrame(1, 10, frameValues(1))).rejects.toMatchObject({ tag: 'FrameOutOfOrder' });
    await expect(createRunStore(store, description)).rejects.toMatchObject({ tag: 'RunStoreMismatch' });
    expect((await createRunStore(store, description, { replace: true })).frames).toBe(0);
    expect((await store.list('native/speed/c.')).length).toBe(0);
  });
});

describe('a run stopped at any of its writes', () => {
  async function operationsOfARun() {
    const operations: Operation[] = [];
    const run = await createRunStore(recordingStore(memoryStore(), operations), description, { provenance });
    const checkpoints = [{ frames: 0, after: operations.length }];
    await live(run, 0, undefined, (frames) => checkpoints.push({ frames, after: operations.length }));
    return { operations, checkpoints };
  }

  /** After a chunk the frame shown last is read, after metadata all of them, and each group by itself. */
  async function expectReadable(store: Store, { key }: Operation): Promise<number> {
    const root = await openRunGroup(store);
    const frames = (await openFloats(root, 'native/time')).shape[0] as number;
    const metadata = key.endsWith('.json');
    if (frames > 0) await expectFrames(store, frames, metadata ? 0 : frames - 1);
    if (!metadata) return frames;
    for (const group of ['native', 'latlon']) {
      const readable = zarrReadable(store);
      const below = { get: (key: string) => readable.get(`/${group}${key}`) };
      const opened = zarr.root(await zarr.withConsolidatedMetadata(below, { format: 'v3' }));
      const arrays = ['time', 'sea_surface_height', 'speed'].map((name) =>
        zarr.open.v3(opened.resolve(name), { kind: 'array' }),
      );
      const lengths = (await Promise.all(arrays)).map(({ shape }) => shape[0] as number);
      expect(new Set(lengths).size).toBe(1);
      expect(lengths[0]).toBeGreaterThanOrEqual(frames);
    }
    for (const { seconds: times, values } of await readStations(store)) {
      expect(times).toEqual(times.map((_, at) => 60 * at));
      expect(values.sea_surface_height?.every(Number.isFinite)).toBe(true);
    }
    return frames;
  }

  test('leaves a store that opens, with every frame it shows whole, in each group by itself too', async () => {
    const map = new Map<string, Uint8Array>();
    const store = memoryStore(map);
    const { operations } = await operationsOfARun();
    let shown = 0;
    for (const operation of operations) {
      operation.apply(map);
      if (!map.has('zarr.json')) continue;
      const frames = await expectReadable(store, operation);
      expect(frames).toBeGreaterThanOrEqual(shown);
      shown = frames;
    }
    expect(operations.length).toBeGreaterThan(200);
    expect(shown).toBe(FRAMES);
  });

  test('and resumed from a checkpoint ends with the same bytes in every file, readable at every write', async () => {
    const whole = await wholeRun();
    const { operations, checkpoints } = await operationsOfARun();
    let resumed = 0;
    for (let count = 0; count <= operations.length; count += 31) {
      const map = new Map<string, Uint8Array>();
      for (const operation of operations.slice(0, count)) operation.apply(map);
      const store = memoryStore(map);
      if (!map.has('zarr.json')) continue;
      // Sometimes the newest checkpoint, sometimes the one before it.
      const frames = checkpoints.filter(({ after }) => after <= count).at(-1 - (count % 2))?.frames ?? 0;
      const before = new Map(map);
      const again: Operation[] = [];
      const from = { frames, seconds: seconds(frames - 1) };
      const { run, stations } = await openForAppend(recordingStore(store, again), description, from);
      await live(
        run,
        frames,
        stations.find((one) => one.station.id === station.id),
      );
      resumed++;
      expect([...map.keys()].sort()).toEqual([...whole.keys()].sort());
      for (const [key, bytes] of whole) expect(sha256Hex(map.get(key) as Uint8Array), key).toBe(sha256Hex(bytes));
      if (resumed % 5 !== 0) continue;
      for (const operation of again) {
        operation.apply(before);
        await expectReadable(memoryStore(before), operation);
      }
    }
    expect(resumed).toBeGreaterThan(5);
  });

  test('by a full disk says so, shows the frames before, and goes on once there is space', async () => {
    const whole = await wholeRun();
    const full = () => new StoreError('DiskFull', 'no space left');
    const map = new Map<string, Uint8Array>();
    const store = memoryStore(map);
    let room = Number.POSITIVE_INFINITY;
    const guarded: Store = {
      ...store,
      async set(...args) {
        if (room-- <= 0) throw full();
        await store.set(...args);
      },
    };
    const run = await createRunStore(guarded, description, { provenance });
    await run.writeFrame(0, seconds(0), frameValues(0));
    let failures = 0;
    for (let given = 0; run.frames === 1; given++) {
      room = given;
      await run.writeFrame(1, seconds(1), frameValues(1)).catch((error: StoreError) => {
        expect(error.tag).toBe('DiskFull');
        failures++;
      });
      if (run.frames === 1) await expectFrames(store, 1);
    }
    expect(failures).toBeGreaterThan(50);
    room = Number.POSITIVE_INFINITY;
    await expectFrames(store, 2);
    const again = memoryStore();
    const straight = await createRunStore(again, description, { provenance });
    for (const frame of [0, 1]) await straight.writeFrame(frame, seconds(frame), frameValues(frame));
    expect([...map.keys()].sort()).toEqual(await again.list(''));
    expect(whole.size).toBeGreaterThan(map.size);
  });
});

describe('going on with a run’s store', () => {
  test('is refused for another grid, other fields, and a checkpoint ahead of it', async () => {
    const store = memoryStore(await wholeRun());
    const open = (other: typeof description, frames: number) => openForAppend(store, other, { frames, seconds: 0 });
    await expect(open({ ...description, fields: fields.slice(1) }, 1)).rejects.toMatchObject({
      tag: 'RunStoreMismatch',
    });
    const otherGrid = { ...grid, fingerprint: 'other', geometry: grid.geometry, corners: grid.corners };
    await expect(open({ ...description, grid: otherGrid }, 1)).rejects.toThrow(/the grid differs/);
    await expect(open(description, FRAMES + 1)).rejects.toThrow(/after 4 frames.*holds 3/);
    await expect(openForAppend(memoryStore(), description, { frames: 0, seconds: 0 })).rejects.toMatchObject({
      tag: 'RunStoreMissing',
    });
  });
});

describe('a run on a plane', () => {
  test('has x and y in metres with bounds, and no latitudes', async () => {
    const plane = makePlane({
      cellsX: 6,
      cellsY: 4,
      tileX: 3,
      tileY: 2,
      sizeX: 60,
      sizeY: 20,
      boundary: { x: 'wall', y: 'wall' },
      halo: 2,
    });
    const store = memoryStore();
    const field = { ...fields[0]!, name: 'height' };
    const { latLon: _, ...rest } = description;
    const run = await createRunStore(store, { ...rest, grid: plane, fields: [field] });
    const values = Float32Array.from({ length: 24 }, (_, at) => at / 3);
    await run.writeFrame(0, 0, { height: [values] });
    const root = await openRunGroup(store);
    expect([...(await readFloats(root, 'native/x'))]).toEqual([5, 15, 25, 35, 45, 55]);
    expect([...(await readFloats(root, 'native/y'))]).toEqual([2.5, 7.5, 12.5, 17.5]);
    expect([...(await readFloats(root, 'native/y_bounds'))]).toEqual([0, 5, 5, 10, 10, 15, 15, 20]);
    expect((await openFloats(root, 'native/x')).attrs).toMatchObject({ units: 'm', bounds: 'x_bounds' });
    expect(hex(await readFloats(root, 'native/height', [0, 0, null, null]))).toBe(hex(values));
    await expect(createRunStore(memoryStore(), { ...description, grid: plane })).rejects.toThrow(/no latitudes/);
  });
});
