import gpujs from 'gpu.js';
import type { GpujsConstructor, GpujsTexture } from '../../../../engine/backends/webgl/gpujs.ts';
import { sizeOf, WebglDevice } from '../../../../engine/backends/webgl/webgl-device.ts';
import { compareKernels, type KernelFinding } from '../parity.ts';
import { MODELS } from '../webgpu/models.ts';
import { type KernelRunner, runByGpujs } from './pipeline-by-gpujs.ts';

/** What tests call in a page that draws with WebGL2. */

export function openWebgl(): WebglDevice {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false });
  if (!gl) throw new Error('the page has no WebGL2');
  return new WebglDevice((gpujs as unknown as { GPU: GpujsConstructor }).GPU, gl);
}

const runnerOn = (device: WebglDevice): KernelRunner<GpujsTexture> => ({
  reads: 'whole',
  largestTexture: device.renderer.largestTexture,
  upload: (size, texels) => device.upload('texels', size, texels),
  run: (name, source, size, textures, numbers) =>
    device.run(name, device.compile(name, source, size, textures.map(sizeOf)), size, [...textures, ...numbers]),
  read: (texture) => device.read(texture),
});

let device: WebglDevice | undefined;

const page = {
  renderer: () => {
    device ??= openWebgl();
    return device.renderer;
  },
  kernels: (model: number): Promise<KernelFinding[]> => {
    device ??= openWebgl();
    const runner = runnerOn(device);
    return compareKernels(MODELS[model]![1], (pipeline, on, tile, parameter) =>
      runByGpujs(runner, pipeline, on, tile, parameter),
    );
  },
};
export type Page = typeof page;
Object.assign(globalThis, { page });
