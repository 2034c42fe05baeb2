import { sin } from '../math/index.ts';
import { FaultOutOfRange } from './errors.ts';
import { distance, position } from './sphere.ts';
import { placeSubfault, type SlipInterval, type Subfault } from './subfault.ts';

const PI = 3.141592653589793;

/**
 * Share of an interval's slip done by time t [s], 0 … 1. Slip that happens at once happens just after `start`, so that a run
 * from the origin time on still gets it. With `fall`: the integral of the asymmetric cosine of Ji et al. (2003).
 */
export function intervalFraction(interval: SlipInterval, t: number): number {
  const { rise } = interval;
  const fall = interval.fall ?? 0;
  const since = t - interval.start;
  if (since <= 0) return 0;
  if (since >= rise + fall) return 1;
  if (interval.fall === undefined) return since / rise;
  if (since < rise) return (since - (rise / PI) * sin((PI * since) / rise)) / (rise + fall);
  const late = since - rise;
  return (rise + late + (fall / PI) * sin((PI * late) / fall)) / (rise + fall);
}

/** Slip of a subfault at time t [m]. */
export function slipAt(subfault: Pick<Subfault, 'slip'>, t: number): number {
  let slip = 0;
  for (const interval of subfault.slip) slip += interval.slip * intervalFraction(interval, t);
  return slip;
}

/** Final slip of a subfault [m]. */
export function totalSlip(subfault: Pick<Subfault, 'slip'>): number {
  let slip = 0;
  for (const interval of subfault.slip) slip += interval.slip;
  return slip;
}

/** Share of a subfault's final slip done by time t; 1 for a subfault that never slips. */
export function slipFraction(subfault: Pick<Subfault, 'slip'>, t: number): number {
  const total = totalSlip(subfault);
  return total === 0 ? 1 : slipAt(subfault, t) / total;
}

/** First and last moment at which anything slips [s]; [0, 0] if nothing does. */
export function ruptureSpan(subfaults: readonly Pick<Subfault, 'slip'>[]): readonly [number, number] {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { slip } of subfaults) {
    for (const interval of slip) {
      if (interval.slip === 0) continue;
      first = Math.min(first, interval.start);
      last = Math.max(last, interval.start + interval.rise + (interval.fall ?? 0));
    }
  }
  return first <= last ? [first, last] : [0, 0];
}

/** Where and how a rupture runs: from an epicentre [degrees], at a speed [m/s], each subfault slipping for `rise` [s]. */
export interface RuptureFront {
  readonly longitude: number;
  readonly latitude: number;
  readonly speed: number;
  readonly rise: number;
}

/**
 * Gives subfaults that have only a final slip a rupture: each begins when a front that spreads at constant speed along the
 * surface reaches its centroid, and slips linearly. Throws FaultOutOfRange.
 */
export function withRuptureFront(subfaults: readonly Subfault[], front: RuptureFront): Subfault[] {
  if (!(front.speed > 0 && front.rise >= 0)) {
    throw new FaultOutOfRange(
      `a rupture at ${front.speed} m/s with a rise of ${front.rise} s. Speed must be above 0, rise at least 0.`,
    );
  }
  const epicentre = position(front.longitude, front.latitude);
  return subfaults.map((subfault) => {
    const start = distance(epicentre, placeSubfault(subfault).centroid) / front.speed;
    return { ...subfault, slip: [{ start, rise: front.rise, slip: totalSlip(subfault) }] };
  });
}
