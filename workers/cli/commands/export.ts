import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { exportSite } from '../../gateway/export-site.ts';
import { SITE_INDEX } from '../../protocol/site.ts';
import { RUN_PARTS } from '../../run/run-scenario.ts';
import { exportStationsCsv } from '../../store/csv-export.ts';
import { makeDirectory } from '../../store/make-directory.ts';
import { exportNetcdf } from '../../store/netcdf-export.ts';
import { packageRoot } from '../../store/provenance.ts';
import { CliError, EXIT } from '../errors.ts';
import { LIBRARY } from '../load.ts';
import { engineName, openOutput, openRun } from '../run-directory.ts';
import { openStored } from '../stored-runs.ts';
import { printEvent, say } from '../terminal.ts';

export interface ExportOptions {
  /** A path, or true where the option has none. */
  readonly netcdf?: string | true;
  readonly csv?: string | true;
  readonly site?: string;
  readonly native: boolean;
  readonly deflate: number;
  readonly replace: boolean;
  readonly json: boolean;
}

/** Writes a run as NetCDF-4, its stations as CSV, or a site; the first two where nothing is asked for. */
export async function exportCommand(path: string, options: ExportOptions): Promise<void> {
  const run = await openRun(path);
  if (!(await openOutput(run))) {
    throw new CliError(
      'NothingToExport',
      `${path} has no ${RUN_PARTS.zarr}: its scenario writes no output. Run it with --set output.format=zarr.`,
      EXIT.usage,
    );
  }
  const both = options.netcdf === undefined && options.csv === undefined && options.site === undefined;
  const source = join(run.directory, RUN_PARTS.zarr);
  const netcdf =
    both || options.netcdf === true ? join(run.directory, `${run.scenario.name}.nc`) : optional(options.netcdf);
  const csv = both || options.csv === true ? join(run.directory, 'stations') : optional(options.csv);
  if (netcdf && !options.replace && existsSync(netcdf)) throw exists(netcdf, '--netcdf FILE');
  if (csv && !options.replace && (await holdsCsv(csv))) throw exists(csv, '--csv DIRECTORY');

  if (options.site !== undefined) await exportAsSite(path, resolve(options.site), options);

  const tell = async (kind: 'netcdf' | 'csv', file: string): Promise<void> => {
    const bytes = (await stat(file)).size;
    if (options.json) printEvent({ event: 'exported', kind, file, bytes });
    say(options.json, `${relative(process.cwd(), file)}, ${size(bytes)}`);
  };
  if (netcdf) {
    await makeDirectory(dirname(netcdf));
    await exportNetcdf(source, netcdf, { native: options.native, deflate: options.deflate });
    await tell('netcdf', netcdf);
  }
  if (csv) {
    await makeDirectory(csv);
    const files = await exportStationsCsv(source, csv);
    for (const file of files) await tell('csv', file);
    if (files.length === 0) say(options.json, 'the run has recorded no station');
  }
}

async function exportAsSite(path: string, directory: string, { replace, json }: ExportOptions): Promise<void> {
  const viewer = join(packageRoot(), 'dist', 'viewer');
  if (!existsSync(join(viewer, 'index.html'))) {
    throw new CliError(
      'ViewerMissing',
      'the viewer is not built yet. Run npm run build, then export again.',
      EXIT.usage,
    );
  }
  if (!replace && existsSync(join(directory, SITE_INDEX))) throw exists(directory, '--site DIRECTORY');
  const run = await openStored(path, () => true);
  const { frames, bytes } = await exportSite(run, {
    viewer,
    directory,
    engine: engineName(),
    faults: join(LIBRARY, 'data/sources/sift-unit-sources.csv'),
  });
  if (json) printEvent({ event: 'exported', kind: 'site', file: directory, bytes });
  say(json, `${relative(process.cwd(), directory)}, ${frames} frames, ${size(bytes)}: serve it with any host of files`);
}

const optional = (path: string | true | undefined): string | undefined =>
  typeof path === 'string' ? resolve(path) : undefined;

async function holdsCsv(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => []);
  return names.some((name) => name.endsWith('.csv'));
}

const exists = (path: string, option: string): CliError =>
  new CliError(
    'OutputExists',
    `${relative(process.cwd(), path) || path} is there already. Choose another place with ${option}, or --replace to write over it.`,
    EXIT.usage,
  );

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
