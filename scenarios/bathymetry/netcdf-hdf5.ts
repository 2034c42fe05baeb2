import type { Dataset, File, default as Library } from 'h5wasm/node';
import { BathymetryError } from './errors.ts';
import type { AttributeValue, GriddedFile, GriddedVariable, NumberArray } from './gridded-file.ts';

/** Attributes by which HDF5 and the NetCDF library keep their own books. */
const BOOKKEEPING = /^(CLASS|NAME|DIMENSION_LIST|REFERENCE_LIST|DIMENSION_LABELS|_Netcdf4\w*|_NC\w*)$/;

/**
 * Opens a NetCDF-4 file, or any HDF5 file with its data in the root group, with the library's build for Node or for a page.
 * Throws BathymetryError.
 */
export async function openNetcdfHdf5(path: string, h5wasm: typeof Library): Promise<GriddedFile> {
  const module = await h5wasm.ready;
  /** HDF5 reports errors on standard error unless it is told to throw them; other users of the library keep theirs. */
  function guarded<T>(action: () => T, variable?: string): T {
    module.activate_throwing_error_handler();
    try {
      return action();
    } catch (error) {
      throw error instanceof BathymetryError ? error : unreadable(path, variable, error);
    } finally {
      module.deactivate_throwing_error_handler();
    }
  }
  const file = guarded(() => new h5wasm.File(path, 'r'));
  try {
    return guarded(() => ({
      path,
      format: 'NetCDF-4 (HDF5)' as const,
      attributes: attributesOf(file),
      variables: file.keys().flatMap((name) => variableOf(h5wasm, file, name, guarded)),
      close: () => void file.close(),
    }));
  } catch (error) {
    file.close();
    throw error;
  }
}

type Guard = <T>(action: () => T, variable?: string) => T;

function variableOf(h5wasm: typeof Library, file: File, name: string, guarded: Guard): GriddedVariable[] {
  const dataset = file.get(name);
  if (!(dataset instanceof h5wasm.Dataset)) return [];
  const { metadata, shape } = dataset;
  const storage = storageOf(metadata);
  if (storage === undefined || !shape) return [];
  return [
    {
      name,
      dimensions: shape.map((_, axis) => dimensionName(dataset, axis, name)),
      shape,
      attributes: attributesOf(dataset),
      storage,
      ...(metadata.chunks ? { chunkRows: metadata.chunks[0] } : {}),
      read: (start, count) => guarded(() => numbers(dataset.slice(start.map((s, k) => [s, s + count[k]]))), name),
    },
  ];
}

function storageOf(metadata: Dataset['metadata']): GriddedVariable['storage'] | undefined {
  if (metadata.vlen) return undefined;
  const { type, size, signed } = metadata;
  if (type === 1) return size === 4 ? 'float32' : size === 8 ? 'float64' : undefined;
  if (type !== 0 || ![1, 2, 4, 8].includes(size)) return undefined;
  if (size === 8) return 'int64';
  return `${signed ? 'int' : 'uint'}${(8 * size) as 8 | 16 | 32}`;
}

/** A coordinate variable is its own dimension; other variables name theirs by attached dimension scales. */
function dimensionName(dataset: Dataset, axis: number, name: string): string {
  if (dataset.get_scale_name() !== null) return name;
  return dataset.get_attached_scales(axis)[0]?.replace(/^\//, '') ?? '';
}

function attributesOf(holder: File | Dataset): ReadonlyMap<string, AttributeValue> {
  const found = new Map<string, AttributeValue>();
  for (const [name, attribute] of Object.entries(holder.attrs)) {
    if (BOOKKEEPING.test(name)) continue;
    const value: unknown = attribute.value;
    if (typeof value === 'string') found.set(name, value.replace(/\0+$/, ''));
    else if (typeof value === 'number' || typeof value === 'bigint') found.set(name, [Number(value)]);
    else if (Array.isArray(value) && typeof value[0] === 'string') found.set(name, value.join(' '));
    else if (ArrayBuffer.isView(value)) found.set(name, Array.from(value as unknown as ArrayLike<number>, Number));
  }
  return found;
}

function numbers(value: unknown): NumberArray {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float64Array.from(value, Number);
  if (ArrayBuffer.isView(value)) return value as NumberArray;
  throw new Error(`HDF5 returned ${typeof value}`);
}

function unreadable(path: string, variable: string | undefined, error: unknown): BathymetryError {
  const text = error instanceof Error ? error.message : String(error);
  // A stack of "#003: file line n in H5F_open(): message": the innermost says what happened.
  const messages = [...text.matchAll(/in \w+\(\): (.+)/g)].map(([, message]) => message);
  const reason = messages.at(-1) ?? text.split('\n')[0];
  const short = /truncated|eof|end of file/i.test(text);
  return new BathymetryError({
    tag: short ? 'TruncatedFile' : 'CorruptFile',
    file: path,
    variable,
    problem: `HDF5 cannot read it (${reason.trim().slice(0, 200) || 'no reason given'}).`,
    cure: 'Copy or download the file again, and check it with ncdump or h5dump.',
  });
}
