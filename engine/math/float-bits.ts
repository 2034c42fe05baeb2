/** The bits of a float64, read and written through typed arrays; the same on machines of either byte order. */

const value = new Float64Array(1);
const words = new Int32Array(value.buffer);
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const HIGH = littleEndian ? 1 : 0;
const LOW = littleEndian ? 0 : 1;

/** The upper 32 bits of x, signed: sign, 11 bits of biased exponent, 20 bits of fraction. */
export function highWord(x: number): number {
  value[0] = x;
  return words[HIGH]!;
}

/** The exponent e of a normal x: 2^e ≤ |x| < 2^(e+1). Subnormals and zero give −1023, infinities and NaN 1024. */
export function exponentOf(x: number): number {
  return ((highWord(x) >>> 20) & 0x7ff) - 1023;
}

/** x with its exponent made 0: 1 ≤ result < 2. For normal, positive x. */
export function significandOf(x: number): number {
  value[0] = x;
  words[HIGH] = (words[HIGH]! & 0x000fffff) | 0x3ff00000;
  return value[0];
}

/** 2^n exactly, for −1022 ≤ n ≤ 1023. */
export function powerOfTwo(n: number): number {
  words[HIGH] = (n + 1023) << 20;
  words[LOW] = 0;
  return value[0]!;
}

/** The least float64 with all 53 bits, 2^-1022. */
export const LEAST_NORMAL = powerOfTwo(-1022);

/** x · 2^n rounded once, for −2000 ≤ n ≤ 2000 and ½ ≤ |x|, provided that x · 2^1000 is finite where n > 1020. */
export function scaleByPowerOfTwo(x: number, n: number): number {
  if (n > 1020) return x * powerOfTwo(1000) * powerOfTwo(n - 1000);
  if (n < -1020) return x * powerOfTwo(n + 1000) * powerOfTwo(-1000);
  return x * powerOfTwo(n);
}
