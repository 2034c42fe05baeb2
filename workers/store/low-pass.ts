import { exp } from '../../engine/math/index.ts';
import { StoreError } from './errors.ts';

/** Beyond this many standard deviations the Gaussian's weight is below 2e-8. */
const REACH = 6;

/**
 * Gaussian low-pass of a series at irregular times: at each sample the mean over time of the neighbours, weighted by
 * exp(−½ (Δt/σ)²) and by the time each stands for (half of both gaps around it, σ at most). σ = T √(½ ln 2) / π, so that a wave of
 * period T = `cutoffSeconds` keeps half of its amplitude; the response at period P is 2^−(T/P)², without overshoot.
 * Compares a gauge with a grid that resolves no shorter period. `seconds` may repeat, but must not fall; samples
 * without a value (NaN) are left out of every mean and stay NaN. Throws SeriesInvalid.
 */
export function lowPass(seconds: ArrayLike<number>, values: ArrayLike<number>, cutoffSeconds: number): Float64Array {
  const count = seconds.length;
  if (values.length !== count) {
    throw new StoreError('SeriesInvalid', `${values.length} values for ${count} times. Give one each.`);
  }
  if (!(cutoffSeconds > 0)) {
    throw new StoreError(
      'SeriesInvalid',
      `a cutoff of ${cutoffSeconds} s is not positive. Give the shortest period to keep.`,
    );
  }
  const sigma = (cutoffSeconds * Math.sqrt(Math.LN2 / 2)) / Math.PI;
  const span = spans(seconds);
  const result = new Float64Array(count).fill(Number.NaN);
  let first = 0;
  for (let at = 0; at < count; at++) {
    if (Number.isNaN(values[at])) continue;
    const time = seconds[at] as number;
    while ((seconds[first] as number) < time - REACH * sigma) first++;
    let sum = 0;
    let total = 0;
    for (let near = first; near < count && (seconds[near] as number) <= time + REACH * sigma; near++) {
      const value = values[near] as number;
      if (Number.isNaN(value)) continue;
      const distance = ((seconds[near] as number) - time) / sigma;
      const weight = exp(-0.5 * distance * distance) * Math.min(span[near] as number, sigma);
      sum += weight * value;
      total += weight;
    }
    result[at] = total > 0 ? sum / total : (values[at] as number);
  }
  return result;
}

/** Time that each sample stands for; samples of one instant share its span. Throws SeriesInvalid. */
function spans(seconds: ArrayLike<number>): Float64Array {
  const count = seconds.length;
  const span = new Float64Array(count);
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && seconds[to] === seconds[from]) to++;
    const time = seconds[from] as number;
    const before = from > 0 ? time - (seconds[from - 1] as number) : 0;
    const after = to < count ? (seconds[to] as number) - time : 0;
    if (!(before >= 0 && after >= 0)) {
      throw new StoreError(
        'SeriesInvalid',
        `times fall or are missing near sample ${from} (${time} s). Sort the series by time first.`,
      );
    }
    // At an end the one gap counts in full; a lone instant still has weight.
    const whole = before > 0 && after > 0 ? (before + after) / 2 : before + after || 1;
    span.fill(whole / (to - from), from, to);
    from = to;
  }
  return span;
}
