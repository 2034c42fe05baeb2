import type { KernelForm } from '../../engine/compiler/pipeline.ts';
import { cellAverages } from '../../engine/grid/cell-averages.ts';
import { makeCubedSphere } from '../../engine/grid/cubed-sphere.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { makePlane } from '../../engine/grid/plane.ts';
import type { Model } from '../../engine/models/model.ts';
import { openSideFields, withOpenSides } from '../../engine/models/open-sides.ts';
import { shallowWater } from '../../engine/models/shallow-water.ts';
import { transport } from '../../engine/models/transport.ts';
import { tsunami } from '../../engine/models/tsunami.ts';
import { windFields } from '../../engine/models/wind.ts';
import type { SimulationOptions } from '../../engine/simulation/simulation.ts';
import { type StepLimits, stepLimits } from '../../engine/simulation/step-limits.ts';
import { rungeKutta4 } from '../../engine/timesteppers/runge-kutta.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { recordedStations, type Scenario, type StationSettings } from '../../scenarios/scenario.ts';
import { carriedState } from '../../scenarios/states/carried.ts';
import {
  type AirSettings,
  type CarriedSettings,
  stateTraits,
  type TestState,
  testState,
} from '../../scenarios/states/index.ts';
import { readWeather } from '../../scenarios/weather/read-weather.ts';
import { weatherState } from '../../scenarios/weather/weather-state.ts';
import { makeBed } from './bed.ts';
import { type IncidentWaves, incidentWaves, openSidesOf } from './incident-waves.ts';
import { prepareSources } from './sources.ts';
import { EARTH_RADIUS, stationCells } from './station-cells.ts';
import { stationIds } from './station-ids.ts';
import { initialTracers, tracerRange } from './tracers.ts';

/** Ghost cells around a tile: what the five-point trace of the far side of a face reaches. */
const HALO = 3;

/** At panel edges a ghost is interpolated only where all its sources are deeper than this at the start [m]. */
const TRUSTED_DEPTH = 50;

/** Steps whose samples the memory keeps; the most that one call of `advance` makes. */
export const LONGEST_STRIDE = 64;

export interface PreparationSettings {
  readonly threads: number;
  /** Step on threads of their own, even where it is one: the caller's stays free. */
  readonly ownThreads?: boolean;
  /** wgsl: a graphics device is to step it, see `engine/backends/webgpu`. */
  readonly form: KernelForm;
  /** false: compute tiles at rest too; the bits are the same. */
  readonly skipRest: boolean;
}

export interface RecordedStation extends StationSettings {
  /** What its record is called, unlike that of any other. */
  readonly id: string;
  /** Distance [m] to the nearest wet cell, for a station that lies on land. */
  readonly moved: number | undefined;
}

export interface PreparedRun {
  readonly scenario: Scenario;
  /** Where the files that the scenario names are read. */
  readonly files: InputFiles;
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
    ...(grid.open ? { open: grid.open } : {}),
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
export function makeModel(scenario: Scenario, waves: IncidentWaves = {}): Model {
  const { equations, parameters, tracers } = scenario.model;
  switch (equations) {
    case 'tsunami': {
      const sea = tsunami({ ...parameters, tracers: tracers.map(tracerRange) });
      return openSidesOf(scenario).length > 0 ? withOpenSides(sea, waves) : sea;
    }
    case 'transport':
      return transport(carriedState(scenario.initial.state as CarriedSettings));
    case 'shallow-water':
      return shallowWater({
        gravity: parameters.gravity,
        rotation: stateTraits(scenario.initial.state as AirSettings).rotation,
        planeCoriolis: 0,
        radius: EARTH_RADIUS,
        hyperdiffusion: parameters.hyperdiffusion,
      });
  }
}

/** What the equations start from and are driven by. */
export interface Start {
  readonly bed: readonly Float64Array[];
  readonly fields: Readonly<Record<string, readonly Float64Array[]>>;
  readonly disturbances: SimulationOptions['disturbances'];
  readonly trust: SimulationOptions['trust'];
  readonly limits: StepLimits;
  readonly timeStep: number;
  readonly steps: number;
}

async function startSea(scenario: Scenario, grid: Grid, files: InputFiles): Promise<Start> {
  const { gravity, seaLevel } = scenario.model.parameters;
  const level = scenario.initial.seaLevel;
  const bed = await makeBed(grid, scenario.grid.bathymetry, files);
  const limits = stepLimits(grid, (panel, cell) => Math.sqrt(gravity * Math.max(0, level - bed[panel]![cell]!)));
  const { timeStep, steps } = chooseStep(scenario, limits);
  const sources = await prepareSources({ scenario, grid, bed, timeStep, files });
  const surface =
    level === seaLevel ? {} : { surface: bed.map((panel) => panel.map((ground) => Math.max(level, ground))) };
  return {
    bed,
    limits,
    timeStep,
    steps,
    fields: {
      bed,
      ...surface,
      ...initialTracers(scenario, grid),
      ...sources.fields,
      ...(openSidesOf(scenario).length > 0 ? openSideFields(grid, openSidesOf(scenario)) : {}),
    },
    disturbances: sources.disturbances,
    trust: (panel, i, j) => level - bed[panel]![j * grid.cellsX + i]! > TRUSTED_DEPTH,
  };
}

/** A published test's state, or weather from its file. Throws InputUnreadable, WeatherError. */
async function airState({ initial, model }: Scenario, files: InputFiles): Promise<Pick<TestState, 'bed' | 'flow'>> {
  const settings = initial.state as AirSettings;
  if (settings.name !== 'weather') return testState(settings);
  const { file, level } = settings;
  const weather = readWeather(await files.read(file), level, file);
  const { gravity } = model.parameters;
  return weatherState(weather, { ...stateTraits(settings), radius: EARTH_RADIUS, gravity }, settings.balanced);
}

/** The state of the air, averaged over cells; its bed at their centres. */
async function startAir(scenario: Scenario, grid: Grid, files: InputFiles): Promise<Start> {
  const { gravity } = scenario.model.parameters;
  const state = await airState(scenario, files);
  const bedAt = state.bed ?? (() => 0);
  const [surface, momentumX, momentumY, momentumZ] = cellAverages(grid, 4, (x, y, z, out) => {
    state.flow(x, y, z, out);
    const h = out[0]! - bedAt(x, y, z);
    for (let axis = 1; axis <= 3; axis++) out[axis]! *= h;
  }) as [Float64Array[], Float64Array[], Float64Array[], Float64Array[]];
  const bed = surface.map((panel, p) => {
    const { centre } = grid.coordinates(p, 0);
    return panel.map((_, cell) => bedAt(centre[0][cell]!, centre[1][cell]!, centre[2][cell]!));
  });
  const limits = stepLimits(grid, (p, cell) => {
    const h = surface[p]![cell]! - bed[p]![cell]!;
    const [mx, my, mz] = [momentumX[p]![cell]!, momentumY[p]![cell]!, momentumZ[p]![cell]!];
    return Math.sqrt(gravity * h) + Math.sqrt(mx * mx + my * my + mz * mz) / h;
  });
  const fields = { bed, surface, momentumX, momentumY, momentumZ };
  return { bed, limits, ...chooseStep(scenario, limits), fields, disturbances: [], trust: () => true };
}

/** Tracers in a wind that is known; the step follows from its fastest gust. */
function startTransport(scenario: Scenario, grid: Grid): Start {
  const { wind, tracers } = carriedState(scenario.initial.state as CarriedSettings);
  const averages = cellAverages(grid, tracers.length, (x, y, z, out) => {
    tracers.forEach(({ at }, k) => {
      out[k] = at(x, y, z);
    });
  });
  const limits = stepLimits(grid, () => wind.fastest);
  return {
    bed: averages[0]!.map((panel) => panel.map(() => 0)),
    limits,
    ...chooseStep(scenario, limits),
    fields: {
      ...windFields(grid, EARTH_RADIUS, wind.parts),
      ...Object.fromEntries(tracers.map(({ name }, k) => [name, averages[k]!])),
    },
    disturbances: [],
    trust: () => true,
  };
}

const isSea = ({ model }: Scenario): boolean => model.equations === 'tsunami';

/** What a scenario starts from, by its equations. */
export function startFrom(scenario: Scenario, grid: Grid, files: InputFiles): Promise<Start> | Start {
  if (isSea(scenario)) return startSea(scenario, grid, files);
  return scenario.model.equations === 'transport' ? startTransport(scenario, grid) : startAir(scenario, grid, files);
}

/** Everything that a run needs before its first step, from the scenario and the files it names. */
export async function prepareFrom(
  scenario: Scenario,
  settings: PreparationSettings,
  files: InputFiles,
): Promise<PreparedRun> {
  const grid = makeGrid(scenario);
  const model = makeModel(scenario, await incidentWaves(scenario, files));
  // Kernels as plain functions cannot be sent to another thread, and a device has its own.
  const isOfOneThread = settings.form !== 'wasm' && settings.form !== 'js';
  const threads = isOfOneThread ? 1 : settings.threads;
  const start = await startFrom(scenario, grid, files);
  const { bed, limits, timeStep, steps } = start;
  const isWet = (panel: number, i: number, j: number) =>
    !isSea(scenario) || scenario.initial.seaLevel - bed[panel]![j * grid.cellsX + i]! > 0;
  const stations: RecordedStation[] = [];
  const recorded = recordedStations(scenario);
  const ids = stationIds(recorded.map(({ name }) => name));
  const samples = recorded.flatMap((station, index) => {
    const found = stationCells(grid, isWet, station.longitude, station.latitude);
    if (!found) return [];
    stations.push({ ...station, id: ids[index]!, moved: found.moved });
    return [{ field: 'surface', cells: found.cells }];
  });
  return {
    scenario,
    files,
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
      shared: threads > 1 || ((settings.ownThreads ?? false) && !isOfOneThread),
      skipRest: settings.skipRest,
      trust: start.trust,
      samples,
      sampleCapacity: LONGEST_STRIDE,
      fields: start.fields,
      disturbances: start.disturbances,
    },
  };
}
