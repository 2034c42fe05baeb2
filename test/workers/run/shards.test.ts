import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Following, Simulation } from '../../../engine/simulation/simulation.ts';
import { loadNamed } from '../../../workers/cli/load.ts';
import { prepareRun, type RunSettings } from '../../../workers/run/prepare.ts';
import { sha256Hex } from '../../../workers/store/state-hash.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { Mailbox, scattered, startShards, together, whole } from './shards.ts';
import { prepareSmall, writeSmallOcean } from './small-ocean.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

async function small(set: readonly string[], settings: Partial<RunSettings>) {
  return (await prepareSmall(file, ['grid.cells=48', 'grid.tile=24', ...set], settings)).prepared.options;
}

describe('a run shared by several processes has the bits of one', () => {
  const cases: readonly [string, number, readonly string[], Partial<RunSettings>][] = [
    ['2 shards', 2, [], {}],
    ['3 shards of tiles of 12, float64', 3, ['grid.tile=12', 'model.precision=float64'], {}],
    ['6 shards, nothing skipped', 6, [], { skipRest: false }],
    ['2 shards of 2 threads', 2, [], { threads: 2 }],
    ['3 shards with a thread of their own, tiles of 12', 3, ['grid.tile=12'], { ownThreads: true }],
  ];
  test.each(DEEP ? cases : cases.filter((_, k) => k % 2 === 0))('%s', async (_, nodes, set, settings) => {
    const options = await small(set, settings);
    const alone = await Simulation.start(await small(set, { ...settings, threads: 1, ownThreads: false }));
    await alone.advanceTo(40);
    const owners = scattered(options.grid.tiles.length, nodes);
    const shards = await startShards(options, owners);
    try {
      expect(await Promise.all(shards.map((shard) => shard.advanceTo(17)))).toEqual(
        shards.map(() => ({ outcome: 'done' })),
      );
      await Promise.all(shards.map((shard) => shard.advanceTo(40)));
      expect(together(shards, owners)).toEqual(whole(alone));
      expect(shards.reduce((sum, { work }) => sum + work.computed, 0)).toBe(alone.work.computed);
    } finally {
      await Promise.all(shards.map((shard) => shard.close()));
      await alone.close();
    }
  });

  test('that begin from the tiles of others, in the middle of two earthquakes', async () => {
    const quake = (begin: string, slip: string) =>
      `{type: earthquake, faults: [{longitude: 44, latitude: 37, depth: 12 km, length: 400 km, width: 150 km, strike: 50, dip: 20, rake: 80, slip: ${slip}, begin: ${begin}, rise: 40 min}]}`;
    const options = await small([`sources=[${quake('9 min', '7 m')}, ${quake('0 s', '3.3 m')}]`], {});
    const alone = await Simulation.start(options);
    await alone.advanceTo(40);
    const [before, after] = [3, 2].map((nodes) => scattered(options.grid.tiles.length, nodes)) as [number[], number[]];
    const first = await startShards(options, before);
    await Promise.all(first.map((shard) => shard.advanceTo(9)));
    const tiles = new Map(before.map((owner, tile) => [tile, first[owner]!.saveTile(tile)]));
    const second = await startShards(options, after, { step: 9, tiles });
    await Promise.all(second.map((shard) => shard.advanceTo(40)));
    expect(together(second, after)).toEqual(whole(alone));
    const beds = [alone, ...second].map(({ run }) => run.read('bed'));
    expect(beds[1]).toEqual(beds[0]);
    expect(beds[2]).toEqual(beds[0]);
  });

  test('and whoever follows them has all of it: state, samples, sums', async () => {
    const options = await small([], {});
    const tell = (into: Float64Array[]) => (step: number, values: Float64Array) => {
      into[step] = values;
    };
    const alone = await Simulation.start(options);
    const taken: Float64Array[] = [];
    alone.onSample = tell(taken);
    await alone.advanceTo(40);
    const owners = scattered(options.grid.tiles.length, 3);
    const shards = await startShards(options, owners);
    const cuts = [1, 7, 24, 40];
    const parts: Float64Array[][] = shards.map(() => []);
    shards.forEach((shard, k) => {
      shard.onSample = tell(parts[k]!);
    });
    const hashes = new Map<number, string>();
    const following: Following = {
      next: async (step, target) => {
        const to = cuts.find((cut) => cut > step)!;
        expect(to).toBeLessThanOrEqual(target);
        const computed = shards.reduce((sum, { work }) => sum - work.computed, 0);
        await Promise.all(shards.map((shard) => shard.advanceTo(to)));
        const bytes = new Map(owners.map((owner, tile) => [tile, shards[owner]!.saveTile(tile)]));
        const tiles = new Map([...bytes].filter(([tile, state]) => hashes.get(tile) !== sha256Hex(state)));
        for (const [tile, state] of tiles) hashes.set(tile, sha256Hex(state));
        return {
          step: to,
          tiles,
          samples: Array.from({ length: to - step }, (_, k) => {
            const values = new Float64Array(options.samples.length);
            shards.forEach(({ run }, s) => {
              for (const point of run.ownSamples()) values[point] = parts[s]![step + k]![point]!;
            });
            return values;
          }),
          books: shards.map((shard) => shard.takeBooks()),
          computed: computed + shards.reduce((sum, { work }) => sum + work.computed, 0),
        };
      },
      stop: () => {},
    };
    const follower = await Simulation.follow(options, following);
    const heard: Float64Array[] = [];
    follower.onSample = tell(heard);
    try {
      expect(await follower.advanceTo(24)).toEqual({ outcome: 'done' });
      await follower.advanceTo(40);
      expect(follower.step).toBe(40);
      expect(follower.save()).toEqual(alone.save());
      expect(heard).toEqual(taken);
      expect(follower.massRelativeDrift()).toBe(alone.massRelativeDrift());
      expect(follower.sampleNow()).toEqual(alone.sampleNow());
      expect(follower.work.computed).toBe(alone.work.computed);
    } finally {
      await Promise.all([...shards, follower, alone].map((one) => one.close()));
    }
  });

  test('2 shards tell each other of cells whose bits have changed, and of those alone', async () => {
    const { scenario } = await loadNamed('tohoku-2011', { small: true, set: ['grid.cells=192', 'grid.tile=32'] });
    const settings = { threads: 1, form: 'wasm', skipRest: true, cache: memoryStore() } as const;
    const { options } = await prepareRun(scenario, settings);
    const owners = scattered(options.grid.tiles.length, 2);
    const mail = new Mailbox();
    const shards = await startShards(options, owners, undefined, { mail });
    try {
      await Promise.all(shards.map((shard) => shard.advanceTo(6)));
      const computed = shards.reduce((sum, { work }) => sum + work.computed, 0);
      expect(computed).toBeLessThan(shards[0]!.work.offered / 2);
      // A step has four rounds; in the first one everything is new.
      const [first, late] = [mail.sent.slice(0, 4), mail.sent.slice(20, 24)].map((bytes) => Math.max(...bytes));
      expect(late).toBeGreaterThan(0);
      expect(late).toBeLessThan(first! / 2);
    } finally {
      await Promise.all(shards.map((shard) => shard.close()));
    }
  });

  test('4 shards of an atmosphere of fourth order', async () => {
    const { scenario } = await loadNamed('galewsky', { small: true, set: ['grid.cells=24', 'grid.tile=12'] });
    const settings = { threads: 1, form: 'wasm', skipRest: true, cache: memoryStore() } as const;
    const { options } = await prepareRun(scenario, settings);
    const alone = await Simulation.start(options);
    await alone.advanceTo(12);
    const owners = scattered(options.grid.tiles.length, 4);
    const shards = await startShards(options, owners);
    await Promise.all(shards.map((shard) => shard.advanceTo(12)));
    expect(together(shards, owners)).toEqual(whole(alone));
  });
});
