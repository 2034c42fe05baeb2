import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Subfault } from '../../engine/sources/subfault.ts';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { hourlyIsochrones } from '../plot/map-layers.ts';
import type { GeographicWindow } from '../plot/projections.ts';
import { type StationPanel, stationPlot } from '../plot/station-plot.ts';
import { type WorldMapOptions, worldMap } from '../plot/world-map.ts';
import { readObservations, scoreStations } from '../run/scores.ts';
import { momentCentre, subfaultsOf } from '../run/sources.ts';
import { fileError } from '../store/errors.ts';
import { makeDirectory } from '../store/make-directory.ts';
import { SEA_SURFACE_HEIGHT, type StationSeries } from '../store/station-series.ts';
import { readStations } from '../store/zarr-stations.ts';
import { CliError, EXIT } from './errors.ts';
import { PICTURES, type Picture } from './picture-names.ts';
import { engineName, openOutput, type RunDirectory, readProvenance, short, withInputs } from './run-directory.ts';
import { type FieldReader, type MapField, openFields } from './run-fields.ts';

export interface PictureOptions {
  /** Seconds after the start, of the sea surface; the middle of the run unless told. */
  readonly times?: readonly number[];
  /** Degrees; chosen from the source unless told. */
  readonly centralLongitude?: number | undefined;
  /** Only this part of the globe. */
  readonly region?: GeographicWindow | undefined;
  /** Of the colours, in the field's units (hours for arrivals). */
  readonly limits?: readonly [number, number] | undefined;
}

export interface Drawn {
  readonly what: Picture;
  readonly file: string;
  readonly bytes: number;
}

/** Every picture that the run has the fields for. */
export async function picturesOf(run: RunDirectory): Promise<readonly Picture[]> {
  const { grid, output, observations } = run.scenario;
  const stations = output.stations.length + observations.length > 0 && output.format !== 'none';
  const mapped = grid.kind === 'cubed-sphere' && output.format !== 'none';
  const names = mapped ? (await openFields(run)).names : [];
  return PICTURES.filter((picture) => {
    if (picture === 'stations') return stations;
    return names.includes(isSnapshot(picture) ? SNAPSHOTS[picture].field : picture.replace('-', '_'));
  });
}

/** Draws pictures of a run into a directory. Throws CliError (NoMap, NoStations) where the run has not what it takes. */
export async function drawRun(
  run: RunDirectory,
  what: readonly Picture[],
  options: PictureOptions,
  directory: string,
): Promise<readonly Drawn[]> {
  const drawn: Drawn[] = [];
  const put = async (picture: Picture, name: string, png: Uint8Array): Promise<void> => {
    const file = join(directory, `${name}.png`);
    await makeDirectory(directory);
    try {
      await writeFile(file, png);
    } catch (error) {
      throw fileError(error, 'write', file);
    }
    drawn.push({ what: picture, file, bytes: png.length });
  };
  let fields: FieldReader | undefined;
  let shared: Shared | undefined;
  for (const picture of what) {
    if (picture === 'stations') {
      await put(picture, picture, await drawStations(run));
      continue;
    }
    fields ??= await openFields(run);
    shared ??= await sharedParts(run, fields, options);
    switch (picture) {
      case 'maximum-amplitude':
        await put(picture, picture, await maximumAmplitude(run.scenario, fields, shared, options));
        break;
      case 'arrival-time':
        await put(picture, picture, await arrivalTime(run.scenario, fields, shared, options));
        break;
      default: {
        const { field: name, usual } = SNAPSHOTS[picture];
        for (const time of options.times ?? [run.scenario.time.duration * usual]) {
          const field = await fields.readAt(name, time);
          const file = `${picture}-${clock(field.seconds!).replace(':', 'h')}`;
          await put(picture, file, await snapshot(picture, run.scenario, field, shared, options));
        }
      }
    }
  }
  return drawn;
}

/** Pictures of one moment of a field. */
const SNAPSHOTS = {
  'sea-surface': {
    field: 'sea_surface_height_above_mean_sea_level',
    quantity: 'sea surface height',
    units: 'm',
    factor: 1,
    colourMap: 'balance',
    /** The moment that is shown unless told, as a part of the run. */
    usual: 0.5,
  },
  height: {
    field: 'geopotential_height',
    quantity: 'height of the surface',
    units: 'm',
    factor: 1,
    colourMap: 'viridis',
    usual: 1,
  },
  vorticity: {
    field: 'atmosphere_relative_vorticity',
    quantity: 'relative vorticity',
    units: '10⁻⁵ s⁻¹',
    factor: 1e5,
    colourMap: 'vik',
    usual: 1,
  },
} as const;

const isSnapshot = (picture: Picture): picture is keyof typeof SNAPSHOTS => Object.hasOwn(SNAPSHOTS, picture);

/** What all maps of a run have in common. */
type Shared = Pick<
  WorldMapOptions,
  'coastlines' | 'title' | 'caption' | 'stations' | 'epicentre' | 'centralLongitude' | 'region' | 'land'
>;

async function sharedParts(run: RunDirectory, fields: FieldReader, options: PictureOptions): Promise<Shared> {
  const { scenario } = run;
  const epicentre = await sourceCentre(run);
  const recorded = [...scenario.output.stations, ...scenario.observations];
  const stations = [...new Map(recorded.map((station) => [station.name, station])).values()];
  return {
    title: scenario.title,
    caption: await caption(run),
    // An ocean without bathymetry has no shores to draw.
    coastlines: scenario.grid.bathymetry.type === 'layers' ? undefined : 'none',
    stations,
    epicentre,
    centralLongitude: options.centralLongitude ?? oceanOf(epicentre, scenario),
    region: options.region,
    land: await fields.land(),
  };
}

const gridOf = ({ values, latitudes, longitudes }: MapField) => ({
  values,
  latitudes,
  longitudes,
  rows: latitudes.length,
  columns: longitudes.length,
});

/** Amplitudes that matter on a coast [m]; colours of a run that stays far below are chosen from its values. */
const AMPLITUDES: readonly [number, number] = [0.01, 2];

async function maximumAmplitude(scenario: Scenario, fields: FieldReader, shared: Shared, options: PictureOptions) {
  const field = await fields.read('maximum_amplitude');
  let largest = 0;
  for (let k = 0; k < field.values.length; k++) if (field.values[k]! > largest) largest = field.values[k]!;
  return worldMap({
    ...shared,
    ...gridOf(field),
    subtitle: `Largest height of the sea above rest in the ${hours(scenario.time.duration)} after ${instant(scenario)}`,
    quantity: 'maximum amplitude',
    units: 'm',
    colourMap: 'amp',
    logScale: true,
    limits: options.limits ?? (largest > 0.2 ? AMPLITUDES : undefined),
  });
}

async function arrivalTime(scenario: Scenario, fields: FieldReader, shared: Shared, options: PictureOptions) {
  const field = await fields.read('arrival_time');
  const values = Float64Array.from(field.values, (seconds) => seconds / 3600);
  const span = scenario.time.duration / 3600;
  const every = span > 30 ? 3 : span >= 3 ? 1 : span >= 1 ? 0.25 : 1 / 12;
  return worldMap({
    ...shared,
    ...gridOf(field),
    values,
    subtitle: `First arrival (${scenario.model.parameters.arrivalThreshold * 100} cm) after ${instant(scenario)}, a line for every ${hours(every * 3600)}`,
    quantity: 'arrival time',
    units: 'h',
    colourMap: 'deep',
    reversedColours: false,
    limits: options.limits ?? [0, span],
    contours:
      every < 1
        ? { ...hourlyIsochrones(values, every, 2 * every), format: (level) => `${Math.round(60 * level)} min` }
        : hourlyIsochrones(values, every, every * (span > 12 ? 3 : 2)),
  });
}

async function snapshot(
  picture: keyof typeof SNAPSHOTS,
  scenario: Scenario,
  field: MapField,
  shared: Shared,
  options: PictureOptions,
) {
  const { quantity, units, factor, colourMap } = SNAPSHOTS[picture];
  return worldMap({
    ...shared,
    ...gridOf(field),
    values: factor === 1 ? field.values : Float64Array.from(field.values, (value) => factor * value),
    subtitle: `${quantity[0]!.toUpperCase()}${quantity.slice(1)} ${hours(field.seconds!)} after ${instant(scenario)}`,
    quantity,
    units,
    colourMap,
    limits: options.limits,
  });
}

/** Records of every station that a run has kept. Throws CliError (NoStations). */
export async function stationRecords(run: RunDirectory): Promise<readonly StationSeries[]> {
  const store = await openOutput(run);
  const series = store ? (await readStations(store)).filter(({ seconds }) => seconds.length > 1) : [];
  if (series.length > 0) return series;
  const cure = 'Give it output.stations or observations, and output.format: zarr';
  throw new CliError('NoStations', `the run has recorded no station. ${cure}.`, EXIT.usage);
}

async function drawStations(run: RunDirectory): Promise<Uint8Array> {
  const { scenario } = run;
  const series = await stationRecords(run);
  const readable = await withInputs(run);
  const observations = await readObservations(readable, nodeInputFiles());
  const scores = await scoreStations(readable, series, observations);
  const panels = series.map(({ station, seconds, values }): StationPanel => {
    const observed = observations.get(station.name);
    const score = scores.find(({ id }) => id === station.name);
    const dart = scenario.observations.find(({ name }) => name === station.name)?.kind === 'dart';
    return {
      id: dart ? `DART ${station.name}` : station.name,
      model: { seconds, metres: values[SEA_SURFACE_HEIGHT.name]! },
      ...(observed
        ? { observed: { seconds: observed.seconds, metres: observed.values }, maskedUntilSeconds: observed.mask }
        : {}),
      ...(score ? { score: scoreLines(score) } : {}),
    };
  });
  const scored = (panel: StationPanel): number => (panel.observed ? 0 : 1);
  return stationPlot({
    stations: panels.sort((a, b) => scored(a) - scored(b)),
    title: scenario.title,
    subtitle: `Sea surface height at stations${observations.size > 0 ? ', model over observation' : ''}; origin ${instant(scenario)}`,
    caption: await caption(run),
    from: 0,
  });
}

function scoreLines(score: Awaited<ReturnType<typeof scoreStations>>[number]): readonly string[] {
  const { arrivalSeconds: arrival, arrivalErrorSeconds: late, firstPeak: peak, correlation } = score;
  const lines: string[] = [];
  if (arrival.model !== null && late !== null)
    lines.push(
      `arrival ${(arrival.model / 60).toFixed(1)} min (${late < 0 ? '−' : '+'}${(Math.abs(late) / 60).toFixed(1)})`,
    );
  if (peak.model !== null && peak.observed !== null)
    lines.push(`first peak ${peak.model.toFixed(2)} m`, `observed ${peak.observed.toFixed(2)} m`);
  if (correlation !== null) lines.push(`correlation ${correlation.toFixed(2)}`);
  return lines;
}

/** Centre of the moment of all earthquakes, or the first hump; undefined where no source has one. */
async function sourceCentre(run: RunDirectory): Promise<{ longitude: number; latitude: number } | undefined> {
  const { sources } = await withInputs(run).catch(() => run.scenario);
  const all: Subfault[] = [];
  for (const source of sources) {
    if (source.type === 'gaussian') return { longitude: source.longitude, latitude: source.latitude };
    if (source.type !== 'earthquake') continue;
    const { subfaults, humps } = await subfaultsOf(source, nodeInputFiles()).catch(() => ({
      subfaults: [],
      humps: [],
    }));
    if (humps[0]) return { longitude: humps[0].longitude, latitude: humps[0].latitude };
    all.push(...subfaults);
  }
  return momentCentre(all);
}

/** Middle of the map such that the source's ocean is whole. */
function oceanOf(source: { longitude: number; latitude: number } | undefined, scenario: Scenario): number {
  if (!source) return 0;
  if (scenario.grid.bathymetry.type !== 'layers') return source.longitude;
  const east = (source.longitude + 360) % 360;
  if (east >= 20 && east < (source.latitude < 0 ? 120 : 102)) return 80;
  return east >= 100 && east < 292 ? 200 : -30;
}

async function caption(run: RunDirectory): Promise<string> {
  const { scenario, identity, result } = run;
  const { grid, model } = scenario;
  const provenance = await readProvenance(run);
  const cells =
    grid.kind === 'plane'
      ? `${grid.cellsX} × ${grid.cellsY} cells`
      : `cells of ${angle(90 / grid.cells)} (${grid.cells} across a panel)`;
  return [
    scenario.name,
    cells,
    model.precision,
    provenance ? engineName(provenance.engine) : engineName(),
    `scenario ${short(identity)}`,
    result ? (result.stateHash ? `state ${short(result.stateHash)}` : 'class tolerance') : 'unfinished',
  ].join(' · ');
}

const angle = (degrees: number): string =>
  degrees >= 1 ? `${Number(degrees.toFixed(2))}°` : `${Number((60 * degrees).toFixed(2))}′`;

const instant = ({ time }: Scenario): string => `${time.start.slice(0, 10)} ${time.start.slice(11, 19)} UTC`;

const hours = (seconds: number): string => {
  if (seconds < 5400 && seconds % 3600 !== 0) return `${Number((seconds / 60).toPrecision(3))} min`;
  const value = Number((seconds / 3600).toPrecision(3));
  return value === 1 ? 'hour' : `${value} h`;
};

const clock = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};
