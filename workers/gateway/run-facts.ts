import { earthquakeMoment } from '../../scenarios/earthquake-moment.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { recordedStations, type Scenario } from '../../scenarios/scenario.ts';
import type { EventInfo, RunInfo, StationInfo } from '../protocol/viewing.ts';
import { faultTableOf, momentCentre, subfaultsOf } from '../run/sources.ts';
import { stationIds } from '../run/station-ids.ts';
import { roundUp } from './field-catalogue.ts';
import { levelsOf } from './frame-tiling.ts';

/** Where and how strongly something set the water in motion. Sources that cannot be read are left out. */
export async function eventsOf({ sources }: Scenario, files: InputFiles): Promise<readonly EventInfo[]> {
  const events: EventInfo[] = [];
  for (const source of sources) {
    if (source.type === 'gaussian') {
      const title = `A hump of water, ${source.height} m high`;
      events.push({ longitude: source.longitude, latitude: source.latitude, title });
    }
    if (source.type !== 'earthquake') continue;
    try {
      const { subfaults, humps } = await subfaultsOf(source, files);
      const centre = humps[0] ?? momentCentre(subfaults);
      if (!centre) continue;
      const moment = earthquakeMoment(source, await faultTableOf(source, files));
      const found = moment.stated ?? moment.magnitude;
      const magnitude = Number.isFinite(found) ? Number(found.toFixed(1)) : undefined;
      events.push({
        longitude: centre.longitude,
        latitude: centre.latitude,
        ...(magnitude === undefined ? {} : { magnitude }),
        title: magnitude === undefined ? 'Earthquake' : `Earthquake, magnitude ${magnitude.toFixed(1)}`,
      });
    } catch {
      // Its table has gone since the run began; the run is there all the same.
    }
  }
  return events;
}

/** Height of waves [m] that the colours are made for: far from an earthquake, or in a flume what is sent in. */
export function waveScale({ sources, grid }: Scenario, events: readonly EventInfo[]): number {
  const magnitude = Math.max(0, ...events.map((event) => event.magnitude ?? 0));
  if (magnitude > 0) return SCALES.find(({ from }) => magnitude >= from)!.wave;
  const heights = sources.map((source) => {
    if (source.type === 'gaussian') return Math.abs(source.height) / (grid.kind === 'plane' ? 1 : 10);
    if (source.type === 'solitary-wave') return source.height;
    if (source.type === 'incident-wave') return source.wave.kind === 'solitary' ? source.wave.height : RECORDED_WAVE;
    return 0;
  });
  return roundUp(Math.max(0, ...heights) || 0.5);
}

/** What an earthquake's waves reach in the open ocean, about. */
const SCALES = [
  { from: 8.8, wave: 0.4 },
  { from: 8.3, wave: 0.2 },
  { from: 7.8, wave: 0.1 },
  { from: 0, wave: 0.05 },
] as const;

/** Waves of laboratory records are of centimetres [m]. */
const RECORDED_WAVE = 0.02;

/** Stations that a run records, by the names their records have. */
export function stationsOf(scenario: Scenario): readonly StationInfo[] {
  const recorded = recordedStations(scenario);
  const ids = stationIds(recorded.map(({ name }) => name));
  const observed = new Set(scenario.observations.map(({ name }) => name));
  return recorded.map(({ name, longitude, latitude }, index) => ({
    id: ids[index]!,
    name,
    longitude,
    latitude,
    observed: observed.has(name),
  }));
}

/** Owners of the data that a scenario reads, by what its files are called. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/etopo5/i, 'Relief: ETOPO5 (NOAA National Geophysical Data Center, 1988)'],
  [/etopo1/i, 'Relief: ETOPO1 (Amante & Eakins, NOAA, 2009)'],
  [/data\/sources\/sift/i, 'Unit sources: Gica et al. (2008), NOAA PMEL'],
  [/data\/sources\//i, 'Fault model: see its reference; table from ptha (Geoscience Australia) or GeoClaw'],
  [/data\/dart\//i, 'DART records: NOAA National Data Buoy Center'],
  [/data\/nthmp\//i, 'Laboratory records: NTHMP benchmark problems'],
  [/gfs/i, 'Weather: NOAA National Centers for Environmental Prediction, Global Forecast System'],
];

export function creditsOf(inputs: readonly { readonly name: string }[]): readonly string[] {
  const files = inputs.map(({ name }) => name.replaceAll('\\', '/'));
  return [...new Set(files.flatMap((file) => OWNERS.find(([pattern]) => pattern.test(file))?.[1] ?? []))];
}

interface RunShape {
  readonly id: string;
  readonly identity: string;
  readonly inputs: readonly { readonly name: string }[];
  readonly timeStep: number;
  readonly steps: number;
  readonly threads: number;
  readonly panels: number;
}

/** All of a run's facts but its fields and its state. */
export function factsOf(scenario: Scenario, shape: RunShape, events: readonly EventInfo[]) {
  const { grid, time, model } = scenario;
  const cells =
    grid.kind === 'plane'
      ? { cellsX: grid.cellsX, cellsY: grid.cellsY, tileX: grid.tileX, tileY: grid.tileY }
      : { cellsX: grid.cells, cellsY: grid.cells, tileX: grid.tile, tileY: grid.tile };
  const shown = { kind: grid.kind, ...cells, panels: shape.panels };
  return {
    id: shape.id,
    name: scenario.name,
    title: scenario.title,
    description: scenario.description,
    references: scenario.references,
    credits: creditsOf(shape.inputs),
    equations: model.equations,
    start: time.start,
    duration: time.duration,
    timeStep: shape.timeStep,
    steps: shape.steps,
    precision: model.precision,
    threads: shape.threads,
    grid: shown,
    stations: stationsOf(scenario),
    events,
    identity: shape.identity,
    levels: levelsOf(shown),
  } satisfies Partial<RunInfo>;
}
