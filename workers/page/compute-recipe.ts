import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import { compileAhead } from '../../engine/backends/cpu/cpu-run.ts';
import type { Stepper } from '../../engine/backends/cpu/stepper.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { hashInputs, inputFiles, scenarioIdentity } from '../../scenarios/identity.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { LiveRun } from '../gateway/live-run.ts';
import { LONGEST_STRIDE, prepareFrom } from '../run/preparation.ts';
import { makeSchedule } from '../run/schedule.ts';
import { StationRecorder } from '../run/station-recorder.ts';
import type { PageDevice } from './page-device.ts';

/** How far a run in a page is. */
export interface PageProgress {
  readonly phase: 'reading' | 'preparing' | 'stepping';
  readonly step: number;
  /** 0 until the run is prepared. */
  readonly steps: number;
  /** Wall time of the steps so far [ms]. */
  readonly stepping: number;
  readonly threads: number;
}

export interface PageResult {
  readonly identity: string;
  /** Of the bits that anybody can find again; left out where a graphics device has its own. */
  readonly stateHash?: string;
  /** Over the states of all scheduled checkpoints, as a run with an output has it. */
  readonly chain?: string;
  /** The graphics device that computed it, if one did. */
  readonly device?: string;
  readonly steps: number;
  readonly threads: number;
  /** Wall time of reading and preparing, and of the steps [ms]. */
  readonly preparing: number;
  readonly stepping: number;
}

export interface PageRun {
  readonly scenario: Scenario;
  readonly files: InputFiles;
  /** 1 where memory cannot be shared. */
  readonly threads: number;
  /** The graphics device that is to compute it; left out: the processor. */
  readonly device?: PageDevice | undefined;
  /** Starts what steps it, see `startPageThreads`. */
  begin(run: CpuRun): Promise<Stepper>;
  onProgress(progress: PageProgress): void;
  /** Told of the run once it is prepared; it then sees every stride, and may hold it. */
  readonly live?: LiveRun;
}

/** Wall time between two reports [ms]. */
const STRIDE = 100;

/** Lets messages in. */
const turn = (): Promise<void> => new Promise((done) => setTimeout(done));

/** A run from its first step to its end, in a page. Throws what `prepareFrom` throws, RunFailed, NeedsFloat32; DeviceLost and its kin. */
export async function computeHere(wanted: PageRun): Promise<PageResult> {
  const { scenario, files, threads, device, begin, onProgress, live } = wanted;
  const began = performance.now();
  if (device && scenario.model.precision !== 'float32')
    throw new Error(
      `NeedsFloat32: the run is in ${scenario.model.precision}, a graphics device computes in float32. Compute on the processor.`,
    );
  const tell = (phase: PageProgress['phase'], step = 0, steps = 0, stepping = 0): void =>
    onProgress({ phase, step, steps, stepping, threads });
  tell('reading');
  // The first that cannot be had says why.
  for (const file of inputFiles(scenario)) await files.read(file);
  const hashed = await hashInputs(scenario, (file) => files.read(file));
  if (!hashed.ok) throw new Error(`InputMissing: ${hashed.missing.join(', ')} could not be fetched.`);
  const identity = scenarioIdentity(scenario, hashed.hashes);
  const inputs = [...hashed.hashes].map(([name, sha256]) => ({ name, sha256 }));
  tell('preparing');
  await turn();
  const prepared = await prepareFrom(scenario, { threads, form: device?.form ?? 'wasm', skipRest: true }, files);
  const { steps, options } = prepared;
  await compileAhead(options, turn);
  const { checkpoints, frames } = makeSchedule(scenario, prepared);
  // Where a run with an output has a picture, this one is looked at too.
  const looks = [...frames.keys(), ...checkpoints];
  await live?.begin({ prepared, identity, inputs });
  const simulation = await Simulation.start(options, device?.begin ?? begin);
  const recorder = new StationRecorder(prepared.stations, options.timeStep);
  simulation.onSample = (step, values) => recorder.record(step, values);
  const look = (): void => live?.look(simulation, recorder.series);
  const start = performance.now();
  let stateHash = '';
  let stride = 1;
  try {
    look();
    while (simulation.step < steps) {
      tell('stepping', simulation.step, steps, performance.now() - start);
      await live?.hold();
      await turn();
      if (live?.stopAsked) throw new Error('RunStopped: it was stopped before its end.');
      const [before, left] = [simulation.step, performance.now()];
      let due = Math.min(steps, before + stride);
      for (const step of looks) if (step > before && step < due) due = step;
      const progress = await simulation.advanceTo(due);
      if (progress.outcome === 'failed') throw new Error(`RunFailed: ${JSON.stringify(progress.failure)}`);
      const each = (performance.now() - left) / Math.max(1, simulation.step - before);
      stride = Math.max(
        1,
        Math.min(LONGEST_STRIDE, Math.floor(Math.min(STRIDE, live?.strideMilliseconds() ?? STRIDE) / each)),
      );
      // On a device the state is newer there.
      await simulation.fetch();
      if (checkpoints.has(simulation.step)) {
        recorder.record(simulation.step, simulation.sampleNow());
        stateHash = simulation.linkState();
      }
      look();
    }
    const stepping = performance.now() - start;
    tell('stepping', steps, steps, stepping);
    const bits = device ? { device: device.name } : { stateHash, chain: simulation.chain };
    return { identity, ...bits, steps, threads: device ? 1 : threads, preparing: start - began, stepping };
  } finally {
    await simulation.close();
  }
}
