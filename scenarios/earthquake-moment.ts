import { momentMagnitude, seismicMoment } from '../engine/sources/moment.ts';
import type { Subfault } from '../engine/sources/subfault.ts';
import type { EarthquakeSource } from './scenario.ts';

/** Subfaults as their table gives them, and what it states of them all. */
export interface StatedFaults {
  readonly subfaults: readonly Subfault[];
  readonly magnitude?: number;
  readonly rigidity?: number;
}

export interface EarthquakeMoment {
  /** [N m], the source's `scale` in it. */
  readonly moment: number;
  readonly magnitude: number;
  /** Magnitude that the scenario states or, where it does not, the table. */
  readonly stated: number | undefined;
  /** Of the subfaults that have none of their own: the table's before the source's [Pa]. */
  readonly rigidity: number;
}

/** Moment and magnitude that slip × area × rigidity make, and the magnitude stated. */
export function earthquakeMoment(source: EarthquakeSource, table: StatedFaults): EarthquakeMoment {
  const rigidity = table.rigidity ?? source.rigidity;
  const moment = seismicMoment(table.subfaults, rigidity) * Math.abs(source.scale);
  return { moment, magnitude: momentMagnitude(moment), stated: source.magnitude ?? table.magnitude, rigidity };
}
