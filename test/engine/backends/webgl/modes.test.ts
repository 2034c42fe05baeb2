import gpujs from 'gpu.js';
import { expect, test } from 'vitest';
import { compilePipelineModule } from '../../../../engine/compiler/compile.ts';
import { NOT_FINITE } from '../../../../engine/compiler/emit-gpujs-passes.ts';
import { KernelError } from '../../../../engine/compiler/kernel-error.ts';
import { randomCase } from '../../compiler/random-pipeline.ts';
import { interior, mulberry32, tileInMemory, wildNumber } from '../../compiler/tile-in-memory.ts';
import { compareKernels } from '../parity.ts';
import { MODELS } from '../webgpu/models.ts';
import { type KernelRunner, runByGpujs } from './pipeline-by-gpujs.ts';

/** Texels as gpu.js gives and takes them where there is no device: rows of places of four numbers. */
type Rows = readonly (readonly ArrayLike<number>[])[];

/** As much of gpu.js as runs kernels on the processor; its own types know less of strings than it does. */
interface OnProcessor {
  addFunction(source: string, settings: object): void;
  createKernel(source: string, settings: object): KernelOfGpujs;
  createKernelMap(also: readonly string[], source: string, settings: object): KernelOfGpujs;
}

interface KernelOfGpujs {
  (...args: readonly unknown[]): Rows | { readonly result: Rows; readonly [also: number]: Rows };
  readonly kernel: { readonly constructor: { readonly mode: string }; readonly fallbackReason: string | null };
}

/** Runs kernel strings on the processor by one of gpu.js's modes, and makes sure that it was that one. */
function runnerIn(mode: 'cpu' | 'webasm'): KernelRunner<Rows> & { readonly count: () => number } {
  const gpu = new gpujs.GPU({ mode }) as unknown as OnProcessor;
  gpu.addFunction(NOT_FINITE.script, { argumentTypes: { value: 'Number' }, returnType: 'Number' });
  const kernels = new Map<string, KernelOfGpujs>();
  const row = (width: number) => Array.from({ length: width }, () => new Float32Array(4));
  return {
    reads: mode === 'cpu' ? 'whole' : 'single',
    largestTexture: 4096,
    count: () => kernels.size,
    upload: ({ width, height }, texels) =>
      Array.from({ length: height }, (_, y) =>
        row(width).map((__, x) => texels.slice((y * width + x) * 4, (y * width + x + 1) * 4)),
      ),
    run: ({ name, source, also }, { width, height }, textures, numbers) => {
      const settings = {
        output: [width, height],
        returnType: 'Array(4)',
        precision: 'single',
        loopMaxIterations: 4096,
      };
      const kernel =
        kernels.get(source) ??
        (also.length > 0 ? gpu.createKernelMap(also, source, settings) : gpu.createKernel(source, settings));
      kernels.set(source, kernel);
      const found = kernel(...textures, ...numbers);
      const results = 'result' in found ? [found.result, ...also.map((_, k) => found[k]!)] : [found];
      expect([kernel.kernel.constructor.mode, kernel.kernel.fallbackReason], name).toEqual([mode, null]);
      // A device gives zeros beyond a texture, where a script finds no row.
      return results.map((rows) => [...rows, ...Array.from({ length: height }, () => row(width))]);
    },
    done: () => {},
    read: async (rows) => Float32Array.from(rows.flatMap((texels) => texels.flatMap((texel) => Array.from(texel)))),
  };
}

const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const cases = MODELS.flatMap(([name, model], k) =>
  (['cpu', 'webasm'] as const)
    // Each model in one mode by default, and each mode with two models.
    .filter((_, m) => DEEP || (k + m) % 2 === 0)
    .map((mode) => [name, mode, model] as const),
);

test.each(cases)('%s: gpu.js’s mode %s gives the bits of float32 WebAssembly', async (_, mode, model) => {
  const runner = runnerIn(mode);
  const findings = await compareKernels(model, (pipeline, on, tile, parameter) =>
    runByGpujs(runner, pipeline, on, tile, parameter),
  );
  for (const { pipeline, field, furthest, changed, largest } of findings) {
    expect(furthest, `${pipeline}: ${field}`).toBe(0);
    expect(changed).toBeGreaterThanOrEqual(4);
    expect(largest[0], pipeline).toBe(largest[1]);
  }
  expect(runner.count()).toBeGreaterThan(15);
});

test('random pipelines give the bits of float32 WebAssembly in gpu.js’s mode cpu, overrides and rare branches among them', async () => {
  const runner = runnerIn('cpu');
  let [compared, refused, overridden] = [0, 0, 0];
  for (let seed = 1; seed <= (DEEP ? 200 : 24); seed++) {
    const random = mulberry32(seed);
    const { pipeline, layout, stripLayout } = randomCase(random, 'float32', true);
    const strips = [0, 1, 2, 3].map(() => random() < 0.6);
    const params = (param: string) => wildNumber(mulberry32(seed + param.charCodeAt(0)), 0);
    const start = () => {
      const data = mulberry32(seed + 77);
      return tileInMemory({ layout, stripLayout, strips, params, fill: () => wildNumber(data, 0) });
    };
    const [processor, other] = [start(), start()];
    let largest: number;
    try {
      largest = await runByGpujs(runner, pipeline, layout, other, params);
    } catch (cause) {
      // It breaks a rule of the planner, or has a constant that is not finite.
      if (!(cause instanceof KernelError)) throw cause;
      refused++;
      continue;
    }
    const due = processor.run(compilePipelineModule(pipeline, layout, 'wasm', false));
    if (pipeline.maximum && !layout.fields.has(pipeline.maximum) && due < 2) expect(largest).toBe(due);
    if (strips.some(Boolean) && (pipeline.overrides ?? []).length > 0) overridden++;
    for (const { name: field, shape } of layout.fields.values()) {
      if (shape !== 'cell') continue;
      const found = interior(other, layout, field);
      interior(processor, layout, field).forEach((value, k) => {
        if (found[k] !== value && !(Number.isNaN(found[k]) && Number.isNaN(value)))
          expect.fail(`seed ${seed}, ${field}, cell ${k}: ${found[k]} instead of ${value}`);
        if (Number.isFinite(value)) compared++;
      });
    }
  }
  console.log(`random pipelines: ${compared} values compared, ${overridden} pipelines with strips, ${refused} refused`);
  expect(compared).toBeGreaterThan(500);
  expect(overridden).toBeGreaterThan(1);
});
