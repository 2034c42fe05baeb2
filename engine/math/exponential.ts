import { low, normalise, quotient } from './double-double.ts';
import { powerOfTwo, scaleByPowerOfTwo } from './float-bits.ts';

// ln 2 / 16 in two parts, the first of 38 bits: its product with n below 2^15 is exact.
const STEP = 0.04332169878489367;
const STEP_LOW = 1.0291218489310676e-13;
const STEPS_PER_UNIT = 23.083120654223414;
const TINY = powerOfTwo(-27);
const LN2 = 0.6931471805599453;
const LN2_LOW = 2.3190468138462996e-17;

/** 2^(j/16) for j = 0 … 15, high and low parts. */
export const ROOTS_OF_TWO = Float64Array.of(
  ...[1.0, 0.0],
  ...[1.0442737824274138, 8.551889705537965e-17],
  ...[1.0905077326652577, -3.046782079812471e-17],
  ...[1.1387886347566916, 8.912812676025408e-17],
  ...[1.189207115002721, 3.982015231465646e-17],
  ...[1.241857812073484, 4.658027591836937e-17],
  ...[1.2968395546510096, 2.5382502794888315e-17],
  ...[1.3542555469368927, 7.70094837980299e-17],
  ...[1.4142135623730951, -9.667293313452913e-17],
  ...[1.4768261459394993, -3.483994556892796e-17],
  ...[1.5422108254079407, 7.949834809697621e-17],
  ...[1.6104903319492543, 2.4707192569797888e-17],
  ...[1.681792830507429, 8.199010020581497e-17],
  ...[1.7562521603732995, 2.960140695448873e-17],
  ...[1.8340080864093424, 3.283107224245627e-17],
  ...[1.9152065613971474, -1.0619946056195963e-16],
);

/** The exponent that the last `significandOfExponential` split off. */
let exponent = 0;

/**
 * e^(x + xLow) = (result + low) · 2^exponent, 1 ≤ result < 2.1, for |x| ≤ 750. Tang (1989), "Table-driven
 * implementation of the exponential function": x = n ln 2 / 16 + r, |r| ≤ 0.0217, Taylor's series to r^8.
 */
function significandOfExponential(x: number, xLow: number): number {
  const n = Math.floor(x * STEPS_PER_UNIT + 0.5);
  const r = x - n * STEP - (n * STEP_LOW - xLow);
  const p =
    r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40320)))))));
  const j = n & 15;
  const root = ROOTS_OF_TWO[2 * j]!;
  exponent = n >> 4;
  return normalise(root, root * p, ROOTS_OF_TWO[2 * j + 1]! * (1 + p));
}

/** e^(x + xLow), rounded once: overflows to Infinity, underflows through the subnormals to 0. Not for NaN. */
export function exponentialOfSum(x: number, xLow: number): number {
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const significand = significandOfExponential(x, xLow);
  return scaleByPowerOfTwo(significand, exponent);
}

/** e^x. Error below 0.55 ulp (0.8 ulp where the result is subnormal). */
export function exp(x: number): number {
  return Number.isNaN(x) ? NaN : exponentialOfSum(x, 0);
}

/** Hyperbolic cosine. Error below 0.55 ulp; exactly even. */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(size)) return NaN;
  if (size > 22) return halfExponential(size);
  const rising = exponentialPair(size);
  const risingLow = low[0]!;
  const falling = quotient(1, 0, rising, risingLow);
  return 0.5 * normalise(rising, falling, risingLow + low[0]!);
}

/** Hyperbolic sine. Error below 0.6 ulp; exactly odd. */
export function sinh(x: number): number {
  const size = Math.abs(x);
  if (size < 0.5) {
    const z = x * x;
    const p =
      1 / 6 +
      z *
        (1 / 120 +
          z * (1 / 5040 + z * (1 / 362880 + z * (1 / 39916800 + z * (1 / 6227020800 + z * (1 / 1307674368000))))));
    return size < TINY ? x : x + x * z * p;
  }
  if (Number.isNaN(size)) return NaN;
  let value: number;
  if (size > 22) {
    value = halfExponential(size);
  } else {
    const rising = exponentialPair(size);
    const risingLow = low[0]!;
    const falling = quotient(1, 0, rising, risingLow);
    value = 0.5 * normalise(rising, -falling, risingLow - low[0]!);
  }
  return x < 0 ? -value : value;
}

/** e^x / 2 without overflow before its time. */
function halfExponential(x: number): number {
  return x === Infinity ? Infinity : exponentialOfSum(normalise(x, -LN2, -LN2_LOW), low[0]!);
}

/** e^x for 0 ≤ x ≤ 22; low part in `low`. */
function exponentialPair(x: number): number {
  const significand = significandOfExponential(x, 0);
  const unit = scaleByPowerOfTwo(1, exponent);
  low[0] = low[0]! * unit;
  return significand * unit;
}
