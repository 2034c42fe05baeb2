import { GridError, requireWhole } from './errors.ts';
import type { Tile } from './grid.ts';

/** The divisors of `cells` next to `wanted`: at most three on either side. */
function divisorsNear(cells: number, wanted: number): number[] {
  const divisors: number[] = [];
  for (let d = 1; d <= cells; d++) if (cells % d === 0) divisors.push(d);
  const below = divisors.filter((d) => d < wanted).slice(-3);
  const above = divisors.filter((d) => d > wanted).slice(0, 3);
  return [...below, ...above];
}

/** Throws TileDoesNotDivide, with the divisors nearby, unless `tile` divides `cells`. */
export function requireDivisor(name: string, tile: number, cells: number): void {
  requireWhole(name, tile, 1);
  if (cells % tile !== 0)
    throw new GridError(
      'TileDoesNotDivide',
      `${name} = ${tile} does not divide ${cells} cells across a panel. Use one of ${divisorsNear(cells, tile).join(', ')}.`,
    );
}

/** Tiles panel by panel, row by row from the south-west; a tile's id is its place in the list. */
export function cutTiles(panels: number, cellsX: number, cellsY: number, tileX: number, tileY: number): Tile[] {
  const tiles: Tile[] = [];
  for (let panel = 0; panel < panels; panel++)
    for (let j = 0; j < cellsY / tileY; j++)
      for (let i = 0; i < cellsX / tileX; i++)
        tiles.push({ id: tiles.length, panel, level: 0, i, j, i0: i * tileX, j0: j * tileY });
  return tiles;
}

/** The tile with an id. Throws OutOfRange. */
export function tileAt(tiles: readonly Tile[], id: number): Tile {
  const tile = tiles[id];
  if (tile === undefined)
    throw new GridError('OutOfRange', `tile ${id} is not on this grid. Use an id from 0 to ${tiles.length - 1}.`);
  return tile;
}
