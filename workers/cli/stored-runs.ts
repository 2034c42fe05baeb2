import type { Grid } from '../../engine/grid/grid.ts';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { openStoredRun, type StoredRun } from '../gateway/stored-run.ts';
import { makeBed } from '../run/bed.ts';
import { RUN_PARTS } from '../run/run-scenario.ts';
import { CliError, EXIT } from './errors.ts';
import { openCache } from './load.ts';
import { openOutput, openRun, readProvenance, withInputs } from './run-directory.ts';

/** A run directory as viewers see it; `isFree` says whether an id is not taken. Throws CliError (NothingToShow). */
export async function openStored(path: string, isFree: (id: string) => boolean): Promise<StoredRun> {
  const run = await openRun(path);
  const store = await openOutput(run);
  if (!store) {
    throw new CliError(
      'NothingToShow',
      `${path} has no ${RUN_PARTS.zarr}: its scenario writes no output. Run it with --set output.format=zarr.`,
      EXIT.usage,
    );
  }
  // Without its files a run still has its frames; only the ground and the observations are missing.
  const readable = await withInputs(run).catch(() => run.scenario);
  let id = run.scenario.name;
  for (let count = 2; !isFree(id); count++) id = `${run.scenario.name}-${count}`;
  const { result } = run;
  return openStoredRun({
    id,
    scenario: run.scenario,
    readable,
    identity: run.identity,
    inputs: run.inputs,
    store,
    provenance: await readProvenance(run),
    result,
    wallSeconds: numberOf(result?.wallSeconds),
    realTimeFactor: numberOf(result?.realTimeFactor),
    ground: (grid) => groundOf(readable, grid),
  });
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Elevation of the ground of an ocean, averaged as the run had it. */
async function groundOf({ model, grid: { bathymetry } }: Scenario, grid: Grid) {
  if (model.equations !== 'tsunami' || bathymetry.type === 'none') return undefined;
  return makeBed(grid, bathymetry, nodeInputFiles(await openCache()));
}
