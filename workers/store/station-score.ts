import { StoreError } from './errors.ts';

/** A series of heights [m] at times [s since the start]. Times do not fall; instants may repeat, NaN is no value. */
export interface Heights {
  readonly seconds: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface ScoreOptions {
  /** Nothing before this time is scored: seismic waves shake a bottom gauge in the first minutes. 1200 s unless told. */
  readonly maskUntil?: number;
}

export interface StationScore {
  readonly id: string;
  readonly arrivalSeconds: { readonly model: number | null; readonly observed: number | null };
  /** Heights [m] of the first wave's crest, and when. */
  readonly firstPeak: {
    readonly model: number | null;
    readonly observed: number | null;
    readonly modelSeconds: number | null;
    readonly observedSeconds: number | null;
  };
  /** Model less observed arrival [s]. */
  readonly arrivalErrorSeconds: number | null;
  /** Root mean square of model less observation [m], and their correlation, at the observation's times. */
  readonly rms: number | null;
  readonly correlation: number | null;
  /** What the figures rest on. */
  readonly samples: number;
  /** |η| [m] that marks the arrival, the same in model and observation. */
  readonly arrivalThreshold: number | null;
  readonly maskUntil: number;
}

const SEISMIC_MASK = 1200;
/** A first wave rises to this part of the series' largest value; what stays lower ahead of it is noise. */
const FIRST_WAVE = 0.3;
/** A crest is over when the sea has fallen to this part of it. */
const CREST_OVER = 0.5;
/** |η| of this part of the observed first peak marks the arrival: gauges of centimetres and of metres, above their noise. */
const THRESHOLD_PART = 0.1;
/** A sea within the threshold for this long [s] had not been reached yet. */
const QUIET = 180;

export interface Peak {
  readonly seconds: number;
  readonly height: number;
  /** Its sample. */
  readonly at: number;
}

function checkHeights({ seconds, values }: Heights, whose: string): void {
  if (seconds.length !== values.length) {
    throw new StoreError(
      'SeriesInvalid',
      `the ${whose} series has ${values.length} values for ${seconds.length} times. Give one each.`,
    );
  }
  for (let at = 1; at < seconds.length; at++) {
    if (!((seconds[at] as number) >= (seconds[at - 1] as number))) {
      throw new StoreError(
        'SeriesInvalid',
        `the ${whose} series falls in time at sample ${at}: ${seconds[at]} s after ${seconds[at - 1]} s. Sort it by time first.`,
      );
    }
  }
}

/**
 * Crest of the first wave: in the first excursion of η to at least 0.3 of the series' largest value, the largest value
 * before the sea falls to half of it. Ripples on the way up are passed, later and higher waves are not taken.
 * Undefined where nothing rises above zero.
 */
export function firstPeak({ seconds, values }: Heights, from: number, until: number): Peak | undefined {
  let largest = 0;
  const inside = (at: number): boolean => (seconds[at] as number) >= from && (seconds[at] as number) <= until;
  for (let at = 0; at < seconds.length; at++) if (inside(at)) largest = Math.max(largest, (values[at] as number) || 0);
  let peak: Peak | undefined;
  for (let at = 0; at < seconds.length && largest > 0; at++) {
    const height = values[at] as number;
    if (!inside(at) || Number.isNaN(height)) continue;
    if (peak === undefined ? height >= FIRST_WAVE * largest : height > peak.height) {
      peak = { seconds: seconds[at] as number, height, at };
    }
    if (peak && height <= CREST_OVER * peak.height) break;
  }
  return peak;
}

/**
 * Arrival of the first wave: the first time |η| passes the threshold, after the last 180 s or more within it ahead of
 * the crest. A leading trough counts as the wave's begin; noise before a quiet sea does not. Linear between samples.
 * Undefined where the sea was never quiet before the crest.
 */
export function arrivalTime(
  { seconds, values }: Heights,
  peak: Peak,
  threshold: number,
  from: number,
): number | undefined {
  // Backwards from the crest: `loud` is the earliest loud sample met, the quiet ahead of it grows until it is long enough.
  let loud = peak.at;
  let beforeLoud: number | undefined;
  for (let at = peak.at - 1; at >= 0 && (seconds[at] as number) >= from; at--) {
    const height = Math.abs(values[at] as number);
    if (Number.isNaN(height)) continue;
    if (height > threshold) {
      loud = at;
      beforeLoud = undefined;
      continue;
    }
    beforeLoud ??= at;
    if ((seconds[loud] as number) - (seconds[at] as number) >= QUIET) break;
  }
  if (beforeLoud === undefined || Math.abs(values[loud] as number) <= threshold) return undefined;
  const low = Math.abs(values[beforeLoud] as number);
  const high = Math.abs(values[loud] as number);
  const start = seconds[beforeLoud] as number;
  const end = seconds[loud] as number;
  return start + ((threshold - low) / (high - low)) * (end - start);
}

/** Value of a series at a time, linear between samples; NaN outside it. */
function interpolator({ seconds, values }: Heights): (time: number) => number {
  let at = 0;
  return (time) => {
    while (at + 1 < seconds.length && (seconds[at + 1] as number) < time) at++;
    const start = seconds[at] as number;
    const end = seconds[at + 1];
    if (time === start) return values[at] as number;
    if (time === end) return values[at + 1] as number;
    if (!(time > start) || end === undefined || time > end) return Number.NaN;
    const from = values[at] as number;
    return from + ((time - start) / (end - start)) * ((values[at + 1] as number) - from);
  };
}

/** Arrival and first crest of a station that has no gauge to be scored against; `threshold` [m] marks the arrival. */
export function measureStation(id: string, model: Heights, threshold: number): StationScore {
  checkHeights(model, 'model');
  const highest = firstPeak(model, 0, Number.POSITIVE_INFINITY);
  // What stays within the threshold is no wave.
  const peak = highest && highest.height > threshold ? highest : undefined;
  const arrival = peak && arrivalTime(model, peak, threshold, 0);
  return {
    id,
    arrivalSeconds: { model: arrival ?? null, observed: null },
    firstPeak: {
      model: peak?.height ?? null,
      observed: null,
      modelSeconds: peak?.seconds ?? null,
      observedSeconds: null,
    },
    arrivalErrorSeconds: null,
    rms: null,
    correlation: null,
    samples: 0,
    arrivalThreshold: threshold,
    maskUntil: 0,
  };
}

/**
 * Scores a station against its gauge, over the times that both cover, from the end of the seismic minutes on.
 * The gauge may come first from {@link lowPass} at the grid's resolvable period. Throws SeriesInvalid.
 */
export function scoreStation(id: string, model: Heights, observed: Heights, options: ScoreOptions = {}): StationScore {
  checkHeights(model, 'model');
  checkHeights(observed, 'observed');
  const maskUntil = options.maskUntil ?? SEISMIC_MASK;
  const last = (series: Heights): number => series.seconds[series.seconds.length - 1] ?? Number.NEGATIVE_INFINITY;
  const until = Math.min(last(model), last(observed));
  const observedPeak = firstPeak(observed, maskUntil, until);
  const modelPeak = firstPeak(model, maskUntil, until);
  const threshold = observedPeak && THRESHOLD_PART * observedPeak.height;
  const arrival = (series: Heights, peak: Peak | undefined): number | null =>
    (peak && threshold !== undefined ? arrivalTime(series, peak, threshold, maskUntil) : undefined) ?? null;
  const arrivalSeconds = { model: arrival(model, modelPeak), observed: arrival(observed, observedPeak) };
  return {
    id,
    arrivalSeconds,
    firstPeak: {
      model: modelPeak?.height ?? null,
      observed: observedPeak?.height ?? null,
      modelSeconds: modelPeak?.seconds ?? null,
      observedSeconds: observedPeak?.seconds ?? null,
    },
    arrivalErrorSeconds:
      arrivalSeconds.model === null || arrivalSeconds.observed === null
        ? null
        : arrivalSeconds.model - arrivalSeconds.observed,
    ...agreement(model, observed, maskUntil, until),
    arrivalThreshold: threshold ?? null,
    maskUntil,
  };
}

function agreement(model: Heights, observed: Heights, from: number, until: number) {
  const modelAt = interpolator(model);
  const pairs: [number, number][] = [];
  for (let at = 0; at < observed.seconds.length; at++) {
    const time = observed.seconds[at] as number;
    if (time < from || time > until) continue;
    const pair: [number, number] = [modelAt(time), observed.values[at] as number];
    if (!Number.isNaN(pair[0]) && !Number.isNaN(pair[1])) pairs.push(pair);
  }
  const samples = pairs.length;
  if (samples === 0) return { rms: null, correlation: null, samples };
  const mean = (value: (pair: [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + value(pair), 0) / samples;
  const rms = Math.sqrt(mean(([a, b]) => (a - b) ** 2));
  const [meanModel, meanObserved] = [mean(([a]) => a), mean(([, b]) => b)];
  const together = mean(([a, b]) => (a - meanModel) * (b - meanObserved));
  const spread = Math.sqrt(mean(([a]) => (a - meanModel) ** 2) * mean(([, b]) => (b - meanObserved) ** 2));
  return { rms, correlation: spread > 0 ? together / spread : null, samples };
}
