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
