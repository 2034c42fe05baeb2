import type { Fill, Grid } from '../../engine/grid/grid.ts';
import { tan } from '../../engine/math/index.ts';
import { BathymetryError } from './errors.ts';

/** Rise over run, positive where the bed rises eastwards and northwards (along x and y on a plane); row-major. */
export interface BedSlopes {
  readonly east: Float64Array[];
  readonly north: Float64Array[];
}

/** One ghost beyond each side of a panel. */
interface GhostLines {
  readonly west: Float64Array;
  readonly east: Float64Array;
  readonly south: Float64Array;
  readonly north: Float64Array;
}

type Vector = readonly [number, number, number];

/**
 * Slopes of the averaged bed [m] at every cell centre by centred differences in panel coordinates, of second order; ghosts
 * beyond panel edges come from the grid's own fills. Bits do not depend on the tiles. Of panels that are not wanted the
 * slopes are empty.
 * Throws BathymetryError (InvalidOption) for a grid without halo.
 */
export function bedSlopes(
  grid: Grid,
  panels: readonly Float64Array[],
  isWanted: (panel: number) => boolean = () => true,
): BedSlopes {
  if (grid.halo < 1) {
    throw new BathymetryError({
      tag: 'InvalidOption',
      problem: `slopes need a ghost cell beyond panel edges; the grid's halo is ${grid.halo}.`,
      cure: 'Make the grid with halo: 1 or more.',
    });
  }
  const ghosts = ghostLines(grid, panels, isWanted);
  const none = new Float64Array(0);
  const slopes = panels.map((bed, panel) => {
    if (!isWanted(panel)) return [none, none] as const;
    return grid.kind === 'plane' ? planeSlopes(grid, bed, ghosts[panel]) : panelSlopes(grid, panel, bed, ghosts[panel]);
  });
  return { east: slopes.map(([east]) => east), north: slopes.map(([, north]) => north) };
}

function ghostLines(grid: Grid, panels: readonly Float64Array[], isWanted: (panel: number) => boolean): GhostLines[] {
  const { cellsX, cellsY } = grid;
  const lines = panels.map(() => ({
    west: new Float64Array(cellsY),
    east: new Float64Array(cellsY),
    south: new Float64Array(cellsX),
    north: new Float64Array(cellsX),
  }));
  for (const tile of grid.tiles) {
    const inside = tile.i0 > 0 && tile.j0 > 0 && tile.i0 + grid.tileX < cellsX && tile.j0 + grid.tileY < cellsY;
    if (inside || !isWanted(tile.panel)) continue;
    const { west, east, south, north } = lines[tile.panel];
    for (const fill of grid.fills(tile.id)) {
      for (let t = 0; t < fill.count; t++) {
        const i = tile.i0 + fill.targetI[t];
        const j = tile.j0 + fill.targetJ[t];
        if (j >= 0 && j < cellsY && i === -1) west[j] = filled(fill, t, panels, cellsX);
        else if (j >= 0 && j < cellsY && i === cellsX) east[j] = filled(fill, t, panels, cellsX);
        else if (i >= 0 && i < cellsX && j === -1) south[i] = filled(fill, t, panels, cellsX);
        else if (i >= 0 && i < cellsX && j === cellsY) north[i] = filled(fill, t, panels, cellsX);
      }
    }
  }
  return lines;
}

/** v₀ + Σ weight (v − v₀): the formula of `Fill`. */
function filled(fill: Fill, target: number, panels: readonly Float64Array[], cellsX: number): number {
  const at = target * fill.width;
  const value = (s: number) => panels[fill.sourcePanel[s]][fill.sourceJ[s] * cellsX + fill.sourceI[s]];
  const nearest = value(at + fill.nearest[target]);
  let sum = nearest;
  if (fill.width > 1) for (let s = at; s < at + fill.width; s++) sum += fill.weights[s] * (value(s) - nearest);
  return sum;
}

/**
 * With tangents e = ∂r/∂α, ∂r/∂β of the gnomonic map r = (c + X a + Y b)/ρ, X = tan α, the gradient is the tangent
 * vector whose products with them are ∂b/∂α and ∂b/∂β.
 */
function panelSlopes(grid: Grid, panel: number, bed: Float64Array, ghosts: GhostLines) {
  const { cellsX, cellsY } = grid;
  const { area, normalX, normalY } = grid.geometry(panel);
  const radius = Math.sqrt((grid.panels * area.reduce((sum, cell) => sum + cell, 0)) / (4 * Math.PI));
  // The first and last face normals of a panel are (a ± c)/√2.
  const ends = (normal: readonly Float64Array[], last: number, sign: number) =>
    normal.map((component) => (component[last] + sign * component[0]) / Math.SQRT2) as unknown as Vector;
  const a = ends(normalX, cellsX, 1);
  const b = ends(normalY, cellsY, 1);
  const c = ends(normalX, cellsX, -1).map((component) => 0 - component) as unknown as Vector;
  const tangents = (cells: number) =>
    Float64Array.from({ length: cells }, (_, k) => tan((((k + 0.5) / cells - 0.5) * Math.PI) / 2));
  const [tangentX, tangentY] = [tangents(cellsX), tangents(cellsY)];
  const perI = cellsX / Math.PI;
  const perJ = cellsY / Math.PI;

  const east = new Float64Array(bed.length);
  const north = new Float64Array(bed.length);
  const r = [0, 0, 0];
  const alongI = [0, 0, 0];
  const alongJ = [0, 0, 0];
  for (let j = 0; j < cellsY; j++) {
    for (let i = 0; i < cellsX; i++) {
      const at = j * cellsX + i;
      const [X, Y] = [tangentX[i], tangentY[j]];
      const rho = Math.sqrt(1 + (X * X + Y * Y));
      const scaleI = (1 + X * X) / rho;
      const scaleJ = (1 + Y * Y) / rho;
      for (let n = 0; n < 3; n++) {
        r[n] = (c[n] + (X * a[n] + Y * b[n])) / rho;
        alongI[n] = scaleI * (a[n] - (X / rho) * r[n]);
        alongJ[n] = scaleJ * (b[n] - (Y / rho) * r[n]);
      }
      // Centred differences over 2 Δα, with Δα = π / (2 cells).
      const changeI = perI * ((i + 1 < cellsX ? bed[at + 1] : ghosts.east[j]) - (i > 0 ? bed[at - 1] : ghosts.west[j]));
      const changeJ =
        perJ * ((j + 1 < cellsY ? bed[at + cellsX] : ghosts.north[i]) - (j > 0 ? bed[at - cellsX] : ghosts.south[i]));
      const ii = dot(alongI, alongI);
      const ij = dot(alongI, alongJ);
      const jj = dot(alongJ, alongJ);
      const determinant = ii * jj - ij * ij;
      const partI = (jj * changeI - ij * changeJ) / determinant;
      const partJ = (ii * changeJ - ij * changeI) / determinant;
      const x = partI * alongI[0] + partJ * alongJ[0];
      const y = partI * alongI[1] + partJ * alongJ[1];
      const z = partI * alongI[2] + partJ * alongJ[2];
      const horizontal = Math.sqrt(r[0] * r[0] + r[1] * r[1]);
      // At a pole itself east is taken as on the meridian of 0°.
      const [cosine, sine] = horizontal > 0 ? [r[0] / horizontal, r[1] / horizontal] : [1, 0];
      east[at] = (y * cosine - x * sine) / radius;
      north[at] = (z * horizontal - r[2] * (x * cosine + y * sine)) / radius;
    }
  }
  return [east, north] as const;
}

function planeSlopes(grid: Grid, bed: Float64Array, ghosts: GhostLines) {
  const { cellsX, cellsY } = grid;
  const { lengthX, lengthY } = grid.geometry(0);
  const [stepX, stepY] = [lengthY[0], lengthX[0]];
  const east = new Float64Array(bed.length);
  const north = new Float64Array(bed.length);
  for (let j = 0; j < cellsY; j++) {
    for (let i = 0; i < cellsX; i++) {
      const at = j * cellsX + i;
      const changeI = (i + 1 < cellsX ? bed[at + 1] : ghosts.east[j]) - (i > 0 ? bed[at - 1] : ghosts.west[j]);
      const changeJ =
        (j + 1 < cellsY ? bed[at + cellsX] : ghosts.north[i]) - (j > 0 ? bed[at - cellsX] : ghosts.south[i]);
      east[at] = changeI / (2 * stepX);
      north[at] = changeJ / (2 * stepY);
    }
  }
  return [east, north] as const;
}

const dot = (a: readonly number[], b: readonly number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
