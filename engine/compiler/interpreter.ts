import type {
  AssignmentExpression,
  BlockStatement,
  CallExpression,
  Expression,
  Pattern,
  Statement,
  Node as SyntaxNode,
} from 'acorn';
import { type Helper, unlikely, usesOf } from '../kernels/kernel.ts';
import {
  asValue,
  carriesFunctions,
  choose,
  describe,
  type Scope,
  UNDEFINED,
  type Value,
  type Variable,
} from './abstract-value.ts';
import type { Graph, Node } from './graph.ts';
import { createOperations, fail } from './operations.ts';
import { type FunctionSource, listedNames, parseFunction, type Source, spelling } from './source.ts';

const DEEPEST_CALL = 200;

/** True if running the statement may return from its function. */
function mayReturn(statement: Statement | null | undefined): boolean {
  switch (statement?.type) {
    case 'ReturnStatement':
      return true;
    case 'BlockStatement':
      return statement.body.some((inner) => mayReturn(inner as Statement));
    case 'IfStatement':
      return mayReturn(statement.consequent) || mayReturn(statement.alternate);
    default:
      return false;
  }
}

/** Values of variables: what has been written since a branch began, over what was there before. */
class Store {
  readonly written = new Map<Variable, Value>();
  private readonly before: Store | undefined;

  constructor(before?: Store) {
    this.before = before;
  }

  get(variable: Variable): Value | undefined {
    return this.written.get(variable) ?? this.before?.get(variable);
  }

  has(variable: Variable): boolean {
    return this.get(variable) !== undefined;
  }

  set(variable: Variable, value: Value): void {
    this.written.set(variable, value);
  }
}

export interface Interpreter {
  callSource(source: Source, args: readonly Value[]): Value;
}

/** Follows the text of functions with nodes in place of numbers. Both sides of an undecided branch are followed. */
export function createInterpreter(graph: Graph): Interpreter {
  let store = new Store();
  let depth = 0;
  let declared = 0;
  const sources = new Map<string, Map<Helper, Source>>();

  const { numberAt, conditionAt, memberOf, callBuiltIn, binary } = createOperations(graph);

  /** Follows both sides and joins results and variables. */
  function branch(scope: Scope, at: SyntaxNode, condition: Node, whenTrue: () => Value, whenFalse: () => Value): Value {
    if (condition.op === 'boolean') return condition.value === 1 ? whenTrue() : whenFalse();
    const before = store;
    const afterTrue = new Store(before);
    store = afterTrue;
    const a = whenTrue();
    const afterFalse = new Store(before);
    store = afterFalse;
    const b = whenFalse();
    store = before;
    const written = new Set([...afterTrue.written.keys(), ...afterFalse.written.keys()]);
    // In the order of their declaration, which is that of nodes: the graph must not depend on how it is made.
    for (const variable of [...written].filter((one) => before.has(one)).sort((x, y) => x.order - y.order)) {
      const left = afterTrue.get(variable)!;
      const right = afterFalse.get(variable)!;
      if (left === right) {
        // Both sides may have assigned it the same.
        store.set(variable, left);
        continue;
      }
      const value = choose(graph, condition, left, right, (x, y) =>
        fail(scope, at, `${variable.name} is ${describe(x)} or ${describe(y)} after the branch. Give it one shape`),
      );
      store.set(variable, value);
      if (carriesFunctions(value)) keepVariables(afterTrue, afterFalse);
    }
    const joined = choose(graph, condition, a, b, (x, y) =>
      fail(
        scope,
        at,
        x.kind === 'undefined' || y.kind === 'undefined'
          ? 'one branch returns a value, the other none. Return on every path'
          : `the two sides are ${describe(x)} and ${describe(y)} of another shape. Give both sides the same members`,
      ),
    );
    if (carriesFunctions(joined)) keepVariables(afterTrue, afterFalse);
    return joined;
  }

  /** Functions made in a branch go on seeing what was declared there. */
  function keepVariables(...stores: Store[]): void {
    for (const [variable, value] of stores.flatMap(({ written }) => [...written]))
      if (!store.has(variable)) store.set(variable, value);
  }

  function lookUp(scope: Scope, name: string): Value | undefined {
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      const variable = at.names.get(name);
      if (variable) return store.get(variable) ?? UNDEFINED;
    }
    return undefined;
  }

  function fromList(scope: Scope, text: string): Value | undefined {
    // A bundler's namespace prefix differs between modules: the last name is the key.
    const listed = scope.source.listed.get(text) ?? scope.source.listed.get(text.slice(text.lastIndexOf('.') + 1));
    if (listed === undefined) return undefined;
    if (typeof listed === 'number') return asValue(graph.constant(listed));
    if (listed === (unlikely as Helper)) return { kind: 'built-in', name: 'unlikely' };
    return { kind: 'helper', name: text.slice(text.lastIndexOf('.') + 1), body: listed };
  }

  function declare(scope: Scope, name: string, value: Value, constant: boolean): void {
    const variable: Variable = { name, constant, order: declared++ };
    scope.names.set(name, variable);
    store.set(variable, value);
  }

  function bindPattern(scope: Scope, pattern: Pattern, value: Value, constant: boolean): void {
    switch (pattern.type) {
      case 'Identifier':
        declare(scope, pattern.name, value, constant);
        return;
      case 'AssignmentPattern':
        bindPattern(scope, pattern.left, value.kind === 'undefined' ? evaluate(scope, pattern.right) : value, constant);
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') throw fail(scope, property, '... is not allowed. Name the members');
          const key = keyOf(scope, property.key, property.computed);
          bindPattern(
            scope,
            property.value,
            memberOf(scope, property, value, key, property.value.type === 'AssignmentPattern'),
            constant,
          );
        }
        return;
      case 'ArrayPattern':
        pattern.elements.forEach((element, k) => {
          if (element?.type === 'RestElement') throw fail(scope, element, '... is not allowed. Name the elements');
          if (element) bindPattern(scope, element, memberOf(scope, element, value, String(k), false), constant);
        });
        return;
      default:
        throw fail(scope, pattern, `${pattern.type} is not allowed as a parameter or variable. Use names, { } or [ ]`);
    }
  }

  function keyOf(scope: Scope, key: SyntaxNode, computed: boolean): string {
    const expression = key as Expression;
    if (!computed && expression.type === 'Identifier') return expression.name;
    if (expression.type === 'Literal') return String(expression.value);
    const value = evaluate(scope, expression);
    if (value.kind === 'node' && value.node.op === 'constant') return String(value.node.value + 0);
    throw fail(scope, key, 'a member is picked by a value that is not constant. Use a constant index or name');
  }

  function callClosure(fn: FunctionSource, outer: Scope, args: readonly Value[], at: SyntaxNode, caller: Scope): Value {
    if (fn.async || fn.generator)
      throw fail(outer, fn, 'async functions and generators are not allowed. Use a plain function');
    if (++depth > DEEPEST_CALL)
      throw fail(caller, at, 'calls nest too deep; recursion is not allowed. Write the levels out');
    const scope: Scope = { source: outer.source, parent: outer, names: new Map() };
    fn.params.forEach((pattern, k) => {
      if (pattern.type === 'RestElement') throw fail(scope, pattern, '... is not allowed. Name the parameters');
      bindPattern(scope, pattern, args[k] ?? UNDEFINED, false);
    });
    const result =
      fn.body.type === 'BlockStatement'
        ? runBlock(scope, (fn.body as BlockStatement).body, 0, () => UNDEFINED)
        : evaluate(scope, fn.body as Expression);
    depth--;
    return result;
  }

  function callSource(source: Source, args: readonly Value[]): Value {
    const scope: Scope = { source, parent: undefined, names: new Map() };
    return callClosure(source.fn, scope, args, source.fn, scope);
  }

  function helperSource(scope: Scope, name: string, body: Helper): Source {
    const kernelLabel = scope.source.label.split(',')[0]!;
    const label = `${kernelLabel}, helper ${name}`;
    const byBody = sources.get(label) ?? new Map<Helper, Source>();
    sources.set(label, byBody);
    const source = byBody.get(body) ?? {
      label,
      fn: parseFunction(body, label),
      listed: listedNames(usesOf(body), label),
    };
    byBody.set(body, source);
    return source;
  }

  function call(scope: Scope, at: CallExpression, callee: Value, args: readonly Value[]): Value {
    switch (callee.kind) {
      case 'closure':
        return callClosure(callee.fn, callee.scope, args, at, scope);
      case 'helper':
        return callSource(helperSource(scope, callee.name, callee.body), args);
      case 'built-in':
        return callBuiltIn(scope, at, callee.name, args);
      case 'choice':
        return branch(
          scope,
          at,
          callee.condition,
          () => call(scope, at, callee.whenTrue, args),
          () => call(scope, at, callee.whenFalse, args),
        );
      case 'accessor': {
        const offsets = args.map((arg) =>
          arg.kind === 'node' && arg.node.op === 'constant' ? arg.node.value : Number.NaN,
        );
        if (args.length !== 2 || !offsets.every(Number.isInteger))
          throw fail(
            scope,
            at,
            `${callee.field} takes two constant whole offsets: ${callee.field}(di, dj)`,
            'BadOffset',
          );
        return asValue(graph.read(callee.field, offsets[0]!, offsets[1]!));
      }
      default:
        throw fail(scope, at, `${describe(callee)} is called. Call functions only`);
    }
  }

  function evaluateCall(scope: Scope, expression: CallExpression): Value {
    if (expression.optional) throw fail(scope, expression, '?.( ) is not allowed. Call plainly');
    const callee = evaluate(scope, expression.callee as Expression);
    const args = expression.arguments.map((argument) => {
      if (argument.type === 'SpreadElement') throw fail(scope, argument, '... is not allowed. Write the arguments out');
      return evaluate(scope, argument);
    });
    return call(scope, expression, callee, args);
  }

  function logical(scope: Scope, operator: string, left: Expression, right: Expression): Value {
    if (operator === '??') throw fail(scope, left, 'the operator ?? is not allowed. Give every value');
    const a = conditionAt(scope, left, evaluate(scope, left));
    const shortCut = asValue(graph.boolean(operator === '||'));
    let b: Node | undefined;
    const second = () => {
      b = conditionAt(scope, right, evaluate(scope, right));
      return asValue(b);
    };
    const joined =
      operator === '&&'
        ? branch(scope, right, a, second, () => shortCut)
        : branch(scope, right, a, () => shortCut, second);
    // `branch` joined the variables; the value itself is one operation.
    return a.op === 'boolean' || !b ? joined : asValue(graph.make(operator === '&&' ? 'and' : 'or', a, b));
  }

  function assign(scope: Scope, at: AssignmentExpression): Value {
    const { left, operator } = at;
    if (left.type !== 'Identifier')
      throw fail(scope, at, 'a member or pattern is assigned to. Make a new object, or assign variables one by one');
    let found: Variable | undefined;
    for (let place: Scope | undefined = scope; place && !found; place = place.parent)
      found = place.names.get(left.name);
    if (!found)
      throw fail(
        scope,
        at,
        `${left.name} is assigned to but declared outside. Return values instead; a kernel changes nothing outside itself`,
      );
    if (found.constant) throw fail(scope, at, `${left.name} is a constant and assigned to. Declare it with let`);
    // Before what is on the right, which may assign it too.
    const before = store.get(found)!;
    const right = evaluate(scope, at.right);
    const value = operator === '=' ? right : binary(scope, at, operator.slice(0, -1), before, right);
    store.set(found, value);
    return value;
  }

  function evaluate(scope: Scope, expression: Expression): Value {
    switch (expression.type) {
      case 'Literal':
        if (typeof expression.value === 'number') return asValue(graph.constant(expression.value));
        if (typeof expression.value === 'boolean') return asValue(graph.boolean(expression.value));
        throw fail(scope, expression, `${expression.raw} is not allowed. Only numbers and booleans are values`);
      case 'Identifier': {
        const value = lookUp(scope, expression.name) ?? fromList(scope, expression.name);
        if (value) return value;
        if (expression.name === 'Math') return { kind: 'math' };
        if (expression.name === 'undefined') return UNDEFINED;
        if (expression.name === 'Infinity') return asValue(graph.constant(Infinity));
        if (expression.name === 'NaN') return asValue(graph.constant(Number.NaN));
        throw fail(
          scope,
          expression,
          `${expression.name} is not listed in uses. List it in the uses of this very function`,
          'NotListed',
        );
      }
      case 'MemberExpression': {
        if (expression.optional) throw fail(scope, expression, '?. is not allowed. Give every member');
        const text = spelling(expression);
        const root = text?.slice(0, text.indexOf('.'));
        if (text !== undefined && root !== undefined && root !== 'Math' && !lookUp(scope, root)) {
          const value = fromList(scope, text);
          if (value) return value;
          throw fail(
            scope,
            expression,
            `${text} is not listed in uses. List it in the uses of this very function`,
            'NotListed',
          );
        }
        const owner = evaluate(scope, expression.object as Expression);
        return memberOf(scope, expression, owner, keyOf(scope, expression.property, expression.computed), false);
      }
      case 'ParenthesizedExpression':
        return evaluate(scope, expression.expression);
      case 'SequenceExpression': {
        const last = expression.expressions.length - 1;
        for (const inner of expression.expressions.slice(0, last)) runForEffect(scope, inner);
        return evaluate(scope, expression.expressions[last]!);
      }
      case 'UnaryExpression': {
        if (expression.operator === 'void') return UNDEFINED;
        const value = evaluate(scope, expression.argument);
        if (expression.operator === '!') return asValue(graph.make('not', conditionAt(scope, expression, value)));
        if (expression.operator === '-') return asValue(graph.make('neg', numberAt(scope, expression, value)));
        // Minifiers write `c ? 1 : 0` as `+c`.
        if (expression.operator === '+' && value.kind === 'node' && value.node.type === 'boolean')
          return asValue(graph.make('select', value.node, graph.constant(1), graph.constant(0)));
        if (expression.operator === '+') return asValue(numberAt(scope, expression, value));
        throw fail(scope, expression, `the operator ${expression.operator} is not allowed`);
      }
      case 'BinaryExpression':
        return binary(
          scope,
          expression,
          expression.operator,
          evaluate(scope, expression.left as Expression),
          evaluate(scope, expression.right),
        );
      case 'LogicalExpression':
        return logical(scope, expression.operator, expression.left, expression.right);
      case 'ConditionalExpression':
        return branch(
          scope,
          expression,
          conditionAt(scope, expression.test, evaluate(scope, expression.test)),
          () => evaluate(scope, expression.consequent),
          () => evaluate(scope, expression.alternate),
        );
      case 'ObjectExpression': {
        const members = new Map<string, Value>();
        for (const property of expression.properties) {
          if (property.type === 'SpreadElement') throw fail(scope, property, '... is not allowed. Name the members');
          if (property.kind !== 'init')
            throw fail(scope, property, 'getters and setters are not allowed. Give the value');
          members.set(keyOf(scope, property.key, property.computed), evaluate(scope, property.value));
        }
        return { kind: 'object', members };
      }
      case 'ArrayExpression':
        return {
          kind: 'tuple',
          items: expression.elements.map((element) => {
            if (!element || element.type === 'SpreadElement')
              throw fail(scope, element ?? expression, '... and holes are not allowed. Write the elements out');
            return evaluate(scope, element);
          }),
        };
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return { kind: 'closure', fn: expression, scope };
      case 'CallExpression':
        return evaluateCall(scope, expression);
      case 'AssignmentExpression':
        return assign(scope, expression);
      default:
        throw fail(
          scope,
          expression,
          `${expression.type} is not allowed in a kernel. Use arithmetic, comparisons, ?: and listed helpers`,
        );
    }
  }

  /** Follows an expression whose value nobody takes. Minifiers write `if (c) x = 1` as `c && (x = 1)`. */
  function runForEffect(scope: Scope, expression: Expression): Value {
    if (expression.type === 'ParenthesizedExpression') return runForEffect(scope, expression.expression);
    if (expression.type === 'SequenceExpression')
      return expression.expressions.reduce<Value>((_, inner) => runForEffect(scope, inner), UNDEFINED);
    const skip = () => UNDEFINED;
    if (expression.type === 'LogicalExpression' && expression.operator !== '??') {
      const condition = conditionAt(scope, expression.left, evaluate(scope, expression.left));
      const run = () => runForEffect(scope, expression.right);
      return expression.operator === '&&'
        ? branch(scope, expression, condition, run, skip)
        : branch(scope, expression, condition, skip, run);
    }
    if (expression.type === 'ConditionalExpression')
      return branch(
        scope,
        expression,
        conditionAt(scope, expression.test, evaluate(scope, expression.test)),
        () => runForEffect(scope, expression.consequent),
        () => runForEffect(scope, expression.alternate),
      );
    evaluate(scope, expression);
    return UNDEFINED;
  }

  /** Runs statements from `start` on, then whatever follows the block; gives what the function returns. */
  function runBlock(scope: Scope, statements: readonly SyntaxNode[], start: number, after: () => Value): Value {
    if (start === 0)
      for (const node of statements as Statement[])
        if (node.type === 'FunctionDeclaration')
          declare(scope, node.id.name, { kind: 'closure', fn: node as unknown as FunctionSource, scope }, true);
    for (let k = start; k < statements.length; k++) {
      const statement = statements[k] as Statement;
      const rest = () => runBlock(scope, statements, k + 1, after);
      const inner = (body: Statement | null | undefined, then: () => Value): Value => {
        if (!body) return then();
        const list = body.type === 'BlockStatement' ? body.body : [body];
        return runBlock({ source: scope.source, parent: scope, names: new Map() }, list, 0, then);
      };
      switch (statement.type) {
        case 'ReturnStatement':
          return statement.argument ? evaluate(scope, statement.argument) : UNDEFINED;
        case 'VariableDeclaration':
          for (const { id, init } of statement.declarations)
            bindPattern(scope, id, init ? evaluate(scope, init) : UNDEFINED, statement.kind === 'const');
          break;
        case 'IfStatement': {
          const condition = conditionAt(scope, statement.test, evaluate(scope, statement.test));
          // Only a branch that may return needs what follows evaluated inside it.
          const then = mayReturn(statement) ? rest : () => UNDEFINED;
          const result = branch(
            scope,
            statement,
            condition,
            () => inner(statement.consequent, then),
            () => inner(statement.alternate, then),
          );
          if (mayReturn(statement)) return result;
          break;
        }
        case 'BlockStatement':
          return inner(statement, rest);
        case 'ExpressionStatement':
          runForEffect(scope, statement.expression);
          break;
        case 'FunctionDeclaration':
        case 'EmptyStatement':
          break;
        case 'ForStatement':
        case 'ForInStatement':
        case 'ForOfStatement':
        case 'WhileStatement':
        case 'DoWhileStatement':
          throw fail(scope, statement, 'loops are not allowed. Write the terms out, or call a helper for each');
        default:
          throw fail(scope, statement, `${statement.type} is not allowed in a kernel. Use const, let, if and return`);
      }
    }
    return after();
  }

  return { callSource };
}
