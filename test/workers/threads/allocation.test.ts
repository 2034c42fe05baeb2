import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { CpuRun } from '../../../engine/backends/cpu/cpu-run.ts';
import { joinRun } from '../../../engine/backends/cpu/stepper.ts';
import { prepareSmall, startSimulation, writeSmallOcean } from '../run/small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of JavaScript heap that some work takes; no collection can hide any, for the heap is far from full. */
function allocated(work: () => void): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  work();
  return process.memoryUsage().heapUsed - before;
}

test('the step loop allocates nothing: as much for two hundred steps as for one', async () => {
  const { options } = (await prepareSmall(file, ['grid.cells=8', 'grid.tile=4', 'time.duration=60 h'])).prepared;
  const run = new CpuRun(options);
  run.exchange('bed');
  run.markActivity();
  const runner = joinRun(run.setups[0]!);
  // Until the optimising compiler is done with it.
  for (let warm = 0; warm < 8; warm++) runner.advance(warm * 100, 100, warm === 0);
  const one = Math.min(...Array.from({ length: 6 }, () => allocated(() => runner.advance(1000, 1, false))));
  const many = Math.min(...Array.from({ length: 6 }, () => allocated(() => runner.advance(1000, 200, false))));
  console.log(`heap for 1 step: ${one} bytes, for 200 steps: ${many} bytes`);
  // Less than the smallest object a step.
  expect(many - one).toBeLessThan(200 * 16);
});

test('a long run keeps nothing of its steps: the heap is as large after as before', async () => {
  const set = ['grid.cells=8', 'grid.tile=4', 'time.duration=600 h'];
  const { prepared } = await prepareSmall(file, set, { threads: 2 });
  const simulation = await startSimulation(prepared);
  simulation.onSample = () => {};
  const sizes: number[] = [];
  for (let part = 1; part <= 4; part++) {
    // A call for every few steps, as a run with many outputs makes them.
    for (let call = 0; call < 120; call++) await simulation.advanceTo(simulation.step + 2);
    collect();
    sizes.push(process.memoryUsage().heapUsed);
  }
  await simulation.close();
  console.log(`heap after each 120 calls [KiB]: ${sizes.map((size) => Math.round(size / 1024)).join(' ')}`);
  expect(sizes[3]! - sizes[1]!).toBeLessThan(64 * 1024);
});
