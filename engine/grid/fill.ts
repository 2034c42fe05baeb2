import type { Fill } from './grid.ts';

/** A real cell of a panel. */
export interface Source {
  readonly panel: number;
  readonly i: number;
  readonly j: number;
}

/** How one target is filled: its sources in order, their weights, and which is nearest. */
export interface Recipe {
  readonly sources: readonly Source[];
  readonly weights: ArrayLike<number>;
  readonly nearest: number;
}

/** Collects the recipes of one fill, target by target. */
export interface FillList {
  add(targetI: number, targetJ: number, recipe: Recipe): void;
  finish(): Fill;
}

const ONE: ArrayLike<number> = [1];

export const copyOf = (panel: number, i: number, j: number): Recipe => ({
  sources: [{ panel, i, j }],
  weights: ONE,
  nearest: 0,
});

/** An empty list of recipes of `width` sources each, with room for `capacity`. */
export function fillList(kind: Fill['kind'], width: number, capacity: number): FillList {
  const targetI = new Int32Array(capacity);
  const targetJ = new Int32Array(capacity);
  const nearest = new Uint8Array(capacity);
  const sourcePanel = new Uint8Array(capacity * width);
  const sourceI = new Int32Array(capacity * width);
  const sourceJ = new Int32Array(capacity * width);
  const weights = new Float64Array(capacity * width);
  let count = 0;
  return {
    add(i, j, recipe) {
      targetI[count] = i;
      targetJ[count] = j;
      nearest[count] = recipe.nearest;
      for (let k = 0; k < width; k++) {
        const s = count * width + k;
        sourcePanel[s] = recipe.sources[k]!.panel;
        sourceI[s] = recipe.sources[k]!.i;
        sourceJ[s] = recipe.sources[k]!.j;
        weights[s] = recipe.weights[k]!;
      }
      count++;
    },
    finish: () => ({
      kind,
      count,
      width,
      targetI: targetI.slice(0, count),
      targetJ: targetJ.slice(0, count),
      nearest: nearest.slice(0, count),
      sourcePanel: sourcePanel.slice(0, count * width),
      sourceI: sourceI.slice(0, count * width),
      sourceJ: sourceJ.slice(0, count * width),
      weights: weights.slice(0, count * width),
    }),
  };
}

/** Visits the ghosts of a tile in tile-local coordinates, row by row. */
export function forEachGhost(tileX: number, tileY: number, halo: number, visit: (i: number, j: number) => void): void {
  for (let j = -halo; j < tileY + halo; j++) {
    const beside = j >= 0 && j < tileY;
    for (let i = -halo; i < tileX + halo; i++) {
      if (beside && i === 0) i = tileX;
      visit(i, j);
    }
  }
}

/** Ghosts around a tile. */
export const ghostCount = (tileX: number, tileY: number, halo: number): number =>
  (tileX + 2 * halo) * (tileY + 2 * halo) - tileX * tileY;
