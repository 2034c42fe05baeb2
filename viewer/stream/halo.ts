import { PANEL_AXES } from '../../engine/grid/panels.ts';
import { MISSING } from '../../workers/protocol/frame.ts';

/** Cells of other tiles beside a frame tile: target, two sources, and the second's share in 1/256. */
interface HaloTable {
  readonly targets: Int32Array;
  readonly sources: Int32Array;
  readonly shares: Uint8Array;
}

const tables = new Map<string, HaloTable>();

/** Cells across the layer of a tile, its neighbours' cells on both sides. */
export const layerSize = (tile: number): number => tile + 2;

/**
 * Fills the line of neighbours' cells around each of a globe's frame tiles (six panels of cells × cells, layer after layer).
 * Beyond a panel's side the neighbour's line of cells is read between its two nearest.
 */
export function fillHalos(codes: Uint16Array, cells: number, tile: number): void {
  const { targets, sources, shares } = tableOf(cells, tile);
  for (let k = 0; k < targets.length; k++) {
    const [a, b] = [codes[sources[2 * k]!]!, codes[sources[2 * k + 1]!]!];
    const share = shares[k]!;
    // Of two cells one of which has no value, the nearer one counts.
    codes[targets[k]!] =
      a === MISSING || b === MISSING ? (share < 128 ? a : b) : a + Math.round(((b - a) * share) / 256);
  }
}

function tableOf(cells: number, tile: number): HaloTable {
  const name = `${cells} ${tile}`;
  let table = tables.get(name);
  if (!table) {
    table = makeTable(cells, tile);
    tables.set(name, table);
  }
  return table;
}

function makeTable(cells: number, tile: number): HaloTable {
  const across = cells / tile;
  const layer = layerSize(tile);
  const targets: number[] = [];
  const sources: number[] = [];
  const shares: number[] = [];
  /** Where a panel's cell lies among the layers. */
  const at = (panel: number, i: number, j: number): number => {
    const [ti, tj] = [Math.floor(i / tile), Math.floor(j / tile)];
    const index = (panel * across + tj) * across + ti;
    return (index * layer + (j - tj * tile) + 1) * layer + (i - ti * tile) + 1;
  };
  const inside = (k: number) => Math.max(0, Math.min(cells - 1, k));
  for (let panel = 0; panel < 6; panel++)
    for (let tj = 0; tj < across; tj++)
      for (let ti = 0; ti < across; ti++) {
        const base = ((panel * across + tj) * across + ti) * layer * layer;
        for (let y = 0; y < layer; y++)
          // Of a row between the first and the last, its two ends.
          for (let x = 0; x < layer; x += y > 0 && y <= tile ? layer - 1 : 1) {
            const [i, j] = [ti * tile + x - 1, tj * tile + y - 1];
            targets.push(base + y * layer + x);
            if (i >= 0 && i < cells && j >= 0 && j < cells) {
              sources.push(at(panel, i, j), at(panel, i, j));
              shares.push(0);
              continue;
            }
            const found = onNeighbour(panel, i, j, cells);
            // The line along the edge is the neighbour's outermost; the place on it lies between two of its cells.
            const alongI = Math.min(found.j, cells - 1 - found.j) < Math.min(found.i, cells - 1 - found.i);
            const along = alongI ? found.i : found.j;
            const first = Math.floor(along);
            const depth = inside(Math.round(alongI ? found.j : found.i));
            const cell = (k: number) =>
              alongI ? at(found.panel, inside(k), depth) : at(found.panel, depth, inside(k));
            sources.push(cell(first), cell(first + 1));
            shares.push(Math.min(255, Math.round(256 * (along - first))));
          }
      }
  return { targets: Int32Array.from(targets), sources: Int32Array.from(sources), shares: Uint8Array.from(shares) };
}

/** The panel and coordinates (cell centres are whole) of a cell beyond a panel's side. */
function onNeighbour(panel: number, i: number, j: number, cells: number): { panel: number; i: number; j: number } {
  const tangent = (k: number) => Math.tan(((k + 0.5) / cells - 0.5) * (Math.PI / 2));
  const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
  const [X, Y] = [tangent(i), tangent(j)];
  const r = [0, 1, 2].map((k) => centre[k]! + X * alongI[k]! + Y * alongJ[k]!);
  const dot = (axis: readonly number[]) => axis[0]! * r[0]! + axis[1]! * r[1]! + axis[2]! * r[2]!;
  const other = PANEL_AXES.map(([out]) => dot(out)).reduce((best, value, k, all) => (value > all[best]! ? k : best), 0);
  const axes = PANEL_AXES[other]!;
  const coordinate = (axis: readonly number[]) =>
    (Math.atan(dot(axis) / dot(axes[0])) / (Math.PI / 2) + 0.5) * cells - 0.5;
  return { panel: other, i: coordinate(axes[1]), j: coordinate(axes[2]) };
}
