import type { GriddedFile } from './gridded-file.ts';

/** Bytes at an offset; fewer than asked for only at the end of the file. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** What reading elevations needs of the place where their files lie. */
export interface ElevationFiles {
  /** Throws BathymetryError (FileNotFound). */
  open(path: string): ByteSource | Promise<ByteSource>;
  /** SHA-256 of a file's bytes in hex. Throws BathymetryError (FileNotFound). */
  sha256(path: string): Promise<string>;
  gunzip(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** A NetCDF-4 (HDF5) file. Throws BathymetryError. */
  openHdf5(path: string): Promise<GriddedFile>;
}

/** A file whose bytes are in memory. */
export const bytesAsSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  // A copy: readers swap bytes in place.
  read: (offset, length) => bytes.slice(offset, offset + length),
  close: () => {},
});
