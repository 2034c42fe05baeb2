import { WALL } from '../../compiler/emit-gpujs-passes.ts';
import { readGatherTable } from '../../compiler/gather.ts';
import { elementIndex, SIDES } from '../../compiler/pipeline.ts';
import { CHANNELS } from '../../compiler/quads.ts';
import type { GatherTable } from '../cpu/memory-plan.ts';
import { type Atlas, cornerOf, texelOf } from './atlas.ts';
import type { Size } from './webgl-device.ts';

/** What a gather needs beside its fields, as texels: see `emitGpujsGather`. */
export interface GatherTexels {
  readonly size: Size;
  /** Of each place of the target's texture. */
  readonly map: Float32Array;
  readonly words: Float32Array;
  readonly wordSize: Size;
}

/** Texels of a row of words: wide enough for any target, and no wider than the smallest device allows. */
const WORDS_ACROSS = 2048;

/** Gather tables as textures, or undefined where there are none. Targets lie in one atlas, sources in another or the same. */
export function gatherTexels(
  memory: WebAssembly.Memory,
  tables: readonly GatherTable[],
  targets: Atlas,
  sources: Atlas,
): GatherTexels | undefined {
  if (tables.length === 0) return undefined;
  const size = targets.size('cell');
  const map = new Float32Array(size.width * size.height * CHANNELS);
  const words: number[] = [];
  for (const { address, count, width, mirror } of tables) {
    const table = readGatherTable(memory, 'float32', address, count, width);
    for (let t = 0; t < count; t++) {
      const target = texelOf(targets, table.targets[t]!);
      const nearest = texelOf(sources, table.nearest[t]!);
      const at = (target.y * size.width + target.x) * CHANNELS;
      if (width === 1) {
        map.set([1, nearest.x, nearest.y, WALL[mirror ?? 'none']], at);
        continue;
      }
      // A target's words stand in one row.
      const used = (words.length / CHANNELS) % WORDS_ACROSS;
      if (used + 1 + width > WORDS_ACROSS) for (let k = used; k < WORDS_ACROSS; k++) words.push(0, 0, 0, 0);
      const first = words.length / CHANNELS;
      map.set([width, first % WORDS_ACROSS, Math.floor(first / WORDS_ACROSS), 0], at);
      words.push(nearest.x, nearest.y, 0, 0);
      for (let k = 0; k < width; k++) {
        const source = texelOf(sources, table.sources[t * width + k]!);
        words.push(source.x, source.y, table.weights[t * width + k]!, 0);
      }
    }
  }
  const wordSize = {
    width: WORDS_ACROSS,
    height: Math.max(2, Math.ceil(words.length / CHANNELS / WORDS_ACROSS)),
  };
  const padded = new Float32Array(wordSize.width * wordSize.height * CHANNELS);
  padded.set(words);
  return { size, map, words: padded, wordSize };
}

/**
 * Of each place of a tile: where the strip's cell of its west or east face stands, then that of its south or north face; −1
 * where none does. `stripsOf` gives the addresses of a tile's four strips, 0 where it has none.
 */
export function edgeTexels(tiles: Atlas, strips: Atlas, stripsOf: (tile: number) => ArrayLike<number>): Float32Array {
  const { width, height } = tiles.size('cell');
  const texels = new Float32Array(width * height * CHANNELS).fill(-1);
  const { cellsX, cellsY, halo } = tiles.layout;
  const firstFace = elementIndex(strips.layout, 'cell', 0, 0) * 4;
  for (const tile of tiles.bases.keys()) {
    const corner = cornerOf(tiles, tile);
    const pointers = stripsOf(tile);
    for (const [place, side] of SIDES.entries()) {
      const base = pointers[place]!;
      if (base === 0) continue;
      const across = side === 'west' || side === 'east';
      const line = side === 'east' ? cellsX : side === 'north' ? cellsY : 0;
      for (let face = 0; face < (across ? cellsY : cellsX); face++) {
        const [i, j] = across ? [line, face] : [face, line];
        const at = (corner.y + halo + j) * width + corner.x + halo + i;
        const strip = texelOf(strips, base + firstFace + face * 4);
        texels.set([strip.x, strip.y], at * CHANNELS + (across ? 0 : 2));
      }
    }
  }
  return texels;
}
