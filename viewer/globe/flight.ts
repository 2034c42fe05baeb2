import type { Camera } from '../state.ts';
import { clampCamera } from './controls.ts';

/** The camera's way to another place. */
export interface Flight {
  readonly from: Camera;
  readonly to: Camera;
  /** [ms of performance.now()]. */
  readonly began: number;
}

const LASTS = 700;

export const hasLanded = ({ began }: Flight, now: number): boolean => now >= began + LASTS;

/** Where it is, the short way round, with a start and an end without a jolt. */
export function cameraAt({ from, to, began }: Flight, now: number): Camera {
  const share = Math.max(0, Math.min(1, (now - began) / LASTS));
  const eased = share * share * (3 - 2 * share);
  const turn = ((((to.longitude - from.longitude + 180) % 360) + 360) % 360) - 180;
  return clampCamera({
    longitude: from.longitude + eased * turn,
    latitude: from.latitude + eased * (to.latitude - from.latitude),
    zoom: from.zoom * (to.zoom / from.zoom) ** eased,
  });
}
