/**
 * Elementary functions to any number of bits, in integers: the exact answers that engine/math is measured against.
 * A fixed-point number is a bigint in units of 2^-bits; results err by a few units.
 */

/** digits · 2^exponent. */
export interface Exact {
  readonly digits: bigint;
  readonly exponent: number;
}

const view = new DataView(new ArrayBuffer(8));
/** Bits by which a calculation exceeds what it is asked for. */
const GUARD = 40;

/** A finite float64 as an integer times a power of two. */
export function exactly(x: number): Exact {
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const digits = biased === 0 ? fraction : fraction | (1n << 52n);
  return { digits: word >> 63n === 1n ? -digits : digits, exponent: Math.max(biased, 1) - 1075 };
}

export const bitLength = (n: bigint): number => (n < 0n ? -n : n).toString(2).length;
const shift = (n: bigint, by: number): bigint => (by >= 0 ? n << BigInt(by) : n >> BigInt(-by));
const multiply = (a: bigint, b: bigint, bits: number): bigint => (a * b) >> BigInt(bits);
const divide = (a: bigint, b: bigint, bits: number): bigint => (a << BigInt(bits)) / b;

/** Exponent of the leading bit of x; −1074 at least. */
export function leadingExponent(x: number): number {
  const { digits, exponent } = exactly(x);
  return digits === 0n ? -1074 : exponent + bitLength(digits) - 1;
}

/** How far y is from the exact value, in units of the last place of a float64 of the exact value's size. */
export function errorInUlp(y: number, exact: Exact): number {
  const last = Math.max(bitLength(exact.digits) - 1 + exact.exponent, -1022) - 52;
  const own = Number.isFinite(y) ? exactly(y) : { digits: y > 0 ? 1n : -1n, exponent: 1024 };
  const difference = shift(own.digits, own.exponent - last + 64) - shift(exact.digits, exact.exponent - last + 64);
  return Math.abs(Number(difference)) / 2 ** 64;
}

function fixed(x: number, bits: number): bigint {
  const { digits, exponent } = exactly(x);
  return shift(digits, exponent + bits);
}

/** ⌊√n⌋, by Newton's iteration. */
export function integerRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Σ ± t^(2k+1) / (2k+1): the arctangent (alternating) or its hyperbolic sister. */
function arctangentSeries(t: bigint, bits: number, alternating: boolean): bigint {
  const square = multiply(t, t, bits) * (alternating ? -1n : 1n);
  let power = t;
  let sum = t;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = multiply(power, square, bits);
    sum += power / n;
  }
  return sum;
}

function remembered(make: (bits: number) => bigint): (bits: number) => bigint {
  const known = new Map<number, bigint>();
  return (bits) => {
    if (!known.has(bits)) known.set(bits, make(bits + GUARD) >> BigInt(GUARD));
    return known.get(bits)!;
  };
}

/** π = 16 atan(1/5) − 4 atan(1/239), Machin (1706). */
export const pi = remembered((bits) => {
  const one = 1n << BigInt(bits);
  return 16n * arctangentSeries(one / 5n, bits, true) - 4n * arctangentSeries(one / 239n, bits, true);
});

const ln2 = remembered((bits) => 2n * arctangentSeries((1n << BigInt(bits)) / 3n, bits, false));
const ln10 = remembered((bits) => logarithm({ digits: 10n, exponent: 0 }, bits));

/** sin x and cos x in fixed point. */
function sineCosine(x: number, bits: number): readonly [bigint, bigint] {
  const wide = bits + GUARD + Math.max(leadingExponent(x), 0);
  const halfPi = pi(wide + 1) >> 2n;
  const angle = fixed(x, wide);
  const quadrant = (2n * angle + halfPi) / (2n * halfPi) - (2n * angle + halfPi < 0n ? 1n : 0n);
  const inner = bits + GUARD;
  const r = shift(angle - quadrant * halfPi, inner - wide);
  let term = 1n << BigInt(inner);
  let sine = 0n;
  let cosine = 0n;
  for (let n = 0; term !== 0n && term !== -1n; n++) {
    const signed = n % 4 < 2 ? term : -term;
    if (n % 2 === 0) cosine += signed;
    else sine += signed;
    term = multiply(term, r, inner) / BigInt(n + 1);
  }
  sine >>= BigInt(GUARD);
  cosine >>= BigInt(GUARD);
  switch (((Number(quadrant % 4n) % 4) + 4) % 4) {
    case 0:
      return [sine, cosine];
    case 1:
      return [cosine, -sine];
    case 2:
      return [-sine, -cosine];
    default:
      return [-cosine, sine];
  }
}

/** e^x of a fixed-point x, as a fixed-point significand times a power of two. */
function exponential(x: bigint, bits: number): Exact {
  const power = x / ln2(bits);
  const r = x - power * ln2(bits);
  let term = 1n << BigInt(bits);
  let sum = 0n;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = multiply(term, r, bits) / n;
  }
  return { digits: sum, exponent: Number(power) - bits };
}

/** ln x in fixed point, x > 0: x = 2^power m, ¾ ≤ m < 1½, so that 1 gives exactly 0. */
function logarithm(x: Exact, bits: number): bigint {
  const length = bitLength(x.digits);
  const small = x.digits << 2n < 3n << BigInt(length);
  const power = x.exponent + length - (small ? 1 : 0);
  const m = shift(x.digits, bits - length + (small ? 1 : 0));
  const one = 1n << BigInt(bits);
  return 2n * arctangentSeries(divide(m - one, m + one, bits), bits, false) + BigInt(power) * ln2(bits);
}

/** The angle of the point (x, y), y ≥ 0, given by integers in one unit; three halvings before the series. */
function angle(y: bigint, x: bigint, bits: number): bigint {
  if (x < 0n) return pi(bits) - angle(y, -x, bits);
  if (y > x) return (pi(bits + 1) >> 2n) - angle(x, y, bits);
  const one = 1n << BigInt(bits);
  let t = divide(y, x, bits);
  for (let i = 0; i < 3; i++) t = divide(t, one + integerRoot((one + multiply(t, t, bits)) << BigInt(bits)), bits);
  return 8n * arctangentSeries(t, bits, true);
}

/** The exact values, by name; `bits` is the precision after the point. x and y are finite float64s of the domain. */
export const reference = {
  sin: (x: number, bits: number): Exact => ({ digits: sineCosine(x, bits)[0], exponent: -bits }),
  cos: (x: number, bits: number): Exact => ({ digits: sineCosine(x, bits)[1], exponent: -bits }),
  tan: (x: number, bits: number): Exact => {
    const [sine, cosine] = sineCosine(x, bits + 200);
    return { digits: divide(sine, cosine, bits), exponent: -bits };
  },
  atan: (x: number, bits: number): Exact => reference.atan2(x, 1, bits),
  atan2: (y: number, x: number, bits: number): Exact => {
    const scale = Math.min(exactly(x).exponent, exactly(y).exponent);
    const units = (v: number): bigint => shift(exactly(v).digits, exactly(v).exponent - scale);
    const value = angle(units(Math.abs(y)), units(x), bits + GUARD);
    return { digits: y < 0 ? -value : value, exponent: -bits - GUARD };
  },
  asin: (x: number, bits: number): Exact => {
    const [side, size] = sides(x, bits + GUARD);
    const value = angle(size, side, bits + GUARD);
    return { digits: x < 0 ? -value : value, exponent: -bits - GUARD };
  },
  acos: (x: number, bits: number): Exact => {
    const [side, size] = sides(x, bits + GUARD);
    return { digits: angle(side, x < 0 ? -size : size, bits + GUARD), exponent: -bits - GUARD };
  },
  exp: (x: number, bits: number): Exact => exponential(fixed(x, bits + GUARD), bits + GUARD),
  sinh: (x: number, bits: number): Exact => hyperbolic(x, bits, -1n),
  cosh: (x: number, bits: number): Exact => hyperbolic(x, bits, 1n),
  log: (x: number, bits: number): Exact => ({ digits: logarithm(exactly(x), bits), exponent: -bits }),
  log10: (x: number, bits: number): Exact => ({
    digits: divide(logarithm(exactly(x), bits), ln10(bits), bits),
    exponent: -bits,
  }),
  log2: (x: number, bits: number): Exact => ({
    digits: divide(logarithm(exactly(x), bits), ln2(bits), bits),
    exponent: -bits,
  }),
  /** For x > 0 and a finite, not vanishing result. */
  pow: (x: number, y: number, bits: number): Exact => {
    const inner = bits + 200;
    const { digits, exponent } = exactly(y);
    return exponential(shift(logarithm(exactly(x), inner) * digits, exponent), inner);
  },
  cbrt: (x: number, bits: number): Exact => {
    const { digits, exponent } = exactly(x);
    if (digits === 0n) return { digits, exponent };
    const down = ((exponent % 3) + 3) % 3;
    const target = (digits < 0n ? -digits : digits) << BigInt(down + 3 * bits);
    let root = 1n << BigInt(Math.ceil(bitLength(target) / 3));
    for (;;) {
      const next = (2n * root + target / (root * root)) / 3n;
      if (next >= root) break;
      root = next;
    }
    return { digits: digits < 0n ? -root : root, exponent: (exponent - down) / 3 - bits };
  },
  hypot3: (x: number, y: number, z: number, bits: number): Exact => {
    const parts = [x, y, z].map(exactly);
    const scale = Math.min(...parts.map((part) => part.exponent));
    const sum = parts.reduce((total, part) => total + shift(part.digits, part.exponent - scale) ** 2n, 0n);
    return { digits: integerRoot(sum << BigInt(2 * bits)), exponent: scale - bits };
  },
};

/** √(1 − x²) and |x| in fixed point. */
function sides(x: number, bits: number): readonly [bigint, bigint] {
  const size = fixed(Math.abs(x), bits);
  return [integerRoot((1n << BigInt(2 * bits)) - size * size), size];
}

function hyperbolic(x: number, bits: number, sign: bigint): Exact {
  const inner = bits + GUARD;
  const rising = exponential(fixed(Math.abs(x), inner), inner);
  const falling = exponential(-fixed(Math.abs(x), inner), inner);
  const unit = falling.exponent;
  const value = shift(rising.digits, rising.exponent - unit) + sign * falling.digits;
  return { digits: x < 0 && sign < 0n ? -value : value, exponent: unit - 1 };
}
