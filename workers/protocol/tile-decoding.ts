import { LARGEST_CODE, MISSING } from './frame.ts';
import { decompress } from './lz4-block.ts';

/** Value of a code. */
export const codeValue = (code: number, low: number, high: number): number =>
  code === MISSING ? Number.NaN : low + (code * (high - low)) / LARGEST_CODE;

/** The codes of a tile that was sent, into an array of its size. */
export function decodeTile(bytes: Uint8Array, width: number, codes: Uint16Array): void {
  const size = codes.length;
  const planes = decompress(bytes, 2 * size);
  for (let row = 0; row < size; row += width) {
    let west = 0;
    let southWest = 0;
    for (let k = row; k < row + width; k++) {
      const south = row > 0 ? codes[k - width]! : 0;
      const zigzag = (planes[k]! << 8) | planes[size + k]!;
      const error = (zigzag >>> 1) ^ -(zigzag & 1);
      west = (error + west + south - southWest) & 0xffff;
      southWest = south;
      codes[k] = west;
    }
  }
}
