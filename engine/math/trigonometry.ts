import { quotient, upperHalf } from './double-double.ts';
import { powerOfTwo } from './float-bits.ts';
import { quadrantOf, remainder } from './quadrant.ts';

const QUARTER_PI = 0.7853981633974483;
const TINY = powerOfTwo(-27);

/** sin(r + rLow) − r for |r| ≤ π/4: Taylor's series to r^17, truncated below 2^-63. */
function sineTail(r: number, rLow: number): number {
  const z = r * r;
  const p =
    -1 / 6 +
    z *
      (1 / 120 +
        z *
          (-1 / 5040 +
            z *
              (1 / 362880 +
                z * (-1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z * (1 / 355687428096000)))))));
  return rLow * (1 - 0.5 * z) + r * z * p;
}

/** 1 − a²/2, a the upper half of r: the part of the cosine that `cosineTail` is to be added to. */
function cosineHead(r: number): number {
  const a = upperHalf(r);
  return 1 - 0.5 * a * a;
}

/** cos(r + rLow) − cosineHead(r) for |r| ≤ π/4: Taylor's series to r^16, truncated below 2^-58. */
function cosineTail(r: number, rLow: number): number {
  const a = upperHalf(r);
  const b = r - a + rLow;
  const square = 0.5 * a * a;
  const headError = 1 - (1 - square) - square;
  const z = r * r;
  const q =
    1 / 24 +
    z *
      (-1 / 720 +
        z * (1 / 40320 + z * (-1 / 3628800 + z * (1 / 479001600 + z * (-1 / 87178291200 + z * (1 / 20922789888000))))));
  return headError - b * (a + 0.5 * b) + z * z * q;
}

/** Sine of x [radians]. Error below 0.8 ulp for every float64; exactly odd; NaN for ±∞. */
export function sin(x: number): number {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return size < TINY ? x : x + sineTail(x, 0);
  if (!(size < Infinity)) return NaN;
  const quadrant = quadrantOf(size);
  const r = remainder[0]!;
  const rLow = remainder[1]!;
  const value = (quadrant & 1) === 0 ? r + sineTail(r, rLow) : cosineHead(r) + cosineTail(r, rLow);
  return quadrant >= 2 === x < 0 ? value : -value;
}

/** Cosine of x [radians]. Error below 0.8 ulp for every float64; exactly even; NaN for ±∞. */
export function cos(x: number): number {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return cosineHead(size) + cosineTail(size, 0);
  if (!(size < Infinity)) return NaN;
  const quadrant = quadrantOf(size);
  const r = remainder[0]!;
  const rLow = remainder[1]!;
  const value = (quadrant & 1) === 0 ? cosineHead(r) + cosineTail(r, rLow) : r + sineTail(r, rLow);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/** Tangent of x [radians]. Error below 0.95 ulp for every float64; exactly odd; NaN for ±∞. */
export function tan(x: number): number {
  const size = Math.abs(x);
  if (size < TINY) return x;
  if (!(size < Infinity)) return NaN;
  let quadrant = 0;
  let r = size;
  let rLow = 0;
  if (size > QUARTER_PI) {
    quadrant = quadrantOf(size);
    r = remainder[0]!;
    rLow = remainder[1]!;
  }
  const sineRest = sineTail(r, rLow);
  const sine = r + sineRest;
  const sineLow = r - sine + sineRest;
  const head = cosineHead(r);
  const cosineRest = cosineTail(r, rLow);
  const cosine = head + cosineRest;
  const cosineLow = head - cosine + cosineRest;
  const value =
    (quadrant & 1) === 0 ? quotient(sine, sineLow, cosine, cosineLow) : -quotient(cosine, cosineLow, sine, sineLow);
  return x < 0 ? -value : value;
}
