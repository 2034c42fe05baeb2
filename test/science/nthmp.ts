import { readFileSync } from 'node:fs';
import type { Simulation } from '../../engine/simulation/simulation.ts';
import { type HeightInTime, recordInTime } from '../../scenarios/incident-wave.ts';
import { advance } from './laboratory.ts';

export const GRAVITY = 9.80616;

/** Rows of numbers of a file in scenarios/data/nthmp. */
export const nthmpTable = (file: string): number[][] =>
  readFileSync(`scenarios/data/nthmp/${file}`, 'utf8')
    .split('\n')
    .filter((line) => /^[-\d]/.test(line))
    .map((line) =>
      line
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    );

/** A wave that comes in, as recorded. */
export function incidentWave(file: string, scale = 1): HeightInTime {
  const rows = nthmpTable(file);
  const record = recordInTime(
    rows.map(([seconds]) => seconds!),
    rows.map(([, metres]) => metres!),
  );
  return (seconds) => scale * record(seconds);
}

export interface Gauge {
  readonly x: number;
  readonly y: number;
}

/** Surface [m] at gauges, bilinear between the centres of a plane's cells; the outermost cells go on to the sides. */
export function surfaceAt(run: Simulation, gauges: readonly Gauge[]): number[] {
  const { cellsX, cellsY, geometry } = run.options.grid;
  const eta = run.run.read('surface')[0]!;
  const { longitude, latitude } = geometry(0);
  const between = (at: number, first: number, step: number, cells: number) => {
    const place = Math.max(0, Math.min(cells - 1, (at - first) / step));
    const index = Math.min(Math.max(0, cells - 2), Math.floor(place));
    return { index, next: Math.min(cells - 1, index + 1), share: place - index };
  };
  const stepX = cellsX > 1 ? longitude[1]! - longitude[0]! : 1;
  const stepY = cellsY > 1 ? latitude[cellsX]! - latitude[0]! : 1;
  return gauges.map(({ x, y }) => {
    const i = between(x, longitude[0]!, stepX, cellsX);
    const j = between(y, latitude[0]!, stepY, cellsY);
    const along = (row: number) => eta[row * cellsX + i.index]! * (1 - i.share) + eta[row * cellsX + i.next]! * i.share;
    return along(j.index) * (1 - j.share) + along(j.next) * j.share;
  });
}

export interface Series {
  readonly every: number;
  /** One row a time, one value a gauge. */
  readonly rows: readonly (readonly number[])[];
}

/** Runs and samples the gauges every `every` seconds, `steps` steps. */
export async function record(
  run: Simulation,
  gauges: readonly Gauge[],
  { every, steps, duration }: { readonly every: number; readonly steps: number; readonly duration: number },
): Promise<Series> {
  const rows: number[][] = [];
  for (let k = 0; k * every <= duration + 1e-9; k++) {
    await advance(run, k * steps);
    rows.push(surfaceAt(run, gauges));
  }
  return { every, rows };
}

/** Root mean square [of the record's highest crest] of what a series and a record differ by, from one time to another. */
export function misfit(
  { every, rows }: Series,
  gauge: number,
  times: readonly number[],
  heights: readonly number[],
  [from, to]: readonly [number, number] = [0, Number.POSITIVE_INFINITY],
): { readonly rms: number; readonly crest: number; readonly observed: number } {
  let [sum, count, observed] = [0, 0, 0];
  times.forEach((time, k) => {
    const before = Math.floor(time / every);
    if (time < from || time > to || before < 0 || before + 1 >= rows.length) return;
    const share = time / every - before;
    const modelled = rows[before]![gauge]! * (1 - share) + rows[before + 1]![gauge]! * share;
    sum += (modelled - heights[k]!) ** 2;
    count++;
    observed = Math.max(observed, heights[k]!);
  });
  const crest = Math.max(...rows.map((row) => row[gauge]!));
  return { rms: Math.sqrt(sum / count) / observed, crest, observed };
}
