import { describe, expect, test } from 'vitest';
import type { OverlapTable } from '../../../engine/grid/conservative.ts';
import { boxesFromCells, cellsFromBoxes, conservativeOverlap } from '../../../engine/grid/conservative.ts';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { LatLonBoxes } from '../../../engine/grid/latitude-longitude.ts';
import { boxCentres, globalBoxes, rowAreas } from '../../../engine/grid/latitude-longitude.ts';
import { cellAt } from '../../../engine/grid/nearest-cell.ts';
import { visitOverlaps } from '../../../engine/grid/overlap.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { exactSum, sequence } from './sequence.ts';

const sphere = (cells: number) => makeCubedSphere({ cells, tile: cells, radius: 2, halo: 3 });
const areasOf = (cells: number) => [0, 1, 2, 3, 4, 5].map((panel) => sphere(cells).geometry(panel).area);
const integral = (values: ArrayLike<number>, areas: ArrayLike<number>) =>
  exactSum(Array.from(values, (value, n) => value * areas[n]!));
const boxAreas = (boxes: LatLonBoxes) => {
  const areas = rowAreas(boxes, 2);
  return Array.from({ length: boxes.columns * boxes.rows }, (_, box) => areas[Math.floor(box / boxes.columns)]!);
};
const randomPanels = (cells: number) => {
  const random = sequence(cells);
  return Array.from({ length: 6 }, () => new Float64Array(cells * cells).map(() => random() - 0.3));
};

/** Even and odd panels; boxes that fit the panels and boxes that do not, coarser and finer than the cells. */
const PAIRS: readonly [number, LatLonBoxes][] = [
  [8, globalBoxes(36, 18)],
  [9, globalBoxes(36, 18)],
  [8, globalBoxes(7, 5, 13.3)],
  [13, globalBoxes(11, 9, -171.7)],
  [16, globalBoxes(180, 90, 0)],
  [33, globalBoxes(90, 46, 0.1)],
];

describe('conservative regridding', () => {
  test('overlaps of a cell add up to the cell, overlaps of a box to the box', () => {
    for (const [cells, boxes] of PAIRS) {
      const { start, box, area } = conservativeOverlap(sphere(cells), boxes);
      const boxSums = new Float64Array(boxes.columns * boxes.rows);
      let worst = 0;
      areasOf(cells).forEach((areas, panel) => {
        for (let c = 0; c < cells * cells; c++) {
          let sum = 0;
          for (let o = start[panel * cells * cells + c]!; o < start[panel * cells * cells + c + 1]!; o++) {
            sum += area[o]!;
            boxSums[box[o]!]! += area[o]!;
          }
          worst = Math.max(worst, Math.abs(sum / areas[c]! - 1));
        }
      });
      expect(worst).toBeLessThan(1e-12);
      const expected = boxAreas(boxes);
      expect(Math.max(...boxSums.map((sum, b) => Math.abs(sum / expected[b]! - 1)))).toBeLessThan(1e-11);
      expect(Math.min(...area)).toBeGreaterThan(0);
    }
  });

  test('each pair of a cell and a box is listed once', () => {
    for (const [cells, boxes] of PAIRS) {
      const { start, box } = conservativeOverlap(sphere(cells), boxes);
      let repeated = 0;
      for (let cell = 0; cell < 6 * cells * cells; cell++) {
        const listed = box.subarray(start[cell]!, start[cell + 1]!);
        repeated += listed.length - new Set(listed).size;
      }
      expect(repeated).toBe(0);
    }
  });

  test('overlaps are where points fall: shares of random points agree with shares of area', () => {
    const random = sequence(2);
    for (const [cells, boxes] of [
      [8, globalBoxes(12, 6, 10)],
      [9, globalBoxes(5, 4)],
    ] as const) {
      const grid = sphere(cells);
      const shares = new Map<string, number>();
      const count = 30000;
      for (let n = 0; n < count; n++) {
        const [longitude, latitude] = [360 * random() - 180, (Math.asin(2 * random() - 1) * 180) / Math.PI];
        const { panel, i, j } = cellAt(grid, longitude, latitude)!;
        const turned = (((longitude - boxes.west) % 360) + 360) % 360;
        const box =
          Math.floor((latitude + 90) / boxes.latitudeStep) * boxes.columns + Math.floor(turned / boxes.longitudeStep);
        const pair = `${(panel * cells + j) * cells + i} ${box}`;
        shares.set(pair, (shares.get(pair) ?? 0) + 1 / count);
      }
      visitOverlaps(cells, boxes, (cell, box, area) => {
        const pair = `${cell} ${box}`;
        shares.set(pair, (shares.get(pair) ?? 0) - area / (4 * Math.PI));
      });
      // Six standard deviations of a share of at most 1/384 and its part.
      for (const share of shares.values()) expect(Math.abs(share)).toBeLessThan(6 * Math.sqrt(1 / 384 / count));
    }
  });

  test('overlaps with a cell are those with its four quarters, and with a box those with its four', () => {
    for (const [cells, columns, rows, west] of [
      [9, 10, 7, 3.3],
      [8, 36, 18, 0],
    ] as const) {
      const shared = (
        across: number,
        boxes: LatLonBoxes,
        cellOf: (cell: number) => number,
        boxOf: (box: number) => number,
      ) => {
        const areas = new Map<string, number>();
        visitOverlaps(across, boxes, (cell, box, area) => {
          const pair = `${cellOf(cell)} ${boxOf(box)}`;
          areas.set(pair, (areas.get(pair) ?? 0) + area);
        });
        return areas;
      };
      const half = (index: number, across: number) => {
        const row = Math.floor(index / (2 * across));
        return Math.floor(row / 2) * across + Math.floor((index % (2 * across)) / 2);
      };
      const same = (index: number) => index;
      const boxes = globalBoxes(columns, rows, west);
      const whole = shared(cells, boxes, same, same);
      // Rows of all six panels follow one another: panel · N + j halves as j does.
      const quarters = [
        shared(2 * cells, boxes, (cell) => half(cell, cells), same),
        shared(cells, globalBoxes(2 * columns, 2 * rows, west), same, (box) => half(box, columns)),
      ];
      for (const parts of quarters) {
        expect(parts.size).toBe(whole.size);
        const worst = Math.max(...[...whole].map(([pair, area]) => Math.abs(parts.get(pair)! - area)));
        expect(worst).toBeLessThan(1e-15);
      }
    }
  });

  test('a constant stays constant to 1e-14 both ways', () => {
    for (const [cells, boxes] of PAIRS) {
      const table = conservativeOverlap(sphere(cells), boxes);
      const constant = 1.2345;
      const onCells = cellsFromBoxes(table, new Float64Array(boxes.columns * boxes.rows).fill(constant));
      const panels = onCells.map((panel) => new Float64Array(panel.length).fill(constant));
      const errors = [...onCells, boxesFromCells(table, panels)].map((values) =>
        values.reduce((worst, value) => Math.max(worst, Math.abs(value / constant - 1)), 0),
      );
      expect(Math.max(...errors)).toBeLessThan(1e-14);
    }
  });

  test('the global integral is conserved to 1e-13 both ways', () => {
    for (const [cells, boxes] of PAIRS) {
      const table: OverlapTable = conservativeOverlap(sphere(cells), boxes);
      const areas = areasOf(cells);
      const onGlobe = (panels: Float64Array[]) => exactSum(panels.map((panel, p) => integral(panel, areas[p]!)));
      const panels = randomPanels(cells);
      const boxed = integral(boxesFromCells(table, panels), boxAreas(boxes));
      expect(Math.abs(boxed / onGlobe(panels) - 1)).toBeLessThan(1e-13);
      const random = sequence(4);
      const values = new Float64Array(boxes.columns * boxes.rows).map(() => random() - 0.3);
      expect(Math.abs(onGlobe(cellsFromBoxes(table, values)) / integral(values, boxAreas(boxes)) - 1)).toBeLessThan(
        1e-13,
      );
    }
  });

  test('averages stay within the values they average', () => {
    const [cells, boxes] = PAIRS[5]!;
    const table = conservativeOverlap(sphere(cells), boxes);
    const values = boxesFromCells(table, randomPanels(cells));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.3 - 1e-15);
    expect(Math.max(...values)).toBeLessThanOrEqual(0.7 + 1e-15);
  });

  test('averages of a smooth field converge with the boxes at first order, as averages of steps do', () => {
    const field = (longitude: number, latitude: number) =>
      Math.sin((latitude * Math.PI) / 180) +
      Math.cos((latitude * Math.PI) / 180) * Math.sin((longitude * Math.PI) / 180);
    const errorOf = (cells: number) => {
      const grid = sphere(cells);
      const boxes = globalBoxes(4 * cells, 2 * cells, 0);
      const centres = boxCentres(boxes);
      const values = centres.longitude.map((longitude, box) => field(longitude, centres.latitude[box]!));
      return cellsFromBoxes(conservativeOverlap(grid, boxes), values).reduce((worst, panel, p) => {
        const { longitude, latitude } = grid.geometry(p);
        return panel.reduce(
          (most, value, c) => Math.max(most, Math.abs(value - field(longitude[c]!, latitude[c]!))),
          worst,
        );
      }, 0);
    };
    expect(errorOf(32)).toBeLessThan(errorOf(16) / 1.8);
  });

  test('boxes over a part of the globe: full boxes, and cells averaged over their part inside', () => {
    const boxes = { columns: 9, rows: 6, west: 170, south: 58, longitudeStep: 5, latitudeStep: 4 };
    const cells = 16;
    const { start, box, area } = conservativeOverlap(sphere(cells), boxes);
    const sums = new Float64Array(54);
    box.forEach((b, o) => {
      sums[b]! += area[o]!;
    });
    const expected = boxAreas(boxes);
    for (const [b, sum] of sums.entries()) expect(sum / expected[b]!).toBeCloseTo(1, 11);
    const panels = cellsFromBoxes({ cells, boxes, start, box, area }, new Float64Array(54).fill(7));
    const values = panels.flatMap((panel) => [...panel]);
    expect(values.some(Number.isNaN)).toBe(true);
    expect(values.filter((value) => !Number.isNaN(value)).every((value) => Math.abs(value - 7) < 1e-13)).toBe(true);
    const inside = cellAt(sphere(cells), 190, 70)!;
    expect(panels[inside.panel]![inside.j * cells + inside.i]).toBeCloseTo(7, 13);
  });

  test('missing values spread, or are skipped and the others share their weight', () => {
    const [cells, boxes] = PAIRS[0]!;
    const table = conservativeOverlap(sphere(cells), boxes);
    const panels = randomPanels(cells).map((panel) => panel.fill(5));
    panels[4]![27] = Number.NaN;
    expect(boxesFromCells(table, panels).some(Number.isNaN)).toBe(true);
    const skipped = boxesFromCells(table, panels, 'skip');
    expect(skipped.filter((value) => !Number.isNaN(value)).every((value) => Math.abs(value - 5) < 1e-13)).toBe(true);
    const values = new Float64Array(36 * 18).fill(5);
    values[300] = Number.NaN;
    expect(cellsFromBoxes(table, values).some((panel) => panel.some(Number.isNaN))).toBe(true);
    expect(
      cellsFromBoxes(table, values, 'skip').every((panel) => panel.every((value) => Math.abs(value - 5) < 1e-13)),
    ).toBe(true);
  });

  test('grids, boxes and values that do not fit are refused', () => {
    const grid = sphere(8);
    expect(() => conservativeOverlap(grid, globalBoxes(4.5, 2))).toThrow(/columns = 4.5/);
    expect(() => conservativeOverlap(grid, { ...globalBoxes(4, 2), south: -80 })).toThrow(/reach 100° N, past a pole/);
    expect(() => conservativeOverlap(grid, { ...globalBoxes(4, 2), columns: 5 })).toThrow(/5 columns of 90°.*overlap/);
    const table = conservativeOverlap(grid, globalBoxes(4, 2));
    expect(() => cellsFromBoxes(table, new Float64Array(7))).toThrow(/ShapeMismatch: boxes has 7 values, not 8/);
    expect(() => boxesFromCells(table, [new Float64Array(64)])).toThrow(/ShapeMismatch/);
    const boundary = { x: 'wall', y: 'wall' } as const;
    const plane = makePlane({ cellsX: 8, cellsY: 8, tileX: 8, tileY: 8, sizeX: 1, sizeY: 1, boundary, halo: 3 });
    expect(() => conservativeOverlap(plane, globalBoxes(4, 2))).toThrow(/a plane has no latitudes/);
  });
});
