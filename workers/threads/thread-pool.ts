import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import { type Stepper, stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { ComputeThread } from './compute-thread.ts';

/** Threads are started from built JavaScript also when the caller runs from source (in tests). */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/workers/threads/compute-thread.js', import.meta.url)
  : new URL('./compute-thread.js', import.meta.url);

/** Starts the compute threads of a run; one thread alone, or a memory that cannot be shared, steps on the caller's. */
export async function startThreads(run: CpuRun): Promise<Stepper> {
  if (run.setups.length === 1) return stepHere(run);
  const workers = run.setups.map(() => new Worker(ENTRY));
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  // A thread that dies leaves the others waiting for it, so all of them go.
  const death = new Promise<never>((_, reject) => {
    workers.forEach((worker, index) => {
      worker.once('error', (cause) => {
        reject(new Error(`ThreadDied: compute thread ${index} stopped: ${cause.message}`, { cause }));
        void close();
      });
    });
  });
  death.catch(() => {});
  const threads = workers.map((worker) => Comlink.wrap<ComputeThread>(nodeEndpoint(worker)));
  try {
    await Promise.race([death, Promise.all(threads.map((thread, index) => thread.join(run.setups[index]!)))]);
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    threads: threads.length,
    advance: async (step, steps, disturbed) => {
      const reports = await Promise.race([
        death,
        Promise.all(threads.map((thread) => thread.advance(step, steps, disturbed))),
      ]);
      return reports[0]!;
    },
    close,
  };
}
