import type { ElevationGrid } from './elevation-grid.ts';
import { readEsriAscii } from './read-esri-ascii.ts';
import { firstBytes, readNetcdf } from './read-netcdf.ts';
import type { ReadOptions } from './read-options.ts';

/**
 * Reads a grid of elevations [m, positive up], or of any scalar in metres with `quantity: 'displacement'`, from NetCDF
 * or ESRI ASCII, told apart by their first bytes. Throws BathymetryError, whatever the bytes.
 */
export async function readElevation(path: string, options: ReadOptions = {}, sha256?: string): Promise<ElevationGrid> {
  const start = firstBytes(path, 64);
  const gzippedText = start.startsWith('\x1f\x8b') && /\.(asc|txt|tt[123]|grd)\.gz$/i.test(path);
  const text = /^\s*([A-Za-z_]+[\s=]+[-+.\d]|[-+.\d]+\s+[A-Za-z_])/.test(start);
  return gzippedText || text ? readEsriAscii(path, options, sha256) : readNetcdf(path, options, sha256);
}
