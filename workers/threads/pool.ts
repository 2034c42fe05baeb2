import * as Comlink from 'comlink';
import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import { Shard } from '../../engine/backends/cpu/shard.ts';
import { type Exchange, type Stepper, stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { Advanced } from '../../engine/backends/cpu/tile-runner.ts';
import type { ComputeThread } from './joined-thread.ts';

/** A thread that has been started, of Node or of a page. */
export interface StartedThread {
  readonly endpoint: Comlink.Endpoint;
  /** Called with the cause when the thread fails or ends by itself. */
  onFailure(listener: (cause: unknown) => void): void;
  end(): unknown;
}

/**
 * Starts the compute threads of a run, each by `start`; a run whose memory is not shared steps on the caller's. Throws
 * ThreadFailed if a thread cannot join; `advance` throws it if one throws or dies. All threads then end, since the others
 * would wait for ever at the next barrier.
 */
export async function poolThreads(
  run: CpuRun,
  start: () => StartedThread,
  exchange?: Exchange,
  now?: () => number,
): Promise<Stepper> {
  if (!run.options.shared) return stepHere(run, exchange, now);
  if (run.options.form === 'reference') {
    throw new Error(
      `ThreadFailed: kernels in the reference form are functions, which cannot be sent to ${run.setups.length} threads. Use threads: 1, or the form wasm or js.`,
    );
  }
  const workers: StartedThread[] = [];
  try {
    for (const _ of run.setups) workers.push(start());
  } catch (cause) {
    await Promise.all(workers.map((worker) => worker.end()));
    throw new Error(
      `ThreadFailed: the system would start ${workers.length} of ${run.setups.length} threads (${cause instanceof Error ? cause.message : cause}). Use fewer --threads.`,
      { cause },
    );
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= Promise.all(workers.map((worker) => worker.end())).then(() => {});
    // A call that is under way gets no answer any more.
    refuse?.(new Error('ThreadFailed: the threads were ended while they computed.'));
    return closing;
  };
  let failure: Error | undefined;
  /** Rejects the call that is under way. */
  let refuse: ((failure: Error) => void) | undefined;
  const fail = (index: number, cause: unknown): Error => {
    failure ??= new Error(
      `ThreadFailed: compute thread ${index} of ${workers.length} stopped: ${cause instanceof Error ? cause.message : cause}. ` +
        'Resume from the last checkpoint; where it happens again, try --threads 1.',
      { cause },
    );
    refuse?.(failure);
    void close();
    return failure;
  };
  workers.forEach((worker, index) => {
    worker.onFailure((cause) => {
      if (!closing) fail(index, cause);
    });
  });
  const threads = workers.map(({ endpoint }) => Comlink.wrap<ComputeThread>(endpoint));

  /** Asks every thread at once; the first failure, of the call or of a thread, is everybody's. */
  const askAll = async <Answer>(
    ask: (thread: (typeof threads)[number], index: number) => Promise<Answer>,
  ): Promise<Answer[]> => {
    if (failure) throw failure;
    try {
      return await new Promise<Answer[]>((resolve, reject) => {
        refuse = reject;
        const answers = threads.map((thread, index) =>
          ask(thread, index).catch((cause: unknown) => Promise.reject(fail(index, cause))),
        );
        Promise.all(answers).then(resolve, reject);
      });
    } catch (cause) {
      await close();
      throw cause;
    } finally {
      refuse = undefined;
    }
  };

  await askAll((thread, index) => thread.join(run.setups[index]!));
  const shard = run.exchangePlan && new Shard(run);
  return {
    threads: threads.length,
    advance: async (step, steps, disturbed) => {
      shard?.expect(step);
      const reports = askAll<Advanced>((thread) => thread.advance(step, steps, disturbed));
      if (shard) await bringHalos(shard, exchange!, step, reports);
      return (await reports)[0]!;
    },
    close,
  };
}

/** Exchanges round after round as the threads begin them, until they have reported. */
async function bringHalos(shard: Shard, exchange: Exchange, step: number, reports: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = reports.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  let round = step * shard.plan.rounds.length - 1;
  for (;;) {
    const begun = await Promise.race([shard.nextRound(round), over]);
    if (isOver || begun === undefined) {
      shard.stopWaiting();
      return;
    }
    round = begun;
    if (await exchange(round)) shard.release(round);
    else {
      shard.abandon();
      return;
    }
  }
}
