import type { CallExpression, Node as SyntaxNode } from 'acorn';
import { asValue, type BuiltIn, describe, type Scope, UNDEFINED, type Value } from './abstract-value.ts';
import type { BinaryOp, Graph, Node } from './graph.ts';
import type { KernelErrorTag } from './kernel-error.ts';
import { errorAt } from './source.ts';

const ARITHMETIC: Readonly<Record<string, BinaryOp>> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' };
const MATH: ReadonlyMap<string, BuiltIn> = new Map(
  (['abs', 'sqrt', 'min', 'max'] as const).map((name) => [name, name]),
);

export const fail = (scope: Scope, node: SyntaxNode, rule: string, tag: KernelErrorTag = 'NotInSubset'): Error =>
  errorAt(scope.source.label, node, tag, rule);

/** What the operators, members and built-in functions of the language do to values. Errors point at a place of the text. */
export function createOperations(graph: Graph) {
  function numberAt(scope: Scope, node: SyntaxNode, value: Value): Node {
    if (value.kind === 'node' && value.node.type === 'number') return value.node;
    throw fail(
      scope,
      node,
      `a number is needed here, not ${describe(value)}. Use cond ? a : b to make one of a boolean`,
    );
  }

  function conditionAt(scope: Scope, node: SyntaxNode, value: Value): Node {
    if (value.kind === 'node') {
      if (value.node.type === 'boolean') return value.node;
      // Minifiers write true as !0.
      if (value.node.op === 'constant') return graph.boolean(Boolean(value.node.value));
    }
    throw fail(scope, node, `a condition is needed here, not ${describe(value)}. Compare: x !== 0, a < b`);
  }

  function memberOf(scope: Scope, at: SyntaxNode, owner: Value, key: string, optional: boolean): Value {
    if (owner.kind === 'object') {
      const member = owner.members.get(key);
      if (member) return member;
      if (optional) return UNDEFINED;
      if (owner.closed) throw fail(scope, at, `${key} is not listed in ${owner.closed}. List it there`, 'NotListed');
      throw fail(
        scope,
        at,
        `there is no member ${key} (there are: ${[...owner.members.keys()].join(', ')}). Check the name`,
      );
    }
    if (owner.kind === 'tuple') {
      if (key === 'length') return asValue(graph.constant(owner.items.length));
      const item = owner.items[Number(key)];
      if (item) return item;
      throw fail(scope, at, `there is no element ${key} in an array of ${owner.items.length}. Check the index`);
    }
    if (owner.kind === 'math') {
      const name = MATH.get(key);
      if (name) return { kind: 'built-in', name };
      throw fail(
        scope,
        at,
        `Math.${key} is not allowed (allowed: ${[...MATH.keys()].join(', ')}); its bits differ between machines`,
      );
    }
    throw fail(scope, at, `${describe(owner)} has no member ${key}. Only objects and arrays have members`);
  }

  function callBuiltIn(scope: Scope, at: CallExpression, name: BuiltIn, args: readonly Value[]): Value {
    const nodeOf = (k: number) => at.arguments[k] ?? at;
    const needed = name === 'min' || name === 'max' ? 'one or more arguments' : 'one argument';
    if (args.length === 0 || (needed === 'one argument' && args.length > 1))
      throw fail(scope, at, `${name} takes ${needed}, not ${args.length}`);
    if (name === 'unlikely') return asValue(graph.make('unlikely', conditionAt(scope, nodeOf(0), args[0]!)));
    const numbers = args.map((arg, k) => numberAt(scope, nodeOf(k), arg));
    if (name === 'abs' || name === 'sqrt') return asValue(graph.make(name, numbers[0]!));
    return asValue(numbers.reduce((a, b) => graph.make(name, a, b)));
  }

  function compare(scope: Scope, at: SyntaxNode, operator: string, a: Node, b: Node): Node | undefined {
    switch (operator) {
      case '<':
        return graph.make('lt', a, b);
      case '<=':
        return graph.make('le', a, b);
      case '>':
        return graph.make('lt', b, a);
      case '>=':
        return graph.make('le', b, a);
      case '===':
        return graph.make('eq', a, b);
      case '!==':
        return graph.make('ne', a, b);
      case '==':
      case '!=':
        throw fail(scope, at, `${operator} is not allowed. Use ${operator}=`);
      default:
        return undefined;
    }
  }

  function binary(scope: Scope, at: SyntaxNode, operator: string, left: Value, right: Value): Value {
    const a = numberAt(scope, at, left);
    const b = numberAt(scope, at, right);
    const op = ARITHMETIC[operator];
    const node = op ? graph.make(op, a, b) : compare(scope, at, operator, a, b);
    if (node) return asValue(node);
    throw fail(scope, at, `the operator ${operator} is not allowed (allowed: + − * / < <= > >= === !== && || ! ?:)`);
  }

  return { numberAt, conditionAt, memberOf, callBuiltIn, binary };
}
