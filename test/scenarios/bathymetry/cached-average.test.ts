import { describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { cachedAverage, decodeBed, encodeBed } from '../../../scenarios/bathymetry/cached-average.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import { writeElevation } from '../../../scenarios/bathymetry/write-elevation.ts';
import { EARTH, globe, gridOf } from './grids.ts';
import { sequence, temporaryFolder } from './temporary-files.ts';

const folder = temporaryFolder();
const sphere = (cells: number, tile: number) => makeCubedSphere({ cells, tile, radius: EARTH, halo: 3 });

function mapStore() {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    get: async (key: string) => entries.get(key),
    set: async (key: string, bytes: Uint8Array) => void entries.set(key, bytes),
  };
}

async function bathymetryFile(name: string, seed: number) {
  const file = folder.path(name);
  const random = sequence(seed);
  await writeElevation(
    file,
    gridOf(globe(10, 'node'), () => -5000 * random()),
    {},
  );
  const opened = { count: 0 };
  const read = async (sha256: string) => {
    opened.count++;
    return readElevation(file, {}, sha256);
  };
  return { file, read, key: '', opened };
}

describe('the cache of averaged beds', () => {
  it('gives the bits it was given, without opening the data', async () => {
    const input = await bathymetryFile('a.nc', 1);
    const store = mapStore();
    const plain = await cachedAverage(sphere(24, 24), [input]);
    const missed = await cachedAverage(sphere(24, 24), [input], store);
    const hit = await cachedAverage(sphere(24, 12), [input], store);
    expect([plain.cached, missed.cached, hit.cached]).toEqual([false, false, true]);
    expect(missed.panels).toEqual(plain.panels);
    expect(hit.panels).toEqual(plain.panels);
    expect(input.opened.count).toBe(2);
  });

  it('keeps other data, other grids and other readings of a file apart', async () => {
    const [a, b] = [await bathymetryFile('a.nc', 1), await bathymetryFile('b.nc', 2)];
    const store = mapStore();
    for (const [cells, inputs] of [
      [24, [a]],
      [32, [a]],
      [24, [b]],
      [24, [a, b]],
      [24, [{ ...a, key: 'z' }]],
    ] as const) {
      expect((await cachedAverage(sphere(cells, cells), inputs, store)).cached).toBe(false);
    }
    expect(store.entries.size).toBe(5);
  });

  it('notices a damaged entry, computes it anew and replaces it', async () => {
    const input = await bathymetryFile('a.nc', 1);
    const store = mapStore();
    const { panels } = await cachedAverage(sphere(24, 24), [input], store);
    const [[key, sound]] = [...store.entries] as [[string, Uint8Array]];
    const flipped = Uint8Array.from(sound);
    flipped[1000]! ^= 1;
    for (const damaged of [flipped, sound.slice(0, -8), new Uint8Array(0), new Uint8Array(sound.length)]) {
      store.entries.set(key, damaged);
      const again = await cachedAverage(sphere(24, 24), [input], store);
      expect(again.cached).toBe(false);
      expect(again.panels).toEqual(panels);
      expect(store.entries.get(key)).toEqual(sound);
    }
  });

  it('is not changed by what a caller does to the bed', async () => {
    const input = await bathymetryFile('a.nc', 1);
    const store = mapStore();
    const first = await cachedAverage(sphere(24, 24), [input], store);
    const original = first.panels[3]![5];
    first.panels[3]![5] = 1e9;
    const second = await cachedAverage(sphere(24, 24), [input], store);
    second.panels[3]![5] = 1e9;
    expect((await cachedAverage(sphere(24, 24), [input], store)).panels[3]![5]).toBe(original);
  });

  it('does without a store that fails', async () => {
    const input = await bathymetryFile('a.nc', 1);
    const broken = {
      get: async (): Promise<undefined> => {
        throw new Error('the disk is gone');
      },
      set: async (): Promise<void> => {
        throw new Error('the disk is full');
      },
    };
    expect((await cachedAverage(sphere(24, 24), [input], broken)).cached).toBe(false);
  });

  it('decodes what lies at any offset of a buffer', () => {
    const grid = sphere(8, 8);
    const panels = Array.from({ length: 6 }, (_, panel) =>
      Float64Array.from({ length: 64 }, (__, k) => panel + 1 / (k + 1)),
    );
    const bytes = encodeBed(panels);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeBed(grid, shifted.subarray(3))).toEqual(panels);
  });
});
