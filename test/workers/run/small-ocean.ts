import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Simulation } from '../../../engine/simulation/simulation.ts';
import { littleEndianBytes, type StateField } from '../../../engine/simulation/state-hash.ts';
import { type LoadedScenario, loadNamed } from '../../../workers/cli/load.ts';
import { kernelHash } from '../../../workers/run/kernel-hash.ts';
import { type PreparedRun, prepareRun, type RunSettings } from '../../../workers/run/prepare.ts';
import { type RunEnd, type RunRequest, type RunResult, runScenario } from '../../../workers/run/run-scenario.ts';
import { type Checkpoint, latestGoodCheckpoint } from '../../../workers/store/checkpoints.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { engineIdentity } from '../../../workers/store/provenance.ts';
import { fastStateHash } from '../../../workers/store/state-hash.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { startThreads } from '../../../workers/threads/thread-pool.ts';

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole degrees of an ocean 4 km deep with round islands, shelves and all, as an ESRI ASCII grid. */
function islands(): string {
  const [columns, rows, spacing] = [180, 90, 2];
  const lines = [`ncols ${columns}`, `nrows ${rows}`, 'xllcorner -180', 'yllcorner -90', `cellsize ${spacing}`];
  for (let row = 0; row < rows; row++) {
    const latitude = 90 - (row + 0.5) * spacing;
    const heights = Array.from({ length: columns }, (_, column) => {
      const longitude = -180 + (column + 0.5) * spacing;
      const x = ((longitude + 360) % 24) - 12;
      const y = ((latitude + 90) % 20) - 10;
      return Math.round(-4000 + 5500 * Math.exp(-(x * x + y * y) / 20));
    });
    lines.push(heights.join(' '));
  }
  return `${lines.join('\n')}\n`;
}

/** An earthquake that takes four minutes at a panel corner, a hump after it, coasts, a tracer and everything recorded. */
const SCENARIO = `terrella: 1
name: small-ocean
title: Islands and two waves
model:
  equations: tsunami
  precision: float32
  tracers: [{ name: dye, background: 1, patches: [{ longitude: 50, latitude: 30, radius: 1000 km, value: 3 }] }]
grid: { cells: 48, tile: 24, bathymetry: ./islands.asc }
time: { start: 2000-01-01T00:00:00Z, duration: 3 h, step: 120 s }
sources:
  - type: earthquake
    faults:
      - { longitude: 47, latitude: 33, depth: 10 km, length: 600 km, width: 150 km, strike: 20, dip: 15, rake: 90, slip: 9 m, rise: 2 min }
      - { longitude: 44, latitude: 37, depth: 12 km, length: 400 km, width: 150 km, strike: 50, dip: 20, rake: 80, slip: 7 m, begin: 100 s, rise: 150 s }
  - { type: gaussian, longitude: 42, latitude: 44, height: 2 m, radius: 300 km, begin: 21 min }
output:
  fields:
    - { name: sea_surface_height_above_mean_sea_level, every: 7 min }
    - { name: sea_water_speed, every: 33 min }
    - { name: maximum_amplitude }
    - { name: arrival_time }
  stations:
    - { name: near, longitude: 49, latitude: 30, every: 45 s }
    - { name: far side, longitude: 30, latitude: 40, every: 7 min }
  latitudeLongitude: 5
  checkpoints: { every: 30 min, keep: 2 }
`;

/** Writes the scenario and its bed into a new directory, and gives the scenario's path. */
export function writeSmallOcean(directory = mkdtempSync(join(tmpdir(), 'terrella-ocean-'))): string {
  writeFileSync(join(directory, 'islands.asc'), islands());
  writeFileSync(join(directory, 'small-ocean.yaml'), SCENARIO);
  return join(directory, 'small-ocean.yaml');
}

const beds = memoryStore();

export interface SmallRun {
  readonly loaded: LoadedScenario;
  readonly prepared: PreparedRun;
}

/** Loads the scenario with keys changed, as `grid.tile=12`, and prepares it. */
export async function prepareSmall(
  file: string,
  set: readonly string[] = [],
  settings: Partial<RunSettings> = {},
): Promise<SmallRun> {
  const loaded = await loadNamed(file, { set });
  const prepared = await prepareRun(loaded.scenario, {
    threads: 1,
    form: 'wasm',
    skipRest: true,
    cache: beds,
    ...settings,
  });
  return { loaded, prepared };
}

export const startSimulation = ({ options }: PreparedRun, from?: Parameters<typeof Simulation.start>[2]) =>
  Simulation.start(options, startThreads, from);

/** One hash over all bits of some fields, NaN and −0 included. */
export function bitsOf(fields: readonly StateField[]): string {
  const hash = createHash('sha256');
  for (const { name, panels } of fields) {
    hash.update(name);
    for (const panel of panels) hash.update(littleEndianBytes(panel));
  }
  return hash.digest('hex');
}

/** What must not depend on how a run is computed: state, running extremes, the changed bed, the conserved integral. */
export function fingerprint(simulation: Simulation) {
  const { auxiliary, prognostic, conserved, chain } = simulation.save();
  return { state: fastStateHash(prognostic), others: bitsOf(auxiliary), conserved, chain };
}

export function requestOf(
  { loaded, prepared }: SmallRun,
  directory: string,
  more: Partial<RunRequest> = {},
): RunRequest {
  return {
    prepared,
    identity: loaded.identity,
    inputs: loaded.inputs,
    kernelHash: kernelHash(prepared.model, prepared.options.scheme, prepared.options.precision),
    directory,
    replace: false,
    startedAt: performance.now(),
    ...more,
  };
}

/** Runs to the end and gives the result. */
export async function finish(run: SmallRun, directory: string, more: Partial<RunRequest> = {}): Promise<RunResult> {
  const end: RunEnd = await runScenario(requestOf(run, directory, more));
  if (end.outcome !== 'finished') throw new Error(`the run ended as ${JSON.stringify(end)}`);
  return end.result;
}

/** The newest checkpoint of a run's directory that proves good, all its bytes checked. */
export async function lastCheckpoint(directory: string, scenario?: string): Promise<Checkpoint | undefined> {
  const store = await openFileStore(join(directory, 'checkpoints'));
  const options = { engineVersion: engineIdentity().version, ...(scenario ? { scenario } : {}) };
  return (await latestGoodCheckpoint(store, options)).found?.checkpoint;
}
