import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Stepper } from '../engine/backends/cpu/stepper.ts';
import { adapterName, type ComputeDevice } from '../engine/backends/webgpu/compute-device.ts';
import { dispatchIn } from '../engine/backends/webgpu/device-exchange.ts';
import { layOutOnDevice } from '../engine/backends/webgpu/device-run.ts';
import { stepOnDevice } from '../engine/backends/webgpu/step-on-device.ts';
import { Simulation, type SimulationOptions } from '../engine/simulation/simulation.ts';
import { loadNamed, openCache } from '../workers/cli/load.ts';
import { engineName } from '../workers/cli/run-directory.ts';
import { tryDevice, tryProcessor } from '../workers/gpu/measure-backends.ts';
import { listAdapters, openDevice } from '../workers/gpu/open-device.ts';
import { trialOptions } from '../workers/gpu/trial.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import { roofline, type Work, workOf } from './roofline.ts';
import { rounded } from './rows.ts';

/** One case of every model; all tiles at work. */
const CASES = [
  { model: 'tsunami', scenario: 'tohoku-2011' },
  { model: 'shallow-water', scenario: 'williamson-2' },
  { model: 'transport', scenario: 'williamson-1' },
] as const;
/** Cells across a panel and a tile: on a graphics card, and on a processor that draws for one. */
const SIZES = {
  card: [
    [96, 48],
    [270, 90],
    [540, 90],
  ],
  software: [
    [24, 24],
    [48, 24],
  ],
} as const;
/** Steps of which shares of time are told: with one upload before them and one readback after. */
const SLICE = 64;
/** Looks at each part; the median counts. */
const LOOKS = 5;

interface Shares {
  readonly upload: number;
  readonly compute: number;
  readonly ghosts: number;
  readonly readback: number;
}

interface GpuRow {
  readonly event: 'bench-gpu';
  readonly model: string;
  readonly backend: 'wasm' | 'webgpu';
  readonly on: string;
  readonly cells: number;
  readonly tile: number;
  readonly millionCellStagesPerSecond: number;
  readonly shares?: Shares;
  /** Of the field that differs most, what it differs by and what is allowed. */
  readonly parity?: string;
  readonly failed?: string;
}

const now = (): number => performance.now();
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = now();
  await act();
  return now() - began;
}

async function optionsOf(scenario: string, cells: number, tile: number, threads: number) {
  const set = [`grid.cells=${cells}`, `grid.tile=${tile}`, 'model.precision=float32'];
  const loaded = await loadNamed(scenario, { set, small: false });
  const settings = { threads, form: 'wasm', skipRest: false, cache: await openCache() } as const;
  return prepareRun(loaded.scenario, settings);
}

/**
 * Shares of the time of a slice of steps: what goes up before it, its steps and of these what fills ghosts and lines of
 * panel edges, and what comes back after it. Each part is run alone and waited for.
 */
async function sharesOf(options: SimulationOptions, device: ComputeDevice): Promise<Shares> {
  let stepper!: Stepper;
  const simulation = await Simulation.start(options, async (run) => {
    stepper = await stepOnDevice(run, device);
    return stepper;
  });
  const laidOut = await layOutOnDevice(simulation.run, device);
  try {
    // No step: what there is goes up, and the word that nothing was made comes back.
    const upload = await timed(() => stepper.advance(0, 0, true));
    await stepper.advance(0, 1, false);
    const names = options.model.fields.filter(({ role }) => role === 'prognostic').map(({ name }) => name);
    const [readbacks, steps, ghosts]: [number[], number[], number[]] = [[], [], []];
    const { queue } = device.device;
    const dispatch = async (dispatches: typeof laidOut.step): Promise<void> => {
      const encoder = device.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const one of dispatches) dispatchIn(pass, one);
      pass.end();
      queue.submit([encoder.finish()]);
      await queue.onSubmittedWorkDone();
    };
    const isGather = /^(ghosts|margins|own lines|partners)/;
    const gathers = laidOut.step.filter(({ program }) => isGather.test(program.pipeline.label));
    // Tiles are at work as the control block of the second layout has it: written by its own judge.
    await dispatch(laidOut.step);
    for (let look = 0; look < LOOKS; look++) {
      await stepper.advance(look + 1, 1, false);
      readbacks.push(await timed(() => stepper.fetch!(names)));
      steps.push(await timed(() => dispatch(laidOut.step)));
      ghosts.push(await timed(() => dispatch(gathers)));
    }
    const [step, ghost, readback] = [steps, ghosts, readbacks].map(median) as [number, number, number];
    const whole = upload + SLICE * step + readback;
    return {
      upload: upload / whole,
      compute: (SLICE * (step - ghost)) / whole,
      ghosts: (SLICE * ghost) / whole,
      readback: readback / whole,
    };
  } finally {
    laidOut.close();
    await simulation.close();
  }
}

/** Million cells that one stage of a step takes in a second, on each back end that is here. */
async function benchGpu(print: (row: GpuRow) => void): Promise<void> {
  const adapters = (await listAdapters()) ?? [];
  const sizes = adapters.some(({ software }) => !software) ? SIZES.card : SIZES.software;
  const most = availableParallelism();
  for (const { model, scenario } of CASES) {
    for (const [cells, tile] of sizes) {
      const row = { event: 'bench-gpu', model, cells, tile } as const;
      const { options } = await optionsOf(scenario, cells, tile, 1);
      const one = await tryProcessor(options);
      const onProcessor = { ...row, backend: 'wasm' } as const;
      const speedOf = ({ millionCellStagesPerSecond }: { readonly millionCellStagesPerSecond: number }) => ({
        millionCellStagesPerSecond: rounded(millionCellStagesPerSecond),
      });
      print({ ...onProcessor, on: '1 thread', ...speedOf(one) });
      if (most > 1) {
        const shared = (await optionsOf(scenario, cells, tile, most)).options;
        print({ ...onProcessor, on: `${most} threads`, ...speedOf(await tryProcessor(shared)) });
      }
      for (const adapter of adapters) {
        const onDevice = { ...row, backend: 'webgpu', on: adapterName(adapter) } as const;
        let device: ComputeDevice | undefined;
        try {
          device = await openDevice(adapterName(adapter));
          const found = await tryDevice(options, device, one);
          const { agrees, worst, shareOfBound } = found.parity!;
          print({
            ...onDevice,
            ...speedOf(found),
            shares: await sharesOf(trialOptions(options, 'wgsl'), device),
            parity: `${agrees ? 'agrees' : 'DOES NOT AGREE'} with the processor: ${worst} at ${shareOfBound.toPrecision(2)} of its bound`,
          });
        } catch (error) {
          const failed = error instanceof Error ? error.message : String(error);
          print({ ...onDevice, millionCellStagesPerSecond: 0, failed });
        } finally {
          device?.close();
        }
      }
    }
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function describe({ model, backend, on, cells, millionCellStagesPerSecond, shares, parity, failed }: GpuRow): string {
  const head = `${model.padEnd(14)} ${String(cells).padStart(4)}  ${backend.padEnd(7)}`;
  if (failed) return `${head} ${on}: ${failed}`;
  const told = shares
    ? `  upload ${percent(shares.upload)}, compute ${percent(shares.compute)}, ghosts ${percent(shares.ghosts)}, readback ${percent(shares.readback)}`
    : '';
  return `${head} ${String(millionCellStagesPerSecond).padStart(8)} million cell-stages/s  ${on}${told}${parity ? `; ${parity}` : ''}`;
}

const estimateLine = (model: string, work: Work): string =>
  `${model.padEnd(14)} ${work.operations} operations and ${work.bytes} bytes a cell-stage: ${roofline(work)
    .map(({ device, millionCellStagesPerSecond, bound }) => `${device} ≤ ${millionCellStagesPerSecond} (${bound})`)
    .join(', ')}`;

async function main(words: readonly string[]): Promise<number> {
  const at = words.indexOf('--json');
  const file = at < 0 ? undefined : words[at + 1];
  if (words.some((word, k) => word.startsWith('--') && word !== '--json' && k !== at + 1) || (at >= 0 && !file)) {
    process.stderr.write('Usage: npm run bench:gpu [-- --json FILE]\n');
    return 2;
  }
  const rows: GpuRow[] = [];
  const adapters = (await listAdapters()) ?? [];
  const machine = { engine: engineName(), node: process.version, processor: cpus()[0]?.model ?? 'unknown', adapters };
  process.stdout.write(`${machine.engine}, Node ${machine.node}, ${machine.processor}\n`);
  for (const adapter of adapters)
    process.stdout.write(
      `${adapterName(adapter)}: ${(adapter.largestBinding / 2 ** 20).toFixed(0)} MiB in one buffer${adapter.software ? '; it draws on the processor: its speed says nothing of a graphics card' : ''}\n`,
    );
  if (adapters.length === 0)
    process.stdout.write('no graphics device answers: the processor alone (terrella doctor says why)\n');
  await benchGpu((row) => {
    rows.push(row);
    process.stdout.write(`${describe(row)}\n`);
  });
  process.stdout.write('\nEstimates, not measurements: bounds from counted work and the figures of data sheets\n');
  const estimates = [];
  for (const { model, scenario } of CASES) {
    const { options } = await optionsOf(scenario, 24, 24, 1);
    const work = workOf(options.model, options.scheme);
    estimates.push({ event: 'estimate', model, ...work, devices: roofline(work) });
    process.stdout.write(`${estimateLine(model, work)}\n`);
  }
  if (file) writeFileSync(file, `${JSON.stringify({ ...machine, rows, estimates }, null, 1)}\n`);
  return rows.some(({ failed }) => failed) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
