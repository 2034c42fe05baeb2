import { readFile } from 'node:fs/promises';
import { tilesAlongCurve } from '../../coordinator/curve.ts';
import { wallClock } from '../../node/clock.ts';
import type { ClusterJob, RunRecord } from '../../protocol/cluster.ts';
import { isName } from '../../protocol/cluster-subjects.ts';
import { NO_HISTORY } from '../../protocol/metering.ts';
import { kernelHash } from '../../run/kernel-hash.ts';
import { prepareRun } from '../../run/prepare.ts';
import { workOf } from '../cluster-job.ts';
import { type LinkOptions, linkToLeader, nameOfProcess, speakerOf } from '../cluster-link.ts';
import { CliError, EXIT } from '../errors.ts';
import { type LoadedScenario, loadNamed, openCache, scenarioFile } from '../load.ts';
import { printEvent, say } from '../terminal.ts';
import { isLibraryName, loadVisitorsScenario } from '../visitors-scenario.ts';

export interface SubmitOptions extends LinkOptions {
  readonly set: readonly string[];
  readonly small: boolean;
  readonly name?: string;
  readonly owner?: string;
  readonly cutEvery?: number;
  readonly wait: boolean;
  readonly json: boolean;
}

/** Cuts of a run, unless told otherwise. */
const CUTS = 20;
/** Steps between cuts at least: each costs a round through the broker. */
const LEAST_STEPS = 8;
const LOOK = 200;
/** A cluster that was just started needs so long, or less [ms]. */
const UNTIL_ONE_LEADS = 10_000;
/** As long as it may take until another leads, and more [ms]. */
const BETWEEN_LEADERS = 60_000;

/** What is sent to the nodes: a name of the library, or the file's own text. */
async function textOf(scenario: string, { set, small }: SubmitOptions): Promise<string> {
  if (isLibraryName(scenario)) return scenario;
  if (set.length > 0 || small)
    throw new CliError(
      'Usage',
      '--set and --small go with scenarios of the library. Write them into the file.',
      EXIT.usage,
    );
  return readFile(await scenarioFile(scenario), 'utf8');
}

/** The record of a new run. */
async function newRecord(scenario: string, owner: string, options: SubmitOptions): Promise<RunRecord> {
  const text = await textOf(scenario, options);
  const { set, small } = options;
  const loaded: LoadedScenario =
    text === scenario ? await loadNamed(scenario, { set, small }) : await loadVisitorsScenario(text);
  const prepared = await prepareRun(loaded.scenario, {
    threads: 1,
    form: 'wasm',
    skipRest: true,
    cache: await openCache(),
  });
  const { grid, model, options: run } = prepared;
  const work = workOf(prepared);
  const job: ClusterJob = {
    scenario: text,
    set,
    small,
    identity: loaded.identity,
    kernelHash: kernelHash(model, run.scheme, run.precision),
  };
  const name = options.name ?? nameOfProcess(loaded.scenario.name).replace(/^(.*)-.*-/, '$1-');
  if (!isName(name))
    throw new CliError('Usage', `${name} is no name. Use letters, digits, - and _, 64 at most.`, EXIT.usage);
  return {
    run: name,
    owner,
    job: JSON.stringify(job),
    state: 'queued',
    ...work,
    cutEvery: options.cutEvery ?? Math.max(LEAST_STEPS, Math.ceil(work.steps / CUTS)),
    curve: tilesAlongCurve(grid),
    epoch: 0,
    members: [],
    owners: [],
    history: NO_HISTORY,
  };
}

const SUBMITTERS = ['admin', 'scientist'] as const;

/** Who submits: a scientist for itself alone. Throws WrongRole, WrongName. */
async function ownerOf(options: SubmitOptions): Promise<string> {
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

/** Hands a run to the cluster and, unless told otherwise, waits for its state hash. */
export async function submitCommand(scenario: string, options: SubmitOptions): Promise<void> {
  const record = await newRecord(scenario, await ownerOf(options), options);
  const leader = await linkToLeader(options, SUBMITTERS);
  try {
    await leader.ask({ type: 'submit', record }, UNTIL_ONE_LEADS);
    const { run, steps } = record;
    if (options.json) printEvent({ event: 'submitted', run, steps, cutEvery: record.cutEvery });
    else say(false, `submitted as ${run}: ${steps} steps, a cut every ${record.cutEvery}`);
    if (!options.wait) return;
    const began = performance.now();
    let told = '';
    for (;;) {
      const reply = await leader.ask({ type: 'records', runs: [run] }, BETWEEN_LEADERS);
      const now = reply.type === 'records' ? reply.records.find((one) => one.run === run) : undefined;
      if (now) {
        const { state, epoch, members, cut, stateHash, message } = now;
        const line = `${run}: ${state}, epoch ${epoch} on ${members.length} nodes, step ${cut?.step ?? 0} of ${steps}`;
        if (line !== told) {
          told = line;
          if (options.json)
            printEvent({ event: 'progress', run, state, epoch, nodes: members.length, step: cut?.step ?? 0, steps });
          else say(false, line);
        }
        if (state === 'failed' || state === 'cancelled')
          throw new CliError('RunEnded', `${run} was ${state}${message ? `: ${message}` : ''}.`);
        if (state === 'finished' && stateHash !== undefined) {
          const wallSeconds = (performance.now() - began) / 1000;
          const { firstAccepted } = now;
          if (options.json) printEvent({ event: 'finished', run, epoch, stateHash, wallSeconds, firstAccepted });
          else {
            const first =
              firstAccepted === undefined ? '' : `, the first steps accepted after ${firstAccepted.toFixed(1)} s`;
            say(false, `finished in ${wallSeconds.toFixed(1)} s${first}\nstate hash ${stateHash}`);
          }
          return;
        }
      }
      await wallClock.wait(LOOK);
    }
  } finally {
    await leader.close();
  }
}
