import { sumError } from './double-double.ts';
import { exponentOf, powerOfTwo } from './float-bits.ts';

/** What `quadrantOf` leaves over, as high and low part: |remainder| ≤ π/4, give or take a rounding. */
export const remainder = new Float64Array(2);

// π/2 in four parts, the first three of 33 bits: their products with a quadrant below 2^20 are exact.
const PART1 = 1.5707963267341256;
const PART2 = 6.077100506303966e-11;
const PART3 = 2.0222662487111665e-21;
const PART4 = 8.4784276603689e-32;
const TWO_OVER_PI = 0.6366197723675814;
const MEDIUM = 1_600_000;

// 2/π · 2^1204, rounded down: every bit that a float64 can feel (exponents go to 971, 53 + 127 bits are wanted after).
const TWO_OVER_PI_BITS = BigInt(
  '0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1d' +
    'eb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b' +
    '5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b' +
    '6',
);
const FRACTION_BITS = 1204;
// π/2 · 2^180
const HALF_PI_BITS = (1n << BigInt(FRACTION_BITS + 180)) / TWO_OVER_PI_BITS;

/**
 * Writes x = n π/2 + r, |r| ≤ π/4: returns n mod 4 and leaves r in `remainder`, with a relative error below 2^-70.
 * x finite, not negative. Cody & Waite (1980) with four parts below 1.6e6; above, Payne & Hanek (1983) in integers.
 */
export function quadrantOf(x: number): number {
  if (x >= MEDIUM) return quadrantOfLarge(x);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  // Exact: both terms are multiples of 2^-53, or of x's last bit, and the difference is below 1.
  const first = x - n * PART1;
  const second = n * PART2;
  const sum2 = first - second;
  const error2 = sumError(first, -second, sum2);
  const third = n * PART3;
  const sum3 = sum2 - third;
  const error3 = sumError(sum2, -third, sum3);
  const rest = error2 + error3 - n * PART4;
  const high = sum3 + rest;
  remainder[0] = high;
  remainder[1] = sum3 - high + rest;
  return n & 3;
}

/** About a microsecond a call: angles beyond a million radians are asked for by tests, not by grids. */
function quadrantOfLarge(x: number): number {
  const exponent = exponentOf(x) - 52;
  const shift = BigInt(FRACTION_BITS - exponent);
  const product = BigInt(x * powerOfTwo(-exponent)) * TWO_OVER_PI_BITS;
  const quadrant = (product + (1n << (shift - 1n))) >> shift;
  const fraction = (product - (quadrant << shift)) >> (shift - 180n);
  const angle = fraction * HALF_PI_BITS;
  const high = Number(angle);
  const unit = powerOfTwo(-360);
  remainder[0] = high * unit;
  remainder[1] = Number(angle - BigInt(high)) * unit;
  return Number(quadrant & 3n);
}
