import { panelLines } from './cubed-sphere-geometry.ts';
import { GridError } from './errors.ts';
import type { Grid, Side } from './grid.ts';
import { cellPosition, tangentsAt } from './locate.ts';
import type { Cell } from './nearest-cell.ts';
import { cellAtSide, PANEL_NEIGHBOURS } from './panels.ts';
import type { Plane } from './plane.ts';

/** Four cells for each point: panel, j · cellsX + i, and a weight ≥ 0; weights add up to one, or are 0 outside the grid. */
export interface BilinearTable {
  readonly points: number;
  readonly panel: Uint8Array;
  readonly cell: Int32Array;
  readonly weight: Float64Array;
}

interface WeightedCell extends Cell {
  readonly weight: number;
}

/** Points [degrees] (x and y [m] on a plane), one longitude and latitude each. */
export interface Points {
  readonly longitude: ArrayLike<number>;
  readonly latitude: ArrayLike<number>;
}

/**
 * Cells and weights that interpolate between cell centres at points: bilinear in panel coordinates, and continuous
 * everywhere. Between two panels the four cells are two and their mirror images in the edge; at the globe's eight
 * panel corners three cells make a triangle. Beyond the outermost centres of a walled plane the nearest ones hold.
 * Throws GridError (ShapeMismatch).
 */
export function bilinearTable(grid: Grid, { longitude, latitude }: Points): BilinearTable {
  if (longitude.length !== latitude.length)
    throw new GridError(
      'ShapeMismatch',
      `${longitude.length} longitudes and ${latitude.length} latitudes are given. Give one of each for a point.`,
    );
  const around = grid.kind === 'plane' ? aroundOnPlane(grid as Plane) : aroundOnSphere(grid.cellsX);
  const points = longitude.length;
  const panel = new Uint8Array(4 * points);
  const cell = new Int32Array(4 * points);
  const weight = new Float64Array(4 * points);
  const { cellsX } = grid;
  for (let point = 0; point < points; point++) {
    const sources = around(longitude[point]!, latitude[point]!);
    for (let n = 0; n < sources.length; n++) {
      const source = sources[n]!;
      panel[4 * point + n] = source.panel;
      cell[4 * point + n] = source.j * cellsX + source.i;
      weight[4 * point + n] = source.weight;
    }
  }
  return { points, panel, cell, weight };
}

export interface SampleOptions {
  /** Leave out NaN, and cells that `wet` has 0 for, and share their weight among the others; by default they spread. */
  readonly skipMissing?: boolean;
  /** For each panel and cell 0 where dry; looked at with `skipMissing` only. */
  readonly wet?: readonly ArrayLike<number>[];
}

/**
 * Interpolated values at the points of a table, into `out`; NaN outside the grid and where no cell is left.
 * A constant stays constant to the bit. Throws GridError (ShapeMismatch).
 */
export function sampleBilinear<T extends Float64Array | Float32Array>(
  table: BilinearTable,
  panels: readonly ArrayLike<number>[],
  out: T,
  { skipMissing = false, wet }: SampleOptions = {},
): T {
  if (out.length !== table.points)
    throw new GridError('ShapeMismatch', `out has ${out.length} places for ${table.points} points. Give one a point.`);
  for (let point = 0; point < table.points; point++) {
    let first = Number.NaN;
    let whole = 0;
    let deviation = 0;
    for (let n = 4 * point; n < 4 * point + 4; n++) {
      const weight = table.weight[n]!;
      if (weight === 0) continue;
      const [panel, cell] = [table.panel[n]!, table.cell[n]!];
      const value = panels[panel]![cell]!;
      if (skipMissing && (Number.isNaN(value) || wet?.[panel]?.[cell] === 0)) continue;
      if (whole === 0) first = value;
      deviation += weight * (value - first);
      whole += weight;
    }
    out[point] = first + deviation / whole;
  }
  return out;
}

/** The two centres on either side of a position, in cells, and the weight of the second. */
function between(position: number, cells: number): readonly [number, number, number] {
  const lower = Math.max(0, Math.min(cells - 2, Math.floor(position - 0.5)));
  return [lower, Math.min(cells - 1, lower + 1), Math.max(0, Math.min(1, position - 0.5 - lower))];
}

type Around = (longitude: number, latitude: number) => readonly WeightedCell[];

function aroundOnPlane(grid: Plane): Around {
  const pair = (position: number, cells: number, periodic: boolean): readonly [number, number, number] => {
    if (!periodic) return between(position, cells);
    const lower = Math.floor(position - 0.5);
    return [(lower + cells) % cells, (lower + 1) % cells, position - 0.5 - lower];
  };
  return (x, y) => {
    const point = grid.locate(x, y);
    if (point === undefined) return [];
    const [i0, i1, s] = pair(point.i, grid.cellsX, grid.boundary.x === 'periodic');
    const [j0, j1, t] = pair(point.j, grid.cellsY, grid.boundary.y === 'periodic');
    return square(0, [i0, i1, s], [j0, j1, t]);
  };
}

const square = (
  panel: number,
  [i0, i1, s]: readonly [number, number, number],
  [j0, j1, t]: readonly [number, number, number],
): readonly WeightedCell[] => [
  { panel, i: i0, j: j0, weight: (1 - s) * (1 - t) },
  { panel, i: i1, j: j0, weight: s * (1 - t) },
  { panel, i: i0, j: j1, weight: (1 - s) * t },
  { panel, i: i1, j: j1, weight: s * t },
];

function aroundOnSphere(cells: number): Around {
  const last = panelLines(cells).centreTangent[cells - 1]!;

  /** The panel's cell at a side and its mirror image beyond. */
  const cellAndImage = (panel: number, side: Side, along: number): readonly [Cell, Cell] => {
    const beyond = PANEL_NEIGHBOURS[panel]![side];
    const [i, j] = cellAtSide(cells, side, 0, along);
    const [a, b] = cellAtSide(cells, beyond.side, 0, beyond.reversed ? cells - 1 - along : along);
    return [
      { panel, i, j },
      { panel: beyond.panel, i: a, j: b },
    ];
  };

  /**
   * Between the last line of centres and its image beyond a side, `outward` and `along` being the point's tangents.
   * Centres and their images are joined by great circles, straight lines on the panel, on which the tangent along the
   * edge grows with 1 + outward.
   */
  const strip = (panel: number, side: Side, outward: number, along: number): readonly WeightedCell[] => {
    const [k0, k1, s] = between(cellPosition((along * (1 + last)) / (1 + outward), cells), cells);
    const t = (outward - last) / ((1 + outward) * (1 - last));
    const [cell0, image0] = cellAndImage(panel, side, k0);
    const [cell1, image1] = cellAndImage(panel, side, k1);
    return [
      { ...cell0, weight: (1 - s) * (1 - t) },
      { ...cell1, weight: s * (1 - t) },
      { ...image0, weight: (1 - s) * t },
      { ...image1, weight: s * t },
    ];
  };

  /** Barycentric in the triangle of a corner cell and its two images, (1, c, c), (c, 1, c), (c, c, 1) with c = `last`. */
  const triangle = (panel: number, sideX: Side, sideY: Side, x: number, y: number): readonly WeightedCell[] => {
    const scale = (1 + 2 * last) / (1 + x + y);
    const share = (component: number): number => Math.max(0, (component * scale - last) / (1 - last));
    const [cell, imageX] = cellAndImage(panel, sideX, sideY === 'south' ? 0 : cells - 1);
    const [, imageY] = cellAndImage(panel, sideY, sideX === 'west' ? 0 : cells - 1);
    const [weightX, weightY] = [share(x), share(y)];
    return [
      { ...cell, weight: Math.max(0, 1 - weightX - weightY) },
      { ...imageX, weight: weightX },
      { ...imageY, weight: weightY },
    ];
  };

  return (longitude, latitude) => {
    const point = tangentsAt(longitude, latitude);
    if (point === undefined) return [];
    const { panel, x, y } = point;
    const outX = Math.abs(x);
    const outY = Math.abs(y);
    if (outX <= last && outY <= last)
      return square(panel, between(cellPosition(x, cells), cells), between(cellPosition(y, cells), cells));
    const sideX = x < 0 ? 'west' : 'east';
    const sideY = y < 0 ? 'south' : 'north';
    if (outX > last && outY * (1 + last) <= last * (1 + outX)) return strip(panel, sideX, outX, y);
    if (outY > last && outX * (1 + last) <= last * (1 + outY)) return strip(panel, sideY, outY, x);
    return triangle(panel, sideX, sideY, outX, outY);
  };
}
