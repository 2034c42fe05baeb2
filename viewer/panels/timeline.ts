/** Number of the last kept time at or before `seconds`; 0 where there is none. Times ascend. */
export function keptBefore(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= seconds + 1e-6) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The kept time nearest to `seconds`; `seconds` itself where none is kept. */
export function nearestKept(times: readonly number[], seconds: number): number {
  const before = keptBefore(times, seconds);
  const [left = seconds, right = left] = [times[before], times[before + 1]];
  return right - seconds < seconds - left ? right : left;
}

/** The kept time so many frames on (or back) from the one on show. Undefined where nothing is kept. */
export function keptFrom(times: readonly number[], seconds: number, frames: number): number | undefined {
  const at = keptBefore(times, seconds);
  // A step back from between two kept times goes to the one just behind.
  const isBetween = times[at] !== undefined && seconds > times[at] + 1e-6;
  const wanted = at + frames + (isBetween && frames < 0 ? 1 : 0);
  return times[Math.max(0, Math.min(times.length - 1, wanted))];
}
