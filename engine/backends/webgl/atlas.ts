import { bytesPerElement, type FieldShape, type TileLayout } from '../../compiler/pipeline.ts';
import { CHANNELS, MAXIMUM, type Quad } from '../../compiler/quads.ts';
import { DeviceError } from '../webgpu/errors.ts';
import type { Size } from './webgl-device.ts';

/** Blocks of one layout side by side in a texture, ghosts included, row after row of blocks. */
export interface Atlas {
  readonly layout: TileLayout;
  /** Bytes at which the blocks lie in the run's memory, ascending. */
  readonly bases: readonly number[];
  /** Blocks in a row, and rows of blocks. */
  readonly across: number;
  readonly down: number;
  /** Of a texture of fields of a shape. */
  size(shape: FieldShape): Size;
}

/** gpu.js folds textures of one row into squares. */
const LEAST_HEIGHT = 2;

const blockRows = ({ cellsY, halo }: TileLayout): number => cellsY + 2 * halo;

/** Lays blocks out as square as may be. Throws TooLargeForDevice. */
export function makeAtlas(what: string, layout: TileLayout, bases: readonly number[], largestTexture: number): Atlas {
  const [stride, rows] = [layout.stride, blockRows(layout)];
  const most = { across: Math.floor(largestTexture / stride), down: Math.floor(largestTexture / rows) };
  const square = Math.ceil(Math.sqrt((bases.length * rows) / stride));
  const across = Math.max(1, Math.min(most.across, Math.max(square, Math.ceil(bases.length / Math.max(1, most.down)))));
  const down = Math.ceil(bases.length / across);
  if (across > most.across || down > most.down)
    throw new DeviceError(
      'TooLargeForDevice',
      `${bases.length} ${what} of ${stride} × ${rows} values do not fit in a texture of ${largestTexture} × ${largestTexture}, the largest of this device. Use fewer cells, or the processor.`,
    );
  const sizes: Record<FieldShape, Size> = {
    cell: { width: across * stride, height: Math.max(LEAST_HEIGHT, down * rows) },
    column: { width: across * stride, height: Math.max(LEAST_HEIGHT, down) },
    row: { width: across, height: Math.max(LEAST_HEIGHT, down * rows) },
  };
  return { layout, bases, across, down, size: (shape) => sizes[shape] };
}

/** A place in a texture. */
export interface Texel {
  readonly x: number;
  readonly y: number;
}

/** First texel of a block in a texture of cells. */
export const cornerOf = ({ layout, across }: Atlas, block: number): Texel => ({
  x: (block % across) * layout.stride,
  y: Math.floor(block / across) * blockRows(layout),
});

/** Texel of a cell whose byte address in a field at offset 0 is known. */
export function texelOf(atlas: Atlas, address: number): Texel {
  const { bases, layout } = atlas;
  let [low, high] = [0, bases.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bases[middle]! <= address) low = middle;
    else high = middle;
  }
  const element = (address - bases[low]!) / bytesPerElement(layout.precision);
  const corner = cornerOf(atlas, low);
  return { x: corner.x + (element % layout.stride), y: corner.y + Math.floor(element / layout.stride) };
}

/** Stretches of elements that lie together in a field's array and along a row of a texture. */
function* stretches(atlas: Atlas, shape: FieldShape): Generator<{ from: number; to: Texel; count: number }> {
  const { layout, bases, across } = atlas;
  const { cellsX, halo, stride } = layout;
  const rows = blockRows(layout);
  for (const block of bases.keys()) {
    const [column, line] = [block % across, Math.floor(block / across)];
    if (shape === 'column') yield { from: 0, to: { x: column * stride, y: line }, count: cellsX + 2 * halo };
    else
      for (let j = 0; j < rows; j++)
        yield shape === 'cell'
          ? { from: j * stride, to: { x: column * stride, y: line * rows + j }, count: cellsX + 2 * halo }
          : { from: j, to: { x: column, y: line * rows + j }, count: 1 };
  }
}

/** Calls back for each stretch of a field: its first element in the memory, and the first texel's number. */
function eachStretch(
  atlas: Atlas,
  quad: Quad,
  field: string,
  visit: (element: number, texel: number, count: number) => void,
): void {
  const { layout, bases } = atlas;
  const { width } = atlas.size(quad.shape);
  const perBlock = quad.shape === 'column' ? 1 : blockRows(layout);
  const { offset } = layout.fields.get(field)!;
  let k = 0;
  for (const { from, to, count } of stretches(atlas, quad.shape)) {
    const base = bases[Math.floor(k++ / perBlock)]!;
    visit((base + offset) / 4 + from, to.y * width + to.x, count);
  }
}

/** The texels of a quad from the run's memory. */
export function quadTexels(atlas: Atlas, quad: Quad, memory: Float32Array): Float32Array {
  const { width, height } = atlas.size(quad.shape);
  const texels = new Float32Array(width * height * CHANNELS);
  quad.fields.forEach((field, channel) => {
    if (field === MAXIMUM) return;
    eachStretch(atlas, quad, field, (element, texel, count) => {
      for (let k = 0; k < count; k++) texels[(texel + k) * CHANNELS + channel] = memory[element + k]!;
    });
  });
  return texels;
}

/** Puts a field's values, ghosts included, from the texels of its quad into the run's memory. */
export function storeField(atlas: Atlas, quad: Quad, field: string, texels: Float32Array, memory: Float32Array): void {
  const channel = quad.fields.indexOf(field);
  eachStretch(atlas, quad, field, (element, texel, count) => {
    for (let k = 0; k < count; k++) memory[element + k] = texels[(texel + k) * CHANNELS + channel]!;
  });
}
