import type { DartLookup } from './fields.ts';
import { nearest } from './problems.ts';

/** A mooring of a DART buoy; buoys move by kilometres when they are serviced. */
export interface DartMooring {
  readonly id: string;
  readonly longitude: number;
  readonly latitude: number;
  /** A time at which it lay there [ms since 1970]. */
  readonly time: number;
}

/** Reads `data/dart/stations.csv`: id,longitude,latitude,date,source; lines that start with # are comments. */
export function readDartStations(text: string): readonly DartMooring[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.split(','))
    .filter(([id]) => /^\d{5}$/.test(id ?? ''))
    .map(([id, longitude, latitude, date]) => ({
      id: id!,
      longitude: Number(longitude),
      latitude: Number(latitude),
      time: Date.parse(`${date}T00:00:00Z`),
    }));
}

/** Where a buoy lay at a time: its known mooring nearest in time. */
export function findDart(moorings: readonly DartMooring[], id: string, time: number): DartLookup {
  const own = moorings.filter((mooring) => mooring.id === id);
  const [first] = own;
  if (!first) {
    const near = nearest(id, [...new Set(moorings.map((mooring) => mooring.id))]);
    const state = 'state its longitude and latitude';
    return { ok: false, cure: near === undefined ? state : `did you mean ${near}? If not, ${state}` };
  }
  const away = (mooring: DartMooring): number => Math.abs(mooring.time - time);
  const { longitude, latitude } = own.reduce((best, mooring) => (away(mooring) < away(best) ? mooring : best), first);
  return { ok: true, longitude, latitude };
}
