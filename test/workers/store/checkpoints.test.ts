import { describe, expect, test } from 'vitest';
import { CHAIN_START, chainStateHash } from '../../../engine/simulation/state-hash.ts';
import {
  latestGoodCheckpoint,
  listCheckpoints,
  type RunState,
  readCheckpoint,
  writeCheckpoint,
} from '../../../workers/store/checkpoints.ts';
import { StoreError } from '../../../workers/store/errors.ts';
import { fastStateHash } from '../../../workers/store/state-hash.ts';
import { memoryStore, type Store } from '../../../workers/store/store.ts';

const [cellsX, cellsY] = [5, 3];
const wave = (step: number, wide = false): (Float32Array | Float64Array)[] =>
  [0, 1].map((panel) => {
    const values = Array.from({ length: 15 }, (_, at) => (at - 7) / (3 + step + panel));
    return wide ? Float64Array.from(values) : Float32Array.from(values);
  });

const stateAt = (step: number): RunState => ({
  scenario: 'aa',
  gridFingerprint: 'ff',
  cellsX,
  cellsY,
  step,
  seconds: step * 36.875,
  timeStep: 36.875,
  precision: 'float32',
  prognostic: [
    { name: 'eta', panels: wave(step) },
    { name: 'transport', panels: wave(step + 1, true) },
  ],
  auxiliary: [{ name: 'arrival_time', panels: wave(step).map((panel) => panel.fill(Number.NaN, 3, 9)) }],
  extra: { frames: step, pending: ['a'] },
});

const engineVersion = '0.1.0';
const options = { engineVersion, previousChain: CHAIN_START };
const hex = (values: ArrayBufferView): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

async function storeWith(
  ...steps: number[]
): Promise<{ store: Store; map: Map<string, Uint8Array>; keys: readonly string[] }> {
  const map = new Map<string, Uint8Array>();
  const store = memoryStore(map);
  for (const step of steps) await writeCheckpoint(store, stateAt(step), { ...options, keep: 9 });
  return { store, map, keys: await listCheckpoints(store) };
}

describe('a checkpoint', () => {
  test('gives the exact state back, and its place in the chain', async () => {
    const store = memoryStore();
    const written = await writeCheckpoint(store, stateAt(7), options);
    const found = await readCheckpoint(store, written.key, { engineVersion, scenario: 'aa' });
    const state = stateAt(7);
    expect(found).toMatchObject({ step: 7, seconds: 258.125, timeStep: 36.875, cellsX, cellsY, extra: state.extra });
    for (const role of ['prognostic', 'auxiliary'] as const) {
      expect(found[role].map(({ name }) => name)).toEqual(state[role].map(({ name }) => name));
      found[role].forEach(({ panels }, field) => {
        panels.forEach((panel, at) => {
          const original = state[role][field]?.panels[at] as Float32Array;
          expect(panel.constructor).toBe(original.constructor);
          expect(hex(panel)).toBe(hex(original));
        });
      });
    }
    expect(found.stateHash).toBe(fastStateHash(state.prognostic));
    expect(found.chain).toBe(chainStateHash(CHAIN_START, found.stateHash, 7));
  });

  test('of the same state has the same bytes', async () => {
    const [one, two] = [await storeWith(7), await storeWith(7)];
    expect(hex(one.map.get(one.keys[0] as string) as Uint8Array)).toBe(
      hex(two.map.get(two.keys[0] as string) as Uint8Array),
    );
  });

  test('with any one bit wrong, or cut anywhere, is damaged and never read', async () => {
    const { store, map, keys } = await storeWith(7);
    const key = keys[0] as string;
    const whole = map.get(key) as Uint8Array;
    const header = 48 + new DataView(whole.buffer).getUint32(8, true);
    let refused = 0;
    const sections = JSON.parse(new TextDecoder().decode(whole.subarray(48, header))).sections as {
      panels: { offset: number; length: number }[];
    }[];
    const ranges = sections.flatMap(({ panels }) => panels);
    for (let at = 0; at < whole.length; at += at < 64 ? 1 : 3) {
      // Bytes 44 … 47 and the gaps that align panels carry nothing.
      const inPanel = ranges.some(({ offset, length }) => at >= header + offset && at < header + offset + length);
      if ((at >= 44 && at < 48) || (at >= header && !inPanel)) continue;
      const bad = new Uint8Array(whole);
      bad[at] = (bad[at] as number) ^ (1 << (at % 8));
      map.set(key, bad);
      await expect(readCheckpoint(store, key, { engineVersion })).rejects.toMatchObject({ tag: 'CheckpointDamaged' });
      refused++;
    }
    const lastByte = header + Math.max(...ranges.map(({ offset, length }) => offset + length));
    for (const length of [0, 10, 47, 48, header - 1, header, lastByte - 1]) {
      map.set(key, whole.subarray(0, length));
      await expect(readCheckpoint(store, key, { engineVersion })).rejects.toMatchObject({ tag: 'CheckpointDamaged' });
    }
    expect(refused).toBeGreaterThan(500);
  });

  test('of another engine version is refused unless forced; of another scenario, always', async () => {
    const { store, keys } = await storeWith(7);
    const key = keys[0] as string;
    await expect(readCheckpoint(store, key, { engineVersion: '0.2.0' })).rejects.toThrow(
      /CheckpointFromOtherVersion: .*engine 0\.1\.0, this is 0\.2\.0.*--force/,
    );
    expect((await readCheckpoint(store, key, { engineVersion: '0.2.0', force: true })).step).toBe(7);
    await expect(readCheckpoint(store, key, { engineVersion, scenario: 'bb', force: true })).rejects.toMatchObject({
      tag: 'CheckpointFromOtherScenario',
    });
    await expect(readCheckpoint(store, 'checkpoint-000000000009.terrella', { engineVersion })).rejects.toThrow(
      /CheckpointMissing: .*checkpoint-000000000007/,
    );
  });

  test('is never made of a state with a NaN or an infinity, and says where it is', async () => {
    const { store, map } = await storeWith(7);
    const before = [...map.keys()];
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const state = stateAt(8);
      (state.prognostic[1]?.panels[1] as Float64Array)[2 * cellsX + 4] = value;
      await expect(writeCheckpoint(store, state, options)).rejects.toThrow(
        new RegExp(`StateNotFinite: transport is ${value} at panel 1, i 4, j 2`),
      );
    }
    expect([...map.keys()]).toEqual(before);
  });
});

describe('the checkpoints of a run', () => {
  test('are the newest K, and those of steps that a resume left behind go', async () => {
    const { store } = await storeWith(10, 20, 30);
    await writeCheckpoint(store, stateAt(40), options);
    expect(await listCheckpoints(store)).toEqual([
      'checkpoint-000000000030.terrella',
      'checkpoint-000000000040.terrella',
    ]);
    await writeCheckpoint(store, stateAt(35), options);
    expect(await listCheckpoints(store)).toEqual([
      'checkpoint-000000000030.terrella',
      'checkpoint-000000000035.terrella',
    ]);
  });

  test('fall back to the one before a damaged one, and say so', async () => {
    const { store, map, keys } = await storeWith(10, 20, 30);
    for (const key of keys.slice(1)) map.set(key, (map.get(key) as Uint8Array).subarray(0, 900));
    const { found, damaged } = await latestGoodCheckpoint(store, { engineVersion });
    expect(found?.checkpoint.step).toBe(10);
    expect(damaged.map(({ key, error }) => [key, error.tag])).toEqual([
      [keys[2], 'CheckpointDamaged'],
      [keys[1], 'CheckpointDamaged'],
    ]);
    expect((await latestGoodCheckpoint(memoryStore(), { engineVersion })).found).toBeUndefined();
    await expect(latestGoodCheckpoint(store, { engineVersion: '9' })).rejects.toMatchObject({
      tag: 'CheckpointFromOtherVersion',
    });
  });

  test('outlive a full disk: the last good one is there and whole', async () => {
    const { store } = await storeWith(10);
    const full: Store = {
      ...store,
      set: async () => {
        throw new StoreError('DiskFull', 'no space left');
      },
    };
    await expect(writeCheckpoint(full, stateAt(20), { ...options, keep: 1 })).rejects.toMatchObject({
      tag: 'DiskFull',
    });
    expect((await latestGoodCheckpoint(store, { engineVersion })).found?.checkpoint.step).toBe(10);
  });
});
