import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Simulation } from '../../../engine/simulation/simulation.ts';
import type { RunSettings } from '../../../workers/run/prepare.ts';
import { startThreads } from '../../../workers/threads/thread-pool.ts';
import { fingerprint, prepareSmall, writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const STEPS = DEEP ? 110 : 40;

interface Variant extends Partial<RunSettings> {
  readonly cells?: number;
  readonly tile?: number;
  /** Ask for a pause again and again. */
  readonly paused?: true;
}

async function bitsAfter(steps: number, precision: string, variant: Variant) {
  const { cells = 48, tile = 24, paused, ...settings } = variant;
  const set = [`model.precision=${precision}`, `grid.cells=${cells}`, `grid.tile=${tile}`];
  const { prepared } = await prepareSmall(file, set, settings);
  const simulation = await Simulation.start(prepared.options, startThreads);
  const samples: number[] = [];
  simulation.onSample = (_, values) => samples.push(...values);
  try {
    const asking = paused && setInterval(() => simulation.pause(), 3);
    let pauses = 0;
    while (simulation.step < steps) {
      expect(await simulation.advanceTo(steps)).toEqual({ outcome: 'done' });
      pauses += Number(simulation.step < steps);
    }
    clearInterval(asking);
    expect(pauses > 0).toBe(paused ?? false);
    const { computed, offered } = simulation.work;
    return { bits: { ...fingerprint(simulation), samples }, skipped: computed < offered };
  } finally {
    await simulation.close();
  }
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  '2 threads': { threads: 2 },
  '3 threads, tiles of 8': { threads: 3, tile: 8 },
  'nothing skipped, a thread of its own, tiles of 48': { skipRest: false, ownThreads: true, tile: 48 },
  'paused, a thread of its own': { paused: true, ownThreads: true },
  'paused, 3 threads': { paused: true, threads: 3 },
};

const MORE: Readonly<Record<string, Variant>> = {
  'more threads than tiles': { threads: 7, tile: 48 },
  'nothing skipped, 3 threads, tiles of 16': { skipRest: false, threads: 3, tile: 16 },
  'tiles of 12': { tile: 12 },
  'tiles of 6 on 2 threads': { tile: 6, threads: 2 },
  'emitted JavaScript': { form: 'js' },
  'emitted JavaScript on 3 threads, tiles of 16': { form: 'js', threads: 3, tile: 16 },
};

describe.each(['float32', 'float64'])('in %s a run has the same bits', (precision) => {
  let usual: Awaited<ReturnType<typeof bitsAfter>>;
  beforeAll(async () => {
    usual = await bitsAfter(STEPS, precision, {});
  });

  test('and tiles at rest are skipped in it, and the wave is there', () => {
    expect(usual.skipped).toBe(true);
    expect(Math.max(...usual.bits.samples.map(Math.abs))).toBeGreaterThan(0.05);
  });

  test.each(Object.entries(DEEP ? { ...VARIANTS, ...MORE } : VARIANTS))('with %s', async (_, variant) => {
    expect((await bitsAfter(STEPS, precision, variant)).bits).toEqual(usual.bits);
  });

  test('with emitted JavaScript, 2 threads too, and with kernels called as functions', async () => {
    const little = { cells: 8, tile: 8 };
    const { bits } = await bitsAfter(3, precision, little);
    expect((await bitsAfter(3, precision, { ...little, form: 'js', tile: 4, threads: 2 })).bits).toEqual(bits);
    expect((await bitsAfter(3, precision, { ...little, form: 'reference', threads: 2 })).bits).toEqual(bits);
  });
});

test('float32 and float64 differ, so that the bits compared are really of the two', async () => {
  const [single, double] = [await bitsAfter(5, 'float32', {}), await bitsAfter(5, 'float64', {})];
  expect(single.bits.state).not.toBe(double.bits.state);
});
