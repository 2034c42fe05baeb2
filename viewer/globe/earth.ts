import { PANEL_AXES } from '../../engine/grid/panels.ts';
import { LARGEST_CODE, MISSING } from '../../workers/protocol/frame.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import type { LandMask } from './land-mask.ts';

/** What the globe looks like under a field: four bytes a point, `size` × `size` points a panel, six panels. */
export interface Earth {
  readonly size: number;
  /**
   * Height (128 at the sea, by its root up to 9 km either way), shade (128 where flat, lit from the north-west), land (255;
   * 0 at sea), and nothing.
   */
  readonly bytes: Uint8Array;
  /** Whether any of the model's ground is above its sea. */
  readonly hasLand: boolean;
}

const HIGHEST = 9000;
/** Shade of a slope; mountains of a coarse grid are gentle. */
const STEEPNESS = 26;
const RADIUS = 6_371_220;

const dot = (a: readonly number[], b: readonly number[]): number => a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
const tangents = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, k) => Math.tan(((k + 0.5) / size - 0.5) * (Math.PI / 2)));

/** Heights of one panel of a frame [m], the sea's where it has none; `sign` −1 where the field is a depth. */
function heightsOf(
  { cellsX: cells, tileX: tile, layerX, low, high, codes }: DecodedFrame,
  panel: number,
  sign: 1 | -1,
) {
  const across = cells / tile;
  const step = (high - low) / LARGEST_CODE;
  const heights = new Float32Array(cells * cells);
  for (let j = 0; j < cells; j++)
    for (let i = 0; i < cells; i++) {
      const layer = (panel * across + Math.floor(j / tile)) * across + Math.floor(i / tile);
      const code = codes[(layer * layerX + (j % tile) + 1) * layerX + (i % tile) + 1]!;
      heights[j * cells + i] = code === MISSING ? 0 : sign * (low + code * step);
    }
  return heights;
}

/** Shades of one panel's slopes, −1 … 1. */
function shadesOf(heights: Float32Array, cells: number, panel: number): Float32Array {
  const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
  const tangent = tangents(cells);
  const spacing = (Math.PI / 2 / cells) * RADIUS;
  const shades = new Float32Array(cells * cells);
  const at = (i: number, j: number) =>
    heights[Math.max(0, Math.min(cells - 1, j)) * cells + Math.max(0, Math.min(cells - 1, i))]!;
  for (let j = 0; j < cells; j++)
    for (let i = 0; i < cells; i++) {
      const slopeI = (at(i + 1, j) - at(i - 1, j)) / (2 * spacing);
      const slopeJ = (at(i, j + 1) - at(i, j - 1)) / (2 * spacing);
      const [X, Y] = [tangent[i]!, tangent[j]!];
      const rho = Math.sqrt(1 + X * X + Y * Y);
      const r = [0, 1, 2].map((k) => (centre[k]! + X * alongI[k]! + Y * alongJ[k]!) / rho);
      // East and north of the panel's two directions, near enough for a shade.
      const horizontal = Math.max(1e-6, Math.sqrt(r[0]! * r[0]! + r[1]! * r[1]!));
      const east = [-r[1]! / horizontal, r[0]! / horizontal, 0];
      const north = [-r[2]! * east[1]!, r[2]! * east[0]!, horizontal];
      const eastward = slopeI * dot(alongI, east) + slopeJ * dot(alongJ, east);
      const northward = slopeI * dot(alongI, north) + slopeJ * dot(alongJ, north);
      shades[j * cells + i] = Math.tanh(STEEPNESS * 0.7 * (eastward - northward));
    }
  return shades;
}

/** Of each of `size` points across a panel: the cells before and after it, and the share of the later one. */
function placesBetween(size: number, cells: number) {
  const at = Float64Array.from({ length: size }, (_, k) => ((k + 0.5) / size) * cells - 0.5);
  const before = Int32Array.from(at, (u) => Math.max(0, Math.floor(u)));
  const after = before.map((cell) => Math.min(cells - 1, cell + 1));
  return { before, after, share: at.map((u, k) => Math.max(0, u - before[k]!)) };
}

/** Land, and the shaded relief of a frame of elevations [m] if there is one, as the shader of the globe wants them. */
export function earthOf(mask: LandMask, ground: DecodedFrame | undefined, sign: 1 | -1, size: number): Earth {
  const bytes = new Uint8Array(4 * 6 * size * size);
  const tangent = tangents(size);
  let hasLand = ground === undefined;
  const cells = ground?.cellsX ?? 1;
  const places = placesBetween(size, cells);
  for (let panel = 0; panel < 6; panel++) {
    const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
    const heights = ground ? heightsOf(ground, panel, sign) : new Float32Array(1);
    const shades = ground ? shadesOf(heights, cells, panel) : new Float32Array(1);
    hasLand ||= heights.some((height) => height > 0);
    for (let j = 0; j < size; j++) {
      const [j0, j1, t] = [places.before[j]! * cells, places.after[j]! * cells, places.share[j]!];
      for (let i = 0; i < size; i++) {
        const [X, Y] = [tangent[i]!, tangent[j]!];
        const x = centre[0] + X * alongI[0] + Y * alongJ[0];
        const y = centre[1] + X * alongI[1] + Y * alongJ[1];
        const z = centre[2] + X * alongI[2] + Y * alongJ[2];
        const column = Math.floor((Math.atan2(y, x) / (2 * Math.PI) + 0.5) * mask.width) % mask.width;
        const latitude = Math.atan2(z, Math.sqrt(x * x + y * y)) / Math.PI + 0.5;
        const row = Math.min(mask.height - 1, Math.floor(latitude * mask.height));
        const [i0, i1, s] = [places.before[i]!, places.after[i]!, places.share[i]!];
        const height =
          (1 - t) * ((1 - s) * heights[j0 + i0]! + s * heights[j0 + i1]!) +
          t * ((1 - s) * heights[j1 + i0]! + s * heights[j1 + i1]!);
        const shade =
          (1 - t) * ((1 - s) * shades[j0 + i0]! + s * shades[j0 + i1]!) +
          t * ((1 - s) * shades[j1 + i0]! + s * shades[j1 + i1]!);
        const k = 4 * ((panel * size + j) * size + i);
        bytes[k] = 128 + 127 * Math.sign(height) * Math.sqrt(Math.min(1, Math.abs(height) / HIGHEST));
        bytes[k + 1] = 128 + 127 * shade;
        bytes[k + 2] = mask.data[row * mask.width + column]!;
      }
    }
  }
  return { size, bytes, hasLand };
}
