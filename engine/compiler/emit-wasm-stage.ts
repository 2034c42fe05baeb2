import type { Operand, StageAddresses } from './addressing.ts';
import { PARAMS, pushSlot, pushStored, ROW, SCRATCH } from './emit-wasm.ts';
import type { Node } from './graph.ts';
import { lower } from './lower.ts';
import { bytesPerElement, type Precision } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { type Statement, schedule } from './schedule.ts';
import { FunctionWriter, I32, type SimdOpcode, V128, type WasmFunction } from './wasm-encoder.ts';

const VECTOR_BYTES = 16;

/** One row of a stage: (tile, scratch, params, j). The last vector may run past the row's end, into padding. */
export function emitStageFunction(plan: Plan, stage: SweepStage, addresses: StageAddresses): WasmFunction {
  const { layout } = plan;
  const writer = new FunctionWriter([I32, I32, I32, I32]);
  const width = bytesPerElement(layout.precision);
  const lanes = VECTOR_BYTES / width;
  const count = stage.box.x1 - stage.box.x0;
  const vectors = Math.ceil(count / lanes);
  const sources = stage.outputs.map(({ node }) => node);
  if (stage.maximum) sources.push(stage.maximum);
  const roots = lower(sources);
  const isRow = (node: Node) => node.op === 'read' && layout.fields.get(node.name)?.shape === 'row';
  const order = schedule(roots, {
    isInvariantLeaf: (node) => node.op === 'param' || isRow(node),
    storeLast: stage.inPlace,
  });

  const bases = addresses.bases.map(() => writer.local(I32));
  addresses.bases.forEach((base, b) => {
    if (base.kind === 'ring') pushSlot(plan, writer, base.ring, ROW, base.dj);
    else pushStored(plan, writer, base.kind, base.shift);
    writer.set(bases[b]!);
  });
  const moving = bases.filter((_, b) => addresses.bases[b]!.kind !== 'row');

  const splat: SimdOpcode = width === 4 ? 'v128.load32_splat' : 'v128.load64_splat';
  const load = ({ base, offset }: Operand, opcode: SimdOpcode) => {
    writer.get(bases[base]!);
    writer.simdMemory(opcode, offset);
  };
  const print = printer(writer, layout.precision, (leaf) => {
    if (leaf.op === 'param') {
      writer.get(PARAMS);
      writer.simdMemory(splat, plan.params.indexOf(leaf.name) * width);
    } else load(addresses.read(leaf.name, leaf.di, leaf.dj), isRow(leaf) ? splat : 'v128.load');
  });

  const largest = stage.maximum
    ? { now: writer.local(V128), before: writer.local(V128), last: writer.local(V128) }
    : undefined;
  const f = prefixOf(layout.precision);
  const store = (root: number) => {
    const output = stage.outputs[root];
    if (output) {
      const { base, offset } = addresses.write(output.field);
      writer.get(bases[base]!);
      print.use(roots[root]!);
      writer.simdMemory('v128.store', offset);
    } else if (largest) {
      writer.get(largest.now);
      writer.tee(largest.before);
      print.use(roots[root]!);
      writer.tee(largest.last);
      writer.simd(`${f}.pmax`);
      writer.set(largest.now);
    }
  };

  if (largest) {
    writer.get(SCRATCH);
    writer.simdMemory('v128.load', 0);
    writer.set(largest.now);
  }
  for (const statement of order.invariant) print.statement(statement, store);
  const body = () => {
    for (const statement of order.body) print.statement(statement, store);
  };
  if (vectors === 1) body();
  else {
    const end = writer.local(I32);
    const counter = moving[0]!;
    writer.get(counter);
    writer.i32(vectors * VECTOR_BYTES);
    writer.op('i32.add');
    writer.set(end);
    writer.loop(() => {
      body();
      for (const base of moving) {
        writer.get(base);
        writer.i32(VECTOR_BYTES);
        writer.op('i32.add');
        writer.set(base);
      }
      writer.get(counter);
      writer.get(end);
      writer.op('i32.ne');
      writer.branchIf(0);
    });
  }
  if (largest) {
    // Lanes past the end of the row count as 0.
    writer.get(SCRATCH);
    if (count % lanes === 0) writer.get(largest.now);
    else {
      const mask = new Uint8Array(VECTOR_BYTES).fill(255, 0, (count % lanes) * width);
      writer.get(largest.before);
      writer.get(largest.last);
      writer.v128(mask);
      writer.simd('v128.and');
      writer.simd(`${f}.pmax`);
    }
    writer.simdMemory('v128.store', 0);
  }
  return { params: [I32, I32, I32, I32], results: [], writer };
}

const prefixOf = (precision: Precision) => (precision === 'float32' ? ('f32x4' as const) : ('f64x2' as const));

/** Operations that take their arguments in order and are one instruction. */
function instructionOf(op: Node['op'], f: 'f32x4' | 'f64x2'): SimdOpcode {
  switch (op) {
    case 'and':
    case 'keep':
      return 'v128.and';
    case 'or':
      return 'v128.or';
    case 'not':
      return 'v128.not';
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'min':
    case 'max':
    case 'pmin':
    case 'pmax':
    case 'neg':
    case 'abs':
    case 'sqrt':
    case 'lt':
    case 'le':
    case 'eq':
    case 'ne':
      return `${f}.${op}`;
    default:
      throw new Error(`instructionOf: ${op} is no single instruction.`);
  }
}

function printer(writer: FunctionWriter, precision: Precision, leaf: (node: Node) => void) {
  const f = prefixOf(precision);
  const locals = new Map<Node, number>();

  function constant(value: number): void {
    const bytes = precision === 'float32' ? Float32Array.of(value, value, value, value) : Float64Array.of(value, value);
    writer.v128(new Uint8Array(bytes.buffer));
  }

  function use(node: Node): void {
    const local = locals.get(node);
    if (local !== undefined) writer.get(local);
    else write(node);
  }

  function write(node: Node): void {
    const [a, b, c] = node.args;
    switch (node.op) {
      case 'constant':
        constant(node.value);
        return;
      case 'boolean':
        writer.v128(new Uint8Array(VECTOR_BYTES).fill(node.value === 1 ? 255 : 0));
        return;
      case 'param':
      case 'read':
        leaf(node);
        return;
      case 'unlikely':
        use(a!);
        return;
      case 'select':
        use(b!);
        use(c!);
        use(a!);
        writer.simd('v128.bitselect');
        return;
      case 'drop':
        // andnot(x, c) is x & ~c.
        use(b!);
        use(a!);
        writer.simd('v128.andnot');
        return;
      default:
        for (const arg of node.args) use(arg);
        writer.simd(instructionOf(node.op, f));
    }
  }

  function name(node: Node): void {
    const local = writer.local(V128);
    locals.set(node, local);
    writer.set(local);
  }

  function statement(item: Statement, store: (root: number) => void): void {
    switch (item.kind) {
      case 'let':
        write(item.node);
        name(item.node);
        return;
      case 'store':
        store(item.root);
        return;
      case 'rare':
        for (const select of item.selects) {
          use(select.args[2]!);
          name(select);
        }
        use(item.condition);
        writer.simd('v128.any_true');
        writer.when(() => {
          for (const inner of item.body) statement(inner, store);
          for (const select of item.selects) {
            use(select.args[1]!);
            use(select);
            use(item.condition);
            writer.simd('v128.bitselect');
            writer.set(locals.get(select)!);
          }
        });
    }
  }

  return { use, statement };
}
