import { asin, cos, sin } from '../../engine/math/index.ts';
import type { PrescribedWind } from '../../engine/models/wind.ts';

/**
 * Williamson et al. (1992), J. Comput. Phys. 102, 211–224, case 1: a cosine bell goes round the globe in twelve days
 * with air that turns like a rigid body, its axis `angle` [radians] from the globe's.
 */
export interface SolidBody {
  /** Of the globe [m]. */
  readonly radius: number;
  /** Of a turn [s]; twelve days in the paper. */
  readonly period: number;
  /** α [radians]. */
  readonly angle: number;
}

/** ψ = −R u₀ (sin θ cos α − cos λ cos θ sin α). */
export function solidBodyWind({ radius, period, angle }: SolidBody): PrescribedWind {
  const speed = (2 * Math.PI * radius) / period;
  const [across, along] = [sin(angle), cos(angle)];
  return {
    parts: [{ streamfunction: (x, _y, z) => -radius * speed * (z * along - x * across) }],
    amplitudes: () => [1],
    fastest: speed,
  };
}

/** Radius of the bell, in the globe's. */
const REACH = 1 / 3;

/** With height 1, `seconds` after the start over 90° W on the equator. */
export function cosineBell({ period, angle }: SolidBody, seconds = 0): (x: number, y: number, z: number) => number {
  // (0, −1, 0) turned about the axis (−sin α, 0, cos α).
  const turn = (2 * Math.PI * seconds) / period;
  const [a, b, c] = [cos(angle) * sin(turn), -cos(turn), sin(angle) * sin(turn)];
  return (x, y, z) => {
    const square = (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c);
    const r = 2 * asin(Math.min(1, 0.5 * Math.sqrt(square)));
    return r < REACH ? 0.5 * (1 + cos((Math.PI * r) / REACH)) : 0;
  };
}
