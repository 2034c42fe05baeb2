import { describe, expect, test } from 'vitest';
import { compilePipelineModule } from '../../../../engine/compiler/compile.ts';
import { createEvaluator } from '../../../../engine/compiler/evaluate.ts';
import type { Node } from '../../../../engine/compiler/graph.ts';
import { layOutTile, type Pipeline } from '../../../../engine/compiler/pipeline.ts';
import { planPipeline } from '../../../../engine/compiler/plan.ts';
import { kernel } from '../../../../engine/kernels/kernel.ts';
import { randomCase } from '../../compiler/random-pipeline.ts';
import { interior, mulberry32, tileInMemory, wildNumber } from '../../compiler/tile-in-memory.ts';
import { compareKernels, distance } from '../parity.ts';
import { expectKernels, ULPS } from '../verdicts.ts';
import { openDevice, webgpuTier } from './device.ts';
import { looseEvaluator, ulpOf } from './loose-evaluation.ts';
import { fieldValues, MODELS, pipelinesOf } from './models.ts';
import { runOnDevice, wgslModule } from './pipeline-on-device.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

describe.each(MODELS)('%s', (name, model) => {
  const { pipelines, parameter } = pipelinesOf(model);

  test(`a device that is as loose as WGSL allows gives every kernel's results to ${ULPS} ulp of the largest`, () => {
    let furthest = 0;
    const stages = pipelines.flatMap(({ pipeline, on }) => planPipeline(pipeline, on).stages);
    const seen = new Set<string>();
    for (const { name: stage, outputs } of stages) {
      if (outputs.length === 0 || seen.has(stage)) continue;
      seen.add(stage);
      const roots = outputs.map(({ node }) => node);
      const exact = createEvaluator(roots, 'float32');
      for (let habit = 1; habit <= (DEEP ? 20 : 2); habit++) {
        const loose = looseEvaluator(roots, mulberry32(habit));
        const draw = fieldValues(mulberry32(habit + 1000), model.name === 'shallow-water');
        const found = roots.map((): number[] => []);
        const expected = roots.map((): number[] => []);
        for (let cell = 0; cell < (DEEP ? 150 : 30); cell++) {
          const known = new Map<string, number>();
          const read = ({ name: field, di, dj }: Node): number => {
            const key = `${field} ${di} ${dj}`;
            const value = known.get(key) ?? Math.fround(draw(field));
            known.set(key, value);
            return value;
          };
          for (const [k, value] of loose(read, parameter).entries()) found[k]!.push(value);
          for (const [k, value] of exact(read, parameter).entries()) expected[k]!.push(value);
        }
        outputs.forEach(({ field }, k) => {
          const far = distance(found[k]!, expected[k]!);
          expect(far, `${stage}: ${field}`).toBeLessThanOrEqual(ULPS);
          furthest = Math.max(furthest, far);
        });
      }
    }
    expect(furthest).toBeGreaterThan(0.5);
    console.log(`${name}: a loose device is at most ${furthest.toPrecision(2)} ulp of the largest value off`);
  });
});

webgpuTier('kernels on a device', () => {
  test.each(MODELS)(
    `%s: all its pipelines give what WebAssembly gives, to ${ULPS} ulp of the largest`,
    async (name, model) => {
      const gpu = await openDevice();
      const findings = await compareKernels(model, (pipeline, on, tile, parameter) =>
        runOnDevice(gpu, wgslModule(pipeline, on), tile, parameter),
      );
      expectKernels(`${name} on ${gpu.adapter.device}`, findings);
    },
  );

  test('random pipelines agree in what is finite, overrides of any side and rare branches among them', async () => {
    const gpu = await openDevice();
    let compared = 0;
    let branches = 0;
    for (let seed = 1; seed <= (DEEP ? 300 : 24); seed++) {
      const random = mulberry32(seed);
      const { pipeline, layout, stripLayout } = randomCase(random, 'float32', true);
      let module: ReturnType<typeof wgslModule>;
      try {
        module = wgslModule(pipeline, layout);
      } catch {
        // It breaks a rule of the planner: the tests of planning say which.
        continue;
      }
      if (module.stages.some(({ code }) => /if \(v\d+\)/.test(code))) branches++;
      const strips = [0, 1, 2, 3].map(() => random() < 0.6);
      const params = (param: string) => wildNumber(mulberry32(seed + param.charCodeAt(0)), 0);
      const start = () => {
        const data = mulberry32(seed + 77);
        return tileInMemory({ layout, stripLayout, strips, params, fill: () => wildNumber(data, 0) });
      };
      const [processor, device] = [start(), start()];
      processor.run(compilePipelineModule(pipeline, layout, 'wasm', false));
      await runOnDevice(gpu, module, device, params);
      for (const { name: field, shape } of layout.fields.values()) {
        if (shape !== 'cell') continue;
        const due = interior(processor, layout, field);
        interior(device, layout, field).forEach((value, k) => {
          if (!Number.isFinite(due[k]!) || Math.abs(due[k]!) < 2 ** -126) return;
          if (!(Math.abs(value - due[k]!) <= ULPS * ulpOf(Math.abs(due[k]!))))
            expect.fail(`seed ${seed}, ${field}, cell ${k}: ${value} instead of ${due[k]}`);
          compared++;
        });
      }
    }
    console.log(`random pipelines: ${compared} values compared, ${branches} pipelines with rare branches`);
    expect(compared).toBeGreaterThan(1000);
    expect(branches).toBeGreaterThan(3);
  });

  test('what is not finite is found by its bits, whatever comparisons make of it', async () => {
    const gpu = await openDevice();
    const fields = ['q', 'r'].map((name) => ({ name, shape: 'cell' as const }));
    const layout = layOutTile('float32', 9, 5, 1, fields);
    const root = kernel({
      name: 'root',
      reads: ['q'],
      writes: ['r', 'moving'],
      params: [],
      body: ({ q }) => ({ r: Math.sqrt(q(0, 0)), moving: q(0, 0) > 2 ? 1 : 0 }),
    });
    const pipeline: Pipeline = { name: 'root', stages: [{ kernel: root }], maximum: 'moving' };
    const largestOf = async (value: number): Promise<number> => {
      const tile = tileInMemory({ layout, fill: () => 1 });
      tile.values[tile.at('q', 8, 4)] = value;
      return runOnDevice(gpu, wgslModule(pipeline, layout), tile, () => 0);
    };
    expect(await largestOf(1)).toBe(0);
    expect(await largestOf(3)).toBe(1);
    for (const value of [-1, Number.NaN, Infinity]) expect(await largestOf(value)).toBe(Infinity);
  });
});

describe('a pipeline that a device cannot run is refused, with the cure', () => {
  const fields = ['q', 'r'].map((name) => ({ name, shape: 'cell' as const }));
  const shift = kernel({
    name: 'shift',
    reads: ['q'],
    writes: ['r'],
    params: [],
    body: ({ q }) => ({ r: q(1, 1) }),
  });
  const pipeline: Pipeline = { name: 'shift', stages: [{ kernel: shift, bind: { r: 'q' } }] };

  test('for it overwrites what neighbours read, which rows in order allow', () => {
    const layout = layOutTile('float32', 4, 4, 1, fields);
    expect(() => compilePipelineModule(pipeline, layout, 'wasm')).not.toThrow();
    expect(() => compilePipelineModule(pipeline, layout, 'wgsl')).toThrow(/shift: it writes q .* Write to a transient/);
  });

  test('for it is in float64', () => {
    const layout = layOutTile('float64', 4, 4, 1, fields);
    expect(() => compilePipelineModule({ ...pipeline, stages: [{ kernel: shift }] }, layout, 'wgsl')).toThrow(
      /no float64\. Use precision: float32/,
    );
  });
});
