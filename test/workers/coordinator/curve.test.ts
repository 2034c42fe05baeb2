import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { Grid, TileId } from '../../../engine/grid/grid.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { tilesAlongCurve } from '../../../workers/coordinator/curve.ts';
import { cutEdges, equalPieces, tileEdges } from './tile-edges.ts';

const sphere = (across: number) => makeCubedSphere({ cells: 8 * across, tile: 8, radius: 1, halo: 3 });
const rectangle = (columns: number, rows: number) =>
  makePlane({
    cellsX: columns,
    cellsY: rows,
    tileX: 1,
    tileY: 1,
    sizeX: columns,
    sizeY: rows,
    boundary: { x: 'wall', y: 'wall' },
    halo: 1,
  });

const ACROSS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 24, 31, 32];
const rectangles = Array.from({ length: 24 }, (_, w) =>
  Array.from({ length: 24 }, (__, h) => rectangle(w + 1, h + 1)),
).flat();

/** How many tiles of an order share no edge with the one before. */
function jumps(grid: Grid, order: readonly TileId[]): number {
  const edges = new Set(tileEdges(grid).map(([a, b]) => `${a} ${b}`));
  const joined = (a: TileId, b: TileId) => edges.has(a < b ? `${a} ${b}` : `${b} ${a}`);
  return order.filter((id, place) => place > 0 && !joined(order[place - 1]!, id)).length;
}

describe('the curve over the tiles', () => {
  test('passes every tile exactly once', () => {
    for (const grid of [...ACROSS.map(sphere), ...rectangles]) {
      const order = tilesAlongCurve(grid);
      expect(order.length).toBe(grid.tiles.length);
      expect(new Set(order)).toEqual(new Set(grid.tiles.map(({ id }) => id)));
    }
  });

  test('goes from tile to tile over an edge they share, on planes of any number of tiles', () => {
    for (const grid of rectangles) expect(jumps(grid, tilesAlongCurve(grid))).toBe(0);
  });

  test('goes from tile to tile over an edge they share, across panels too, and ends beside its start', () => {
    for (const grid of ACROSS.map(sphere)) {
      const order = tilesAlongCurve(grid);
      expect(jumps(grid, [...order, order[0]!])).toBe(0);
    }
  });

  test('is the curve of Hilbert where tiles across are a power of two: each quarter of a quarter in one go', () => {
    const grid = sphere(16);
    const order = tilesAlongCurve(grid);
    for (const size of [2, 4, 8])
      for (let start = 0; start < order.length; start += size * size) {
        const blocks = order.slice(start, start + size * size).map((id) => {
          const { panel, i, j } = grid.tiles[id]!;
          return `${panel} ${Math.floor(i / size)} ${Math.floor(j / size)}`;
        });
        expect(new Set(blocks).size).toBe(1);
      }
  });

  test('is cut in pieces nearly as compact as squares, and the more so than rows the smaller they are', () => {
    for (const across of [6, 8, 12, 16, 24]) {
      const grid = sphere(across);
      const edges = tileEdges(grid);
      const curve = tilesAlongCurve(grid);
      const rows = grid.tiles.map(({ id }) => id);
      // Pieces of eight tiles at least: smaller ones are all edge.
      for (const pieces of [16, 48, 100].filter((number) => 8 * number <= grid.tiles.length)) {
        const cut = (order: readonly TileId[]) => cutEdges(edges, equalPieces(order, pieces));
        // Squares of so many tiles have this many sides, each shared by two.
        const squares = 2 * Math.sqrt(grid.tiles.length * pieces);
        expect(cut(curve)).toBeLessThan(1.35 * squares);
        expect(cut(curve)).toBeLessThan((pieces > 16 ? 0.8 : 0.9) * cut(rows));
      }
    }
  });
});
