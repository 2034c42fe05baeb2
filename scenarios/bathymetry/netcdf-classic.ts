import type { ByteSource } from './elevation-files.ts';
import { BathymetryError } from './errors.ts';
import type { AttributeValue, GriddedFile, GriddedVariable, NumberArray } from './gridded-file.ts';

/** External types by number: name, bytes, array to hold them. NetCDF Classic Format Specification (Unidata), "nc_type". */
const TYPES = [
  undefined,
  { storage: 'int8', bytes: 1, make: Int8Array },
  undefined, // char
  { storage: 'int16', bytes: 2, make: Int16Array },
  { storage: 'int32', bytes: 4, make: Int32Array },
  { storage: 'float32', bytes: 4, make: Float32Array },
  { storage: 'float64', bytes: 8, make: Float64Array },
  { storage: 'uint8', bytes: 1, make: Uint8Array },
  { storage: 'uint16', bytes: 2, make: Uint16Array },
  { storage: 'uint32', bytes: 4, make: Uint32Array },
  { storage: 'int64', bytes: 8, make: BigInt64Array },
  { storage: 'int64', bytes: 8, make: BigUint64Array },
] as const;
const CHAR = 2;
const DIMENSIONS = 10;
const VARIABLES = 11;
const ATTRIBUTES = 12;

type NumericType = NonNullable<(typeof TYPES)[number]>;

interface Dimension {
  readonly name: string;
  readonly length: number;
  readonly unlimited: boolean;
}

/** Opens a file of the classic formats CDF-1, CDF-2 (64-bit offset) and CDF-5 (64-bit data). Throws BathymetryError. */
export function openNetcdfClassic(path: string, source: ByteSource): GriddedFile {
  const cursor = headerCursor(path, source);
  const version = cursor.bytes(4)[3];
  if (version !== 1 && version !== 2 && version !== 5) {
    throw corrupt(path, `its version byte is ${version}; 1, 2 and 5 are known.`);
  }
  const count = () => (version === 5 ? cursor.int64() : cursor.uint32());
  const offset = () => (version === 1 ? cursor.uint32() : cursor.int64());
  const streaming = version === 5 ? 2 ** 64 : 2 ** 32 - 1;
  const recordsWritten = count();

  function list<T>(tag: number, what: string, item: () => T): T[] {
    const found = cursor.uint32();
    const length = count();
    if (found === 0 && length === 0) return [];
    if (found !== tag || length > source.size)
      throw corrupt(path, `its list of ${what} starts with ${found}, ${length}.`);
    return Array.from({ length }, item);
  }
  const attributes = (): ReadonlyMap<string, AttributeValue> =>
    new Map(
      list<readonly [string, AttributeValue]>(ATTRIBUTES, 'attributes', () => {
        const name = cursor.text(count());
        const type = cursor.uint32();
        const length = count();
        if (type === CHAR) return [name, cursor.text(length).replace(/\0+$/, '')];
        const numeric = numericType(path, type);
        const values = decode(cursor.padded(length * numeric.bytes), numeric);
        return [name, Array.from(values)];
      }),
    );

  const dimensions = list<Dimension>(DIMENSIONS, 'dimensions', () => {
    const name = cursor.text(count());
    const length = count();
    return { name, length, unlimited: length === 0 };
  });
  const globals = attributes();
  const raw = list(VARIABLES, 'variables', () => {
    const name = cursor.text(count());
    const rank = count();
    if (rank > 1024) throw corrupt(path, `variable ${name} has ${rank} dimensions.`);
    const ids = Array.from({ length: rank }, count);
    const own = ids.map(
      (id): Dimension => dimensions[id] ?? fail(corrupt(path, `variable ${name} names dimension ${id}.`)),
    );
    const attached = attributes();
    const type = cursor.uint32();
    count(); // vsize: redundant, and wrong in large files
    return { name, dimensions: own, attributes: attached, type, begin: offset() };
  });

  const isRecord = (variable: (typeof raw)[number]) => variable.dimensions[0]?.unlimited === true;
  const slabBytes = (variable: (typeof raw)[number]) =>
    variable.dimensions
      .slice(isRecord(variable) ? 1 : 0)
      .reduce<number>(
        (product, { length }) => product * length,
        variable.type === CHAR ? 1 : numericType(path, variable.type).bytes,
      );
  const records = raw.filter(isRecord);
  // A lone record variable is not padded: format specification, "Note on padding".
  const recordBytes =
    records.length === 1
      ? slabBytes(records[0]!)
      : records.reduce((sum, variable) => sum + Math.ceil(slabBytes(variable) / 4) * 4, 0);
  const recordCount =
    recordsWritten >= streaming && records.length > 0
      ? Math.floor((source.size - Math.min(...records.map(({ begin }) => begin))) / recordBytes)
      : recordsWritten;

  const variables = raw
    .filter(({ type }) => type !== CHAR)
    .map((variable): GriddedVariable => {
      const type = numericType(path, variable.type);
      const record = isRecord(variable);
      const shape = variable.dimensions.map(({ length, unlimited }) => (unlimited ? recordCount : length));
      const strides = rowMajorStrides(shape, type.bytes);
      if (record) strides[0] = recordBytes;
      const last = shape.reduce<number>((sum, length, axis) => sum + (length - 1) * strides[axis], variable.begin);
      if (shape.every((length) => length > 0) && last + type.bytes > source.size) {
        throw new BathymetryError({
          tag: 'TruncatedFile',
          file: path,
          variable: variable.name,
          problem: `the file has ${source.size} bytes where ${last + type.bytes} are needed.`,
          cure: 'Copy or download the file again.',
        });
      }
      return {
        name: variable.name,
        dimensions: variable.dimensions.map(({ name }) => name),
        shape,
        attributes: variable.attributes,
        storage: type.storage,
        read: (start, length) => readSlab(path, source, variable.begin, strides, shape, type, start, length),
      };
    });
  return { path, format: 'NetCDF classic', attributes: globals, variables, close: () => {} };
}

function rowMajorStrides(shape: readonly number[], bytes: number): number[] {
  const strides = new Array<number>(shape.length);
  let stride = bytes;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

function readSlab(
  path: string,
  source: ByteSource,
  begin: number,
  strides: readonly number[],
  shape: readonly number[],
  type: NumericType,
  start: readonly number[],
  count: readonly number[],
): NumberArray {
  const rank = shape.length;
  // Merge trailing axes that lie one behind the other into a single run of bytes.
  let run = type.bytes;
  let inner = rank;
  while (inner > 0 && strides[inner - 1] === run) {
    inner--;
    run *= count[inner];
    if (count[inner] !== shape[inner]) break;
  }
  const total = count.reduce((product, length) => product * length, 1);
  const bytes = new Uint8Array(total * type.bytes);
  const index = new Array<number>(inner).fill(0);
  const tail = start.slice(inner).reduce((sum, at, k) => sum + at * strides[inner + k], begin);
  for (let written = 0; written < bytes.length; written += run) {
    const at = index.reduce((sum, position, axis) => sum + (start[axis] + position) * strides[axis], tail);
    const piece = source.read(at, run);
    if (piece.length < run) throw truncated(path, at + run, source.size);
    bytes.set(piece, written);
    for (let axis = inner - 1; axis >= 0 && ++index[axis] === count[axis]; axis--) index[axis] = 0;
  }
  return decode(bytes, type);
}

/** Big-endian bytes to numbers. The bytes are swapped in place. */
function decode(bytes: Uint8Array, type: NumericType): NumberArray {
  const aligned = bytes.byteOffset % type.bytes === 0 ? bytes : bytes.slice();
  swapBytes(aligned, type.bytes);
  const values = new type.make(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / type.bytes);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  return values;
}

/** Turns the bytes of each number around, in place. */
function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) {
    for (let low = at, high = at + width - 1; low < high; low++, high--) {
      const kept = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = kept;
    }
  }
}

/** Reads the header from the front in growing blocks; every read is checked against the file's end. */
function headerCursor(path: string, source: ByteSource) {
  let block = source.read(0, Math.min(source.size, 65536));
  let at = 0;
  function bytes(length: number): Uint8Array {
    if (at + length > source.size) throw truncated(path, at + length, source.size);
    if (at + length > block.length)
      block = source.read(0, Math.min(source.size, Math.max(2 * block.length, at + length)));
    const piece = block.slice(at, at + length);
    at += length;
    return piece;
  }
  const padded = (length: number): Uint8Array => bytes(Math.ceil(length / 4) * 4).slice(0, length);
  const uint32 = (): number => new DataView(bytes(4).buffer).getUint32(0);
  return {
    bytes,
    padded,
    uint32,
    int64: (): number => uint32() * 2 ** 32 + uint32(),
    text: (length: number): string => new TextDecoder().decode(padded(length)),
  };
}

function numericType(path: string, type: number): NumericType {
  return TYPES[type] ?? fail(corrupt(path, `it holds the type number ${type}.`));
}

function truncated(path: string, needed: number, size: number): BathymetryError {
  return new BathymetryError({
    tag: 'TruncatedFile',
    file: path,
    problem: `the file has ${size} bytes where at least ${needed} are needed.`,
    cure: 'Copy or download the file again.',
  });
}

function corrupt(path: string, detail: string): BathymetryError {
  return new BathymetryError({
    tag: 'CorruptFile',
    file: path,
    problem: `this is no sound NetCDF classic file: ${detail}`,
    cure: 'Check it with ncdump -h, or copy it again.',
  });
}

function fail(error: Error): never {
  throw error;
}
