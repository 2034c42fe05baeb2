import type { Grid } from '../../engine/grid/grid.ts';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Store } from '../store/store.ts';
import { type PreparationSettings, type PreparedRun, prepareFrom, type Start, startFrom } from './preparation.ts';

export * from './preparation.ts';

export interface RunSettings extends PreparationSettings {
  /** Where averaged bathymetry is kept. */
  readonly cache: Store | undefined;
}

/** What a scenario starts from, by its equations, from files on the disk. */
export const startOf = (scenario: Scenario, grid: Grid, cache: Store | undefined): Promise<Start> | Start =>
  startFrom(scenario, grid, nodeInputFiles(cache));

/** Everything that a run needs before its first step, from the scenario and the files on the disk that it names. */
export const prepareRun = (scenario: Scenario, settings: RunSettings): Promise<PreparedRun> =>
  prepareFrom(scenario, settings, nodeInputFiles(settings.cache));

/** A run that was prepared for the processor, for a device. */
export const forDevice = (prepared: PreparedRun): PreparedRun => ({
  ...prepared,
  options: { ...prepared.options, form: 'wgsl', threads: 1, shared: false },
});
