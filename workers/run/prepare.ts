import { makeCubedSphere } from '../../engine/grid/cubed-sphere.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { makePlane } from '../../engine/grid/plane.ts';
import type { Model } from '../../engine/models/model.ts';
import { tsunami } from '../../engine/models/tsunami.ts';
import type { SimulationOptions } from '../../engine/simulation/simulation.ts';
import { type StepLimits, stepLimits } from '../../engine/simulation/step-limits.ts';
import { rungeKutta4 } from '../../engine/timesteppers/runge-kutta.ts';
import { recordedStations, type Scenario, type StationSettings } from '../../scenarios/scenario.ts';
import type { Store } from '../store/store.ts';
import { makeBed } from './bed.ts';
import type { Form } from './form.ts';
import { prepareSources } from './sources.ts';
import { EARTH_RADIUS, stationCells } from './station-cells.ts';
import { initialTracers, tracerRange } from './tracers.ts';

/** Ghost cells around a tile: what the five-point trace of the far side of a face reaches. */
const HALO = 3;

/** At panel edges a ghost is interpolated only where all its sources are deeper than this at the start [m]. */
const TRUSTED_DEPTH = 50;

/** Steps whose samples the memory keeps; the most that one call of `advance` makes. */
export const LONGEST_STRIDE = 64;

export interface RunSettings {
  readonly threads: number;
  readonly form: Form;
  /** false: compute tiles at rest too; the bits are the same. */
  readonly skipRest: boolean;
  /** Where averaged bathymetry is kept. */
  readonly cache: Store | undefined;
}

export interface RecordedStation extends StationSettings {
  /** Distance [m] to the nearest wet cell, for a station that lies on land. */
  readonly moved: number | undefined;
}

export interface PreparedRun {
  readonly scenario: Scenario;
  readonly grid: Grid;
  readonly model: Model;
  readonly bed: readonly Float64Array[];
  readonly limits: StepLimits;
  readonly timeStep: number;
  readonly steps: number;
  /** Courant number of the step in the fastest cell. */
  readonly courant: number;
  /** Stations in the order of their samples. */
  readonly stations: readonly RecordedStation[];
  readonly options: SimulationOptions;
}

export function makeGrid(scenario: Scenario): Grid {
  const { grid } = scenario;
  if (grid.kind === 'cubed-sphere') {
    return makeCubedSphere({ cells: grid.cells, tile: grid.tile, radius: EARTH_RADIUS, halo: HALO });
  }
  return makePlane({
    cellsX: grid.cellsX,
    cellsY: grid.cellsY,
    tileX: grid.tileX,
    tileY: grid.tileY,
    sizeX: grid.sizeX,
    sizeY: grid.sizeY,
    boundary: grid.boundary,
    halo: HALO,
  });
}

/** Step and number of steps: the whole duration in equal steps, none longer than asked for. */
export function chooseStep(scenario: Scenario, limits: StepLimits): { timeStep: number; steps: number } {
  const { duration, step } = scenario.time;
  const longest = step.kind === 'fixed' ? step.seconds : step.courant * limits.unitStep;
  const steps = Math.max(1, Math.ceil(duration / Math.min(longest, duration) - 1e-9));
  return { timeStep: duration / steps, steps };
}

/** The model that a scenario's `model` block names. */
export function makeModel(scenario: Scenario): Model {
  return tsunami({ ...scenario.model.parameters, tracers: scenario.model.tracers.map(tracerRange) });
}

/** Everything that a run needs before its first step, from the scenario and the files it names. */
export async function prepareRun(scenario: Scenario, settings: RunSettings): Promise<PreparedRun> {
  const grid = makeGrid(scenario);
  const model = makeModel(scenario);
  // Kernels as plain functions cannot be sent to another thread.
  const threads = settings.form === 'reference' ? 1 : settings.threads;
  const { gravity, seaLevel } = scenario.model.parameters;
  const start = scenario.initial.seaLevel;
  const { panels: bed } = await makeBed(grid, scenario.grid.bathymetry, settings.cache);
  const limits = stepLimits(grid, (panel, cell) => Math.sqrt(gravity * Math.max(0, start - bed[panel]![cell]!)));
  const { timeStep, steps } = chooseStep(scenario, limits);
  const sources = await prepareSources({ scenario, grid, bed, timeStep });
  const { cellsX } = grid;
  const depthOver = (depth: number) => (panel: number, i: number, j: number) =>
    seaLevel - bed[panel]![j * cellsX + i]! > depth;
  const isWet = depthOver(0);
  const stations: RecordedStation[] = [];
  const samples = recordedStations(scenario).flatMap((station) => {
    const found = stationCells(grid, isWet, station.longitude, station.latitude);
    if (!found) return [];
    stations.push({ ...station, moved: found.moved });
    return [{ field: 'surface', cells: found.cells }];
  });
  const initialSurface =
    start === seaLevel ? {} : { surface: bed.map((panel) => panel.map((ground) => Math.max(start, ground))) };
  return {
    scenario,
    grid,
    model,
    bed,
    limits,
    timeStep,
    steps,
    courant: timeStep / limits.unitStep,
    stations,
    options: {
      grid,
      model,
      scheme: rungeKutta4,
      precision: scenario.model.precision,
      form: settings.form,
      timeStep,
      narrowest: limits.narrowest,
      threads,
      shared: threads > 1,
      skipRest: settings.skipRest,
      trust: depthOver(TRUSTED_DEPTH),
      samples,
      sampleCapacity: LONGEST_STRIDE,
      fields: { bed, ...initialSurface, ...initialTracers(scenario, grid), ...sources.fields },
      disturbances: sources.disturbances,
    },
  };
}
