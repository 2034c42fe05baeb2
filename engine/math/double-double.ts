/**
 * A number as the unevaluated sum of two doubles, after Dekker (1971), "A floating-point technique for extending the
 * available precision". Functions return the high part and leave the low part in `low[0]`: nothing is allocated.
 */
export const low = new Float64Array(1);

/** The upper 26 bits of x, rounded, so that products of such halves are exact. |x| < 2^996. Veltkamp (1968). */
export function upperHalf(x: number): number {
  const spread = 134217729 * x;
  return spread - (spread - x);
}

/** a · b − product exactly, product being fl(a · b) and neither overflowing nor losing bits to underflow. Dekker (1971). */
export function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const aLow = a - aHigh;
  const bHigh = upperHalf(b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** a + b − sum exactly, sum being fl(a + b). Knuth (1969). */
export function sumError(a: number, b: number, sum: number): number {
  const bSeen = sum - a;
  return a - (sum - bSeen) + (b - bSeen);
}

/** a + b + c for |a| ≥ |b| or a = 0, c far smaller: high part returned, low part in `low`. */
export function normalise(a: number, b: number, c: number): number {
  const sum = a + b;
  const rest = b - (sum - a) + c;
  const high = sum + rest;
  low[0] = rest - (high - sum);
  return high;
}

/** (y + yLow) / (x + xLow) to about 100 bits: high part returned, low part in `low`. */
export function quotient(y: number, yLow: number, x: number, xLow: number): number {
  const first = y / x;
  const product = first * x;
  const remainder = y - product - productError(first, x, product) + (yLow - first * xLow);
  return normalise(first, remainder / (x + xLow), 0);
}

/** √(s + sLow) to about 100 bits, s > 0: high part returned, low part in `low`. */
export function squareRoot(s: number, sLow: number): number {
  const first = Math.sqrt(s);
  const square = first * first;
  const remainder = s - square - productError(first, first, square) + sLow;
  return normalise(first, remainder / (first + first), 0);
}
