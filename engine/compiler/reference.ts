import type { Accessor } from '../kernels/kernel.ts';
import { createEvaluator } from './evaluate.ts';
import { type CompiledPipeline, elementIndex, SIDES } from './pipeline.ts';
import type { Box, Plan, RangedStage } from './plan.ts';

type Numbers = Float32Array | Float64Array;

const cellsOf = ({ x0, x1, y0, y1 }: Box): number => (x1 - x0) * (y1 - y0);
const placeIn = ({ x0, x1, y0 }: Box, i: number, j: number): number => (j - y0) * (x1 - x0) + (i - x0);
const inside = ({ x0, x1, y0, y1 }: Box, i: number, j: number): boolean => i >= x0 && i < x1 && j >= y0 && j < y1;

/**
 * The oracle: stage after stage over the whole tile, cell by cell, transients in full arrays, results written when the
 * stage is complete. In float64 it calls the kernels' own functions; in float32 it interprets their graphs, every
 * operation rounded.
 */
export function referencePipeline(plan: Plan, memory: WebAssembly.Memory): CompiledPipeline {
  const { layout, pipeline } = plan;
  const single = layout.precision === 'float32';
  const make = (length: number): Numbers => (single ? new Float32Array(length) : new Float64Array(length));
  const transients = new Map([...plan.transients].map(([name, box]) => [name, { box, values: make(cellsOf(box)) }]));

  const run = (tile: number, _scratch: number, params: number, strips: number): number => {
    const all: Numbers = single ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
    const pointers = new Uint32Array(memory.buffer);
    const element = (bytes: number) => bytes / all.BYTES_PER_ELEMENT;
    const param = (name: string) => all[element(params) + plan.params.indexOf(name)]!;
    const stored = (name: string, i: number, j: number) => {
      const { offset, shape } = layout.fields.get(name)!;
      return element(tile + offset) + elementIndex(layout, shape, i, j);
    };
    const valueAt = (name: string, i: number, j: number): number => {
      const transient = transients.get(name);
      if (transient) return inside(transient.box, i, j) ? transient.values[placeIn(transient.box, i, j)]! : Number.NaN;
      // A result that is not wanted may look beyond the halo.
      return layout.fields.has(name) ? (all[stored(name, i, j)] ?? Number.NaN) : Number.NaN;
    };

    let largest = 0;
    for (const stage of plan.stages) {
      const { box } = stage;
      const results = stage.outputs.map(() => make(cellsOf(box)));
      const evaluate = cellFunction(stage, single, valueAt, param);
      for (let j = box.y0; j < box.y1; j++)
        for (let i = box.x0; i < box.x1; i++) {
          const values = evaluate(i, j);
          for (let k = 0; k < results.length; k++) results[k]![placeIn(box, i, j)] = values[k]!;
          if (stage.maximum) {
            const found = valueAt(stage.maximum.name, i, j);
            if (largest < found) largest = found;
          }
        }
      stage.outputs.forEach(({ field }, k) => {
        const transient = transients.get(field);
        if (transient) transient.values.set(results[k]!);
        else
          for (let j = box.y0; j < box.y1; j++)
            for (let i = box.x0; i < box.x1; i++) all[stored(field, i, j)] = results[k]![placeIn(box, i, j)]!;
      });
      for (const { transient, side, from } of pipeline.overrides ?? []) {
        const strip = pointers[strips / 4 + SIDES.indexOf(side)]!;
        if (strip === 0 || !stage.outputs.some(({ field }) => field === transient)) continue;
        const { values } = transients.get(transient)!;
        const { offset, shape } = pipeline.stripLayout!.fields.get(from)!;
        const along = side === 'south' || side === 'north';
        for (let e = 0; e < (along ? layout.cellsX : layout.cellsY); e++) {
          const i = along ? e : side === 'east' ? layout.cellsX : 0;
          const j = along ? (side === 'north' ? layout.cellsY : 0) : e;
          if (inside(box, i, j))
            values[placeIn(box, i, j)] =
              all[element(strip + offset) + elementIndex(pipeline.stripLayout!, shape, e, 0)]!;
        }
      }
    }
    return largest;
  };
  return { name: pipeline.name, scratchBytes: plan.scratchBytes, params: plan.params, run };
}

/** Values of a stage's outputs at a cell, in their order. */
function cellFunction(
  stage: RangedStage,
  single: boolean,
  valueAt: (name: string, i: number, j: number) => number,
  param: (name: string) => number,
): (i: number, j: number) => ArrayLike<number> {
  if (single) {
    const evaluator = createEvaluator(
      stage.outputs.map(({ node }) => node),
      'float32',
    );
    return (i, j) => evaluator(({ name, di, dj }) => valueAt(name, i + di, j + dj), param);
  }
  let x = 0;
  let y = 0;
  const calls = stage.origin.map(({ stage: { kernel, bind = {} }, wanted }) => {
    const fields: Record<string, Accessor> = {};
    for (const local of kernel.reads) fields[local] = (di, dj) => valueAt(bind[local] ?? local, x + di, y + dj);
    const params = Object.fromEntries(kernel.params.map((name) => [name, param(name)]));
    return { kernel, fields, params, wanted };
  });
  return (i, j) => {
    x = i;
    y = j;
    return calls.flatMap(({ kernel, fields, params, wanted }) => {
      const result = kernel.body(fields, params);
      return [...wanted.keys()].map((local) => result[local]!);
    });
  };
}
