import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { direction, greatCircleDistance } from '../../../engine/grid/great-circle.ts';
import { cellAt, nearestCell } from '../../../engine/grid/nearest-cell.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { sequence } from './sequence.ts';

const cells = 24;
const grid = makeCubedSphere({ cells, tile: 24, radius: 6371220, halo: 3 });

describe('locate', () => {
  test('inverts the centres of all cells, at any turn of the longitude', () => {
    let worst = 0;
    for (let panel = 0; panel < 6; panel++) {
      const { longitude, latitude } = grid.geometry(panel);
      for (let j = 0; j < cells; j++)
        for (let i = 0; i < cells; i++)
          for (const turn of [-360, 0, 360]) {
            const cell = j * cells + i;
            const point = grid.locate(longitude[cell]! + turn, latitude[cell]!)!;
            expect(point.panel).toBe(panel);
            worst = Math.max(worst, Math.abs(point.i - i - 0.5), Math.abs(point.j - j - 0.5));
          }
    }
    expect(worst).toBeLessThan(1e-12);
  });

  test('finds corners at whole coordinates, poles at panel centres, and stays on its panel', () => {
    expect(grid.locate(77, 90)).toMatchObject({ panel: 4 });
    expect(grid.locate(77, 90)!.i).toBeCloseTo(cells / 2, 12);
    expect(grid.locate(-5, -90)).toMatchObject({ panel: 5 });
    const random = sequence(1);
    for (let n = 0; n < 2000; n++) {
      const [longitude, latitude] = [720 * random() - 360, 180 * random() - 90];
      const { i, j } = grid.locate(longitude, latitude)!;
      expect(i >= 0 && i <= cells && j >= 0 && j <= cells).toBe(true);
    }
    for (let panel = 0; panel < 6; panel++) {
      const corners = grid.corners(panel);
      for (let j = 1; j < cells; j++) {
        const point = grid.locate(corners.longitude[j * (cells + 1) + 5]!, corners.latitude[j * (cells + 1) + 5]!)!;
        expect(point.i).toBeCloseTo(5, 12);
        expect(point.j).toBeCloseTo(j, 12);
      }
    }
  });

  test('no point is no place', () => {
    expect(grid.locate(Number.NaN, 0)).toBeUndefined();
    expect(grid.locate(0, 91)).toBeUndefined();
    expect(cellAt(grid, 0, -91)).toBeUndefined();
  });
});

describe('nearest cell', () => {
  test('is nearest by great circle among the accepted', () => {
    const random = sequence(7);
    const accept = (panel: number, i: number, j: number) => (panel + 3 * i + 5 * j) % 4 !== 0;
    for (let n = 0; n < 20; n++) {
      const [longitude, latitude] = [360 * random(), 180 * random() - 90];
      const found = nearestCell(grid, longitude, latitude, accept)!;
      expect(accept(found.panel, found.i, found.j)).toBe(true);
      const distance = (panel: number, cell: number) =>
        greatCircleDistance(
          longitude,
          latitude,
          grid.geometry(panel).longitude[cell]!,
          grid.geometry(panel).latitude[cell]!,
          1,
        );
      let least = Number.POSITIVE_INFINITY;
      for (let panel = 0; panel < 6; panel++)
        for (let cell = 0; cell < cells * cells; cell++)
          if (accept(panel, cell % cells, Math.floor(cell / cells))) least = Math.min(least, distance(panel, cell));
      expect(distance(found.panel, found.j * cells + found.i)).toBeLessThan(least + 1e-14);
    }
    expect(nearestCell(grid, 0, 0, () => false)).toBeUndefined();
  });

  test('at a centre is the cell that contains it, on the sphere and on a plane', () => {
    const { longitude, latitude } = grid.geometry(3);
    const cell = { panel: 3, i: 7, j: 20 };
    const at = 20 * cells + 7;
    expect(nearestCell(grid, longitude[at]!, latitude[at]!)).toEqual(cell);
    expect(cellAt(grid, longitude[at]!, latitude[at]!)).toEqual(cell);
    const boundary = { x: 'wall', y: 'wall' } as const;
    const plane = makePlane({ cellsX: 10, cellsY: 4, tileX: 10, tileY: 4, sizeX: 20, sizeY: 4, boundary, halo: 3 });
    expect(nearestCell(plane, 7.2, 3.9)).toEqual({ panel: 0, i: 3, j: 3 });
    expect(cellAt(plane, 20, 4)).toEqual({ panel: 0, i: 9, j: 3 });
    expect(cellAt(plane, 21, 4)).toBeUndefined();
  });
});

describe('great-circle distance', () => {
  test('agrees with the angle between directions, and keeps metres apart', () => {
    const random = sequence(3);
    for (let n = 0; n < 500; n++) {
      const [a, b, c, d] = [360 * random(), 180 * random() - 90, 360 * random(), 180 * random() - 90] as const;
      const [p, q] = [direction(a, b), direction(c, d)];
      const chord = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
      const angle = 2 * Math.atan2(chord, Math.hypot(p[0] + q[0], p[1] + q[1], p[2] + q[2]));
      expect(greatCircleDistance(a, b, c, d, 2)).toBeCloseTo(2 * angle, 7);
    }
    expect(greatCircleDistance(10, 0, 10 + 1e-8, 0, 6371220) / ((6371220 * Math.PI * 1e-8) / 180)).toBeCloseTo(1, 6);
    expect(greatCircleDistance(0, 0, 180, 0, 1)).toBeCloseTo(Math.PI, 15);
    expect(greatCircleDistance(5, 90, 77, -90, 1)).toBeCloseTo(Math.PI, 15);
  });
});
