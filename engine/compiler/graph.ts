import type { Precision } from './pipeline.ts';

export type LeafOp = 'constant' | 'boolean' | 'param' | 'read';
export type UnaryOp = 'neg' | 'abs' | 'sqrt' | 'not' | 'unlikely';
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'lt' | 'le' | 'eq' | 'ne' | 'and' | 'or';
/**
 * Made for vector machines by `lower` alone. pmin(a, b) = b < a ? b : a, pmax(a, b) = a < b ? b : a;
 * keep(c, x) = c ? x : 0, drop(c, x) = c ? 0 : x, also on booleans.
 */
export type LoweredOp = 'pmin' | 'pmax' | 'keep' | 'drop';
export type Op = LeafOp | UnaryOp | BinaryOp | 'select' | LoweredOp;

/**
 * One value of a kernel. Equal expressions are the same node. Arguments come before their users in `id`. a > b is kept
 * as b < a. `select` has arguments condition, value if true, value if false; `unlikely` marks its condition.
 */
export interface Node {
  readonly id: number;
  readonly op: Op;
  readonly type: 'number' | 'boolean';
  readonly args: readonly Node[];
  /** constant: its value; boolean: 1 or 0. */
  readonly value: number;
  /** param: its name; read: the field's. */
  readonly name: string;
  readonly di: number;
  readonly dj: number;
}

/** Makes nodes; folds only what leaves every bit as it was (NaN counts as one value). */
export interface Graph {
  readonly precision: Precision;
  constant(value: number): Node;
  boolean(value: boolean): Node;
  param(name: string): Node;
  read(name: string, di: number, dj: number): Node;
  make(op: UnaryOp | BinaryOp | 'select', ...args: Node[]): Node;
}

const COMMUTATIVE: ReadonlySet<Op> = new Set<Op>(['add', 'mul', 'min', 'max', 'eq', 'ne', 'and', 'or']);
const BOOLEAN_RESULT: ReadonlySet<Op> = new Set<Op>([
  'boolean',
  'not',
  'unlikely',
  'lt',
  'le',
  'eq',
  'ne',
  'and',
  'or',
]);

export const isCommutative = (op: Op): boolean => COMMUTATIVE.has(op);

export const roundingOf = (precision: Precision): ((value: number) => number) =>
  precision === 'float32' ? Math.fround : (value) => value;

/** The value of an operation, rounded once; booleans are 1 and 0. */
export function applyOp(op: Op, round: (value: number) => number, a: number, b: number, c: number): number {
  switch (op) {
    case 'add':
      return round(a + b);
    case 'sub':
      return round(a - b);
    case 'mul':
      return round(a * b);
    case 'div':
      return round(a / b);
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'neg':
      return -a;
    case 'abs':
      return Math.abs(a);
    case 'sqrt':
      return round(Math.sqrt(a));
    case 'lt':
      return a < b ? 1 : 0;
    case 'le':
      return a <= b ? 1 : 0;
    case 'eq':
      return a === b ? 1 : 0;
    case 'ne':
      return a !== b ? 1 : 0;
    case 'and':
      return a !== 0 && b !== 0 ? 1 : 0;
    case 'or':
      return a !== 0 || b !== 0 ? 1 : 0;
    case 'not':
      return a === 0 ? 1 : 0;
    case 'unlikely':
      return a;
    case 'select':
      return a !== 0 ? b : c;
    default:
      throw new Error(`applyOp: ${op} is a leaf and has no operation.`);
  }
}

const isConstant = (node: Node | undefined): node is Node => node !== undefined && node.op === 'constant';
const isLiteral = (node: Node): boolean => node.op === 'constant' || node.op === 'boolean';
const isValue = (node: Node | undefined, value: number): boolean => isConstant(node) && Object.is(node.value, value);

/** 1 / c where dividing by c and multiplying by 1 / c round alike: c a power of two, 1 / c a normal number. */
function exactReciprocal(c: number, precision: Precision): number | undefined {
  const reciprocal = 1 / c;
  const smallest = precision === 'float32' ? 2 ** -126 : 2 ** -1022;
  const largest = precision === 'float32' ? 2 ** 127 : 2 ** 1023;
  const size = Math.abs(reciprocal);
  if (!(size >= smallest && size <= largest)) return undefined;
  // The mantissa of a power of two is 1: scaling its size by powers of two ends at exactly 1.
  let scaled = Math.abs(c);
  while (scaled > 1) scaled /= 2;
  while (scaled < 1) scaled *= 2;
  return scaled === 1 && 1 / reciprocal === c ? reciprocal : undefined;
}

export function createGraph(precision: Precision): Graph {
  const round = roundingOf(precision);
  const known = new Map<string, Node>();
  let count = 0;

  function intern(key: string, op: Op, args: readonly Node[], rest: Partial<Node>): Node {
    const found = known.get(key);
    if (found) return found;
    const type = BOOLEAN_RESULT.has(op) || (op === 'select' && args[1]!.type === 'boolean') ? 'boolean' : 'number';
    const node: Node = { value: 0, name: '', di: 0, dj: 0, ...rest, id: count++, op, type, args };
    known.set(key, node);
    return node;
  }

  function constant(value: number): Node {
    const rounded = round(value);
    return intern(`c${Object.is(rounded, -0) ? '-0' : rounded}`, 'constant', [], { value: rounded });
  }
  const boolean = (value: boolean): Node => intern(`b${value}`, 'boolean', [], { value: value ? 1 : 0 });

  /** A node that already has the value of op(args), or undefined. */
  function simplify(op: Op, args: readonly Node[]): Node | undefined {
    const [a, b, c] = args as readonly [Node, Node, Node];
    switch (op) {
      case 'add':
        // Not +0: −0 + 0 is 0.
        if (isValue(b, -0)) return a;
        if (isValue(a, -0)) return b;
        if (b.op === 'neg') return make('sub', a, b.args[0]!);
        if (a.op === 'neg') return make('sub', b, a.args[0]!);
        return undefined;
      case 'sub':
        if (isValue(b, 0)) return a;
        if (b.op === 'neg') return make('add', a, b.args[0]!);
        return undefined;
      case 'mul':
        if (isValue(b, 1)) return a;
        if (isValue(a, 1)) return b;
        if (isValue(b, -1)) return make('neg', a);
        if (isValue(a, -1)) return make('neg', b);
        if (a.op === 'neg' && b.op === 'neg') return make('mul', a.args[0]!, b.args[0]!);
        return undefined;
      case 'div': {
        if (isValue(b, 1)) return a;
        if (isValue(b, -1)) return make('neg', a);
        if (a.op === 'neg' && b.op === 'neg') return make('div', a.args[0]!, b.args[0]!);
        const reciprocal = isConstant(b) ? exactReciprocal(b.value, precision) : undefined;
        return reciprocal === undefined ? undefined : make('mul', a, constant(reciprocal));
      }
      case 'min':
      case 'max':
        return a === b ? a : undefined;
      case 'neg':
      case 'not':
        return a.op === op ? a.args[0]! : undefined;
      case 'abs':
        return a.op === 'abs' ? a : a.op === 'neg' ? make('abs', a.args[0]!) : undefined;
      case 'unlikely':
        return a.op === 'unlikely' || isLiteral(a) ? a : undefined;
      case 'and':
      case 'or': {
        const neutral = op === 'and' ? 1 : 0;
        if (a === b) return a;
        if (a.op === 'boolean') return a.value === neutral ? b : a;
        if (b.op === 'boolean') return b.value === neutral ? a : b;
        return undefined;
      }
      case 'select':
        if (b === c) return b;
        if (a.op === 'boolean') return a.value === 1 ? b : c;
        if (a.op === 'not') return make('select', a.args[0]!, c, b);
        if (b.op === 'boolean' && c.op === 'boolean') return b.value === 1 ? a : make('not', a);
        return undefined;
      default:
        return undefined;
    }
  }

  function make(op: UnaryOp | BinaryOp | 'select', ...given: Node[]): Node {
    let args = given;
    if (args.every(isLiteral)) {
      const [a, b, c] = args;
      const value = applyOp(op, round, a!.value, b?.value ?? 0, c?.value ?? 0);
      const isBoolean = BOOLEAN_RESULT.has(op) || (op === 'select' && b!.type === 'boolean');
      return isBoolean ? boolean(value === 1) : constant(value);
    }
    const simpler = simplify(op, args);
    if (simpler) return simpler;
    if (COMMUTATIVE.has(op) && args[0]!.id > args[1]!.id) args = [args[1]!, args[0]!];
    return intern(`${op} ${args.map((arg) => arg.id).join(' ')}`, op, args, {});
  }

  return {
    precision,
    constant,
    boolean,
    param: (name) => intern(`p${name}`, 'param', [], { name }),
    // + 0 turns an offset of −0 into 0.
    read: (name, di, dj) => intern(`r${name} ${di + 0} ${dj + 0}`, 'read', [], { name, di: di + 0, dj: dj + 0 }),
    make,
  };
}

/** Everything that the roots depend on, arguments before users. */
export function reachable(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const ordered: Node[] = [];
  // An explicit stack: expression chains can be deeper than the call stack.
  const stack: { node: Node; next: number }[] = [];
  const enter = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (top.next < top.node.args.length) enter(top.node.args[top.next++]!);
      else {
        ordered.push(top.node);
        stack.pop();
      }
    }
  }
  return ordered;
}

/** Rebuilds roots in another graph, with leaves exchanged by `leaf` (undefined keeps a leaf as it is). */
export function transplant(roots: readonly Node[], target: Graph, leaf: (node: Node) => Node | undefined): Node[] {
  const moved = new Map<Node, Node>();
  for (const node of reachable(roots)) moved.set(node, leaf(node) ?? copy(node, target, moved));
  return roots.map((root) => moved.get(root)!);
}

function copy(node: Node, target: Graph, moved: ReadonlyMap<Node, Node>): Node {
  switch (node.op) {
    case 'constant':
      return target.constant(node.value);
    case 'boolean':
      return target.boolean(node.value === 1);
    case 'param':
      return target.param(node.name);
    case 'read':
      return target.read(node.name, node.di, node.dj);
    case 'pmin':
    case 'pmax':
    case 'keep':
    case 'drop':
      throw new Error(`transplant: ${node.op} is made by lowering, which comes last.`);
    default:
      return target.make(node.op, ...node.args.map((arg) => moved.get(arg)!));
  }
}
