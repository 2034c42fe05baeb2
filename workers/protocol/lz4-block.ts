/** Longest run that is copied byte by byte: a call costs as much. */
const SHORT = 32;

/**
 * Undoes LZ4 as numcodecs writes it: the size (4 bytes, little endian), then one block (LZ4 block format, Collet 2013).
 * Our own, because the WebAssembly builds at hand make functions out of strings, which the security policy of a page
 * forbids. Fills `out`; throws BadFrame where the bytes are no block of its size.
 */
export function decompress(bytes: Uint8Array, out: Uint8Array): void {
  const size = out.length;
  const stated = bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  if (stated !== size)
    throw new Error(`BadFrame: a tile has ${Math.max(0, stated)} bytes where ${size} are due. Reload the page.`);
  let at = 4;
  let to = 0;
  // No function shares these two: they would leave the registers, which takes half as long again.
  while (at < bytes.length) {
    const token = bytes[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) more = at < bytes.length ? bytes[at++]! : 0;
    }
    if (at + literals > bytes.length || to + literals > size) throw torn();
    if (literals < SHORT) for (let k = 0; k < literals; k++) out[to + k] = bytes[at + k]!;
    else out.set(bytes.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has literals alone.
    if (at >= bytes.length) break;
    const offset = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let copied = token & 15;
    if (copied === 15) {
      for (let more = 255; more === 255; copied += more) more = at < bytes.length ? bytes[at++]! : 0;
    }
    copied += 4;
    if (offset === 0 || offset > to || to + copied > size) throw torn();
    const from = to - offset;
    if (copied < SHORT || (offset < copied && offset > 1))
      // A copy may run into what it has just written: that repeats it.
      for (let k = 0; k < copied; k++) out[to + k] = out[from + k]!;
    else if (offset === 1) out.fill(out[from]!, to, to + copied);
    else out.copyWithin(to, from, from + copied);
    to += copied;
  }
  if (to !== size) throw torn();
}

const torn = (): Error => new Error('BadFrame: the bytes of a tile are torn. Reload the page.');

/** Shortest match that LZ4 writes; a block ends in so many literals, and no match begins in its last twelve bytes. */
const [LEAST_MATCH, LAST_LITERALS, LAST_START] = [4, 5, 12] as const;
const FARTHEST = 65535;
const HASH_BITS = 13;

/** LZ4 as `decompress` reads it: the first match that a table of four bytes' hashes finds is taken. */
export function compress(bytes: Uint8Array): Uint8Array {
  const size = bytes.length;
  const out = new Uint8Array(4 + size + Math.ceil(size / 255) + 16);
  new DataView(out.buffer).setInt32(0, size, true);
  const seen = new Int32Array(1 << HASH_BITS).fill(-1);
  let to = 4;
  const writeLength = (length: number): void => {
    let left = length - 15;
    for (; left >= 255; left -= 255) out[to++] = 255;
    out[to++] = left;
  };
  const writeLiterals = (from: number, end: number, match: number): void => {
    const literals = end - from;
    out[to++] = (Math.min(15, literals) << 4) | Math.min(15, match);
    if (literals >= 15) writeLength(literals);
    out.set(bytes.subarray(from, end), to);
    to += literals;
  };
  let kept = 0;
  for (let at = 0; at < size - LAST_START; ) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const slot = Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
    const before = seen[slot]!;
    seen[slot] = at;
    let length = 0;
    if (before >= 0 && at - before <= FARTHEST)
      while (at + length < size - LAST_LITERALS && bytes[before + length] === bytes[at + length]) length++;
    if (length < LEAST_MATCH) {
      at++;
      continue;
    }
    writeLiterals(kept, at, length - LEAST_MATCH);
    out[to++] = at - before;
    out[to++] = (at - before) >> 8;
    if (length - LEAST_MATCH >= 15) writeLength(length - LEAST_MATCH);
    at += length;
    kept = at;
  }
  writeLiterals(kept, size, 0);
  return out.slice(0, to);
}
