import { bytesPerElement, elementIndex, SIDES } from '../../compiler/pipeline.ts';
import type { Grid, PanelCoordinates, PanelEdge, Tile } from '../../grid/grid.ts';
import type { MemoryPlan, StripPlan } from './memory-plan.ts';

const AXES = ['X', 'Y', 'Z'] as const;

/** Writes the grid's lengths, areas and directions into the tiles and strips of a run, and the strips' addresses. */
export function writeGeometry(grid: Grid, plan: MemoryPlan, memory: WebAssembly.Memory, reach: number): void {
  const { layout } = plan;
  const width = bytesPerElement(layout.precision);
  const values = layout.precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const pointers = new Int32Array(memory.buffer);

  /** Copies `columns` × `rows` numbers of a panel array, from the tile's corner on, into a tile's field from (first, first). */
  const place = (
    tile: Tile,
    field: string,
    columns: number,
    rows: number,
    at: (i: number, j: number) => number,
    first = 0,
  ): void => {
    const found = layout.fields.get(field);
    if (!found) return;
    const base = (plan.tiles[tile.id]!.base + found.offset) / width;
    for (let j = 0; j < rows; j++) {
      const row = base + elementIndex(layout, found.shape, first, first + j);
      for (let i = 0; i < columns; i++) values[row + i] = at(tile.i0 + i, tile.j0 + j);
    }
  };

  const { cellsX, tileX, tileY, halo } = grid;
  const coordinates = new Map<number, PanelCoordinates>();
  const coordinatesOf = (panel: number): PanelCoordinates => {
    const found = coordinates.get(panel) ?? grid.coordinates(panel, halo);
    coordinates.set(panel, found);
    return found;
  };
  const placeCoordinates = (tile: Tile): void => {
    const { centre, stretchX, stretchY, faceStretchX, faceStretchY } = coordinatesOf(tile.panel);
    const wide = cellsX + 2 * halo;
    const withGhosts = { ...tile, i0: tile.i0 - halo, j0: tile.j0 - halo };
    for (const [a, axis] of AXES.entries()) {
      const corner = { columns: tileX + 2 * halo, rows: tileY + 2 * halo, from: -halo };
      place(
        withGhosts,
        `centre${axis}`,
        corner.columns,
        corner.rows,
        (i, j) => centre[a]![(j + halo) * wide + i + halo]!,
        corner.from,
      );
    }
    place(tile, 'stretchX', tileX, tileY, (i, j) => stretchX[j * cellsX + i]!);
    place(tile, 'stretchY', tileX, tileY, (i, j) => stretchY[j * cellsX + i]!);
    place(tile, 'faceStretchX', tileX + 1, tileY, (i, j) => faceStretchX[j * (cellsX + 1) + i]!);
    place(tile, 'faceStretchY', tileX, tileY + 1, (i, j) => faceStretchY[j * cellsX + i]!);
  };
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
    if (layout.fields.has('centreX')) placeCoordinates(tile);
    if (!plan.stripLayout) continue;
    for (const [index, edge] of grid.panelEdges(tile.id, { reach }).entries()) {
      const strip = plan.tiles[tile.id]!.strips[index]!;
      pointers[plan.tiles[tile.id]!.stripPointers / 4 + SIDES.indexOf(edge.side)] = strip.base;
      writeStrip(grid, plan.stripLayout, values, tile, edge, reach, strip);
    }
  }
}

function writeStrip(
  grid: Grid,
  layout: NonNullable<MemoryPlan['stripLayout']>,
  values: Float32Array | Float64Array,
  tile: Tile,
  edge: PanelEdge,
  reach: number,
  { base }: StripPlan,
): void {
  const geometry = grid.geometry(tile.panel);
  // Outward runs against the tile's x on its west side and against its y on its south side.
  const orientation = edge.side === 'west' || edge.side === 'south' ? -1 : 1;
  const place = (field: string, beyond: number, at: (e: number) => number) => {
    const start = (base + layout.fields.get(field)!.offset) / values.BYTES_PER_ELEMENT;
    for (let e = -beyond; e < edge.cells + beyond; e++) values[start + elementIndex(layout, 'cell', e, 0)] = at(e);
  };
  for (const [a, axis] of AXES.entries()) place(`normal${axis}`, reach, () => edge.normal[a]!);
  place('length', 0, (e) => ofFace(grid, geometry.lengthX, geometry.lengthY, tile, edge.side, e));
  place('orientation', 0, () => orientation);
  if (reach === 0) return;
  const { faceStretchX, faceStretchY } = grid.coordinates(tile.panel, 0);
  place('stretch', 0, (e) => ofFace(grid, faceStretchX, faceStretchY, tile, edge.side, e));
}

/** Value of a face on a tile's side, from the arrays of a panel's x-faces and y-faces. */
function ofFace(
  { cellsX, tileX, tileY }: Grid,
  xFaces: Float64Array,
  yFaces: Float64Array,
  tile: Tile,
  side: PanelEdge['side'],
  e: number,
): number {
  if (side === 'west' || side === 'east')
    return xFaces[(tile.j0 + e) * (cellsX + 1) + tile.i0 + (side === 'east' ? tileX : 0)]!;
  return yFaces[(tile.j0 + (side === 'north' ? tileY : 0)) * cellsX + tile.i0 + e]!;
}
