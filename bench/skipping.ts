import { Simulation } from '../engine/simulation/simulation.ts';
import { loadNamed } from '../workers/cli/load.ts';
import { type PreparedRun, prepareRun } from '../workers/run/prepare.ts';
import type { Store } from '../workers/store/store.ts';
import { startThreads } from '../workers/threads/thread-pool.ts';
import { type BenchRow, rounded } from './rows.ts';

/** Steps before the clock starts: WebAssembly is first compiled quickly, then well. */
const WARM_UP = 20;

async function timed(prepared: PreparedRun) {
  const simulation = await Simulation.start(prepared.options, startThreads);
  try {
    await simulation.advanceTo(Math.min(WARM_UP, prepared.steps >> 1));
    const first = simulation.step;
    const began = performance.now();
    const progress = await simulation.advanceTo(prepared.steps);
    const seconds = (performance.now() - began) / 1000;
    if (progress.outcome === 'failed') throw new Error('BenchUnstable: tohoku-2011 failed. Run the tests first.');
    const { computed, offered } = simulation.work;
    const simulated = (prepared.steps - first) * prepared.timeStep;
    return { realTime: simulated / seconds, atRest: 1 - computed / offered, hash: simulation.hash() };
  } finally {
    await simulation.close();
  }
}

/** The Tōhoku tsunami with tiles at rest skipped and with all tiles computed: speed, and whether the bits are the same. */
export async function skipping(cells: number, tile: number, hours: number, cache: Store): Promise<BenchRow[]> {
  const { scenario } = await loadNamed('tohoku-2011', {
    set: [`grid.cells=${cells}`, `grid.tile=${tile}`, `time.duration=${hours} h`],
  });
  const prepared = await prepareRun(scenario, { threads: 2, form: 'wasm', skipRest: true, cache });
  const skipped = await timed(prepared);
  const whole = await timed({ ...prepared, options: { ...prepared.options, skipRest: false } });
  const facts = {
    case: scenario.name,
    backend: 'wasm',
    precision: scenario.model.precision,
    threads: 2,
    tile,
    cells,
    hours,
  };
  const figure = (name: string, value: number, unit: string): BenchRow => ({
    event: 'bench',
    figure: name,
    value: rounded(value),
    unit,
    ...facts,
  });
  return [
    figure('real time, skipping', skipped.realTime, '×'),
    figure('real time, no skipping', whole.realTime, '×'),
    figure('gain of skipping', skipped.realTime / whole.realTime, '×'),
    figure('tile-steps at rest', skipped.atRest, ''),
    figure('same bits', skipped.hash === whole.hash ? 1 : 0, ''),
  ];
}
