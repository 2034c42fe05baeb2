import { readFile } from 'node:fs/promises';
import { tilesAlongCurve } from '../coordinator/curve.ts';
import type { ClusterJob, Followed, RunRecord } from '../protocol/cluster.ts';
import { MOST_DUE } from '../protocol/cluster-messages.ts';
import { isName } from '../protocol/cluster-subjects.ts';
import { NO_HISTORY } from '../protocol/metering.ts';
import type { ResultClass } from '../run/form.ts';
import { workOf } from '../run/job-work.ts';
import { kernelHash } from '../run/kernel-hash.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { makeSchedule } from '../run/schedule.ts';
import { type LinkOptions, nameOfProcess, speakerOf } from './cluster-link.ts';
import { CliError, EXIT } from './errors.ts';
import { type LoadedScenario, loadNamed, scenarioFile } from './load.ts';
import { isLibraryName, loadVisitorsScenario } from './visitors-scenario.ts';

/** What somebody hands to a cluster, and in whose name. */
export interface SubmissionOptions extends LinkOptions {
  readonly set: readonly string[];
  readonly small: boolean;
  readonly name?: string;
  readonly owner?: string;
  readonly cutEvery?: number;
  /** Whether nodes on graphics devices may take part. */
  readonly class?: ResultClass;
}

export const SUBMITTERS = ['admin', 'scientist'] as const;

/** Cuts of a run, unless told otherwise. */
const CUTS = 20;
/** Steps between cuts at least: each costs a round through the broker. */
const LEAST_STEPS = 8;
/** So many times as far apart as cuts would be, states that are wanted anyhow make others needless. */
const NEAR = 3;

/** What is sent to the nodes: a name of the library, or the file's own text. Throws Usage. */
async function textOf(scenario: string, { set, small }: Pick<SubmissionOptions, 'set' | 'small'>): Promise<string> {
  if (isLibraryName(scenario)) return scenario;
  if (set.length > 0 || small)
    throw new CliError(
      'Usage',
      '--set and --small go with scenarios of the library. Write them into the file.',
      EXIT.usage,
    );
  return readFile(await scenarioFile(scenario), 'utf8');
}

/** A scenario as every node will load it, and what nodes are told of it. */
export async function loadForCluster(
  scenario: string,
  options: Pick<SubmissionOptions, 'set' | 'small'>,
): Promise<{ readonly text: string; readonly loaded: LoadedScenario }> {
  const text = await textOf(scenario, options);
  const loaded = text === scenario ? await loadNamed(scenario, options) : await loadVisitorsScenario(text);
  return { text, loaded };
}

/** Who submits: a scientist for itself alone. Throws WrongRole, WrongName. */
export async function ownerOf(options: SubmissionOptions): Promise<string> {
  const { role, user } = await speakerOf(options, SUBMITTERS);
  const { owner } = options;
  if (role === 'scientist' && user !== undefined && owner !== undefined && owner !== user)
    throw new CliError(
      'WrongName',
      `--owner ${owner}, and the credentials are of ${user}. Leave --owner out, or use the credentials of an admin.`,
      EXIT.usage,
    );
  return owner ?? user ?? 'me';
}

/** Steps at which whoever collects the run wants its state. Throws TooManyFrames. */
function dueSteps(loaded: LoadedScenario, prepared: PreparedRun): number[] {
  const { frames, checkpoints } = makeSchedule(loaded.scenario, prepared);
  const due = [...new Set([...frames.keys(), ...checkpoints])].filter((step) => step > 0).sort((a, b) => a - b);
  if (due.length <= MOST_DUE) return due;
  throw new CliError(
    'TooManyFrames',
    `${loaded.scenario.name} has output at ${due.length} steps, and a cluster keeps ${MOST_DUE} at most. Write longer intervals into output.`,
    EXIT.usage,
  );
}

function cutsOf(steps: number, followed: Followed | undefined): number {
  const usual = Math.max(LEAST_STEPS, Math.ceil(steps / CUTS));
  const due = [...(followed?.due ?? []), steps];
  return due.every((step, k) => step - (due[k - 1] ?? 0) <= NEAR * usual) ? steps : usual;
}

/** The record of a new run; `isFollowed` where somebody will collect its fields and stations. */
export async function newRecord(
  { text, loaded }: Awaited<ReturnType<typeof loadForCluster>>,
  prepared: PreparedRun,
  isFollowed: boolean,
  options: SubmissionOptions,
): Promise<RunRecord> {
  const { grid, model, options: run } = prepared;
  const work = workOf(prepared);
  const job: ClusterJob = {
    scenario: text,
    set: options.set,
    small: options.small,
    identity: loaded.identity,
    kernelHash: kernelHash(model, run.scheme, run.precision),
  };
  if (options.class === 'tolerance' && run.precision !== 'float32')
    throw new CliError(
      'NeedsFloat32',
      `${loaded.scenario.name} is in ${run.precision}, devices compute in float32. Use --set model.precision=float32, or leave out --class tolerance.`,
      EXIT.usage,
    );
  const name = options.name ?? nameOfProcess(loaded.scenario.name).replace(/^(.*)-.*-/, '$1-');
  if (!isName(name))
    throw new CliError('Usage', `${name} is no name. Use letters, digits, - and _, 64 at most.`, EXIT.usage);
  const followed = isFollowed ? { due: dueSteps(loaded, prepared), trail: [] } : undefined;
  return {
    run: name,
    owner: await ownerOf(options),
    job: JSON.stringify(job),
    state: 'queued',
    ...work,
    cutEvery: options.cutEvery ?? cutsOf(work.steps, followed),
    ...(followed ? { followed } : {}),
    ...(options.class === 'tolerance' ? { tolerance: { devices: [] } } : {}),
    curve: tilesAlongCurve(grid),
    epoch: 0,
    members: [],
    owners: [],
    history: NO_HISTORY,
  };
}
