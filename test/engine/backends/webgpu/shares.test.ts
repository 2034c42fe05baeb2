import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ComputeDevice } from '../../../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../../../engine/backends/webgpu/step-on-device.ts';
import { Simulation, type SimulationOptions } from '../../../../engine/simulation/simulation.ts';
import { loadNamed } from '../../../../workers/cli/load.ts';
import { prepareRun } from '../../../../workers/run/prepare.ts';
import { memoryStore } from '../../../../workers/store/store.ts';
import { startThreads } from '../../../../workers/threads/thread-pool.ts';
import { scattered, startShards, together, whole } from '../../../workers/run/shards.ts';
import { prepareSmall, writeSmallOcean } from '../../../workers/run/small-ocean.ts';
import { FURTHEST } from '../verdicts.ts';
import { openDevice, webgpuTier } from './device.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** Two earthquakes, one after the other, on land and shore that several shares have. */
const QUAKES = [
  ['9 min', '7 m'],
  ['0 s', '3.3 m'],
].map(
  ([begin, slip]) =>
    `{type: earthquake, faults: [{longitude: 44, latitude: 37, depth: 12 km, length: 400 km, width: 150 km, strike: 50, dip: 20, rake: 80, slip: ${slip}, begin: ${begin}, rise: 40 min}]}`,
);

const optionsOf = {
  tsunami: async () => {
    const set = ['grid.cells=48', 'grid.tile=24', `sources=[${QUAKES.join(', ')}]`];
    return (await prepareSmall(file, set, {})).prepared.options;
  },
  // Its derived fields are exchanged too: two rounds a stage.
  'shallow water': async () => {
    const set = ['grid.cells=24', 'grid.tile=12', 'model.precision=float32'];
    const { scenario } = await loadNamed('galewsky', { small: true, set });
    const settings = { threads: 1, form: 'wasm', skipRest: true, cache: memoryStore() } as const;
    return (await prepareRun(scenario, settings)).options;
  },
} satisfies Record<string, () => Promise<SimulationOptions>>;

type Fields = ReturnType<typeof whole>;

/** The largest difference of each field, as a share of what it has moved by. */
function differences(found: Fields, expected: Fields, start: Fields): number[] {
  return expected.map((panels, field) => {
    let [furthest, moved] = [0, 0];
    panels.forEach((panel, p) => {
      panel.forEach((value, cell) => {
        furthest = Math.max(furthest, Math.abs(value - found[field]![p]![cell]!));
        moved = Math.max(moved, Math.abs(value - start[field]![p]![cell]!));
      });
    });
    return furthest / (moved || 1);
  });
}

webgpuTier('shares of a run on a device', () => {
  let shared: Promise<ComputeDevice> | undefined;
  const device = () => {
    shared ??= openDevice();
    return shared;
  };
  afterAll(async () => (await shared)?.close());

  test.each([
    ['tsunami', 'two devices and a processor', 3, [0, 2]],
    ['shallow water', 'a device and a processor', 2, [1]],
  ] as const)('%s: %s together give what one processor gives', async (model, _, shares, onDevice) => {
    const gpu = await device();
    const options = await optionsOf[model]();
    const alone = await Simulation.start(options);
    const start = whole(alone);
    const owners = scattered(options.grid.tiles.length, shares);
    const isOnDevice = (self: number) => onDevice.some((one) => one === self);
    const shards = await startShards(options, owners, undefined, {
      formOf: (self) => (isOnDevice(self) ? 'wgsl' : options.form),
      begin: (run, exchange) =>
        run.options.form === 'wgsl' ? stepOnDevice(run, gpu, { exchange }) : startThreads(run, exchange),
    });
    const seen: number[][] = shards.map(() => []);
    const taken: number[] = [];
    alone.onSample = (_step, values) => taken.push(...values);
    shards.forEach((shard, self) => {
      const own = new Set(shard.run.ownSamples());
      shard.onSample = (_step, values) => seen[self]!.push(...[...values].map((value, k) => (own.has(k) ? value : 0)));
    });
    try {
      await alone.advanceTo(8);
      for (const to of [3, 8])
        expect(await Promise.all(shards.map((shard) => shard.advanceTo(to)))).toEqual(
          shards.map(() => ({ outcome: 'done' })),
        );
      await Promise.all(shards.map((shard) => shard.fetch()));
      const found = differences(together(shards, owners), whole(alone), start);
      console.log(`${model}: largest differences ${found.map((one) => one.toPrecision(2)).join(', ')}`);
      for (const difference of found) expect(difference).toBeLessThan(FURTHEST);
      expect(shards.reduce((sum, { work }) => sum + work.computed, 0)).toBe(alone.work.computed);
      const sums = taken.map((_, k) => seen.reduce((sum, values) => sum + values[k]!, 0));
      const scale = Math.max(...taken.map(Math.abs));
      sums.forEach((value, k) => {
        expect(Math.abs(value - taken[k]!)).toBeLessThanOrEqual(FURTHEST * scale);
      });
    } finally {
      await Promise.all([...shards, alone].map((one) => one.close()));
    }
  });

  test('are given up where halos will not come, and cannot be without anybody to bring them', async () => {
    const gpu = await device();
    const options = await optionsOf.tsunami();
    const owners = scattered(options.grid.tiles.length, 2);
    const share = { ...options, form: 'wgsl', ownership: { owners, self: 0 } } as const;
    await expect(Simulation.start(share, (run) => stepOnDevice(run, gpu))).rejects.toThrow(/^NotOnDevice: /);
    let rounds = 0;
    const given = await Simulation.start(share, (run) =>
      stepOnDevice(run, gpu, { exchange: async () => ++rounds < 6 }),
    );
    expect(await given.advanceTo(9)).toEqual({ outcome: 'abandoned' });
    expect(rounds).toBe(6);
    await given.close();
  });

  test('that end while they compute leave the device to others', async () => {
    const gpu = await device();
    const options = await optionsOf.tsunami();
    const owners = scattered(options.grid.tiles.length, 2);
    const share = { ...options, form: 'wgsl', ownership: { owners, self: 0 } } as const;
    const ending = await Simulation.start(share, (run) => stepOnDevice(run, gpu, { exchange: async () => true }));
    const going = ending.advanceTo(9).then(({ outcome }) => outcome, String);
    await ending.close();
    expect(await going).toMatch(/^abandoned$|DeviceLost: the run was closed/);
    await expect(ending.fetch()).rejects.toThrow(/^DeviceLost: the run was closed/);
    await gpu.device.queue.onSubmittedWorkDone();
    gpu.check();
  });
});
