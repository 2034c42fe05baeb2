import type { ThreadSetup } from '../../engine/backends/cpu/cpu-run.ts';
import { joinRun } from '../../engine/backends/cpu/stepper.ts';
import type { Advanced, TileRunner } from '../../engine/backends/cpu/tile-runner.ts';

/** What the main thread may ask of a compute thread. Calls are for control only; the step loop makes none. */
export interface ComputeThread {
  join(setup: ThreadSetup): void;
  advance(step: number, steps: number, disturbed: boolean): Advanced;
}

/** The compute thread that this thread is, of Node or of a page. */
export function computeThread(): ComputeThread {
  let runner: TileRunner | undefined;
  return {
    join(setup) {
      runner = joinRun(setup, () => performance.now());
    },
    advance(step, steps, disturbed) {
      if (!runner)
        throw new Error('ThreadNotJoined: advance was called before join. Call join with the thread’s setup first.');
      return runner.advance(step, steps, disturbed);
    },
  };
}
