import type { Problem } from './problems.ts';
import { parseUtc } from './units.ts';

/** A record of water level: metres above the tide at seconds after an origin, in ascending order. */
export interface Observation {
  readonly station: string;
  /** UTC, ISO 8601; that of the scenario's start where the file states none. */
  readonly origin: string | undefined;
  readonly seconds: Float64Array;
  readonly metres: Float64Array;
}

export type ObservationResult =
  | { readonly ok: true; readonly observation: Observation }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MOST_PROBLEMS = 50;
/** [m]; a depth or a mark for a missing value is larger. */
const LARGEST_WAVE = 600;
const numberOf = (cell: string): number => (cell.trim() === '' ? Number.NaN : Number(cell));

/**
 * Reads a record: comments that start with # (`# origin: UTC` and `# station: ID` have meaning), the line
 * `seconds,metres`, and rows in ascending time. Lists every problem; never throws.
 */
export function readObservation(text: string, fileName: string): ObservationResult {
  const problems: Problem[] = [];
  const report = (line: number, column: number, message: string, cure: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ file: fileName, line, column, path: '', message, cure });
  };
  const seconds: number[] = [];
  const metres: number[] = [];
  const header = new Map<string, string>();
  let titled = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const row = raw.trim();
    if (row === '') continue;
    if (row.startsWith('#')) {
      const [, key, value] = /^#\s*(origin|station):\s*(.+)$/.exec(row) ?? [];
      if (key !== undefined) header.set(key, value!.trim());
      const origin = key === 'origin' ? parseUtc(value!) : undefined;
      if (origin && !origin.ok) report(line, 1, `origin: ${origin.message}`, origin.cure);
    } else if (!titled) {
      titled = true;
      if (row.replace(/\s/g, '') !== 'seconds,metres')
        report(line, 1, `the columns are "${row.slice(0, 40)}"`, 'write the line seconds,metres above the numbers');
    } else {
      const last = seconds.at(-1) ?? Number.NEGATIVE_INFINITY;
      const [time = Number.NaN, level = Number.NaN, ...more] = row.split(',').map(numberOf);
      if (!Number.isFinite(time + level) || more.length > 0)
        report(
          line,
          1,
          `"${row.slice(0, 40)}" is no pair of numbers`,
          'write seconds and metres, separated by a comma',
        );
      else if (time <= last)
        report(line, 1, `the time ${time} does not come after ${last}`, 'sort by time and keep one row for each time');
      else if (Math.abs(level) > LARGEST_WAVE)
        report(
          line,
          row.indexOf(',') + 2,
          `a level of ${level} m is no wave`,
          'subtract depth and tide; remove marks such as 9999',
        );
      else {
        seconds.push(time);
        metres.push(level);
      }
    }
  }
  if (seconds.length === 0 && problems.length === 0)
    report(1, 1, 'there are no rows', 'write the line seconds,metres and below it one row for each time');
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    observation: {
      station: header.get('station') ?? '',
      origin: header.get('origin'),
      seconds: Float64Array.from(seconds),
      metres: Float64Array.from(metres),
    },
  };
}

/** Times of a record after the start of a scenario [s]; the record's own origin may be a few seconds off. */
export function secondsAfterStart(observation: Observation, start: string): Float64Array {
  const shift = observation.origin === undefined ? 0 : (Date.parse(observation.origin) - Date.parse(start)) / 1000;
  return observation.seconds.map((second) => second + shift);
}
