import { createHash } from 'node:crypto';
import type { Grid } from '../../engine/grid/grid.ts';
import { AVERAGING_METHOD, averageOntoCells } from './average-onto-cells.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { fileSha256 } from './file-hash.ts';

/** Where averaged beds are kept. A Map of promises satisfies it, and so does a folder. */
export interface BedStore {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, bytes: Uint8Array): Promise<void>;
}

/** A file of elevations, opened only if no cached average of it is found. */
export interface BathymetryFile {
  readonly file: string;
  /** The SHA-256 of the file is handed on, so that it is computed once. */
  readonly read: (sha256: string) => Promise<ElevationGrid>;
  /** What distinguishes this reading of the file from others: variable, region, other options. */
  readonly key: string;
}

export interface AveragedBed {
  /** Bed elevation of each cell [m, positive up], one array a panel, row-major. */
  readonly panels: Float64Array[];
  readonly cached: boolean;
}

const MAGIC = 'TERRELLA bed 1\n\n';
const CHECKSUM_BYTES = 32;
const HEADER_BYTES = MAGIC.length + CHECKSUM_BYTES;

/**
 * `averageOntoCells` with its result kept in a store under the SHA-256 of the files, how they are read, the grid and the
 * method. A damaged or foreign entry is noticed by its own checksum, computed anew and replaced; a store that fails to
 * write only costs the next run its time. Throws BathymetryError.
 */
export async function cachedAverage(
  grid: Grid,
  files: readonly BathymetryFile[],
  store?: BedStore | undefined,
): Promise<AveragedBed> {
  const hashes = await Promise.all(files.map(({ file }) => fileSha256(file)));
  const key = bedKey(grid, files, hashes);
  const kept = store && decodeBed(grid, await store.get(key).catch(() => undefined));
  if (kept) return { panels: kept, cached: true };
  const patches: ElevationGrid[] = [];
  for (const [k, { read }] of files.entries()) patches.push(await read(hashes[k]));
  const panels = averageOntoCells(grid, patches);
  await store?.set(key, encodeBed(panels)).catch(() => undefined);
  return { panels, cached: false };
}

function bedKey(grid: Grid, files: readonly BathymetryFile[], hashes: readonly string[]): string {
  const inputs = files.map(({ key }, k) => [hashes[k], key]);
  const identity = JSON.stringify([AVERAGING_METHOD, grid.fingerprint, grid.panels, grid.cellsX, grid.cellsY, inputs]);
  return `bed-${createHash('sha256').update(identity).digest('hex')}`;
}

/** Magic, SHA-256 of the rest, float64 little-endian: what every platform that runs WebAssembly has in memory. */
export function encodeBed(panels: readonly Float64Array[]): Uint8Array {
  const values = panels.reduce((sum, panel) => sum + panel.byteLength, 0);
  const bytes = new Uint8Array(HEADER_BYTES + values);
  let at = HEADER_BYTES;
  for (const panel of panels) {
    bytes.set(new Uint8Array(panel.buffer, panel.byteOffset, panel.byteLength), at);
    at += panel.byteLength;
  }
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(createHash('sha256').update(bytes.subarray(HEADER_BYTES)).digest(), MAGIC.length);
  return bytes;
}

/** The bed in its own memory, or undefined if the bytes are not a whole and sound one of this grid's size. */
export function decodeBed(grid: Grid, bytes: Uint8Array | undefined): Float64Array[] | undefined {
  const panelBytes = 8 * grid.cellsX * grid.cellsY;
  if (bytes?.length !== HEADER_BYTES + grid.panels * panelBytes) return undefined;
  const stated = Buffer.from(bytes.buffer, bytes.byteOffset + MAGIC.length, CHECKSUM_BYTES);
  if (new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
  if (!createHash('sha256').update(bytes.subarray(HEADER_BYTES)).digest().equals(stated)) return undefined;
  return Array.from({ length: grid.panels }, (_, panel) => {
    const from = HEADER_BYTES + panel * panelBytes;
    return new Float64Array(bytes.slice(from, from + panelBytes).buffer);
  });
}
