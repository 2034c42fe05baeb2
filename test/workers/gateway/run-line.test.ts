import { expect, it } from 'vitest';
import { EXIT } from '../../../workers/cli/errors.ts';
import { loadNamed } from '../../../workers/cli/load.ts';
import { type Job, RunLine } from '../../../workers/cli/run-line.ts';
import { RunBoard } from '../../../workers/gateway/run-board.ts';

const loaded = await loadNamed('gaussian-hump', { small: true });

/** A line of runs that do as they are told, and the runs that have begun. */
function lineOf(work: (job: Job) => Promise<number>) {
  const begun: string[] = [];
  const line = new RunLine(new RunBoard(), (job) => {
    begun.push(job.live.id);
    return work(job);
  });
  const add = () => line.add(loaded, { directory: 'nowhere' });
  return { line, begun, add };
}

it('Ctrl-C ends the run that goes on and begins none of those that wait', async () => {
  const { line, begun, add } = lineOf(async () => EXIT.interrupted);
  const added = [add(), add(), add()];
  expect(await Promise.all(added.map(({ status }) => status))).toEqual(Array(3).fill(EXIT.interrupted));
  expect(begun).toEqual(['gaussian-hump']);
  expect(added.slice(1).map(({ live }) => live.summary().state)).toEqual(['interrupted', 'interrupted']);
  expect([line.isStopped, line.busy]).toEqual([true, false]);
});

it('Ctrl-C that finds a run at its end begins none of those that wait either', async () => {
  const { line, begun, add } = lineOf(async ({ live }) => {
    live.interrupted = () => true;
    return EXIT.done;
  });
  const added = [add(), add()];
  expect(await Promise.all(added.map(({ status }) => status))).toEqual([EXIT.done, EXIT.interrupted]);
  expect(begun).toEqual(['gaussian-hump']);
  expect(line.isStopped).toBe(true);
});

it('a viewer’s stop ends one run alone', async () => {
  const { line, begun, add } = lineOf(async ({ live }) => {
    live.control.stop();
    return EXIT.interrupted;
  });
  await Promise.all([add().status, add().status]);
  expect(begun).toHaveLength(2);
  expect(line.isStopped).toBe(false);
});

it('a line that stops asks the run that goes on to stop', async () => {
  const { line, begun, add } = lineOf(async ({ live }) => {
    while (!live.stopAsked) await new Promise((done) => setTimeout(done, 5));
    return EXIT.interrupted;
  });
  const all = Promise.all([add().status, add().status]);
  await new Promise((done) => setTimeout(done, 20));
  line.stop();
  await all;
  expect(begun).toHaveLength(1);
});

it('of runs that are over the oldest lose their frames first', async () => {
  const forgotten: string[] = [];
  const { add } = lineOf(async ({ live }) => {
    live.keptBytes = () => 200 * 2 ** 20;
    live.forget = () => forgotten.push(live.id);
    return EXIT.done;
  });
  await Promise.all([add(), add(), add(), add(), add()].map(({ status }) => status));
  expect(forgotten).toEqual(['gaussian-hump', 'gaussian-hump-2']);
});

it('a run whose memory cannot be let go costs no later run its turn', async () => {
  const { begun, add } = lineOf(async ({ live }) => {
    live.release = () => {
      throw new Error('it cannot be let go');
    };
    return EXIT.done;
  });
  const statuses = await Promise.all([add(), add(), add()].map(({ status }) => status));
  expect(statuses).toEqual([EXIT.done, EXIT.done, EXIT.done]);
  expect(begun).toHaveLength(3);
});
