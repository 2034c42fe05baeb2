import LZ4 from 'numcodecs/lz4';
import { describe, expect, it } from 'vitest';
import { tileAcross } from '../../../workers/gateway/frame-tiling.ts';
import {
  LARGEST_CODE,
  MISSING,
  packFrame,
  packMessage,
  unpackFrame,
  unpackMessage,
} from '../../../workers/protocol/frame.ts';
import { compress, decompress } from '../../../workers/protocol/lz4-block.ts';
import { encodeTile, quantise } from '../../../workers/protocol/tile-codec.ts';
import { codeValue, decodeTile } from '../../../workers/protocol/tile-decoding.ts';

const header = {
  id: 7,
  run: 'tohoku-2011',
  field: 'sea_surface_height_above_mean_sea_level',
  step: 12,
  seconds: 442.8,
  captured: 1_300_000_000_000,
  level: 1,
  cellsX: 4,
  cellsY: 4,
  tileX: 2,
  tileY: 2,
  low: -1.5,
  high: 2,
};

describe('codes', () => {
  it('keep a value to half a step of the range, and leave out what is not finite', () => {
    const values = Float32Array.from([-1.5, 2, 0, 0.3333, Number.NaN, 1.99999, Infinity, -Infinity]);
    const codes = new Uint16Array(8);
    quantise(values, -1.5, 2, codes);
    expect(codes[0]).toBe(0);
    expect(codes[1]).toBe(LARGEST_CODE);
    for (const k of [4, 6, 7]) expect(codes[k]).toBe(MISSING);
    for (const k of [0, 1, 2, 3, 5])
      expect(Math.abs(codeValue(codes[k]!, -1.5, 2) - values[k]!)).toBeLessThanOrEqual((3.5 / LARGEST_CODE) * 0.5001);
  });

  it('of a constant field are one code', () => {
    const codes = new Uint16Array(4);
    quantise([3, 3, 3, Number.NaN], 3, 3, codes);
    expect([...codes]).toEqual([0, 0, 0, MISSING]);
    expect(codeValue(codes[0]!, 3, 3)).toBe(3);
  });
});

it.each([
  [270, 135],
  [1024, 256],
  [94, 94],
  [514, 257 * 2],
  [1031, 1031],
  [2039, 2039],
  [4096, 256],
])('a panel of %i cells has frame tiles of %i', (cells, across) => {
  expect(tileAcross(cells)).toBe(across);
});

describe('tiles', () => {
  it.each([
    ['noise, every step of 16 bits', (k: number) => Math.imul(k + 1, 2654435761) >>> 16],
    ['a wave', (k: number) => 32767 + Math.round(20000 * Math.sin(k / 9))],
    ['land and sea', (k: number) => (k % 7 < 3 ? MISSING : k * 13)],
    ['ends of the range side by side', (k: number) => (k % 2 ? 65535 : 0)],
  ])('come back as they were: %s', async (_, codeAt) => {
    const codes = Uint16Array.from({ length: 24 * 31 }, (_, k) => codeAt(k));
    const found = new Uint16Array(codes.length);
    decodeTile(await encodeTile(codes, 31), found, { width: 31, height: 24, first: 0, stride: 31 });
    expect(found).toEqual(codes);
  });

  it('go to their place among others, and nowhere else', async () => {
    const codes = Uint16Array.from({ length: 12 }, (_, k) => 100 + k * k);
    const found = new Uint16Array(42).fill(7);
    decodeTile(await encodeTile(codes, 4), found, { width: 4, height: 3, first: 8, stride: 7 });
    expect([...found.subarray(8, 12)]).toEqual([...codes.subarray(0, 4)]);
    expect([...found.subarray(22, 26)]).toEqual([...codes.subarray(8, 12)]);
    expect(found.filter((code) => code === 7)).toHaveLength(42 - 12);
  });

  it('of another size are refused', async () => {
    const bytes = await encodeTile(new Uint16Array(16), 4);
    const place = { width: 5, height: 5, first: 0, stride: 5 };
    expect(() => decodeTile(bytes, new Uint16Array(25), place)).toThrow(/BadFrame: a tile has 32 bytes/);
  });

  it.each([
    ['nothing', 0, () => 0],
    ['less than a match', 11, (k: number) => k],
    ['one value', 70_000, () => 3],
    ['a wave', 70_000, (k: number) => 128 + 100 * Math.sin(k / 50)],
    ['far matches', 200_000, (k: number) => (Math.imul(k % 66_000, 2654435761) >>> 24) & 255],
    ['noise', 5_000, (k: number) => Math.imul(k + 1, 2654435761) >>> 24],
  ])('packed without the library are read by ours and by the library: %s', async (_, length, at) => {
    const bytes = Uint8Array.from({ length }, (_, k) => at(k));
    const packed = compress(bytes);
    const found = new Uint8Array(length);
    decompress(packed, found);
    expect(Buffer.compare(found, bytes)).toBe(0);
    if (length > 0) expect(Buffer.compare(await LZ4.fromConfig({}).decode(packed), bytes)).toBe(0);
  });

  it('that are torn are refused, and never read or written out of bounds', async () => {
    const codes = Uint16Array.from({ length: 24 * 31 }, (_, k) => Math.imul(k + 1, 2654435761) >>> (k % 20));
    const whole = await encodeTile(codes, 31);
    let refused = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const bytes = whole.slice(0, trial % 3 === 0 ? Math.imul(trial, 7919) % whole.length : whole.length);
      for (let k = 0; k < 3 && bytes.length > 4; k++)
        bytes[4 + (Math.imul(trial + k, 40503) % (bytes.length - 4))] = Math.imul(trial, 31 + k) & 255;
      try {
        decompress(bytes, new Uint8Array(2 * codes.length));
      } catch (error) {
        expect(String(error)).toMatch(/BadFrame/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

describe('frames', () => {
  it('come back whole', () => {
    const tiles = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(9)];
    const sent = { ...header, tiles: [0, 5, 6], bytes: tiles.map(({ length }) => length) };
    const found = unpackFrame(packFrame(sent, tiles));
    expect(found.header).toEqual(sent);
    expect(found.tiles.map((tile) => [...tile])).toEqual([[1, 2, 3], [], [9]]);
  });

  it('of another version are refused with a cure', () => {
    const bytes = packFrame({ ...header, tiles: [], bytes: [] }, []);
    bytes[1] = 9;
    expect(() => unpackFrame(bytes)).toThrow(/BadFrame: kind 1, version 9 .* Reload the page/);
  });
});

it('messages come back with their bytes and numbers', () => {
  const message = { type: 'progress', tiles: Uint8Array.of(1, 0, 1), seconds: 0.1, text: 'Óbidos', nothing: null };
  expect(unpackMessage(packMessage(message))).toEqual(message);
});
