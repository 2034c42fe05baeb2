import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** One field of the whole globe: one row-major array of cellsY × cellsX a panel, ghosts left out. */
export interface StateField {
  readonly name: string;
  readonly panels: readonly (Float32Array | Float64Array)[];
}

/** A running SHA-256. `node:crypto` and `@noble/hashes` both fit, and agree. */
export interface Digest {
  update(bytes: Uint8Array): unknown;
  /** The 32 bytes of the hash; ends the digest. */
  digest(): Uint8Array;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The values' little-endian bytes: a view where the machine stores them so, else a swapped copy. */
export function littleEndianBytes(values: Float32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (LITTLE_ENDIAN) return bytes;
  const swapped = bytes.slice();
  const width = values.BYTES_PER_ELEMENT;
  for (let at = 0; at < swapped.length; at += width) swapped.subarray(at, at + width).reverse();
  return swapped;
}

/**
 * Hash of a state, hexadecimal: SHA-256 over the little-endian bytes of each prognostic field in the model's order,
 * each panel, row by row. It knows no tiles, threads or nodes, so no layout can change it.
 */
export function stateHash(fields: readonly StateField[], digest: Digest = sha256.create()): string {
  for (const { panels } of fields) for (const panel of panels) digest.update(littleEndianBytes(panel));
  return bytesToHex(digest.digest());
}

/** What a run's chain starts from, before its first state. */
export const CHAIN_START = '0'.repeat(64);

/**
 * The chain's next link, hₖ = SHA-256(hₖ₋₁ ‖ stateHashₖ ‖ step), step as 8 little-endian bytes: one number that vouches
 * for every state hashed so far. Hashes are hexadecimal.
 */
export function chainStateHash(previous: string, state: string, step: number): string {
  const bytes = new Uint8Array(72);
  bytes.set(hexToBytes(previous), 0);
  bytes.set(hexToBytes(state), 32);
  new DataView(bytes.buffer).setBigUint64(64, BigInt(step), true);
  return bytesToHex(sha256(bytes));
}
