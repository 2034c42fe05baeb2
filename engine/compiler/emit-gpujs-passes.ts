import { FAILED } from '../kernels/activity.ts';
import { fourResults, kernelText, placeInBlock, readTexels, type TexelReads } from './gpujs-text.ts';
import type { TileLayout } from './pipeline.ts';

/** What surrounds the kernels of a step, as strings for gpu.js: gathers, largest values, samples. Each gives four values a place. */

/** What becomes of one channel where a table names sources: from a channel of a texture, or left as it was. */
export type GatheredChannel =
  | { readonly texture: number; readonly channel: number; readonly reversedBy?: 'wall-x' | 'wall-y' | undefined }
  | undefined;

/** How a place of a map says which wall mirrors there. */
export const WALL = { none: 0, 'wall-x': 1, 'wall-y': 2 } as const;

/**
 * Gathers into a texture as `compileGather` does: the table's textures, the target as it was, and the textures of the
 * sources (numbered from 0). The map holds for each place how many sources it has (0: left alone), where they stand, and the
 * wall that mirrors; where there is one, its own place; where there are several, that of the first word of the table: the
 * nearest one's place, then place and weight of each.
 */
export function emitGpujsGather(channels: readonly GatheredChannel[], reads: TexelReads = 'whole'): string {
  const textures = Math.max(-1, ...channels.map((channel) => channel?.texture ?? -1)) + 1;
  const sources = Array.from({ length: textures }, (_, k) => k);
  const place = (texture: string, row: string, column: string) => `${texture}[${row}][${column}]`;
  const maps = readTexels(reads, 'here');
  const here = (k: number) => maps.channel(place('t0', 'this.thread.y', 'this.thread.x'), k);
  const was = readTexels(reads, 'was');
  const old = [0, 1, 2, 3].map((k) => was.channel(place('t2', 'this.thread.y', 'this.thread.x'), k));
  const source = (k: number) => `t${k + 3}`;

  const only = readTexels(reads, 'only');
  const copied = channels.map((channel, k) => {
    if (!channel) return old[k]!;
    const value = only.channel(place(source(channel.texture), here(2), here(1)), channel.channel);
    return channel.reversedBy ? `(${here(3)} === ${WALL[channel.reversedBy]} ? -${value} : ${value})` : value;
  });

  const entries = readTexels(reads, 'first');
  const nearest = readTexels(reads, 'near');
  const words = readTexels(reads, 'word');
  const others = readTexels(reads, 'other');
  const first = (k: number) => entries.channel(place('t1', here(2), here(1)), k);
  const word = (k: number) => words.channel(place('t1', here(2), `${here(1)} + k`), k);
  const [nearRow, nearColumn] = [first(1), first(0)];
  const [row, column, weight] = [word(1), word(0), word(2)];
  const terms = channels.map((channel, k) => {
    if (!channel) return '';
    const near = nearest.channel(place(source(channel.texture), nearRow, nearColumn), channel.channel);
    const value = others.channel(place(source(channel.texture), row, column), channel.channel);
    return `sum${k} = Math.fround(sum${k} + Math.fround(${weight} * Math.fround(${value} - ${near})));`;
  });
  const interpolated = channels.map((channel, k) =>
    channel
      ? `Math.fround(${nearest.channel(place(source(channel.texture), nearRow, nearColumn), channel.channel)} + sum${k})`
      : old[k]!,
  );
  const body = [
    ...maps.fetches(),
    ...was.fetches(),
    `if (${here(0)} < 1) { ${fourResults(old)} }`,
    `if (${here(0)} === 1) { ${only.fetches().join(' ')} ${fourResults(copied)} }`,
    ...entries.fetches(),
    ...nearest.fetches(),
    ...channels.map((_, k) => `let sum${k} = 0;`),
    `for (let k = 1; k <= ${here(0)}; k++) { ${words.fetches().join(' ')} ${others.fetches().join(' ')} ${terms.join(' ')} }`,
    fourResults(interpolated),
  ];
  return kernelText(3 + sources.length, 0, body);
}

/** 1 where a number is not finite, else 0: what `emitGpujsLargest` calls. The device's own looks at the bits. */
export const NOT_FINITE = {
  name: 'notFinite',
  script: 'function notFinite(value) { return value - value === 0 ? 0 : 1; }',
  glsl: 'float notFinite(float value) { return (floatBitsToUint(value) & 0x7f800000u) == 0x7f800000u ? 1.0 : 0.0; }',
} as const;

/**
 * Largest value along each row of each tile's interior: channel `largest` of the first texture (none where it is −1), FAILED
 * where any of the channels in use of any texture is not finite. A place for each tile's column and each row.
 */
export function emitGpujsLargest(
  { cellsX, cellsY, halo, stride }: TileLayout,
  largest: number,
  channelsInUse: readonly number[],
  reads: TexelReads = 'whole',
): string {
  const cells = readTexels(reads, 'cell');
  const at = (texture: number, channel: number) =>
    cells.channel(`t${texture}[this.thread.y][this.thread.x * ${stride} + ${halo} + i]`, channel);
  const value = largest < 0 ? '0' : at(0, largest);
  const faults = channelsInUse.flatMap((count, texture) =>
    Array.from({ length: count }, (_, channel) => `fault += ${NOT_FINITE.name}(${at(texture, channel)});`),
  );
  return kernelText(channelsInUse.length, 0, [
    placeInBlock(stride, cellsY + 2 * halo),
    'let found = 0;',
    'let fault = 0;',
    `if (y >= ${halo} && y < ${halo + cellsY}) {`,
    `for (let i = 0; i < ${cellsX}; i++) { ${cells.fetches().join(' ')} const value = ${value}; found = (found < value ? value : found); ${faults.join(' ')} }`,
    '}',
    `if (fault > 0 || found > ${FAILED}) { found = ${FAILED}; }`,
    fourResults(['found']),
  ]);
}

/**
 * What each tile has come to: its largest value of all rows, and the first step that it failed in, −1 before. From the rows'
 * values, what was known, and the step's number.
 */
export function emitGpujsVerdict({ cellsY, halo }: TileLayout, reads: TexelReads = 'whole'): string {
  const rows = readTexels(reads, 'row');
  const known = readTexels(reads, 'known');
  const value = rows.channel(`t0[this.thread.y * ${cellsY + 2 * halo} + ${halo} + j][this.thread.x]`, 0);
  const step = known.channel('t1[this.thread.y][this.thread.x]', 1);
  return kernelText(2, 1, [
    ...known.fetches(),
    'let found = 0;',
    `for (let j = 0; j < ${cellsY}; j++) { ${rows.fetches().join(' ')} const value = ${value}; found = (found < value ? value : found); }`,
    `const first = (${step} < 0 && found >= ${FAILED} ? p0 : ${step});`,
    fourResults(['found', 'first']),
  ]);
}

/**
 * The series of some cells: a row a step, a column a cell. From the series so far, where the cells stand (x, y and channel, −1
 * for a cell of another texture), the texture, and the step's number.
 */
export function emitGpujsSample(reads: TexelReads = 'whole'): string {
  const series = readTexels(reads, 'old');
  const places = readTexels(reads, 'place');
  const values = readTexels(reads, 'value');
  const old = series.channel('t0[this.thread.y][this.thread.x]', 0);
  const [x, y, channel] = [0, 1, 2].map((k) => places.channel('t1[0][this.thread.x]', k));
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => values.channel(`t2[${y}][${x}]`, k));
  return kernelText(3, 1, [
    ...series.fetches(),
    ...places.fetches(),
    `let found = ${old};`,
    `if (this.thread.y === p0 && ${channel} >= 0) { ${values.fetches().join(' ')} found = (${channel} < 1 ? ${a} : (${channel} < 2 ? ${b} : (${channel} < 3 ? ${c} : ${d}))); }`,
    fourResults(['found']),
  ]);
}

/** Takes some channels of a texture from another one. */
export function emitGpujsMerge(taken: readonly boolean[], reads: TexelReads = 'whole'): string {
  const old = readTexels(reads, 'old');
  const other = readTexels(reads, 'other');
  const results = taken.map((is, channel) => {
    const place = '[this.thread.y][this.thread.x]';
    return is ? other.channel(`t1${place}`, channel) : old.channel(`t0${place}`, channel);
  });
  return kernelText(2, 0, [...old.fetches(), ...other.fetches(), fourResults(results)]);
}
