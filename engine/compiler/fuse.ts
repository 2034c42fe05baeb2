import type { Override, TileLayout } from './pipeline.ts';
import type { RangedStage } from './plan.ts';

/** Joins stages that hand values on within the cell. */
export function fuseStages(
  stages: readonly RangedStage[],
  _layout: TileLayout,
  _overrides: readonly Override[],
): readonly RangedStage[] {
  return stages;
}
