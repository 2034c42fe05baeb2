import { type Atlas, makeAtlas, quadTexels, storeField } from '../../../../engine/backends/webgl/atlas.ts';
import { edgeTexels } from '../../../../engine/backends/webgl/webgl-tables.ts';
import { compilePipelineModule } from '../../../../engine/compiler/compile.ts';
import { emitGpujs, type GpujsKernel, type KernelInput } from '../../../../engine/compiler/emit-gpujs.ts';
import { emitGpujsLargest, emitGpujsVerdict } from '../../../../engine/compiler/emit-gpujs-passes.ts';
import type { TexelReads } from '../../../../engine/compiler/gpujs-text.ts';
import type { Pipeline, TileLayout } from '../../../../engine/compiler/pipeline.ts';
import { CHANNELS, MAXIMUM, packFields, type Quad, writtenBy } from '../../../../engine/compiler/quads.ts';
import type { TileInMemory } from '../../compiler/tile-in-memory.ts';

export interface Texture {
  readonly width: number;
  readonly height: number;
}

/** Who runs kernel strings: a device, or another of gpu.js's modes. `T` is its texture. */
export interface KernelRunner<T> {
  readonly reads: TexelReads;
  readonly largestTexture: number;
  upload(size: Texture, texels: Float32Array): T;
  run(
    kernel: Pick<GpujsKernel, 'name' | 'source' | 'also'>,
    size: Texture,
    textures: readonly T[],
    numbers: readonly number[],
  ): readonly T[];
  read(texture: T): Promise<Float32Array>;
  /** What is not needed any more. */
  done(textures: readonly T[]): void;
}

/** Runs a pipeline on one tile by its gpu.js kernels, and leaves the tile's memory as it then is; gives the largest value. */
export async function runByGpujs<T>(
  runner: KernelRunner<T>,
  pipeline: Pipeline,
  layout: TileLayout,
  tile: TileInMemory,
  parameter: (name: string) => number,
): Promise<number> {
  const module = compilePipelineModule(pipeline, layout, 'gpujs');
  if (module.form !== 'gpujs') throw new Error(`compiled to ${module.form}`);
  const { plan } = module;
  const quads = packFields(layout, [plan]);
  const memory = tile.values as Float32Array;
  const tiles = makeAtlas('tiles', layout, [tile.address], runner.largestTexture);
  const textures = new Map<string, T>();
  const load = (of: string, atlas: Atlas, quad: Quad) =>
    textures.set(`${of}/${quad.name}`, runner.upload(atlas.size(quad.shape), quadTexels(atlas, quad, memory)));
  for (const quad of quads) load('tiles', tiles, quad);
  let stripQuads: readonly Quad[] = [];
  if (pipeline.stripLayout) {
    const bases = tile.strips.filter((base) => base !== 0);
    const strips = makeAtlas('strips', pipeline.stripLayout, bases, runner.largestTexture);
    stripQuads = packFields(pipeline.stripLayout, []);
    for (const quad of stripQuads) load('strips', strips, quad);
    textures.set(
      'edges',
      runner.upload(
        tiles.size('cell'),
        edgeTexels(tiles, strips, () => tile.strips),
      ),
    );
  }
  const nameOf = (input: KernelInput) => (input.of === 'edges' ? 'edges' : `${input.of}/${input.quad}`);
  const spent: T[] = [];
  for (const { kernels } of emitGpujs(plan, quads, stripQuads, runner.reads)) {
    const results = kernels.map((kernel) => {
      const inputs = kernel.inputs.map((input) => textures.get(nameOf(input))!);
      const numbers = kernel.params.map((param) => Math.fround(parameter(param)));
      return runner.run(kernel, tiles.size('cell'), inputs, numbers);
    });
    for (const [k, { writes }] of kernels.entries())
      for (const [place, { name }] of writes.entries()) {
        const old = textures.get(`tiles/${name}`);
        if (old) spent.push(old);
        textures.set(`tiles/${name}`, results[k]![place]!);
      }
  }
  const stored = new Set(plan.sweep.flatMap(writtenBy));
  for (const quad of quads) {
    if (!quad.fields.some((field) => stored.has(field))) continue;
    const texels = await runner.read(textures.get(`tiles/${quad.name}`)!);
    for (const field of quad.fields) if (field !== MAXIMUM) storeField(tiles, quad, field, texels, memory);
  }
  const judged = quads.find(({ fields }) => fields.includes(MAXIMUM));
  const largest = judged ? await largestOf(runner, tiles, judged, textures.get(`tiles/${judged.name}`)!) : 0;
  runner.done([...textures.values(), ...spent]);
  return largest;
}

async function largestOf<T>(runner: KernelRunner<T>, tiles: Atlas, quad: Quad, texture: T): Promise<number> {
  const channel = quad.fields.indexOf(MAXIMUM);
  const source = emitGpujsLargest(tiles.layout, channel, [channel], runner.reads);
  const rows = runner.run({ name: 'largest', source, also: [] }, tiles.size('row'), [texture], []);
  const size = { width: 1, height: 2 };
  const before = runner.upload(size, new Float32Array(2 * CHANNELS).fill(-1));
  const judge = { name: 'verdict', source: emitGpujsVerdict(tiles.layout, runner.reads), also: [] };
  const verdict = runner.run(judge, size, [rows[0]!, before], [0]);
  const [largest] = await runner.read(verdict[0]!);
  runner.done([...rows, before, ...verdict]);
  return largest!;
}
