import type { Helper } from '../kernels/kernel.ts';
import type { Graph, Node } from './graph.ts';
import type { FunctionSource, Source } from './source.ts';

/** A variable of the text; its present value is kept in a store, so that branches may differ. */
export interface Variable {
  readonly name: string;
  readonly constant: boolean;
  /** Place among all declarations, in the order in which they were followed. */
  readonly order: number;
}

/** Names in sight at one place of the text. */
export interface Scope {
  readonly source: Source;
  readonly parent: Scope | undefined;
  readonly names: Map<string, Variable>;
}

export type BuiltIn = 'abs' | 'sqrt' | 'min' | 'max' | 'unlikely';

/** What an expression of a kernel stands for while its text is followed. */
export type Value =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Value>; readonly closed?: string }
  | { readonly kind: 'tuple'; readonly items: readonly Value[] }
  | { readonly kind: 'closure'; readonly fn: FunctionSource; readonly scope: Scope }
  | { readonly kind: 'helper'; readonly name: string; readonly body: Helper }
  | { readonly kind: 'accessor'; readonly field: string }
  | { readonly kind: 'built-in'; readonly name: BuiltIn }
  | { readonly kind: 'math' }
  | { readonly kind: 'choice'; readonly condition: Node; readonly whenTrue: Value; readonly whenFalse: Value }
  | { readonly kind: 'undefined' };

export const UNDEFINED: Value = { kind: 'undefined' };

export const asValue = (node: Node): Value => ({ kind: 'node', node });

const CALLABLE: ReadonlySet<Value['kind']> = new Set(['closure', 'helper', 'accessor', 'built-in', 'choice']);

export const isCallable = (value: Value): boolean => CALLABLE.has(value.kind);

/** True if the value is or holds a function. */
export function carriesFunctions(value: Value): boolean {
  if (value.kind === 'object') return [...value.members.values()].some(carriesFunctions);
  if (value.kind === 'tuple') return value.items.some(carriesFunctions);
  return isCallable(value);
}

export function describe(value: Value): string {
  switch (value.kind) {
    case 'node':
      return value.node.type === 'number' ? 'a number' : 'a boolean';
    case 'object':
      return 'an object';
    case 'tuple':
      return 'an array';
    case 'math':
      return 'Math';
    case 'undefined':
      return 'undefined';
    default:
      return 'a function';
  }
}

/** `condition ? a : b`, component by component. Throws what `mismatch` makes when the two differ in shape. */
export function choose(
  graph: Graph,
  condition: Node,
  a: Value,
  b: Value,
  mismatch: (a: Value, b: Value) => Error,
): Value {
  if (a === b) return a;
  if (condition.op === 'boolean') return condition.value === 1 ? a : b;
  if (a.kind === 'node' && b.kind === 'node' && a.node.type === b.node.type)
    return { kind: 'node', node: graph.make('select', condition, a.node, b.node) };
  if (a.kind === 'tuple' && b.kind === 'tuple' && a.items.length === b.items.length)
    return { kind: 'tuple', items: a.items.map((item, k) => choose(graph, condition, item, b.items[k]!, mismatch)) };
  if (a.kind === 'object' && b.kind === 'object' && a.members.size === b.members.size) {
    const members = new Map<string, Value>();
    for (const [key, member] of a.members) {
      const other = b.members.get(key);
      if (!other) throw mismatch(a, b);
      members.set(key, choose(graph, condition, member, other, mismatch));
    }
    return { kind: 'object', members };
  }
  if (isCallable(a) && isCallable(b)) return { kind: 'choice', condition, whenTrue: a, whenFalse: b };
  if (a.kind === 'undefined' && b.kind === 'undefined') return a;
  throw mismatch(a, b);
}
