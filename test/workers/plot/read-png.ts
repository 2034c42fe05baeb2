import { inflateSync } from 'node:zlib';

export interface ReadPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** Red, green, blue of a pixel counted from the top left. */
  at(x: number, y: number): [number, number, number];
  readonly texts: Readonly<Record<string, string>>;
}

/** A PNG of 8-bit RGB or RGBA, read by the standard alone, so that the writer is not judged by itself. */
export function readPng(bytes: Uint8Array): ReadPicture {
  const view = Buffer.from(bytes);
  if (view.toString('latin1', 1, 4) !== 'PNG') throw new Error('not a PNG');
  const parts: Buffer[] = [];
  const texts: Record<string, string> = {};
  let [width, height, channels] = [0, 0, 3 as 3 | 4];
  for (let at = 8; at < view.length; ) {
    const length = view.readUInt32BE(at);
    const type = view.toString('latin1', at + 4, at + 8);
    const body = view.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = body[9] === 6 ? 4 : 3;
    }
    if (type === 'IDAT') parts.push(body);
    if (type === 'iTXt')
      texts[body.toString('latin1', 0, body.indexOf(0))] = body.toString('utf8', body.indexOf(0) + 5);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let k = 0; k < stride; k++) {
      const left = k >= channels ? pixels[y * stride + k - channels]! : 0;
      const up = y > 0 ? pixels[(y - 1) * stride + k]! : 0;
      const corner = y > 0 && k >= channels ? pixels[(y - 1) * stride + k - channels]! : 0;
      const predicted =
        filter === 0
          ? 0
          : filter === 1
            ? left
            : filter === 2
              ? up
              : filter === 3
                ? (left + up) >> 1
                : paeth(left, up, corner);
      pixels[y * stride + k] = raw[y * (stride + 1) + 1 + k]! + predicted;
    }
  }
  return {
    width,
    height,
    channels,
    texts,
    at: (x, y) =>
      [...pixels.subarray(y * stride + x * channels, y * stride + x * channels + 3)] as [number, number, number],
  };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
