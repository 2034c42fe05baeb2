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

/** Used again for every tile of a size: making it costs more than decoding. */
let scratch = new Uint8Array(0);

/** Writes the codes of a tile that was sent to its place among others. Throws BadFrame where they are not of its size. */
export function decodeTile(bytes: Uint8Array, codes: Uint16Array, { width, height, first, stride }: TilePlace): void {
  const size = width * height;
  if (scratch.length !== 2 * size) scratch = new Uint8Array(2 * size);
  const planes = scratch;
  decompress(bytes, planes);
  const [high, low] = [planes.subarray(0, size), planes.subarray(size)];
  for (let row = 0, from = 0; row < height; row++, from += width) {
    const start = first + row * stride;
    // How far a code lies above its southern neighbour: the errors so far, added up. The array keeps 16 bits of each sum.
    let above = 0;
    if (row === 0) codes.fill(0, start, start + width);
    else codes.copyWithin(start, start - stride, start - stride + width);
    for (let i = 0; i < width; i++) {
      const zigzag = (high[from + i]! << 8) | low[from + i]!;
      above = (above + ((zigzag >>> 1) ^ -(zigzag & 1))) | 0;
      codes[start + i]! += above;
    }
  }
}
