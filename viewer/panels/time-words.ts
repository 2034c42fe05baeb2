import type { RunInfo } from '../../workers/protocol/viewing.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** "11 March 2011". */
export function dateInWords(start: string, seconds: number): string {
  const date = dateAt(start, seconds);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** "09:06", with seconds where minutes are too coarse to tell frames apart. */
export function clockTime(start: string, seconds: number, fine = false): string {
  return dateAt(start, seconds)
    .toISOString()
    .slice(11, fine ? 19 : 16);
}

/** "2011-03-11T09:06:00Z", as tables and files want it. */
export function isoTime(start: string, seconds: number): string {
  return `${dateAt(start, seconds).toISOString().slice(0, 19)}Z`;
}

const dateAt = (start: string, seconds: number): Date => new Date(Date.parse(start) + seconds * 1000);

/** "3 h 20 min", "2 d 4 h", "40 s", "2.5 s": at most two units, nothing that the eye would not use. */
export function durationInWords(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (size < 10) return `${sign}${Number(size.toFixed(1))} s`;
  if (size < 59.5) return `${sign}${Math.round(size)} s`;
  const minutes = Math.round(size / 60);
  if (minutes < 60) return `${sign}${minutes} min`;
  if (minutes < 48 * 60) return `${sign}${two(Math.floor(minutes / 60), 'h', minutes % 60, 'min')}`;
  const hours = Math.round(size / 3600);
  return `${sign}${two(Math.floor(hours / 24), 'd', hours % 24, 'h')}`;
}

const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

/** "3 h 20 min after the earthquake": what a visitor counts from. */
export function sinceInWords(run: Pick<RunInfo, 'events'>, seconds: number): string {
  const beginning = beginningInWords(run);
  return seconds < 0.05 ? `at ${beginning}` : `${durationInWords(seconds)} after ${beginning}`;
}

export const beginningInWords = ({ events }: Pick<RunInfo, 'events'>): string =>
  events.some(({ magnitude }) => magnitude !== undefined) ? 'the earthquake' : 'the start';

/** "60 × real time" reads better as "1 min a second". */
export const speedInWords = (secondsASecond: number): string => `${durationInWords(secondsASecond)} a second`;
