import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as h5wasm from 'h5wasm/node';
import type * as zarr from 'zarrita';
import { FILL_VALUE_NAN } from './cf-metadata.ts';
import { fileError, StoreError } from './errors.ts';
import { openFileStore } from './file-store.ts';
import type { Store } from './store.ts';
import type { FloatArray } from './zarr-arrays.ts';
import { listMembers, openFloats, openRunGroup, readFloats } from './zarr-reading.ts';
import { readStations } from './zarr-stations.ts';

export interface NetcdfOptions {
  /** Also write the native panels, as group `native`. A run without a latitude–longitude copy has them at the root. */
  readonly native?: boolean;
  /** Deflate level 1 … 9, 0 for none; 1 unless told. */
  readonly deflate?: number;
}

type Group = zarr.Group<zarr.AsyncReadable>;
type FloatsOf = zarr.Array<'float32' | 'float64', zarr.AsyncReadable>;

const TIME_ROWS_A_CHUNK = 512;
/** The netCDF library's name for a dimension that no variable describes (netCDF-4 format, "Dimensions without variables"). */
const bareDimension = (length: number): string =>
  `This is a netCDF dimension but not a netCDF variable.${String(length).padStart(10)}`;

/** A text attribute of characters, as classic netCDF has them: every tool reads those. */
function putText(node: h5wasm.Group | h5wasm.Dataset, name: string, text: string): void {
  const length = new TextEncoder().encode(text).length;
  if (length === 0) return;
  node.create_attribute(name, text, [], `S${length}`);
}

function putAttributes(
  node: h5wasm.Group | h5wasm.Dataset,
  attributes: Readonly<Record<string, unknown>>,
  fill?: 'float32' | 'float64',
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === '_FillValue') {
      if (value === FILL_VALUE_NAN && fill) {
        const nan = fill === 'float32' ? Float32Array.of(Number.NaN) : Float64Array.of(Number.NaN);
        node.create_attribute('_FillValue', nan);
      }
    } else if (typeof value === 'string') putText(node, name, value);
    else if (typeof value === 'number') node.create_attribute(name, Float64Array.of(value));
    else if (value !== null && value !== undefined) putText(node, name, JSON.stringify(value));
  }
}

/** h5wasm reads letters, as Python's struct does: its `<f8` would be eight bytes of nothing but float32. */
const dtype = (type: 'float32' | 'float64'): string => (type === 'float32' ? '<f' : '<d');

/** Copies the arrays of one Zarr group into one NetCDF group, a time slice at a time. */
async function copyGroup(
  run: Group,
  from: string,
  names: readonly string[],
  target: h5wasm.Group,
  at: string,
  deflate: number,
): Promise<void> {
  const path = (name: string): string => (at === '' ? `/${name}` : `/${at}/${name}`);
  const arrays = new Map<string, FloatsOf>();
  for (const name of names) arrays.set(name, await openFloats(run, `${from}/${name}`));
  const frames = arrays.get('time')?.shape[0] as number;
  const dimensions = new Map<string, number>();
  for (const { shape, dimensionNames } of arrays.values()) {
    dimensionNames?.forEach((name, axis) => {
      dimensions.set(name as string, shape[axis] as number);
    });
  }
  const datasets = new Map<string, h5wasm.Dataset>();
  const create = (name: string): void => {
    const array = arrays.get(name) as FloatsOf;
    const timed = array.dimensionNames?.[0] === 'time';
    const empty = array.dtype === 'float32' ? new Float32Array(0) : new Float64Array(0);
    const shape = timed ? [0, ...array.shape.slice(1)] : [...array.shape];
    const maxshape = timed ? [null, ...array.shape.slice(1)] : undefined;
    const chunks =
      array.shape.length === 1 ? [timed ? TIME_ROWS_A_CHUNK : (array.shape[0] as number)] : [...array.chunks];
    const bounded = chunks.map((length, axis) =>
      timed && axis === 0 ? length : Math.min(length, array.shape[axis] as number),
    );
    const dataset = target.create_dataset({
      name,
      data: timed ? empty : makeFilled(array),
      shape,
      ...(maxshape ? { maxshape } : {}),
      dtype: dtype(array.dtype),
      chunks: bounded,
      ...(deflate > 0 ? { compression: deflate } : {}),
    });
    if (timed) dataset.resize([frames, ...array.shape.slice(1)]);
    putAttributes(dataset, array.attrs, array.dtype);
    datasets.set(name, dataset);
  };
  // Dimensions first: a scale must exist before a variable can be attached to it.
  for (const [name, length] of dimensions) {
    if (arrays.get(name)?.shape.length === 1) {
      create(name);
      datasets.get(name)?.make_scale(name);
    } else {
      const bare = target.create_dataset({
        name,
        data: new Float32Array(length),
        shape: [length],
        dtype: dtype('float32'),
      });
      bare.make_scale(bareDimension(length));
    }
  }
  for (const [name, array] of arrays) {
    if (!datasets.has(name)) create(name);
    if (dimensions.has(name) && array.shape.length === 1) continue;
    array.dimensionNames?.forEach((dimension, axis) => {
      datasets.get(name)?.attach_scale(axis, path(dimension as string));
    });
  }
  for (const [name, array] of arrays)
    await copyValues(run, `${from}/${name}`, array, datasets.get(name) as h5wasm.Dataset);
}

const makeFilled = ({ dtype: type, shape }: FloatsOf): FloatArray => {
  const length = shape.reduce((product, each) => product * each, 1);
  return type === 'float32' ? new Float32Array(length) : new Float64Array(length);
};

/** Copies values a frame at a time (a panel at a time where there are panels): memory holds one of them. */
async function copyValues(run: Group, path: string, array: FloatsOf, target: h5wasm.Dataset): Promise<void> {
  const { shape, dimensionNames } = array;
  if (shape.some((length) => length === 0)) return;
  const leading =
    shape.length === 1 ? 0 : (dimensionNames ?? []).filter((name) => name === 'time' || name === 'panel').length;
  const walk = async (index: readonly number[]): Promise<void> => {
    if (index.length < leading) {
      for (let at = 0; at < (shape[index.length] as number); at++) await walk([...index, at]);
      return;
    }
    const values = await readFloats(run, path, [...index, ...shape.slice(leading).map(() => null)]);
    target.write_slice(
      [...index.map((at): [number, number] => [at, at + 1]), ...shape.slice(leading).map((): [] => [])],
      values,
    );
  };
  await walk([]);
}

/** Stations as groups of their own, `stations/<id>`, each with its own time. */
async function copyStations(store: Store, run: Group, file: h5wasm.File, deflate: number): Promise<void> {
  const series = await readStations(store);
  if (series.length === 0) return;
  const all = file.create_group('stations', true);
  for (const { station, seconds } of series) {
    if (seconds.length === 0) continue;
    const group = all.create_group(station.id, true);
    const path = `stations/${station.id}`;
    putAttributes(group, { featureType: 'timeSeries', station_id: station.id, station_name: station.name });
    const names = await listMembers(store, path);
    const scalars = ['longitude', 'latitude', 'x', 'y'].filter((name) => names.includes(name));
    await copyGroup(
      run,
      path,
      names.filter((name) => !scalars.includes(name)),
      group,
      path,
      deflate,
    );
    for (const name of scalars) {
      const array = await openFloats(run, `${path}/${name}`);
      const dataset = group.create_dataset({
        name,
        data: await readFloats(run, `${path}/${name}`),
        shape: [],
        dtype: dtype('float64'),
      });
      putAttributes(dataset, array.attrs);
    }
  }
}

/**
 * Writes a run's Zarr store as one NetCDF-4 file under CF-1.11: the latitude–longitude copy at the root (the native
 * panels where there is none), stations in groups `stations/<id>`, and the native panels in `native` if asked for.
 * The file appears whole or not at all. Throws RunStoreMissing, ExportFailed, DiskFull, NotWritable.
 */
export async function exportNetcdf(runDirectory: string, outFile: string, options: NetcdfOptions = {}): Promise<void> {
  const store = await openFileStore(runDirectory, { readOnly: true });
  const run = await openRunGroup(store);
  const deflate = options.deflate ?? 1;
  const path = resolve(outFile);
  const partial = join(dirname(path), `.partial-${process.pid}-${basename(path)}`);
  const library = await h5wasm.ready;
  let file: h5wasm.File | undefined;
  try {
    // HDF5 says little about a file that it cannot make; the file system says why.
    await (await open(partial, 'w')).close();
    // Unless told so, h5wasm prints errors and goes on.
    library.activate_throwing_error_handler();
    file = new h5wasm.File(partial, 'w', { track_order: true });
    const hasLatLon = (await listMembers(store, 'latlon')).length > 0;
    const main = hasLatLon ? 'latlon' : 'native';
    putAttributes(file, run.attrs as Record<string, unknown>);
    await copyGroup(run, main, await listMembers(store, main), file, '', deflate);
    if (options.native && hasLatLon) {
      const group = file.create_group('native', true);
      await copyGroup(run, 'native', await listMembers(store, 'native'), group, 'native', deflate);
    }
    await copyStations(store, run, file, deflate);
    file.close();
    file = undefined;
    await rename(partial, path);
  } catch (error) {
    try {
      file?.close();
    } catch {
      // The first error is the one that says why.
    }
    await rm(partial, { force: true });
    if (error instanceof StoreError) throw error;
    if (/No space left|Disk quota/i.test(String(error))) throw fileError({ code: 'ENOSPC' }, 'write', path);
    if (typeof error === 'object' && error !== null && 'code' in error) throw fileError(error, 'write', path);
    throw new StoreError(
      'ExportFailed',
      `could not write ${path}: ${error instanceof Error ? error.message : String(error)}. Check that its directory exists, can be written, and has space.`,
      error,
    );
  } finally {
    library.deactivate_throwing_error_handler();
  }
}
