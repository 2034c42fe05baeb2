import { low, productError } from './double-double.ts';
import { exponentialOfSum } from './exponential.ts';
import { powerOfTwo } from './float-bits.ts';
import { logarithm } from './logarithm.ts';

// |ln x| ≥ 2^-53 and ≤ 745: a larger y has left the range, a smaller one is lost beside 1.
const GREATEST = powerOfTwo(64);
const LEAST = powerOfTwo(-65);

/** x^y with ECMAScript's special cases (1^±∞ and x^NaN are NaN, x^0 is 1). Error below 0.55 ulp (0.8 ulp where the result is subnormal). */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (size === 1 && Math.abs(y) === Infinity) return NaN;
  const odd = isOddInteger(y);
  if (size === 0 || size === Infinity) {
    const value = (size === 0) === y > 0 ? 0 : Infinity;
    return odd && (x < 0 || 1 / x < 0) ? -value : value;
  }
  if (x < 0 && Math.floor(y) !== y) return NaN;
  const value = positivePower(size, y);
  return odd && x < 0 ? -value : value;
}

/** x^y for 0 < x < ∞ and y not NaN. */
function positivePower(x: number, y: number): number {
  if (x === 1) return 1;
  if (Math.abs(y) > GREATEST) return x > 1 === y > 0 ? Infinity : 0;
  if (Math.abs(y) < LEAST) return 1;
  const high = logarithm(x);
  const product = high * y;
  return exponentialOfSum(product, productError(high, y, product) + low[0]! * y);
}

function isOddInteger(y: number): boolean {
  return Math.abs(y) < 9007199254740992 && Math.floor(y) === y && Math.floor(y / 2) !== y / 2;
}
