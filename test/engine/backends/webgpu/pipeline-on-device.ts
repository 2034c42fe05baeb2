import { COPY_SRC, type ComputeDevice, MAP_READ, STORAGE } from '../../../../engine/backends/webgpu/compute-device.ts';
import { bind, compileProgram } from '../../../../engine/backends/webgpu/programs.ts';
import { compilePipelineModule, type PipelineModule } from '../../../../engine/compiler/compile.ts';
import type { Pipeline, TileLayout } from '../../../../engine/compiler/pipeline.ts';
import { BLOCK, CELL_GROUP, CONTROL, DUTY } from '../../../../engine/compiler/wgsl-layout.ts';
import type { TileInMemory } from '../../compiler/tile-in-memory.ts';

type WgslModule = Extract<PipelineModule, { form: 'wgsl' }>;

export function wgslModule(pipeline: Pipeline, layout: TileLayout): WgslModule {
  const module = compilePipelineModule(pipeline, layout, 'wgsl');
  if (module.form !== 'wgsl') throw new Error(`compiled to ${module.form}`);
  return module;
}

/** Brings a buffer back. */
export async function readBack(gpu: ComputeDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const staging = gpu.buffer('what comes back', buffer.size, MAP_READ);
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  gpu.device.queue.submit([encoder.finish()]);
  await gpu.await(staging.mapAsync(MAP_READ));
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}

/** Runs a compiled pipeline on one tile, and leaves the tile's memory as it then is; gives the largest value. */
export async function runOnDevice(
  gpu: ComputeDevice,
  module: WgslModule,
  tile: TileInMemory,
  params: (name: string) => number,
): Promise<number> {
  const image = new Float32Array(tile.memory.buffer as ArrayBuffer);
  const blocks = new Uint32Array(BLOCK.words);
  blocks[BLOCK.base] = tile.address / 4;
  tile.strips.forEach((address, side) => {
    blocks[BLOCK.strips + side] = address / 4;
  });
  const control = new Uint32Array(CONTROL.duties + 1);
  control[CONTROL.duties] = DUTY.busy;
  // Transients start with rubbish: nothing may depend on it.
  const rubbish = new Float32Array(Math.max(4, module.transientElements)).fill(Number.NaN);
  const buffers = [
    gpu.buffer('memory', image.byteLength, STORAGE | COPY_SRC, image),
    gpu.buffer('transients', rubbish.byteLength, STORAGE, rubbish),
    gpu.buffer('blocks', blocks.byteLength, STORAGE, blocks),
    gpu.buffer('params', 1024, STORAGE, Float32Array.from(module.params, params)),
    gpu.buffer('control', control.byteLength, STORAGE, control),
    gpu.buffer('found', 16, STORAGE | COPY_SRC),
  ] as const;
  const bindings = buffers.map((buffer) => ({ buffer }));
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { name, code, cells } of module.stages) {
    const program = await compileProgram(gpu, name, code, ['write', 'write', 'read', 'read', 'read', 'write']);
    pass.setPipeline(program.pipeline);
    pass.setBindGroup(0, bind(gpu, program, bindings));
    pass.dispatchWorkgroups(Math.ceil(cells / CELL_GROUP), 1);
  }
  pass.end();
  gpu.device.queue.submit([encoder.finish()]);
  tile.values.set(new Float32Array(await readBack(gpu, buffers[0])));
  const [largest] = new Float32Array(await readBack(gpu, buffers[5]));
  for (const buffer of buffers) buffer.destroy();
  return largest!;
}
