import type { FrameTiling } from './frame-tiling.ts';

export type Panels = readonly (Float32Array | Float64Array)[];

/** Means over blocks of 2^level × 2^level cells, of the cells that have a value; NaN where none has one. */
export function coarsen(panels: Panels, { level, cellsX, cellsY }: FrameTiling): Panels {
  if (level === 0) return panels;
  const block = 2 ** level;
  const across = cellsX * block;
  return panels.map((panel) => {
    const means = new Float32Array(cellsX * cellsY);
    for (let j = 0; j < cellsY; j++) {
      for (let i = 0; i < cellsX; i++) {
        let [sum, count] = [0, 0];
        for (let row = 0; row < block; row++) {
          const from = (j * block + row) * across + i * block;
          for (let cell = from; cell < from + block; cell++) {
            const value = panel[cell]!;
            if (!Number.isNaN(value)) {
              sum += value;
              count++;
            }
          }
        }
        means[j * cellsX + i] = count > 0 ? sum / count : Number.NaN;
      }
    }
    return means;
  });
}
