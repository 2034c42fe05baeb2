import type { ByteSource, ElevationFiles } from './elevation-files.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { BathymetryError } from './errors.ts';
import { readEsriAscii } from './read-esri-ascii.ts';
import { readNetcdf } from './read-netcdf.ts';
import type { ReadOptions } from './read-options.ts';

/**
 * Reads a grid of elevations [m, positive up], or of any scalar in metres with `quantity: 'displacement'`, from NetCDF
 * or ESRI ASCII, told apart by their first bytes. Throws BathymetryError, whatever the bytes.
 */
export async function elevationFrom(
  files: ElevationFiles,
  path: string,
  options: ReadOptions = {},
  sha256?: string,
): Promise<ElevationGrid> {
  const source = await files.open(path);
  try {
    const start = firstBytes(path, source, 64);
    const gzippedText = start.startsWith('\x1f\x8b') && /\.(asc|txt|tt[123]|grd)\.gz$/i.test(path);
    const text = /^\s*([A-Za-z_]+[\s=]+[-+.\d]|[-+.\d]+\s+[A-Za-z_])/.test(start);
    const hash = sha256 ?? (await files.sha256(path));
    return gzippedText || text
      ? await readEsriAscii(path, source, files, options, hash)
      : await readNetcdf(path, source, files, options, hash);
  } finally {
    source.close();
  }
}

/** The first bytes of a file as Latin-1 text. Throws BathymetryError (TruncatedFile). */
function firstBytes(path: string, source: ByteSource, length: number): string {
  if (source.size === 0) {
    throw new BathymetryError({
      tag: 'TruncatedFile',
      file: path,
      problem: 'the file is empty.',
      cure: 'Copy it again.',
    });
  }
  return String.fromCharCode(...source.read(0, length));
}
