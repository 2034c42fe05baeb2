import * as zarr from 'zarrita';
import { StoreError } from './errors.ts';
import type { Store } from './store.ts';
import { type FloatArray, makeArray } from './zarr-arrays.ts';

/** A store as zarrita reads it, whose keys start with a slash. */
export const zarrReadable = (store: Store): zarr.AsyncReadable => ({ get: (key) => store.get(key.slice(1)) });

/** A run's store, its shapes taken from the root's metadata: they belong to one moment, whatever a writer was doing. */
export async function openRunGroup(store: Store): Promise<zarr.Group<zarr.AsyncReadable>> {
  if (!(await store.get('zarr.json'))) {
    throw new StoreError(
      'RunStoreMissing',
      'there is no zarr.json, so this is no output of a run (or one stopped before its first frame). Give the directory that a run wrote, the one that holds zarr.json.',
    );
  }
  const consolidated = await zarr.withConsolidatedMetadata(zarrReadable(store), { format: 'v3' });
  return zarr.open.v3(zarr.root(consolidated), { kind: 'group' }) as Promise<zarr.Group<zarr.AsyncReadable>>;
}

/** Names of a group's children, taken from the root's metadata; '' is the root. */
export async function listMembers(store: Store, group: string): Promise<readonly string[]> {
  const bytes = await store.get('zarr.json');
  if (!bytes) return [];
  const root = JSON.parse(new TextDecoder().decode(bytes)) as {
    consolidated_metadata: { metadata: Record<string, unknown> };
  };
  const start = group === '' ? '' : `${group}/`;
  const names = Object.keys(root.consolidated_metadata.metadata)
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length))
    .filter((name) => name !== '' && !name.includes('/'));
  return [...new Set(names)];
}

/** Opens an array of a group by path. */
export const openFloats = (
  group: zarr.Group<zarr.AsyncReadable>,
  path: string,
): Promise<zarr.Array<'float32' | 'float64', zarr.AsyncReadable>> =>
  zarr.open.v3(group.resolve(path), { kind: 'array' }) as Promise<
    zarr.Array<'float32' | 'float64', zarr.AsyncReadable>
  >;

/** Reads a selection (an index, or null for all, a dimension) of an array of floats, row-major. */
export async function readFloats(
  group: zarr.Group<zarr.AsyncReadable>,
  path: string,
  selection?: readonly (number | null)[],
): Promise<FloatArray> {
  const array = await openFloats(group, path);
  const chosen = selection ?? array.shape.map(() => null);
  if (chosen.some((index, axis) => index === null && array.shape[axis] === 0)) return makeArray(array.dtype, 0);
  const result = await zarr.get(array, [...chosen]);
  return (typeof result === 'number' ? Float64Array.of(result) : result.data) as FloatArray;
}
