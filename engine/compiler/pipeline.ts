import type { Kernel } from '../kernels/kernel.ts';

export type Precision = 'float32' | 'float64';

export const bytesPerElement = (precision: Precision): 4 | 8 => (precision === 'float32' ? 4 : 8);

/**
 * How a field is stored in a tile.
 * - `cell`: one element a cell, ghosts included. Faces use it too: the face between cells i−1 and i has index i.
 * - `column`: one element for each i (ghosts included), the same for every row.
 * - `row`: one element for each j (ghosts included), the same along a row.
 */
export type FieldShape = 'cell' | 'column' | 'row';

export interface FieldLayout {
  readonly name: string;
  readonly shape: FieldShape;
  /** Byte offset of the first stored element (i = −halo, j = −halo) from the tile's base pointer. */
  readonly offset: number;
}

/** Where everything lies in a tile's block of memory. All tiles of a grid share one layout. */
export interface TileLayout {
  readonly precision: Precision;
  /** Interior cells along a row (i) and across rows (j). */
  readonly cellsX: number;
  readonly cellsY: number;
  readonly halo: number;
  /** Elements from one row to the next: cellsX + 2 halo + padding, a multiple of 4. */
  readonly stride: number;
  readonly fields: ReadonlyMap<string, FieldLayout>;
  /** Size of the block, a multiple of 64. */
  readonly bytes: number;
}

/** Elements by which a vector loop may run past the last cell it was asked for. */
export const VECTOR_OVERRUN = 4;

/** Lays fields out one behind the other. Every array is padded so that a vector loop may overrun its last element. */
export function layOutTile(
  precision: Precision,
  cellsX: number,
  cellsY: number,
  halo: number,
  fields: readonly { readonly name: string; readonly shape: FieldShape }[],
): TileLayout {
  const stride = Math.ceil((cellsX + 2 * halo + VECTOR_OVERRUN) / 4) * 4;
  const width = bytesPerElement(precision);
  const rows = cellsY + 2 * halo;
  const elements = {
    cell: stride * rows + VECTOR_OVERRUN,
    column: stride + VECTOR_OVERRUN,
    row: rows + VECTOR_OVERRUN,
  };
  const layouts = new Map<string, FieldLayout>();
  let offset = 0;
  for (const { name, shape } of fields) {
    if (layouts.has(name)) throw new Error(`layOutTile: field ${name} is listed twice. Give each field one name.`);
    layouts.set(name, { name, shape, offset });
    offset += Math.ceil((elements[shape] * width) / 64) * 64;
  }
  return { precision, cellsX, cellsY, halo, stride, fields: layouts, bytes: offset };
}

/** Elements from the start of a field's array to the one at (i, j); ghosts have negative indices or indices ≥ cells. */
export function elementIndex(layout: TileLayout, shape: FieldShape, i: number, j: number): number {
  const { halo, stride } = layout;
  if (shape === 'column') return i + halo;
  if (shape === 'row') return j + halo;
  return (j + halo) * stride + i + halo;
}

/** One kernel with its local names bound to fields. Names not bound stand for themselves. */
export interface Stage {
  readonly kernel: Kernel;
  /** Kernel-local name → field name. A name that the layout does not hold is a transient: a few rows of scratch. */
  readonly bind?: Readonly<Record<string, string>>;
}

export type Side = 'west' | 'east' | 'south' | 'north';
export const SIDES: readonly Side[] = ['west', 'east', 'south', 'north'];

/**
 * Replaces a transient on one outer line of faces by values computed elsewhere (in an edge strip), for tiles that lie
 * on that side's panel edge. West and east replace index i = 0 and i = cellsX of each row; south and north replace
 * row j = 0 and row j = cellsY. The source is a field of the strip's layout (of shape `cell` or `column`; the strip's
 * cellsX is the number of faces, its cellsY 1): its element (i = e, j = 0) belongs to j = e (west, east) or i = e
 * (south, north).
 */
export interface Override {
  readonly transient: string;
  readonly side: Side;
  readonly from: string;
}

/**
 * A list of kernels run over a tile in one sweep. Fields of the layout that a stage writes are written on the interior;
 * transients are computed where later stages need them.
 */
export interface Pipeline {
  readonly name: string;
  readonly stages: readonly Stage[];
  readonly overrides?: readonly Override[];
  /** Layout of the strips that overrides read from. */
  readonly stripLayout?: TileLayout;
  /**
   * A transient (never NaN, never negative) whose largest value over the interior `run` returns. Without it `run`
   * returns 0.
   */
  readonly maximum?: string;
}

/** Names of a pipeline's parameters, in the order of the parameter block. */
export function pipelineParams(pipeline: Pipeline): readonly string[] {
  return [...new Set(pipeline.stages.flatMap((stage) => stage.kernel.params))];
}

/**
 * A pipeline ready to run on one memory. All pointers are byte addresses in that memory.
 *
 * tile: base of the tile's block. scratch: base of `scratchBytes` private to the calling thread.
 * params: base of a block of parameters, one element (of the layout's precision) each, in `params` order.
 * strips: base of four i32 strip pointers (west, east, south, north), 0 where the side is no panel edge;
 * ignored (may be 0) by a pipeline without overrides.
 */
export interface CompiledPipeline {
  readonly name: string;
  readonly scratchBytes: number;
  readonly params: readonly string[];
  run(tile: number, scratch: number, params: number, strips: number): number;
}

/** `wgsl` and `gpujs` run on a device, not on this processor; the others give the same bits. */
export type KernelForm = 'reference' | 'js' | 'wasm' | 'wgsl' | 'gpujs';

export const isDeviceForm = (form: KernelForm): boolean => form === 'wgsl' || form === 'gpujs';
