import type { Grid } from '../../engine/grid/grid.ts';
import { checkCoordinates } from './average-onto-cells.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { sampleElevation } from './sample-elevation.ts';

/**
 * A field in metres (an initial surface, a sea-floor displacement) at every cell centre, bilinear between the points of
 * its grid, 0 outside it and beside missing points. One array a panel, row-major. Throws BathymetryError
 * (WrongCoordinates).
 */
export function sampleOntoCells(grid: Grid, field: ElevationGrid): Float64Array[] {
  checkCoordinates(grid, field);
  return Array.from({ length: grid.panels }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return Float64Array.from(longitude, (x, k) => {
      const value = sampleElevation(field, x, latitude[k]);
      return Number.isNaN(value) ? 0 : value;
    });
  });
}
