import LZ4 from 'numcodecs/lz4';
import { LARGEST_CODE, MISSING } from './frame.ts';
import { compress } from './lz4-block.ts';

/** The library makes functions out of strings, which the security policy of a page forbids. */
const lz4 = globalThis.process ? LZ4.fromConfig({ acceleration: 10 }) : { encode: compress };

/** Codes of values between `low` and `high`; MISSING for what is not finite. */
export function quantise(values: ArrayLike<number>, low: number, high: number, codes: Uint16Array): void {
  const scale = high > low ? LARGEST_CODE / (high - low) : 0;
  for (let k = 0; k < codes.length; k++) {
    const value = values[k]!;
    codes[k] = Number.isFinite(value) ? Math.max(0, Math.min(LARGEST_CODE, (value - low) * scale + 0.5)) : MISSING;
  }
}

/** What a tile's codes are sent as; rows of `width` codes. */
export async function encodeTile(codes: Uint16Array, width: number): Promise<Uint8Array> {
  return (await lz4.encode(predictionErrors(codes, width))) as Uint8Array;
}

function predictionErrors(codes: Uint16Array, width: number): Uint8Array {
  const size = codes.length;
  const planes = new Uint8Array(2 * size);
  for (let row = 0; row < size; row += width) {
    let west = 0;
    let southWest = 0;
    for (let k = row; k < row + width; k++) {
      const south = row > 0 ? codes[k - width]! : 0;
      const code = codes[k]!;
      const error = ((code - west - south + southWest) << 16) >> 16;
      const zigzag = (error << 1) ^ (error >> 15);
      planes[k] = zigzag >> 8;
      planes[size + k] = zigzag;
      west = code;
      southWest = south;
    }
  }
  return planes;
}
