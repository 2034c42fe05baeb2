import { stripLayoutOf, tileLayout } from '../../engine/backends/cpu/memory-plan.ts';
import { countOperations } from '../../engine/compiler/count-operations.ts';
import type { Model } from '../../engine/models/model.ts';
import { derivePipelines, type RungeKutta, stagePipelines } from '../../engine/timesteppers/runge-kutta.ts';

/** Kernel operations that a cell takes in a step, all stages of the scheme together: the weight of work, see docs/metering.md. */
export function kernelOperations(model: Model, scheme: RungeKutta, precision: 'float32' | 'float64'): number {
  // Any tile will do: a count for a cell has nothing of its size.
  const cells = 32;
  const layout = tileLayout(model, precision, cells, cells, 3);
  const strip = model.edge && stripLayoutOf(model.edge, precision, cells);
  return [...stagePipelines(model, scheme, strip), ...derivePipelines(model, scheme)].reduce(
    (sum, pipeline) => sum + countOperations(pipeline, layout),
    0,
  );
}
