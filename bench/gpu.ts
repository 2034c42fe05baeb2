import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type AdapterFacts, adapterName, type ComputeDevice } from '../engine/backends/webgpu/compute-device.ts';
import { loadNamed, openCache } from '../workers/cli/load.ts';
import { engineName } from '../workers/cli/run-directory.ts';
import { tryDevice, tryProcessor } from '../workers/gpu/measure-backends.ts';
import { listAdapters, openDevice } from '../workers/gpu/open-device.ts';
import { trialOptions } from '../workers/gpu/trial.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import { CASES, describeRow, type GpuRow, parityOf, SIZES, settingsOf, speedOf, worthMeasuring } from './gpu-cases.ts';
import { sharesOnWebgpu } from './gpu-shares.ts';
import { roofline, type Work, workOf } from './roofline.ts';

async function optionsOf(scenario: string, cells: number, tile: number, threads: number) {
  const loaded = await loadNamed(scenario, { set: settingsOf(cells, tile), small: false });
  const settings = { threads, form: 'wasm', skipRest: false, cache: await openCache() } as const;
  return prepareRun(loaded.scenario, settings);
}

/** Million cells that one stage of a step takes in a second, on each back end that is here. */
async function benchGpu(adapters: readonly AdapterFacts[], print: (row: GpuRow) => void): Promise<void> {
  const sizes = adapters.some(({ software }) => !software) ? SIZES.card : SIZES.software;
  const most = availableParallelism();
  for (const { model, scenario } of CASES) {
    for (const [cells, tile] of sizes) {
      const row = { event: 'bench-gpu', model, cells, tile } as const;
      const { options } = await optionsOf(scenario, cells, tile, 1);
      const one = await tryProcessor(options);
      const onProcessor = { ...row, backend: 'wasm' } as const;
      print({ ...onProcessor, on: '1 thread', ...speedOf(one) });
      if (most > 1) {
        const shared = (await optionsOf(scenario, cells, tile, most)).options;
        print({ ...onProcessor, on: `${most} threads`, ...speedOf(await tryProcessor(shared)) });
      }
      for (const adapter of worthMeasuring(adapters)) {
        const onDevice = { ...row, backend: 'webgpu', on: adapterName(adapter) } as const;
        let device: ComputeDevice | undefined;
        try {
          device = await openDevice(adapterName(adapter));
          const found = await tryDevice(options, device, one);
          print({
            ...onDevice,
            ...speedOf(found),
            shares: await sharesOnWebgpu(trialOptions(options, 'wgsl'), device),
            ...parityOf(found.parity!),
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

const estimateLine = (model: string, work: Work): string =>
  `${model.padEnd(14)} ${work.operations} operations and ${work.bytes} bytes a cell-stage: ${roofline(work)
    .map(({ device, millionCellStagesPerSecond, bound }) => `${device} ≤ ${millionCellStagesPerSecond} (${bound})`)
    .join(', ')}`;

/** What graphics cards could do at most, by the model of `roofline.ts`. */
async function estimate() {
  process.stdout.write('\nEstimates, not measurements: bounds from counted work and the figures of data sheets\n');
  const estimates = [];
  for (const { model, scenario } of CASES) {
    const { options } = await optionsOf(scenario, 24, 24, 1);
    const work = workOf(options.model, options.scheme);
    estimates.push({ event: 'estimate', model, ...work, devices: roofline(work) });
    process.stdout.write(`${estimateLine(model, work)}\n`);
  }
  return estimates;
}

/** Measures in whatever browser opens the page that it serves; gives that browser's name for itself. */
async function benchInBrowser(print: (row: GpuRow) => void): Promise<{ readonly browser: string }> {
  const { serveBrowserBench } = await import('./gpu-browser.ts');
  const bench = await serveBrowserBench({ onRow: print });
  process.stdout.write(
    `Open ${bench.url} in the browser whose graphics card is to be measured, on this machine, and leave it in front. Ctrl-C gives up.\n`,
  );
  try {
    const { browser, failed } = await bench.ended;
    if (failed) throw new Error(failed);
    process.stdout.write(`measured in ${browser}\n`);
    return { browser };
  } finally {
    bench.close();
  }
}

const USAGE = `Usage: npm run bench:gpu [-- --browser] [--json FILE]

  --browser    measure WebGL and WebGPU in a browser of yours, instead of WebGPU in Node
  --json FILE  write the figures to a file too, to be sent
`;

async function main(words: readonly string[]): Promise<number> {
  let values: { readonly browser?: boolean | undefined; readonly json?: string | undefined };
  try {
    ({ values } = parseArgs({ args: [...words], options: { browser: { type: 'boolean' }, json: { type: 'string' } } }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { json: file, browser: inBrowser = false } = values;
  const rows: GpuRow[] = [];
  const machine = { engine: engineName(), node: process.version, processor: cpus()[0]?.model ?? 'unknown' };
  // Row by row: whoever gives up keeps what there is.
  const save = (more: object = {}): void => {
    if (file) writeFileSync(file, `${JSON.stringify({ ...machine, ...more, rows }, null, 1)}\n`);
  };
  const print = (row: GpuRow): void => {
    rows.push(row);
    process.stdout.write(`${describeRow(row)}\n`);
    save();
  };
  process.stdout.write(`${machine.engine}, Node ${machine.node}, ${machine.processor}\n`);
  let found: object;
  if (inBrowser) found = await benchInBrowser(print);
  else {
    const adapters = (await listAdapters()) ?? [];
    for (const adapter of adapters)
      process.stdout.write(
        `${adapterName(adapter)}: ${(adapter.largestBinding / 2 ** 20).toFixed(0)} MiB in one buffer${adapter.software ? '; it draws on the processor: its speed says nothing of a graphics card' : ''}\n`,
      );
    if (adapters.length === 0)
      process.stdout.write('no graphics device answers: the processor alone (terrella doctor says why)\n');
    await benchGpu(adapters, print);
    found = { adapters };
  }
  save({ ...found, estimates: await estimate() });
  return rows.some(({ failed, agrees }) => failed || agrees === false) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
