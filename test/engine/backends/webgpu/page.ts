import { ComputeDevice } from '../../../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../../../engine/backends/webgpu/step-on-device.ts';
import { compareRuns, type ExperimentName } from '../experiments.ts';
import { compareKernels } from '../parity.ts';
import { MODELS } from './models.ts';
import { runOnDevice, wgslModule } from './pipeline-on-device.ts';

/** What tests call in a page that computes with WebGPU. */

async function openWebgpu(): Promise<ComputeDevice> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error('the page has no WebGPU');
  return ComputeDevice.open(adapter);
}

let shared: Promise<ComputeDevice> | undefined;
const device = (): Promise<ComputeDevice> => {
  shared ??= openWebgpu();
  return shared;
};

const page = {
  adapter: async () => (await device()).adapter,
  kernels: async (model: number) => {
    const gpu = await device();
    return compareKernels(MODELS[model]![1], (pipeline, on, tile, parameter) =>
      runOnDevice(gpu, wgslModule(pipeline, on), tile, parameter),
    );
  },
  run: async (name: ExperimentName, steps: number) => {
    const gpu = await device();
    return compareRuns(name, steps, 'wgsl', (run) => stepOnDevice(run, gpu));
  },
  /** Whether the device has had trouble that nobody has met yet. */
  check: async () => (await device()).check(),
};
export type WebgpuPage = typeof page;
Object.assign(globalThis, { page });
