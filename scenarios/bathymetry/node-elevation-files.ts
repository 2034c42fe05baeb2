import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ByteSource, ElevationFiles } from './elevation-files.ts';
import { BathymetryError } from './errors.ts';
import { fileSha256 } from './file-hash.ts';

/** Elevations from files on the disk; only what is asked for is read. */
export const nodeElevationFiles: ElevationFiles = {
  open: openOnDisk,
  sha256: fileSha256,
  gunzip: (bytes) => gunzipSync(bytes),
  async openHdf5(path) {
    // HDF5 is a megabyte of WebAssembly that few runs need.
    const [{ openNetcdfHdf5 }, library] = await Promise.all([import('./netcdf-hdf5.ts'), import('h5wasm/node')]);
    return openNetcdfHdf5(path, library.default);
  },
};

function openOnDisk(path: string): ByteSource {
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new BathymetryError({
      tag: 'FileNotFound',
      file: path,
      problem: 'there is no such file.',
      cure: 'Check the path.',
    });
  }
  const descriptor = openForReading(path);
  return {
    size: fstatSync(descriptor).size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const got = readSync(descriptor, bytes, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(descriptor),
  };
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new BathymetryError({
      tag: 'FileNotFound',
      file: path,
      problem: `the file cannot be opened (${(error as Error).message}).`,
      cure: 'Check its permissions.',
    });
  }
}
