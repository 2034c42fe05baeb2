import { describe, expect, test } from 'vitest';
import { moduleOf } from '../../../engine/compiler/compile.ts';
import { KernelError } from '../../../engine/compiler/kernel-error.ts';
import { type Precision, VECTOR_OVERRUN } from '../../../engine/compiler/pipeline.ts';
import { planPipeline } from '../../../engine/compiler/plan.ts';
import { type RandomCase, randomCase } from './random-pipeline.ts';
import { interior, mulberry32, tileInMemory, wildNumber } from './tile-in-memory.ts';

/** More cases: KERNEL_CASES=5000 npx vitest run test/engine/compiler */
const CASES = Number(process.env.KERNEL_CASES ?? 75);
const BREACHES = new Set(['StageOrder', 'OutsideHalo', 'BadOverride']);

/** Every form, the reference first; fused plans are for back ends with much memory latency, but must agree too. */
function compileAll({ pipeline, layout }: RandomCase) {
  const plan = planPipeline(pipeline, layout);
  const fused = planPipeline(pipeline, layout, { fuse: true });
  return [
    { label: 'reference', module: moduleOf(plan, 'reference', false) },
    { label: 'js', module: moduleOf(plan, 'js', false) },
    { label: 'wasm', module: moduleOf(plan, 'wasm', false) },
    { label: 'fused js', module: moduleOf(fused, 'js', false) },
    { label: 'fused wasm', module: moduleOf(fused, 'wasm', false) },
  ];
}

/** A case that breaks no rule, and how many were thrown away before it. */
function soundCase(random: () => number, precision: Precision) {
  for (let breaches = 0; ; breaches++) {
    const candidate = randomCase(random, precision);
    try {
      return { ...candidate, modules: compileAll(candidate), breaches };
    } catch (error) {
      if (!(error instanceof KernelError && BREACHES.has(error.tag)) || breaches > 200) throw error;
    }
  }
}

describe.each(['float64', 'float32'] as const)('random pipelines in %s', (precision) => {
  test(`reference, JavaScript and WebAssembly give the same bits, fused or not (${CASES} cases)`, () => {
    let compared = 0;
    for (let seed = 1; seed <= CASES; seed++) {
      const random = mulberry32(seed * 2 + (precision === 'float32' ? 1 : 0));
      const { pipeline, layout, stripLayout, modules } = soundCase(random, precision);
      const wild = random() < 0.3 ? 0 : random() * 0.3;
      const strips = [0, 1, 2, 3].map(() => random() < 0.6);
      const written = new Set(pipeline.stages.flatMap(({ bind }) => Object.values(bind!)));
      const dataSeed = Math.floor(random() * 2 ** 31);
      const outcomes = modules.map(({ label, module }) => {
        const data = mulberry32(dataSeed);
        const fill = () => wildNumber(data, wild);
        const params = (name: string) => wildNumber(mulberry32(dataSeed + name.charCodeAt(0)), wild);
        const tile = tileInMemory({ layout, stripLayout, strips, params, fill });
        const before = tile.values.slice();
        const largest = tile.run(module);
        // Only the interior of written fields may change, and what a vector overruns behind a row.
        const allowed = new Set<number>();
        for (const field of written)
          if (layout.fields.has(field))
            for (let j = 0; j < layout.cellsY; j++)
              for (let i = 0; i < layout.cellsX + VECTOR_OVERRUN; i++) allowed.add(tile.at(field, i, j));
        const end = tile.at('row', 0, layout.cellsY + layout.halo);
        for (let e = 0; e < end; e++)
          if (!Object.is(before[e], tile.values[e]) && !allowed.has(e))
            expect.fail(`seed ${seed}: ${label} wrote to element ${e}, which it must not touch`);
        return {
          label,
          largest,
          fields: new Map([...layout.fields.keys()].slice(0, 4).map((f) => [f, interior(tile, layout, f)])),
        };
      });
      const [expected, ...others] = outcomes;
      for (const { label, largest, fields } of others) {
        expect(largest, `seed ${seed}, ${label}: maximum`).toBe(expected!.largest);
        for (const [field, values] of fields)
          values.forEach((value, k) => {
            compared++;
            if (Object.is(value, expected!.fields.get(field)![k])) return;
            const text = pipeline.stages
              .map(({ kernel, bind }) => `${kernel.body}\n${JSON.stringify(bind)}`)
              .join('\n');
            expect.fail(
              `seed ${seed}, ${label}: ${field} at ${k} is ${value}, not ${expected!.fields.get(field)![k]} ` +
                `(${layout.cellsX} × ${layout.cellsY})\n${text}\n${JSON.stringify(pipeline.overrides)}`,
            );
          });
      }
    }
    expect(compared).toBeGreaterThan(CASES * 20);
  });
});
