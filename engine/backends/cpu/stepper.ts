import { instantiatePipeline } from '../../compiler/compile.ts';
import { compileGather } from '../../compiler/gather.ts';
import type { CpuRun, ThreadSetup } from './cpu-run.ts';
import { type Advanced, TileRunner } from './tile-runner.ts';

/** What advances a run: the caller's own thread, or a pool of others. */
export interface Stepper {
  readonly threads: number;
  /** `disturbed` says that the state has been written since the last call. */
  advance(step: number, steps: number, disturbed: boolean): Promise<Advanced>;
  close(): Promise<void>;
}

/** Makes a thread's runner from its setup: instantiates the compiled modules on the shared memory. */
export function joinRun(setup: ThreadSetup): TileRunner {
  const { stages, derives, strip, memory, form, thread, plan, ...rest } = setup;
  return new TileRunner(
    {
      ...rest,
      plan,
      memory,
      stages: stages.map((module) => instantiatePipeline(module, memory)),
      derives: derives.map((module) => instantiatePipeline(module, memory)),
      strip: strip && instantiatePipeline(strip, memory),
      gatherOf: (fields) => compileGather(plan.layout.precision, memory, form, fields),
      startTime: 0,
    },
    thread,
  );
}

/** Steps on the caller's own thread: where there is no shared memory, or one thread is wanted. */
export function stepHere(run: CpuRun): Stepper {
  const runner = joinRun(run.setups[0]!);
  return {
    threads: 1,
    advance: async (step, steps, disturbed) => runner.advance(step, steps, disturbed),
    close: async () => {},
  };
}
