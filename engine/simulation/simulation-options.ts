import { rungeKutta4 } from '../timesteppers/runge-kutta.ts';
import type { SimulationOptions } from './simulation.ts';
import { stepLimits } from './step-limits.ts';

/** What a run cannot do without; everything else has a default. */
export type SimulationEssentials = Pick<SimulationOptions, 'grid' | 'model' | 'timeStep' | 'fields'> &
  Partial<SimulationOptions>;

/** Steps made before the caller gets a word in. */
const STRIDE = 64;

/** Options of a run on the caller's own thread: WebAssembly in float64, fourth order in time, nothing disturbed or sampled. */
export function simulationOptions(essentials: SimulationEssentials): SimulationOptions {
  return {
    scheme: rungeKutta4,
    precision: 'float64',
    form: 'wasm',
    narrowest: stepLimits(essentials.grid, () => 0).narrowest,
    threads: 1,
    shared: (essentials.threads ?? 1) > 1,
    skipRest: true,
    trust: () => true,
    samples: [],
    sampleCapacity: STRIDE,
    disturbances: [],
    ...essentials,
  };
}
