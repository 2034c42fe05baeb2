import { atan2, tan } from '../math/index.ts';
import type { PanelGeometry } from './grid.ts';
import { once } from './once.ts';
import { GLOBE_FROM_PANEL, PANELS, signed, toGlobe } from './panels.ts';

export const DEGREES = 180 / Math.PI;

/** Coordinates of the lines and centres of an equiangular gnomonic panel, the same along i and j. */
export interface PanelLines {
  readonly cells: number;
  /** tan α at the cells + 1 grid lines, α_i = (2i − N) π/4N; exactly antisymmetric, ±1 at the ends. */
  readonly edgeTangent: Float64Array;
  /** tan α at the cell centres, half-way in α; exactly antisymmetric. */
  readonly centreTangent: Float64Array;
}

/** Tangents of steps · π/4N for steps = −last, −last + 2, … last, the positive ones computed and the others mirrored. */
function antisymmetricTangents(cells: number, last: number): Float64Array {
  const count = last + 1;
  const tangents = new Float64Array(count);
  for (let index = Math.floor(count / 2); index < count; index++) {
    const steps = 2 * index - last;
    const tangent = steps === cells ? 1 : tan((steps * (Math.PI / 4)) / cells);
    tangents[last - index] = 0 - tangent;
    tangents[index] = tangent;
  }
  return tangents;
}

export const panelLines = (cells: number): PanelLines => ({
  cells,
  edgeTangent: antisymmetricTangents(cells, cells),
  centreTangent: antisymmetricTangents(cells, cells - 1),
});

/**
 * Length on the unit sphere of the arc at X from Y₀ to Y₁: atan2(|a × b|, a · b) of its ends, whose cross product is
 * (Y₁ − Y₀) (−X, 1, 0) in panel axes, so nothing cancels.
 */
const arcLength = (x: number, y0: number, y1: number): number =>
  atan2((y1 - y0) * Math.sqrt(1 + x * x), 1 + x * x + y0 * y1);

/**
 * Area on the unit sphere of the cell X₀ … X₁, Y₀ … Y₁. Each of its two triangles abc has the excess E with
 * tan(E/2) = |a·(b×c)| / (1 + a·b + b·c + c·a), Eriksson (1990), and their triple product is (X₁−X₀)(Y₁−Y₀). The two
 * half-angles are added under one arctangent. The difference of four atan2(XY, √(1+X²+Y²)) is the same number, but at
 * a thousand cells across a panel it keeps ten digits only.
 */
export function cellArea(x0: number, x1: number, y0: number, y1: number): number {
  const radius = (x: number, y: number): number => Math.sqrt(1 + (x * x + y * y));
  const product = (ax: number, ay: number, bx: number, by: number): number => 1 + (ax * bx + ay * by);
  const [sw, se, nw, ne] = [radius(x0, y0), radius(x1, y0), radius(x0, y1), radius(x1, y1)];
  const diagonal = product(x0, y0, x1, y1);
  const triangle = (x: number, y: number, r: number): number =>
    sw * r * ne + (product(x0, y0, x, y) * ne + product(x, y, x1, y1) * sw + diagonal * r);
  const lower = triangle(x1, y0, se);
  const upper = triangle(x0, y1, nw);
  const triple = (x1 - x0) * (y1 - y0);
  return 2 * atan2(triple * (lower + upper), lower * upper - triple * triple);
}

/** What all six panels share. Vectors are in panel axes [centre, growing i, growing j]. */
interface SharedGeometry {
  readonly area: Float64Array;
  readonly lengthX: Float64Array;
  readonly lengthY: Float64Array;
  readonly up: readonly [Float64Array, Float64Array, Float64Array];
  /** A face line's unit normal is (−sine, cosine) in the plane of the centre and the line's coordinate. */
  readonly sine: Float64Array;
  readonly cosine: Float64Array;
}

/** Areas and lengths of a quarter panel, mirrored to the other three and along the diagonal. */
function areaAndLengths(lines: PanelLines, radius: number): Pick<SharedGeometry, 'area' | 'lengthX' | 'lengthY'> {
  const { cells, edgeTangent: edge } = lines;
  const area = new Float64Array(cells * cells);
  const lengthX = new Float64Array(cells * (cells + 1));
  const lengthY = new Float64Array(cells * (cells + 1));
  const half = Math.ceil(cells / 2);
  const last = cells - 1;
  for (let j = 0; j < half; j++) {
    for (let i = 0; i <= j; i++) {
      const value = radius * radius * cellArea(edge[i]!, edge[i + 1]!, edge[j]!, edge[j + 1]!);
      for (const a of [i, last - i])
        for (const b of [j, last - j]) {
          area[b * cells + a] = value;
          area[a * cells + b] = value;
        }
    }
    for (let i = 0; i <= cells / 2; i++) {
      const value = radius * arcLength(edge[i]!, edge[j]!, edge[j + 1]!);
      for (const line of [i, cells - i])
        for (const along of [j, last - j]) {
          lengthX[along * (cells + 1) + line] = value;
          lengthY[line * cells + along] = value;
        }
    }
  }
  return { area, lengthX, lengthY };
}

function sharedGeometry(lines: PanelLines, radius: number): SharedGeometry {
  const { cells, edgeTangent: edge } = lines;
  const { area, lengthX, lengthY } = areaAndLengths(lines, radius);
  const cosine = edge.map((tangent) => 1 / Math.sqrt(1 + tangent * tangent));
  const sine = edge.map((tangent, line) => tangent * cosine[line]!);
  const up = [0, 1, 2].map(() => new Float64Array(cells * cells)) as [Float64Array, Float64Array, Float64Array];
  for (let j = 0; j < cells; j++)
    for (let i = 0; i < cells; i++) {
      const west = lengthX[j * (cells + 1) + i]!;
      const east = lengthX[j * (cells + 1) + i + 1]!;
      const south = lengthY[j * cells + i]!;
      const north = lengthY[(j + 1) * cells + i]!;
      // Σ L n over the faces of a curved cell points to the globe's centre: the normals tilt down.
      const centre = east * sine[i + 1]! - west * sine[i]! + (north * sine[j + 1]! - south * sine[j]!);
      const alongI = west * cosine[i]! - east * cosine[i + 1]!;
      const alongJ = south * cosine[j]! - north * cosine[j + 1]!;
      const size = Math.sqrt(centre * centre + (alongI * alongI + alongJ * alongJ));
      const cell = j * cells + i;
      up[0][cell] = centre / size;
      up[1][cell] = alongI / size;
      up[2][cell] = alongJ / size;
    }
  return { area, lengthX, lengthY, up, sine, cosine };
}

export interface LonLat {
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
}

/**
 * Longitudes (−180 … 180) and latitudes [degrees] of the crossings of lines with these tangents, row-major, panel by
 * panel. The four panels round the equator share their latitudes, and panel 4 is panel 5 upside down.
 */
export function crossings(tangents: Float64Array): (panel: number) => LonLat {
  const across = tangents.length;
  const last = across - 1;
  const half = Math.ceil(across / 2);
  /** Fills an array that is even in i from its western half. */
  const mirrored = (valueAt: (i: number, j: number) => number, sign: 1 | -1): Float64Array => {
    const values = new Float64Array(across * across);
    for (let j = 0; j < across; j++)
      for (let i = 0; i < half; i++) {
        const value = valueAt(i, j);
        values[j * across + last - i] = signed(sign, value);
        values[j * across + i] = value;
      }
    return values;
  };
  const latitudeAt = (panel: number) => (i: number, j: number) => {
    const [x, y, z] = toGlobe(panel, 1, tangents[i]!, tangents[j]!);
    return atan2(z, Math.sqrt(x * x + y * y)) * DEGREES;
  };
  const longitudeAt = (panel: number) => (i: number, j: number) => {
    const [x, y] = toGlobe(panel, 1, tangents[i]!, tangents[j]!);
    return atan2(y, x) * DEGREES;
  };
  const equatorial = once(() => mirrored(latitudeAt(0), 1));
  const southern = once(() => ({
    longitude: mirrored(longitudeAt(SOUTH), -1),
    latitude: mirrored(latitudeAt(SOUTH), 1),
  }));
  const upsideDown = (values: Float64Array): Float64Array => {
    const turned = new Float64Array(values.length);
    for (let j = 0; j < across; j++) turned.set(values.subarray(j * across, (j + 1) * across), (last - j) * across);
    return turned;
  };
  return (panel) => {
    if (panel === SOUTH) return southern();
    if (panel === NORTH) {
      const { longitude, latitude } = southern();
      return { longitude: upsideDown(longitude), latitude: latitude.map((value) => signed(-1, value)) };
    }
    const row = Float64Array.from(tangents, (_, i) => longitudeAt(panel)(i, 0));
    const longitude = new Float64Array(across * across);
    for (let j = 0; j < across; j++) longitude.set(row, j * across);
    return { longitude, latitude: equatorial() };
  };
}

/** The panels over the poles. */
const NORTH = 4;
const SOUTH = 5;

type Components = readonly [Float64Array, Float64Array, Float64Array];

/**
 * Geometry of the six panels, computed at first use. Panels share their arrays of areas, lengths and latitudes,
 * and up to sign those of `up`: treat them as read-only.
 */
export function cubedSphereGeometry(lines: PanelLines, radius: number): readonly PanelGeometry[] {
  const shared = once(() => sharedGeometry(lines, radius));
  const negatedUp = [0, 1, 2].map((axis) => once(() => shared().up[axis]!.map((value) => 0 - value)));
  const negatedSine = once(() => shared().sine.map((value) => 0 - value));
  const zeros = new Float64Array(lines.cells + 1);
  const centresOf = crossings(lines.centreTangent);

  return Array.from({ length: PANELS }, (_, panel): PanelGeometry => {
    const components = (pick: (axis: 0 | 1 | 2, sign: 1 | -1) => Float64Array): Components => {
      const [x, y, z] = GLOBE_FROM_PANEL[panel]!;
      return [pick(x.axis, x.sign), pick(y.axis, y.sign), pick(z.axis, z.sign)];
    };
    /** Normals of the lines of constant i (along = 1) or j (along = 2). */
    const normals = (along: 1 | 2): Components =>
      components((axis, sign) => {
        if (axis === 0) return negatedSine().map((value) => signed(sign, value));
        return axis === along ? shared().cosine.map((value) => signed(sign, value)) : zeros.slice();
      });
    const up = once(() => components((axis, sign) => (sign < 0 ? negatedUp[axis]!() : shared().up[axis])));
    const normalX = once(() => normals(1));
    const normalY = once(() => normals(2));
    const centres = once(() => centresOf(panel));
    return {
      get area() {
        return shared().area;
      },
      get lengthX() {
        return shared().lengthX;
      },
      get lengthY() {
        return shared().lengthY;
      },
      get up() {
        return up();
      },
      get normalX() {
        return normalX();
      },
      get normalY() {
        return normalY();
      },
      get longitude() {
        return centres().longitude;
      },
      get latitude() {
        return centres().latitude;
      },
    };
  });
}
