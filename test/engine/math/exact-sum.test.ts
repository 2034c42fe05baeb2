import { describe, expect, it } from 'vitest';
import { ExactSum, exactDot, exactSum } from '../../../engine/math/index.ts';
import { bitLength, exactly } from './reference.ts';
import { anySize, generator, oneOf, type Sampler, subnormal, uniform } from './samples.ts';

/** Units of 2^-2148, fine enough for any product of two float64s. */
const POINT = 2148;

const inUnits = (x: number): bigint => exactly(x).digits << BigInt(exactly(x).exponent + POINT);
const productInUnits = (a: number, b: number): bigint =>
  (exactly(a).digits * exactly(b).digits) << BigInt(exactly(a).exponent + exactly(b).exponent + POINT);

/** The float64 nearest to units · 2^-2148, ties to even: `Number` rounds a bigint so, after subnormals' last bits are cut. */
function nearest(units: bigint): number {
  const size = units < 0n ? -units : units;
  const sign = units < 0n ? -1 : 1;
  const excess = POINT - 1074;
  if (bitLength(size) > excess + 53) {
    const down = Math.max(0, bitLength(size) - 1000);
    const sticky = size & ((1n << BigInt(down)) - 1n) ? 1n : 0n;
    // 1000 bits with a sticky last one round as the whole does; two factors keep each power of two in range.
    const scale = down - POINT;
    return (
      sign * Number((size >> BigInt(down)) | sticky) * 2 ** Math.trunc(scale / 2) * 2 ** (scale - Math.trunc(scale / 2))
    );
  }
  const floor = size >> BigInt(excess);
  const twiceRest = (size - (floor << BigInt(excess))) * 2n;
  const unit = 1n << BigInt(excess);
  const up = twiceRest > unit || (twiceRest === unit && floor % 2n === 1n);
  return sign * Number(floor + (up ? 1n : 0n)) * 2 ** -1074;
}

const fill = (count: number, sampler: Sampler, random: () => number): number[] =>
  Array.from({ length: count }, () => sampler(random));

function shuffled(values: readonly number[], random: () => number): number[] {
  const copy = [...values];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

const samplers: [string, Sampler][] = [
  ['numbers of ordinary size', uniform(-1000, 1000)],
  ['numbers of any size', anySize(-1074, 1023)],
  ['subnormal numbers', (random) => (random() < 0.5 ? -1 : 1) * subnormal(random)],
  ['huge numbers', anySize(1010, 1023)],
  ['few bits, many ties', (random) => Math.round(random() * 8 - 4) * 2 ** (53 * Math.floor(random() * 3))],
];

describe('a sum is exact and rounded once', () => {
  for (const [what, sampler] of samplers) {
    it(`Σ of ${what} is the float64 nearest to the sum of integers`, () => {
      const random = generator(11);
      for (let trial = 0; trial < 200; trial++) {
        const values = fill(1 + Math.floor(random() * 40), sampler, random);
        // Half of the trials cancel all but little: the negatives of most terms follow.
        if (trial % 2) values.push(...values.slice(1).map((x) => -x * (random() < 0.1 ? 1 + 2 ** -52 : 1)));
        const finite = values.filter(Number.isFinite);
        const exact = nearest(finite.reduce((total, x) => total + inUnits(x), 0n));
        expect(exactSum(finite)).toBe(exact);
      }
    });

    it(`Σ of products of ${what} is the float64 nearest to the sum of integers`, () => {
      const random = generator(12);
      for (let trial = 0; trial < 100; trial++) {
        const count = 1 + Math.floor(random() * 20);
        const a = fill(count, sampler, random);
        const b = fill(count, oneOf(sampler, uniform(-1, 1)), random);
        if (trial % 2) {
          a.push(...a.slice(1));
          b.push(...b.slice(1).map((x) => -x));
        }
        const exact = nearest(a.reduce((total, x, i) => total + productInUnits(x, b[i]!), 0n));
        expect(exactDot(a, b)).toBe(exact);
      }
    });
  }

  it('one float64 of any exponent, and two halves of it, come back as they were', () => {
    for (let n = -1074; n <= 1023; n++) {
      const x = n < -1022 ? 2 ** -1022 * 2 ** (n + 1022) : 2 ** n;
      expect(exactSum([x])).toBe(x);
      expect(exactSum([-x])).toBe(-x);
      expect(exactDot([x, x], [0.5, 0.5])).toBe(x);
      expect(exactSum([x / 2, x / 2, -x])).toBe(n === -1074 ? -x : 0);
    }
  });

  it('ties go to even, and the least bit beyond a tie decides', () => {
    expect(exactSum([1, 2 ** -53])).toBe(1);
    expect(exactSum([1, 2 ** -53, 5e-324])).toBe(1 + 2 ** -52);
    expect(exactSum([1 + 2 ** -52, 2 ** -53])).toBe(1 + 2 ** -51);
    expect(exactSum([1 + 2 ** -52, 2 ** -53, -5e-324])).toBe(1 + 2 ** -52);
    expect(exactDot([5e-324], [0.5])).toBe(0);
    expect(exactDot([5e-324, 5e-324], [0.5, 5e-324])).toBe(5e-324);
    expect(exactDot([1.5e-323], [0.5])).toBe(1e-323);
  });

  it('overflow is decided by the sum, not by a partial sum', () => {
    const largest = Number.MAX_VALUE;
    expect(exactSum([largest, largest, -largest])).toBe(largest);
    expect(exactSum([largest, 2 ** 970])).toBe(Infinity);
    expect(exactSum([-largest, -(2 ** 970), 5e-324])).toBe(-largest);
    expect(exactDot([1e300, 1e300, 3], [1e300, -1e300, 5])).toBe(15);
    expect(exactDot([1e300], [-1e300])).toBe(-Infinity);
  });

  it('millions of terms lose nothing', () => {
    const sum = new ExactSum();
    for (let i = 0; i < 2 ** 21 + 5; i++) {
      sum.add(0.1);
      sum.add(-1e-30);
    }
    const terms = BigInt(2 ** 21 + 5);
    expect(sum.value()).toBe(nearest(terms * (inUnits(0.1) - inUnits(1e-30))));
    for (let i = 0; i < 2 ** 21 + 5; i++) sum.add(-0.1);
    expect(sum.value()).toBe(nearest(-terms * inUnits(1e-30)));
  });

  it('nothing, and zeros of any sign, sum to +0; a sum can be read and continued', () => {
    expect(exactSum([])).toBe(0);
    expect(exactSum([-0, -0])).toBe(0);
    expect(exactSum([1e300, -1e300])).toBe(0);
    const sum = new ExactSum();
    sum.add(3);
    expect(sum.value()).toBe(3);
    expect(sum.value()).toBe(3);
    sum.addProduct(0.5, -8);
    expect(sum.value()).toBe(-1);
  });
});

describe('a sum forgets order and division', () => {
  for (const [what, sampler] of samplers) {
    it(`any order and any split of ${what} gives the same value and the same state`, () => {
      const random = generator(13);
      const values = fill(300, sampler, random);
      const whole = new ExactSum();
      for (const x of values) whole.add(x);
      for (let trial = 0; trial < 20; trial++) {
        const parts = Array.from({ length: 1 + Math.floor(random() * 7) }, () => new ExactSum());
        for (const x of shuffled(values, random)) parts[Math.floor(random() * parts.length)]!.add(x);
        const merged = new ExactSum();
        // A part may travel as numbers before it is merged.
        for (const part of parts) merged.merge(random() < 0.5 ? part : ExactSum.from(part.snapshot()));
        expect(merged.value()).toBe(whole.value());
        expect(merged.snapshot()).toEqual(whole.snapshot());
      }
    });
  }

  it('merging many sums carries in time', () => {
    const part = new ExactSum();
    for (let i = 0; i < 600_000; i++) part.add(0xffffffff);
    const total = new ExactSum();
    for (let i = 0; i < 50; i++) total.merge(part);
    expect(total.value()).toBe(50 * 600_000 * 0xffffffff);
  });
});

describe('terms that are not finite', () => {
  const cases: [number[], number][] = [
    [[1, Infinity, -5], Infinity],
    [[-Infinity, 1e308, -Infinity], -Infinity],
    [[Infinity, 2, -Infinity], NaN],
    [[1, NaN, 2], NaN],
    [[NaN, Infinity], NaN],
  ];
  it('give their infinity, or NaN for a NaN or opposite infinities, in every order', () => {
    for (const [values, expected] of cases) {
      expect(exactSum(values)).toBe(expected);
      expect(exactSum([...values].reverse())).toBe(expected);
      const [left, right] = [new ExactSum(), new ExactSum()];
      for (const [i, x] of values.entries()) (i % 2 ? left : right).add(x);
      left.merge(right);
      expect(left.value()).toBe(expected);
    }
  });

  it('as factors give what their product gives', () => {
    expect(exactDot([Infinity, 1], [-2, 5])).toBe(-Infinity);
    expect(exactDot([Infinity], [0])).toBe(NaN);
    expect(exactDot([NaN], [0])).toBe(NaN);
  });
});

describe('errors say what was wrong', () => {
  it('exactDot refuses arrays of different lengths; from refuses what is no snapshot', () => {
    expect(() => exactDot([1, 2, 3], [1, 2])).toThrow(
      'exactDot: a has 3 values, b has 2. Pass arrays of equal length.',
    );
    expect(() => ExactSum.from([1, 2])).toThrow('ExactSum.from: 2 numbers are no snapshot');
  });
});
