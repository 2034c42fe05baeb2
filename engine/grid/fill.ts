import type { Fill } from './grid.ts';

/** Collects the targets of one fill, each with its sources: of one cell, or `width` of a run of cells with weights. */
export class FillList {
  private readonly kind: Fill['kind'];
  private readonly width: number;
  private readonly targetI: Int32Array;
  private readonly targetJ: Int32Array;
  private readonly nearest: Uint8Array;
  private readonly sourcePanel: Uint8Array;
  private readonly sourceI: Int32Array;
  private readonly sourceJ: Int32Array;
  private readonly weights: Float64Array;
  private count = 0;

  /** An empty list with room for `capacity` targets of `width` sources each. */
  constructor(kind: Fill['kind'], width: number, capacity: number) {
    this.kind = kind;
    this.width = width;
    this.targetI = new Int32Array(capacity);
    this.targetJ = new Int32Array(capacity);
    this.nearest = new Uint8Array(capacity);
    this.sourcePanel = new Uint8Array(capacity * width);
    this.sourceI = new Int32Array(capacity * width);
    this.sourceJ = new Int32Array(capacity * width);
    this.weights = new Float64Array(capacity * width).fill(1);
  }

  /** A target that copies a real cell; for lists of width 1. */
  addCopy(targetI: number, targetJ: number, panel: number, i: number, j: number): void {
    this.targetI[this.count] = targetI;
    this.targetJ[this.count] = targetJ;
    this.sourcePanel[this.count] = panel;
    this.sourceI[this.count] = i;
    this.sourceJ[this.count] = j;
    this.count++;
  }

  /** A target that interpolates between cells (i, j), (i + di, j + dj), … of a panel. */
  addRun(
    targetI: number,
    targetJ: number,
    panel: number,
    [i, j, di, dj]: readonly [number, number, number, number],
    weights: Float64Array,
    nearest: number,
  ): void {
    const first = this.count * this.width;
    this.targetI[this.count] = targetI;
    this.targetJ[this.count] = targetJ;
    this.nearest[this.count] = nearest;
    this.weights.set(weights, first);
    for (let k = 0; k < this.width; k++) {
      this.sourcePanel[first + k] = panel;
      this.sourceI[first + k] = i + k * di;
      this.sourceJ[first + k] = j + k * dj;
    }
    this.count++;
  }

  /** A target with any cells and weights. */
  addSources(
    targetI: number,
    targetJ: number,
    sources: readonly { readonly panel: number; readonly i: number; readonly j: number; readonly weight: number }[],
    nearest: number,
  ): void {
    const first = this.count * this.width;
    this.targetI[this.count] = targetI;
    this.targetJ[this.count] = targetJ;
    this.nearest[this.count] = nearest;
    sources.forEach(({ panel, i, j, weight }, k) => {
      this.sourcePanel[first + k] = panel;
      this.sourceI[first + k] = i;
      this.sourceJ[first + k] = j;
      this.weights[first + k] = weight;
    });
    this.count++;
  }

  finish(): Fill {
    const { kind, count, width } = this;
    return {
      kind,
      count,
      width,
      targetI: this.targetI.slice(0, count),
      targetJ: this.targetJ.slice(0, count),
      nearest: this.nearest.slice(0, count),
      sourcePanel: this.sourcePanel.slice(0, count * width),
      sourceI: this.sourceI.slice(0, count * width),
      sourceJ: this.sourceJ.slice(0, count * width),
      weights: this.weights.slice(0, count * width),
    };
  }
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
