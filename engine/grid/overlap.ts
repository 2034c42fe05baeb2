import { atan2, cos, sin, tan } from '../math/index.ts';
import { panelLines } from './cubed-sphere-geometry.ts';
import type { Angle, Piece } from './great-circle-piece.ts';
import { emptyPiece, integralBelow, placePiece } from './great-circle-piece.ts';
import type { LatLonBoxes } from './latitude-longitude.ts';
import { goesRound, requireBoxes, rowEdges, rowSines, SAME_EDGE } from './latitude-longitude.ts';

const RADIANS = Math.PI / 180;

/** Overlaps smaller than this share of the strip they were cut from are round-off. */
const NEGLIGIBLE = 1e-12;

/** A cell, numbered panel · N² + j · N + i, and a box share an area on the unit sphere. A pair may come in parts. */
export type VisitOverlap = (cell: number, box: number, area: number) => void;

/** Parallels between the rows in the order of their heights; `row` gives the boxes' row above the k-th. */
interface Parallels {
  readonly heights: Float64Array;
  /** Tangents of latitude, on polar panels of that towards their pole. */
  readonly tangents: Float64Array;
  readonly row: (k: number) => number;
}

/** Heights counted from the equator to the north, as `Piece` has them. */
function parallelsFromEquator(boxes: LatLonBoxes): Parallels {
  const tangents = rowEdges(boxes).map((latitude) => tan(latitude * RADIANS));
  return { heights: rowSines(boxes), tangents, row: (k) => k };
}

/** Heights 1 − |sin φ| counted from a pole. */
function parallelsFromPole(boxes: LatLonBoxes, south: boolean): Parallels {
  const edges = rowEdges(boxes);
  const latitudes = south ? edges.map((latitude) => 0 - latitude) : edges.slice().reverse();
  const heights = latitudes.map((latitude) => {
    const half = sin(((90 - latitude) / 2) * RADIANS);
    return 2 * half * half;
  });
  const tangents = latitudes.map((latitude) => tan(latitude * RADIANS));
  return { heights, tangents, row: south ? (k) => k : (k) => boxes.rows - 1 - k };
}

/** Deals the strip between a lower and an upper great circle out to the rows. */
function rowDealer(boxes: LatLonBoxes, parallels: Parallels, visit: VisitOverlap) {
  const { heights, tangents, row } = parallels;
  const { rows, columns } = boxes;
  let k = 0;
  return (cell: number, column: number, lower: Piece, upper: Piece): void => {
    const floor = Math.min(lower.startHeight, lower.endHeight);
    const ceiling = Math.max(upper.startHeight, upper.endHeight);
    const negligible = NEGLIGIBLE * (upper.integral - lower.integral);
    while (k >= 0 && heights[k]! > floor) k--;
    while (k < rows && heights[k + 1]! <= floor) k++;
    // Area of the strip below each parallel; rows take the differences.
    let below = 0;
    for (let edge = k + 1; edge <= rows; edge++) {
      const height = heights[edge]!;
      const next = integralBelow(upper, height, tangents[edge]!) - integralBelow(lower, height, tangents[edge]!);
      if (edge > 0 && next - below > negligible) visit(cell, row(edge - 1) * columns + column, next - below);
      below = next;
      if (height >= ceiling) break;
    }
  };
}

/** A walk over the boxes' columns from a longitude [degrees] to the east. */
interface ColumnWalk {
  /** The column there; −1 outside the boxes. */
  column: number;
  /** Degrees from the longitude to the next meridian, and that meridian's number. */
  distance: number;
  meridian: number;
}

/** Columns met by going east: `begin` at a longitude, then `advance` past one meridian at a time. */
function columnWalker(boxes: LatLonBoxes) {
  const { columns, longitudeStep: step, west } = boxes;
  const round = goesRound(boxes);
  const walk: ColumnWalk = { column: 0, distance: 0, meridian: 0 };
  let slot = 0;
  let origin = 0;
  const look = (): void => {
    walk.column = slot < columns ? slot : -1;
    const wraps = slot >= columns || (round && slot === columns - 1);
    walk.meridian = wraps ? 0 : slot + 1;
    walk.distance = (wraps ? 360 : (slot + 1) * step) - origin;
  };
  const advance = (): void => {
    if (walk.meridian === 0) origin -= 360;
    slot = walk.meridian;
    look();
  };
  const begin = (longitude: number): void => {
    const turned = longitude - west;
    origin = turned - 360 * Math.floor(turned / 360);
    slot = Math.min(round ? columns - 1 : columns, Math.floor(origin / step));
    look();
    while (walk.distance < SAME_EDGE) advance();
  };
  return { walk, begin, advance };
}

const angleAt = (degrees: number): Angle => ({
  angle: degrees * RADIANS,
  sine: sin(degrees * RADIANS),
  cosine: cos(degrees * RADIANS),
});

/** A strip of one column of cells and one column of boxes on a panel at the equator; longitudes from its centre. */
interface Strip {
  readonly i: number;
  readonly column: number;
  readonly start: Angle;
  readonly end: Angle;
}

function equatorStrips(cells: number, boxes: LatLonBoxes, panel: number): Strip[] {
  const { walk, begin, advance } = columnWalker(boxes);
  const strips: Strip[] = [];
  for (let i = 0; i < cells; i++) {
    const west = ((2 * i - cells) * 45) / cells;
    const east = ((2 * i + 2 - cells) * 45) / cells;
    // Great circles are monotone on either side of the panel's centre only.
    for (const [from, to] of west < 0 && east > 0
      ? [
          [west, 0],
          [0, east],
        ]
      : [[west, east]]) {
      begin(90 * panel + from!);
      let start = angleAt(from!);
      for (; walk.distance < to! - from! - SAME_EDGE; advance()) {
        const end = angleAt(from! + walk.distance);
        if (walk.column >= 0) strips.push({ i, column: walk.column, start, end });
        start = end;
      }
      if (walk.column >= 0) strips.push({ i, column: walk.column, start, end: angleAt(to!) });
    }
  }
  return strips;
}

/** On panels at the equator cells lie between meridians, and between the great circles tan φ = Y cos ψ. */
function visitEquator(cells: number, boxes: LatLonBoxes, panel: number, visit: VisitOverlap): void {
  const { edgeTangent } = panelLines(cells);
  const strips = equatorStrips(cells, boxes, panel);
  const deal = rowDealer(boxes, parallelsFromEquator(boxes), visit);
  const lower = emptyPiece('equator');
  const upper = emptyPiece('equator');
  for (let j = 0; j < cells; j++)
    for (const { i, column, start, end } of strips) {
      placePiece(lower, edgeTangent[j]!, 1, start, end);
      placePiece(upper, edgeTangent[j + 1]!, 1, start, end);
      deal((panel * cells + j) * cells + i, column, lower, upper);
    }
}

/** The angle of a point in the first quadrant. */
function angleOf(u: number, v: number): Angle {
  const size = Math.sqrt(u * u + v * v);
  return { angle: atan2(v, u), sine: v / size, cosine: u / size };
}

const complement = ({ angle, sine, cosine }: Angle): Angle => ({
  angle: Math.PI / 2 - angle,
  sine: cosine,
  cosine: sine,
});

/** The great circle u = `distance` (or v, then counted from the v axis) of a polar panel between two angles. */
function placePolar(piece: Piece, alongV: boolean, distance: number, start: Angle, end: Angle): void {
  if (alongV) placePiece(piece, 1, distance, complement(end), complement(start));
  else placePiece(piece, 1, distance, start, end);
}

/**
 * On a polar panel (x, y) = cot φ (cos λ, sin λ). A cell is turned into the quadrant u, v ≥ 0; between the angles of
 * its corners it lies between one great circle u or v = constant towards the pole and one away from it.
 */
function visitPole(cells: number, boxes: LatLonBoxes, panel: number, visit: VisitOverlap): void {
  const south = panel === 5;
  const { edgeTangent } = panelLines(cells);
  const deal = rowDealer(boxes, parallelsFromPole(boxes, south), visit);
  const { walk, begin, advance } = columnWalker(boxes);
  const nearer = emptyPiece('pole');
  const farther = emptyPiece('pole');
  const meridians = Array.from({ length: boxes.columns + 1 }, (_, m) => angleAt(boxes.west + m * boxes.longitudeStep));

  /** The meridian's angle in quadrant q, its place in the quadrant known. */
  const meridianAngle = (meridian: number, quadrant: number, degrees: number): Angle => {
    const { sine, cosine } = meridians[meridian]!;
    const angle = degrees * RADIANS;
    if (quadrant === 0) return { angle, sine, cosine };
    if (quadrant === 1) return { angle, sine: 0 - cosine, cosine: sine };
    if (quadrant === 2) return { angle, sine: 0 - sine, cosine: 0 - cosine };
    return { angle, sine: cosine, cosine: 0 - sine };
  };

  const visitQuadrant = (cell: number, quadrant: number, u0: number, u1: number, v0: number, v1: number): void => {
    const first = angleOf(u1, v0);
    const last = angleOf(u0, v1);
    const outer = angleOf(u1, v1);
    const inner = u0 + v0 > 0 ? angleOf(u0, v0) : outer;
    const pole = u0 + v0 === 0;
    const [second, third] = inner.angle < outer.angle ? [inner, outer] : [outer, inner];

    const section = (from: Angle, to: Angle): void => {
      if (!(to.angle > from.angle)) return;
      const middle = (from.angle + to.angle) / 2;
      const outerAlongV = middle > outer.angle;
      const innerAlongV = middle < inner.angle;
      const slice = (start: Angle, end: Angle): void => {
        if (walk.column < 0) return;
        placePolar(farther, outerAlongV, outerAlongV ? v1 : u1, start, end);
        placePolar(nearer, innerAlongV, pole ? 0 : innerAlongV ? v0 : u0, start, end);
        deal(cell, walk.column, nearer, farther);
      };
      const degrees = from.angle / RADIANS;
      const extent = (to.angle - from.angle) / RADIANS;
      begin(90 * quadrant + degrees);
      let start = from;
      for (; walk.distance < extent - SAME_EDGE; advance()) {
        const end = meridianAngle(walk.meridian, quadrant, degrees + walk.distance);
        slice(start, end);
        start = end;
      }
      slice(start, to);
    };
    section(first, second);
    section(second, third);
    section(third, last);
  };

  /** Cuts a cell along the axes x = 0 and y = 0 and turns each part into the first quadrant. */
  const visitCell = (cell: number, x0: number, x1: number, y0: number, y1: number): void => {
    if (x1 > 0 && y1 > 0) visitQuadrant(cell, 0, Math.max(0, x0), x1, Math.max(0, y0), y1);
    if (x0 < 0 && y1 > 0) visitQuadrant(cell, 1, Math.max(0, y0), y1, Math.max(0, 0 - x1), 0 - x0);
    if (x0 < 0 && y0 < 0) visitQuadrant(cell, 2, Math.max(0, 0 - x1), 0 - x0, Math.max(0, 0 - y1), 0 - y0);
    if (x1 > 0 && y0 < 0) visitQuadrant(cell, 3, Math.max(0, 0 - y1), 0 - y0, Math.max(0, x0), x1);
  };

  for (let j = 0; j < cells; j++) {
    const [x0, x1] = south ? [edgeTangent[j]!, edgeTangent[j + 1]!] : [0 - edgeTangent[j + 1]!, 0 - edgeTangent[j]!];
    for (let i = 0; i < cells; i++)
      visitCell((panel * cells + j) * cells + i, x0, x1, edgeTangent[i]!, edgeTangent[i + 1]!);
  }
}

/**
 * Visits every overlap of a cell of a cubed sphere (cells across a panel) with a box, cell by cell in panel, row and
 * column order. Areas have no error but round-off (1e-13 of the whole, 1e-10 beside the poles): cells and boxes are
 * bounded by great circles, meridians and parallels, along which ∫ sin φ dλ is known in closed form. Throws GridError (InvalidOption) where the boxes do not lie on the globe.
 */
export function visitOverlaps(cells: number, boxes: LatLonBoxes, visit: VisitOverlap): void {
  requireBoxes(boxes);
  for (let panel = 0; panel < 4; panel++) visitEquator(cells, boxes, panel, visit);
  visitPole(cells, boxes, 4, visit);
  visitPole(cells, boxes, 5, visit);
}
