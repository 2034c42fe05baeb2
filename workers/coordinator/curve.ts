import type { Grid, TileId } from '../../engine/grid/grid.ts';
import { PANEL_AXES } from '../../engine/grid/panels.ts';

type Place = readonly [i: number, j: number];
type Corner = readonly [x: number, y: number, z: number];

/** Six corners of the cube around its diagonal (its Petrie polygon) and, from each to the next, the panel to fill. */
const ROUTE: readonly { readonly from: Corner; readonly panel: number }[] = [
  { from: [1, -1, -1], panel: 0 },
  { from: [1, 1, -1], panel: 5 },
  { from: [-1, 1, -1], panel: 1 },
  { from: [-1, 1, 1], panel: 2 },
  { from: [-1, -1, 1], panel: 4 },
  { from: [1, -1, 1], panel: 3 },
];

const step = ([i, j]: Place, along: Place, count: number): Place => [i + count * along[0], j + count * along[1]];
const reverse = ([i, j]: Place): Place => [-i, -j];
/** The even number nearest, the lower of two: it makes compacter pieces. */
const nearestEven = (value: number): number => 2 * Math.ceil(value / 2 - 0.5);

/**
 * Places of a rectangle from the corner `start` to the corner at the other end of the side `along`, each beside the one
 * before. A rectangle longer than 1.5 of its width is halved; another is Hilbert's up, over, down. What goes up is an even
 * number of places high, which gives all three parts a path if the whole has one: not where the length is odd and the width even
 * (the colours of a chessboard forbid it), nor where the length is 1 and the width is not.
 */
function* sweep(start: Place, along: Place, length: number, across: Place, width: number): Generator<Place> {
  if (width === 1) {
    for (let k = 0; k < length; k++) yield step(start, along, k);
  } else if (2 * length > 3 * width) {
    const half = width % 2 === 0 ? nearestEven(length / 2) : Math.floor(length / 2);
    yield* sweep(start, along, half, across, width);
    yield* sweep(step(start, along, half), along, length - half, across, width);
  } else {
    const rise = width === 2 ? 1 : nearestEven(width / 2);
    const half = Math.floor(length / 2);
    const top = step(start, across, rise);
    yield* sweep(start, across, rise, along, half);
    yield* sweep(top, along, length, across, width - rise);
    yield* sweep(step(step(top, along, length - 1), across, -1), reverse(across), rise, reverse(along), length - half);
  }
}

/** A rectangle along its longer side; if that is odd and the shorter even, its first line is taken across. */
function* plane(columns: number, rows: number): Generator<Place> {
  const east: Place = [1, 0];
  const north: Place = [0, 1];
  const wide = columns >= rows;
  const [along, across] = wide ? [east, north] : [north, east];
  const [length, width] = wide ? [columns, rows] : [rows, columns];
  if (length % 2 === 0 || width % 2 === 1) yield* sweep([0, 0], along, length, across, width);
  else {
    yield* sweep([0, 0], across, width, along, 1);
    yield* sweep(step(along, across, width - 1), along, length - 1, reverse(across), width);
  }
}

/** A panel from one corner of the cube to the next along the panel's side. */
function* panelSweep(panel: number, tiles: number, from: Corner, to: Corner): Generator<Place> {
  const [, alongI, alongJ] = PANEL_AXES[panel]!;
  const towards = (corner: Corner): Place =>
    [alongI, alongJ].map((axis) => axis[0] * corner[0] + axis[1] * corner[1] + axis[2] * corner[2]) as [number, number];
  const [i, j] = towards(from);
  const [endI] = towards(to);
  const start: Place = [i < 0 ? 0 : tiles - 1, j < 0 ? 0 : tiles - 1];
  const inwardsI: Place = [-i, 0];
  const inwardsJ: Place = [0, -j];
  const [along, across] = endI === i ? [inwardsJ, inwardsI] : [inwardsI, inwardsJ];
  yield* sweep(start, along, tiles, across, tiles);
}

/**
 * All tiles of a grid along one space-filling curve: each shares an edge with the one before, on planes of any number of tiles
 * and across panel edges too; on the cubed sphere the last also shares one with the first. Pieces of the curve are
 * compact, so few of their edges are cut. Hilbert (1891), doi:10.1007/BF01199431; rectangles of any size in the manner of
 * Červený's gilbert (github.com/jakubcerveny/gilbert), but with parities such that no step is diagonal; cubed spheres
 * cut along Hilbert curves: Dennis (2003), Partitioning with space-filling curves on the cubed-sphere, IPDPS.
 */
export function tilesAlongCurve(
  grid: Pick<Grid, 'kind' | 'tiles' | 'cellsX' | 'cellsY' | 'tileX' | 'tileY'>,
): TileId[] {
  const columns = grid.cellsX / grid.tileX;
  const rows = grid.cellsY / grid.tileY;
  const at = new Map(grid.tiles.map(({ id, panel, i, j }) => [(panel * rows + j) * columns + i, id]));
  const ids = (panel: number, places: Iterable<Place>): TileId[] =>
    Array.from(places, ([i, j]) => at.get((panel * rows + j) * columns + i)!);
  switch (grid.kind) {
    case 'plane':
      return ids(0, plane(columns, rows));
    case 'cubed-sphere':
      return ROUTE.flatMap(({ panel, from }, k) =>
        ids(panel, panelSweep(panel, columns, from, ROUTE[(k + 1) % ROUTE.length]!.from)),
      );
  }
}
