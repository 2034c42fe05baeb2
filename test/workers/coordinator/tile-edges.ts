import type { Grid, TileId } from '../../../engine/grid/grid.ts';
import { cellAtSide, PANEL_NEIGHBOURS, SIDES } from '../../../engine/grid/panels.ts';

/** Pairs of tiles that share an edge, each once: the lower id first. Sides of a plane are walls. */
export function tileEdges(grid: Grid): readonly (readonly [TileId, TileId])[] {
  const [columns, rows] = [grid.cellsX / grid.tileX, grid.cellsY / grid.tileY];
  const idAt = (panel: number, i: number, j: number): TileId => (panel * rows + j) * columns + i;
  const edges: [TileId, TileId][] = [];
  const join = (a: TileId, b: TileId) => edges.push(a < b ? [a, b] : [b, a]);
  for (const { id, panel, i, j } of grid.tiles) {
    if (i + 1 < columns) join(id, idAt(panel, i + 1, j));
    if (j + 1 < rows) join(id, idAt(panel, i, j + 1));
  }
  if (grid.kind === 'cubed-sphere')
    for (let panel = 0; panel < grid.panels; panel++)
      for (const side of SIDES) {
        const beyond = PANEL_NEIGHBOURS[panel]![side];
        if (beyond.panel < panel) continue;
        for (let k = 0; k < columns; k++) {
          const [i, j] = cellAtSide(columns, side, 0, k);
          const [a, b] = cellAtSide(columns, beyond.side, 0, beyond.reversed ? columns - 1 - k : k);
          join(idAt(panel, i, j), idAt(beyond.panel, a, b));
        }
      }
  return edges;
}

/** Edges between tiles of different owners. */
export const cutEdges = (edges: readonly (readonly [TileId, TileId])[], owners: ReadonlyMap<TileId, unknown>): number =>
  edges.filter(([a, b]) => owners.get(a) !== owners.get(b)).length;

/** Owners of equal pieces, by number of tiles, of an order of tiles. */
export const equalPieces = (order: readonly TileId[], pieces: number): ReadonlyMap<TileId, number> =>
  new Map(order.map((id, place) => [id, Math.floor((place * pieces) / order.length)]));
