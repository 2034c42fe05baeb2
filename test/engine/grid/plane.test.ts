import { describe, expect, test } from 'vitest';
import type { Grid } from '../../../engine/grid/grid.ts';
import { makePlane, type PlaneBoundary } from '../../../engine/grid/plane.ts';

const plane = (cellsX: number, cellsY: number, x: PlaneBoundary, y: PlaneBoundary, tileX = cellsX, tileY = cellsY) =>
  makePlane({ cellsX, cellsY, tileX, tileY, sizeX: 30, sizeY: 8, boundary: { x, y }, halo: 3 });

/** Every ghost of every tile by its panel coordinates: kind and source. */
function ghosts(grid: Grid) {
  const found = new Map<string, string>();
  for (const tile of grid.tiles) {
    let count = 0;
    for (const fill of grid.fills(tile.id)) {
      expect(fill.width).toBe(1);
      count += fill.count;
      for (let t = 0; t < fill.count; t++) {
        expect(fill.weights[t]).toBe(1);
        const [a, b] = [fill.sourceI[t]!, fill.sourceJ[t]!];
        expect(a >= 0 && a < grid.cellsX && b >= 0 && b < grid.cellsY).toBe(true);
        const place = `${tile.i0 + fill.targetI[t]!} ${tile.j0 + fill.targetJ[t]!}`;
        const recipe = `${fill.kind} ${a} ${b}`;
        expect(found.get(place) ?? recipe).toBe(recipe);
        found.set(place, recipe);
      }
    }
    expect(count).toBe((grid.tileX + 6) * (grid.tileY + 6) - grid.tileX * grid.tileY);
  }
  return found;
}

/**
 * The image of a scalar f and of a vector (u, v) at a ghost, by unfolding the plane: reflected as often as walls are
 * crossed, shifted by whole periods.
 */
function image(index: number, cells: number, boundary: PlaneBoundary): { at: number; sign: number } {
  let at = index;
  let sign = 1;
  while (at < 0 || at >= cells) {
    if (boundary === 'periodic') at += at < 0 ? cells : -cells;
    else {
      at = at < 0 ? -1 - at : 2 * cells - 1 - at;
      sign = -sign;
    }
  }
  return { at, sign };
}

describe('plane', () => {
  test('ghosts are the periodic or mirror images, with fewer cells than the halo too', () => {
    for (const x of ['wall', 'periodic'] as const)
      for (const y of ['wall', 'periodic'] as const)
        for (const [cellsX, cellsY] of [
          [10, 6],
          [10, 1],
          [2, 4],
          [1, 2],
          [3, 3],
        ] as const)
          for (const [place, recipe] of ghosts(plane(cellsX, cellsY, x, y))) {
            const [i, j] = place.split(' ').map(Number) as [number, number];
            const outsideX = i < 0 || i >= cellsX;
            const outsideY = j < 0 || j >= cellsY;
            if (x === 'wall' && y === 'wall' && outsideX && outsideY) {
              const clamp = (index: number, cells: number) => Math.max(0, Math.min(cells - 1, index));
              expect(recipe).toBe(`copy ${clamp(i, cellsX)} ${clamp(j, cellsY)}`);
              continue;
            }
            const [a, b] = [image(i, cellsX, x), image(j, cellsY, y)];
            const kind = a.sign < 0 ? 'mirror-x' : b.sign < 0 ? 'mirror-y' : 'copy';
            expect(recipe).toBe(`${kind} ${a.at} ${b.at}`);
          }
  });

  test('a ghost of the whole plane is filled alike whatever the tiles', () => {
    const whole = ghosts(plane(12, 6, 'wall', 'periodic'));
    const cut = ghosts(plane(12, 6, 'wall', 'periodic', 4, 2));
    for (const [place, recipe] of whole) expect(cut.get(place)).toBe(recipe);
    for (const [place, recipe] of cut) if (!whole.has(place)) expect(recipe).toBe(`copy ${place}`);
  });

  test('areas, lengths, normals and up are those of a rectangle', () => {
    const grid = plane(15, 4, 'wall', 'wall');
    const { area, lengthX, lengthY, up, normalX, normalY, longitude, latitude } = grid.geometry(0);
    expect(new Set(area)).toEqual(new Set([4]));
    expect(area).toHaveLength(60);
    expect(new Set([...lengthX, ...lengthY])).toEqual(new Set([2]));
    expect([lengthX.length, lengthY.length]).toEqual([64, 75]);
    expect(up.map((component) => component[17])).toEqual([0, 0, 1]);
    expect(normalX.map((component) => component[15])).toEqual([1, 0, 0]);
    expect(normalY.map((component) => component[4])).toEqual([0, 1, 0]);
    expect([longitude[0], latitude[0], longitude[59], latitude[59]]).toEqual([1, 1, 29, 7]);
    const corners = grid.corners(0);
    expect([corners.longitude[79], corners.latitude[79]]).toEqual([30, 8]);
    expect(grid.panelEdges(0)).toEqual([]);
  });

  test('locate inverts the centres; walls end the plane, periods do not', () => {
    const grid = plane(15, 4, 'wall', 'periodic');
    const { longitude, latitude } = grid.geometry(0);
    for (let j = 0; j < 4; j++)
      for (let i = 0; i < 15; i++) {
        const point = grid.locate(longitude[j * 15 + i]!, latitude[j * 15 + i]!)!;
        expect(point.i).toBeCloseTo(i + 0.5, 12);
        expect(point.j).toBeCloseTo(j + 0.5, 12);
      }
    expect(grid.locate(-0.1, 1)).toBeUndefined();
    expect(grid.locate(30.1, 1)).toBeUndefined();
    expect(grid.locate(Number.NaN, 1)).toBeUndefined();
    expect(grid.locate(1, -1)).toEqual({ panel: 0, i: 0.5, j: 3.5 });
  });

  test('the fingerprint depends on size and boundary, not on the tiles', () => {
    const { fingerprint } = plane(12, 6, 'wall', 'wall');
    expect(plane(12, 6, 'wall', 'wall', 3, 2).fingerprint).toBe(fingerprint);
    expect(plane(12, 6, 'wall', 'periodic').fingerprint).not.toBe(fingerprint);
    expect(plane(12, 12, 'wall', 'wall').fingerprint).not.toBe(fingerprint);
  });

  test('options that make no plane are refused with the value and the cure', () => {
    expect(() => plane(12, 6, 'wall', 'wall', 5, 6)).toThrow(/tileX = 5 does not divide 12 .*2, 3, 4, 6, 12/);
    expect(() => plane(0, 6, 'wall', 'wall')).toThrow(/cellsX = 0/);
    expect(() => plane(1, 6, 'open' as PlaneBoundary, 'wall')).toThrow(/boundary.x = open is unknown/);
    expect(() => plane(1, 6, 'wall', 'wall').geometry(1)).toThrow(/OutOfRange: panel 1/);
  });
});
