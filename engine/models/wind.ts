import type { Grid } from '../grid/grid.ts';
import { toGlobe } from '../grid/panels.ts';
import { GAUSS_NODES, GAUSS_WEIGHTS, tan } from '../math/index.ts';

/** A part of a wind, constant in time, as a function of place: a unit vector on the sphere, (x, y, 0) [m] on a plane. */
export interface WindPart {
  /** ψ [m²/s] of a wind without divergence, u = −∂ψ/∂y and v = ∂ψ/∂x: the air through a face is the difference of ψ at its ends. */
  readonly streamfunction?: (x: number, y: number, z: number) => number;
  /** Wind [m/s] as a Cartesian vector, of a part that may diverge: the air through a face is its integral there. */
  readonly velocity?: (x: number, y: number, z: number, out: Float64Array) => void;
}

/** A wind that is known at all times: the sum of its parts, each times its amplitude. At most four parts. */
export interface PrescribedWind {
  readonly parts: readonly WindPart[];
  readonly amplitudes: (seconds: number) => readonly number[];
  /** The largest speed [m/s] at any time and place. */
  readonly fastest: number;
}

type Point = readonly [number, number, number];

/** Air [m²/s] that passes from right to left of the way from a to b, a great circle's arc or a straight line. */
function leftward(part: WindPart, a: Point, b: Point, radius: number): number {
  let sum = part.streamfunction ? part.streamfunction(...b) - part.streamfunction(...a) : 0;
  if (!part.velocity) return sum;
  const plane = radius === Number.POSITIVE_INFINITY;
  const normal: Point = plane
    ? [a[1] - b[1], b[0] - a[0], 0]
    : [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const wind = new Float64Array(3);
  GAUSS_NODES.forEach((node, k) => {
    const [x, y, z] = [0, 1, 2].map((axis) => a[axis]! + node * (b[axis]! - a[axis]!)) as [number, number, number];
    // A point of the chord seen from the globe's centre: ds/dt = R |a × b| / |p|².
    const square = plane ? 1 : x * x + y * y + z * z;
    const distance = Math.sqrt(square);
    part.velocity!(x / distance, y / distance, z / distance, wind);
    const across = wind[0]! * normal[0] + wind[1]! * normal[1] + wind[2]! * normal[2];
    sum += (GAUSS_WEIGHTS[k]! * across * (plane ? 1 : radius)) / square;
  });
  return sum;
}

const distance = (a: Point, b: Point): number =>
  Math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 + (b[2] - a[2]) ** 2);

/** The corner (i, j) of a panel, its lines carried on beyond its sides. */
function cornersOf(grid: Grid, panel: number): (i: number, j: number) => Point {
  const { cellsX, cellsY } = grid;
  const { longitude, latitude } = grid.corners(panel);
  if (grid.kind === 'plane') {
    const place = (at: (k: number) => number, cells: number, k: number) => at(0) + (k * (at(cells) - at(0))) / cells;
    return (i, j) => [place((k) => longitude[k]!, cellsX, i), place((k) => latitude[k * (cellsX + 1)]!, cellsY, j), 0];
  }
  /** tan α of a line, exactly odd about the panel's middle and 1 at its side, so that panels agree on their common corners. */
  const tangent = (steps: number): number =>
    steps < 0 ? -tangent(-steps) : steps === cellsX ? 1 : tan((steps * (Math.PI / 4)) / cellsX);
  const tangents = Float64Array.from({ length: cellsX + 3 }, (_, k) => tangent(2 * (k - 1) - cellsX));
  return (i, j) => {
    const [X, Y] = [tangents[i + 1]!, tangents[j + 1]!];
    const length = Math.sqrt(1 + (X * X + Y * Y));
    return toGlobe(panel, 1 / length, X / length, Y / length);
  };
}

/**
 * What a wind's parts bring through faces, as static fields of `transport`: V = ∫ u ds, `through…`, and
 * S = s Δ u′/12 with the growth u′ of the normal wind along the face, `shear…`, both [m²/s]. The radius is infinite on a plane.
 */
export function windFields(
  grid: Grid,
  radius: number,
  parts: readonly WindPart[],
): Readonly<Record<string, Float64Array[]>> {
  const { cellsX, cellsY, panels } = grid;
  const fields: Record<string, Float64Array[]> = {};
  parts.forEach((part, index) => {
    const make = (size: number) => Array.from({ length: panels }, () => new Float64Array(size));
    const [throughX, shearX] = [make((cellsX + 1) * cellsY), make((cellsX + 1) * cellsY)];
    const [throughY, shearY] = [make(cellsX * (cellsY + 1)), make(cellsX * (cellsY + 1))];
    for (let panel = 0; panel < panels; panel++) {
      const corner = cornersOf(grid, panel);
      /** Fluxes along a line of faces, `corner(k)` before face k, with one face beyond either end. */
      const line = (cells: number, sign: number, ends: (k: number) => Point, write: Write) => {
        const flux = new Float64Array(cells + 2);
        const length = new Float64Array(cells + 2);
        for (let k = -1; k <= cells; k++) {
          flux[k + 1] = sign * leftward(part, ends(k), ends(k + 1), radius);
          length[k + 1] = distance(ends(k), ends(k + 1));
        }
        for (let k = 0; k < cells; k++) {
          const rise = flux[k + 2]! / length[k + 2]! - flux[k]! / length[k]!;
          write(k, flux[k + 1]!, (length[k + 1]! * rise) / 24);
        }
      };
      for (let i = 0; i <= cellsX; i++)
        line(
          cellsY,
          -1,
          (k) => corner(i, k),
          (j, flux, shear) => {
            throughX[panel]![j * (cellsX + 1) + i] = flux;
            shearX[panel]![j * (cellsX + 1) + i] = shear;
          },
        );
      for (let j = 0; j <= cellsY; j++)
        line(
          cellsX,
          1,
          (k) => corner(k, j),
          (i, flux, shear) => {
            throughY[panel]![j * cellsX + i] = flux;
            shearY[panel]![j * cellsX + i] = shear;
          },
        );
    }
    const number = index + 1;
    fields[`through${number}X`] = throughX;
    fields[`shear${number}X`] = shearX;
    fields[`through${number}Y`] = throughY;
    fields[`shear${number}Y`] = shearY;
  });
  return fields;
}

type Write = (k: number, flux: number, shear: number) => void;
