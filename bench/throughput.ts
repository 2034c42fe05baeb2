import { CONTROL } from '../engine/backends/cpu/barrier.ts';
import { joinRun, type Stepper } from '../engine/backends/cpu/stepper.ts';
import type { KernelForm, Precision } from '../engine/compiler/pipeline.ts';
import { makeCubedSphere } from '../engine/grid/cubed-sphere.ts';
import { exp } from '../engine/math/index.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../engine/models/tsunami.ts';
import { Simulation, type SimulationOptions } from '../engine/simulation/simulation.ts';
import { simulationOptions } from '../engine/simulation/simulation-options.ts';
import { stepLimits } from '../engine/simulation/step-limits.ts';
import { loadNamed } from '../workers/cli/load.ts';
import type { Form } from '../workers/run/form.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import type { Store } from '../workers/store/store.ts';
import { startThreads } from '../workers/threads/thread-pool.ts';
import { type BenchRow, median, rounded, type ThroughputRow } from './rows.ts';

const EARTH_RADIUS = 6.37122e6;
const DEPTH = 4000;
const COURANT = 1.4;

/** What is timed: one memory, stepped by one thread and by two in turn. */
interface Contender {
  readonly name: string;
  readonly kernel: ThroughputRow['kernel'];
  readonly form: KernelForm;
  readonly precision: Precision;
  readonly options: SimulationOptions;
  /** Steps that one repetition makes. */
  readonly steps: number;
}

interface Started {
  readonly contender: Contender;
  readonly simulation: Simulation;
  readonly steppers: readonly Stepper[];
  /** Seconds a step, by stepper and repetition. */
  readonly seconds: number[][];
}

/** A smooth hill of water, 1 m high and about 2000 km across, on an ocean of one depth. */
export function waveOverDeepOcean(cells: number, tile: number, form: KernelForm, precision: Precision): Contender {
  const grid = makeCubedSphere({ cells, tile, radius: EARTH_RADIUS, halo: 3 });
  const panels = Array.from({ length: grid.panels }, (_, panel) => grid.geometry(panel));
  const limits = stepLimits(grid, () => Math.sqrt(TSUNAMI_DEFAULTS.gravity * DEPTH));
  const hill = ([x, y, z]: readonly [number, number, number]) => exp(20 * (x - 1) - 20 * (y * y + z * z));
  const options = simulationOptions({
    grid,
    model: tsunami(TSUNAMI_DEFAULTS),
    form,
    precision,
    timeStep: COURANT * limits.unitStep,
    narrowest: limits.narrowest,
    threads: 2,
    skipRest: false,
    fields: {
      bed: panels.map(({ area }) => area.map(() => -DEPTH)),
      surface: panels.map(({ up: [x, y, z] }) => x.map((_, cell) => hill([x[cell]!, y[cell]!, z[cell]!]))),
    },
  });
  return { name: 'deep-ocean', kernel: 'tsunami', form, precision, options, steps: form === 'wasm' ? 2 : 1 };
}

/** Williamson's steady flow, every term of the fourth-order scheme at work. */
export async function steadyAir(cells: number, tile: number, form: Form): Promise<Contender> {
  const { scenario } = await loadNamed('williamson-2', { set: [`grid.cells=${cells}`, `grid.tile=${tile}`] });
  const { options } = await prepareRun(scenario, { threads: 2, form, skipRest: false, cache: undefined });
  return { name: scenario.name, kernel: 'shallow-water', form, precision: 'float64', options, steps: 2 };
}

/** The Tōhoku scenario's bed and source, every tile computed. */
export async function realOcean(cells: number, tile: number, cache: Store): Promise<Contender> {
  const { scenario } = await loadNamed('tohoku-2011', { set: [`grid.cells=${cells}`, `grid.tile=${tile}`] });
  const prepared = await prepareRun(scenario, { threads: 2, form: 'wasm', skipRest: false, cache });
  return {
    name: scenario.name,
    kernel: 'tsunami',
    form: 'wasm',
    precision: 'float32',
    options: prepared.options,
    steps: 2,
  };
}

async function start(contender: Contender): Promise<Started> {
  let pool: Stepper | undefined;
  const simulation = await Simulation.start(contender.options, async (run) => {
    pool = await startThreads(run);
    return pool;
  });
  const [setup] = simulation.run.setups;
  const runner = joinRun({ ...setup!, thread: { ...setup!.thread, threads: 1 } });
  const alone: Stepper = {
    threads: 1,
    advance: async (step, steps, disturbed) => runner.advance(step, steps, disturbed),
    close: async () => {},
  };
  return { contender, simulation, steppers: [alone, pool!], seconds: [[], []] };
}

/** Makes some steps with one of the steppers that share the memory, and returns the seconds they took. */
async function lap({ contender, simulation }: Started, stepper: Stepper): Promise<number> {
  const { memory, plan } = simulation.run;
  // Each stepper counts its own stages, so the other one's counters must not be left standing.
  new Int32Array(memory.buffer, plan.control, CONTROL.cells).fill(0, CONTROL.tasks, CONTROL.failedTile);
  const began = performance.now();
  const { outcome } = await stepper.advance(0, contender.steps, true);
  if (outcome === 'failed') throw new Error(`BenchUnstable: ${contender.name} failed. Run the tests first.`);
  return (performance.now() - began) / 1000 / contender.steps;
}

/**
 * Times contenders in turn, one lap each, until `budget` seconds are spent (at least three rounds, at most nine), so that
 * a slow minute of the machine falls on all of them. Rows hold medians; ratios are medians of each round's ratio.
 */
export async function race(contenders: readonly Contender[], budget: number): Promise<BenchRow[]> {
  const entries: Started[] = [];
  try {
    for (const contender of contenders) entries.push(await start(contender));
    // Two laps to warm up: the first compiles.
    for (let warm = 0; warm < 2; warm++) {
      for (const entry of entries) for (const stepper of entry.steppers) await lap(entry, stepper);
    }
    const began = performance.now();
    for (let round = 0; round < 3 || (round < 9 && performance.now() - began < budget * 1000); round++) {
      for (const entry of entries) {
        for (const [k, stepper] of entry.steppers.entries()) entry.seconds[k]!.push(await lap(entry, stepper));
      }
    }
    return entries.flatMap(rowsOf);
  } finally {
    for (const { simulation } of entries) await simulation.close();
  }
}

function rowsOf({ contender, steppers, seconds }: Started): BenchRow[] {
  const { name, kernel, form, precision, options } = contender;
  const { grid, scheme } = options;
  const cellStages = grid.panels * grid.cellsX * grid.cellsY * scheme.weights.length;
  const facts = { backend: form, precision, tile: grid.tileX, cells: grid.cellsX };
  const speeds = steppers.map(
    ({ threads }, k): BenchRow => ({
      event: 'bench',
      kernel,
      backend: form,
      precision,
      threads,
      tile: grid.tileX,
      cells: grid.cellsX,
      millionCellStagesPerSecond: rounded(cellStages / median(seconds[k]!) / 1e6),
      case: name,
      repetitions: seconds[k]!.length,
    }),
  );
  const gains = seconds[0]!.map((alone, round) => alone / seconds[1]![round]!);
  return [
    ...speeds,
    { event: 'bench', figure: 'two threads over one', value: rounded(median(gains)), unit: '×', ...facts, case: name },
  ];
}
