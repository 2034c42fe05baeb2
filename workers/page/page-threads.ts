import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Exchange, Stepper } from '../../engine/backends/cpu/stepper.ts';
import { poolThreads, type StartedThread } from '../threads/pool.ts';

/** `poolThreads` on workers of a page, which `start` makes: a bundler must see where it is written. */
export const startPageThreads = (
  run: CpuRun,
  start: () => Worker,
  exchange?: Exchange,
  now?: () => number,
): Promise<Stepper> => poolThreads(run, () => startedWorker(start()), exchange, now);

function startedWorker(worker: Worker): StartedThread {
  return {
    endpoint: worker,
    onFailure: (listener) => {
      worker.onerror = (event) => {
        event.preventDefault();
        listener(new Error(event.message || 'its program could not be fetched'));
      };
      worker.onmessageerror = () => listener(new Error('a message could not be read'));
    },
    end: () => worker.terminate(),
  };
}
