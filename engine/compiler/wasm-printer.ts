import type { Arrangement } from './arrange.ts';
import type { Node } from './graph.ts';
import type { Precision } from './pipeline.ts';
import type { Statement } from './schedule.ts';
import { SCRATCH, VECTOR_BYTES } from './wasm-addresses.ts';
import { type FunctionWriter, type SimdOpcode, V128 } from './wasm-encoder.ts';

export const prefixOf = (precision: Precision) => (precision === 'float32' ? ('f32x4' as const) : ('f64x2' as const));

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

/** Writes statements as vector instructions. `slotBase`: where, behind the scratch pointer, values are put aside. */
export function wasmPrinter(
  writer: FunctionWriter,
  precision: Precision,
  { slots, repeated }: Arrangement,
  slotBase: number,
  leaf: (node: Node) => void,
) {
  const f = prefixOf(precision);
  const locals = new Map<Node, number>();
  /** Segment in which a node's local was set last. */
  const home = new Map<Node, number>();
  let segment = 0;
  let inBranch = false;

  function constant(value: number): void {
    const bytes = precision === 'float32' ? Float32Array.of(value, value, value, value) : Float64Array.of(value, value);
    writer.v128(new Uint8Array(bytes.buffer));
  }

  function use(node: Node): void {
    const local = locals.get(node);
    if (local === undefined) {
      write(node);
      return;
    }
    const slot = slots.get(node);
    if (home.get(node) === segment || (slot === undefined && !repeated.has(node))) {
      writer.get(local);
      return;
    }
    if (slot === undefined) write(node);
    else {
      writer.get(SCRATCH);
      writer.simdMemory('v128.load', slotBase + slot * VECTOR_BYTES);
    }
    // What a branch loads, code behind it cannot rely on.
    if (inBranch) return;
    writer.tee(local);
    home.set(node, segment);
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
    home.set(node, segment);
    writer.set(local);
  }

  /** Puts a finished value aside for later segments. */
  function keep(node: Node): void {
    const slot = slots.get(node);
    if (slot === undefined) return;
    writer.get(SCRATCH);
    writer.get(locals.get(node)!);
    writer.simdMemory('v128.store', slotBase + slot * VECTOR_BYTES);
  }

  function enter(next: number): void {
    segment = next;
  }

  function statement(item: Statement, store: (root: number) => void): void {
    switch (item.kind) {
      case 'let':
        write(item.node);
        name(item.node);
        keep(item.node);
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
          const outer = inBranch;
          inBranch = true;
          for (const inner of item.body) statement(inner, store);
          for (const select of item.selects) {
            use(select.args[1]!);
            use(select);
            use(item.condition);
            writer.simd('v128.bitselect');
            writer.set(locals.get(select)!);
          }
          inBranch = outer;
        });
        item.selects.forEach(keep);
    }
  }

  return { use, statement, enter };
}
