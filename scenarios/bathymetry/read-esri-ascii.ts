import { assembleGrid } from './assemble-grid.ts';
import type { ByteSource, ElevationFiles } from './elevation-files.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { BathymetryError } from './errors.ts';
import type { ReadOptions } from './read-options.ts';
import { type RegularAxis, regularAxis } from './regular-axis.ts';

type HeaderKey = 'ncols' | 'nrows' | 'xll' | 'yll' | 'cellsize' | 'dx' | 'dy' | 'nodata';

/** Header words, and whether the corner they give is that of a cell (½ spacing outside the first point). */
const HEADER_WORDS: Readonly<Record<string, readonly [HeaderKey, corner: boolean]>> = {
  ncols: ['ncols', false],
  mx: ['ncols', false],
  nrows: ['nrows', false],
  my: ['nrows', false],
  xllcorner: ['xll', true],
  xllcenter: ['xll', false],
  xll: ['xll', false],
  xlower: ['xll', false],
  yllcorner: ['yll', true],
  yllcenter: ['yll', false],
  yll: ['yll', false],
  ylower: ['yll', false],
  cellsize: ['cellsize', false],
  dx: ['dx', false],
  dy: ['dy', false],
  nodata_value: ['nodata', false],
  nodatavalue: ['nodata', false],
  nodata: ['nodata', false],
};

/**
 * Reads an ESRI ASCII grid (.asc), gzipped or not, with elevation [m, positive up]. GeoClaw's dialect too: value before
 * word (`481 ncols`), and a plain `xll` for the lower left point itself. Values run west to east from the north row on,
 * in lines of any length. Throws BathymetryError.
 */
export async function readEsriAscii(
  path: string,
  source: ByteSource,
  files: ElevationFiles,
  options: ReadOptions,
  sha256: string,
): Promise<ElevationGrid> {
  const text = await textOf(path, source, files);
  const { header, corner, bodyStart } = readHeader(path, text);
  const columns = wholeNumber(path, 'ncols', header.ncols);
  const rows = wholeNumber(path, 'nrows', header.nrows);
  const [dx, dy] = [header.dx ?? header.cellsize, header.dy ?? header.cellsize];
  if (header.xll === undefined || header.yll === undefined || !(dx! > 0) || !(dy! > 0)) {
    const found = JSON.stringify(header);
    throw malformed(path, `the header lacks a lower left corner or a positive cellsize: ${found}.`);
  }
  if (columns * rows > text.length) throw truncated(path, columns * rows, 0);
  const values = readValues(path, text, bodyStart, columns * rows);
  const shift = corner ? 0.5 : 0;
  const axis = (first: number, spacing: number, count: number, kind: 'longitude' | 'latitude'): RegularAxis =>
    regularAxis(
      Float64Array.from({ length: count }, (_, k) => first + (k + shift) * spacing),
      {
        file: path,
        variable: kind === 'longitude' ? 'xll' : 'yll',
        kind: options.coordinates === 'plane' ? 'plane' : kind,
      },
    );
  const latitude = axis(header.yll, dy!, rows, 'latitude');
  const sign = options.positive === 'down' ? -1 : 1;
  const marks = [options.missing, header.nodata].filter((mark) => mark !== undefined && !Number.isNaN(mark));
  return assembleGrid(
    {
      file: path,
      variable: 'elevation',
      coordinates: options.coordinates ?? 'geographic',
      longitude: axis(header.xll, dx!, columns, 'longitude'),
      latitude: { ...latitude, descending: true },
      registration: options.registration ?? (corner ? 'cell' : 'node'),
      decoding: {
        factor: sign,
        offset: 0,
        missing: marks as number[],
        valid: [-Infinity, Infinity],
        fitsInt16: values.every(
          (value) => (Number.isInteger(value) && Math.abs(value) < 32768) || marks.includes(value),
        ),
      },
      sha256,
      slowest: 'latitude',
      blockSize: rows,
      read: () => values,
    },
    options,
  );
}

async function textOf(path: string, source: ByteSource, files: ElevationFiles): Promise<Uint8Array> {
  const bytes = source.read(0, source.size);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await files.gunzip(bytes);
  } catch (error) {
    throw new BathymetryError({
      tag: 'TruncatedFile',
      file: path,
      problem: `gzip cannot unpack it (${(error as Error).message}).`,
      cure: 'Copy or download the file again.',
    });
  }
}

function readHeader(path: string, text: Uint8Array) {
  const header: Partial<Record<HeaderKey, number>> = {};
  let corner = false;
  let at = 0;
  for (;;) {
    const end = text.indexOf(10, at);
    const line = latin1(text, at, end < 0 ? Math.min(text.length, at + 200) : Math.min(end, at + 200));
    const words = line.trim().split(/[\s,=]+/);
    // Word first in ESRI's own files, value first in GeoClaw's.
    const [word, value] = /^[-+.\d]/.test(words[0]) ? [words[1], words[0]] : words;
    const entry = HEADER_WORDS[(word ?? '').toLowerCase()];
    if (!entry) break;
    const number = Number(value);
    const [key, isCorner] = entry;
    if (value === undefined || (Number.isNaN(number) && key !== 'nodata')) {
      throw malformed(path, `the header line "${line.trim()}" has no number.`);
    }
    header[key] = number;
    corner ||= isCorner;
    if (end < 0) break;
    at = end + 1;
  }
  return { header, corner, bodyStart: at };
}

/** Some bytes as text, each a character. */
const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

function readValues(path: string, text: Uint8Array, start: number, count: number): Float64Array {
  const values = new Float64Array(count);
  let found = 0;
  let at = start;
  for (;;) {
    while (at < text.length && (text[at] <= 32 || text[at] === 44)) at++;
    if (at >= text.length) break;
    let end = at;
    while (end < text.length && text[end] > 32 && text[end] !== 44) end++;
    const word = latin1(text, at, Math.min(end, at + 40));
    const value = Number(word);
    if (Number.isNaN(value) && !/^[-+]?nan$/i.test(word))
      throw malformed(path, `value ${found + 1} is ${JSON.stringify(word)}.`);
    if (found < count) values[found] = value;
    found++;
    at = end;
  }
  if (found < count) throw truncated(path, count, found);
  if (found > count) throw malformed(path, `it holds ${found} values where ncols × nrows = ${count}.`);
  return values;
}

function wholeNumber(path: string, word: string, value: number | undefined): number {
  if (value !== undefined && Number.isInteger(value) && value >= 2 && value < 2 ** 31) return value;
  throw malformed(path, `${word} is ${value ?? 'missing'}; it should be a whole number of at least 2.`);
}

function malformed(path: string, problem: string): BathymetryError {
  return new BathymetryError({
    tag: 'NotAGrid',
    file: path,
    problem: `this is no sound ESRI ASCII grid: ${problem}`,
    cure: 'It should start with ncols, nrows, xllcorner, yllcorner, cellsize and NODATA_value, then ncols × nrows numbers.',
  });
}

function truncated(path: string, count: number, found: number): BathymetryError {
  return new BathymetryError({
    tag: 'TruncatedFile',
    file: path,
    problem: `it holds ${found} values where ncols × nrows = ${count}.`,
    cure: 'Copy or download the file again.',
  });
}
