import type { Grid } from './grid.ts';

/** A panel's cells with `halo` ghosts on every side, row-major, (cellsX + 2 halo) across. */
export function withGhosts(grid: Grid, panels: readonly ArrayLike<number>[], halo: number): Float64Array[] {
  const { cellsX, cellsY } = grid;
  const wide = cellsX + 2 * halo;
  const padded = panels.map((panel) => {
    const whole = new Float64Array(wide * (cellsY + 2 * halo));
    for (let j = 0; j < cellsY; j++)
      for (let i = 0; i < cellsX; i++) whole[(j + halo) * wide + i + halo] = panel[j * cellsX + i]!;
    return whole;
  });
  for (const tile of grid.tiles)
    for (const fill of grid.fills(tile.id)) {
      const { count, width, targetI, targetJ, nearest, sourcePanel, sourceI, sourceJ, weights } = fill;
      const value = (s: number) => panels[sourcePanel[s]!]![sourceJ[s]! * cellsX + sourceI[s]!]!;
      for (let t = 0; t < count; t++) {
        const [i, j] = [tile.i0 + targetI[t]!, tile.j0 + targetJ[t]!];
        const isGhost = i < 0 || i >= cellsX || j < 0 || j >= cellsY;
        const isNear = Math.min(i, j) >= -halo && i < cellsX + halo && j < cellsY + halo;
        if (!isGhost || !isNear) continue;
        const from = value(t * width + nearest[t]!);
        let sum = from;
        if (width > 1) for (let s = t * width; s < (t + 1) * width; s++) sum += weights[s]! * (value(s) - from);
        padded[tile.panel]![(j + halo) * wide + i + halo] = sum;
      }
    }
  return padded;
}
