import { describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { makeElevationGrid } from '../../../scenarios/bathymetry/elevation-grid.ts';
import { nearestWetCell } from '../../../scenarios/bathymetry/nearest-wet-cell.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import { depthAt, sampleElevation } from '../../../scenarios/bathymetry/sample-elevation.ts';
import { sampleOntoCells } from '../../../scenarios/bathymetry/sample-onto-cells.ts';
import { NAMED_BATHYMETRY } from '../../../scenarios/schema-grid.ts';
import { EARTH, globe, gridOf, radians } from './grids.ts';

const sphere = (cells: number) => makeCubedSphere({ cells, tile: cells, radius: EARTH, halo: 3 });
const tilted = (longitude: number, latitude: number) =>
  100 * Math.cos(radians(latitude)) * Math.cos(radians(longitude)) + 50 * Math.sin(radians(latitude));

describe('bilinear sampling', () => {
  it('gives the points themselves, by any branch of longitude', () => {
    const grid = gridOf(globe(10, 'node'), tilted);
    for (const longitude of [0, 170, 180, 350]) {
      for (const latitude of [-90, -40, 0, 90]) {
        const value = grid.elevation[((latitude + 90) / 10) * 36 + longitude / 10];
        for (const turn of [-720, -360, 0, 360]) expect(sampleElevation(grid, longitude + turn, latitude)).toBe(value);
      }
    }
  });

  it.each(['node', 'cell'] as const)('is continuous across the date line, 0° and the poles (%s)', (registration) => {
    const grid = gridOf(globe(1, registration), tilted);
    for (const [a, b] of [
      [
        [179.999, 20],
        [-179.999, 20],
      ],
      [
        [-0.001, -50],
        [0.001, -50],
      ],
      [
        [30, 89.999],
        [-150, 89.999],
      ],
      [
        [100, -89.999],
        [-80, -89.999],
      ],
    ] as const) {
      expect(Math.abs(sampleElevation(grid, a[0], a[1]) - sampleElevation(grid, b[0], b[1]))).toBeLessThan(0.01);
    }
  });

  it('ends where a regional grid ends: at its points, or half a spacing beyond', () => {
    const box = { west: 10, south: 20, spacing: 1, columns: 3, rows: 3 };
    const node = gridOf({ ...box, registration: 'node' }, () => 7);
    const cell = gridOf({ ...box, registration: 'cell' }, () => 7);
    const place = (grid: typeof node, longitude: number) => sampleElevation(grid, longitude, 21);
    expect([place(node, 10), place(node, 12), place(node, 9.99), place(node, 12.01)]).toEqual([7, 7, NaN, NaN]);
    expect([place(cell, 9.51), place(cell, 12.49), place(cell, 9.49), place(cell, 12.51)]).toEqual([7, 7, NaN, NaN]);
  });

  it('onto cell centres is the field inside a regional grid and zero outside', () => {
    const grid = sphere(45);
    const uplift = gridOf(
      { west: 140, south: 30, spacing: 0.5, columns: 21, rows: 21, registration: 'node' },
      (longitude, latitude) => longitude - 140 + 0.1 * (latitude - 30),
    );
    const holed = makeElevationGrid({
      ...uplift,
      elevation: uplift.elevation.map((value, k) => (k % 21 === 20 ? NaN : value)),
    });
    let inside = 0;
    for (const [field, east] of [
      [uplift, 150],
      [holed, 149.5],
    ] as const) {
      for (const [panel, values] of sampleOntoCells(grid, field).entries()) {
        const { longitude, latitude } = grid.geometry(panel);
        for (const [k, value] of values.entries()) {
          const [x, y] = [longitude[k]!, latitude[k]!];
          const within = x >= 140 && x <= east && y >= 30 && y <= 40;
          if (within) inside++;
          expect(value).toBeCloseTo(within ? x - 140 + 0.1 * (y - 30) : 0, 5);
        }
      }
    }
    expect(inside).toBeGreaterThan(20);
  });
});

describe('built-in bathymetry', () => {
  const builtin = (name: string) => readElevation(`scenarios/${NAMED_BATHYMETRY[name]}`);

  it.each([
    ['etopo5', 5, true, 'f3492a3d52e2bcfb9ebee5b99b5a8af4844969f5f4c9556fa5e1796cc8631498'],
    ['etopo1-japan', 1, false, '3fd84b2aa1bfa8c6c6f93c4199b0844bd7a54ab308ff6d579d529d7a7630d941'],
  ])('%s is the file that was published, of its spacing and area', async (name, minutes, global, sha256) => {
    const grid = await builtin(name);
    expect([grid.sha256, grid.global]).toEqual([sha256, global]);
    expect(grid.spacingLatitude).toBeCloseTo(minutes / 60, 12);
  });

  it('knows deep and high places', async () => {
    const earth = await builtin('etopo5');
    expect(depthAt(earth, 142.2, 11.35)).toBeGreaterThan(9000);
    expect(depthAt(earth, 86.9, 27.98)).toBeLessThan(-5000);
    const japan = await builtin('etopo1-japan');
    expect(depthAt(japan, 144, 38)).toBeGreaterThan(6500);
    expect(depthAt(japan, 150, 38)).toBeNaN();
    // Two surveys of one sea: within 500 m at 40 places off Sendai.
    for (let k = 0; k < 40; k++) {
      const [longitude, latitude] = [142 + 0.05 * k, 38 + 0.03 * k];
      expect(Math.abs(depthAt(japan, longitude, latitude) - depthAt(earth, longitude, latitude))).toBeLessThan(500);
    }
  });
});

describe('the nearest wet cell', () => {
  const grid = sphere(36);
  // Land east of 0°, sea west of it.
  const bed = Array.from({ length: 6 }, (_, panel) =>
    Float64Array.from(grid.geometry(panel).longitude, (x) => (x > 0 ? 100 : 40 * Math.max(-90, x))),
  );

  it('is the point’s own cell if that is wet', () => {
    expect(nearestWetCell(grid, bed, -20.3, 5.2)).toMatchObject({ panel: 0, distance: 0 });
  });

  it('is the closest sea otherwise, with its distance', () => {
    const cell = nearestWetCell(grid, bed, 5, 0.3)!;
    expect(cell.longitude).toBeGreaterThan(-2.5);
    expect(cell.longitude).toBeLessThan(0);
    const expected = EARTH * radians(5 - cell.longitude);
    expect(Math.abs(cell.distance / expected - 1)).toBeLessThan(0.05);
  });

  it('is as deep as asked for, and absent if nothing is', () => {
    expect(nearestWetCell(grid, bed, 5, 0.3, 1000)!.depth).toBeGreaterThan(1000);
    expect(nearestWetCell(grid, bed, 5, 0.3, 5000)).toBeUndefined();
  });
});
