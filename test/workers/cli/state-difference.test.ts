import { expect, it } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { differenceNorms, firstDifference } from '../../../workers/cli/state-difference.ts';

const grid = makeCubedSphere({ cells: 12, tile: 4, radius: 6.37122e6, halo: 3 });
const field = (value: (panel: number, cell: number) => number) => ({
  name: 'surface',
  panels: Array.from({ length: 6 }, (_, panel) => Float64Array.from({ length: 144 }, (_, cell) => value(panel, cell))),
});

it('norms of a constant difference are that constant, whatever the cells', () => {
  const { l1, l2, lInfinity, relative } = differenceNorms(
    field(() => 3),
    field(() => 1),
    grid,
  );
  expect(l1).toBeCloseTo(2, 12);
  expect(l2).toBeCloseTo(2, 12);
  expect(lInfinity).toBe(2);
  expect(relative.l2).toBeCloseTo(2 / 3, 12);
});

it('norms weigh cells by their area', () => {
  const one = (at: number) => field((panel, cell) => (panel === 0 && cell === at ? 1 : 0));
  const zero = field(() => 0);
  const { area } = grid.geometry(0);
  // A corner cell is smaller than one in the middle.
  const [corner, middle] = [differenceNorms(one(0), zero, grid).l1, differenceNorms(one(78), zero, grid).l1];
  expect(corner / middle).toBeCloseTo(area[0]! / area[78]!, 12);
});

it('the first difference is the first in the order of fields, panels and rows, to the last bit', () => {
  const a = field(() => 0);
  const b = field((panel, cell) => (panel === 3 && cell >= 2 * 12 + 9 && cell < 2 * 12 + 11 ? -0 : 0));
  const { longitude, latitude } = grid.geometry(3);
  expect(firstDifference([a], [b], grid)).toEqual({
    field: 'surface',
    panel: 3,
    // Nine tiles a panel, three in a row.
    tile: 3 * 9 + 2,
    i: 9,
    j: 2,
    longitude: longitude[33],
    latitude: latitude[33],
    a: 0,
    b: -0,
    count: 2,
  });
  const missing = field(() => Number.NaN);
  expect(firstDifference([missing], [missing], grid)).toBeUndefined();
});
