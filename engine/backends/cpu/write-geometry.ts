import { bytesPerElement, elementIndex, SIDES } from '../../compiler/pipeline.ts';
import type { Grid, PanelEdge, PanelGeometry, Tile } from '../../grid/grid.ts';
import type { MemoryPlan, StripPlan } from './memory-plan.ts';

const AXES = ['X', 'Y', 'Z'] as const;

/** Writes the grid's lengths, areas and directions into the tiles and strips of a run, and the strips' addresses. */
export function writeGeometry(grid: Grid, plan: MemoryPlan, memory: WebAssembly.Memory): void {
  const { layout } = plan;
  const width = bytesPerElement(layout.precision);
  const values = layout.precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const pointers = new Int32Array(memory.buffer);

  /** Copies `columns` × `rows` numbers of a panel array, from the tile's corner on, into a tile's field. */
  const place = (
    tile: Tile,
    field: string,
    columns: number,
    rows: number,
    at: (i: number, j: number) => number,
  ): void => {
    const found = layout.fields.get(field);
    if (!found) return;
    const base = (plan.tiles[tile.id]!.base + found.offset) / width;
    for (let j = 0; j < rows; j++) {
      const row = base + elementIndex(layout, found.shape, 0, j);
      for (let i = 0; i < columns; i++) values[row + i] = at(tile.i0 + i, tile.j0 + j);
    }
  };

  const { cellsX, tileX, tileY } = grid;
  for (const tile of grid.tiles) {
    const { area, lengthX, lengthY, up, normalX, normalY } = grid.geometry(tile.panel);
    place(tile, 'inverseArea', tileX, tileY, (i, j) => 1 / area[j * cellsX + i]!);
    place(tile, 'lengthX', tileX + 1, tileY, (i, j) => lengthX[j * (cellsX + 1) + i]!);
    place(tile, 'lengthY', tileX, tileY + 1, (i, j) => lengthY[j * cellsX + i]!);
    for (const [a, axis] of AXES.entries()) {
      place(tile, `up${axis}`, tileX, tileY, (i, j) => up[a]![j * cellsX + i]!);
      place(tile, `normal${axis}ofX`, tileX + 1, 1, (i) => normalX[a]![i]!);
      place(tile, `normal${axis}ofY`, 1, tileY + 1, (_, j) => normalY[a]![j]!);
    }
    if (!plan.stripLayout) continue;
    for (const [index, edge] of grid.panelEdges(tile.id).entries()) {
      const strip = plan.tiles[tile.id]!.strips[index]!;
      pointers[plan.tiles[tile.id]!.stripPointers / 4 + SIDES.indexOf(edge.side)] = strip.base;
      writeStrip(grid, plan.stripLayout, values, tile, edge, strip);
    }
  }
}

function writeStrip(
  grid: Grid,
  layout: NonNullable<MemoryPlan['stripLayout']>,
  values: Float32Array | Float64Array,
  tile: Tile,
  edge: PanelEdge,
  { base }: StripPlan,
): void {
  const geometry = grid.geometry(tile.panel);
  // Outward runs against the tile's x on its west side and against its y on its south side.
  const orientation = edge.side === 'west' || edge.side === 'south' ? -1 : 1;
  const place = (field: string, at: (e: number) => number) => {
    const start = (base + layout.fields.get(field)!.offset) / values.BYTES_PER_ELEMENT;
    for (let e = 0; e < edge.cells; e++) values[start + elementIndex(layout, 'cell', e, 0)] = at(e);
  };
  place('length', (e) => faceLength(grid, geometry, tile, edge.side, e));
  place('normalX', (e) => edge.normalX[e]!);
  place('normalY', (e) => edge.normalY[e]!);
  place('normalZ', (e) => edge.normalZ[e]!);
  place('orientation', () => orientation);
}

function faceLength(grid: Grid, geometry: PanelGeometry, tile: Tile, side: PanelEdge['side'], e: number): number {
  const { cellsX, tileX, tileY } = grid;
  if (side === 'west' || side === 'east') {
    const i = tile.i0 + (side === 'east' ? tileX : 0);
    return geometry.lengthX[(tile.j0 + e) * (cellsX + 1) + i]!;
  }
  const j = tile.j0 + (side === 'north' ? tileY : 0);
  return geometry.lengthY[j * cellsX + tile.i0 + e]!;
}
