import { tileLayout } from '../../engine/backends/cpu/memory-plan.ts';
import { stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { Precision } from '../../engine/compiler/pipeline.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { makePlane } from '../../engine/grid/plane.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../engine/models/tsunami.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { stepLimits } from '../../engine/simulation/step-limits.ts';
import { rungeKutta4 } from '../../engine/timesteppers/runge-kutta.ts';
import { type Prediction, predictRun } from '../../scenarios/prediction.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Form } from './form.ts';
import { makeModel } from './prepare.ts';

/** What a process takes before it holds a cell: the program and its libraries [bytes]. */
const PROGRAM = 120 * 2 ** 20;
/** Geometry, bed, corners and pictures of an output that a run keeps beside its state, all float64 [bytes a cell]. */
const BESIDE_THE_STATE = 190;

/** Memory, output and wall time of a run with every tile busy. `speed` in million cell-stages a second and thread. */
export function estimateRun(
  scenario: Scenario,
  grid: Grid,
  facts: { readonly timeStep: number; readonly threads: number; readonly speed: number },
): Prediction {
  const { precision } = scenario.model;
  const layout = tileLayout(makeModel(scenario), precision, grid.tileX, grid.tileY, grid.halo);
  const width = precision === 'float32' ? 4 : 8;
  const predicted = predictRun(scenario, {
    timeStep: facts.timeStep,
    numbersPerCell: layout.bytes / width / (grid.tileX * grid.tileY),
    millionCellStagesPerSecond: facts.speed,
    threads: facts.threads,
  });
  return { ...predicted, memoryBytes: predicted.memoryBytes + PROGRAM + BESIDE_THE_STATE * predicted.cells };
}

const PROBE_CELLS = 90;

/**
 * Speed of one thread here and now [million cell-stages a second]: the tsunami kernels on one tile of 90 × 90 cells of
 * open sea for about `seconds`.
 */
export async function measureSpeed(precision: Precision, form: Form = 'wasm', seconds = 0.3): Promise<number> {
  const size = 1.8e6;
  const grid = makePlane({
    cellsX: PROBE_CELLS,
    cellsY: PROBE_CELLS,
    tileX: PROBE_CELLS,
    tileY: PROBE_CELLS,
    sizeX: size,
    sizeY: size,
    boundary: { x: 'periodic', y: 'periodic' },
    halo: 3,
  });
  const { longitude: x, latitude: y } = grid.geometry(0);
  const depth = 4000;
  const { unitStep, narrowest } = stepLimits(grid, () => Math.sqrt(TSUNAMI_DEFAULTS.gravity * depth));
  const simulation = await Simulation.start(
    {
      grid,
      model: tsunami(TSUNAMI_DEFAULTS),
      scheme: rungeKutta4,
      precision,
      form,
      timeStep: 1.4 * unitStep,
      narrowest,
      threads: 1,
      shared: false,
      skipRest: false,
      trust: () => true,
      samples: [],
      sampleCapacity: 64,
      fields: {
        bed: [x.map(() => -depth)],
        surface: [x.map((east, cell) => ((east / size) * (1 - east / size) * y[cell]!) / size)],
      },
      disturbances: [],
    },
    async (run) => stepHere(run),
  );
  await simulation.advanceTo(4);
  const from = simulation.step;
  const began = performance.now();
  while (performance.now() - began < 1000 * seconds) await simulation.advanceTo(simulation.step + 4);
  const elapsed = (performance.now() - began) / 1000;
  await simulation.close();
  return ((simulation.step - from) * rungeKutta4.weights.length * PROBE_CELLS * PROBE_CELLS) / elapsed / 1e6;
}
