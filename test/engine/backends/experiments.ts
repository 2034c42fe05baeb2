import type { CpuRun } from '../../../engine/backends/cpu/cpu-run.ts';
import { type Stepper, stepHere } from '../../../engine/backends/cpu/stepper.ts';
import type { KernelForm } from '../../../engine/compiler/pipeline.ts';
import { cellAverages } from '../../../engine/grid/cell-averages.ts';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { Grid } from '../../../engine/grid/grid.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { shallowWater } from '../../../engine/models/shallow-water.ts';
import { transport } from '../../../engine/models/transport.ts';
import { TSUNAMI_DEFAULTS, type TsunamiSettings, tsunami } from '../../../engine/models/tsunami.ts';
import { windFields } from '../../../engine/models/wind.ts';
import { Simulation, type SimulationOptions } from '../../../engine/simulation/simulation.ts';
import { simulationOptions } from '../../../engine/simulation/simulation-options.ts';
import { stepLimits } from '../../../engine/simulation/step-limits.ts';
import { carriedState } from '../../../scenarios/states/carried.ts';
import { EARTH, testState } from '../../../scenarios/states/index.ts';
import { mulberry32 } from '../compiler/tile-in-memory.ts';

/** Whole runs that a device is held against the processor by; nothing here needs more than a page has. */

type Panels = readonly Float64Array[];
type At = (x: number, y: number) => number;

const onCells = (grid: Grid, value: At): Panels =>
  Array.from({ length: grid.panels }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return Float64Array.from(longitude, (x, cell) => value(x, latitude[cell]!));
  });

const globe = (cells: number, tile: number): Grid => makeCubedSphere({ cells, tile, radius: EARTH.radius, halo: 3 });

/** A sea over a bed; ghosts across panel edges are not interpolated where it is shallower than 50 m. */
function sea(
  grid: Grid,
  fields: Readonly<Record<'bed' | 'surface', Panels>>,
  settings: Partial<TsunamiSettings>,
  courant: number,
): SimulationOptions {
  const model = tsunami({ ...TSUNAMI_DEFAULTS, rotation: 0, manning: 0, ...settings });
  const limits = stepLimits(grid, (panel, cell) =>
    model.signalSpeed((field) => fields[field as 'bed' | 'surface']?.[panel]?.[cell] ?? 0),
  );
  return simulationOptions({
    grid,
    model,
    fields,
    precision: 'float32',
    timeStep: courant * limits.unitStep,
    narrowest: limits.narrowest,
    trust: (panel, i, j) => fields.bed[panel]![j * grid.cellsX + i]! < -50,
  });
}

/** Continents, shelves and islands that a wave floods. */
function continents(): SimulationOptions {
  const grid = globe(8, 8);
  const bed: At = (x, y) => {
    const [a, b] = [(x * Math.PI) / 180, (y * Math.PI) / 180];
    return -100 + 150 * Math.sin(2 * a) * Math.cos(3 * b) + 50 * Math.sin(7 * a + 5 * b);
  };
  const hill: At = (x, y) => 300 * Math.exp(-(((x - 40) / 30) ** 2) - ((y - 10) / 30) ** 2);
  const fields = { bed: onCells(grid, bed), surface: onCells(grid, (x, y) => Math.max(hill(x, y), bed(x, y))) };
  return sea(grid, fields, { rotation: EARTH.rotation, manning: 0.025 }, 0.9);
}

/** Water that swings in a bowl, wetting one side and leaving the other dry; walls across one axis. */
function bowl(): SimulationOptions {
  const grid = makePlane({
    ...{ cellsX: 24, cellsY: 24, tileX: 12, tileY: 8, sizeX: 10_000, sizeY: 10_000, halo: 3 },
    boundary: { x: 'wall', y: 'periodic' },
  });
  const bed: At = (x, y) => 10 * (((x - 5000) ** 2 + (y - 5000) ** 2) / 3000 ** 2 - 1);
  const surface: At = (x, y) => Math.max((6 * (x - 5000)) / 3000, bed(x, y));
  return sea(grid, { bed: onCells(grid, bed), surface: onCells(grid, surface) }, {}, 1);
}

/** A sea at rest over random land and depths. Not the model's own level: no cell counts as still, so every flux is computed. */
function rest(): SimulationOptions {
  const grid = globe(12, 6);
  const level = Math.fround(1.2345);
  const random = mulberry32(7);
  const bed = Array.from({ length: 6 }, () =>
    Float64Array.from({ length: grid.cellsX * grid.cellsY }, () => Math.fround(6000 * random() - 4500)),
  );
  const surface = bed.map((panel) => panel.map((ground) => Math.max(level, ground)));
  return { ...sea(grid, { bed, surface }, { rotation: EARTH.rotation }, 1.4), skipRest: false };
}

/** Test 2 of Williamson et al. (1992) across panel corners. */
function zonalFlow(): SimulationOptions {
  const grid = globe(8, 8);
  const state = testState({ name: 'williamson-2', angle: 45 });
  const { gravity, radius } = EARTH;
  const model = shallowWater({ gravity, rotation: state.rotation, planeCoriolis: 0, radius, hyperdiffusion: 0 });
  const [surface, ...velocity] = cellAverages(grid, 4, (x, y, z, out) => {
    state.flow(x, y, z, out);
    const h = out[0]!;
    for (let axis = 1; axis <= 3; axis++) out[axis]! *= h;
  }) as [Float64Array[], Float64Array[], Float64Array[], Float64Array[]];
  const [momentumX, momentumY, momentumZ] = velocity;
  const limits = stepLimits(grid, () => Math.sqrt(gravity * 3000) + 40);
  return simulationOptions({
    grid,
    model,
    fields: { bed: onCells(grid, () => 0), surface, momentumX, momentumY, momentumZ },
    precision: 'float32',
    timeStep: 0.8 * limits.unitStep,
    narrowest: limits.narrowest,
  });
}

/** Tracers within their bounds in a wind that changes: case 4 of Nair & Lauritzen (2010). */
function carried(): SimulationOptions {
  const grid = globe(8, 8);
  const { wind, tracers: all } = carriedState({ name: 'nair-lauritzen-4', angle: 0, limited: true });
  const tracers = all.filter(({ name }) => name === 'gaussian_hills' || name === 'slotted_cylinders');
  const averages = cellAverages(grid, tracers.length, (x, y, z, out) => {
    tracers.forEach(({ at }, k) => {
      out[k] = at(x, y, z);
    });
  });
  const limits = stepLimits(grid, () => wind.fastest);
  return simulationOptions({
    grid,
    model: transport({ wind, tracers }),
    fields: {
      ...windFields(grid, EARTH.radius, wind.parts),
      ...Object.fromEntries(tracers.map(({ name }, k) => [name, averages[k]!])),
    },
    precision: 'float32',
    timeStep: 0.8 * limits.unitStep,
    narrowest: limits.narrowest,
  });
}

export const EXPERIMENTS = { continents, bowl, rest, zonalFlow, carried } as const;
export type ExperimentName = keyof typeof EXPERIMENTS;

export interface FieldFinding {
  readonly name: string;
  /** Largest departure from the start on the processor. */
  readonly moved: number;
  /** Largest difference and root mean square, in units of `moved` (of 1 where nothing moved). */
  readonly furthest: number;
  readonly rms: number;
  /** Least and largest value on the device. */
  readonly range: readonly [number, number];
}

export interface RunFinding {
  readonly fields: readonly FieldFinding[];
  /** Relative change of the mass on the device. */
  readonly mass: number;
  /** Cells that were dry at the start and no longer, and the other way round, on the processor. */
  readonly wetted: number;
  readonly dried: number;
  readonly work: { readonly computed: number; readonly offered: number };
}

/** The same experiment on the processor and on a device. */
export async function compareRuns(
  name: ExperimentName,
  steps: number,
  form: KernelForm,
  begin: (run: CpuRun) => Promise<Stepper>,
): Promise<RunFinding> {
  const options = EXPERIMENTS[name]();
  const processor = await Simulation.start(options, async (run) => stepHere(run));
  const device = await Simulation.start({ ...options, form }, begin);
  const start = Object.fromEntries(processor.state().map((field) => [field.name, field.panels]));
  for (const simulation of [processor, device]) {
    const progress = await simulation.advanceTo(steps);
    if (progress.outcome !== 'done') throw new Error(`${name} ended with ${JSON.stringify(progress)}`);
  }
  await device.fetch();
  const fields = options.model.fields
    .filter(({ role }) => role === 'prognostic' || role === 'diagnostic')
    .map((field) => compareField(field.name, device, processor, start[field.name]));
  const wetAt = (surface: readonly ArrayLike<number>[]) =>
    processor.run.read('bed').flatMap((panel, p) => Array.from(panel, (bed, cell) => surface[p]![cell]! - bed > 0.01));
  const isSea = options.model.name === 'tsunami';
  const [before, after] = isSea ? [wetAt(start.surface!), wetAt(processor.run.read('surface'))] : [[], []];
  const finding = {
    fields,
    mass: device.massRelativeDrift(),
    wetted: after.filter((is, cell) => is && !before[cell]).length,
    dried: after.filter((is, cell) => !is && before[cell]).length,
    work: device.work,
  };
  await device.close();
  return finding;
}

function compareField(
  name: string,
  device: Simulation,
  processor: Simulation,
  start: readonly ArrayLike<number>[] | undefined,
): FieldFinding {
  const [found, expected] = [device.run.read(name), processor.run.read(name)];
  let [moved, furthest, sum, cells, least, most] = [0, 0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expected.forEach((panel, p) => {
    panel.forEach((value, cell) => {
      moved = Math.max(moved, Math.abs(value - (start ? start[p]![cell]! : 0)));
      const difference = Math.abs(found[p]![cell]! - value);
      // NaN counts as the largest.
      if (!(difference <= furthest)) furthest = difference;
      sum += difference * difference;
      least = Math.min(least, found[p]![cell]!);
      most = Math.max(most, found[p]![cell]!);
      cells++;
    });
  });
  const unit = moved || 1;
  return { name, moved, furthest: furthest / unit, rms: Math.sqrt(sum / cells) / unit, range: [least, most] };
}

/** A wave, a cell that is lifted twice, and what two gauges see: what a device shares with the processor beside the state. */
function watched(): SimulationOptions {
  const options = bowl();
  const { cellsX } = options.grid;
  const cells = Uint32Array.of(12 * cellsX + 12, 12 * cellsX + 13);
  const lift = {
    fields: ['surface'],
    lastStep: 7,
    at: (step: number) => (step === 0 || step === 7 ? { cells, amounts: Float64Array.of(1, 0.5) } : undefined),
  };
  const cell = (i: number, j: number, weight: number) => ({ panel: 0, i, j, weight });
  const samples = [
    { field: 'surface', cells: [cell(12, 12, 0.75), cell(13, 12, 0.25)] },
    { field: 'maximumSpeed', cells: [cell(14, 13, 1)] },
  ];
  return { ...options, disturbances: [lift], samples };
}

export interface WatchedFinding {
  /** Steps at which the run was paused, checkpointed and gone on with. */
  readonly paused: number;
  readonly away: string;
  readonly samples: number;
  readonly furthestSample: number;
  readonly largestSample: number;
  readonly fields: readonly FieldFinding[];
}

/** Disturbances and samples, a pause and a checkpoint in between. */
export async function compareWatched(
  form: KernelForm,
  begin: (run: CpuRun) => Promise<Stepper>,
): Promise<WatchedFinding> {
  const STEPS = 24;
  const options = watched();
  const record = (simulation: Simulation, rows: number[][]) => {
    simulation.onSample = (step, values) => {
      rows[step] = [...values];
    };
    return simulation;
  };
  const [due, found]: number[][][] = [[], []];
  const processor = record(await Simulation.start(options), due!);
  const start = Object.fromEntries(processor.state().map((field) => [field.name, field.panels]));
  await processor.advanceTo(STEPS);
  const first = record(await Simulation.start({ ...options, form }, begin), found!);
  const onward = first.advanceTo(STEPS);
  first.pause();
  await onward;
  let away = 'nothing';
  try {
    first.save();
  } catch (cause) {
    away = String(cause);
  }
  await first.fetch();
  const saved = first.save();
  await first.close();
  const device = record(await Simulation.start({ ...options, form }, begin, saved), found!);
  await device.advanceTo(STEPS);
  await device.fetch();
  const all = found!.flatMap((row, step) => row.map((value, k) => Math.abs(value - due![step]![k]!)));
  const finding = {
    paused: first.step,
    away,
    samples: found!.flat().length,
    furthestSample: Math.max(...all),
    largestSample: Math.max(...due!.flat().map(Math.abs)),
    fields: options.model.fields
      .filter(({ role }) => role === 'prognostic' || role === 'diagnostic')
      .map(({ name }) => compareField(name, device, processor, start[name])),
  };
  await device.close();
  return finding;
}

/** A cell that fails in the fourth step: what the processor and a device report of it. */
export async function compareFaults(amount: number, form: KernelForm, begin: (run: CpuRun) => Promise<Stepper>) {
  const options = bowl();
  const fault = {
    fields: ['surface'],
    lastStep: 3,
    at: (step: number) => (step === 3 ? { cells: Uint32Array.of(300), amounts: Float64Array.of(amount) } : undefined),
  };
  const reportOf = async (simulation: Simulation) => {
    const progress = await simulation.advanceTo(20);
    await simulation.fetch();
    await simulation.close();
    if (progress.outcome !== 'failed') return { outcome: progress.outcome, at: simulation.step };
    const { step, tile, panel, i, j } = progress.failure;
    return { outcome: progress.outcome, at: simulation.step, step, tile, panel, i, j };
  };
  return {
    expected: await reportOf(await Simulation.start({ ...options, disturbances: [fault] })),
    found: await reportOf(await Simulation.start({ ...options, disturbances: [fault], form }, begin)),
  };
}
