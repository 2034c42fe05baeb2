import { compilePipelineModule } from '../../../engine/compiler/compile.ts';
import type { Pipeline, TileLayout } from '../../../engine/compiler/pipeline.ts';
import type { Model } from '../../../engine/models/model.ts';
import { interior, mulberry32, type TileInMemory, tileInMemory } from '../compiler/tile-in-memory.ts';
import { ulpOf } from './webgpu/loose-evaluation.ts';
import { fieldValues, pipelinesOf } from './webgpu/models.ts';

/** What tests on a device compare, in Node and in a page alike: it finds figures, the tests judge them. */

/** Runs a pipeline on one tile elsewhere, and leaves the tile's memory as it then is; gives the largest value. */
export type RunPipeline = (
  pipeline: Pipeline,
  on: TileLayout,
  tile: TileInMemory,
  parameter: (name: string) => number,
) => Promise<number>;

/** Largest difference in ulps of the largest value; NaN where one has a number and the other has not. */
export function distance(found: readonly number[], expected: readonly number[]): number {
  const ulp = ulpOf(Math.max(...expected.map(Math.abs)));
  return Math.max(...found.map((value, k) => Math.abs(value - expected[k]!) / ulp));
}

/** Of one pipeline: the field furthest off [ulps of the field's largest value], fields changed, largest values. */
export interface KernelFinding {
  readonly pipeline: string;
  readonly field: string;
  readonly furthest: number;
  readonly changed: number;
  readonly largest: readonly [found: number, expected: number];
}

/** All pipelines of a model on random fields, strips on two sides and then on the two others, against WebAssembly. */
export async function compareKernels(model: Model, run: RunPipeline): Promise<KernelFinding[]> {
  const { layout, stripLayout, pipelines, parameter } = pipelinesOf(model);
  const findings: KernelFinding[] = [];
  for (const [index, { pipeline, on }] of pipelines.entries())
    for (const strips of on === layout
      ? [
          [true, false, true, false],
          [false, true, false, true],
        ]
      : [[]]) {
      const start = () =>
        tileInMemory({
          layout: on,
          ...(on === layout ? { stripLayout, strips } : {}),
          params: parameter,
          fill: fieldValues(mulberry32(index + 1), model.name === 'shallow-water'),
        });
      const [processor, device, before] = [start(), start(), start()];
      const expected = processor.run(compilePipelineModule(pipeline, on, 'wasm', false));
      const found = await run(pipeline, on, device, parameter);
      let [furthest, worst, changed] = [-1, '', 0];
      for (const { name: field, shape } of on.fields.values()) {
        if (shape !== 'cell') continue;
        const due = interior(processor, on, field);
        const far = distance(interior(device, on, field), due);
        if (!(far <= furthest)) [furthest, worst] = [far, field];
        const was = interior(before, on, field);
        if (due.some((value, k) => value !== was[k])) changed++;
      }
      findings.push({ pipeline: pipeline.name, field: worst, furthest, changed, largest: [found, expected] });
    }
  return findings;
}
