import { productError, sumError, upperHalf } from './double-double.ts';
import { exponentOf, LEAST_NORMAL, powerOfTwo, scaleByPowerOfTwo } from './float-bits.ts';

// Beyond these, squares could leave the range: such vectors are scaled first.
const FAR = powerOfTwo(500);
const NEAR = powerOfTwo(-400);
const OUTWARDS = powerOfTwo(600);
const INWARDS = powerOfTwo(-600);

/** Cube root, exact for perfect cubes. Error below 0.51 ulp; exactly odd. */
export function cbrt(x: number): number {
  const size = Math.abs(x);
  if (size === 0 || !(size < Infinity)) return x;
  const subnormal = size < LEAST_NORMAL;
  const lifted = subnormal ? size * 18014398509481984 : size;
  const third = Math.floor(exponentOf(lifted) / 3);
  const m = scaleByPowerOfTwo(lifted, -3 * third);
  // A cubic fitted to 1.4 % on 1 ≤ m < 8, then Halley's iteration, which cubes the error each time.
  let t = 0.7090571 + m * (0.34007528 + m * (-0.03750771 + m * 0.00191743));
  for (let i = 0; i < 2; i++) {
    const cube = t * t * t;
    t *= (cube + 2 * m) / (2 * cube + m);
  }
  t = upperHalf(t);
  const square = t * t;
  const squareUpper = upperHalf(square);
  const step = (m - squareUpper * t - (square - squareUpper) * t) / (3 * square);
  const root = scaleByPowerOfTwo(t + (step - (step * step) / t), subnormal ? third - 18 : third);
  return x < 0 ? -root : root;
}

/** √(x² + y² + z²) without overflow or underflow on the way, the same in every order of x, y, z. Error below 0.51 ulp (0.8 ulp where the result is subnormal). */
export function hypot3(x: number, y: number, z: number): number {
  let a = Math.abs(x);
  let b = Math.abs(y);
  let c = Math.abs(z);
  if (a === Infinity || b === Infinity || c === Infinity) return Infinity;
  if (Number.isNaN(a + b + c)) return NaN;
  let swap: number;
  if (a < b) {
    swap = a;
    a = b;
    b = swap;
  }
  if (b < c) {
    swap = b;
    b = c;
    c = swap;
  }
  if (a < b) {
    swap = a;
    a = b;
    b = swap;
  }
  if (b === 0) return a;
  if (a > FAR) return rootOfSquares(a * INWARDS, b * INWARDS, c * INWARDS) * OUTWARDS;
  if (a < NEAR) return rootOfSquares(a * OUTWARDS, b * OUTWARDS, c * OUTWARDS) * INWARDS;
  return rootOfSquares(a, b, c);
}

/** √(a² + b² + c²) for a ≥ b ≥ c ≥ 0 with squares in range. */
function rootOfSquares(a: number, b: number, c: number): number {
  const aa = a * a;
  const bb = b * b;
  const cc = c * c;
  const sum1 = aa + bb;
  const sum2 = sum1 + cc;
  const errors =
    sumError(aa, bb, sum1) +
    sumError(sum1, cc, sum2) +
    (productError(a, a, aa) + productError(b, b, bb) + productError(c, c, cc));
  const root = Math.sqrt(sum2);
  const square = root * root;
  return root + (sum2 - square - productError(root, root, square) + errors) / (root + root);
}
