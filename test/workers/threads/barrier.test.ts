import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const BARRIER = pathToFileURL(resolve('dist/engine/backends/cpu/barrier.js')).href;
const ROUNDS = process.env.TERRELLA_DEPTH === 'deep' ? 100_000 : 20_000;

/**
 * What a compute thread does at each stage, without the physics: clears the counter after next, takes tasks from this
 * stage's counter, works on each for a random while, and meets the others. It counts every task that it took, and every
 * time it saw another thread more than a round away.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { barrier, buffer, thread, threads, rounds } = workerData;
import(barrier).then(({ CONTROL, meet }) => {
  const control = new Int32Array(buffer, 0, CONTROL.cells);
  const progress = new Int32Array(buffer, 256, threads);
  const taken = new Int32Array(buffer, 512, rounds);
  let random = thread + 1;
  let astray = 0;
  for (let round = 0; round < rounds; round++) {
    const turn = round % 3;
    const tasks = (round * 7) % 5;
    if (thread === 0) Atomics.store(control, CONTROL.tasks + ((turn + 1) % 3), 0);
    while (Atomics.add(control, CONTROL.tasks + turn, 1) < tasks) {
      Atomics.add(taken, round, 1);
      random = Math.imul(random, 1664525) + 1013904223;
      for (let work = (random >>> 24) * (random & 1) * 4; work > 0; work--) Atomics.load(taken, round);
    }
    Atomics.store(progress, thread, round + 1);
    meet(control, threads);
    for (let other = 0; other < threads; other++) {
      const ahead = Atomics.load(progress, other) - (round + 1);
      if (ahead < 0 || ahead > 1) astray++;
    }
  }
  parentPort.postMessage(astray);
});
`;

test.each([2, 3, 4])(
  `%i threads that meet ${ROUNDS} times never part, and do every task once`,
  async (threads) => {
    const buffer = new SharedArrayBuffer(512 + 4 * ROUNDS);
    const workers = Array.from(
      { length: threads },
      (_, thread) =>
        new Worker(THREAD, { eval: true, workerData: { barrier: BARRIER, buffer, thread, threads, rounds: ROUNDS } }),
    );
    const astray = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<number>((done, fail) => {
            worker.once('message', done);
            worker.once('error', fail);
          }),
      ),
    );
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(astray).toEqual(Array.from({ length: threads }, () => 0));
    const taken = new Int32Array(buffer, 512, ROUNDS);
    expect(taken.findIndex((count, round) => count !== (round * 7) % 5)).toBe(-1);
  },
  600_000,
);
