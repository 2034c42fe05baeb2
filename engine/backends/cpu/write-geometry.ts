import { bytesPerElement, elementIndex, SIDES } from '../../compiler/pipeline.ts';
import type { Grid, PanelCoordinates, Side, Tile } from '../../grid/grid.ts';
import type { MemoryPlan, StripPlan } from './memory-plan.ts';

const AXES = ['X', 'Y', 'Z'] as const;

/** Writes the grid's lengths, areas and directions into the tiles and strips of a run, and the strips' addresses. */
export function writeGeometry(grid: Grid, plan: MemoryPlan, memory: WebAssembly.Memory, reach: number): void {
  const { layout } = plan;
  const width = bytesPerElement(layout.precision);
  const values = layout.precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const pointers = new Int32Array(memory.buffer);

  /**
   * Copies `columns` × `rows` numbers of a panel array whose rows are `stride` long, from the tile's corner on, into a tile's
   * field from (first, first).
   */
  const place = (
    tile: Pick<Tile, 'id' | 'i0' | 'j0'>,
    field: string,
    columns: number,
    rows: number,
    from: Float64Array,
    stride: number,
    first = 0,
  ): void => {
    const found = layout.fields.get(field);
    if (!found) return;
    const base = (plan.tiles[tile.id]!.base + found.offset) / width;
    for (let j = 0; j < rows; j++) {
      const start = (tile.j0 + j) * stride + tile.i0;
      values.set(from.subarray(start, start + columns), base + elementIndex(layout, found.shape, first, first + j));
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
    // These arrays begin at a panel's ghosts, as the tile's does.
    for (const [a, axis] of AXES.entries())
      place(tile, `centre${axis}`, tileX + 2 * halo, tileY + 2 * halo, centre[a]!, cellsX + 2 * halo, -halo);
    place(tile, 'stretchX', tileX, tileY, stretchX, cellsX);
    place(tile, 'stretchY', tileX, tileY, stretchY, cellsX);
    place(tile, 'faceStretchX', tileX + 1, tileY, faceStretchX, cellsX + 1);
    place(tile, 'faceStretchY', tileX, tileY + 1, faceStretchY, cellsX);
  };
  const inverseAreas = new Map<number, Float64Array>();
  const inverseAreaOf = (panel: number): Float64Array => {
    const found = inverseAreas.get(panel) ?? grid.geometry(panel).area.map((area) => 1 / area);
    inverseAreas.set(panel, found);
    return found;
  };
  for (const tile of grid.tiles) {
    const { lengthX, lengthY, up, normalX, normalY } = grid.geometry(tile.panel);
    place(tile, 'inverseArea', tileX, tileY, inverseAreaOf(tile.panel), cellsX);
    place(tile, 'lengthX', tileX + 1, tileY, lengthX, cellsX + 1);
    place(tile, 'lengthY', tileX, tileY + 1, lengthY, cellsX);
    const { id, i0, j0 } = tile;
    for (const [a, axis] of AXES.entries()) {
      place(tile, `up${axis}`, tileX, tileY, up[a]!, cellsX);
      // The same along a column, or along a row.
      place({ id, i0, j0: 0 }, `normal${axis}ofX`, tileX + 1, 1, normalX[a]!, cellsX + 1);
      place({ id, i0: j0, j0: 0 }, `normal${axis}ofY`, 1, tileY + 1, normalY[a]!, 1);
    }
    if (layout.fields.has('centreX')) placeCoordinates(tile);
    if (!plan.stripLayout) continue;
    const { strips, stripPointers } = plan.tiles[tile.id]!;
    for (const strip of strips) {
      pointers[stripPointers / 4 + SIDES.indexOf(strip.side)] = strip.base;
      const stretches = reach === 0 ? undefined : coordinatesOf(tile.panel);
      writeStrip(grid, plan.stripLayout, values, tile, reach, strip, stretches);
    }
  }
}

function writeStrip(
  grid: Grid,
  layout: NonNullable<MemoryPlan['stripLayout']>,
  values: Float32Array | Float64Array,
  tile: Tile,
  reach: number,
  { base, side, cells, normal }: StripPlan,
  /** Wanted where the strips reach beyond their panel's edge. */
  stretches: Pick<PanelCoordinates, 'faceStretchX' | 'faceStretchY'> | undefined,
): void {
  const geometry = grid.geometry(tile.panel);
  // Outward runs against the tile's x on its west side and against its y on its south side.
  const orientation = side === 'west' || side === 'south' ? -1 : 1;
  const place = (field: string, beyond: number, at: (e: number) => number) => {
    const start = (base + layout.fields.get(field)!.offset) / values.BYTES_PER_ELEMENT;
    for (let e = -beyond; e < cells + beyond; e++) values[start + elementIndex(layout, 'cell', e, 0)] = at(e);
  };
  for (const [a, axis] of AXES.entries()) place(`normal${axis}`, reach, () => normal[a]!);
  place('length', 0, (e) => ofFace(grid, geometry.lengthX, geometry.lengthY, tile, side, e));
  place('orientation', 0, () => orientation);
  if (!stretches) return;
  const { faceStretchX, faceStretchY } = stretches;
  place('stretch', 0, (e) => ofFace(grid, faceStretchX, faceStretchY, tile, side, e));
}

/** Value of a face on a tile's side, from the arrays of a panel's x-faces and y-faces. */
function ofFace(
  { cellsX, tileX, tileY }: Grid,
  xFaces: Float64Array,
  yFaces: Float64Array,
  tile: Tile,
  side: Side,
  e: number,
): number {
  if (side === 'west' || side === 'east')
    return xFaces[(tile.j0 + e) * (cellsX + 1) + tile.i0 + (side === 'east' ? tileX : 0)]!;
  return yFaces[(tile.j0 + (side === 'north' ? tileY : 0)) * cellsX + tile.i0 + e]!;
}
