import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { averageOntoCells } from '../../scenarios/bathymetry/average-onto-cells.ts';
import { bytesAsSource, type ElevationFiles } from '../../scenarios/bathymetry/elevation-files.ts';
import { elevationFrom } from '../../scenarios/bathymetry/elevation-from.ts';
import type { ElevationGrid } from '../../scenarios/bathymetry/elevation-grid.ts';
import { openNetcdfHdf5 } from '../../scenarios/bathymetry/netcdf-hdf5.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { statedHash } from '../protocol/recipe.ts';

/** Fetches the bytes of a path beside the page. Throws if there are none. */
export type FetchBytes = (path: string) => Promise<Uint8Array>;

/** Input files that lie beside a page; each is fetched once, and must have the hash that its path states. */
export function webInputFiles(fetchBytes: FetchBytes): InputFiles {
  const fetched = new Map<string, Promise<Uint8Array>>();
  let last: { readonly key: string; readonly bed: readonly Float64Array[] } | undefined;
  const read = (file: string): Promise<Uint8Array> => {
    let bytes = fetched.get(file);
    if (!bytes) {
      bytes = fetchBytes(file).then((found) => checked(file, found));
      fetched.set(file, bytes);
      // What could not be fetched now may be there the next time.
      bytes.catch(() => fetched.delete(file));
    }
    return bytes;
  };
  const elevations: ElevationFiles = {
    open: async (path) => bytesAsSource(await read(path)),
    sha256: async (path) => bytesToHex(sha256(await read(path))),
    gunzip,
    openHdf5: async (path) => openHdf5(path, await read(path)),
  };
  const elevation: InputFiles['elevation'] = (file, options) =>
    elevationFrom(elevations, file, options, statedHash(file));
  return {
    read,
    text: async (file) => {
      const bytes = await read(file);
      return new TextDecoder().decode(bytes[0] === 0x1f && bytes[1] === 0x8b ? await gunzip(bytes) : bytes);
    },
    elevation,
    async averagedBed(grid, layers) {
      // Averaging takes seconds, and whoever computes a run computes it again.
      const key = JSON.stringify([grid.fingerprint, grid.panels, grid.cellsX, grid.cellsY, layers]);
      if (last?.key !== key) {
        const patches: ElevationGrid[] = [];
        for (const { file, options } of layers) patches.push(await elevation(file, options));
        last = { key, bed: averageOntoCells(grid, patches) };
      }
      return last.bed.map((panel) => panel.slice());
    },
  };
}

function checked(file: string, bytes: Uint8Array): Uint8Array {
  const stated = statedHash(file);
  const found = bytesToHex(sha256(bytes));
  if (stated !== undefined && stated !== found)
    throw new Error(
      `InputChanged: ${file} has the hash ${found.slice(0, 12)} … It is not the file that the run was computed from. Load the page again, or put the file back.`,
    );
  return bytes;
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const unpacked = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** HDF5 reads from a file system of its own, which is in memory. */
async function openHdf5(path: string, bytes: Uint8Array) {
  // Megabytes of WebAssembly, for the runs that need them.
  const { default: library } = await import('h5wasm');
  const module = await library.ready;
  const name = path.replace(/\W/g, '_');
  module.FS.writeFile(name, bytes);
  const opened = await openNetcdfHdf5(name, library as never);
  return {
    ...opened,
    path,
    close: () => {
      opened.close();
      module.FS.unlink(name);
    },
  };
}
