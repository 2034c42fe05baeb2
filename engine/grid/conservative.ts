import type { CubedSphere } from './cubed-sphere.ts';
import { GridError } from './errors.ts';
import type { Grid } from './grid.ts';
import type { LatLonBoxes } from './latitude-longitude.ts';
import { visitOverlaps } from './overlap.ts';

type Values = Float64Array | Float32Array;

/**
 * Areas that cells and boxes share, cell by cell: the overlaps of cell panel · N² + j · N + i are those from
 * start[cell] to start[cell + 1] − 1, each the number of a box and an area [m²].
 */
export interface OverlapTable {
  readonly cells: number;
  readonly boxes: LatLonBoxes;
  readonly start: Int32Array;
  readonly box: Int32Array;
  readonly area: Float64Array;
}

/** What an average does with missing (NaN) values: be missing too, or be the average of the others. */
export type Missing = 'spread' | 'skip';

function requireSphere(grid: Grid): asserts grid is CubedSphere {
  if (grid.kind !== 'cubed-sphere')
    throw new GridError('InvalidOption', `a ${grid.kind} has no latitudes. Use a cubed sphere.`);
}

/**
 * Overlaps of the cells of a cubed sphere with latitude-longitude boxes, for averages either way. Boxes may cover a
 * part of the globe. Throws GridError (InvalidOption). Keeps 12 bytes an overlap, some two for each of the larger of
 * the numbers of cells and boxes; `visitOverlaps` gives the same without keeping them.
 */
export function conservativeOverlap(grid: Grid, boxes: LatLonBoxes): OverlapTable {
  requireSphere(grid);
  const cells = grid.cellsX;
  const squared = grid.radius * grid.radius;
  const start = new Int32Array(6 * cells * cells + 1);
  let box = new Int32Array(1 << 16);
  let area = new Float64Array(1 << 16);
  let count = 0;
  let current = -1;
  visitOverlaps(cells, boxes, (cell, toBox, shared) => {
    while (current < cell) start[++current] = count;
    // Beside the poles a pair comes in parts, most often one after the other.
    for (let known = count - 1; known >= start[cell]!; known--)
      if (box[known] === toBox) {
        area[known]! += shared * squared;
        return;
      }
    if (count === box.length) {
      box = grown(box, new Int32Array(2 * count));
      area = grown(area, new Float64Array(2 * count));
    }
    box[count] = toBox;
    area[count++] = shared * squared;
  });
  while (current < 6 * cells * cells) start[++current] = count;
  return { cells, boxes, start, box: box.slice(0, count), area: area.slice(0, count) };
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function requireLength(what: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length)
    throw new GridError('ShapeMismatch', `${what} has ${values.length} values, not ${length}. Use the table's grid.`);
}

/**
 * Averages of box values over each cell: six panels, row-major. The integral is conserved to round-off where the boxes
 * cover the globe; a constant stays constant. A cell partly outside the boxes has the average of its part inside, one
 * wholly outside NaN. Throws GridError (ShapeMismatch).
 */
export function cellsFromBoxes(table: OverlapTable, values: Values, missing: Missing = 'spread'): Float64Array[] {
  const { cells, boxes, start, box, area } = table;
  requireLength('boxes', values, boxes.columns * boxes.rows);
  const squared = cells * cells;
  return Array.from({ length: 6 }, (_, panel) => {
    const averages = new Float64Array(squared);
    for (let c = 0; c < squared; c++) {
      let sum = 0;
      let whole = 0;
      for (let o = start[panel * squared + c]!; o < start[panel * squared + c + 1]!; o++) {
        const value = values[box[o]!]!;
        if (missing === 'skip' && Number.isNaN(value)) continue;
        sum += area[o]! * value;
        whole += area[o]!;
      }
      averages[c] = sum / whole;
    }
    return averages;
  });
}

/**
 * Averages of cell values over each box, in the boxes' order. The integral is conserved to round-off where the boxes
 * cover the globe; a constant stays constant. Throws GridError (ShapeMismatch).
 */
export function boxesFromCells(
  table: OverlapTable,
  panels: readonly Values[],
  missing: Missing = 'spread',
): Float64Array {
  const { cells, boxes, start, box, area } = table;
  const squared = cells * cells;
  if (panels.length !== 6)
    throw new GridError('ShapeMismatch', `${panels.length} panels are given, not 6. Use those of the table's grid.`);
  const sums = new Float64Array(boxes.columns * boxes.rows);
  const wholes = new Float64Array(boxes.columns * boxes.rows);
  panels.forEach((values, panel) => {
    requireLength(`panel ${panel}`, values, squared);
    for (let c = 0; c < squared; c++) {
      const value = values[c]!;
      if (missing === 'skip' && Number.isNaN(value)) continue;
      for (let o = start[panel * squared + c]!; o < start[panel * squared + c + 1]!; o++) {
        sums[box[o]!]! += area[o]! * value;
        wholes[box[o]!]! += area[o]!;
      }
    }
  });
  for (let b = 0; b < sums.length; b++) sums[b] = sums[b]! / wholes[b]!;
  return sums;
}
