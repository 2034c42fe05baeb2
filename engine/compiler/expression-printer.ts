import type { BinaryOp, Node } from './graph.ts';
import type { Schedule, Statement } from './schedule.ts';

/** How a language writes what the others write otherwise; all take expressions as text. */
export interface Dialect {
  /** Keywords of a name that keeps its value, and of one that does not. */
  readonly constant: string;
  readonly variable: string;
  number(value: number): string;
  readonly infix: Readonly<Partial<Record<BinaryOp, string>>>;
  /** An operation that may round, as the language gives it: a sum, a quotient, a root. */
  round(text: string): string;
  call(name: 'abs' | 'sqrt' | 'min' | 'max', args: readonly string[]): string;
  select(condition: string, whenTrue: string, whenFalse: string): string;
}

export interface Printer {
  /** A node where it is used: its name, or its expression. */
  use(node: Node): string;
  statement(item: Statement, store: (root: number) => string): string;
}

/** Operators of JavaScript. */
export const SCRIPT_INFIX: Dialect['infix'] = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  lt: '<',
  le: '<=',
  eq: '===',
  ne: '!==',
  and: '&&',
  or: '||',
};

const ROUNDED: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div']);

/** Writes scheduled expressions in a language of curly braces; `leaf` writes parameters and reads. */
export function makePrinter(dialect: Dialect, order: Schedule, leaf: (node: Node) => string): Printer {
  const use = (node: Node): string => (order.named.has(node) ? `v${node.id}` : write(node));

  function write(node: Node): string {
    const [a, b, c] = node.args;
    switch (node.op) {
      case 'constant':
        return dialect.number(node.value);
      case 'boolean':
        return node.value === 1 ? 'true' : 'false';
      case 'param':
      case 'read':
        return leaf(node);
      case 'neg':
        return `(-${use(a!)})`;
      case 'abs':
        return dialect.call('abs', [use(a!)]);
      case 'sqrt':
        return dialect.round(dialect.call('sqrt', [use(a!)]));
      case 'not':
        return `(!${use(a!)})`;
      case 'unlikely':
        return use(a!);
      case 'min':
      case 'max':
        return dialect.call(node.op, [use(a!), use(b!)]);
      case 'select':
        return dialect.select(use(a!), use(b!), use(c!));
      default: {
        const text = `(${use(a!)} ${dialect.infix[node.op as BinaryOp]} ${use(b!)})`;
        return ROUNDED.has(node.op) ? dialect.round(text) : text;
      }
    }
  }

  function statement(item: Statement, store: (root: number) => string): string {
    switch (item.kind) {
      case 'let':
        return `${dialect.constant} v${item.node.id} = ${write(item.node)};`;
      case 'store':
        return store(item.root);
      case 'rare': {
        const usual = item.selects.map((node) => `${dialect.variable} v${node.id} = ${use(node.args[2]!)};`);
        const inner = item.body.map((each) => statement(each, store));
        const rare = item.selects.map((node) => `v${node.id} = ${use(node.args[1]!)};`);
        return `${usual.join(' ')} if (${use(item.condition)}) { ${inner.join(' ')} ${rare.join(' ')} }`;
      }
    }
  }

  return { use, statement };
}
