import { LARGEST_CODE, MISSING } from './frame.ts';
import { decompress } from './lz4-block.ts';

/** Value of a code. */
export const codeValue = (code: number, low: number, high: number): number =>
  code === MISSING ? Number.NaN : low + (code * (high - low)) / LARGEST_CODE;

/** Where the codes of a tile go: cell (i, j) to `first` + j · `stride` + i. */
export interface TilePlace {
  readonly width: number;
  readonly height: number;
  readonly first: number;
  readonly stride: number;
}

/** Writes the codes of a tile that was sent to its place among others. Throws BadFrame where they are not of its size. */
export function decodeTile(bytes: Uint8Array, codes: Uint16Array, { width, height, first, stride }: TilePlace): void {
  const size = width * height;
  const planes = decompress(bytes, 2 * size);
  for (let row = 0; row < height; row++) {
    const start = first + row * stride;
    const from = row * width;
    let west = 0;
    if (row === 0)
      for (let i = 0; i < width; i++) {
        const zigzag = (planes[from + i]! << 8) | planes[size + from + i]!;
        west = (((zigzag >>> 1) ^ -(zigzag & 1)) + west) & 0xffff;
        codes[start + i] = west;
      }
    else {
      let southWest = 0;
      for (let i = 0; i < width; i++) {
        const south = codes[start - stride + i]!;
        const zigzag = (planes[from + i]! << 8) | planes[size + from + i]!;
        west = (((zigzag >>> 1) ^ -(zigzag & 1)) + west + south - southWest) & 0xffff;
        southWest = south;
        codes[start + i] = west;
      }
    }
  }
}
