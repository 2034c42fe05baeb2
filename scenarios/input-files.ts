import type { Grid } from '../engine/grid/grid.ts';
import type { ElevationGrid } from './bathymetry/elevation-grid.ts';
import type { ReadOptions } from './bathymetry/read-options.ts';

/** A file of elevations, as a scenario's bathymetry names it. */
export interface ElevationLayer {
  readonly file: string;
  readonly options: Pick<ReadOptions, 'variable' | 'coordinates'>;
}

/** Where the files that a scenario names are read: a disk, or a web site. Nothing else of a run's preparation reads files. */
export interface InputFiles {
  /** Bytes of a file. Throws InputUnreadable. */
  read(file: string): Promise<Uint8Array>;
  /** A file as text, unpacked if it is gzipped. Throws InputUnreadable. */
  text(file: string): Promise<string>;
  /** A grid of elevations, or of another quantity in metres. Throws BathymetryError. */
  elevation(file: string, options: ReadOptions): Promise<ElevationGrid>;
  /** Elevation [m] of each cell, one row-major array a panel, from layers of which the last is on top. Throws BathymetryError. */
  averagedBed(grid: Grid, layers: readonly ElevationLayer[]): Promise<readonly Float64Array[]>;
}
