import { describe, expect, test } from 'vitest';
import {
  compilePipeline,
  compilePipelineModule,
  instantiatePipeline,
  type PipelineModule,
} from '../../../engine/compiler/compile.ts';
import { emitJs } from '../../../engine/compiler/emit-js.ts';
import { pipelineFingerprint } from '../../../engine/compiler/fingerprint.ts';
import { layOutTile, type Pipeline, type Precision } from '../../../engine/compiler/pipeline.ts';
import { planPipeline } from '../../../engine/compiler/plan.ts';
import { kernel, unlikely } from '../../../engine/kernels/kernel.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../../engine/models/tsunami.ts';
import { rungeKutta4, stagePipelines, storageOf } from '../../../engine/timesteppers/runge-kutta.ts';
import { interior, mulberry32, tileInMemory, wildNumber } from './tile-in-memory.ts';

const FORMS = ['reference', 'js', 'wasm'] as const;
const FIELDS = [
  { name: 'eta', shape: 'cell' },
  { name: 'next', shape: 'cell' },
] as const;

const smooth = kernel({
  name: 'smooth',
  reads: ['q'],
  writes: ['r'],
  params: ['weight'],
  body: ({ q }, { weight }) => ({ r: q(0, 0) + weight * (q(1, 0) + q(-1, 0) + (q(0, 1) + q(0, -1)) - 4 * q(0, 0)) }),
});
const twice: Pipeline = {
  name: 'smooth twice',
  stages: [
    { kernel: smooth, bind: { q: 'eta', r: 'once' } },
    { kernel: smooth, bind: { q: 'once', r: 'eta' } },
  ],
};

describe.each(['float64', 'float32'] as const)('forms of a pipeline in %s', (precision: Precision) => {
  test('width and height need not suit the vectors: 1 × 1 to 9 × 5 cells, shared memory or not', () => {
    for (let cellsX = 1; cellsX <= 9; cellsX++)
      for (const cellsY of [1, 2, 5]) {
        const layout = layOutTile(precision, cellsX, cellsY, 2, FIELDS);
        const results = FORMS.map((form) => {
          const random = mulberry32(cellsX);
          const shared = cellsX % 2 === 0;
          const tile = tileInMemory({ layout, shared, params: () => 0.2, fill: () => wildNumber(random, 0.02) });
          tile.run(compilePipelineModule(twice, layout, form, shared));
          return interior(tile, layout, 'eta');
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
      }
  });

  test('the maximum counts the interior alone, not what a vector overruns', () => {
    const speed = kernel({
      name: 'speed',
      reads: ['q'],
      writes: ['s', 'r'],
      params: [],
      body: ({ q }) => ({ s: Math.abs(q(0, 0)), r: q(1, 1) }),
    });
    const largest: Pipeline = {
      name: 'largest',
      stages: [
        { kernel: speed, bind: { q: 'eta', s: 'fast', r: 'wide' } },
        { kernel: smooth, bind: { q: 'wide', r: 'next' } },
      ],
      maximum: 'fast',
    };
    for (let cellsX = 1; cellsX <= 9; cellsX++) {
      const layout = layOutTile(precision, cellsX, 3, 2, FIELDS);
      for (const form of FORMS) {
        const tile = tileInMemory({ layout, fill: () => 1000 });
        for (let j = 0; j < 3; j++) for (let i = 0; i < cellsX; i++) tile.values[tile.at('eta', i, j)] = -(i + 10 * j);
        expect(tile.run(compilePipelineModule(largest, layout, form, false))).toBe(20 + cellsX - 1);
      }
    }
  });

  test('a rare side is computed where it is wanted, with the same bits as without the mark', () => {
    const layout = layOutTile(precision, 13, 9, 2, [...FIELDS, { name: 'other', shape: 'cell' }]);
    const steepness = (mark: typeof unlikely) =>
      kernel({
        name: 'steepness',
        reads: ['q'],
        writes: ['r', 's'],
        params: [],
        uses: () => ({ mark }),
        body: ({ q }) => {
          const slope = q(1, 0) - q(0, 0);
          const steep = mark(Math.abs(slope) > 3);
          const both = Math.sqrt(Math.abs(q(0, 1)));
          return {
            r: steep ? both / (1 + slope * slope) : slope * both,
            s: steep ? Math.sqrt(slope * slope + 1) + both : slope,
          };
        },
      });
    const pipelines = [unlikely, (condition: boolean) => condition].map(
      (mark): Pipeline => ({
        name: 'steepness',
        stages: [{ kernel: steepness(mark), bind: { q: 'eta', r: 'next', s: 'other' } }],
      }),
    );
    expect(emitJs(planPipeline(pipelines[0]!, layout))).toMatch(/if \(v\d+\) \{/);
    expect(emitJs(planPipeline(pipelines[1]!, layout))).not.toMatch(/if \(v\d+\) \{/);
    expect(pipelineFingerprint(pipelines[0]!, layout)).toBe(pipelineFingerprint(pipelines[1]!, layout));
    const results = pipelines.flatMap((pipeline) =>
      FORMS.map((form) => {
        const random = mulberry32(5);
        const tile = tileInMemory({ layout, fill: () => wildNumber(random, 0.05) });
        tile.run(compilePipelineModule(pipeline, layout, form, false));
        return [...interior(tile, layout, 'next'), ...interior(tile, layout, 'other')];
      }),
    );
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('the tsunami pipelines agree, over land, sea and thin water, with panel edges on any side', () => {
    const model = tsunami({ ...TSUNAMI_DEFAULTS, tracers: ['dye'] });
    const layout = layOutTile(
      precision,
      11,
      6,
      3,
      model.fields.flatMap(({ name, role, shape = 'cell' }) =>
        role === 'prognostic' ? storageOf(name).map((part) => ({ name: part, shape })) : [{ name, shape }],
      ),
    );
    const stripLayout = layOutTile(
      precision,
      11,
      1,
      2,
      model.edge!.results.map((name) => ({ name, shape: 'cell' as const })),
    );
    const parameters: Readonly<Record<string, number>> = {
      ...model.parameters,
      ...model.stepParameters?.(30, 1e4),
      finalStep: 5,
      stageStep: 15,
      endTime: 30,
    };
    stagePipelines(model, rungeKutta4, stripLayout).forEach((pipeline, stage) => {
      for (const strips of [
        [false, false, false, false],
        [true, false, true, false],
        [false, true, false, true],
      ]) {
        const results = FORMS.map((form) => {
          const random = mulberry32(stage + 1);
          const fill = (field: string): number => {
            const r = random();
            if (field === 'bed') return random() < 0.5 ? -4000 * r : 20 * (r - 0.5);
            if (field.startsWith('surface')) return 2 * (r - 0.5);
            if (field === 'inverseArea') return 1e-8 * (1 + r);
            if (field.startsWith('length')) return 1e4 * (1 + r);
            return r - 0.5;
          };
          const tile = tileInMemory({ layout, stripLayout, strips, params: (name) => parameters[name]!, fill });
          const largest = tile.run(compilePipelineModule(pipeline, layout, form, false));
          const cells = [...layout.fields.values()].filter(({ shape }) => shape === 'cell');
          return [largest, ...cells.flatMap(({ name }) => interior(tile, layout, name))];
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
      }
    });
  });
});

describe('compiled modules', () => {
  const layout = layOutTile('float64', 6, 4, 2, FIELDS);

  test('are compiled once for a pipeline and layout', () => {
    const again = layOutTile('float64', 6, 4, 2, FIELDS);
    expect(compilePipelineModule(twice, again, 'wasm')).toBe(compilePipelineModule(twice, layout, 'wasm'));
    expect(compilePipelineModule(twice, layOutTile('float64', 7, 4, 2, FIELDS), 'wasm')).not.toBe(
      compilePipelineModule(twice, layout, 'wasm'),
    );
  });

  test.each(['js', 'wasm'] as const)('in the %s form cross to another thread', async (form) => {
    const { port1, port2 } = new MessageChannel();
    const received = new Promise<PipelineModule>((resolve) => {
      port2.onmessage = ({ data }) => resolve(data as PipelineModule);
    });
    port1.postMessage(compilePipelineModule(twice, layout, form));
    const copy = await received;
    port1.close();
    const run = (module: PipelineModule) => {
      const random = mulberry32(9);
      const tile = tileInMemory({ layout, shared: true, params: () => 0.1, fill: () => random() });
      tile.run(module);
      return interior(tile, layout, 'eta');
    };
    expect(run(copy)).toEqual(run(compilePipelineModule(twice, layout, 'reference')));
  });

  test('go on after the memory has grown', () => {
    for (const form of FORMS) {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
      const pipeline = compilePipeline(twice, layout, memory, form);
      memory.grow(2);
      const tile = 65536;
      new Float64Array(memory.buffer).fill(1, tile / 8);
      pipeline.run(tile, tile + layout.bytes, tile + layout.bytes + pipeline.scratchBytes, 0);
      const { offset } = layout.fields.get('eta')!;
      expect(new Float64Array(memory.buffer)[(tile + offset) / 8 + 2 * layout.stride + 2]).toBe(1);
    }
  });

  test('one module serves memories that are shared and memories that are not', () => {
    const module = compilePipelineModule(twice, layout, 'wasm', true);
    for (const shared of [true, false]) {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
      expect(() => instantiatePipeline(module, memory)).not.toThrow();
    }
  });
});

describe('a fingerprint', () => {
  const layout = layOutTile('float64', 6, 4, 2, FIELDS);
  const of = (pipeline: Pipeline, on = layout) => pipelineFingerprint(pipeline, on);
  const one = (text: string): Pipeline => ({
    name: 'one',
    stages: [
      {
        kernel: { name: 'k', reads: ['eta'], writes: ['next'], params: ['p'], body: new Function(`return ${text}`)() },
      },
    ],
  });

  test('does not depend on names in the text, its order, or the tile’s size', () => {
    const first = of(one('({ eta }, { p }) => { const x = eta(1, 0) * p; return { next: x + eta(0, 0) }; }'));
    expect(of(one('(e,{p:t})=>({next:e.eta(0,0)+t*e.eta(1,0)})'))).toBe(first);
    expect(
      of(one('({ eta }, { p }) => ({ next: eta(0, 0) + p * eta(1, 0) })'), layOutTile('float64', 9, 9, 2, FIELDS)),
    ).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
  });

  test('depends on what is computed, on what, and in which precision', () => {
    const texts = [
      '({ eta }, { p }) => ({ next: eta(0, 0) + p * eta(1, 0) })',
      '({ eta }, { p }) => ({ next: eta(0, 0) - p * eta(1, 0) })',
      '({ eta }, { p }) => ({ next: eta(0, 0) + p * eta(0, 1) })',
      '({ eta }, { p }) => ({ next: eta(0, 0) + (p + 1e-300) * eta(1, 0) })',
      '({ eta }, { p }) => ({ next: eta(0, 0) + p * eta(1, 0) + 0 })',
      '({ eta }, { p }) => ({ next: eta(0, 0) + p * eta(1, 0) + -0 * p })',
    ];
    const prints = texts.map((text) => of(one(text)));
    prints.push(of(one(texts[0]!), layOutTile('float32', 6, 4, 2, FIELDS)));
    const rebound: Pipeline = {
      name: 'one',
      stages: [{ ...one(texts[0]!).stages[0]!, bind: { eta: 'next', next: 'eta' } }],
    };
    prints.push(of(rebound));
    expect(new Set(prints).size).toBe(prints.length);
  });
});
