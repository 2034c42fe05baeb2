import { join, relative, resolve } from 'node:path';
import type { GeographicWindow } from '../../plot/projections.ts';
import { SEA_SURFACE_HEIGHT } from '../../store/station-series.ts';
import { PICTURES, type Picture } from '../picture-names.ts';
import { drawRun, stationRecords } from '../pictures.ts';
import { openOutput, openRun, type RunDirectory } from '../run-directory.ts';
import { openFields } from '../run-fields.ts';
import { printEvent, say, sparkline } from '../terminal.ts';

export interface PlotOptions {
  readonly what?: readonly (Picture | 'all')[];
  /** Seconds after the start. */
  readonly time?: readonly number[];
  readonly output?: string;
  readonly centralLongitude?: number;
  readonly region?: GeographicWindow;
  readonly limits?: readonly [number, number];
  readonly json: boolean;
}

/** Draws maps and station plots of a run, and its stations as lines of block characters. */
export async function plotCommand(path: string, options: PlotOptions): Promise<void> {
  const run = await openRun(path);
  const asked = options.what ?? ['all'];
  const what = asked.includes('all') ? await everything(run) : (asked as readonly Picture[]);
  const directory = resolve(options.output ?? join(run.directory, 'plots'));
  const drawn = await drawRun(
    run,
    [...new Set(what)],
    {
      ...(options.time ? { times: options.time } : {}),
      centralLongitude: options.centralLongitude,
      region: options.region,
      limits: options.limits,
    },
    directory,
  );
  for (const { what: picture, file, bytes } of drawn) {
    if (options.json) printEvent({ event: 'plotted', what: picture, file, bytes });
    say(options.json, relative(process.cwd(), file));
  }
  if (what.includes('stations')) say(options.json, await sparklines(run));
}

/** Every picture that the run has the fields for. */
async function everything(run: RunDirectory): Promise<readonly Picture[]> {
  if (run.scenario.grid.kind === 'plane') return ['stations'];
  const { names } = await openFields(run);
  const stations = run.scenario.output.stations.length + run.scenario.observations.length > 0;
  return PICTURES.filter((picture) => {
    if (picture === 'stations') return stations;
    const field = picture === 'sea-surface' ? 'sea_surface_height_above_mean_sea_level' : picture.replace('-', '_');
    return names.includes(field);
  });
}

/** A line for each station: its name, its record, and the range of its heights. */
export async function sparklines(run: RunDirectory): Promise<string> {
  if (!(await openOutput(run))) return '';
  const series = await stationRecords(run);
  const width = Math.max(20, Math.min(60, (process.stdout.columns ?? 80) - 40));
  const room = Math.max(...series.map(({ station }) => [...station.name].length));
  return series
    .map(({ station, values }) => {
      const heights = values[SEA_SURFACE_HEIGHT.name]!;
      const finite = heights.filter(Number.isFinite);
      const range =
        finite.length === 0 ? 'dry' : `${Math.min(...finite).toFixed(2)} … ${Math.max(...finite).toFixed(2)} m`;
      return `${station.name.padEnd(room)} ${sparkline(heights, width)} ${range}`;
    })
    .join('\n');
}
