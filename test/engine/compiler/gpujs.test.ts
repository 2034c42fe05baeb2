import gpujs from 'gpu.js';
import { describe, expect, test } from 'vitest';
import { makeAtlas, quadTexels, texelOf } from '../../../engine/backends/webgl/atlas.ts';
import { gatherTexels } from '../../../engine/backends/webgl/webgl-tables.ts';
import { compilePipelineModule } from '../../../engine/compiler/compile.ts';
import { emitGpujs, MOST_READ } from '../../../engine/compiler/emit-gpujs.ts';
import { emitGpujsGather } from '../../../engine/compiler/emit-gpujs-passes.ts';
import { compileGather, gatherTableBytes, writeGatherTable } from '../../../engine/compiler/gather.ts';
import { mergeStages } from '../../../engine/compiler/merge-stages.ts';
import { layOutTile, type Pipeline, type Stage } from '../../../engine/compiler/pipeline.ts';
import { type Plan, planPipeline } from '../../../engine/compiler/plan.ts';
import { packFields } from '../../../engine/compiler/quads.ts';
import { copyCell } from '../../../engine/kernels/advance.ts';
import { kernel } from '../../../engine/kernels/kernel.ts';
import { MODELS, pipelinesOf } from '../backends/webgpu/models.ts';
import { mulberry32 } from './tile-in-memory.ts';

const layout = layOutTile(
  'float32',
  5,
  4,
  1,
  ['a', 'b', 'c', 'd'].map((name) => ({ name, shape: 'cell' as const })),
);
const copy = (from: string, to: string): Stage => ({ kernel: copyCell, bind: { from, to } });
const planOf = (...stages: readonly Stage[]): Plan => planPipeline({ name: 'copies', stages }, layout);

describe('stages that take nothing from each other', () => {
  const merged = (plan: Plan) =>
    mergeStages(plan).sweep.map(({ outputs }) => outputs.map(({ field }) => field).join(' '));

  test('become one', () => {
    expect(merged(planOf(copy('a', 'c'), copy('b', 'd')))).toEqual(['c d']);
  });
  test('stay apart where one reads or overwrites what another has written', () => {
    expect(merged(planOf(copy('a', 'b'), copy('b', 'c')))).toEqual(['b', 'c']);
    expect(merged(planOf(copy('a', 'c'), copy('b', 'c')))).toEqual(['c', 'c']);
  });
  test('may overwrite in one what was read in it, as all read what was there before', () => {
    expect(merged(planOf(copy('a', 'c'), copy('b', 'a')))).toEqual(['c a']);
  });
  test('wait for whoever reads what they overwrite, and later ones with them', () => {
    expect(merged(planOf(copy('a', 'b'), copy('b', 'c'), copy('d', 'b'), copy('c', 'a')))).toEqual(['b', 'c b', 'a']);
  });
});

test('no kernel of any model reads more textures than the smallest device allows, and none is written twice', () => {
  let most = 0;
  for (const [, model] of MODELS) {
    const { pipelines, layout: tile, stripLayout } = pipelinesOf(model);
    const planned = pipelines.map(({ pipeline, on }) => {
      const module = compilePipelineModule(pipeline, on, 'gpujs');
      if (module.form !== 'gpujs') throw new Error(`compiled to ${module.form}`);
      return { plan: module.plan, on };
    });
    const plansOn = (where: typeof tile) => planned.filter(({ on }) => on === where).map(({ plan }) => plan);
    const strips = packFields(stripLayout, plansOn(stripLayout));
    const fields = packFields(tile, plansOn(tile));
    for (const { plan, on } of planned)
      for (const { kernels } of emitGpujs(plan, on === tile ? fields : strips, strips)) {
        const written = kernels.flatMap(({ writes }) => writes.flatMap((quad) => quad.fields));
        expect(new Set(written).size).toBe(written.length);
        for (const { inputs } of kernels) most = Math.max(most, inputs.length);
      }
  }
  expect(most).toBeLessThanOrEqual(MOST_READ);
  expect(most).toBeGreaterThan(8);
});

describe('what gpu.js has no word for is refused', () => {
  test('float64', () => {
    const wide = layOutTile('float64', 5, 4, 1, [...layout.fields.values()]);
    const plan = planPipeline({ name: 'copies', stages: [copy('a', 'b')] }, wide);
    expect(() => emitGpujs(plan, packFields(wide, [plan]))).toThrow(/gpu\.js has no float64/);
  });
  test('constants that are not finite', () => {
    const endless: Pipeline = {
      name: 'endless',
      stages: [
        {
          kernel: kernel({
            name: 'endless',
            reads: ['a'],
            writes: ['b'],
            params: [],
            body: ({ a }) => ({ b: a!(0, 0) > 1 ? 1 / 0 : 0 }),
          }),
        },
      ],
    };
    const plan = planPipeline(endless, layout);
    expect(() => emitGpujs(plan, packFields(layout, [plan]))).toThrow(/a constant is Infinity/);
  });
});

/** As much of gpu.js as runs a kernel in its mode cpu. */
interface OnProcessor {
  createKernel(
    source: string,
    settings: object,
  ): (...args: readonly unknown[]) => readonly (readonly ArrayLike<number>[])[];
}

test.each([1, 2, 6, 36])('a gather of %i sources gives the bits of the processor’s', (width) => {
  const random = mulberry32(width);
  const memory = new WebAssembly.Memory({ initial: 2 });
  const values = new Float32Array(memory.buffer);
  const tile = 65536;
  const [cellsX, cellsY, rows] = [5, 4, 6];
  for (let e = tile / 4; e < (tile + layout.bytes) / 4; e++) values[e] = random() - 0.5;
  const address = (i: number, j: number) => tile + ((j + 1) * layout.stride + i + 1) * 4;
  const ghosts = Array.from({ length: cellsX }, (_, i) => [address(i, -1), address(i, cellsY)]).flat();
  const inside = () => address(Math.floor(random() * cellsX), Math.floor(random() * cellsY));
  const table = {
    address: 1024,
    width,
    targets: ghosts,
    nearest: ghosts.map(() => Math.floor(random() * width)),
    sources: ghosts.flatMap(() => Array.from({ length: width }, inside)),
    weights: ghosts.flatMap(() => Array.from({ length: width }, () => random() * 2 - 0.5)),
  };
  expect(gatherTableBytes('float32')(ghosts.length, width)).toBeLessThan(tile - 1024);
  writeGatherTable(memory, 'float32', table);

  const atlas = makeAtlas('tiles', layout, [tile], 2048);
  const [quad] = packFields(layout, []);
  const mirror = width === 1 ? ({ mirror: 'wall-x' } as const) : {};
  const tables = [{ address: 1024, count: ghosts.length, width, ...mirror }];
  const { map, words, wordSize } = gatherTexels(memory, tables, atlas, atlas)!;
  const rowsOf = (texels: Float32Array, { width: across, height }: { width: number; height: number }) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: across }, (__, x) => texels.subarray((y * across + x) * 4, (y * across + x + 1) * 4)),
    );
  const size = atlas.size('cell');
  const whole = rowsOf(quadTexels(atlas, quad!, values), size);
  // a comes from b, reversed at walls; c from itself; b and d stay.
  const source = emitGpujsGather([
    { texture: 0, channel: 1, reversedBy: 'wall-x' },
    undefined,
    { texture: 0, channel: 2, reversedBy: 'wall-y' },
    undefined,
  ]);
  const gpu = new gpujs.GPU({ mode: 'cpu' }) as unknown as OnProcessor;
  const settings = { output: [size.width, size.height], returnType: 'Array(4)', precision: 'single' };
  const found = gpu.createKernel(source, settings)(rowsOf(map, size), rowsOf(words, wordSize), whole, whole);

  const before = values.slice();
  const offset = (field: string) => layout.fields.get(field)!.offset;
  const fields = [
    { from: offset('b'), to: offset('a'), sign: width === 1 ? -1 : 1 },
    { from: offset('c'), to: offset('c'), sign: 1 },
  ] as const;
  compileGather('float32', memory, 'wasm', fields)(1024, ghosts.length, width);
  let changed = 0;
  for (const [channel, field] of ['a', 'b', 'c', 'd'].entries())
    for (let j = -1; j < rows - 1; j++)
      for (let i = -1; i <= cellsX; i++) {
        const { x, y } = texelOf(atlas, address(i, j));
        const element = (address(i, j) + offset(field)) / 4;
        expect(found[y]![x]![channel], `${field}(${i}, ${j})`).toBe(values[element]);
        if (values[element] !== before[element]) changed++;
      }
  expect(changed).toBe(2 * ghosts.length);
});
