import type { Grid } from '../../engine/grid/grid.ts';
import type { StateField } from '../../engine/simulation/state-hash.ts';

/** The first value in which two states differ, in the order of fields, panels and rows, and how many do. */
export interface StateDifference {
  readonly field: string;
  readonly panel: number;
  readonly tile: number;
  readonly i: number;
  readonly j: number;
  /** Degrees, or x and y [m] on a plane. */
  readonly longitude: number;
  readonly latitude: number;
  readonly a: number;
  readonly b: number;
  /** Values of all fields that differ. */
  readonly count: number;
}

/** What of a grid it takes to say where a value lies. */
export type Places = Pick<Grid, 'cellsX' | 'cellsY' | 'tileX' | 'tileY' | 'geometry'>;

const same = (a: number, b: number): boolean => Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b));

/** Fields that both states have are compared to the bit, −0 and 0 being different; undefined where all are equal. */
export function firstDifference(
  a: readonly StateField[],
  b: readonly StateField[],
  grid: Places,
): StateDifference | undefined {
  let first: Omit<StateDifference, 'count'> | undefined;
  let count = 0;
  for (const { name, panels } of a) {
    const others = b.find((field) => field.name === name)?.panels;
    if (!others) continue;
    panels.forEach((values, panel) => {
      const other = others[panel]!;
      for (let cell = 0; cell < values.length; cell++) {
        if (same(values[cell]!, other[cell]!)) continue;
        count++;
        first ??= { field: name, panel, ...placeOf(grid, panel, cell), a: values[cell]!, b: other[cell]! };
      }
    });
  }
  return first && { ...first, count };
}

function placeOf({ cellsX, cellsY, tileX, tileY, geometry }: Places, panel: number, cell: number) {
  const [i, j] = [cell % cellsX, Math.floor(cell / cellsX)];
  const across = cellsX / tileX;
  const tile = (panel * across * cellsY) / tileY + Math.floor(j / tileY) * across + Math.floor(i / tileX);
  const { longitude, latitude } = geometry(panel);
  return { tile, i, j, longitude: longitude[cell]!, latitude: latitude[cell]! };
}

/**
 * Norms of a difference of two fields, in the field's units: area-weighted mean (l1) and root mean square (l2), and
 * largest value. Relative ones are divided by those of the first field (Williamson et al. 1992, eq. 82–84).
 */
export interface Norms {
  readonly field: string;
  readonly l1: number;
  readonly l2: number;
  readonly lInfinity: number;
  readonly relative: { readonly l1: number; readonly l2: number; readonly lInfinity: number };
}

export function differenceNorms(a: StateField, b: StateField, grid: Pick<Grid, 'geometry'>): Norms {
  const [difference, own] = [new Norm(), new Norm()];
  a.panels.forEach((values, panel) => {
    const other = b.panels[panel]!;
    const { area } = grid.geometry(panel);
    for (let cell = 0; cell < values.length; cell++) {
      difference.add(area[cell]!, values[cell]! - other[cell]!);
      own.add(area[cell]!, values[cell]!);
    }
  });
  const [l1, l2, lInfinity] = difference.norms();
  const [o1, o2, oInfinity] = own.norms();
  const ratio = (part: number, whole: number): number => (part === 0 ? 0 : part / whole);
  return {
    field: a.name,
    l1,
    l2,
    lInfinity,
    relative: { l1: ratio(l1, o1), l2: ratio(l2, o2), lInfinity: ratio(lInfinity, oInfinity) },
  };
}

class Norm {
  private area = 0;
  private sum = 0;
  private squares = 0;
  private largest = 0;

  add(area: number, value: number): void {
    const size = Math.abs(value);
    this.area += area;
    this.sum += area * size;
    this.squares += area * size * size;
    if (size > this.largest) this.largest = size;
  }

  norms(): readonly [l1: number, l2: number, lInfinity: number] {
    return [this.sum / this.area, Math.sqrt(this.squares / this.area), this.largest];
  }
}
