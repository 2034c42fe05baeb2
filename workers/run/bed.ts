import type { Grid } from '../../engine/grid/grid.ts';
import { analyticElevation } from '../../scenarios/analytic-bed.ts';
import { type AveragedBed, cachedAverage } from '../../scenarios/bathymetry/cached-average.ts';
import { readElevation } from '../../scenarios/bathymetry/read-elevation.ts';
import type { Bathymetry } from '../../scenarios/scenario.ts';
import type { Store } from '../store/store.ts';

/** Bed elevation of every cell [m], positive up, one row-major array a panel. */
export async function makeBed(grid: Grid, bathymetry: Bathymetry, cache: Store | undefined): Promise<AveragedBed> {
  if (bathymetry.type === 'layers') {
    // A file of a laboratory's bed seldom says that its coordinates are metres.
    const onGrid = grid.kind === 'plane' ? { coordinates: 'plane' as const } : {};
    return cachedAverage(
      grid,
      bathymetry.layers.map(({ file, variable }) => ({
        file,
        read: (sha256: string) =>
          readElevation(file, { ...onGrid, ...(variable === undefined ? {} : { variable }) }, sha256),
        key: variable ?? '',
      })),
      cache,
    );
  }
  const elevation = analyticElevation(bathymetry)!;
  return {
    panels: Array.from({ length: grid.panels }, (_, panel) => {
      const { longitude, latitude } = grid.geometry(panel);
      return Float64Array.from(longitude, (x, cell) => elevation(x, latitude[cell]!));
    }),
    cached: false,
  };
}
