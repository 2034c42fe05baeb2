import { describe, expect, it } from 'vitest';
import { ROOTS_OF_TWO } from '../../../engine/math/exponential.ts';
import {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  cosh,
  exp,
  hypot3,
  log,
  log2,
  log10,
  pow,
  sin,
  sinh,
  tan,
} from '../../../engine/math/index.ts';
import { ARCTANGENTS } from '../../../engine/math/inverse-trigonometry.ts';
import { LOGARITHMS } from '../../../engine/math/logarithm.ts';
import { type Exact, errorInUlp, exactly, leadingExponent, reference } from './reference.ts';
import {
  anySize,
  generator,
  near,
  nearestToQuarterTurns,
  nearQuarterTurns,
  oneOf,
  positive,
  type Sampler,
  subnormal,
  uniform,
} from './samples.ts';

const COUNT = 3000;

const angles = oneOf(uniform(-7, 7), uniform(-1000, 1000), anySize(-1070, 1023), anySize(-30, 30), subnormal);
const units = oneOf(uniform(-1, 1), near(0.5, 0.7071067811865476), anySize(-1070, -1), (random) => 1 - random() ** 20);
const ratios = oneOf(uniform(-3, 3), anySize(-1070, 1023), anySize(-10, 10), near(1, 0.0625, 0.1875, 16), subnormal);
const sizes = oneOf(
  positive(anySize(-1070, 1023)),
  uniform(0.5, 2),
  near(1, 1.4142135623730951, 0.7071067811865476),
  (random) => subnormal(random) + 5e-324,
);
const hyperbolics = oneOf(uniform(-710, 710), uniform(-3, 3), anySize(-60, 9), near(0.5, 22));

/** The bound in ulp is the one that the function's docstring states. */
const ofOne: { name: keyof typeof reference; run: (x: number) => number; bound: number; sampler: Sampler }[] = [
  { name: 'sin', run: sin, bound: 0.8, sampler: angles },
  { name: 'cos', run: cos, bound: 0.8, sampler: angles },
  { name: 'tan', run: tan, bound: 0.95, sampler: angles },
  { name: 'asin', run: asin, bound: 0.51, sampler: units },
  { name: 'acos', run: acos, bound: 0.51, sampler: units },
  { name: 'atan', run: atan, bound: 0.51, sampler: ratios },
  { name: 'exp', run: exp, bound: 0.55, sampler: oneOf(uniform(-708, 709.7), uniform(-1, 1), anySize(-60, 9)) },
  { name: 'exp', run: exp, bound: 0.8, sampler: uniform(-745.1, -708) },
  { name: 'sinh', run: sinh, bound: 0.6, sampler: hyperbolics },
  { name: 'cosh', run: cosh, bound: 0.55, sampler: hyperbolics },
  { name: 'log', run: log, bound: 0.51, sampler: sizes },
  { name: 'log10', run: log10, bound: 0.51, sampler: sizes },
  { name: 'log2', run: log2, bound: 0.51, sampler: sizes },
  { name: 'cbrt', run: cbrt, bound: 0.51, sampler: oneOf(anySize(-1070, 1023), uniform(-8, 8), subnormal) },
];

/** Bits after the point that resolve numbers of these sizes. */
const bitsFor = (...values: number[]): number =>
  170 - Math.min(0, ...values.filter((v) => v !== 0 && Number.isFinite(v)).map(leadingExponent));

const error = (name: keyof typeof reference, x: number, y: number): number =>
  errorInUlp(y, (reference[name] as (x: number, bits: number) => Exact)(x, bitsFor(x, y)));

function worst(count: number, measure: () => number): number {
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, measure());
  return largest;
}

describe('error against integer arithmetic of any length', () => {
  for (const { name, run, bound, sampler } of ofOne) {
    it(`${name} errs by less than ${bound} ulp`, () => {
      const random = generator(1);
      const largest = worst(COUNT, () => {
        const x = sampler(random);
        return error(name, x, run(x));
      });
      expect(largest).toBeLessThan(bound);
      expect(largest).toBeGreaterThan(0.49);
    });
  }

  it('sin, cos and tan keep their bounds at the float64s closest to multiples of a quarter turn', () => {
    const hard = nearQuarterTurns();
    expect(hard).toContain(6381956970095103 * 2 ** 797);
    for (let n = 1; n < 1000; n++) hard.push(nearestToQuarterTurns(n), nearestToQuarterTurns(n * 1013));
    for (const { name, run, bound } of ofOne.slice(0, 3)) {
      expect(Math.max(...hard.map((x) => error(name, x, run(x)))), name).toBeLessThan(bound);
    }
  });

  const pairs: [string, Sampler, Sampler][] = [
    ['points of ordinary size', uniform(-3, 3), uniform(-3, 3)],
    ['points of any size', anySize(-1070, 1023), anySize(-1070, 1023)],
    ['subnormal points', anySize(-1072, -1022), anySize(-1072, -1022)],
    ['huge points', anySize(1000, 1023), anySize(1000, 1023)],
  ];
  for (const [where, ys, xs] of pairs) {
    it(`atan2 errs by less than 0.51 ulp at ${where}`, () => {
      const random = generator(2);
      const largest = worst(COUNT, () => {
        const [y, x] = [ys(random), xs(random)];
        const angle = atan2(y, x);
        return errorInUlp(angle, reference.atan2(y, x, bitsFor(angle)));
      });
      expect(largest).toBeLessThan(0.51);
    });
  }

  const powers: [string, Sampler, Sampler][] = [
    ['bases about 1 and large exponents', positive(anySize(-3, 3)), uniform(-700, 700)],
    ['bases of any size', sizes, uniform(-1, 1)],
    ['ordinary arguments', uniform(0, 10), uniform(-10, 10)],
    ['bases next to 1 and huge exponents', near(1), anySize(-10, 60)],
    ['subnormal results', uniform(0.505, 0.515), uniform(1045, 1070)],
  ];
  for (const [where, xs, ys] of powers) {
    it(`pow errs by less than 0.55 ulp (0.8 where subnormal) for ${where}`, () => {
      const random = generator(3);
      let measured = 0;
      for (let i = 0; i < COUNT; i++) {
        const [x, y] = [xs(random), ys(random)];
        const z = pow(x, y);
        if (z === 0 || z === Infinity) {
          const exponent = y * Math.log2(x);
          expect(z === 0 ? exponent < -1074.9 : exponent > 1023.9).toBe(true);
          continue;
        }
        measured++;
        expect(errorInUlp(z, reference.pow(x, y, 250))).toBeLessThan(z < 2 ** -1022 ? 0.8 : 0.55);
      }
      expect(measured).toBeGreaterThan(COUNT / 2);
    });
  }

  it('hypot3 errs by less than 0.51 ulp (0.8 where subnormal)', () => {
    const random = generator(4);
    for (const sampler of [anySize(-1072, -1020), anySize(-1070, 1022), anySize(-3, 3), anySize(1000, 1022)]) {
      for (let i = 0; i < COUNT; i++) {
        const [x, y, z] = [sampler(random), sampler(random), sampler(random)];
        const length = hypot3(x, y, z);
        expect(errorInUlp(length, reference.hypot3(x, y, z, 120))).toBeLessThan(length < 2 ** -1022 ? 0.8 : 0.51);
      }
    }
  });

  it('the tables hold their values to 2^-105 of themselves', () => {
    const relative = (table: Float64Array, index: number, exact: Exact): number => {
      const high = exactly(table[2 * index]!);
      const low = exactly(table[2 * index + 1]!);
      const at = (v: Exact): bigint => (v.digits << 1200n) >> BigInt(-v.exponent);
      const value = at(exact);
      return value === 0n ? Number(at(high)) : Number(((at(high) + at(low) - value) << 300n) / value) / 2 ** 300;
    };
    const bound = 2 ** -105;
    for (let k = 0; k <= 8; k++)
      expect(Math.abs(relative(ARCTANGENTS, k, reference.atan(k / 8, 200)))).toBeLessThan(bound);
    for (let j = 0; j < 16; j++)
      expect(Math.abs(relative(ROOTS_OF_TWO, j, reference.pow(2, j / 16, 200)))).toBeLessThan(bound);
    for (let j = 45; j <= 91; j++) {
      const exact = reference.log(j / 64, 200);
      const negated = { digits: -exact.digits, exponent: exact.exponent };
      expect(Math.abs(relative(LOGARITHMS, j - 45, negated))).toBeLessThan(bound);
    }
  });
});

describe('symmetry, to the bit', () => {
  it('sin, tan, asin, atan, sinh and cbrt are odd; cos and cosh are even', () => {
    const random = generator(5);
    for (const { name, run, sampler } of ofOne.filter(({ name }) => !/log|exp|acos/.test(name))) {
      const even = name === 'cos' || name === 'cosh';
      for (let i = 0; i < COUNT; i++) {
        const x = sampler(random);
        expect(Object.is(run(-x), even ? run(x) : -run(x)), `${name}(${x})`).toBe(true);
      }
    }
  });

  it('atan2 is odd in y; hypot3 forgets order and signs', () => {
    const random = generator(6);
    for (let i = 0; i < COUNT; i++) {
      const [x, y, z] = [uniform(-2, 2)(random), uniform(-2, 2)(random), uniform(-2, 2)(random)];
      expect(Object.is(atan2(-y, x), -atan2(y, x))).toBe(true);
      const length = hypot3(x, y, z);
      for (const other of [hypot3(-y, z, x), hypot3(z, x, -y), hypot3(y, -x, z), hypot3(x, z, y), hypot3(z, y, x)]) {
        expect(other).toBe(length);
      }
    }
  });
});

describe('exact cases', () => {
  it('powers, roots and logarithms that are float64s come out exactly', () => {
    for (let n = -1074; n <= 1023; n++) {
      const power = n < -1022 ? 2 ** -1022 * 2 ** (n + 1022) : 2 ** n;
      expect(pow(2, n)).toBe(power);
      expect(log2(power)).toBe(n);
    }
    for (let n = 0; n <= 22; n++) {
      expect(pow(10, n)).toBe(Number(`1e${n}`));
      expect(log10(Number(`1e${n}`))).toBe(n);
      expect(log10(Number(`1e-${n}`))).toBe(n === 0 ? 0 : -n);
    }
    for (let n = 1; n < 1000; n++) {
      expect(cbrt(n * n * n)).toBe(n);
      expect(pow(n, 3)).toBe(n * n * n);
      expect(pow(n * n, 0.5)).toBe(n);
      expect(pow(-n, 5)).toBe(-(n ** 4) * n);
      expect(hypot3(2 * n, 3 * n, 6 * n)).toBe(7 * n);
    }
  });

  it('exp leaves the range where the exact value does', () => {
    expect(exp(709.782712893384)).toBe(1.7976931348622732e308);
    expect(exp(709.7827128933841)).toBe(Infinity);
    expect(exp(-745.1332191019411)).toBe(5e-324);
    expect(exp(-745.1332191019412)).toBe(0);
    expect(cosh(710.4758600739439)).toBeLessThan(Infinity);
    expect(cosh(710.475860073944)).toBe(Infinity);
  });
});

describe('special values, as ECMAScript defines them', () => {
  const specials = [NaN, 0, -0, Infinity, -Infinity];
  const host = { sin, cos, tan, asin, acos, atan, exp, sinh, cosh, log, log10, log2, cbrt };

  for (const [name, run] of Object.entries(host)) {
    it(`${name} at NaN, zeros, infinities and outside its domain`, () => {
      const expected = Math[name as keyof typeof host];
      const outside = /^a(sin|cos)$/.test(name) ? [1, -1, 1.0000000000000002, -2, 1e300] : [];
      if (/^log/.test(name)) outside.push(1, -1, -5e-324, -1e300);
      for (const x of [...specials, ...outside]) expect(run(x), `${name}(${x})`).toBe(expected(x));
    });
  }

  it('atan2 on the axes, the diagonals and at infinity', () => {
    const values = [...specials, 1, -1, 5e-324, -5e-324, 1.7976931348623157e308];
    for (const y of values) for (const x of values) expect(atan2(y, x), `atan2(${y}, ${x})`).toBe(Math.atan2(y, x));
  });

  it('pow of zeros, ones, infinities and negative bases', () => {
    // Powers of four: their powers and roots are float64s, so that the host cannot be wrong about them.
    const bases = [...specials, 1, -1, 4, -4, 0.25, -0.25, 2 ** 1022, -(2 ** 1022), 5e-324, -5e-324];
    const exponents = [...specials, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1e300, -1e300, 9007199254740991, 9007199254740992];
    for (const x of bases) for (const y of exponents) expect(pow(x, y), `pow(${x}, ${y})`).toBe(x ** y);
  });

  it('hypot3: infinite if any is, else NaN if any is', () => {
    expect(hypot3(NaN, 1, -Infinity)).toBe(Infinity);
    expect(hypot3(NaN, 1, 2)).toBe(NaN);
    expect(hypot3(-0, 0, -0)).toBe(0);
    expect(hypot3(0, -5e-324, 0)).toBe(5e-324);
    expect(hypot3(1e308, 1e308, 1e308)).toBe(1.7320508075688772e308);
    expect(hypot3(1.5e308, 1.5e308, 0)).toBe(Infinity);
  });
});
