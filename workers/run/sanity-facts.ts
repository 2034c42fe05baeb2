import { readFile } from 'node:fs/promises';
import type { Grid } from '../../engine/grid/grid.ts';
import { cellAt } from '../../engine/grid/nearest-cell.ts';
import type { StepLimits } from '../../engine/simulation/step-limits.ts';
import { nearestWetCell } from '../../scenarios/bathymetry/nearest-wet-cell.ts';
import { readSourceFile } from '../../scenarios/faults/read-source-file.ts';
import type { SanityFacts } from '../../scenarios/sanity.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { COURANT_LIMIT } from '../../scenarios/schema.ts';

/** What the sanity checks of a scenario need to know of its grid, its bed and its fault tables. Throws FaultTableError. */
export async function sanityFacts(
  scenario: Scenario,
  { grid, bed, limits }: { readonly grid: Grid; readonly bed: readonly Float64Array[]; readonly limits: StepLimits },
): Promise<SanityFacts> {
  const start = scenario.initial.seaLevel;
  const faultTables = new Map<number, NonNullable<ReturnType<NonNullable<SanityFacts['faultTables']>['get']>>>();
  for (const [index, source] of scenario.sources.entries()) {
    if (source.type !== 'earthquake' || source.faults.kind !== 'file') continue;
    const table = readSourceFile(await readFile(source.faults.file), source.faults.file);
    if (table.kind !== 'surface') faultTables.set(index, table);
  }
  return {
    faultTables,
    depthAt: (longitude, latitude) => {
      const cell = cellAt(grid, longitude, latitude);
      return cell ? start - bed[cell.panel]![cell.j * grid.cellsX + cell.i]! : 0;
    },
    nearestWet: (longitude, latitude) => nearestWetCell(grid, bed, longitude, latitude, -start),
    stableStep: COURANT_LIMIT * limits.unitStep,
  };
}
