import { Simulation } from '../../../engine/simulation/simulation.ts';
import { chainStateHash, type StateField } from '../../../engine/simulation/state-hash.ts';
import { kernelHash } from '../../run/kernel-hash.ts';
import { type CheckpointExtra, resumePoint } from '../../run/resume-point.ts';
import { makeSchedule } from '../../run/schedule.ts';
import { type Checkpoint, listCheckpoints, readCheckpoint } from '../../store/checkpoints.ts';
import { engineIdentity } from '../../store/provenance.ts';
import { nodeDigest } from '../../store/state-hash.ts';
import type { Store } from '../../store/store.ts';
import { startThreads } from '../../threads/thread-pool.ts';
import { CliError, EXIT } from '../errors.ts';
import { prepare } from '../run-command.ts';
import { applyLayout, openCheckpoints, openRun, type RunDirectory, withInputs } from '../run-directory.ts';
import { firstDifference, type StateDifference } from '../state-difference.ts';
import { printEvent, say } from '../terminal.ts';
import type { LayoutOptions } from './resume.ts';

export interface VerifyOptions extends LayoutOptions {
  /** `start`, or the step of a kept checkpoint; the oldest unless told. */
  readonly from?: string;
  readonly force: boolean;
}

interface Check {
  readonly step: number;
  readonly equal: boolean;
  readonly stateHash: { readonly kept: string; readonly recomputed: string };
  readonly chain: { readonly kept: string; readonly recomputed: string };
  readonly difference?: StateDifference | undefined;
}

/** Recomputes a run from one of its checkpoints, or from the start, and holds it against those that follow. */
export async function verifyCommand(path: string, options: VerifyOptions): Promise<void> {
  const run = await openRun(path);
  const store = await openCheckpoints(run);
  const { from, targets } = await choose(store, run, options);
  const newest = await readAt(store, targets.at(-1)!, run, options.force);
  if ((newest.extra as CheckpointExtra).class === 'tolerance')
    throw new CliError(
      'NothingToVerify',
      `a graphics device has computed ${run.scenario.name}, to bits of its own. Run it again with --backend wasm into another --output, and hold the two against each other with terrella compare.`,
      EXIT.usage,
    );
  const scenario = applyLayout(await withInputs(run), options.set);
  const prepared = await prepare({ ...run, scenario }, options);
  const schedule = makeSchedule(scenario, prepared);
  const point =
    from &&
    resumePoint(from, {
      prepared,
      identity: run.identity,
      kernelHash: kernelHash(prepared.model, prepared.options.scheme, prepared.options.precision),
      force: options.force,
      isScheduled: (step) => schedule.checkpoints.has(step),
    });
  const simulation = await Simulation.start(prepared.options, startThreads, point);
  const began = performance.now();
  const origin = from ? `step ${from.step}` : 'the start';
  say(options.json, `recomputing ${run.scenario.name} from ${origin}`);
  const checks: Check[] = [];
  try {
    const links = [...schedule.checkpoints].filter((step) => step > simulation.step);
    const stops = [...new Set([...links, ...targets])].sort((a, b) => a - b);
    for (const step of stops.filter((stop) => stop <= Math.max(...targets))) {
      const progress = await simulation.advanceTo(step);
      if (progress.outcome === 'failed') {
        throw new CliError('UnstableStep', `the recomputation failed at step ${progress.failure.step}.`, EXIT.failed);
      }
      const before = simulation.chain;
      const hash = schedule.checkpoints.has(step) ? simulation.linkState(nodeDigest()) : simulation.hash(nodeDigest());
      if (!targets.includes(step)) continue;
      const kept = await readAt(store, step, run, options.force);
      const check = checkOf(kept, step, hash, chainStateHash(before, hash, step), simulation.save(), prepared.grid);
      checks.push(check);
      if (options.json) printEvent({ event: 'checked', ...check });
      say(options.json, describe(check));
    }
  } finally {
    await simulation.close();
  }
  const last = checks.at(-1);
  const stateHash = run.result?.stateHash;
  const endsRight = stateHash === undefined || last?.step !== run.result?.steps || stateHash === last?.stateHash.kept;
  if (!endsRight) say(options.json, `the result's state hash ${stateHash} is not that of the last checkpoint`);
  const equal = endsRight && checks.every((check) => check.equal);
  const wallSeconds = (performance.now() - began) / 1000;
  say(
    options.json,
    equal
      ? `equal: the same bits at ${checks.length} checkpoint${checks.length === 1 ? '' : 's'}, recomputed in ${wallSeconds.toFixed(1)} s`
      : 'NOT EQUAL',
  );
  if (options.json) {
    printEvent({
      event: 'verified',
      scenario: run.scenario.name,
      identity: run.identity,
      equal,
      from: from?.step ?? 0,
      to: last?.step,
      checkpoints: checks.length,
      stateHash: last?.stateHash.recomputed,
      threads: prepared.options.threads,
      backend: `cpu-${options.backend}`,
      wallSeconds,
    });
  }
  process.exitCode = equal ? EXIT.done : EXIT.failed;
}

const stepOf = (key: string): number => Number(/\d+/.exec(key)?.[0]);

const readAt = (store: Store, step: number, run: RunDirectory, force: boolean): Promise<Checkpoint> =>
  readCheckpoint(store, `checkpoint-${String(step).padStart(12, '0')}.terrella`, {
    engineVersion: engineIdentity().version,
    scenario: run.identity,
    force,
  });

async function choose(
  store: Store,
  run: RunDirectory,
  { from: asked, force }: VerifyOptions,
): Promise<{ readonly from: Checkpoint | undefined; readonly targets: readonly number[] }> {
  const steps = (await listCheckpoints(store)).map(stepOf);
  const kept = steps.length > 0 ? steps.join(', ') : 'none';
  const fail = (what: string): CliError =>
    new CliError('NothingToVerify', `${what}. Checkpoints kept: ${kept}.`, EXIT.usage);
  if (steps.length === 0) throw fail('the run has no checkpoint to hold a recomputation against');
  const start = asked === undefined ? (steps.length > 1 ? steps[0]! : 'start') : asked === 'start' ? 'start' : asked;
  if (start === 'start') return { from: undefined, targets: steps };
  const step = Number(start);
  if (!steps.includes(step)) throw fail(`--from ${asked} is no checkpoint of the run; give its step, or start`);
  const targets = steps.filter((one) => one > step);
  if (targets.length === 0) throw fail(`no checkpoint follows step ${step}; give an earlier step, or --from start`);
  return { from: await readAt(store, step, run, force), targets };
}

function checkOf(
  kept: Checkpoint,
  step: number,
  hash: string,
  chain: string,
  recomputed: { readonly fields: readonly StateField[] },
  grid: Parameters<typeof firstDifference>[2],
): Check {
  const difference = firstDifference([...kept.prognostic, ...kept.auxiliary], recomputed.fields, grid);
  return {
    step,
    equal: kept.stateHash === hash && kept.chain === chain && difference === undefined,
    stateHash: { kept: kept.stateHash, recomputed: hash },
    chain: { kept: kept.chain, recomputed: chain },
    difference,
  };
}

function describe({ step, equal, stateHash, chain, difference }: Check): string {
  if (equal) return `step ${step}: equal, state ${stateHash.kept}`;
  if (!difference) {
    return stateHash.kept === stateHash.recomputed
      ? `step ${step}: the state is equal, the chain is not: kept ${chain.kept}, recomputed ${chain.recomputed}`
      : `step ${step}: the hash kept, ${stateHash.kept}, is not that of the state, ${stateHash.recomputed}`;
  }
  return `step ${step}: ${differenceText(difference, 'kept', 'recomputed')}`;
}

/** Where two states differ first, for people. */
export function differenceText(found: StateDifference, nameA: string, nameB: string): string {
  const { field, panel, tile, i, j, longitude, latitude, a, b, count } = found;
  return (
    `${count} values differ, the first in ${field}: panel ${panel}, tile ${tile}, i ${i}, j ${j} ` +
    `(${longitude.toFixed(3)}, ${latitude.toFixed(3)}): ${nameA} ${a}, ${nameB} ${b}`
  );
}
