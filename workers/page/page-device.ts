import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Stepper } from '../../engine/backends/cpu/stepper.ts';
import type { GpujsConstructor } from '../../engine/backends/webgl/gpujs.ts';
import { stepOnWebgl } from '../../engine/backends/webgl/step-on-webgl.ts';
import { WebglDevice } from '../../engine/backends/webgl/webgl-device.ts';
import { adapterName, ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../engine/backends/webgpu/step-on-device.ts';

/** By what a page may use its graphics device: WebGPU, or gpu.js on WebGL2. */
export type DeviceApi = 'webgpu' | 'webgl';

/** A graphics device that a page's worker has opened. */
export interface PageDevice {
  readonly name: string;
  /** The form of kernels that it takes. */
  readonly form: 'wgsl' | 'gpujs';
  readonly begin: (run: CpuRun) => Promise<Stepper>;
  close(): void | Promise<void>;
}

/** Opens the page's graphics device, in a worker or not. Throws NoDevice, DeviceRefused. */
export const openPageDevice = (api: DeviceApi): Promise<PageDevice> => (api === 'webgpu' ? openWebgpu() : openWebgl());

async function openWebgpu(): Promise<PageDevice> {
  const gpu = await openWebgpuDevice();
  return {
    name: `webgpu: ${adapterName(gpu.adapter)}`,
    form: 'wgsl',
    begin: (run) => stepOnDevice(run, gpu),
    close: () => gpu.close(),
  };
}

async function openWebgl(): Promise<PageDevice> {
  const device = await openWebglDevice();
  return {
    name: `webgl: ${device.renderer.name}`,
    form: 'gpujs',
    begin: (run) => stepOnWebgl(run, device),
    close: () => device.close(),
  };
}

/** The device that the browser gives by WebGPU. Throws NoDevice, DeviceRefused. */
export async function openWebgpuDevice(): Promise<ComputeDevice> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw noDevice('WebGPU');
  return ComputeDevice.open(adapter);
}

/** The device that draws for the browser, by gpu.js on a context of its own. Throws NoDevice, DeviceRefused. */
export async function openWebglDevice(): Promise<WebglDevice> {
  const context = new OffscreenCanvas(1, 1).getContext('webgl2', { alpha: false, antialias: false, depth: false });
  if (!context) throw noDevice('WebGL2');
  // Half a megabyte that nobody needs who computes otherwise.
  const { default: gpujs } = await import('gpu.js');
  return new WebglDevice((gpujs as unknown as { GPU: GpujsConstructor }).GPU, context);
}

const noDevice = (api: string): Error =>
  new Error(`NoDevice: this browser gives no ${api} here. Compute on the processor.`);
