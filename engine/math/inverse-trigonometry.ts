import { low, normalise, quotient, squareRoot, sumError, upperHalf } from './double-double.ts';
import { powerOfTwo } from './float-bits.ts';

const PI = 3.141592653589793;
const PI_LOW = 1.2246467991473532e-16;
const HALF_PI = 1.5707963267948966;
const HALF_PI_LOW = 6.123233995736766e-17;
const TINY = powerOfTwo(-60);
const SMALL = powerOfTwo(-27);
// Beyond these, intermediate products could leave the range: such points are brought nearer first.
const FAR = powerOfTwo(500);
const NEAR = powerOfTwo(-400);
const OUTWARDS = powerOfTwo(600);
const INWARDS = powerOfTwo(-600);

/** atan(k/8) for k = 0 … 8, high and low parts. */
export const ARCTANGENTS = Float64Array.of(
  ...[0, 0],
  ...[0.12435499454676144, -3.1253241424539383e-18],
  ...[0.24497866312686414, 1.0698755618734451e-17],
  ...[0.35877067027057225, -2.4623815582638635e-17],
  ...[0.4636476090008061, 2.2698777452961687e-17],
  ...[0.5585993153435624, -5.4556305485916264e-18],
  ...[0.6435011087932844, 1.5834785051444286e-17],
  ...[0.7188299996216245, -2.1478388444456983e-17],
  ...[0.7853981633974483, 3.061616997868383e-17],
);

/**
 * atan((y + yLow) / (x + xLow)) for 0 ≤ y ≤ x, neither near the ends of the exponent range, `ratio` near y/x;
 * low part in `low`.
 * atan(y/x) = atan(c) + atan((y − c x) / (x + c y)) with c = k/8 leaves |t| ≤ 1/16 for the series, to t^15.
 */
function arctangentOfRatio(y: number, yLow: number, x: number, xLow: number, ratio: number): number {
  const k = Math.floor(8 * ratio + 0.5);
  let t: number;
  if (k === 0) {
    t = quotient(y, yLow, x, xLow);
  } else {
    const c = k / 8;
    const xUpper = upperHalf(x);
    const yUpper = upperHalf(y);
    const top = y - c * xUpper;
    const topLow = sumError(y, -c * xUpper, top) - c * (x - xUpper) + (yLow - c * xLow);
    const bottom = x + c * yUpper;
    const bottomLow = sumError(x, c * yUpper, bottom) + c * (y - yUpper) + (xLow + c * yLow);
    t = quotient(top, topLow, bottom, bottomLow);
  }
  const z = t * t;
  const p = -1 / 3 + z * (1 / 5 + z * (-1 / 7 + z * (1 / 9 + z * (-1 / 11 + z * (1 / 13 + z * (-1 / 15))))));
  return normalise(ARCTANGENTS[2 * k]!, t, ARCTANGENTS[2 * k + 1]! + (low[0]! + t * z * p));
}

/** The angle 0 … π/2 of the point (x + xLow, y + yLow) of the first quadrant, not both 0 or ∞; low part in `low`. */
function firstQuadrantAngle(y: number, yLow: number, x: number, xLow: number): number {
  const steep = y > x;
  const angle = steep ? octantAngle(x, xLow, y, yLow) : octantAngle(y, yLow, x, xLow);
  return steep ? normalise(HALF_PI, -angle, HALF_PI_LOW - low[0]!) : angle;
}

/** The same for y ≤ x: 0 … π/4. */
function octantAngle(y: number, yLow: number, x: number, xLow: number): number {
  const ratio = y / x;
  if (ratio < TINY) {
    low[0] = 0;
    return ratio;
  }
  const scale = x > FAR ? INWARDS : y < NEAR ? OUTWARDS : 1;
  return arctangentOfRatio(y * scale, yLow * scale, x * scale, xLow * scale, ratio);
}

/** Arctangent [radians, −π/2 … π/2]. Error below 0.51 ulp; exactly odd. */
export function atan(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const angle = firstQuadrantAngle(Math.abs(x), 0, 1, 0);
  return isNegative(x) ? -angle : angle;
}

/** Angle [radians, −π … π] of the point (x, y), zeros and infinities as in ECMAScript. Error below 0.51 ulp; exactly odd in y. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  let width = Math.abs(x);
  let height = Math.abs(y);
  if (width === height && (width === 0 || width === Infinity)) {
    // A zero or infinite radius: ECMAScript takes the signed axis, or the diagonal.
    width = 1;
    height = height === 0 ? 0 : 1;
  }
  let angle = firstQuadrantAngle(height, 0, width, 0);
  if (isNegative(x)) angle = normalise(PI, -angle, PI_LOW - low[0]!);
  return isNegative(y) ? -angle : angle;
}

/** Arcsine [radians, −π/2 … π/2], NaN outside −1 … 1. Error below 0.51 ulp; exactly odd. */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  if (size < SMALL) return x;
  const side = cathetus(size);
  const angle = firstQuadrantAngle(size, 0, side, low[0]!);
  return x < 0 ? -angle : angle;
}

/** Arccosine [radians, 0 … π], NaN outside −1 … 1. Error below 0.51 ulp. */
export function acos(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  const side = cathetus(size);
  const angle = firstQuadrantAngle(side, low[0]!, size, 0);
  return x < 0 ? normalise(PI, -angle, PI_LOW - low[0]!) : angle;
}

/** √(1 − x²) for 0 ≤ x ≤ 1; low part in `low`. */
function cathetus(x: number): number {
  const a = upperHalf(x);
  const b = x - a;
  const square = 1 - a * a;
  const cross = -2 * a * b;
  const sum = square + cross;
  const sumLow = sumError(1, -a * a, square) + sumError(square, cross, sum) - b * b;
  low[0] = 0;
  return sum > 0 ? squareRoot(sum, sumLow) : 0;
}

function isNegative(x: number): boolean {
  return x < 0 || (x === 0 && 1 / x < 0);
}
