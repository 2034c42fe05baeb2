import { join } from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { type CpuRun, compileAhead } from '../../engine/backends/cpu/cpu-run.ts';
import type { ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../engine/backends/webgpu/step-on-device.ts';
import type { Failure } from '../../engine/simulation/failure.ts';
import { type Following, Simulation } from '../../engine/simulation/simulation.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { BackendChoice } from '../gpu/choose-backend.ts';
import { backendOf, type SharedBy } from '../gpu/device-backend.ts';
import { type Checkpoint, type RunState, writeCheckpoint } from '../store/checkpoints.ts';
import { openFileStore } from '../store/file-store.ts';
import { engineIdentity, hostFacts, type InputHash, type Provenance } from '../store/provenance.ts';
import type { StationSeries } from '../store/station-series.ts';
import { createRunStore, openForAppend, type RunStore } from '../store/zarr-output.ts';
import { startThreads } from '../threads/thread-pool.ts';
import { latLonOutput } from './lat-lon.ts';
import { lateStore } from './late-store.ts';
import { describeOutput, outputField } from './output-fields.ts';
import { LONGEST_STRIDE, type PreparedRun } from './prepare.ts';
import { type CheckpointExtra, resumePoint } from './resume-point.ts';
import { type ErrorNorms, runFigures } from './run-figures.ts';
import { makeSchedule, nextDue, type Schedule } from './schedule.ts';
import { readObservations, type ScoredStation, scoreStations } from './scores.ts';
import { StationRecorder } from './station-recorder.ts';

/** Where a run's parts lie below its directory. */
export const RUN_PARTS = {
  zarr: 'run.zarr',
  checkpoints: 'checkpoints',
  scenario: 'scenario.json',
  result: 'result.json',
  /** Under which name a cluster computes it. */
  cluster: 'cluster.json',
} as const;

/** How a run stands, told about once a second. */
export interface RunProgress {
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly duration: number;
  readonly wallSeconds: number;
  readonly realTimeFactor: number;
  readonly timeStep: number;
  readonly courant: number;
  readonly maximumAmplitude: number;
  readonly massRelativeDrift: number;
  readonly checkpointAgeSeconds: number | undefined;
  /** Share of tile-steps that were at rest and skipped. */
  readonly atRest: number;
}

/** Somebody who watches a run between its strides. Whatever a watcher does, the bits stay the same. */
export interface RunWatcher {
  /** Wall time that a stride may take [ms]; the run takes no more than its own. */
  strideMilliseconds(): number;
  /** Fulfilled once somebody sees a picture that moves. */
  readonly moving: Promise<void>;
  /** Sees the state at the start, after every stride and at the end; the records are those of the stations so far. */
  look(simulation: Simulation, records: readonly StationSeries[]): void;
  /** The run waits for it before each stride: a pause, a limit of speed. */
  hold(): Promise<void>;
}

/** A run that the nodes of a cluster compute. */
export interface RunFollowing extends Following, SharedBy {
  /** Nodes that have had a share of it so far. */
  readonly nodes: number;
  /** All that is needed to go on from this step is stored: what came before it will not be asked for again. */
  stored(step: number): Promise<void>;
}

export interface RunRequest {
  readonly prepared: PreparedRun;
  readonly identity: string;
  /** The scenario as the run began, where it differs: a resumed run may be cut into other tiles, its output keeps the chunks. */
  readonly recorded?: Scenario | undefined;
  readonly inputs: readonly InputHash[];
  readonly kernelHash: string;
  /** Directory of the run. */
  readonly directory: string;
  /** Replace a run that is there. */
  readonly replace: boolean;
  readonly resume?: Checkpoint | undefined;
  /** Resume also what other kernels have computed. */
  readonly force?: boolean;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Looked at between strides, with the steps made so far; true stops the run after a checkpoint. */
  readonly interrupted?: (step: number) => boolean;
  readonly watcher?: RunWatcher | undefined;
  /** Where the run comes from, if other processes compute it, and how many they are. */
  readonly following?: RunFollowing | undefined;
  /** The graphics device that steps it, if one does; the run's form is then wgsl. */
  readonly device?: ComputeDevice | undefined;
  /** Why it computes there, if that was measured. */
  readonly backendChoice?: BackendChoice | undefined;
  /** When the process began to work on this run [ms of performance.now()]. */
  readonly startedAt: number;
}

export interface RunResult {
  /** Whether anybody can reproduce the bits. */
  readonly class: Provenance['class'];
  /** Of the bits that anybody can reproduce; a device's are its own. */
  readonly stateHash?: string;
  readonly chain?: string;
  readonly steps: number;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  /** Wall time from the request to the first step. */
  readonly startSeconds: number;
  readonly realTimeFactor: number;
  readonly peakMemoryMiB: number;
  readonly massRelativeDrift: number;
  readonly maximumAmplitude: number;
  readonly maximumSpeed: number;
  readonly energyRelativeDrift?: number;
  readonly enstrophyRelativeDrift?: number;
  readonly error?: ErrorNorms;
  readonly atRest: number;
  readonly stations: readonly ScoredStation[];
}

export type RunEnd =
  | { readonly outcome: 'finished'; readonly result: RunResult }
  | { readonly outcome: 'interrupted'; readonly step: number; readonly seconds: number }
  | { readonly outcome: 'failed'; readonly failure: Failure; readonly lastCheckpoint: number | undefined };

const PROGRESS_EVERY = 1000;
const MASS_EVERY = 10_000;
/** The store of a run that is to be watched is laid out once its picture moves, or after so long [ms] … */
const PICTURE_FIRST = 5000;
/** … or when more than so much waits to be written. */
const MOST_WAITING = 2 ** 26;
/** A signal, a failed write or the clock waits no longer than this, or one step [ms]. */
const STRIDE = 500;

/** What has the largest amplitude so far; the air has no running extremes, and shows the height of its surface, or its density. */
const amplitudeField = ({ options }: CpuRun): string =>
  ['maximumAmplitude', 'surface', 'air'].find((name) => options.model.fields.some((field) => field.name === name))!;

const bytesOf = (panels: readonly ArrayBufferView[]): number =>
  panels.reduce((sum, { byteLength }) => sum + byteLength, 0);

const largest = (panels: readonly ArrayLike<number>[]): number => {
  let found = 0;
  for (const panel of panels) for (let k = 0; k < panel.length; k++) if (panel[k]! > found) found = panel[k]!;
  return found;
};

/** One run from its first step (or a checkpoint) to its end, with all its outputs. */
export async function runScenario(request: RunRequest): Promise<RunEnd> {
  const { prepared, directory, resume } = request;
  const { scenario, options, timeStep, steps } = prepared;
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const schedule = makeSchedule(scenario, prepared);
  const engineVersion = engineIdentity().version;
  const from = resume && resumePoint(resume, { ...request, isScheduled: (step) => schedule.checkpoints.has(step) });
  const extra = from?.extra;
  // Whatever the run will need at its end is read at its start.
  const observations = await readObservations(scenario, prepared.files);
  const checkpoints = await openFileStore(join(directory, RUN_PARTS.checkpoints));
  const { following, device } = request;
  // On a cluster a device may join in the middle.
  const isTolerance = () =>
    device !== undefined || extra?.class === 'tolerance' || (following !== undefined && following.devices.length > 0);
  const resultClass = (): Provenance['class'] => (isTolerance() ? 'tolerance' : 'bitwise');
  // Viewers who come meanwhile are answered between one kernel and the next.
  await compileAhead(options, setImmediate);
  const simulation = following
    ? await Simulation.follow(options, following, from)
    : await Simulation.start(options, device ? (run) => stepOnDevice(run, device) : startThreads, from);
  let pending: Promise<void> = Promise.resolve();
  let opening: Promise<RunStore> | undefined;
  let isLaidOut: boolean;
  const hurried = new AbortController();
  try {
    const provenance = (state: Provenance['stateHashChain'], finished: boolean): Provenance => ({
      engine: engineIdentity(),
      scenario: { name: scenario.name, identity: request.identity, resolved: request.recorded ?? scenario },
      kernelHash: request.kernelHash,
      gridFingerprint: prepared.grid.fingerprint,
      inputs: request.inputs,
      backend: backendOf(options.form, device, following),
      ...(request.backendChoice ? { backendChoice: request.backendChoice } : {}),
      precision: options.precision,
      class: resultClass(),
      // A hash would promise bits that no other device has.
      stateHashChain: isTolerance() ? null : state,
      threads: following ? 0 : options.threads,
      nodes: following?.nodes ?? 1,
      host: hostFacts(),
      startedAt,
      finishedAt: finished ? new Date().toISOString() : null,
      wallSeconds: finished ? (performance.now() - began) / 1000 : null,
    });
    const open = () => openOutput(request, provenance(null, false), extra);
    // The store of a new run is laid out while the threads make the first steps, which one turn later are under way; whoever
    // watches sees the picture move before that takes the processor.
    const openLater = async () => {
      for (let turn = 0; turn < 2; turn++) await setImmediate();
      const { watcher } = request;
      // An abort is no failure: it ends the waiting.
      if (watcher)
        await Promise.race([watcher.moving, delay(PICTURE_FIRST, undefined, { signal: hurried.signal })]).catch(
          () => {},
        );
      hurried.abort();
      const { store } = await open();
      isLaidOut = true;
      return store;
    };
    const isStored = scenario.output.format !== 'none';
    opening = isStored && !extra ? openLater() : undefined;
    const output = opening ? { store: lateStore(opening), kept: [] } : isStored ? await open() : undefined;
    isLaidOut = opening === undefined;
    const recorder = new StationRecorder(prepared.stations, timeStep, output?.kept ?? extra?.stations);
    simulation.onSample = (step, values) => recorder.record(step, values);

    let lastCheckpoint = resume?.step;
    let checkpointTime: number | undefined;
    let progressTime = 0;
    let massTime = performance.now();
    let drift = 0;
    let stateHash = resume?.stateHash ?? '';
    let bytesWaiting = 0;
    let unwritten: { readonly error: unknown } | undefined;
    let stride = 1;

    let isNoted = isTolerance();
    /** What a device of a cluster has had a part in says so from then on, also if the run is cut off. */
    const noteTolerance = async (): Promise<void> => {
      if (isNoted || !isTolerance()) return;
      isNoted = true;
      await output?.store.writeProvenance(provenance(null, false));
    };

    const writeFrame = async (): Promise<void> => {
      const due = schedule.frames.get(simulation.step);
      if (!due || !output) return;
      const index = frameIndex(schedule, simulation.step);
      if (index < output.store.frames) return;
      await simulation.fetch();
      const fields = Object.fromEntries(due.map((name) => [name, outputField(simulation.run, name)]));
      const seconds = simulation.time;
      const bytes = Object.values(fields).reduce((sum, panels) => sum + bytesOf(panels), 0);
      if (bytesWaiting > 0 && (isLaidOut || bytesWaiting + bytes > MOST_WAITING)) {
        hurried.abort();
        await pending;
      }
      bytesWaiting += bytes;
      pending = pending
        .then(noteTolerance)
        .then(() => output.store.writeFrame(index, seconds, fields))
        .then(() => {
          bytesWaiting -= bytes;
        });
      // Met after the stride that is under way; until then it must not count as unhandled.
      pending.catch((error: unknown) => {
        unwritten ??= { error };
      });
    };

    const saveCheckpoint = async (scheduled: boolean): Promise<void> => {
      hurried.abort();
      await pending;
      await simulation.fetch();
      // A resumed run begins with this sample, so the series must end with it.
      recorder.record(simulation.step, simulation.sampleNow());
      if (output) {
        await noteTolerance();
        await output.store.writeStations(recorder.series);
        await output.store.flush();
      }
      const { prognostic, auxiliary, conserved } = simulation.save();
      const extraFacts: CheckpointExtra = {
        conserved,
        chain: simulation.chain,
        frames: output?.store.frames ?? 0,
        seconds: simulation.time * (1 + 1e-12),
        kernelHash: request.kernelHash,
        ...(isTolerance() ? { class: 'tolerance' as const } : {}),
        ...(output ? {} : { stations: recorder.series }),
      };
      const state: RunState = {
        scenario: request.identity,
        gridFingerprint: prepared.grid.fingerprint,
        cellsX: prepared.grid.cellsX,
        cellsY: prepared.grid.cellsY,
        step: simulation.step,
        seconds: simulation.time,
        timeStep,
        precision: options.precision,
        prognostic,
        auxiliary,
        extra: extraFacts,
      };
      const written = await writeCheckpoint(checkpoints, state, {
        engineVersion,
        previousChain: simulation.chain,
        keep: scenario.output.checkpoints.keep,
      });
      stateHash = written.stateHash;
      if (scheduled) simulation.chain = written.chain;
      await following?.stored(simulation.step);
      lastCheckpoint = simulation.step;
      checkpointTime = performance.now();
    };

    const atRest = () => (simulation.work.offered > 0 ? 1 - simulation.work.computed / simulation.work.offered : 0);
    const report = async (): Promise<void> => {
      const now = performance.now();
      if (!request.onProgress || now - progressTime < PROGRESS_EVERY) return;
      progressTime = now;
      const isMassDue = now - massTime > MASS_EVERY;
      const field = amplitudeField(simulation.run);
      await simulation.fetch(isMassDue ? undefined : [field]);
      if (isMassDue) {
        drift = simulation.massRelativeDrift();
        massTime = now;
      }
      const done = (simulation.step - (resume?.step ?? 0)) * timeStep;
      request.onProgress({
        step: simulation.step,
        steps,
        seconds: simulation.time,
        duration: steps * timeStep,
        wallSeconds: (now - began) / 1000,
        realTimeFactor: done / ((now - began) / 1000),
        timeStep,
        courant: prepared.courant,
        maximumAmplitude: largest(simulation.run.read(field)),
        massRelativeDrift: drift,
        checkpointAgeSeconds: checkpointTime && (now - checkpointTime) / 1000,
        atRest: atRest(),
      });
    };

    const startSeconds = (performance.now() - request.startedAt) / 1000;
    const stepping = performance.now();
    await writeFrame();
    const { watcher } = request;
    watcher?.look(simulation, recorder.series);
    while (simulation.step < steps) {
      await watcher?.hold();
      // One thread steps on this one; signals and finished writes need their turn.
      await setImmediate();
      if (unwritten) throw unwritten.error;
      if (request.interrupted?.(simulation.step)) {
        // A scheduled checkpoint of this very step has its link in the chain already.
        if (lastCheckpoint !== simulation.step) await saveCheckpoint(false);
        return { outcome: 'interrupted', step: simulation.step, seconds: simulation.time };
      }
      const [before, left] = [simulation.step, performance.now()];
      const due = nextDue(schedule, before, steps);
      const longest = Math.min(STRIDE, watcher?.strideMilliseconds() ?? STRIDE);
      // Whoever follows gets stretches as they come, and waits for them no longer than a stride.
      const alarm = following && setTimeout(() => simulation.pause(), STRIDE);
      const progress = await simulation.advanceTo(following ? due : Math.min(due, before + stride));
      clearTimeout(alarm);
      const each = (performance.now() - left) / Math.max(1, simulation.step - before);
      stride = Math.max(1, Math.min(LONGEST_STRIDE, Math.floor(longest / each)));
      if (progress.outcome === 'failed') {
        hurried.abort();
        // What can still be written is; that the run has failed is the news, whatever else fails now.
        await pending.then(() => output?.store.writeStations(recorder.series)).catch(() => {});
        return { outcome: 'failed', failure: progress.failure, lastCheckpoint };
      }
      // Whoever follows may have waited in vain.
      const isFarther = simulation.step > before;
      if (isFarther) await writeFrame();
      if (watcher) {
        await simulation.fetch();
        watcher.look(simulation, recorder.series);
      }
      if (isFarther && schedule.checkpoints.has(simulation.step)) await saveCheckpoint(true);
      await report();
    }
    hurried.abort();
    await pending;
    await simulation.fetch();
    if (output) {
      for (const { name, every } of scenario.output.fields) {
        if (every === undefined) await output.store.writeStatic(name, outputField(simulation.run, name));
      }
      await output.store.writeStations(recorder.series);
      await output.store.writeProvenance(provenance({ step: steps, state: stateHash, chain: simulation.chain }, true));
      await output.store.flush();
    }
    const wallSeconds = (performance.now() - stepping) / 1000;
    const simulatedSeconds = (steps - (resume?.step ?? 0)) * timeStep;
    return {
      outcome: 'finished',
      result: {
        class: resultClass(),
        ...(isTolerance() ? {} : { stateHash, chain: simulation.chain }),
        steps,
        simulatedSeconds: steps * timeStep,
        wallSeconds,
        startSeconds,
        realTimeFactor: simulatedSeconds / wallSeconds,
        peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
        massRelativeDrift: simulation.massRelativeDrift(),
        ...runFigures(simulation.run, prepared),
        atRest: atRest(),
        stations: await scoreStations(scenario, recorder.series, observations),
      },
    };
  } finally {
    // A frame that is being written when something else fails is whole before anybody looks.
    hurried.abort();
    await Promise.allSettled([simulation.close(), opening, pending]);
  }
}

/** A chunk of the output is a tile of the run as it began. */
function chunkOf({ grid }: Scenario): { readonly tileX: number; readonly tileY: number } {
  return grid.kind === 'plane' ? { tileX: grid.tileX, tileY: grid.tileY } : { tileX: grid.tile, tileY: grid.tile };
}

const frameIndex = (schedule: Schedule, step: number): number => [...schedule.frames.keys()].indexOf(step);

async function openOutput(
  { prepared, recorded, replace, directory }: RunRequest,
  provenance: Provenance,
  extra: CheckpointExtra | undefined,
) {
  const { scenario, grid } = prepared;
  const store = await openFileStore(join(directory, RUN_PARTS.zarr));
  const latLon = latLonOutput(prepared);
  const description = {
    grid: { ...grid, ...chunkOf(recorded ?? scenario) },
    fields: scenario.output.fields.map(({ name, every }) =>
      describeOutput(name, scenario.model.precision, every !== undefined),
    ),
    start: new Date(scenario.time.start),
    ...(latLon ? { latLon } : {}),
    attributes: {
      title: scenario.title,
      source: `Terrella ${provenance.engine.version}, ${prepared.model.title}`,
      references: scenario.references.join('; '),
      history: `${provenance.startedAt} terrella run ${scenario.name}`,
    },
  };
  if (!extra) {
    const opened: RunStore = await createRunStore(store, description, { replace, provenance });
    return { store: opened, kept: [] };
  }
  const { run, stations } = await openForAppend(store, description, { frames: extra.frames, seconds: extra.seconds });
  return { store: run, kept: stations };
}
