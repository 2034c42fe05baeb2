import { type ElevationGrid, makeElevationGrid } from '../../../scenarios/bathymetry/elevation-grid.ts';

export const EARTH = 6_371_220;

/** Points of a regular grid of degrees. */
export interface Lattice {
  readonly west: number;
  readonly south: number;
  readonly spacing: number;
  readonly columns: number;
  readonly rows: number;
  readonly registration: 'node' | 'cell';
}

/** The whole globe, with points at the poles and 0° E, or halfway. */
export function globe(spacing: number, registration: 'node' | 'cell'): Lattice {
  const half = registration === 'cell' ? spacing / 2 : 0;
  const rows = Math.round(180 / spacing) + (registration === 'node' ? 1 : 0);
  return { west: half, south: -90 + half, spacing, columns: Math.round(360 / spacing), rows, registration };
}

/** A grid of a function of longitude and latitude [degrees]. */
export function gridOf(lattice: Lattice, value: (longitude: number, latitude: number) => number): ElevationGrid {
  const { west, south, spacing, columns, rows, registration } = lattice;
  return makeElevationGrid({
    longitude0: west,
    latitude0: south,
    spacingLongitude: spacing,
    spacingLatitude: spacing,
    columns,
    rows,
    registration,
    elevation: Float32Array.from({ length: columns * rows }, (_, k) =>
      value(west + (k % columns) * spacing, south + Math.floor(k / columns) * spacing),
    ),
  });
}

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;
