import { readFileSync } from 'node:fs';
import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { TrustSource } from '../../engine/backends/cpu/memory-plan.ts';
import { type Stepper, stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { KernelForm, Precision } from '../../engine/compiler/pipeline.ts';
import { makeCubedSphere } from '../../engine/grid/cubed-sphere.ts';
import type { Grid, Side } from '../../engine/grid/grid.ts';
import { makePlane, type Plane } from '../../engine/grid/plane.ts';
import { type IncidentWave, openSideFields, withOpenSides } from '../../engine/models/open-sides.ts';
import { TSUNAMI_DEFAULTS, type TsunamiSettings, tsunami } from '../../engine/models/tsunami.ts';
import { type Disturbance, Simulation } from '../../engine/simulation/simulation.ts';
import { stepLimits } from '../../engine/simulation/step-limits.ts';
import { rungeKutta4 } from '../../engine/timesteppers/runge-kutta.ts';
import { averageOntoCells } from '../../scenarios/bathymetry/average-onto-cells.ts';
import { readElevation } from '../../scenarios/bathymetry/read-elevation.ts';
import { sampleOntoCells } from '../../scenarios/bathymetry/sample-onto-cells.ts';

/** Long runs and fine grids too: `TERRELLA_DEPTH=deep npx vitest run test/science`. */
export const DEEP = process.env.TERRELLA_DEPTH === 'deep';

export const EARTH_RADIUS = 6.37122e6;

/** A value of every cell from its centre: longitude and latitude [degrees], x and y [m] on a plane. */
export type CellFunction = (x: number, y: number) => number;
export type Panels = readonly Float64Array[];

export interface Experiment {
  readonly grid: Grid;
  readonly bed: CellFunction | Panels;
  /** Free surface at the start [m]; at rest unless told. */
  readonly surface?: CellFunction | Panels;
  /** Momentum at the start [m²/s]. */
  readonly momentumX?: CellFunction | Panels;
  readonly momentumY?: CellFunction | Panels;
  readonly momentumZ?: CellFunction | Panels;
  readonly settings?: Partial<TsunamiSettings>;
  /** Concentrations at the start, by tracer. */
  readonly tracers?: Readonly<Record<string, CellFunction | Panels>>;
  readonly disturbances?: readonly Disturbance[];
  readonly precision?: Precision;
  readonly form?: KernelForm;
  /** Who steps it; this thread unless told. */
  readonly begin?: (run: CpuRun) => Promise<Stepper>;
  readonly skipRest?: boolean;
  /** Seconds; or the summed Courant number of the fastest wave at the start. */
  readonly timeStep?: number;
  readonly courant?: number;
  readonly trust?: TrustSource;
  /** What comes in at each of the plane's open sides; nothing where none is given. */
  readonly waves?: Partial<Record<Side, IncidentWave>>;
}

/** The radius serves the sphere of five tests and the plane of the others alike: halo 3, as in the program. */
export const sphere = (cells: number, tile = cells): Grid =>
  makeCubedSphere({ cells, tile, radius: EARTH_RADIUS, halo: 3 });

/** A channel along x, one wave wide: what happens in it depends on x alone. */
export function channel(cells: number, length: number, boundary: 'wall' | 'periodic', rows = 4): Grid {
  const width = (rows * length) / cells;
  return makePlane({
    cellsX: cells,
    cellsY: rows,
    tileX: cells,
    tileY: rows,
    sizeX: length,
    sizeY: width,
    boundary: { x: boundary, y: 'periodic' },
    halo: 3,
  });
}

export const onCells = (grid: Grid, value: CellFunction | Panels): Panels =>
  typeof value !== 'function'
    ? value
    : Array.from({ length: grid.panels }, (_, panel) => {
        const { longitude, latitude } = grid.geometry(panel);
        return Float64Array.from(longitude, (x, cell) => value(x, latitude[cell]!));
      });

/** Below this [m] at the start a ghost across a panel edge is not interpolated, as in the program. */
const TRUSTED_DEPTH = 50;

/** Without rotation and friction unless the settings ask for them. */
export async function laboratory(experiment: Experiment): Promise<Simulation> {
  const { grid, tracers = {} } = experiment;
  const settings: TsunamiSettings = {
    ...TSUNAMI_DEFAULTS,
    rotation: 0,
    manning: 0,
    ...experiment.settings,
    tracers: Object.entries(tracers).map(([name, value]) => {
      const [low, high] = range(onCells(grid, value));
      return { name, low, high };
    }),
  };
  const bed = onCells(grid, experiment.bed);
  const given: Record<string, Panels> = { bed };
  for (const field of ['surface', 'momentumX', 'momentumY', 'momentumZ'] as const) {
    const value = experiment[field];
    if (value) given[field] = onCells(grid, value);
  }
  for (const [name, value] of Object.entries(tracers)) given[name] = onCells(grid, value);
  const open = grid.kind === 'plane' ? (grid as Plane).open : [];
  const model = open.length > 0 ? withOpenSides(tsunami(settings), experiment.waves) : tsunami(settings);
  if (open.length > 0) Object.assign(given, openSideFields(grid, open));
  const limits = stepLimits(grid, (panel, cell) =>
    model.signalSpeed((field) => given[field]?.[panel]?.[cell] ?? (field === 'surface' ? settings.seaLevel : 0)),
  );
  const { cellsX } = grid;
  return Simulation.start(
    {
      grid,
      model,
      scheme: rungeKutta4,
      precision: experiment.precision ?? 'float64',
      form: experiment.form ?? 'wasm',
      timeStep: experiment.timeStep ?? (experiment.courant ?? 1.4) * limits.unitStep,
      narrowest: limits.narrowest,
      threads: 1,
      shared: false,
      skipRest: experiment.skipRest ?? false,
      trust: experiment.trust ?? ((panel, i, j) => settings.seaLevel - bed[panel]![j * cellsX + i]! > TRUSTED_DEPTH),
      samples: [],
      sampleCapacity: 64,
      fields: given,
      disturbances: experiment.disturbances ?? [],
    },
    experiment.begin ?? (async (run) => stepHere(run)),
  );
}

/** Advances to a step and throws where a cell failed. */
export async function advance(simulation: Simulation, step: number): Promise<void> {
  const progress = await simulation.advanceTo(step);
  if (progress.outcome === 'failed') throw new Error(JSON.stringify(progress.failure));
}

/** ETOPO5 at the cells' centres, which is rougher than its average over them, or that average for the long runs. */
export async function realBed(cells: number): Promise<Panels> {
  elevation ??= readElevation('scenarios/data/topo/etopo5.nc');
  const grid = sphere(cells);
  return DEEP ? averageOntoCells(grid, [await elevation]) : sampleOntoCells(grid, await elevation);
}

let elevation: ReturnType<typeof readElevation> | undefined;

/** Largest absolute value over all panels, of `value` or of its distance from `reference`. */
export function largest(panels: readonly ArrayLike<number>[], reference?: readonly ArrayLike<number>[]): number {
  let found = 0;
  for (const [panel, values] of panels.entries()) {
    const others = reference?.[panel];
    for (let cell = 0; cell < values.length; cell++) {
      const distance = Math.abs(values[cell]! - (others ? others[cell]! : 0));
      if (!(distance <= found)) found = distance;
    }
  }
  return found;
}

/** Least and largest value over all panels. */
export function range(panels: readonly ArrayLike<number>[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of panels)
    for (let cell = 0; cell < values.length; cell++) {
      low = Math.min(low, values[cell]!);
      high = Math.max(high, values[cell]!);
    }
  return [low, high];
}

/** √ of the area-weighted mean square. */
export function rootMeanSquare(grid: Grid, panels: readonly ArrayLike<number>[]): number {
  let sum = 0;
  let whole = 0;
  for (let panel = 0; panel < grid.panels; panel++) {
    const { area } = grid.geometry(panel);
    const values = panels[panel]!;
    for (let cell = 0; cell < area.length; cell++) {
      sum += area[cell]! * values[cell]! ** 2;
      whole += area[cell]!;
    }
  }
  return Math.sqrt(sum / whole);
}

/** Shallowest water in a wet or dry cell [m]: negative where a cell has less than none. */
export function shallowest(simulation: Simulation): number {
  const surface = simulation.run.read('surface');
  const bed = simulation.run.read('bed');
  let found = Number.POSITIVE_INFINITY;
  for (const [panel, eta] of surface.entries())
    for (let cell = 0; cell < eta.length; cell++) {
      const depth = eta[cell]! - bed[panel]![cell]!;
      if (!(depth >= found)) found = depth;
    }
  return found;
}

/** Numbers in [0, 1), mulberry32: the same on every machine. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Columns of numbers under a header, `#` before a comment; NaN stands for dry land. */
export function readTable(file: string): number[][] {
  return readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) =>
      line
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    );
}
