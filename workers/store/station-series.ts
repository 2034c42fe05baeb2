import { StoreError } from './errors.ts';

/** A place where the run is sampled, as it lies on the grid. */
export interface Station {
  readonly id: string;
  readonly name: string;
  /** Degrees; x and y [m] on a plane grid. */
  readonly longitude: number;
  readonly latitude: number;
}

/** What a station records. */
export interface StationVariable {
  readonly name: string;
  readonly longName: string;
  readonly standardName?: string;
  /** UDUNITS. */
  readonly units: string;
}

export const SEA_SURFACE_HEIGHT: StationVariable = {
  name: 'sea_surface_height',
  longName: 'sea surface height above mean sea level',
  standardName: 'sea_surface_height_above_mean_sea_level',
  units: 'm',
};

/** A station's record: seconds since the start, growing; one value of each variable a sample, NaN where it is dry. */
export interface StationSeries {
  readonly station: Station;
  readonly variables: readonly StationVariable[];
  readonly seconds: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** Throws SeriesInvalid unless times grow and every variable has a value for each. */
export function checkSeries({ station, variables, seconds, values }: StationSeries): void {
  for (let at = 1; at < seconds.length; at++) {
    if (!((seconds[at] as number) > (seconds[at - 1] as number))) {
      throw new StoreError(
        'SeriesInvalid',
        `station ${station.id}: sample ${at} at ${seconds[at]} s does not follow ${seconds[at - 1]} s. Record samples in order, each once.`,
      );
    }
  }
  for (const { name } of variables) {
    const found = values[name]?.length;
    if (found !== seconds.length) {
      throw new StoreError(
        'SeriesInvalid',
        `station ${station.id}: ${name} has ${found ?? 'no'} values for ${seconds.length} times. Record every variable at every sample.`,
      );
    }
  }
}

/** The samples at or before `seconds`. */
export function truncateSeries(series: StationSeries, seconds: number): StationSeries {
  const count = series.seconds.filter((time) => time <= seconds).length;
  return {
    ...series,
    seconds: series.seconds.slice(0, count),
    values: Object.fromEntries(Object.entries(series.values).map(([name, column]) => [name, column.slice(0, count)])),
  };
}

const field = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const number = (value: number): string => (Number.isFinite(value) ? String(value) : '');

/**
 * A station's record as CSV. Lines that start with # name the station; the header gives units in brackets:
 * `time [UTC],time [s],sea_surface_height [m]`. An empty field has no value.
 */
export function stationCsv({ station, variables, seconds, values }: StationSeries, start: Date, plane = false): string {
  const [first, second] = plane ? ['x [m]', 'y [m]'] : ['longitude [degrees_east]', 'latitude [degrees_north]'];
  const lines = [
    `# station: ${station.id}`,
    `# name: ${station.name.replaceAll(/[\r\n]/g, ' ')}`,
    `# ${first}: ${station.longitude}`,
    `# ${second}: ${station.latitude}`,
    `# start: ${start.toISOString()}`,
    ['time [UTC]', 'time [s]', ...variables.map(({ name, units }) => `${name} [${units}]`)].map(field).join(','),
  ];
  seconds.forEach((time, at) => {
    const utc = new Date(start.getTime() + Math.round(time * 1000)).toISOString();
    lines.push([utc, number(time), ...variables.map(({ name }) => number(values[name]?.[at] as number))].join(','));
  });
  return `${lines.join('\n')}\n`;
}
