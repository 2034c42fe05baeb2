import type { Grid } from '../../engine/grid/grid.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { loadNamed } from '../../workers/cli/load.ts';
import { type PreparedRun, prepareRun } from '../../workers/run/prepare.ts';
import { StationRecorder } from '../../workers/run/station-recorder.ts';
import type { StationSeries } from '../../workers/store/station-series.ts';
import { memoryStore } from '../../workers/store/store.ts';
import { startThreads } from '../../workers/threads/thread-pool.ts';

export type Panels = readonly (Float64Array | Float32Array)[];

/** What a figure must satisfy; a figure without a bar is told for comparison. */
export type Bar =
  | { readonly below: number }
  | { readonly above: number }
  | { readonly between: readonly [low: number, high: number] };

/** One figure of one case at one resolution. */
export interface Row {
  readonly case: string;
  readonly resolution: string;
  readonly figure: string;
  readonly value: number;
  readonly unit?: string;
  readonly bar?: Bar;
  /** Of the run that the figure is of, on the threads given. */
  readonly seconds: number;
}

export interface Plot {
  /** Name of the file in docs/images, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly png: Uint8Array;
}

export interface ScienceOptions {
  /** Coarse and short enough for a test. */
  readonly quick: boolean;
  readonly threads: number;
}

/** A published test with the figures that are asked of it. */
export interface ScienceCase {
  readonly name: string;
  readonly title: string;
  readonly reference: string;
  /** Runs all resolutions; `report` takes each figure as it comes. */
  run(options: ScienceOptions, report: (row: Omit<Row, 'case'>) => void): Promise<readonly Plot[]>;
}

export const passes = ({ value, bar }: Pick<Row, 'value' | 'bar'>): boolean => {
  if (!bar) return true;
  if ('below' in bar) return value < bar.below;
  if ('above' in bar) return value > bar.above;
  return value >= bar.between[0] && value <= bar.between[1];
};

export interface Finished {
  readonly prepared: PreparedRun;
  readonly simulation: Simulation;
  /** What the scenario's stations saw. */
  readonly stations: readonly StationSeries[];
  readonly seconds: number;
}

/** Runs a scenario of the library to its end (or to some of its steps) and hands the simulation over, to be closed. */
export async function runScenarioTo(
  name: string,
  set: readonly string[],
  { threads, small = false }: Pick<ScienceOptions, 'threads'> & { readonly small?: boolean },
  watch?: { readonly every: number; readonly look: (simulation: Simulation, prepared: PreparedRun) => void },
): Promise<Finished> {
  const { scenario } = await loadNamed(name, { set, small });
  const prepared = await prepareRun(scenario, { threads, form: 'wasm', skipRest: true, cache: memoryStore() });
  const simulation = await Simulation.start(prepared.options, startThreads);
  const recorder = new StationRecorder(prepared.stations, prepared.timeStep);
  simulation.onSample = (step, values) => recorder.record(step, values);
  const began = performance.now();
  const stride = watch ? Math.max(1, Math.round(watch.every / prepared.timeStep)) : prepared.steps;
  while (simulation.step < prepared.steps) {
    const progress = await simulation.advanceTo(Math.min(prepared.steps, simulation.step + stride));
    if (progress.outcome === 'failed') {
      await simulation.close();
      throw new Error(`ScienceFailed: ${name} ${set.join(' ')} failed at step ${progress.failure.step}.`);
    }
    watch?.look(simulation, prepared);
  }
  return { prepared, simulation, stations: recorder.series, seconds: (performance.now() - began) / 1000 };
}

/** Averages a field over the 2 × 2 (or more) cells that each cell of a coarser grid consists of. */
export function coarsened(grid: Grid, panels: Panels, factor: number): Float64Array[] {
  const across = grid.cellsX / factor;
  return panels.map((panel, p) => {
    const { area } = grid.geometry(p);
    const sums = new Float64Array(across * across);
    const areas = new Float64Array(across * across);
    panel.forEach((value, cell) => {
      const to =
        Math.floor(Math.floor(cell / grid.cellsX) / factor) * across + Math.floor((cell % grid.cellsX) / factor);
      sums[to]! += area[cell]! * value;
      areas[to]! += area[cell]!;
    });
    return sums.map((sum, cell) => sum / areas[cell]!);
  });
}

/** The order at which an error falls from one resolution to a finer one. */
export const order = (coarse: number, fine: number, refinement: number): number =>
  Math.log(coarse / fine) / Math.log(refinement);
