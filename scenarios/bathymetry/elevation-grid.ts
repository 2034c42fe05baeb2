import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { BathymetryError } from './errors.ts';

/**
 * A regular grid of elevations [m, positive up], or of any other scalar in metres. Rows run south to north, columns
 * west to east, row-major. Values belong to points: (longitude0 + c·spacingLongitude, latitude0 + r·spacingLatitude).
 */
export interface ElevationGrid {
  /** For messages: file and variable. */
  readonly name: string;
  /** `geographic`: degrees. `plane`: metres; longitude then stands for x and latitude for y. */
  readonly coordinates: 'geographic' | 'plane';
  readonly longitude0: number;
  readonly latitude0: number;
  readonly spacingLongitude: number;
  readonly spacingLatitude: number;
  readonly columns: number;
  readonly rows: number;
  /** `node`: the grid ends at its outermost points. `cell`: it reaches half a spacing beyond them. */
  readonly registration: 'node' | 'cell';
  /** Columns go once round the globe: the first follows the last. */
  readonly wraps: boolean;
  /** Covers the whole sphere, poles included. */
  readonly global: boolean;
  readonly elevation: Int16Array | Float32Array;
  /** The integer that marks a missing value in an Int16Array; in a Float32Array NaN does. */
  readonly missing: number | undefined;
  /** SHA-256 of the file (as `sha256sum` prints it), or of the content of a grid made in memory. */
  readonly sha256: string;
}

/** Half a spacing for cell registration, a hair for node registration: how far a point may lie beyond the outermost. */
export function margin(registration: 'node' | 'cell'): number {
  return registration === 'cell' ? 0.5 + 1e-9 : 1e-9;
}

export interface Extent {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** The area that a grid covers, in its own coordinates. */
export function extentOf(grid: ElevationGrid): Extent {
  const beyond = margin(grid.registration);
  return {
    west: grid.longitude0 - beyond * grid.spacingLongitude,
    east: grid.longitude0 + (grid.columns - 1 + beyond) * grid.spacingLongitude,
    south: grid.latitude0 - beyond * grid.spacingLatitude,
    north: grid.latitude0 + (grid.rows - 1 + beyond) * grid.spacingLatitude,
  };
}

type Described = Omit<ElevationGrid, 'wraps' | 'global' | 'sha256' | 'coordinates' | 'missing' | 'name'> & {
  readonly name?: string;
  readonly coordinates?: 'geographic' | 'plane';
  readonly missing?: number | undefined;
  readonly sha256?: string;
};

/** Completes and checks a grid. Without `sha256` the content is hashed. Throws BathymetryError. */
export function makeElevationGrid(described: Described): ElevationGrid {
  const { columns, rows, elevation, spacingLongitude, spacingLatitude } = described;
  const name = described.name ?? 'grid in memory';
  const coordinates = described.coordinates ?? 'geographic';
  if (!(columns >= 2 && rows >= 2 && elevation.length === columns * rows)) {
    throw new BathymetryError({
      tag: 'NotAGrid',
      file: name,
      problem: `${columns} columns × ${rows} rows do not match ${elevation.length} values.`,
      cure: 'Give a grid of at least 2 × 2 points with one value each.',
    });
  }
  if (!(spacingLongitude > 0 && spacingLatitude > 0)) {
    throw new BathymetryError({
      tag: 'IrregularGrid',
      file: name,
      problem: `spacings ${spacingLongitude}, ${spacingLatitude} are not positive.`,
      cure: 'Store rows from south to north and columns from west to east.',
    });
  }
  const wraps = coordinates === 'geographic' && Math.abs(columns * spacingLongitude - 360) < 1e-6 * spacingLongitude;
  const bare = { ...described, name, coordinates, missing: described.missing, wraps, global: false, sha256: '' };
  const extent = extentOf(bare);
  const reach = 1e-6 * spacingLatitude;
  const global = wraps && extent.south <= -90 + reach && extent.north >= 90 - reach;
  return { ...bare, global, sha256: described.sha256 ?? contentHash(bare) };
}

function contentHash(grid: ElevationGrid): string {
  const { elevation, sha256: _, name: __, ...header } = grid;
  return bytesToHex(
    sha256
      .create()
      .update(utf8ToBytes(JSON.stringify({ ...header, type: elevation.constructor.name })))
      .update(new Uint8Array(elevation.buffer, elevation.byteOffset, elevation.byteLength))
      .digest(),
  );
}
