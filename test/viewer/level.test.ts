import { describe, expect, it } from 'vitest';
import { finestLevel, levelFor } from '../../viewer/globe/level.ts';
import { scaleOf, type View } from '../../viewer/globe/projection.ts';
import type { RunInfo } from '../../workers/protocol/viewing.ts';

const runOf = (cells: number, levels: readonly number[], kind: 'cubed-sphere' | 'plane' = 'cubed-sphere') =>
  ({ levels, grid: { kind, panels: kind === 'plane' ? 1 : 6, cellsX: cells } }) as unknown as RunInfo;
const view = (zoom: number): View => ({
  ...{ projection: 'globe', longitude: 0, latitude: 0, zoom, width: 1280, height: 720, head: 0, foot: 112 },
});

describe('the level of a picture', () => {
  it('has cells no larger than pixels ask for, and is the coarsest of these', () => {
    for (const zoom of [0.6, 1, 2, 8]) {
      const level = levelFor(runOf(256, [0, 1, 2]), view(zoom));
      const wanted = 0.9 * ((scaleOf(view(zoom)) * Math.PI) / 2);
      const isFine = (one: number) => 256 / 2 ** one >= wanted;
      expect(isFine(level) || level === 0).toBe(true);
      if (level < 2) expect(isFine(level + 1)).toBe(false);
    }
  });

  it('is never one with more cells than can be sent many times a second', () => {
    expect(finestLevel(runOf(512, [0, 1, 2]))).toBe(1);
    expect(levelFor(runOf(512, [0, 1, 2]), view(60))).toBe(1);
    // Where all have too many, the one with the fewest.
    expect(finestLevel(runOf(4096, [0, 1]))).toBe(1);
  });

  it('of a plane is all its cells', () => {
    expect(levelFor(runOf(9000, [0], 'plane'), view(1))).toBe(0);
  });
});
