import type { JSX } from 'preact';

/** A line without axes, as large as a word: what happened here, at a glance. */
export function MiniChart({
  seconds,
  values,
  from,
  to,
}: {
  seconds: readonly number[];
  values: readonly number[];
  /** Times at the left and right edge [s]. */
  from: number;
  to: number;
}): JSX.Element {
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
  // A point a pixel is enough.
  const stride = Math.max(1, Math.floor(seconds.length / 96));
  const points = seconds.flatMap((time, k) => {
    if (k % stride !== 0) return [];
    return [`${((96 * (time - from)) / (to - from)).toFixed(1)} ${(14 - (12 * values[k]!) / largest).toFixed(1)}`];
  });
  return (
    <svg class="mini-chart" viewBox="0 0 96 28" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path class="mini-chart-rest" d="M0 14H96" />
      {points.length > 1 && <path d={`M${points.join('L')}`} />}
    </svg>
  );
}
