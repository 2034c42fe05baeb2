import { type ArrowFunctionExpression, type Expression, type FunctionExpression, type Node, parse } from 'acorn';
import type { Helper, Uses } from '../kernels/kernel.ts';
import { KernelError, type KernelErrorTag } from './kernel-error.ts';

export type FunctionSource = ArrowFunctionExpression | FunctionExpression;

/** A parsed function and what it may refer to outside itself, by the spelling in its text. */
export interface Source {
  /** How errors call it: `kernel fluxX` or `kernel fluxX, helper trace`. */
  readonly label: string;
  readonly fn: FunctionSource;
  readonly listed: ReadonlyMap<string, Helper | number>;
}

/** An error at a node of a source. */
export function errorAt(label: string, node: Node, tag: KernelErrorTag, rule: string): KernelError {
  return new KernelError(tag, `${label}, line ${node.loc?.start.line ?? 1}: ${rule}`);
}

/** A kernel is followed once for each precision, a helper wherever it is called; their texts stay what they are. */
const parsed = new WeakMap<Helper, FunctionSource>();

/** The text of a function, parsed: an arrow, a function, or a method. Throws KernelError (KernelSyntax). */
export function parseFunction(fn: Helper, label: string): FunctionSource {
  const known = parsed.get(fn);
  if (known) return known;
  const source = parseText(fn.toString(), label);
  parsed.set(fn, source);
  return source;
}

function parseText(text: string, label: string): FunctionSource {
  let failure: unknown;
  for (const [before, after] of [
    ['(', ')'],
    ['({', '})'],
  ] as const) {
    try {
      const program = parse(before + text + after, { ecmaVersion: 2022, locations: true });
      const statement = program.body[0];
      let node: Node | undefined = statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
      if (node?.type === 'ObjectExpression') {
        const property = (node as Extract<Expression, { type: 'ObjectExpression' }>).properties[0];
        node = property?.type === 'Property' ? property.value : undefined;
      }
      if (node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression')
        return node as FunctionSource;
    } catch (error) {
      failure ??= error;
    }
  }
  const cause = text.includes('[native code]')
    ? 'its text is native code. Give an ordinary function, not a built-in or a bound one'
    : `its text does not parse as a function (${failure instanceof Error ? failure.message : 'no function found'}). Write an arrow function`;
  throw new KernelError('KernelSyntax', `${label}: ${cause}.`);
}

/** `name` or `module.name` as the text spells it, also inside `(0, module.name)`; undefined for anything else. */
export function spelling(node: Node): string | undefined {
  const expression = node as Expression;
  if (expression.type === 'Identifier') return expression.name;
  if (expression.type === 'ParenthesizedExpression') return spelling(expression.expression);
  if (expression.type === 'SequenceExpression' && expression.expressions.length === 2) {
    const [zero, last] = expression.expressions as [Expression, Expression];
    return zero.type === 'Literal' ? spelling(last) : undefined;
  }
  if (expression.type !== 'MemberExpression' || expression.computed) return undefined;
  const owner = spelling(expression.object);
  return owner === undefined || expression.property.type !== 'Identifier'
    ? undefined
    : `${owner}.${expression.property.name}`;
}

/** The object that the text of a `uses` thunk returns. */
function returnedObject(fn: FunctionSource): Extract<Expression, { type: 'ObjectExpression' }> | undefined {
  let body: Node | null | undefined = fn.body;
  if (body?.type === 'BlockStatement') {
    const statements = (body as FunctionExpression['body']).body;
    const last = statements.find((statement) => statement.type === 'ReturnStatement');
    body = last?.type === 'ReturnStatement' ? last.argument : undefined;
  }
  return body?.type === 'ObjectExpression' ? (body as ReturnType<typeof returnedObject>) : undefined;
}

/**
 * What a `uses` thunk lists. Keys survive bundling, the spelling in function bodies does not: each value is entered
 * under its key and, with precedence, under the text that the thunk's own source gives for it.
 */
export function listedNames(uses: Uses | undefined, label: string): ReadonlyMap<string, Helper | number> {
  const listed = new Map<string, Helper | number>();
  if (!uses) return listed;
  const values = uses();
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'function' && typeof value !== 'number')
      throw new KernelError(
        'NotListed',
        `${label}: uses lists ${key}, which is ${typeof value}. List functions and numbers.`,
      );
    listed.set(key, value);
  }
  for (const property of returnedObject(parseFunction(uses, `${label}, uses`))?.properties ?? []) {
    if (property.type !== 'Property' || property.computed) continue;
    const key =
      property.key.type === 'Identifier' ? property.key.name : String((property.key as { value?: unknown }).value);
    const text = spelling(property.value);
    const value = values[key];
    if (text !== undefined && value !== undefined) listed.set(text, value);
  }
  return listed;
}
