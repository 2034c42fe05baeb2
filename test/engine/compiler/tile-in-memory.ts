import { instantiatePipeline, type PipelineModule } from '../../../engine/compiler/compile.ts';
import { bytesPerElement, elementIndex, type TileLayout } from '../../../engine/compiler/pipeline.ts';

export type Numbers = Float32Array | Float64Array;

/** Uniform in [0, 1): Tommy Ettinger's mulberry32. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SPECIAL = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 5e-324, -1e-310, 1e-42, 1e300, -1e30, 2 ** 53];

/** Ordinary numbers, and among them, with probability `wild`, those that arithmetic treats apart. */
export function wildNumber(random: () => number, wild: number): number {
  if (random() < wild) return SPECIAL[Math.floor(random() * SPECIAL.length)]!;
  return (random() - 0.5) * 2 ** Math.floor(random() * 12 - 4);
}

/** Byte address of nothing in particular: tiles need not start at 0. */
const TILE = 4096;
const PAGE = 65536;

export interface TileInMemory {
  readonly memory: WebAssembly.Memory;
  readonly values: Numbers;
  readonly at: (field: string, i: number, j: number) => number;
  /** Byte addresses of the tile and of its strips (west, east, south, north; 0 where there is none). */
  readonly address: number;
  readonly strips: readonly number[];
  /** Runs one form on the tile; gives what `run` returns. */
  readonly run: (module: PipelineModule) => number;
}

/** A tile (and strips, if any) filled by `fill`, in a memory of its own; equal arguments give equal memories. */
export function tileInMemory(options: {
  readonly layout: TileLayout;
  readonly stripLayout?: TileLayout | undefined;
  /** Sides (west, east, south, north) that have a strip. */
  readonly strips?: readonly boolean[];
  readonly shared?: boolean;
  readonly params?: (name: string) => number;
  readonly fill: (field: string) => number;
}): TileInMemory {
  const { layout, stripLayout, strips = [], shared = false, fill } = options;
  const width = bytesPerElement(layout.precision);
  const stripBytes = stripLayout?.bytes ?? 0;
  const params = TILE + layout.bytes;
  const pointers = params + 1024;
  const firstStrip = pointers + 64;
  const scratch = firstStrip + 4 * stripBytes;
  const pages = Math.ceil((scratch + 4e5) / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const values = layout.precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  // Scratch starts with rubbish: nothing may depend on it.
  values.fill(Number.NaN, scratch / width);
  const fillBlock = (block: TileLayout, base: number) => {
    const fields = [...block.fields.values()];
    fields.forEach(({ name, offset }, k) => {
      const end = fields[k + 1]?.offset ?? block.bytes;
      for (let e = (base + offset) / width; e < (base + end) / width; e++) values[e] = fill(name);
    });
  };
  fillBlock(layout, TILE);
  const pointerBlock = new Int32Array(memory.buffer, pointers, 4);
  if (stripLayout)
    for (let side = 0; side < 4; side++) {
      const base = firstStrip + side * stripBytes;
      fillBlock(stripLayout, base);
      pointerBlock[side] = strips[side] ? base : 0;
    }
  const at = (field: string, i: number, j: number) => {
    const { offset, shape } = layout.fields.get(field)!;
    return (TILE + offset) / width + elementIndex(layout, shape, i, j);
  };
  const run = (module: PipelineModule) => {
    const pipeline = instantiatePipeline(module, memory);
    pipeline.params.forEach((name, k) => {
      values[params / width + k] = options.params?.(name) ?? 0;
    });
    return pipeline.run(TILE, scratch, params, stripLayout ? pointers : 0);
  };
  return { memory, values, at, address: TILE, strips: [...pointerBlock], run };
}

/** Values of a field on the interior, row by row. */
export function interior(tile: TileInMemory, layout: TileLayout, field: string): number[] {
  const found: number[] = [];
  for (let j = 0; j < layout.cellsY; j++)
    for (let i = 0; i < layout.cellsX; i++) found.push(tile.values[tile.at(field, i, j)]!);
  return found;
}
