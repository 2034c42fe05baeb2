import { deviceTableWords } from '../../compiler/emit-wgsl-gather.ts';
import { type GatheredField, readGatherTable } from '../../compiler/gather.ts';
import { bytesPerElement, SIDES } from '../../compiler/pipeline.ts';
import { BLOCK } from '../../compiler/wgsl-layout.ts';
import { START, stageInput } from '../../timesteppers/runge-kutta.ts';
import type { CpuRun, ThreadSetup } from '../cpu/cpu-run.ts';
import type { GatherTable } from '../cpu/memory-plan.ts';

/** What shaders know of a run's tiles: words made of its memory plan, once. */

/** Tiles that this process computes, ascending. */
export const ownTiles = ({ plan, exchangePlan }: CpuRun): number[] =>
  [...plan.tiles.keys()].filter((tile) => !exchangePlan || exchangePlan.owned[tile] === 1);

/** Tiles as blocks, with the strips of their sides. */
export function tileBlockWords({ plan, memory }: CpuRun, ids: readonly number[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(ids.length * BLOCK.words);
  ids.forEach((id, place) => {
    const { base, stripPointers } = plan.tiles[id]!;
    const at = place * BLOCK.words;
    words[at + BLOCK.base] = base / 4;
    words[at + BLOCK.tile] = id;
    const pointers = new Uint32Array(memory.buffer, stripPointers, SIDES.length);
    for (let side = 0; side < SIDES.length; side++) words[at + BLOCK.strips + side] = pointers[side]! / 4;
  });
  return words;
}

/** Strips as blocks; they have no strips of their own. */
export function stripBlockWords(
  strips: readonly { readonly base: number; readonly tile: number }[],
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(strips.length * BLOCK.words);
  strips.forEach(({ base, tile }, s) => {
    words[s * BLOCK.words + BLOCK.base] = base / 4;
    words[s * BLOCK.words + BLOCK.tile] = tile;
  });
  return words;
}

/** Of each tile the tiles that its ghosts come from, as `judge` reads them, and from `ownAt` on whether it is computed here. */
export function sourceWords(
  sources: readonly Int32Array[],
  own: readonly number[],
): { readonly words: Uint32Array<ArrayBuffer>; readonly ownAt: number } {
  const ownAt = sources.length + 1 + sources.reduce((sum, { length }) => sum + length, 0);
  const words = new Uint32Array(ownAt + sources.length);
  for (const tile of own) words[ownAt + tile] = 1;
  let end = 0;
  sources.forEach((list, tile) => {
    words[tile] = end;
    words.set(list, sources.length + 1 + end);
    end += list.length;
  });
  words[sources.length] = end;
  return { words, ownAt };
}

/** A gather table of the run's memory, and the tile that it belongs to. */
export interface Member {
  readonly tile: number;
  readonly table: GatherTable;
}

/** Tables of all tiles as few: one for each width and wall. */
export function joinTables({ memory, plan }: CpuRun, members: readonly Member[]) {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = `${member.table.width} ${member.table.mirror ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()].map((group) => {
    const { width, mirror } = group[0]!.table;
    const count = group.reduce((sum, { table }) => sum + table.count, 0);
    const joined = {
      width,
      tiles: new Uint32Array(count),
      targets: new Uint32Array(count),
      nearest: new Uint32Array(count),
      sources: new Uint32Array(width === 1 ? 0 : count * width),
      weights: new Float32Array(width === 1 ? 0 : count * width),
    };
    const element = (address: number) => address / bytesPerElement(plan.layout.precision);
    let first = 0;
    for (const { tile, table } of group) {
      const read = readGatherTable(memory, plan.layout.precision, table.address, table.count, width);
      joined.tiles.fill(tile, first, first + table.count);
      joined.targets.set(Array.from(read.targets, element), first);
      joined.nearest.set(Array.from(read.nearest, element), first);
      if (width > 1) {
        joined.sources.set(Array.from(read.sources, element), first * width);
        joined.weights.set(read.weights, first * width);
      }
      first += table.count;
    }
    return { mirror, count, words: deviceTableWords(joined) };
  });
}

type Exchanged = ThreadSetup['exchanged'];

/** Arrays whose ghosts a table fills, reversed at a wall where they are. */
export const ghostFields =
  ({ plan }: ThreadSetup, fields: Exchanged, arrayOf: (name: string) => string) =>
  (mirror: GatherTable['mirror']): readonly GatheredField[] =>
    fields.map(({ name, reversedBy }) => {
      const { offset } = plan.layout.fields.get(arrayOf(name))!;
      return { from: offset, to: offset, sign: mirror !== undefined && reversedBy === mirror ? -1 : 1 };
    });

/**
 * Lines of the strips that change in a stage, and the arrays that they come from; those of static fields are there, and those of
 * `start` stay through a step.
 */
export function changingLines(
  { edgeLines, exchanged, derived }: ThreadSetup,
  wanted: 'own' | 'partner',
  stage: number,
): readonly { readonly field: string; readonly from: string }[] {
  const isPrognostic = (name: string) => exchanged.some((field) => field.name === name);
  const changes = (name: string) =>
    isPrognostic(name) || derived.some((field) => field.name === name) || (stage === 0 && name.endsWith(`.${START}`));
  return edgeLines
    .filter(({ from, side }) => side === wanted && changes(from))
    .map(({ field, from }) => ({ field, from: isPrognostic(from) ? stageInput(from, stage) : from }));
}

export const lineFields = (setup: ThreadSetup, wanted: 'own' | 'partner', stage: number): readonly GatheredField[] =>
  changingLines(setup, wanted, stage).map(({ field, from }) => ({
    from: setup.plan.layout.fields.get(from)!.offset,
    to: setup.plan.stripLayout!.fields.get(field)!.offset,
    sign: 1,
  }));

/** What is copied when a tile falls idle: the state into both stage buffers, so many elements each. */
export function settledArrays({ plan, exchanged }: ThreadSetup) {
  const { fields, stride, cellsY, halo } = plan.layout;
  const offset = (array: string) => fields.get(array)!.offset;
  return {
    copies: exchanged.flatMap(({ name }) =>
      ['a', 'b'].map((part) => ({ from: offset(`${name}.${START}`), to: offset(`${name}.${part}`) })),
    ),
    elements: stride * (cellsY + 2 * halo),
  };
}
