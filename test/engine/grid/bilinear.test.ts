import { describe, expect, test } from 'vitest';
import { bilinearTable, sampleBilinear } from '../../../engine/grid/bilinear.ts';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { Grid } from '../../../engine/grid/grid.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { sequence } from './sequence.ts';

const RADIANS = Math.PI / 180;
const sphere = (cells: number) => makeCubedSphere({ cells, tile: cells, radius: 1, halo: 3 });
const smooth = (longitude: number, latitude: number) => {
  const across = Math.cos(latitude * RADIANS);
  const [x, y, z] = [
    across * Math.cos(longitude * RADIANS),
    across * Math.sin(longitude * RADIANS),
    Math.sin(latitude * RADIANS),
  ];
  return Math.sin(2 * x + 0.3) * Math.cos(1.7 * y - 0.2) + Math.exp(z) * x * y;
};
const panelsOf = (grid: Grid, value: (longitude: number, latitude: number) => number) =>
  Array.from({ length: grid.panels }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return longitude.map((lon, cell) => value(lon, latitude[cell]!));
  });
/** Random points over the globe and points close about its eight panel corners and twelve edges. */
function manyPoints(count: number) {
  const random = sequence(11);
  const longitude: number[] = [];
  const latitude: number[] = [];
  const corner = Math.atan(Math.SQRT1_2) / RADIANS;
  for (let n = 0; n < count; n++) {
    longitude.push(360 * random() - 180, 45 + 90 * Math.floor(4 * random()) + 4 * (random() - 0.5));
    latitude.push(Math.asin(2 * random() - 1) / RADIANS, (random() < 0.5 ? -1 : 1) * corner + 4 * (random() - 0.5));
  }
  return { longitude, latitude };
}

describe('bilinear sampling', () => {
  test('weights are shares: none negative, and they add up to one', () => {
    for (const cells of [8, 9, 40]) {
      const table = bilinearTable(sphere(cells), manyPoints(2000));
      let [worst, least] = [0, 1];
      for (let point = 0; point < table.points; point++) {
        const weights = table.weight.subarray(4 * point, 4 * point + 4);
        least = Math.min(least, ...weights);
        worst = Math.max(worst, Math.abs(weights[0]! + weights[1]! + weights[2]! + weights[3]! - 1));
      }
      expect(least).toBeGreaterThanOrEqual(0);
      expect(worst).toBeLessThan(1e-14);
    }
  });

  test('the value at a centre is the cell’s own', () => {
    const grid = sphere(10);
    const panels = panelsOf(grid, smooth);
    for (let panel = 0; panel < 6; panel++) {
      const { longitude, latitude } = grid.geometry(panel);
      const out = sampleBilinear(bilinearTable(grid, { longitude, latitude }), panels, new Float64Array(100));
      for (let cell = 0; cell < 100; cell++) expect(out[cell]).toBeCloseTo(panels[panel]![cell]!, 12);
    }
  });

  test('is of second order on the whole globe, panel edges and corners included', () => {
    const points = manyPoints(1500);
    const errorOf = (cells: number) => {
      const grid = sphere(cells);
      const table = bilinearTable(grid, points);
      const out = sampleBilinear(table, panelsOf(grid, smooth), new Float64Array(table.points));
      return out.reduce(
        (worst, value, n) => Math.max(worst, Math.abs(value - smooth(points.longitude[n]!, points.latitude[n]!))),
        0,
      );
    };
    const [coarse, middle, fine] = [errorOf(16), errorOf(32), errorOf(64)];
    expect(Math.log2(coarse / middle)).toBeGreaterThan(1.8);
    expect(Math.log2(middle / fine)).toBeGreaterThan(1.8);
  });

  test('is continuous across panel edges, through corners, and between edge strips and triangles', () => {
    const grid = sphere(8);
    const random = sequence(5);
    const panels = panelsOf(grid, () => random());
    const { longitude, latitude } = manyPoints(60);
    const corner = Math.atan(Math.SQRT1_2) / RADIANS;
    // Lines across the corner's neighbourhood and across random places, walked in two step sizes: jumps do not shrink.
    const largestStep = (steps: number) => {
      let largest = 0;
      for (let n = 0; n < 60; n++) {
        const [lon0, lat0] =
          n % 2 ? [45, corner + (n - 30) / 6] : [longitude[n]!, Math.max(-88, Math.min(88, latitude[n]!))];
        const lons = Array.from({ length: steps }, (_, s) => lon0 + (s / steps - 0.5) * 8);
        const lats = Array.from({ length: steps }, (_, s) =>
          Math.max(-89, Math.min(89, lat0 + (s / steps - 0.5) * ((n % 7) - 3))),
        );
        const out = sampleBilinear(
          bilinearTable(grid, { longitude: lons, latitude: lats }),
          panels,
          new Float64Array(steps),
        );
        for (let s = 1; s < steps; s++) largest = Math.max(largest, Math.abs(out[s]! - out[s - 1]!));
      }
      return largest;
    };
    expect(largestStep(640)).toBeLessThan(0.3 * largestStep(160));
  });

  test('a constant stays constant to the bit, with cells left out too', () => {
    const grid = sphere(12);
    const random = sequence(9);
    const table = bilinearTable(grid, manyPoints(1000));
    const holes = panelsOf(grid, () => (random() < 0.3 ? Number.NaN : 1 / 3));
    const skipped = sampleBilinear(table, holes, new Float64Array(table.points), { skipMissing: true });
    expect([...new Set(skipped)].filter((value) => !Number.isNaN(value))).toEqual([1 / 3]);
    expect(skipped.filter(Number.isNaN).length).toBeLessThan(table.points / 20);
    const whole = sampleBilinear(
      table,
      panelsOf(grid, () => 1 / 3),
      new Float64Array(table.points),
    );
    expect(new Set(whole)).toEqual(new Set([1 / 3]));
    expect(sampleBilinear(table, holes, new Float64Array(table.points)).some(Number.isNaN)).toBe(true);
  });

  test('dry cells are left out and the others share their weight', () => {
    const grid = sphere(8);
    const panels = panelsOf(grid, () => 5);
    panels[0]![28] = 1e6;
    const { longitude, latitude } = grid.geometry(0);
    const table = bilinearTable(grid, {
      longitude: [(longitude[27]! + longitude[28]!) / 2],
      latitude: [(latitude[27]! + latitude[35]!) / 2],
    });
    const sample = (wet: Uint8Array[]) =>
      sampleBilinear(table, panels, new Float64Array(1), { skipMissing: true, wet })[0];
    const mask = (value: number) => Array.from({ length: 6 }, () => new Uint8Array(64).fill(value));
    expect(sample(mask(1))).toBeGreaterThan(1e5);
    const wet = mask(1);
    wet[0]![28] = 0;
    expect(sample(wet)).toBe(5);
    expect(sample(mask(0))).toBeNaN();
  });

  test('on a plane it is exact for linear fields, holds the last value at walls and wraps periods', () => {
    const boundary = { x: 'wall', y: 'periodic' } as const;
    const grid = makePlane({ cellsX: 10, cellsY: 4, tileX: 10, tileY: 4, sizeX: 20, sizeY: 4, boundary, halo: 3 });
    const panels = panelsOf(grid, (x, y) => 3 * x + (y === 3.5 ? 100 : 0));
    const sample = (x: number, y: number) =>
      sampleBilinear(bilinearTable(grid, { longitude: [x], latitude: [y] }), panels, new Float64Array(1))[0]!;
    expect(sample(7.3, 1.1)).toBeCloseTo(21.9, 12);
    expect(sample(0.2, 1.1)).toBeCloseTo(3, 12);
    expect(sample(20, 1.1)).toBeCloseTo(57, 12);
    expect(sample(7, 0)).toBeCloseTo(71, 12);
    expect(sample(7, 4)).toBeCloseTo(71, 12);
    expect(sample(7, 3.75)).toBeCloseTo(96, 12);
    expect(sample(21, 1)).toBeNaN();
    const thin = makePlane({ cellsX: 10, cellsY: 1, tileX: 10, tileY: 1, sizeX: 20, sizeY: 1, boundary, halo: 3 });
    const line = bilinearTable(thin, { longitude: [8], latitude: [0.1] });
    expect(
      sampleBilinear(
        line,
        panelsOf(thin, (x) => x),
        new Float64Array(1),
      )[0],
    ).toBeCloseTo(8, 12);
  });

  test('points and places must match', () => {
    const grid = sphere(8);
    expect(() => bilinearTable(grid, { longitude: [1, 2], latitude: [1] })).toThrow(
      /ShapeMismatch: 2 longitudes and 1/,
    );
    const table = bilinearTable(grid, { longitude: [1], latitude: [91] });
    expect(() => sampleBilinear(table, panelsOf(grid, smooth), new Float64Array(2))).toThrow(/out has 2 places/);
    expect(sampleBilinear(table, panelsOf(grid, smooth), new Float64Array(1))[0]).toBeNaN();
  });
});
