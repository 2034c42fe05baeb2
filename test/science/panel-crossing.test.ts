import { describe, expect, it } from 'vitest';
import { advance, DEEP, EARTH_RADIUS, laboratory, largest, rootMeanSquare, sphere } from './laboratory.ts';
import { angleFrom, cellAverages, PLACES, type ZonalWave, zonalSolution, zonalStart } from './zonal-waves.ts';

const GRAVITY = 9.80616;
const DEPTH = 4000;
const CELERITY = Math.sqrt(GRAVITY * DEPTH);
const AMPLITUDE = 1e-3;
const DEGREE = Math.PI / 180;

type Place = keyof typeof PLACES;

/** A run's distance from the exact solution after the wave has travelled some degrees, relative to the wave. */
async function distance(wave: ZonalWave, cells: number, place: Place, travel: number, behind: number) {
  const grid = sphere(cells);
  const axis = PLACES[place];
  const duration = (travel * DEGREE * EARTH_RADIUS) / CELERITY;
  const cellWidth = ((Math.PI / 2) * EARTH_RADIUS) / cells;
  // Cells are narrowest in the middle of a panel's edge, by √2.
  const steps = Math.ceil(duration / ((0.7 * cellWidth) / CELERITY / 1.25));
  const run = await laboratory({
    grid,
    bed: () => -DEPTH,
    ...zonalStart(grid, wave, axis),
    timeStep: duration / steps,
  });
  await advance(run, steps);
  const angle = angleFrom(axis);
  const solution = zonalSolution(wave, duration);
  const exact = cellAverages(grid, (r) => solution(angle(r)));
  const error = run.run
    .read('surface')
    .map((panel, p) => Float64Array.from(panel, (eta, cell) => eta - exact[p]![cell]!));
  const angles = cellAverages(grid, angle);
  const left = error.map((panel, p) => panel.filter((_, cell) => angles[p]![cell]! < behind * DEGREE));
  const height = largest(exact);
  return {
    mean: rootMeanSquare(grid, error) / rootMeanSquare(grid, exact),
    worst: largest(error) / height,
    behind: largest(left) / height,
    drift: Math.abs(run.massRelativeDrift()),
  };
}

describe('a ring from a hump in the middle of a panel, on an edge, on a corner, or anywhere', () => {
  const hump: ZonalWave = {
    surface: (theta) => AMPLITUDE * Math.exp(-((theta / (12 * DEGREE)) ** 2)),
    momentum: () => 0,
    depth: DEPTH,
    gravity: GRAVITY,
  };
  const resolutions = DEEP ? [24, 48, 96, 192] : [24, 48];

  it('converges to the exact wave at order two or better, and no place is worse than the middle by half', async () => {
    const found = new Map<Place, Awaited<ReturnType<typeof distance>>[]>();
    for (const place of Object.keys(PLACES) as Place[]) {
      const series = [];
      for (const cells of resolutions) series.push(await distance(hump, cells, place, 30, 0));
      found.set(place, series);
    }
    for (const [place, series] of found) {
      const middle = found.get('middle')!;
      for (const [k, { mean, worst, drift }] of series.entries()) {
        expect(mean, `${place}, ${resolutions[k]} cells`).toBeLessThan(1.5 * middle[k]!.mean);
        expect(worst, `${place}, ${resolutions[k]} cells`).toBeLessThan(2 * middle[k]!.worst);
        expect(drift).toBeLessThan(1e-14);
        if (k > 0) {
          const order = Math.log2(series[k - 1]!.mean / mean);
          expect(order, `${place}, ${resolutions[k]} cells`).toBeGreaterThan(resolutions[k]! > 48 ? 1.75 : 3);
        }
      }
    }
  }, 900_000);
});

describe('a train of waves 22.5° long that runs out over edges and corners', () => {
  const wavelength = 22.5 * DEGREE;
  const start = 25 * DEGREE;
  const width = 18 * DEGREE;
  const surface = (theta: number) =>
    AMPLITUDE *
    Math.exp(-(((theta - start) / width) ** 2)) *
    Math.cos((2 * Math.PI * (theta - start)) / wavelength) *
    (1 - Math.exp(-((theta / 0.15) ** 4)));
  const train: ZonalWave = {
    surface,
    momentum: (theta) => CELERITY * surface(theta),
    depth: DEPTH,
    gravity: GRAVITY,
  };
  /** From the middle of a panel its front meets all four edges head-on, then the four corners. */
  const places: Place[] = DEEP ? ['middle', 'edge', 'corner', 'anywhere'] : ['middle'];

  it.each(places)('from the %s, leaves less than 1e-3 of itself behind at 24 cells a wavelength', async (place) => {
    const { behind, worst } = await distance(train, 96, place, 80, 51);
    expect(behind).toBeLessThan(3e-4);
    expect(worst).toBeLessThan(1e-2);
  });
});
