import { PANEL_AXES } from '../../engine/grid/panels.ts';
import { LARGEST_CODE, MISSING } from '../../workers/protocol/frame.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';

/** Height and shade of the ground, two bytes a cell, panel by panel. */
export interface Relief {
  readonly cells: number;
  readonly panels: number;
  /** Height: 128 at the sea, by its root up to 9 km either way. Shade: 128 where flat, lit from the north-west. */
  readonly bytes: Uint8Array;
  /** Whether any of it is above the sea. */
  readonly hasLand: boolean;
}

const HIGHEST = 9000;
/** Shade of a slope; mountains of a coarse grid are gentle. */
const STEEPNESS = 26;
const RADIUS = 6_371_220;

/** Shaded relief of a frame of elevations [m]; `sign` −1 where the field is a depth. */
export function reliefOf(
  { cellsX: cells, tileX: tile, panels, layerX, low, high, codes }: DecodedFrame,
  sign: 1 | -1,
): Relief {
  const bytes = new Uint8Array(2 * cells * cells * panels);
  const across = cells / tile;
  const step = (high - low) / LARGEST_CODE;
  const height = new Float32Array(cells * cells);
  let hasLand = false;
  for (let panel = 0; panel < panels; panel++) {
    for (let j = 0; j < cells; j++)
      for (let i = 0; i < cells; i++) {
        const layer = (panel * across + Math.floor(j / tile)) * across + Math.floor(i / tile);
        const code = codes[(layer * layerX + (j % tile) + 1) * layerX + (i % tile) + 1]!;
        height[j * cells + i] = code === MISSING ? 0 : sign * (low + code * step);
      }
    const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
    const tangent = Float64Array.from({ length: cells }, (_, k) => Math.tan(((k + 0.5) / cells - 0.5) * (Math.PI / 2)));
    const spacing = (Math.PI / 2 / cells) * RADIUS;
    for (let j = 0; j < cells; j++)
      for (let i = 0; i < cells; i++) {
        const [X, Y] = [tangent[i]!, tangent[j]!];
        const at = (x: number, y: number) =>
          height[Math.max(0, Math.min(cells - 1, y)) * cells + Math.max(0, Math.min(cells - 1, x))]!;
        const slopeI = (at(i + 1, j) - at(i - 1, j)) / (2 * spacing);
        const slopeJ = (at(i, j + 1) - at(i, j - 1)) / (2 * spacing);
        const rho = Math.sqrt(1 + X * X + Y * Y);
        const r = [0, 1, 2].map((k) => (centre[k]! + X * alongI[k]! + Y * alongJ[k]!) / rho) as [
          number,
          number,
          number,
        ];
        // East and north of the panel's two directions, near enough for a shade.
        const horizontal = Math.max(1e-6, Math.sqrt(r[0] * r[0] + r[1] * r[1]));
        const east = [-r[1] / horizontal, r[0] / horizontal, 0];
        const north = [-r[2] * east[1]!, r[2] * east[0]!, horizontal];
        const dot = (a: readonly number[], b: readonly number[]) => a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
        const eastward = slopeI * dot(alongI, east) + slopeJ * dot(alongJ, east);
        const northward = slopeI * dot(alongI, north) + slopeJ * dot(alongJ, north);
        const shade = Math.tanh(STEEPNESS * 0.7 * (eastward - northward)) * 0.5;
        const z = height[j * cells + i]!;
        const k = 2 * ((panel * cells + j) * cells + i);
        hasLand ||= z > 0;
        bytes[k] = 128 + 127 * Math.sign(z) * Math.sqrt(Math.min(1, Math.abs(z) / HIGHEST));
        bytes[k + 1] = 128 + 127 * shade * 2;
      }
  }
  return { cells, panels, bytes, hasLand };
}
