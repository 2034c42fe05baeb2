import Zstd from 'numcodecs/zstd';
import { littleEndianBytes } from '../../engine/simulation/state-hash.ts';
import type { SetOptions, Store } from './store.ts';

/**
 * The part of Zarr v3 that runs write: regular chunks, little-endian floats, zstd, NaN as fill value
 * (https://zarr-specs.readthedocs.io/en/latest/v3/core/v3.0.html). A chunk of nothing but fill is not stored.
 */
export interface ZarrArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly dataType: 'float32' | 'float64';
  readonly dimensions: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Stored as it is: float64 coordinates hardly shrink, and take seconds to try. */
  readonly uncompressed?: true;
}

export type FloatArray = Float32Array | Float64Array;
export type Attributes = Readonly<Record<string, unknown>>;

const COMPRESSION_LEVEL = 1;
const zstd = Zstd.fromConfig({ id: 'zstd', level: COMPRESSION_LEVEL });
const encoder = new TextEncoder();

export const encodeJson = (value: unknown): Uint8Array => encoder.encode(`${JSON.stringify(value, undefined, 1)}\n`);

/** `zarr.json` of an array. */
export const arrayMetadata = (array: ZarrArray): Record<string, unknown> => ({
  zarr_format: 3,
  node_type: 'array',
  shape: array.shape,
  data_type: array.dataType,
  chunk_grid: { name: 'regular', configuration: { chunk_shape: array.chunkShape } },
  chunk_key_encoding: { name: 'default', configuration: { separator: '.' } },
  fill_value: 'NaN',
  codecs: [
    { name: 'bytes', configuration: { endian: 'little' } },
    ...(array.uncompressed ? [] : [{ name: 'zstd', configuration: { level: COMPRESSION_LEVEL, checksum: false } }]),
  ],
  attributes: array.attributes,
  dimension_names: array.dimensions,
});

/**
 * `zarr.json` of a group that holds the metadata of everything below it, as zarr-python writes it: one file, replaced
 * in one step, shows a reader shapes that belong together.
 */
export function groupMetadata(
  attributes: Attributes,
  members: Readonly<Record<string, Record<string, unknown>>>,
): Record<string, unknown> {
  return {
    zarr_format: 3,
    node_type: 'group',
    attributes,
    consolidated_metadata: { kind: 'inline', must_understand: false, metadata: members },
  };
}

/** A group's metadata as a member of another group's. */
export const plainGroupMetadata = (attributes: Attributes): Record<string, unknown> => ({
  zarr_format: 3,
  node_type: 'group',
  attributes,
});

export const makeArray = (dataType: ZarrArray['dataType'], length: number): FloatArray =>
  dataType === 'float32' ? new Float32Array(length) : new Float64Array(length);

function isAllNaN(values: FloatArray): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isNaN(values[at])) return false;
  return true;
}

/** A name for the one bit pattern that fills `values`, or undefined. −0 and 0 differ. */
function constantName(values: FloatArray): string | undefined {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const width = values.BYTES_PER_ELEMENT / 4;
  for (let at = width; at < words.length; at++) if (words[at] !== words[at - width]) return undefined;
  return `${values.length} ${words.slice(0, width).join(' ')}`;
}

/** Encodes chunks; those that repeat one number, a quiet ocean above all, are encoded once. */
export interface ChunkEncoder {
  /** The stored bytes of a chunk, or undefined if every value is the fill value. `values` may be reused afterwards. */
  encode(array: ZarrArray, values: FloatArray): Promise<Uint8Array | undefined>;
}

export function chunkEncoder(): ChunkEncoder {
  const constants = new Map<string, Uint8Array>();
  return {
    async encode(array, values) {
      if (isAllNaN(values)) return undefined;
      if (array.uncompressed) return new Uint8Array(littleEndianBytes(values));
      const name = constantName(values);
      const cached = name === undefined ? undefined : constants.get(name);
      if (cached) return cached;
      const bytes = (await zstd.encode(littleEndianBytes(values))) as Uint8Array;
      if (name !== undefined) constants.set(name, bytes);
      return bytes;
    },
  };
}

/** Keys without further slashes: a folder for each index would cost as much as the compression. */
export const chunkKey = (path: string, index: readonly number[]): string => `${path}/c.${index.join('.')}`;

/** One plane of an array's values, row-major, to be cut into the chunks of its last two dimensions. */
export interface Plane {
  /** Leading indices of its chunks, one for each dimension but the last two (their chunk length is 1). */
  readonly lead: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly values: FloatArray;
}

const WRITES_AT_ONCE = 32;

/** Runs writes side by side, a bounded number of them; `done` waits for all and throws the first failure. */
function writeQueue(): { add(write: Promise<void>): Promise<void>; done(): Promise<void> } {
  let pending: Promise<void>[] = [];
  const failures: unknown[] = [];
  const done = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    await Promise.all(batch);
    if (failures.length > 0) throw failures[0];
  };
  return {
    async add(write) {
      // Caught at once: a rejection that nobody awaits yet would end the process.
      pending.push(write.catch((error: unknown) => void failures.push(error)));
      if (pending.length >= WRITES_AT_ONCE) await done();
    },
    done,
  };
}

/**
 * Writes one plane as chunks; chunks that reach over its edge are padded with NaN. `removeEmpty`: delete the key of a
 * chunk that is all fill, for arrays written more than once.
 */
export async function writePlane(
  store: Store,
  array: ZarrArray,
  plane: Plane,
  encoder: ChunkEncoder,
  options: SetOptions & { readonly removeEmpty?: boolean } = {},
): Promise<void> {
  const [chunkRows, chunkColumns] = array.chunkShape.slice(-2) as [number, number];
  const { rows, columns, values } = plane;
  const chunk = makeArray(array.dataType, chunkRows * chunkColumns);
  const writes = writeQueue();
  for (let row = 0; row < rows; row += chunkRows) {
    for (let column = 0; column < columns; column += chunkColumns) {
      const height = Math.min(chunkRows, rows - row);
      const width = Math.min(chunkColumns, columns - column);
      if (height < chunkRows || width < chunkColumns) chunk.fill(Number.NaN);
      for (let j = 0; j < height; j++) {
        const from = (row + j) * columns + column;
        chunk.set(values.subarray(from, from + width), j * chunkColumns);
      }
      const key = chunkKey(array.path, [...plane.lead, row / chunkRows, column / chunkColumns]);
      const bytes = await encoder.encode(array, chunk);
      if (bytes) await writes.add(store.set(key, bytes, options));
      else if (options.removeEmpty) await writes.add(store.delete(key));
    }
  }
  await writes.done();
}

/**
 * Writes the values of a one-dimensional array from the chunk that holds element `from` on; the last chunk is padded
 * with NaN. `values` holds the whole array.
 */
export async function writeLine(
  store: Store,
  array: ZarrArray,
  values: ArrayLike<number>,
  from: number,
  encoder: ChunkEncoder,
  options: SetOptions = {},
): Promise<void> {
  const length = array.chunkShape[0] as number;
  for (let index = Math.floor(from / length); index * length < values.length; index++) {
    const chunk = makeArray(array.dataType, length).fill(Number.NaN);
    const count = Math.min(length, values.length - index * length);
    for (let at = 0; at < count; at++) chunk[at] = values[index * length + at] as number;
    const bytes = await encoder.encode(array, chunk);
    const key = chunkKey(array.path, [index]);
    if (bytes) await store.set(key, bytes, options);
    else await store.delete(key);
  }
}
