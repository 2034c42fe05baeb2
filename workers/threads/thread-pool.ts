import { Worker } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Exchange, Stepper } from '../../engine/backends/cpu/stepper.ts';
import { poolThreads, type StartedThread } from './pool.ts';

/** Threads are started from built JavaScript also when the caller runs from source (in tests). */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/workers/threads/compute-thread.js', import.meta.url)
  : new URL('./compute-thread.js', import.meta.url);

function startWorker(): StartedThread {
  const worker = new Worker(ENTRY);
  return {
    endpoint: nodeEndpoint(worker),
    onFailure: (listener) => {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      // A thread that ends without an error, by process.exit say, sends nothing else.
      worker.on('exit', (code) => listener(new Error(`it ended with code ${code}`)));
    },
    end: () => worker.terminate(),
  };
}

/** `poolThreads` on threads of Node. */
export const startThreads = (run: CpuRun, exchange?: Exchange, now?: () => number): Promise<Stepper> =>
  poolThreads(run, startWorker, exchange, now);
