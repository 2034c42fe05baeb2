import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../../../engine/compiler/evaluate.ts';
import { kernelGraph } from '../../../engine/compiler/front-end.ts';
import { reachable } from '../../../engine/compiler/graph.ts';
import { KernelError, type KernelErrorTag } from '../../../engine/compiler/kernel-error.ts';
import { type Helper, helper, type Kernel, kernel, unlikely } from '../../../engine/kernels/kernel.ts';

type Body = Kernel['body'];

const double = (q: number) => 2 * q;
const pick = helper(
  (cond: boolean, f: (k: number) => number, g: (k: number) => number) => (cond ? f : g)(1) + double(f(0)),
  () => ({ double }),
);
const HALF = 0.5;

/** A function given as text, with the names that it uses in sight. */
const text = (source: string): unknown => {
  const names = { unlikely, pick, double, HALF, __import_0__: { double, HALF } };
  return new Function(...Object.keys(names), `return ${source}`)(...Object.values(names));
};

/** A kernel of a and b with the results that its body returns as x (and y). */
const made = (body: unknown, more: Partial<Kernel> = {}): Kernel => ({
  name: 'sample',
  reads: ['a', 'b'],
  writes: ['x'],
  params: ['p'],
  body: body as Body,
  ...more,
});

function errorOf(work: () => unknown): KernelError {
  try {
    work();
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Bodies as text: a formatter, a linter and the type checker would not let all of them stand. */
const LANGUAGE: readonly [string, string][] = [
  ['arithmetic and parameters', '({ a, b }, { p }) => ({ x: (a(0, 0) + b(1, -1)) * p - a(0, 0) / -b(0, 0) })'],
  ['fields and parameters as objects', '(f, s) => ({ x: f.a(0, 0) * s.p })'],
  ['let and reassignment', '({ a }) => { let x = a(0, 0); x = x * x; x += 1; return { x }; }'],
  [
    'if and else',
    '({ a, b }) => { let x = 0; if (a(0, 0) < b(0, 0)) { x = 1; } else if (a(0, 0) === 3) x = 2; else x = a(1, 0); return { x }; }',
  ],
  [
    'the same value assigned on both sides',
    '({ a, b }) => { const w = b(0, 0); let v = a(0, 0); let z = 0; if (a(0, 0) > 0) { v = w; z = 1; } else { v = w; z = 2; } return { x: v + z }; }',
  ],
  ['an assignment within an assignment', '({ a, b }) => { let v = a(0, 0); v += (v = b(0, 0)); return { x: v }; }'],
  [
    'early return',
    '({ a, b }) => { if (a(0, 0) > 0) return { x: 1 }; const y = b(0, 0); if (y > 0) { if (y > 1) return { x: y }; } return { x: y - 1 }; }',
  ],
  [
    'a branch that may return or go on',
    '({ a, b }) => { let y = 1; if (a(0, 0) > 0) { y = 2; if (b(0, 0) > 0) return { x: 7 }; y = 3; } return { x: y }; }',
  ],
  ['logic', '({ a, b }) => ({ x: (a(0, 0) < 1 && !(b(0, 0) >= 2)) || a(0, 0) !== a(0, 0) ? 1 : 2 })'],
  [
    'objects, arrays and destructuring',
    "({ a, b }) => { const o = { q: [a(0, 0), b(0, 0)], r: { s: 3 } }; const { q: [u, v], r: { s: t } } = o; return { x: u * t + v + o.q[1] + o['r'].s }; }",
  ],
  [
    'a choice of objects',
    '({ a, b }) => { const o = a(0, 0) > 0 ? { m: 1, n: [b(0, 0), 2] } : { m: a(0, 0), n: [3, 4] }; return { x: o.m + o.n[0] * o.n[1] }; }',
  ],
  [
    'a choice of accessors and of functions',
    '({ a, b }) => { const f = a(0, 0) > 0 ? a : b; const g = b(0, 0) > 0 ? (k) => k * 2 : (k) => k - 1; return { x: f(1, 0) + g(f(0, 0)) }; }',
  ],
  [
    'a choice of functions made in the branches',
    '({ a, b }) => { const along = (q, w) => (k) => q(k, 0) * w; const f = a(0, 0) > 0 ? along(a, 2) : along(b, a(0, 0)); let g = along(a, 1); if (b(0, 0) > 0) g = along(b, 3); return { x: f(1) + g(-1) }; }',
  ],
  [
    'functions, defaults, and closures that change their variables',
    '({ a }) => { function twice(q, k = 2) { return q * k; } const line = (k) => a(k, 0); let n = 1; const more = () => { n = n + line(0); return n; }; return { x: twice(line(-1)) + twice(line(0), 3) + more() + n }; }',
  ],
  [
    'a function that ends early without a value',
    '({ a }) => { let n = 1; const f = () => { if (a(0, 0) > 0) { n = 2; return; } n = 3; }; f(); return { x: n }; }',
  ],
  [
    'Math',
    '({ a, b }) => ({ x: Math.min(a(0, 0), b(0, 0), 1) + Math.max(a(0, 0), b(0, 0)) * Math.sqrt(Math.abs(a(1, 1))) })',
  ],
  ['helpers and constants', '({ a, b }) => ({ x: pick(a(0, 0) < HALF, (k) => a(k, 0), (k) => b(0, k)) })'],
  ['unlikely', '({ a }) => { if (unlikely(a(0, 0) < 0)) return { x: 1 / a(0, 0) }; return { x: a(0, 0) }; }'],
  ['names of another module', '({ a }) => ({ x: (0, __import_0__.double)(a(0, 0)) * __import_0__.HALF })'],
  [
    'what minifiers write',
    '({a:e,b:t})=>{var n=0,r=e(0,0);return r>0&&(n=t(0,0)),r<-1||(n=-n),{x:(0,Math.abs)(n)+(!0?r:1/0)}}',
  ],
  ['a function expression', 'function ({ a }) { return { x: a(0, 0) }; }'],
  ['a method', '({ body({ a }) { return { x: a(0, 0) }; } }).body'],
  [
    'offsets computed from constants',
    '({ a }) => { const line = (k) => a(-k, 2 * k - 1); return { x: line(0) + line(1) }; }',
  ],
  [
    'constant conditions',
    '({ a }) => { const one = (k) => (k === -1 ? a(1, 1) : k === 0 ? 2 : 3); return { x: one(-1) + one(0) * one(1) }; }',
  ],
];

describe('the language of kernels', () => {
  // The compiler compares every float64 graph with the function itself: compiling is the test.
  test.each(LANGUAGE)('%s', (_, body) => {
    const { outputs } = kernelGraph(made(text(body), { uses: () => ({ unlikely, pick, double, HALF }) }), 'float64');
    expect(outputs.get('x')!.type).toBe('number');
  });

  test('a kernel through `kernel` keeps its lists', () => {
    const sum = kernel({
      name: 'sum',
      reads: ['a', 'b'],
      writes: ['c'],
      body: ({ a, b }) => ({ c: a(0, 0) + b(0, 0) }),
      params: [],
    });
    expect(kernelGraph(sum, 'float32').outputs.get('c')!.op).toBe('add');
  });
});

const ERRORS: readonly [string, string, KernelErrorTag, RegExp][] = [
  [
    'a loop',
    '({ a }) => { let x = 0; for (let k = 0; k < 2; k++) x += a(k, 0); return { x }; }',
    'NotInSubset',
    /line 1: loops are not allowed/,
  ],
  ['an unlisted helper', '({ a }) => ({ x: triple(a(0, 0)) })', 'NotListed', /triple is not listed in uses/],
  [
    'an unlisted name of another module',
    '({ a }) => ({ x: (0, __import_3__.triple)(a(0, 0)) })',
    'NotListed',
    /__import_3__\.triple is not listed in uses/,
  ],
  ['an unlisted field', '({ c }) => ({ x: c(0, 0) })', 'NotListed', /c is not listed in reads/],
  ['an unlisted parameter', '(_, { q }) => ({ x: q })', 'NotListed', /q is not listed in params/],
  ['a varying offset', '({ a }) => ({ x: a(a(0, 0), 0) })', 'BadOffset', /two constant whole offsets/],
  ['a fractional offset', '({ a }) => ({ x: a(0.5, 0) })', 'BadOffset', /two constant whole offsets/],
  ['a missing offset', '({ a }) => ({ x: a(0) })', 'BadOffset', /two constant whole offsets/],
  ['a missing result', '({ a }) => ({ z: a(0, 0) })', 'BadResult', /no number x/],
  ['a boolean result', '({ a }) => ({ x: a(0, 0) > 0 })', 'BadResult', /no number x/],
  ['no result', '() => undefined', 'BadResult', /returns no object/],
  ['a path without return', '({ a }) => { if (a(0, 0) > 0) return { x: 1 }; }', 'NotInSubset', /Return on every path/],
  [
    'arithmetic on booleans',
    '({ a }) => ({ x: 1 + (a(0, 0) > 1) })',
    'NotInSubset',
    /a number is needed here, not a boolean/,
  ],
  [
    'a number as a condition',
    '({ a }) => ({ x: a(0, 0) ? 1 : 2 })',
    'NotInSubset',
    /a condition is needed here, not a number/,
  ],
  ['loose equality', '({ a }) => ({ x: a(0, 0) == 1 ? 1 : 2 })', 'NotInSubset', /== is not allowed. Use ===/],
  ['a power', '({ a }) => ({ x: a(0, 0) ** 2 })', 'NotInSubset', /operator \*\* is not allowed/],
  ['operators on bits', '({ a }) => ({ x: ~a(0, 0) })', 'NotInSubset', /operator ~ is not allowed/],
  ['??', '({ a }) => ({ x: a(0, 0) ?? 1 })', 'NotInSubset', /operator \?\? is not allowed/],
  ['?.', '({ a }) => ({ x: a?.(0, 0) })', 'NotInSubset', /\?\.|ChainExpression/],
  ['++', '({ a }) => { let x = a(0, 0); x++; return { x }; }', 'NotInSubset', /UpdateExpression is not allowed/],
  [
    'sides of different shape',
    '({ a }) => { const o = a(0, 0) > 0 ? { m: 1 } : { n: 1 }; return { x: o.m }; }',
    'NotInSubset',
    /another shape/,
  ],
  [
    'a variable of two shapes',
    '({ a }) => { let o = 1; if (a(0, 0) > 0) o = { m: 1 }; return { x: o }; }',
    'NotInSubset',
    /o is an object or a number after the branch/,
  ],
  [
    'an unknown member',
    '({ a }) => { const o = { m: a(0, 0) }; return { x: o.n }; }',
    'NotInSubset',
    /no member n \(there are: m\)/,
  ],
  ['an index out of range', '({ a }) => ({ x: [a(0, 0)][1] })', 'NotInSubset', /no element 1 in an array of 1/],
  [
    'an index that varies',
    '({ a }) => ({ x: [a(0, 0)][a(0, 0)] })',
    'NotInSubset',
    /picked by a value that is not constant/,
  ],
  [
    'mutation of a member',
    '({ a }) => { const o = { m: 1 }; o.m = a(0, 0); return { x: o.m }; }',
    'NotInSubset',
    /a member or pattern is assigned to/,
  ],
  [
    'mutation of something outside',
    '({ a }) => { outside = a(0, 0); return { x: outside }; }',
    'NotInSubset',
    /declared outside/,
  ],
  [
    'assignment to a constant',
    '({ a }) => { const y = 1; y = a(0, 0); return { x: y }; }',
    'NotInSubset',
    /y is a constant and assigned to/,
  ],
  ['spread', '({ a }) => { const o = { m: a(0, 0) }; return { ...o, x: 1 }; }', 'NotInSubset', /\.\.\. is not allowed/],
  [
    'recursion',
    '({ a }) => { const f = (k) => f(k - 1) + a(0, 0); return { x: f(2) }; }',
    'NotInSubset',
    /recursion is not allowed/,
  ],
  ['new', '() => ({ x: new Date().getTime() })', 'NotInSubset', /NewExpression is not allowed/],
  ['a string', "() => ({ x: 'q' })", 'NotInSubset', /'q' is not allowed/],
  ['too many arguments', '({ a }) => ({ x: Math.sqrt(a(0, 0), 2) })', 'NotInSubset', /sqrt takes one argument/],
  ['a call of a number', '({ a }) => { const y = a(0, 0); return { x: y(1) }; }', 'NotInSubset', /a number is called/],
  ['a member of a number', '({ a }) => ({ x: a(0, 0).x })', 'NotInSubset', /a number has no member x/],
  ['an async body', 'async ({ a }) => ({ x: a(0, 0) })', 'NotInSubset', /async/],
  ['a bound function', '(() => ({ x: 1 })).bind(null)', 'KernelSyntax', /native code/],
];

describe('errors name the kernel, the line and the rule', () => {
  test.each(ERRORS)('%s', (_, body, tag, message) => {
    const error = errorOf(() => kernelGraph(made(text(body)), 'float64'));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^kernel sample/);
    expect(error.tag).toBe(tag);
  });

  test('Math.sin, to the letter', () => {
    const body = text('({ a }) => {\n  const y = a(0, 0);\n  return { x: Math.sin(y) };\n}');
    expect(errorOf(() => kernelGraph(made(body), 'float64')).message).toBe(
      'kernel sample, line 3: Math.sin is not allowed (allowed: abs, sqrt, min, max); its bits differ between machines',
    );
  });

  test('an error in a helper names the helper and its own line', () => {
    const steep = text('(q) => {\n  const r = q * q;\n  return Math.exp(r);\n}') as Helper;
    const uses = () => ({ steep });
    const error = errorOf(() => kernelGraph(made(text('({ a }) => ({ x: steep(a(0, 0)) })'), { uses }), 'float64'));
    expect(error.message).toMatch(/^kernel sample, helper steep, line 3: Math\.exp is not allowed/);
  });

  test('a helper sees the names that it lists itself, not its caller’s', () => {
    const uses = () => ({ quadruple: text('(q) => double(double(q))') as Helper, double });
    const error = errorOf(() => kernelGraph(made(text('({ a }) => ({ x: quadruple(a(0, 0)) })'), { uses }), 'float64'));
    expect(error.message).toMatch(/helper quadruple, line 1: double is not listed in uses/);
  });

  test('a name that stands for another thing than in the text is found out', () => {
    const other = (q: number) => 3 * q;
    const body = new Function('double', 'return ({ a }) => ({ x: double(a(0, 0)) })')(double);
    const error = errorOf(() => kernelGraph(made(body, { uses: () => ({ double: [other][0]! }) }), 'float64'));
    expect(error.tag).toBe('SelfCheck');
    expect(error.message).toMatch(/^kernel sample: the compiled x is .* where the function gives/);
  });

  test('a listed name twice, and a listed value that is neither function nor number', () => {
    expect(
      errorOf(() =>
        kernelGraph(
          made(() => ({ x: 1 }), { reads: ['a', 'a'] }),
          'float64',
        ),
      ).message,
    ).toMatch(/reads lists a twice/);
    const uses = () => ({ label: 'q' as unknown as number });
    expect(
      errorOf(() =>
        kernelGraph(
          made(() => ({ x: 1 }), { uses }),
          'float64',
        ),
      ).message,
    ).toMatch(/uses lists label, which is string/);
  });
});

describe('folding leaves every bit as it was', () => {
  const nodeOf = (body: string, precision: 'float32' | 'float64' = 'float64') =>
    kernelGraph(made(text(body), { name: 'folded' }), precision).outputs.get('x')!;

  test('x + 0 stays, for −0; x − 0, x · 1 and x / 1 go', () => {
    expect(nodeOf('({ a }) => ({ x: a(0, 0) + 0 })').op).toBe('add');
    expect(nodeOf('({ a }) => ({ x: ((a(0, 0) - 0) * 1) / 1 })').op).toBe('read');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) * 0 })').op).toBe('mul');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) - a(0, 0) })').op).toBe('sub');
    expect(nodeOf('({ a, b }) => ({ x: -(a(0, 0) - b(0, 0)) })').op).toBe('neg');
  });

  test('dividing by a power of two multiplies; by another number it divides', () => {
    expect(nodeOf('({ a }) => ({ x: a(0, 0) / 8 })').op).toBe('mul');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) / 10 })').op).toBe('div');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) / 4.49423283715579e307 })').op).toBe('mul');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) / 8.98846567431158e307 })').op).toBe('div');
    expect(nodeOf('({ a }) => ({ x: a(0, 0) / 5e-324 })').op).toBe('div');
  });

  test('float32 constants are folded in float32', () => {
    const node = nodeOf('({ a }) => ({ x: a(0, 0) * (0.1 * 3) })', 'float32');
    expect(node.args.find(({ op }) => op === 'constant')!.value).toBe(Math.fround(Math.fround(0.1) * 3));
    const inDouble = nodeOf('({ a }) => ({ x: a(0, 0) * (0.1 * 3) })');
    expect(inDouble.args.find(({ op }) => op === 'constant')!.value).toBe(0.1 * 3);
  });

  test('equal expressions are one node', () => {
    const node = nodeOf(
      '({ a, b }) => { const f = () => (a(0, 0) + b(0, 0)) * a(1, 0); return { x: f() / (a(1, 0) * (b(0, 0) + a(0, 0))) }; }',
    );
    expect(
      reachable([node])
        .map(({ op }) => op)
        .sort(),
    ).toEqual(['add', 'div', 'mul', 'read', 'read', 'read']);
  });

  test('a float32 graph rounds after every operation', () => {
    const node = nodeOf('({ a, b }) => ({ x: a(0, 0) * b(0, 0) + a(0, 0) / b(0, 0) - Math.sqrt(a(0, 0)) })', 'float32');
    const evaluate = createEvaluator([node], 'float32');
    const f = Math.fround;
    for (let k = 1; k < 50; k++) {
      const [u, v] = [f(k / 7), f(3 / k)];
      const expected = f(f(f(u * v) + f(u / v)) - f(Math.sqrt(u)));
      expect(
        evaluate(
          ({ name }) => (name === 'a' ? u : v),
          () => 0,
        )[0],
      ).toBe(expected);
    }
  });
});
