import type { Grid } from '../../engine/grid/grid.ts';
import { analyticElevation } from '../../scenarios/analytic-bed.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import type { Bathymetry } from '../../scenarios/scenario.ts';

/** Bed elevation of every cell [m], positive up, one row-major array a panel. */
export async function makeBed(
  grid: Grid,
  bathymetry: Bathymetry,
  files: Pick<InputFiles, 'averagedBed'>,
): Promise<readonly Float64Array[]> {
  if (bathymetry.type === 'layers') {
    // A file of a laboratory's bed seldom says that its coordinates are metres.
    const onGrid = grid.kind === 'plane' ? { coordinates: 'plane' as const } : {};
    return files.averagedBed(
      grid,
      bathymetry.layers.map(({ file, variable }) => ({
        file,
        options: { ...onGrid, ...(variable === undefined ? {} : { variable }) },
      })),
    );
  }
  const elevation = analyticElevation(bathymetry)!;
  return Array.from({ length: grid.panels }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return Float64Array.from(longitude, (x, cell) => elevation(x, latitude[cell]!));
  });
}
