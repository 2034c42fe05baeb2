import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { ThreadSetup } from '../../engine/backends/cpu/cpu-run.ts';
import { joinRun } from '../../engine/backends/cpu/stepper.ts';
import type { Advanced, TileRunner } from '../../engine/backends/cpu/tile-runner.ts';

/** What the main thread may ask of a compute thread. Calls are for control only; the step loop makes none. */
export interface ComputeThread {
  join(setup: ThreadSetup): void;
  advance(step: number, steps: number, disturbed: boolean): Advanced;
}

let runner: TileRunner | undefined;

const thread: ComputeThread = {
  join(setup) {
    runner = joinRun(setup, () => performance.now());
  },
  advance(step, steps, disturbed) {
    if (!runner)
      throw new Error('ThreadNotJoined: advance was called before join. Call join with the thread’s setup first.');
    return runner.advance(step, steps, disturbed);
  },
};

if (parentPort) Comlink.expose(thread, nodeEndpoint(parentPort));
