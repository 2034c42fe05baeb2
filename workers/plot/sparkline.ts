const bars = '▁▂▃▄▅▆▇█';

/**
 * A series as one line of block characters, at most `width` of them. Each stands for a run of values and shows the one
 * farthest from the series' mean, so that a wave's crest is never averaged away. NaN leaves a gap.
 */
export function sparkline(values: ArrayLike<number>, width: number): string {
  let [low, high, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    count++;
  }
  const mean = sum / count;
  const characters = Math.min(Math.max(0, Math.floor(width)), values.length);
  let line = '';
  for (let c = 0; c < characters; c++) {
    let shown = NaN;
    const end = Math.floor(((c + 1) * values.length) / characters);
    for (let k = Math.floor((c * values.length) / characters); k < end; k++) {
      const value = values[k]!;
      if (!Number.isFinite(value)) continue;
      if (!(Math.abs(value - mean) <= Math.abs(shown - mean))) shown = value;
    }
    if (Number.isNaN(shown)) line += ' ';
    else if (high === low) line += bars[0];
    else line += bars[Math.min(7, Math.floor((8 * (shown - low)) / (high - low)))];
  }
  return line;
}
