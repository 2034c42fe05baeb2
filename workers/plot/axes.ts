import type { Box } from './projections.ts';
import { line, number, palette, path, text } from './svg.ts';
import type { Tick } from './ticks.ts';

/** One axis of a chart: its range, linear or logarithmic. */
export interface AxisRange {
  readonly low: number;
  readonly high: number;
  readonly logarithmic?: boolean;
}

/** Where values lie on the page. */
export interface ChartArea {
  readonly box: Box;
  x(value: number): number;
  y(value: number): number;
}

export function chartArea(box: Box, across: AxisRange, upward: AxisRange): ChartArea {
  const along = axisFraction(across);
  const up = axisFraction(upward);
  return { box, x: (value) => box.x + along(value) * box.width, y: (value) => box.y + (1 - up(value)) * box.height };
}

function axisFraction({ low, high, logarithmic = false }: AxisRange): (value: number) => number {
  return logarithmic
    ? (value) => Math.log(value / low) / Math.log(high / low)
    : (value) => (value - low) / (high - low);
}

/** Grid lines, ticks and tick texts below and to the left; texts below only where `labelsBelow`. */
export function drawAxes(
  area: ChartArea,
  across: readonly Tick[],
  upward: readonly Tick[],
  labelsBelow = true,
): string[] {
  const { box } = area;
  const base = box.y + box.height;
  const parts: string[] = [];
  const grid = { stroke: palette.faint, width: 0.8 };
  const small = { size: 12, fill: palette.muted } as const;
  for (const { value, text: label } of across) {
    const x = area.x(value);
    parts.push(line(x, box.y, x, base, grid));
    if (!labelsBelow) continue;
    parts.push(line(x, base, x, base + 5, { width: 0.8 }), text(x, base + 19, label, { ...small, anchor: 'middle' }));
  }
  for (const { value, text: label } of upward) {
    const y = area.y(value);
    parts.push(line(box.x, y, box.x + box.width, y, grid), line(box.x - 5, y, box.x, y, { width: 0.8 }));
    parts.push(text(box.x - 9, y + 4.3, label, { ...small, anchor: 'end' }));
  }
  return parts;
}

export function drawFrame({ box }: ChartArea): string {
  return path(`M${box.x},${box.y}h${box.width}v${box.height}h${-box.width}Z`, { stroke: palette.ink, width: 0.9 });
}

/**
 * SVG path of a series, at most two points for each px column (its least and its greatest), in the order of time;
 * NaN, and a gap longer than `longestGap` on the horizontal axis, interrupt the line.
 */
export function seriesPath(
  area: ChartArea,
  horizontal: ArrayLike<number>,
  vertical: ArrayLike<number>,
  longestGap = Infinity,
): string {
  let d = '';
  let isOpen = false;
  const put = (k: number): void => {
    d += `${isOpen ? 'L' : 'M'}${number(area.x(horizontal[k]!))},${number(area.y(vertical[k]!))}`;
    isOpen = true;
  };
  let [column, first, least, greatest, last] = [NaN, -1, -1, -1, -1];
  const flush = (): void => {
    if (first < 0) return;
    for (const k of [...new Set([first, least, greatest, last])].sort((a, b) => a - b)) put(k);
    first = -1;
  };
  for (let k = 0; k < horizontal.length; k++) {
    const missing = !Number.isFinite(vertical[k]!) || !Number.isFinite(horizontal[k]!);
    if (missing || (k > 0 && horizontal[k]! - horizontal[k - 1]! > longestGap)) {
      flush();
      isOpen = false;
      column = NaN;
      if (missing) continue;
    }
    const here = Math.floor(area.x(horizontal[k]!));
    if (here !== column) {
      flush();
      column = here;
      first = least = greatest = k;
    }
    if (vertical[k]! < vertical[least]!) least = k;
    if (vertical[k]! > vertical[greatest]!) greatest = k;
    last = k;
  }
  flush();
  return d;
}
