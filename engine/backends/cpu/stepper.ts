import { instantiatePipeline } from '../../compiler/compile.ts';
import { compileGather } from '../../compiler/gather.ts';
import type { CpuRun, ThreadSetup } from './cpu-run.ts';
import { Shard } from './shard.ts';
import { type Advanced, TileRunner } from './tile-runner.ts';

/** What advances a run: the caller's own thread, or a pool of others. */
export interface Stepper {
  readonly threads: number;
  /** `disturbed` says that the state has been written since the last call. */
  advance(step: number, steps: number, disturbed: boolean): Promise<Advanced>;
  /** Brings fields that are newer elsewhere into the run's memory; left out where they are always there. */
  fetch?(fields: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Brings the halos of a round: packs and sends what others read, waits for theirs and unpacks them. False if they will not
 * come.
 */
export type Exchange = (round: number) => Promise<boolean>;

/** Makes a thread's runner from its setup: instantiates the compiled modules on the shared memory. `now` [ms] times waits. */
export function joinRun(setup: ThreadSetup, now?: () => number): TileRunner {
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
    now,
  );
}

/**
 * Steps on the caller's own thread: where there is no shared memory, or one thread is wanted. A shard needs an exchange;
 * `now` [ms] times it.
 */
export function stepHere(run: CpuRun, exchange?: Exchange, now: () => number = () => 0): Stepper {
  const runner = joinRun(run.setups[0]!);
  if (run.exchangePlan) return stepInRounds(runner, new Shard(run), exchange!, now);
  return {
    threads: 1,
    advance: async (step, steps, disturbed) => runner.advance(step, steps, disturbed),
    close: async () => {},
  };
}

function stepInRounds(runner: TileRunner, shard: Shard, exchange: Exchange, now: () => number): Stepper {
  return {
    threads: 1,
    advance: async (step, steps, disturbed) => {
      let tileSteps = 0;
      let waited = 0;
      for (let round = step * runner.rounds; ; round++) {
        const began = now();
        const isThere = await exchange(round);
        waited += now() - began;
        if (!isThere) return { outcome: 'abandoned', step: Math.floor(round / runner.rounds), tileSteps, waited };
        shard.release(round);
        const advanced = runner.runRound(round, disturbed && round === step * runner.rounds);
        if (!advanced) continue;
        tileSteps += advanced.tileSteps;
        if (advanced.outcome !== 'done' || advanced.step === step + steps) return { ...advanced, tileSteps, waited };
      }
    },
    close: async () => {},
  };
}
