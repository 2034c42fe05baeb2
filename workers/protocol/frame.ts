import { Packr, Unpackr } from 'msgpackr';

/**
 * A frame: one moment of one field, quantised to 16 bits in square tiles of a panel. Bytes: kind (1), version (1), length of
 * the header (4, little endian), header (msgpack), then each tile's bytes end to end.
 *
 * A tile is its cells row by row (south first) as whole numbers 0 … 65534 from `low` to `high`, MISSING where there is no
 * value; each less what the cells to its west, south and south-west predict (west + south − southwest, modulo 2¹⁶), zigzag;
 * high bytes first, then low bytes; LZ4.
 */
export const MESSAGE = 0;
export const FRAME = 1;
export const FRAME_VERSION = 1;
export const MISSING = 65535;
export const LARGEST_CODE = 65534;

export interface FrameHeader {
  /** Of the request that it answers. */
  readonly id: number;
  readonly run: string;
  readonly field: string;
  readonly step: number;
  readonly seconds: number;
  /** When the gateway took it from the run [ms since 1970 of its clock]; what a viewer's lag is counted from. */
  readonly captured: number;
  readonly level: number;
  /** Cells across a panel at this level. */
  readonly cellsX: number;
  readonly cellsY: number;
  /** Cells across a frame tile; divides the panel. */
  readonly tileX: number;
  readonly tileY: number;
  /** Values of codes 0 and LARGEST_CODE. */
  readonly low: number;
  readonly high: number;
  /** Frame tiles, numbered panel by panel, row by row, and the bytes of each. */
  readonly tiles: readonly number[];
  readonly bytes: readonly number[];
}

// Plain maps, so that a viewer of another language reads them too.
const packr = new Packr({ useRecords: false, moreTypes: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, moreTypes: false });

export const packMessage = (message: unknown): Uint8Array => {
  const body = packr.pack(message);
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = MESSAGE;
  bytes.set(body, 1);
  return bytes;
};

/** Body of a message, still to be checked. Throws where the bytes are no msgpack. */
export const unpackMessage = (bytes: Uint8Array): unknown => unpackr.unpack(bytes.subarray(1));

export function packFrame(header: FrameHeader, tiles: readonly Uint8Array[]): Uint8Array {
  const head = packr.pack(header);
  const size = tiles.reduce((sum, tile) => sum + tile.length, 6 + head.length);
  const bytes = new Uint8Array(size);
  bytes[0] = FRAME;
  bytes[1] = FRAME_VERSION;
  new DataView(bytes.buffer).setUint32(2, head.length, true);
  bytes.set(head, 6);
  let at = 6 + head.length;
  for (const tile of tiles) {
    bytes.set(tile, at);
    at += tile.length;
  }
  return bytes;
}

export function unpackFrame(bytes: Uint8Array): {
  readonly header: FrameHeader;
  readonly tiles: readonly Uint8Array[];
} {
  if (bytes[0] !== FRAME || bytes[1] !== FRAME_VERSION)
    throw new Error(`BadFrame: kind ${bytes[0]}, version ${bytes[1]} is not known here. Reload the page.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2, true);
  const header = unpackr.unpack(bytes.subarray(6, 6 + length)) as FrameHeader;
  let at = 6 + length;
  const tiles = header.bytes.map((size) => {
    const tile = bytes.subarray(at, at + size);
    at += size;
    return tile;
  });
  return { header, tiles };
}
