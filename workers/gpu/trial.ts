import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Stepper } from '../../engine/backends/cpu/stepper.ts';
import { type Disturbance, Simulation, type SimulationOptions } from '../../engine/simulation/simulation.ts';
import { type Snapshot, takeSnapshot } from './parity.ts';

/** Steps after which back ends are compared, before they are timed. */
export const PARITY_STEPS = 4;

/** Height of the ripples that a sea at rest gets, so that something moves [m]. */
const RIPPLE = 0.1;

/** A stride takes about so long, as that of a run [ms]. */
const STRIDE = 250;

/** What came of a trial: its state at the start and after `PARITY_STEPS`, and how fast it went on. */
export interface Trial {
  readonly start: Snapshot;
  readonly after: Snapshot;
  readonly millionCellStagesPerSecond: number;
  readonly secondsPerStep: number;
}

/** Ripples where the sea is deep, the same everywhere and every time. */
function ripples({ grid, model, trust }: SimulationOptions): Disturbance {
  const cells: number[] = [];
  const amounts: number[] = [];
  let chance = 1;
  for (let panel = 0; panel < grid.panels; panel++)
    for (let j = 0; j < grid.cellsY; j++)
      for (let i = 0; i < grid.cellsX; i++) {
        chance = (Math.imul(chance, 1664525) + 1013904223) >>> 0;
        if (!trust(panel, i, j)) continue;
        cells.push((panel * grid.cellsY + j) * grid.cellsX + i);
        amounts.push(RIPPLE * (chance / 2 ** 31 - 1));
      }
  const change = { cells: Uint32Array.from(cells), amounts: Float64Array.from(amounts) };
  return {
    fields: [model.conserved!.field],
    lastStep: 0,
    at: (step) => (step === 0 ? change : undefined),
  };
}

/**
 * A run's own kernels with all tiles at work: nothing is skipped, recorded or set off, and a model that would rest gets
 * ripples. `form` wgsl or gpujs is for a device, wasm for the processor with the run's threads.
 */
export function trialOptions(options: SimulationOptions, form: 'wasm' | 'wgsl' | 'gpujs'): SimulationOptions {
  const { model } = options;
  return {
    ...options,
    form,
    ...(form === 'wasm' ? {} : { threads: 1, shared: false }),
    skipRest: false,
    samples: [],
    disturbances: model.rest && model.conserved ? [ripples(options)] : [],
  };
}

/** Steps a trial for the comparison, then for about `seconds` or one stride. Throws TrialFailed, and what `begin` throws. */
export async function runTrial(
  options: SimulationOptions,
  begin: (run: CpuRun) => Promise<Stepper>,
  seconds: number,
): Promise<Trial> {
  const simulation = await Simulation.start(options, begin);
  const advance = async (steps: number): Promise<number> => {
    const began = performance.now();
    const { outcome } = await simulation.advanceTo(simulation.step + steps);
    if (outcome !== 'done')
      throw new Error(
        `TrialFailed: step ${simulation.step} ended as ${outcome}. Run with --backend wasm to see where.`,
      );
    return performance.now() - began;
  };
  try {
    const start = await takeSnapshot(simulation);
    await advance(PARITY_STEPS);
    const after = await takeSnapshot(simulation);
    // Once more untimed: a device that has been asked for its state has to be loaded anew.
    const each = await advance(1);
    const stride = Math.max(1, Math.min(options.sampleCapacity, Math.floor(STRIDE / each)));
    let [spent, steps] = [0, 0];
    while (spent < seconds * 1000) {
      spent += await advance(stride);
      steps += stride;
    }
    const { grid, scheme } = options;
    const secondsPerStep = spent / 1000 / steps;
    const cellStages = grid.panels * grid.cellsX * grid.cellsY * scheme.weights.length;
    return { start, after, secondsPerStep, millionCellStagesPerSecond: cellStages / secondsPerStep / 1e6 };
  } finally {
    await simulation.close();
  }
}
