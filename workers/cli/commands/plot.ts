import { join, relative, resolve } from 'node:path';
import type { GeographicWindow } from '../../plot/projections.ts';
import type { Picture } from '../picture-names.ts';
import { drawRun, picturesOf } from '../pictures.ts';
import { openRun } from '../run-directory.ts';
import { sparklines } from '../sparklines.ts';
import { printEvent, say } from '../terminal.ts';

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
  const what = asked.includes('all') ? await picturesOf(run) : (asked as readonly Picture[]);
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
