import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuRun, type ThreadSetup } from '../../../engine/backends/cpu/cpu-run.ts';
import type { PipelineModule } from '../../../engine/compiler/compile.ts';
import { Simulation } from '../../../engine/simulation/simulation.ts';
import { startThreads } from '../../../workers/threads/thread-pool.ts';
import { prepareSmall, writeSmallOcean } from '../run/small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** Text of a pipeline in the JavaScript form that does something else when it runs. */
const running = (text: string): string => `return () => { ${text} }`;

/** Threads whose last one has another pipeline in its last stage. */
function sabotaged(run: CpuRun, text: string): CpuRun {
  const setups = run.setups.map((setup, thread): ThreadSetup => {
    if (thread < run.setups.length - 1) return setup;
    const stages = setup.stages.map((module, stage): PipelineModule => {
      const { name, scratchBytes, params } = module;
      return stage < setup.stages.length - 1 ? module : { name, scratchBytes, params, form: 'js', text };
    });
    return { ...setup, stages };
  });
  return Object.assign(Object.create(Object.getPrototypeOf(run)), run, { setups });
}

describe('a compute thread that goes wrong ends the run, instead of leaving the others to wait', () => {
  let options: Simulation['options'];
  beforeAll(async () => {
    const set = ['grid.cells=16', 'grid.tile=4'];
    options = (await prepareSmall(file, set, { threads: 3 })).prepared.options;
  });

  test('when it cannot begin', async () => {
    const run = sabotaged(new CpuRun(options), 'throw new Error("no such instruction")');
    await expect(startThreads(run)).rejects.toThrow(
      /^ThreadFailed: compute thread 2 of 3 stopped: no such instruction\. .*--threads 1/,
    );
  });

  test('when it ends by itself before it has begun', async () => {
    const run = sabotaged(new CpuRun(options), 'process.exit(3)');
    await expect(startThreads(run)).rejects.toThrow(
      /^ThreadFailed: compute thread 2 of 3 stopped: it ended with code 3/,
    );
  });

  test.each([
    ['throws', 'throw new Error("divided by nothing")', /thread 2 of 3 stopped: divided by nothing/],
    ['throws what is no error', 'throw "nothing"', /thread 2 of 3 stopped: nothing/],
    ['ends by itself', 'process.exit(7)', /thread 2 of 3 stopped: it ended with code 7/],
    ['runs out of stack', 'const f = () => f() + 1; f()', /thread 2 of 3 stopped: Maximum call stack size exceeded/],
  ] as const)('when it %s in the middle of a step', async (_, text, message) => {
    const simulation = await Simulation.start(options, (run) => startThreads(sabotaged(run, running(text))));
    await expect(simulation.advanceTo(20)).rejects.toThrow(message);
    // Neither a later call nor the end of the run waits for threads that are gone.
    await expect(simulation.advanceTo(20)).rejects.toThrow(message);
    await simulation.close();
    await simulation.close();
  });

  test('when its kernels cannot be sent to it', async () => {
    const run = new CpuRun({ ...options, form: 'reference' });
    await expect(startThreads(run)).rejects.toThrow(/^ThreadFailed: .*reference form.*threads: 1/);
  });
});
