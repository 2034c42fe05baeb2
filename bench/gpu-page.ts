import { stepHere } from '../engine/backends/cpu/stepper.ts';
import { stepOnWebgl } from '../engine/backends/webgl/step-on-webgl.ts';
import { adapterName } from '../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../engine/backends/webgpu/step-on-device.ts';
import type { SimulationOptions } from '../engine/simulation/simulation.ts';
import type { InputFiles } from '../scenarios/input-files.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { judgeParity } from '../workers/gpu/parity.ts';
import { PARITY_STEPS, runTrial, type Trial, trialOptions } from '../workers/gpu/trial.ts';
import { openWebglDevice, openWebgpuDevice } from '../workers/page/page-device.ts';
import { webInputFiles } from '../workers/page/web-files.ts';
import { type Recipe, recipePath } from '../workers/protocol/recipe.ts';
import { prepareFrom } from '../workers/run/preparation.ts';
import type { PageCases } from './gpu-browser.ts';
import { describeRow, type GpuRow, parityOf, speedOf, worthMeasuring } from './gpu-cases.ts';
import { type Shares, sharesOnWebgl, sharesOnWebgpu } from './gpu-shares.ts';

/** What the browser bench runs in the page: WebAssembly here, then each graphics device that the browser gives. */

async function bytesAt(path: string): Promise<Uint8Array> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`BenchFailed: ${path} is not there (${answer.status}). Start the bench again.`);
  return new Uint8Array(await answer.arrayBuffer());
}

const json = async (path: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await bytesAt(path)));

function show(line: string): void {
  document.querySelector('pre')!.textContent += `${line}\n`;
}

async function post(path: string, content: unknown): Promise<void> {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(content) });
  if (!answer.ok) throw new Error(`BenchFailed: the terminal did not take ${path}: ${await answer.text()}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A device as the bench uses it. */
interface Candidate {
  readonly backend: 'webgl' | 'webgpu';
  readonly name: string;
  readonly software: boolean;
  try(options: SimulationOptions, seconds: number): Promise<Trial>;
  shares(options: SimulationOptions): Promise<Shares>;
  close(): void | Promise<void>;
}

const OPENERS: Readonly<Record<Candidate['backend'], () => Promise<Candidate>>> = {
  webgl: async () => {
    const device = await openWebglDevice();
    return {
      backend: 'webgl',
      ...{ name: device.renderer.name, software: device.renderer.software },
      try: (options, seconds) => runTrial(trialOptions(options, 'gpujs'), (run) => stepOnWebgl(run, device), seconds),
      shares: (options) => sharesOnWebgl(trialOptions(options, 'gpujs'), device),
      close: () => device.close(),
    };
  },
  webgpu: async () => {
    const device = await openWebgpuDevice();
    return {
      backend: 'webgpu',
      ...{ name: adapterName(device.adapter), software: device.adapter.software },
      try: (options, seconds) => runTrial(trialOptions(options, 'wgsl'), (run) => stepOnDevice(run, device), seconds),
      shares: (options) => sharesOnWebgpu(trialOptions(options, 'wgsl'), device),
      close: () => device.close(),
    };
  },
};

type Opened = readonly { readonly backend: Candidate['backend']; readonly software: boolean }[];

/** What the browser gives; what it does not is said on the page. */
async function devicesHere(): Promise<Opened> {
  const found: { backend: Candidate['backend']; software: boolean }[] = [];
  for (const [backend, open] of Object.entries(OPENERS) as [Candidate['backend'], () => Promise<Candidate>][])
    try {
      const { name, software, close } = await open();
      await close();
      show(
        `${backend}: ${name}${software ? '; it draws on the processor: its speed says nothing of a graphics card' : ''}`,
      );
      found.push({ backend, software });
    } catch (error) {
      show(`${backend}: ${messageOf(error)}`);
    }
  return found;
}

async function benchHere({ cases, seconds }: PageCases): Promise<void> {
  const devices = await devicesHere();
  const isCard = devices.some(({ software }) => !software);
  const files: InputFiles = webInputFiles(bytesAt);
  for (const { model, sizes } of cases)
    for (const { cells, tile, recipe: name } of isCard ? sizes.card : sizes.software) {
      const { scenario } = (await json(recipePath(name))) as Recipe;
      const settings = { threads: 1, form: 'wasm', skipRest: false } as const;
      const { options } = await prepareFrom(scenario as Scenario, settings, files);
      const processor = await runTrial(trialOptions(options, 'wasm'), async (run) => stepHere(run), seconds);
      const common = { event: 'bench-gpu', model, cells, tile } as const;
      const tell = async (row: GpuRow): Promise<void> => {
        show(describeRow(row));
        await post('row', row);
      };
      await tell({ ...common, backend: 'wasm', on: '1 thread, in the page', ...speedOf(processor) });
      for (const { backend } of worthMeasuring(devices)) {
        const row = { ...common, backend, on: 'in the page' } as const;
        let device: Candidate | undefined;
        try {
          device = await OPENERS[backend]();
          const trial = await device.try(options, seconds);
          const parity = judgeParity(trial.after, processor.after, processor.start, PARITY_STEPS);
          const shares = await device.shares(options);
          await tell({
            ...row,
            on: `${device.name}, in the page`,
            ...speedOf(trial),
            shares,
            ...parityOf(parity),
          });
        } catch (error) {
          await tell({ ...row, millionCellStagesPerSecond: 0, failed: messageOf(error) });
        } finally {
          await device?.close();
        }
      }
    }
}

try {
  await benchHere((await json('cases.json')) as PageCases);
  await post('end', { browser: navigator.userAgent });
  show('\nDone. The figures are in the terminal; this page may be closed.');
} catch (error) {
  show(messageOf(error));
  await post('end', { browser: navigator.userAgent, failed: messageOf(error) }).catch(() => {});
}
