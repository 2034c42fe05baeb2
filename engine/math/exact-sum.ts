import { productError } from './double-double.ts';
import { powerOfTwo, scaleByPowerOfTwo } from './float-bits.ts';

const RADIX = 4294967296;
/** Bit 0 of the accumulator weighs 2^-POINT: 2^-2148 is the least product, the rest is room for zero bits below it. */
const POINT = 2208;
/** Up to the largest product, 2^2048, and 2^64 of them. */
const LIMBS = 136;
const SPECIAL = LIMBS;
const CARRY_AFTER = 1048576;
/** Between these, a product is a float64 and so is its rounding error. */
const SMALL = powerOfTwo(-480);
const LARGE = powerOfTwo(480);

const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/**
 * The exact sum of any float64s and of products of two: one wide fixed-point integer in limbs of 32 bits, after
 * Kulisch (1971); limbs are doubles with room for 2^21 additions between carries, after Neal (2015), "Fast exact
 * summation using small and large superaccumulators". The state depends on the set of terms alone, not on their order.
 */
export class ExactSum {
  /** LIMBS limbs, the lowest first, then the sum of the infinities and NaNs. |limb| ≤ (pending + 1) · 2^32. */
  private readonly limbs = new Float64Array(LIMBS + 1);
  private pending = 0;

  /** A sum from the `snapshot` of another. */
  static from(snapshot: ArrayLike<number>): ExactSum {
    if (snapshot.length !== LIMBS + 1) {
      throw new Error(
        `ExactSum.from: ${snapshot.length} numbers are no snapshot, which has ${LIMBS + 1}. Pass what snapshot() gave.`,
      );
    }
    const sum = new ExactSum();
    sum.limbs.set(snapshot);
    return sum;
  }

  /** Adds x. */
  add(x: number): void {
    this.addShifted(x, 0);
  }

  /** Adds a · b unrounded, also where the product alone would overflow or underflow. */
  addProduct(a: number, b: number): void {
    const aSize = Math.abs(a);
    const bSize = Math.abs(b);
    if (aSize > SMALL && bSize > SMALL && aSize < LARGE && bSize < LARGE) {
      const product = a * b;
      this.addShifted(product, 0);
      this.addShifted(productError(a, b, product), 0);
    } else {
      this.addExtremeProduct(a, b);
    }
  }

  /** Adds all that went into the other sum. */
  merge(other: ExactSum): void {
    for (let i = 0; i <= LIMBS; i++) this.limbs[i]! += other.limbs[i]!;
    this.pending += other.pending + 1;
    if (this.pending >= CARRY_AFTER) this.carry();
  }

  /**
   * The sum rounded to the nearest float64, ties to even; ±Infinity beyond the largest. Infinite terms give their
   * infinity, opposite ones or a NaN give NaN. A sum that is 0 is +0, whatever the signs of its zeros.
   */
  value(): number {
    const { limbs } = this;
    if (limbs[SPECIAL] !== 0) return limbs[SPECIAL]!;
    let last = LIMBS - 1;
    while (last >= 0 && limbs[last] === 0) last--;
    let bits = 0n;
    for (let i = last; i >= 0; i--) bits = (bits << 32n) + BigInt(limbs[i]!);
    if (bits === 0n) return 0;
    return bits < 0n ? -rounded(-bits) : rounded(bits);
  }

  /** The whole state, to send or store: equal for equal exact sums. 137 float64s, all integers unless a term was not finite. */
  snapshot(): Float64Array {
    this.carry();
    return this.limbs.slice();
  }

  /** Adds x · 2^shift. */
  private addShifted(x: number, shift: number): void {
    scratch[0] = x;
    const highWord = words[HIGH]!;
    const lowBits = words[LOW]!;
    let exponent = (highWord >>> 20) & 0x7ff;
    let highBits = highWord & 0xfffff;
    if (exponent === 0) {
      exponent = 1;
    } else if (exponent === 0x7ff) {
      this.limbs[SPECIAL]! += x;
      return;
    } else {
      highBits |= 0x100000;
    }
    // x = (highBits · 2^32 + lowBits) · 2^(exponent − 1075), moved up by s bits to the next limb boundary below.
    const position = exponent + shift + (POINT - 1075);
    const s = position & 31;
    const i = position >> 5;
    const sign = (highWord >> 31) | 1;
    const { limbs } = this;
    limbs[i]! += sign * ((lowBits << s) >>> 0);
    limbs[i + 1]! += sign * (((highBits << s) | ((lowBits >>> 1) >>> (31 - s))) >>> 0);
    limbs[i + 2]! += sign * ((highBits >>> 1) >>> (31 - s));
    if (++this.pending >= CARRY_AFTER) this.carry();
  }

  private addExtremeProduct(a: number, b: number): void {
    if (!(Math.abs(a) < Infinity && Math.abs(b) < Infinity)) {
      this.limbs[SPECIAL]! += a * b;
    } else if (a !== 0 && b !== 0) {
      const aShift = shiftToMiddle(a);
      const bShift = shiftToMiddle(b);
      const aMiddle = a * powerOfTwo(aShift);
      const bMiddle = b * powerOfTwo(bShift);
      const product = aMiddle * bMiddle;
      this.addShifted(product, -aShift - bShift);
      const error = productError(aMiddle, bMiddle, product);
      if (error !== 0) this.addShifted(error, -aShift - bShift);
    }
  }

  /** Brings every limb but the top one into 0 … 2^32 − 1. */
  private carry(): void {
    const { limbs } = this;
    let carried = 0;
    for (let i = 0; i < LIMBS - 1; i++) {
      const limb = limbs[i]! + carried;
      carried = Math.floor(limb / RADIX);
      limbs[i] = limb - carried * RADIX;
    }
    limbs[LIMBS - 1]! += carried;
    this.pending = 0;
  }
}

/** Sum of the values, rounded once: the same bits in any order. */
export function exactSum(values: ArrayLike<number>): number {
  const sum = new ExactSum();
  for (let i = 0; i < values.length; i++) sum.add(values[i]!);
  return sum.value();
}

/** Σ aᵢ bᵢ, rounded once: the same bits in any order. Throws unless a and b are equally long. */
export function exactDot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new Error(`exactDot: a has ${a.length} values, b has ${b.length}. Pass arrays of equal length.`);
  }
  const sum = new ExactSum();
  for (let i = 0; i < a.length; i++) sum.addProduct(a[i]!, b[i]!);
  return sum.value();
}

/** The power of two that brings x into 2^-480 … 2^480, where products and their errors are float64s. */
function shiftToMiddle(x: number): number {
  const size = Math.abs(x);
  if (size >= LARGE) return -640;
  return size <= SMALL ? 640 : 0;
}

/** bits · 2^-POINT to the nearest float64, ties to even; bits > 0. */
function rounded(bits: bigint): number {
  const hexadecimal = bits.toString(16);
  const length = 4 * hexadecimal.length - (Math.clz32(Number.parseInt(hexadecimal[0]!, 16)) - 28);
  // The last place of a float64 this large: 53 bits down from the first, but never below 2^-1074.
  const dropped = Math.max(length - 53, POINT - 1074);
  const unit = 1n << BigInt(dropped);
  let kept = bits / unit;
  const rest = 2n * (bits % unit);
  if (rest > unit || (rest === unit && kept % 2n === 1n)) kept += 1n;
  return dropped - POINT > 971 ? Infinity : scaleByPowerOfTwo(Number(kept), dropped - POINT);
}
