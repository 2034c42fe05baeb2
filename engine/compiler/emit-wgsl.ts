import { type Dialect, makePrinter, SCRIPT_INFIX } from './expression-printer.ts';
import { KernelError } from './kernel-error.ts';
import { elementIndex, SIDES } from './pipeline.ts';
import { type Plan, readsOf, type SweepStage } from './plan.ts';
import { schedule } from './schedule.ts';
import { BLOCK, CELL_GROUP, CONTROL, DUTY, paramRow, STAGE_BUFFERS } from './wgsl-layout.ts';

/** One stage as a shader: an invocation for each cell of its range, (cells, blocks). */
export interface WgslStage {
  readonly name: string;
  readonly code: string;
  readonly cells: number;
}

/** A pipeline as shaders, to be run one after the other over all tiles. */
export interface WgslPipeline {
  readonly stages: readonly WgslStage[];
  /** Float32 elements of transients that each tile needs. */
  readonly transientElements: number;
}

/**
 * Shaders of a float32 pipeline. A stage is one pass over all tiles, joined with the next where that hands values on
 * within the cell; other transients live in whole arrays. Bits may differ from those of the other forms: a device may
 * contract a·b + c, divides to 2.5 ulp and roots to about 4 ulp, may flush subnormals, and promises nothing of NaN, infinities
 * and −0. Nothing here relies on those: what is not finite is found by its bits, once it has been stored.
 * Throws KernelError for a plan in float64, and where a stage overwrites what its neighbours have still to read.
 */
export function emitWgsl(plan: Plan): WgslPipeline {
  if (plan.layout.precision !== 'float32')
    throw new KernelError('BadBinding', `pipeline ${plan.pipeline.name}: WGSL has no float64. Use precision: float32.`);
  for (const stage of plan.sweep) checkNeighbours(plan, stage);
  const places = placeTransients(plan);
  return {
    stages: plan.sweep.map((stage) => emitStage(plan, stage, places)),
    transientElements: places.elements,
  };
}

/** Cells of one stage are computed in any order, all at once. */
export function checkNeighbours(plan: Plan, stage: SweepStage): void {
  for (const { name, di, dj } of readsOf(stage)) {
    const isOverwritten = plan.layout.fields.has(name) && stage.outputs.some(({ field }) => field === name);
    if (isOverwritten && (di !== 0 || dj !== 0))
      throw new KernelError(
        'StageOrder',
        `pipeline ${plan.pipeline.name}, kernel ${stage.name}: it writes ${name} and reads ${name}(${di}, ${dj}), which on a device may be ` +
          'new by then. Write to a transient, and copy that to the field in a later stage.',
      );
  }
}

/** Where transients lie: arrays of one size, taken again once their last reader is done. */
interface TransientPlaces {
  /** Element of a transient at a cell of the tile, from the tile's first. */
  elementOf(name: string, i: number, j: number): number;
  /** Elements of a row. */
  readonly stride: number;
  readonly elements: number;
}

function placeTransients({ sweep, transients }: Plan): TransientPlaces {
  const stored = sweep.flatMap(({ outputs }) =>
    outputs.map(({ field }) => field).filter((field) => transients.has(field)),
  );
  const boxes = stored.map((name) => transients.get(name)!);
  const stride = Math.max(0, ...boxes.map(({ x0, x1 }) => x1 - x0));
  const rows = Math.max(0, ...boxes.map(({ y0, y1 }) => y1 - y0));
  const lastUse = new Map<string, number>();
  sweep.forEach((stage, s) => {
    for (const name of [...stage.outputs.map(({ field }) => field), ...readsOf(stage).map((read) => read.name)])
      if (transients.has(name)) lastUse.set(name, s);
  });
  const slotOf = new Map<string, number>();
  const free: number[] = [];
  let slots = 0;
  sweep.forEach(({ outputs }, s) => {
    for (const { field } of outputs) if (transients.has(field)) slotOf.set(field, free.pop() ?? slots++);
    // Room for the next stage: within one the order of cells is not known.
    for (const [name, last] of lastUse) if (last === s) free.push(slotOf.get(name)!);
  });
  return {
    elementOf: (name, i, j) => {
      const { x0, y0 } = transients.get(name)!;
      return (slotOf.get(name)! * rows + j - y0) * stride + i - x0;
    },
    stride,
    elements: slots * rows * stride,
  };
}

function emitStage(plan: Plan, stage: SweepStage, places: TransientPlaces): WgslStage {
  const { layout, params, transients } = plan;
  const { box } = stage;
  const address = (name: string, di: number, dj: number): string => {
    const [i, j] = [box.x0 + di, box.y0 + dj];
    if (transients.has(name)) return `transients[at + ${places.elementOf(name, i, j)}u]`;
    const { shape, offset } = layout.fields.get(name)!;
    const element = offset / 4 + elementIndex(layout, shape, shape === 'row' ? 0 : i, shape === 'column' ? 0 : j);
    return `memory[${shape} + ${element}u]`;
  };
  const roots = stage.outputs.map(({ node }) => node);
  if (stage.maximum) roots.push(stage.maximum);
  const order = schedule(roots, { isInvariantLeaf: () => false, storeLast: stage.inPlace });
  const print = makePrinter(WGSL, order, (leaf) =>
    leaf.op === 'param' ? `params[given + ${params.indexOf(leaf.name)}u]` : address(leaf.name, leaf.di, leaf.dj),
  );
  const store = (root: number): string => {
    const value = print.use(roots[root]!);
    const output = stage.outputs[root];
    if (!output) return `atomicMax(&largest, bitcast<u32>(${value}) & 0x7fffffffu);`;
    const overrides = emitOverrides(plan, stage, output.field, `o${root}`);
    const to = address(output.field, 0, 0);
    return overrides === '' ? `${to} = ${value};` : `var o${root} = ${value}; ${overrides} ${to} = o${root};`;
  };
  const body = order.body.map((statement) => print.statement(statement, store));
  const [columns, rows] = [box.x1 - box.x0, box.y1 - box.y0];
  const reduces = stage.maximum !== undefined;
  const code = `${STAGE_BUFFERS}${reduces ? 'var<workgroup> largest: atomic<u32>;\n' : ''}fn special(bits: u32) -> f32 { return bitcast<f32>(bits); }
@compute @workgroup_size(${CELL_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = id.y * ${BLOCK.words}u;
  let tile = blocks[block + ${BLOCK.tile}u];
  if (id.x < ${columns * rows}u && control[${CONTROL.duties}u + tile] == ${DUTY.busy}u) {
    let x = id.x % ${columns}u;
    let y = id.x / ${columns}u;
    let base = blocks[block + ${BLOCK.base}u];
    let cell = base + y * ${layout.stride}u + x;
    let column = base + x;
    let row = base + y;
    let at = id.y * ${places.elements}u + y * ${places.stride}u + x;
    let given = control[${CONTROL.step}u] * ${paramRow(params.length)}u;
    ${[...body, ...(reduces ? emitHealth(plan, address) : [])].join('\n    ')}
  }${reduces ? REDUCE : ''}
}
`;
  return { name: stage.name, code, cells: columns * rows };
}

/** One word a workgroup goes to the tile's largest value; numbers that are never negative grow with their bits. */
const REDUCE = `
  workgroupBarrier();
  if (lane == 0u) { atomicMax(&found[tile], atomicLoad(&largest)); }`;

/** Bits of infinity: what is not finite counts as the largest value of all. */
const NOT_FINITE = '0x7f800000u';

/** Looks at what the pipeline has stored in the cell: comparisons may be made as if there were no NaN, but not of bits. */
function emitHealth({ sweep, layout }: Plan, address: (name: string, di: number, dj: number) => string): string[] {
  const stored = sweep.flatMap(({ outputs }) =>
    outputs.map(({ field }) => field).filter((field) => layout.fields.has(field)),
  );
  return [...new Set(stored)].map(
    (field) =>
      `if ((bitcast<u32>(${address(field, 0, 0)}) & ${NOT_FINITE}) == ${NOT_FINITE}) { atomicMax(&largest, ${NOT_FINITE}); }`,
  );
}

/** Exchanges a transient's value on the lines of panel edges for the strip's. */
function emitOverrides(plan: Plan, stage: SweepStage, transient: string, value: string): string {
  const { layout, pipeline } = plan;
  const { x0, y0 } = stage.box;
  return stage.overrides
    .filter((override) => override.transient === transient)
    .map(({ side, from }) => {
      const strip = pipeline.stripLayout!;
      const { offset, shape } = strip.fields.get(from)!;
      const along = side === 'south' || side === 'north';
      const line = side === 'east' ? layout.cellsX : side === 'north' ? layout.cellsY : 0;
      // Invocations count from the range's first cell, faces from the tile's.
      const [across, place, first, count] = along ? ['y', 'x', x0, layout.cellsX] : ['x', 'y', y0, layout.cellsY];
      const start = along ? y0 : x0;
      const element = offset / 4 + elementIndex(strip, shape, 0, 0) + first;
      const strips = `blocks[block + ${BLOCK.strips + SIDES.indexOf(side)}u]`;
      return (
        `if (${across} == ${line - start}u && ${place} >= ${Math.max(0, -first)}u && ${place} < ${count - first}u && ${strips} != 0u) ` +
        `{ ${value} = memory[${strips} + ${place} ${element < 0 ? '-' : '+'} ${Math.abs(element)}u]; }`
      );
    })
    .join(' ');
}

/** Text of a number; those that a constant expression may not have are made of their bits. */
function literal(value: number): string {
  if (!Number.isFinite(value)) {
    const bits = new Uint32Array(new Float32Array([value]).buffer)[0]!;
    return `special(${bits}u)`;
  }
  const text = Object.is(value, -0) ? '-0.0f' : /[.e]/.test(String(value)) ? `${value}f` : `${value}.0f`;
  return value < 0 || Object.is(value, -0) ? `(${text})` : text;
}

const WGSL: Dialect = {
  constant: 'let',
  variable: 'var',
  number: literal,
  // Both sides of a logical operator are there already, so nothing is gained by a jump around one.
  infix: { ...SCRIPT_INFIX, eq: '==', ne: '!=', and: '&', or: '|' },
  round: (text) => text,
  call: (name, args) => `${name}(${args.join(', ')})`,
  select: (condition, whenTrue, whenFalse) => `select(${whenFalse}, ${whenTrue}, ${condition})`,
};
