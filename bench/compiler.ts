/**
 * Throughput of the compiled tsunami pipeline, stage by stage of RK4, and what compiling costs.
 * Run: npx tsc -p tsconfig.build.json --outDir dist && node dist/bench/compiler.js [cells …]
 */
import { compilePipelineModule, instantiatePipeline } from '../engine/compiler/compile.ts';
import { type KernelForm, layOutTile, type Precision } from '../engine/compiler/pipeline.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../engine/models/tsunami.ts';
import { rungeKutta4, stagePipelines, storageOf } from '../engine/timesteppers/runge-kutta.ts';

const model = tsunami(TSUNAMI_DEFAULTS);
const parameters: Readonly<Record<string, number>> = {
  ...model.parameters,
  ...model.stepParameters?.(30, 1e4),
  finalStep: 5,
  stageStep: 15,
  endTime: 30,
};

/** Open ocean, four kilometres deep, with waves of decimetres. */
function oceanValue(field: string, random: number): number {
  if (field === 'bed') return -4000 + 500 * random;
  if (field.startsWith('surface')) return 0.5 * random;
  if (field === 'inverseArea') return 1e-8;
  if (field.startsWith('length')) return 1e4 + random;
  return random;
}

function measure(precision: Precision, cells: number, form: KernelForm): string {
  const layout = layOutTile(
    precision,
    cells,
    cells,
    3,
    model.fields.flatMap(({ name, role, shape = 'cell' }) =>
      role === 'prognostic' ? storageOf(name).map((part) => ({ name: part, shape })) : [{ name, shape }],
    ),
  );
  const params = layout.bytes;
  const scratch = params + 4096;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((scratch + 2 ** 20) / 65536) });
  const values = precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const width = values.BYTES_PER_ELEMENT;
  const fields = [...layout.fields.values()];
  let state = 1;
  fields.forEach(({ name, offset }, k) => {
    const end = fields[k + 1]?.offset ?? layout.bytes;
    for (let e = offset / width; e < end / width; e++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[e] = oceanValue(name, state / 2 ** 32);
    }
  });
  const start = values.slice(0, layout.bytes / width);
  const rates = stagePipelines(model, rungeKutta4).map((pipeline) => {
    const began = performance.now();
    const run = instantiatePipeline(compilePipelineModule(pipeline, layout, form, false), memory);
    const compiled = performance.now() - began;
    run.params.forEach((name, k) => {
      values[params / width + k] = parameters[name] ?? 0;
    });
    values.set(start);
    // The best of many: other work on the machine only ever slows a run down.
    let best = Infinity;
    const repeats = Math.max(20, Math.ceil(1e6 / (cells * cells)));
    for (let k = 0; k < repeats; k++) {
      const before = performance.now();
      run.run(0, scratch, params, 0);
      best = Math.min(best, performance.now() - before);
      if (k % 10 === 9) values.set(start);
    }
    return { rate: (cells * cells) / best / 1e3, compiled };
  });
  const seconds = rates.reduce((sum, { rate }) => sum + 1 / rate, 0);
  const list = rates.map(({ rate }) => rate.toFixed(1).padStart(5)).join(' ');
  const compiling = rates.map(({ compiled }) => compiled.toFixed(0)).join(' + ');
  return `${list}   whole step ${(rates.length / seconds).toFixed(1).padStart(5)}   compiled in ${compiling} ms`;
}

const sizes = process.argv.slice(2).map(Number);
console.log('million cell-stages a second: RK4 stages 1 to 4');
for (const precision of ['float64', 'float32'] as const)
  for (const cells of sizes.length > 0 ? sizes : [90, 270])
    for (const form of ['wasm', 'js'] as const)
      console.log(`${precision} ${form.padEnd(4)} ${cells}²: ${measure(precision, cells, form)}`);
