import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Disturbance } from '../../../engine/simulation/simulation.ts';
import { failureMessage } from '../../../workers/cli/failure-message.ts';
import { runScenario } from '../../../workers/run/run-scenario.ts';
import { readCheckpoint } from '../../../workers/store/checkpoints.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { engineIdentity } from '../../../workers/store/provenance.ts';
import { finishedEvent, terrella } from './command.ts';
import { finish, lastCheckpoint, prepareSmall, requestOf, type SmallRun, writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
const home = dirname(file);
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
afterAll(() => rmSync(home, { recursive: true }));

/** The state and its checkpoints are all that counts here. */
const SILENT = ['output.format=none'];
const CELLS = 48;
const TILE = 24;
const TILES_A_PANEL = (CELLS / TILE) ** 2;
/** Cells that a number reaches within a step of four stages. */
const REACH = 12;

/** Something that spoils one cell when a step is reached. */
function spoil(run: SmallRun, field: string, step: number, at: { panel: number; i: number; j: number }, value: number) {
  const cells = Uint32Array.of((at.panel * CELLS + at.j) * CELLS + at.i);
  const harm: Disturbance = {
    fields: [field],
    lastStep: step,
    at: (now) => (now === step ? { cells, amounts: Float64Array.of(value) } : undefined),
  };
  const { options } = run.prepared;
  return {
    ...run,
    prepared: { ...run.prepared, options: { ...options, disturbances: [...options.disturbances, harm] } },
  };
}

/** Every checkpoint of a directory, read with all its hashes. */
async function allCheckpoints(directory: string) {
  const store = await openFileStore(join(directory, 'checkpoints'));
  const keys = readdirSync(join(directory, 'checkpoints'));
  return Promise.all(keys.map((key) => readCheckpoint(store, key, { engineVersion: engineIdentity().version })));
}

describe('a number that is none', () => {
  let wanted: Awaited<ReturnType<typeof finish>>;
  beforeAll(async () => {
    wanted = await finish(await prepareSmall(file, SILENT), newDirectory());
  });

  test.each([
    ['momentumX', Number.NaN, 37, { panel: 0, i: 30, j: 40 }, 1],
    ['surface', Number.POSITIVE_INFINITY, 52, { panel: 1, i: 3, j: 3 }, 3],
    ['bed', Number.NaN, 39, { panel: 4, i: 47, j: 0 }, 2],
  ] as const)(
    'in %s (%d, step %i) stops the run where it is, and spoils no checkpoint',
    async (field, value, step, at, threads) => {
      const whole = await prepareSmall(file, SILENT, { threads });
      const directory = newDirectory();
      const end = await runScenario(requestOf(spoil(whole, field, step, at, value), directory));
      if (end.outcome !== 'failed') throw new Error(`the run is ${end.outcome}`);
      const { failure, lastCheckpoint: last } = end;
      expect(failure.step).toBe(step + 1);
      expect(last).toBe(step - (step % 15));
      // The lowest tile that the number has reached by the end of the step, and in it a cell within reach.
      const { tile, panel, i, j } = failure;
      expect(panel).toBe(Math.floor(tile / TILES_A_PANEL));
      expect((tile % TILES_A_PANEL) % 2).toBe(Math.floor(i / TILE));
      expect(Math.floor((tile % TILES_A_PANEL) / 2)).toBe(Math.floor(j / TILE));
      if (panel === at.panel) expect(Math.max(Math.abs(i - at.i), Math.abs(j - at.j))).toBeLessThanOrEqual(REACH);
      const geometry = whole.prepared.grid.geometry(panel);
      expect([failure.longitude, failure.latitude]).toEqual([
        geometry.longitude[j * CELLS + i],
        geometry.latitude[j * CELLS + i],
      ]);
      expect(failure.courant).toBeGreaterThan(0);
      expect(failure.courant).toBeLessThan(10);
      const message = failureMessage(failure, whole.prepared, last);
      expect(message).toMatch(
        new RegExp(`tile ${tile} .*panel ${panel}, cell i ${i} j ${j}, longitude -?[\\d.]+°, latitude`),
      );
      expect(message).toMatch(/local Courant number \d.*checkpoint, of step \d+, is intact.*--set time\.courant=/);
      expect(message).not.toContain('\n');

      const checkpoints = await allCheckpoints(directory);
      expect(checkpoints.map((one) => one.step).sort()).toEqual([last! - 15, last]);
      for (const { prognostic, auxiliary } of checkpoints) {
        for (const { panels } of [...prognostic, ...auxiliary]) {
          for (const panelValues of panels) expect(panelValues.every(Number.isFinite)).toBe(true);
        }
      }
      const resumed = await finish(whole, directory, { resume: await lastCheckpoint(directory) });
      expect([resumed.stateHash, resumed.chain]).toEqual([wanted.stateHash, wanted.chain]);
    },
  );

  test('at the very step of a checkpoint never gets into it', async () => {
    const whole = await prepareSmall(file, SILENT);
    const directory = newDirectory();
    const bad = spoil(whole, 'momentumY', 60, { panel: 2, i: 10, j: 11 }, Number.NaN);
    await expect(runScenario(requestOf(bad, directory))).rejects.toThrow(
      /^StateNotFinite: momentumY is NaN at panel 2, i 10, j 11.*last good one stays/,
    );
    expect((await allCheckpoints(directory)).map(({ step }) => step).sort()).toEqual([30, 45]);
    const resumed = await finish(whole, directory, { resume: await lastCheckpoint(directory) });
    expect([resumed.stateHash, resumed.chain]).toEqual([wanted.stateHash, wanted.chain]);
  });

  test('that a step too long brings about ends the program with status 1 and one line', async () => {
    const directory = newDirectory();
    const far = ['--set', 'time.step=40 min', '--set', 'time.duration=100 h', '--force'];
    const more = ['--output', directory, '--json', '--threads', '2'];
    const end = await terrella(['run', file, ...far, ...more], { TERRELLA_CACHE: join(home, 'cache') }).ended;
    expect(() => finishedEvent(end)).toThrow();
    expect(end.status).toBe(1);
    const event = end.events.at(-1) as { error: string; message: string; failure: { tile: number; courant: number } };
    expect(event.error).toBe('UnstableStep');
    expect(event.message).toMatch(/tile \d+ .*longitude .*latitude .*Courant number/);
    expect(event.failure.courant).toBeGreaterThan(1);
    expect(end.errors.split('\n').filter((line) => line.startsWith('UnstableStep'))).toHaveLength(1);
    expect(end.errors).not.toMatch(/\n\s+at /);
  });
});
