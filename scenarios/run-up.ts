import { atan2 } from '../engine/math/index.ts';

/** What is left of a run: for every cell its place, its ground, and how deep the water got over it. */
export interface Flooding {
  /** Centres [m]. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Elevation of the ground [m]. */
  readonly ground: ArrayLike<number>;
  /** `maximumAmplitude` of the tsunami model [m]: on land the largest depth of the flow. */
  readonly depth: ArrayLike<number>;
}

export interface RunUpSettings {
  /** Level of the sea at rest [m]; ground above it is land. */
  readonly seaLevel: number;
  /** Land counts as wet where the flow got deeper than this [m]: its tip thins out to nothing. */
  readonly threshold: number;
}

/** The highest ground that the water reached, above the sea at rest. */
export interface RunUp {
  /** Height of that ground [m]. */
  readonly ground: number;
  /** Height of the water over it when it was deepest [m]: the better figure where a cell's step is coarse. */
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

function requireThreshold(threshold: number): void {
  if (!(Number.isFinite(threshold) && threshold >= 0))
    throw new Error(`RunUpThreshold: ${threshold} m is no depth of flow. Use a depth of 0 m or more, e.g. 1e-4.`);
}

/** The highest of the cells that `within` takes in; undefined where none of them is wet land. */
export function runUpOf(
  { x, y, ground, depth }: Flooding,
  { seaLevel, threshold }: RunUpSettings,
  within: (x: number, y: number) => boolean = () => true,
): RunUp | undefined {
  requireThreshold(threshold);
  let highest = -1;
  for (let cell = 0; cell < ground.length; cell++) {
    const bed = ground[cell]!;
    if (!(bed > seaLevel && depth[cell]! > threshold && within(x[cell]!, y[cell]!))) continue;
    if (highest < 0 || bed > ground[highest]!) highest = cell;
  }
  if (highest < 0) return undefined;
  const bed = ground[highest]! - seaLevel;
  return { ground: bed, level: bed + depth[highest]!, x: x[highest]!, y: y[highest]! };
}

/** The run-up line along a beach: one run-up for each value of y, in ascending order. */
export function runUpAlong(flooding: Flooding, settings: RunUpSettings): readonly { y: number; runUp?: RunUp }[] {
  const rows = [...new Set(Array.from(flooding.y))].sort((a, b) => a - b);
  return rows.map((row) => {
    const runUp = runUpOf(flooding, settings, (_, y) => y === row);
    return runUp ? { y: row, runUp } : { y: row };
  });
}

/**
 * The run-up line around an island: for each angle [degrees, counter-clockwise from east] the highest wet ground within
 * half a `sector` [degrees] of it.
 */
export function runUpAround(
  flooding: Flooding,
  settings: RunUpSettings,
  island: { readonly x: number; readonly y: number; readonly angles: readonly number[]; readonly sector: number },
): readonly { angle: number; runUp?: RunUp }[] {
  const { angles, sector } = island;
  if (!(sector > 0 && sector <= 360))
    throw new Error(`RunUpSector: a sector of ${sector}° is not within 0° to 360°. Use for example 15.`);
  const toDegrees = 180 / Math.PI;
  return angles.map((angle) => {
    const runUp = runUpOf(flooding, settings, (x, y) => {
      const off = atan2(y - island.y, x - island.x) * toDegrees - angle;
      return Math.abs(off - 360 * Math.round(off / 360)) <= sector / 2;
    });
    return runUp ? { angle, runUp } : { angle };
  });
}
