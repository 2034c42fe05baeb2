import type { Grid } from '../../engine/grid/grid.ts';
import { type AveragedBed, cachedAverage } from '../../scenarios/bathymetry/cached-average.ts';
import { readElevation } from '../../scenarios/bathymetry/read-elevation.ts';
import type { Bathymetry } from '../../scenarios/scenario.ts';
import type { Store } from '../store/store.ts';

/** Bed elevation of every cell [m], positive up, one row-major array a panel. */
export async function makeBed(grid: Grid, bathymetry: Bathymetry, cache: Store | undefined): Promise<AveragedBed> {
  if (bathymetry.type === 'layers') {
    return cachedAverage(
      grid,
      bathymetry.layers.map(({ file, variable }) => ({
        file,
        read: (sha256: string) => readElevation(file, variable === undefined ? {} : { variable }, sha256),
        key: variable ?? '',
      })),
      cache,
    );
  }
  const elevation = analyticBed(bathymetry);
  return {
    panels: Array.from({ length: grid.panels }, (_, panel) => {
      const { longitude, latitude } = grid.geometry(panel);
      return Float64Array.from(longitude, (x, cell) => elevation(x, latitude[cell]!));
    }),
    cached: false,
  };
}

type Analytic = Exclude<Bathymetry, { type: 'layers' }>;

/** Elevation [m] at x and y [m] (degrees on the globe, where only a constant makes sense). */
function analyticBed(bathymetry: Analytic): (x: number, y: number) => number {
  switch (bathymetry.type) {
    case 'constant':
      return () => -bathymetry.depth;
    case 'slope': {
      const { depth, toe, gradient, rises } = bathymetry;
      const sign = rises === 'east' ? 1 : -1;
      return (x) => Math.max(0, sign * (x - toe)) * gradient - depth;
    }
    case 'cone': {
      const { depth, baseRadius, topRadius, height } = bathymetry;
      return (x, y) => {
        const [dx, dy] = [x - bathymetry.x, y - bathymetry.y];
        const distance = Math.sqrt(dx * dx + dy * dy);
        const rise = (height * (baseRadius - distance)) / (baseRadius - topRadius);
        return Math.max(0, Math.min(height, rise)) - depth;
      };
    }
  }
}
