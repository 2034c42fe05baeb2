import type { FrameTiling } from './frame-tiling.ts';

export type Panels = readonly (Float32Array | Float64Array)[];

/** Means over blocks of 2^level × 2^level cells, of the cells that have a value; NaN where none has one. */
export function coarsen(panels: Panels, { level, cellsX, cellsY }: FrameTiling): Panels {
  if (level === 0) return panels;
  const block = 2 ** level;
  const across = cellsX * block;
  return panels.map((panel) => {
    const means = new Float32Array(cellsX * cellsY);
    const sums = new Float64Array(cellsX);
    const counts = new Uint32Array(cellsX);
    for (let j = 0; j < cellsY; j++) {
      sums.fill(0);
      counts.fill(0);
      for (let row = j * block; row < (j + 1) * block; row++) {
        const from = row * across;
        for (let cell = 0; cell < across; cell++) {
          const value = panel[from + cell]!;
          if (Number.isNaN(value)) continue;
          sums[cell >> level]! += value;
          counts[cell >> level]!++;
        }
      }
      for (let i = 0; i < cellsX; i++) means[j * cellsX + i] = counts[i]! > 0 ? sums[i]! / counts[i]! : Number.NaN;
    }
    return means;
  });
}
