import { wholeStatus } from '../../coordinator/whole-status.ts';
import { wallClock } from '../../node/clock.ts';
import { mayCompute, promisedHash, type RunRecord } from '../../protocol/cluster.ts';
import { prepareRun } from '../../run/prepare.ts';
import { BETWEEN_LEADERS, type LeaderLink, linkToLeader, UNTIL_ONE_LEADS } from '../cluster-link.ts';
import { loadForCluster, newRecord, SUBMITTERS, type SubmissionOptions } from '../cluster-submission.ts';
import { CliError } from '../errors.ts';
import { openCache } from '../load.ts';
import { printEvent, say } from '../terminal.ts';

export interface SubmitOptions extends SubmissionOptions {
  readonly wait: boolean;
  readonly json: boolean;
}

const LOOK = 200;
/** A run that waits for so long has a reason [ms]. */
const LONG_WAIT = 3000;

/** Why a run waits that wants the bits of processors, if it is for want of them. */
async function whyWaiting(record: RunRecord, ask: LeaderLink['ask']): Promise<string | undefined> {
  const { nodes } = await wholeStatus((request) => ask(request, BETWEEN_LEADERS));
  const there = nodes.filter(({ silent, patience }) => silent <= patience);
  if (there.length === 0) return `${record.run} waits for a node. Start one with: terrella node`;
  if (there.some(({ member }) => mayCompute(member, record))) return undefined;
  return `${record.run} waits for a node on a processor: the ${there.length} that are there compute on graphics devices. With --class tolerance they take part.`;
}

/** Hands a run to the cluster and, unless told otherwise, waits for its state hash. */
export async function submitCommand(scenario: string, options: SubmitOptions): Promise<void> {
  const submission = await loadForCluster(scenario, options);
  const settings = { threads: 1, form: 'wasm', skipRest: true, cache: await openCache() } as const;
  const record = await newRecord(submission, await prepareRun(submission.loaded.scenario, settings), false, options);
  const leader = await linkToLeader(options, SUBMITTERS);
  try {
    await leader.ask({ type: 'submit', record }, UNTIL_ONE_LEADS);
    const { run, steps } = record;
    if (options.json) printEvent({ event: 'submitted', run, steps, cutEvery: record.cutEvery });
    else say(false, `submitted as ${run}: ${steps} steps, a cut every ${record.cutEvery}`);
    if (!options.wait) return;
    const began = performance.now();
    let told = '';
    let isExplained = false;
    for (;;) {
      const reply = await leader.ask({ type: 'records', runs: [run] }, BETWEEN_LEADERS);
      const now = reply.type === 'records' ? reply.records.find((one) => one.run === run) : undefined;
      if (now) {
        const { state, epoch, members, cut, message } = now;
        const line = `${run}: ${state}, epoch ${epoch} on ${members.length} nodes, step ${cut?.step ?? 0} of ${steps}`;
        if (line !== told) {
          told = line;
          if (options.json)
            printEvent({ event: 'progress', run, state, epoch, nodes: members.length, step: cut?.step ?? 0, steps });
          else say(false, line);
        }
        if (state === 'queued' && !isExplained && performance.now() > began + LONG_WAIT) {
          isExplained = true;
          const why = await whyWaiting(now, leader.ask);
          if (why !== undefined && options.json) printEvent({ event: 'waiting', run, message: why });
          if (why !== undefined) say(true, why);
        }
        if (state === 'failed' || state === 'cancelled')
          throw new CliError('RunEnded', `${run} was ${state}${message ? `: ${message}` : ''}.`);
        if (state === 'finished' && now.stateHash !== undefined) {
          const wallSeconds = (performance.now() - began) / 1000;
          const { firstAccepted } = now;
          const stateHash = promisedHash(now);
          const { devices = [] } = now.tolerance ?? {};
          const kind = stateHash === undefined ? 'tolerance' : 'bitwise';
          const result = { class: kind, ...(kind === 'tolerance' ? { devices } : { stateHash }) };
          if (options.json) printEvent({ event: 'finished', run, epoch, ...result, wallSeconds, firstAccepted });
          else {
            const first =
              firstAccepted === undefined ? '' : `, the first steps accepted after ${firstAccepted.toFixed(1)} s`;
            const bits =
              kind === 'bitwise'
                ? `state hash ${stateHash}`
                : `class tolerance: ${devices.join(', ')} had a part in it`;
            say(false, `finished in ${wallSeconds.toFixed(1)} s${first}\n${bits}`);
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
