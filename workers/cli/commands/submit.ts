import { wallClock } from '../../node/clock.ts';
import { prepareRun } from '../../run/prepare.ts';
import { BETWEEN_LEADERS, linkToLeader, UNTIL_ONE_LEADS } from '../cluster-link.ts';
import { loadForCluster, newRecord, SUBMITTERS, type SubmissionOptions } from '../cluster-submission.ts';
import { CliError } from '../errors.ts';
import { openCache } from '../load.ts';
import { printEvent, say } from '../terminal.ts';

export interface SubmitOptions extends SubmissionOptions {
  readonly wait: boolean;
  readonly json: boolean;
}

const LOOK = 200;

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
