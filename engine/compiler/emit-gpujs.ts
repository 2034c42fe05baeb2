import { type Dialect, makePrinter, SCRIPT_INFIX } from './expression-printer.ts';
import { fourOf, fourResults, kernelText, placeInBlock, readTexels, type TexelReads } from './gpujs-text.ts';
import { KernelError } from './kernel-error.ts';
import type { Plan, SweepStage } from './plan.ts';
import { MAXIMUM, packTransients, placesOf, type Quad } from './quads.ts';
import { schedule } from './schedule.ts';

/** What a kernel finds in a texture: arrays of tiles, arrays of strips, or where each face's strip lies. */
export type KernelInput = { readonly of: 'tiles' | 'strips'; readonly quad: string } | { readonly of: 'edges' };

/**
 * A kernel of gpu.js: the text of a function of some textures, then of some numbers, that gives the four values of one
 * place. Textures hold the tiles of a run side by side, ghosts included; so a kernel knows its cell by its place.
 */
export interface GpujsKernel {
  readonly name: string;
  readonly source: string;
  readonly inputs: readonly KernelInput[];
  readonly params: readonly string[];
  /** Functions that give the values of further textures, in the same call: what gpu.js calls a kernel map. */
  readonly also: readonly string[];
  /** The texture of the result, then those of `also`. */
  readonly writes: readonly Quad[];
}

/** The kernels of one stage. All read what was there before the stage. */
export interface GpujsStage {
  readonly name: string;
  readonly kernels: readonly GpujsKernel[];
  /** Transients' quads that no later stage reads. */
  readonly done: readonly string[];
}

/**
 * Kernel strings of a float32 pipeline in gpu.js's portable subset: each value once, `Math.abs`, `Math.sqrt`, `Math.min` and
 * `Math.max`, ternaries, no loops. `fields` are the quads of the tile's layout, `strips` those of the strip's.
 * Numbers are rounded to float32 after each operation, which devices do anyway and gpu.js's cpu mode does only when told.
 * Throws KernelError for a plan in float64 and for a constant that is not finite.
 */
export function emitGpujs(
  plan: Plan,
  fields: readonly Quad[],
  strips: readonly Quad[] = [],
  reads: TexelReads = 'whole',
): readonly GpujsStage[] {
  if (plan.layout.precision !== 'float32')
    throw new KernelError(
      'BadBinding',
      `pipeline ${plan.pipeline.name}: gpu.js has no float64. Use precision: float32.`,
    );
  const transients = packTransients(plan);
  const quads = [...fields, ...transients];
  const lastUse = new Map<string, number>();
  const stages = plan.sweep.map((stage, s) => {
    const written = new Set<Quad>();
    const place = placesOf(quads);
    for (const { field } of stage.outputs) written.add(place(field).quad);
    if (stage.maximum) written.add(place(MAXIMUM).quad);
    const kernels: GpujsKernel[] = [];
    let together: Quad[] = [];
    for (const quad of written) {
      const wider = emitKernel(plan, stage, [...together, quad], quads, strips, reads);
      // No map of kernels in the mode that reads numbers singly.
      const fits = reads === 'whole' && wider.writes.length <= MOST_WRITTEN && wider.inputs.length <= MOST_READ;
      if (together.length > 0 && fits) {
        kernels.pop();
        kernels.push(wider);
        together = [...together, quad];
      } else {
        kernels.push(emitKernel(plan, stage, [quad], quads, strips, reads));
        together = [quad];
      }
    }
    for (const kernel of kernels)
      for (const input of kernel.inputs) if (input.of === 'tiles') lastUse.set(input.quad, s);
    for (const { name } of written) lastUse.set(name, s);
    return { name: stage.name, kernels };
  });
  const isTransient = new Set(transients.map(({ name }) => name));
  return stages.map((stage, s) => ({
    ...stage,
    done: [...lastUse].filter(([name, last]) => last === s && isTransient.has(name)).map(([name]) => name),
  }));
}

/** Textures that a kernel may write and read on the smallest device that has WebGL2. */
const MOST_WRITTEN = 4;
export const MOST_READ = 16;

function emitKernel(
  plan: Plan,
  stage: SweepStage,
  targets: readonly Quad[],
  quads: readonly Quad[],
  strips: readonly Quad[],
  reads: TexelReads,
): GpujsKernel {
  const { layout } = plan;
  const { box } = stage;
  const place = placesOf(quads);
  const nodeOf = (field: string) =>
    field === MAXIMUM ? stage.maximum! : stage.outputs.find((output) => output.field === field)!.node;
  const fields = targets.flatMap((target) => target.fields);
  const roots = fields.map(nodeOf);
  const order = schedule(roots, { isInvariantLeaf: () => false, storeLast: true });

  const inputs: KernelInput[] = [];
  const argument = (input: KernelInput): string => {
    const known = inputs.findIndex((other) => JSON.stringify(other) === JSON.stringify(input));
    return `t${known >= 0 ? known : inputs.push(input) - 1}`;
  };
  const texels = readTexels(reads);
  const params: string[] = [];
  const print = makePrinter(GPUJS, order, (leaf) => {
    if (leaf.op === 'param') {
      if (!params.includes(leaf.name)) params.push(leaf.name);
      return `p${params.indexOf(leaf.name)}`;
    }
    const { quad, channel } = place(leaf.name);
    const row = quad.shape === 'column' ? 'blockRow' : `this.thread.y${signed(leaf.dj)}`;
    const column = quad.shape === 'row' ? 'blockColumn' : `this.thread.x${signed(leaf.di)}`;
    return texels.channel(`${argument({ of: 'tiles', quad: quad.name })}[${row}][${column}]`, channel);
  });

  const store = (root: number): string => {
    const overrides = emitOverrides({ plan, stage, strips, argument, reads }, fields[root]!, `o${root}`);
    return `${overrides === '' ? 'const' : 'let'} o${root} = ${print.use(roots[root]!)}; ${overrides}`;
  };
  const body = order.body.map((statement) => print.statement(statement, store));
  const { halo, stride, cellsY } = layout;
  const outside = (text: string, first: number, end: number) => `${text} < ${first + halo} || ${text} >= ${end + halo}`;
  let first = 0;
  const results = targets.map((target) => {
    const names = target.fields.map((_, k) => `o${first + k}`);
    first += names.length;
    return names;
  });
  const give = (values: readonly (readonly string[])[]): string =>
    `${values
      .slice(1)
      .map((each, k) => `also${k + 1}(${fourOf(each).join(', ')});`)
      .join(' ')} ${fourResults(values[0]!)}`;
  const source = kernelText(inputs.length, params.length, [
    placeInBlock(stride, cellsY + 2 * halo),
    `if (${outside('x', box.x0, box.x1)} || ${outside('y', box.y0, box.y1)}) { ${give(targets.map(() => []))} }`,
    ...texels.fetches(),
    ...body,
    give(results),
  ]);
  const also = targets.slice(1).map((_, k) => `function also${k + 1}(a, b, c, d) { return [a, b, c, d]; }`);
  const name = `${plan.pipeline.name}: ${stage.name} → ${targets.map((target) => target.name).join(', ')}`;
  return { name, source, inputs, params, also, writes: targets };
}

const signed = (offset: number): string => (offset === 0 ? '' : offset > 0 ? ` + ${offset}` : ` - ${-offset}`);

interface Emission {
  readonly plan: Plan;
  readonly stage: SweepStage;
  readonly strips: readonly Quad[];
  readonly argument: (input: KernelInput) => string;
  readonly reads: TexelReads;
}

/**
 * Exchanges a transient's value on the lines of panel edges for the strip's. `edges` holds the place of the face's strip cell,
 * x and y of the one across the row and of the one across the column, −1 where there is none.
 */
function emitOverrides({ plan, stage, strips, argument, reads }: Emission, transient: string, value: string): string {
  const { layout, pipeline } = plan;
  return stage.overrides
    .filter((override) => override.transient === transient)
    .map(({ side, from }) => {
      const along = side === 'south' || side === 'north';
      const line = side === 'east' ? layout.cellsX : side === 'north' ? layout.cellsY : 0;
      const { quad, channel } = placesOf(strips)(from);
      const place = readTexels(reads, `${value}${side}At`);
      const strip = readTexels(reads, `${value}${side}Strip`);
      const here = `${argument({ of: 'edges' })}[this.thread.y][this.thread.x]`;
      const [column, row] = [0, 1].map((k) => place.channel(here, k + (along ? 2 : 0)));
      const { cellsY, halo } = pipeline.stripLayout!;
      const stripRow = quad.shape === 'column' ? `Math.floor((${row} + 0.5) / ${cellsY + 2 * halo})` : row;
      const found = strip.channel(`${argument({ of: 'strips', quad: quad.name })}[${stripRow}][${column}]`, channel);
      return (
        `if (${along ? 'y' : 'x'} === ${line + layout.halo}) { ${place.fetches().join(' ')} ` +
        `if (${column} >= 0) { ${strip.fetches().join(' ')} ${value} = ${found}; } }`
      );
    })
    .join(' ');
}

/** Text of a number; gpu.js would make something else of what is not finite. */
function literal(value: number): string {
  if (!Number.isFinite(value))
    throw new KernelError('BadBinding', `a constant is ${value}, which gpu.js has no word for. Use a finite number.`);
  return value < 0 || Object.is(value, -0) ? `(-${Math.abs(value)})` : String(value);
}

const GPUJS: Dialect = {
  constant: 'const',
  variable: 'let',
  number: literal,
  infix: SCRIPT_INFIX,
  round: (text) => `Math.fround(${text})`,
  call: (name, args) => `Math.${name}(${args.join(', ')})`,
  select: (condition, whenTrue, whenFalse) => `(${condition} ? ${whenTrue} : ${whenFalse})`,
};
