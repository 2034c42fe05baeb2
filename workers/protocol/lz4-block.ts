/**
 * Undoes LZ4 as numcodecs writes it: the size (4 bytes, little endian), then one block (LZ4 block format, Collet 2013).
 * Our own, because the WebAssembly builds at hand make functions out of strings, which the security policy of a page
 * forbids. Throws BadFrame where the bytes are no such block.
 */
export function decompress(bytes: Uint8Array, size: number): Uint8Array {
  const stated = bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  if (stated !== size)
    throw new Error(`BadFrame: a tile has ${Math.max(0, stated)} bytes where ${size} are due. Reload the page.`);
  const out = new Uint8Array(size);
  let at = 4;
  let to = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble === 15) {
      let more = 255;
      while (more === 255) {
        more = at < bytes.length ? bytes[at++]! : 0;
        sum += more;
      }
    }
    return sum;
  };
  while (at < bytes.length) {
    const token = bytes[at++]!;
    const literals = length(token >> 4);
    if (at + literals > bytes.length || to + literals > size) throw torn();
    if (literals < 32) for (const end = at + literals; at < end; ) out[to++] = bytes[at++]!;
    else {
      out.set(bytes.subarray(at, at + literals), to);
      at += literals;
      to += literals;
    }
    // The last sequence has literals alone.
    if (at >= bytes.length) break;
    const offset = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    const copied = 4 + length(token & 15);
    if (offset === 0 || offset > to || to + copied > size) throw torn();
    const from = to - offset;
    if (offset === 1) out.fill(out[from]!, to, to + copied);
    else if (offset >= copied && copied >= 32) out.copyWithin(to, from, from + copied);
    // A copy may run into what it has just written: that repeats it.
    else for (let k = 0; k < copied; k++) out[to + k] = out[from + k]!;
    to += copied;
  }
  if (to !== size) throw torn();
  return out;
}

const torn = (): Error => new Error('BadFrame: the bytes of a tile are torn. Reload the page.');
