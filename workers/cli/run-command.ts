import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { adapterName, type ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { once } from '../../engine/grid/once.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { LiveRun } from '../gateway/live-run.ts';
import { storedFieldsAt } from '../gateway/stored-fields-at.ts';
import { type BackendChoice, describeCandidate } from '../gpu/choose-backend.ts';
import { backendOf } from '../gpu/device-backend.ts';
import { type AskedBackend, formOf } from '../run/form.ts';
import { kernelHash } from '../run/kernel-hash.ts';
import { forDevice, type PreparedRun, prepareRun } from '../run/prepare.ts';
import { RUN_PARTS, runScenario } from '../run/run-scenario.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import { openFileStore } from '../store/file-store.ts';
import { makeDirectory } from '../store/make-directory.ts';
import { encodeJson } from '../store/zarr-arrays.ts';
import { CliError, EXIT } from './errors.ts';
import { failureMessage } from './failure-message.ts';
import { watchForInterruption } from './interruption.ts';
import { type LoadedScenario, openCache } from './load.ts';
import type { OnCluster } from './on-cluster.ts';
import { openGraphics } from './open-graphics.ts';
import { checkOutput, removeRun } from './replace-run.ts';
import { figureLines, finishedEvent, hashLine, judgements, stationTable } from './result.ts';
import { openRun } from './run-directory.ts';
import { takeDirectory } from './run-lock.ts';
import { checkBeforeRun } from './sanity.ts';
import { sparklines } from './sparklines.ts';
import { printEvent, progressPrinter, say } from './terminal.ts';

export interface RunFlags {
  readonly threads?: number | undefined;
  readonly backend: AskedBackend;
  readonly skip: boolean;
  readonly replace: boolean;
  readonly json: boolean;
  /** Run in spite of what the sanity checks find, and of a lock that another host has left. */
  readonly force?: boolean;
  /** Draw the maps and the station plot at the end. */
  readonly plots?: boolean;
  /** Whoever shows the run to viewers while it goes on. */
  readonly live?: LiveRun | undefined;
  /** The cluster that computes it, if it is not computed here. */
  readonly cluster?: OnCluster | undefined;
}

export const threadsOf = ({ threads }: Pick<RunFlags, 'threads'>): number =>
  threads ?? Math.min(availableParallelism(), 8);

/** Prepares a run with what the flags say. */
export async function prepare(
  { scenario }: LoadedScenario,
  flags: Pick<RunFlags, 'threads' | 'backend' | 'skip' | 'live' | 'cluster'>,
): Promise<PreparedRun> {
  return prepareRun(scenario, {
    threads: flags.cluster ? 1 : threadsOf(flags),
    ownThreads: flags.live !== undefined,
    form: formOf(flags.backend),
    skipRest: flags.skip,
    cache: await openCache(),
  });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Pictures that `start` leaves to `plot`. */
const LATER: readonly string[] = ['arrival-time', 'sea-surface'];

/** Draws what `start` ends with, and says what it drew; a run whose pictures fail has still run. */
async function drawPlots(directory: string, json: boolean): Promise<readonly string[]> {
  try {
    const { drawRun, picturesOf } = await import('./pictures.ts');
    const run = await openRun(directory);
    const what = (await picturesOf(run)).filter((one) => !LATER.includes(one));
    const drawn = await drawRun(run, what, {}, join(directory, 'plots'));
    if (json) for (const { what, file, bytes } of drawn) printEvent({ event: 'plotted', what, file, bytes });
    const lines = what.includes('stations') ? ['', await sparklines(run), ''] : [];
    return [...lines, ...drawn.map(({ file }) => `drawn: ${relative(process.cwd(), file)}`)];
  } catch (error) {
    say(true, `warning: the plots were not drawn: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

/** Says at once what would keep a device from computing a run. Throws CliError. */
function checkForDevice({ model }: Scenario, { cluster }: RunFlags): void {
  if (model.precision !== 'float32')
    throw new CliError(
      'NeedsFloat32',
      `the scenario is in ${model.precision}, a device computes in float32. Use --set model.precision=float32, or --backend wasm.`,
      EXIT.usage,
    );
  if (cluster)
    throw new CliError(
      'NotOnDevice',
      'each node of a cluster has its own back end. Leave out --backend webgpu; with --class tolerance devices take part.',
      EXIT.usage,
    );
}

/** What a resumed run needs to know of how this one was begun. */
const begun = ({ device, backendChoice }: Backed) => ({
  ...(device ? { begunOn: adapterName(device.adapter) } : {}),
  ...(backendChoice ? { backendChoice } : {}),
});

interface Backed {
  readonly device?: ComputeDevice | undefined;
  readonly backendChoice?: BackendChoice | undefined;
}

/** What `--backend auto` takes for a run, measured and said. */
async function measureAndSay({ scenario, options }: PreparedRun, flags: RunFlags): Promise<Backed> {
  const { measureBackends } = await import('../gpu/measure-backends.ts');
  const { precision } = scenario.model;
  const why = flags.cluster
    ? 'each node of a cluster has its own back end'
    : precision === 'float32'
      ? undefined
      : `the scenario is in ${precision}, devices compute in float32 (--set model.precision=float32)`;
  const { choice, device } = await measureBackends(options, why === undefined ? undefined : { why });
  for (const candidate of choice.candidates.filter((one) => one.name !== choice.chosen || one.outcome === 'measured'))
    say(true, describeCandidate(candidate));
  say(true, `on ${choice.chosen}: ${choice.why}`);
  if (flags.json) printEvent({ event: 'backend', ...choice });
  return { device, backendChoice: choice };
}

/** What a run is to be computed with, besides this processor. */
async function backed(prepared: PreparedRun, loaded: LoadedScenario, flags: RunFlags): Promise<Backed> {
  const { begunOn, backendChoice } = loaded;
  if (flags.backend === 'webgpu') return { device: await openGraphics(flags.json, begunOn), backendChoice };
  return flags.backend === 'auto' ? measureAndSay(prepared, flags) : { backendChoice };
}

const letGoOf = async (device: ComputeDevice | undefined) => device?.close();

/** Runs a scenario into a directory, prints what comes of it, and returns the exit status. */
export async function execute(
  loaded: LoadedScenario,
  directory: string,
  flags: RunFlags,
  resume?: Checkpoint,
): Promise<number> {
  const startedAt = performance.now();
  const { scenario, identity, inputs } = loaded;
  const { live, cluster } = flags;
  if (!resume) await checkOutput(directory, flags.replace);
  if (flags.backend === 'webgpu') checkForDevice(scenario, flags);
  let prepared = await prepare(loaded, flags);
  if (!resume) await checkBeforeRun(prepared, { json: flags.json, force: flags.force ?? false });
  await makeDirectory(directory);
  const release = await takeDirectory(directory, { force: flags.force ?? false });
  const interruption = watchForInterruption();
  const leaveCluster = async () => cluster?.close();
  const printer = progressPrinter(scenario.name, flags.json);
  let device: ComputeDevice | undefined;
  try {
    // Another may have come and gone while this one was prepared.
    if (!resume) await checkOutput(directory, flags.replace);
    // Not before the run is known to be a good one: a device that nobody gives back would keep the process.
    const backing = await backed(prepared, loaded, flags);
    device = backing.device;
    if (device && flags.backend === 'auto') prepared = forDevice(prepared);
    const { backendChoice } = backing;
    const files = await openFileStore(directory);
    if (live) {
      live.interrupted = interruption.asked;
      live.report = (error) =>
        say(true, `warning: viewers do not see all: ${error instanceof Error ? error.message : error}`);
      await live.begin({ prepared, identity, inputs, stored: storedFieldsAt(join(directory, RUN_PARTS.zarr)) });
    }
    if (!resume) {
      await removeRun(directory);
      await files.set(RUN_PARTS.scenario, encodeJson({ scenario, identity, inputs, ...begun(backing) }));
    }
    const following = await cluster?.begin(prepared, directory);
    const kernels = once(() => kernelHash(prepared.model, prepared.options.scheme, scenario.model.precision));
    const end = await runScenario({
      prepared,
      following,
      device,
      backendChoice,
      identity,
      recorded: loaded.recorded,
      inputs,
      // Not before it is asked for, when the first steps are under way.
      get kernelHash() {
        return kernels();
      },
      directory,
      replace: flags.replace,
      resume,
      force: flags.force ?? false,
      onProgress: printer.show,
      interrupted: () => interruption.asked() || (live?.stopAsked ?? false),
      watcher: live,
      startedAt,
    });
    printer.end();
    const shown = relative(process.cwd(), directory) || '.';
    switch (end.outcome) {
      case 'failed': {
        const message = failureMessage(end.failure, prepared, end.lastCheckpoint);
        live?.ended(end, message);
        if (flags.json)
          printEvent({ event: 'failed', error: 'UnstableStep', message, scenario: scenario.name, identity, ...end });
        say(true, `UnstableStep: ${message}`);
        return EXIT.failed;
      }
      case 'interrupted': {
        live?.ended(end);
        const message = `Interrupted at step ${end.step} (${(end.seconds / 60).toFixed(1)} min). ${cluster ? 'The cluster goes on. Collect it with' : 'Go on with'}: terrella resume ${shown}${cluster?.hint ?? ''}`;
        if (flags.json)
          printEvent({
            event: 'failed',
            error: 'Interrupted',
            message,
            scenario: scenario.name,
            identity,
            step: end.step,
          });
        say(true, message);
        return EXIT.interrupted;
      }
      case 'finished': {
        const event = finishedEvent(
          {
            scenario,
            identity,
            backend: backendOf(prepared.options.form, device, following),
            threads: prepared.options.threads,
            nodes: following?.nodes ?? 1,
            output: resolve(directory),
          },
          end.result,
        );
        await files.set(RUN_PARTS.result, encodeJson(event));
        live?.ended(end);
        const judged = judgements(scenario, end.result);
        const { result } = end;
        const plots = flags.plots ? await drawPlots(directory, flags.json) : [];
        say(
          flags.json,
          [
            `${scenario.title}`,
            `${result.steps} steps of ${prepared.timeStep.toPrecision(4)} s in ${result.wallSeconds.toFixed(1)} s: ${Math.round(result.realTimeFactor)}× real time on ${following ? counted(following.nodes, 'node') : counted(prepared.options.threads, 'thread')}, ${Math.round(100 * result.atRest)} % of tile-steps at rest, ${result.peakMemoryMiB} MiB`,
            ...figureLines(scenario, result),
            ...(result.stations.length > 0 ? ['', stationTable(result.stations)] : []),
            '',
            ...judged.map(({ text, pass }) => `${pass ? 'as expected' : 'NOT AS EXPECTED'}: ${text}`),
            hashLine(result),
            `results in ${shown}`,
            ...plots,
          ].join('\n'),
        );
        if (flags.json) printEvent(event);
        return judged.every(({ pass }) => pass) ? EXIT.done : EXIT.failed;
      }
    }
  } catch (error) {
    live?.ended({ outcome: 'failed' }, error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    interruption.close();
    await Promise.all([leaveCluster(), release(), letGoOf(device)]);
  }
}
