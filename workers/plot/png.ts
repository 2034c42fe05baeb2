import { crc32, deflateSync } from 'node:zlib';

/** An image in memory: rows from the top, red, green, blue and alpha a byte each, alpha not multiplied in. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * PNG (ISO/IEC 15948) of a picture: 8-bit RGB where it is opaque throughout, RGBA otherwise; no interlacing.
 * `texts` become iTXt chunks (provenance that travels with the file).
 */
export function encodePng(picture: Picture, texts: Readonly<Record<string, string>> = {}, level = 6): Uint8Array {
  const { width, height, pixels } = picture;
  const channels = isOpaque(pixels) ? 3 : 4;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const chunks = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...Object.entries(texts).map(([key, text]) => textChunk(key, text)),
    chunk('IDAT', deflateSync(filterRows(pixels, width, height, channels), { level })),
    chunk('IEND', new Uint8Array(0)),
  ];
  return Buffer.concat(chunks);
}

function isOpaque(pixels: Uint8Array): boolean {
  for (let k = 3; k < pixels.length; k += 4) if (pixels[k] !== 255) return false;
  return true;
}

/** Each row by the filter (none, left, above, Paeth) with the least sum of magnitudes, as the PNG standard advises. */
function filterRows(pixels: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const length = width * channels;
  const output = new Uint8Array(height * (length + 1));
  // One pixel of zeros stands before each row.
  let above = new Uint8Array(length + channels);
  let row = new Uint8Array(length + channels);
  const trials = [0, 1, 2, 4].map((filter) => ({ filter, bytes: new Uint8Array(length), sum: 0 }));
  const [none, left, up, corner] = trials as [Trial, Trial, Trial, Trial];
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = channels; x < width; x++)
      for (let c = 0; c < channels; c++) row[at++] = pixels[4 * (y * width + x) + c]!;
    for (let k = 0; k < length; k++) {
      const value = row[k + channels]!;
      none.bytes[k] = value;
      left.bytes[k] = value - row[k]!;
      up.bytes[k] = value - above[k + channels]!;
      corner.bytes[k] = value - paeth(row[k]!, above[k + channels]!, above[k]!);
    }
    let best = none;
    for (const trial of trials) {
      trial.sum = magnitude(trial.bytes);
      if (trial.sum < best.sum) best = trial;
    }
    output[y * (length + 1)] = best.filter;
    output.set(best.bytes, y * (length + 1) + 1);
    [above, row] = [row, above];
  }
  return output;
}

interface Trial {
  readonly filter: number;
  readonly bytes: Uint8Array;
  sum: number;
}

function magnitude(bytes: Uint8Array): number {
  let sum = 0;
  for (let k = 0; k < bytes.length; k++) sum += bytes[k]! < 128 ? bytes[k]! : 256 - bytes[k]!;
  return sum;
}

function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function textChunk(key: string, text: string): Uint8Array {
  // iTXt: keyword, 0, not compressed, method 0, no language, no translated keyword, UTF-8.
  return chunk(
    'iTXt',
    Buffer.concat([Buffer.from(key, 'latin1'), Uint8Array.of(0, 0, 0, 0, 0), Buffer.from(text, 'utf8')]),
  );
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(content.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return bytes;
}
