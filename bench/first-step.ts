import { Simulation } from '../engine/simulation/simulation.ts';
import { loadNamed } from '../workers/cli/load.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import { openFileStore } from '../workers/store/file-store.ts';
import { startThreads } from '../workers/threads/thread-pool.ts';

/**
 * A process of its own: tohoku-2011 from nothing to its first step. Arguments: cells, tile, precision, directory of the
 * bathymetry cache. Prints one line of JSON.
 */
const [cells, tile, precision, cache] = process.argv.slice(2) as [string, string, string, string];
const { scenario } = await loadNamed('tohoku-2011', {
  set: [`grid.cells=${cells}`, `grid.tile=${tile}`, `model.precision=${precision}`],
});
const prepared = await prepareRun(scenario, {
  threads: 2,
  form: 'wasm',
  skipRest: true,
  cache: await openFileStore(cache),
});
const simulation = await Simulation.start(prepared.options, startThreads);
await simulation.advanceTo(1);
// performance.now() counts from the start of the process.
const seconds = performance.now() / 1000;
await simulation.close();
process.stdout.write(`${JSON.stringify({ seconds, peakMemoryMiB: process.resourceUsage().maxRSS / 1024 })}\n`);
