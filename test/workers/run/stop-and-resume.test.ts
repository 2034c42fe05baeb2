import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runScenario } from '../../../workers/run/run-scenario.ts';
import {
  fingerprint,
  finish,
  lastCheckpoint,
  prepareSmall,
  requestOf,
  type SmallRun,
  sequence,
  startSimulation,
  writeSmallOcean,
} from './small-ocean.ts';
import { zarrFiles } from './zarr-bytes.ts';

const file = writeSmallOcean();
const home = dirname(file);
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
afterAll(() => rmSync(home, { recursive: true }));

const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const SEEDS = Array.from({ length: DEEP ? 12 : 1 }, (_, seed) => seed + 1);

/** Layouts that a run goes on in, one after the other. */
const LAYOUTS = [
  { tile: 48, threads: 1 },
  { tile: 12, threads: 2 },
  { tile: 24, threads: 1 },
  { tile: 16, threads: 3 },
];

async function layouts(precision: string): Promise<SmallRun[]> {
  return Promise.all(
    LAYOUTS.map(({ tile, threads }) =>
      prepareSmall(file, [`model.precision=${precision}`, `grid.tile=${tile}`], { threads }),
    ),
  );
}

describe('a simulation saved and restored at any step, in any layout', () => {
  test.each([
    ['float32', 11],
    ['float64', 12],
  ] as const)('goes on with the same bits in %s', async (precision, seed) => {
    const random = sequence(seed);
    const runs = await layouts(precision);
    const last = DEEP ? 110 : 40;
    const whole = await startSimulation(runs[0]!.prepared);
    const wanted: Float64Array[] = [];
    whole.onSample = (_, values) => wanted.push(values);
    await whole.advanceTo(last);
    const end = fingerprint(whole);
    await whole.close();

    const samples: Float64Array[] = [];
    let simulation = await startSimulation(runs[0]!.prepared);
    for (let part = 1; ; part++) {
      simulation.onSample = (step, values) => {
        samples[step] = values;
      };
      await simulation.advanceTo(Math.min(last, simulation.step + Math.floor(random() * 16)));
      // A copy by value: nothing of the old memory may be needed.
      const saved = structuredClone(simulation.save());
      if (simulation.step === last) break;
      await simulation.close();
      simulation = await startSimulation(runs[part % runs.length]!.prepared, saved);
    }
    expect(fingerprint(simulation)).toEqual(end);
    expect(samples).toEqual(wanted);
    await simulation.close();
  });
});

describe('a run interrupted again and again', () => {
  let original: SmallRun;
  let result: Awaited<ReturnType<typeof finish>>;
  let files: Record<string, string>;
  beforeAll(async () => {
    original = await prepareSmall(file, ['grid.tile=48']);
    const directory = newDirectory();
    result = await finish(original, directory);
    files = zarrFiles(join(directory, 'run.zarr'));
    expect(Object.keys(files).length).toBeGreaterThan(50);
  });

  test.each(SEEDS)('ends with the same state, chain, stations and output, byte for byte (seed %i)', async (seed) => {
    const random = sequence(100 + seed);
    const runs = await layouts('float32');
    const directory = newDirectory();
    const stops: number[] = [];
    for (let part = 0; ; part++) {
      const resume = part === 0 ? undefined : await lastCheckpoint(directory, original.loaded.identity);
      const stop = (resume?.step ?? 0) + Math.floor(random() * 20);
      const end = await runScenario({
        ...requestOf(original, directory),
        prepared: part === 0 ? original.prepared : runs[part % runs.length]!.prepared,
        recorded: original.loaded.scenario,
        resume,
        interrupted: (step) => step >= stop,
      });
      if (end.outcome === 'interrupted') {
        stops.push(end.step);
        continue;
      }
      if (end.outcome === 'failed') throw new Error(JSON.stringify(end.failure));
      const { stateHash, chain, stations, massRelativeDrift, maximumAmplitude, maximumSpeed } = end.result;
      expect({ stateHash, chain, stations, massRelativeDrift, maximumAmplitude, maximumSpeed }).toEqual({
        stateHash: result.stateHash,
        chain: result.chain,
        stations: result.stations,
        massRelativeDrift: result.massRelativeDrift,
        maximumAmplitude: result.maximumAmplitude,
        maximumSpeed: result.maximumSpeed,
      });
      break;
    }
    expect(stops.length).toBeGreaterThan(2);
    expect(zarrFiles(join(directory, 'run.zarr'))).toEqual(files);
  });

  test('stopped right after a checkpoint of its schedule, it links that checkpoint once', async () => {
    const directory = newDirectory();
    const request = requestOf(original, directory);
    const at = 15;
    const end = await runScenario({ ...request, interrupted: (step) => step >= at });
    expect(end).toMatchObject({ outcome: 'interrupted', step: at });
    const again = await runScenario({
      ...request,
      resume: await lastCheckpoint(directory),
      interrupted: () => true,
    });
    expect(again).toMatchObject({ outcome: 'interrupted', step: at });
    expect((await finish(original, directory, { resume: await lastCheckpoint(directory) })).chain).toBe(result.chain);
  });

  test.runIf(DEEP)('resumed when it has finished, it says the same again and changes nothing', async () => {
    const directory = newDirectory();
    await finish(original, directory);
    const { stateHash, chain } = await finish(original, directory, { resume: await lastCheckpoint(directory) });
    expect([stateHash, chain]).toEqual([result.stateHash, result.chain]);
    expect(zarrFiles(join(directory, 'run.zarr'))).toEqual(files);
  });

  test('without an output keeps its stations in the checkpoints', async () => {
    const silent = await prepareSmall(file, ['grid.tile=48', 'output.format=none']);
    const directory = newDirectory();
    await runScenario({ ...requestOf(silent, directory), interrupted: (step) => step >= 20 });
    const { stateHash } = await finish(silent, directory, { resume: await lastCheckpoint(directory) });
    expect(stateHash).toBe(result.stateHash);
  });
});
