/** Work done, in tile-weights, in seconds of computing: waiting for halos is not counted. */
export interface SpeedReport {
  readonly work: number;
  readonly seconds: number;
}

/** What is known of a node's speed. */
export interface SpeedEstimate {
  /** Tile-weights a second. */
  readonly speed: number;
  /** Seconds of computing that it rests on, older ones counting less. */
  readonly seconds: number;
  /** The last few reports, newest last. */
  readonly recent: readonly SpeedReport[];
}

/** Seconds of computing after which a report counts 1/e. */
const MEMORY = 20;
/** Seconds of reports that a declared benchmark is worth. */
const BENCHMARK = 1;
/** The median of so many reports is believed: two outliers among them do not matter. */
const REPORTS = 5;
/** Fewer are not asked whether the node has become another. */
const ENOUGH = 3;
/** A median further from the mean than this share is a change, not noise. */
const CHANGE = 0.25;

/** What is known before the first report: a benchmark of so many tile-weights a second. */
export const declaredSpeed = (speed: number): SpeedEstimate => ({ speed, seconds: BENCHMARK, recent: [] });

const speedOf = ({ work, seconds }: SpeedReport): number => work / seconds;

/** The lower one of two in the middle: a node is believed the slower speed. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}

/**
 * The estimate after a report: an exponentially weighted mean, by seconds of computing, of the running median of five.
 * If that median leaves the mean by a quarter, the node has changed and the mean starts afresh from it, so that
 * noise is averaged over many steps and a change still seen within three. Reports of no work, or of no time, say nothing.
 */
export function afterReport(estimate: SpeedEstimate, report: SpeedReport): SpeedEstimate {
  const { work, seconds } = report;
  if (!(work > 0 && seconds > 0 && Number.isFinite(work / seconds))) return estimate;
  const recent = [...estimate.recent, report].slice(-REPORTS);
  const typical = median(recent.map(speedOf));
  // Not the report's own seconds: a stall of minutes is one odd report, not minutes of evidence.
  const weight = median(recent.map((one) => one.seconds));
  const changed = recent.length >= ENOUGH && Math.abs(typical - estimate.speed) > CHANGE * estimate.speed;
  if (changed) return { speed: typical, seconds: weight, recent };
  const kept = estimate.seconds * (MEMORY / (MEMORY + weight));
  return { speed: (estimate.speed * kept + typical * weight) / (kept + weight), seconds: kept + weight, recent };
}
