import { powerOfTwo, scaleByPowerOfTwo } from '../../../engine/math/float-bits.ts';
import { exactly, pi } from './reference.ts';

/** Uniform numbers in 0 … 1 of 53 bits, from two rounds of mulberry32. */
export function generator(seed: number): () => number {
  let state = seed;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
}

export type Sampler = (random: () => number) => number;

export const uniform =
  (from: number, to: number): Sampler =>
  (random) =>
    from + (to - from) * random();

/** Any sign, any significand, exponents `from` … `to − 1`; subnormal below −1022. */
export const anySize =
  (from: number, to: number): Sampler =>
  (random) => {
    const exponent = from + Math.floor(random() * (to - from));
    return scaleByPowerOfTwo((random() < 0.5 ? -1 : 1) * (1 + random()), exponent);
  };

export const positive =
  (sampler: Sampler): Sampler =>
  (random) =>
    Math.abs(sampler(random));

export const subnormal: Sampler = (random) =>
  Math.floor(scaleByPowerOfTwo(1, Math.floor(random() * 53)) * random()) * 5e-324;

/** `centre` give or take a few units of its last place, or a small part of it. */
export const near =
  (...centres: readonly number[]): Sampler =>
  (random) =>
    centres[Math.floor(random() * centres.length)]! * (1 + (random() - 0.5) * powerOfTwo(-Math.floor(random() * 53)));

/** One of the samplers, all equally likely. */
export const oneOf =
  (...samplers: readonly Sampler[]): Sampler =>
  (random) =>
    samplers[Math.floor(random() * samplers.length)]!(random);

/**
 * For each exponent e the m below 2^53 whose m · 2^e comes closest to a multiple of π/2: the denominators of the
 * continued fraction of 2^(e+1) / π. Kahan's method (1983).
 */
export function nearQuarterTurns(): number[] {
  const bits = 1300;
  const found: number[] = [];
  for (let e = -52; e <= 970; e++) {
    let top = (1n << BigInt(bits + e + 1)) << BigInt(bits);
    let bottom = pi(bits) << BigInt(bits);
    let [before, last] = [0n, 1n];
    top %= bottom;
    for (;;) {
      [top, bottom] = [bottom, top];
      const next = (top / bottom) * last + before;
      if (next >= 1n << 53n) break;
      [before, last] = [last, next];
      top %= bottom;
    }
    found.push(Number(last) * 2 ** e);
  }
  return found;
}

/** The float64 nearest to n π/2. */
export function nearestToQuarterTurns(n: number): number {
  const { digits } = exactly(n);
  return Number((digits * pi(300)) >> 100n) * powerOfTwo(exactly(n).exponent - 201);
}
