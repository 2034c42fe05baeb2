import { elevationFrom } from './elevation-from.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { nodeElevationFiles } from './node-elevation-files.ts';
import type { ReadOptions } from './read-options.ts';

/** `elevationFrom` a file on the disk. Throws BathymetryError, whatever the bytes. */
export const readElevation = (path: string, options: ReadOptions = {}, sha256?: string): Promise<ElevationGrid> =>
  elevationFrom(nodeElevationFiles, path, options, sha256);
