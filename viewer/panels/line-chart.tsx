import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { seriesRows } from './csv.ts';
import { valueInWords } from './units.ts';

export interface Line {
  readonly title: string;
  readonly seconds: readonly number[];
  readonly values: readonly number[];
  readonly colour: string;
  readonly dashed?: boolean;
}

/**
 * Lines over hours since the start, with a mark at the time on show. The same numbers stand in the table that whoever
 * uses it puts beside it. `maskedUntil` greys the beginning out.
 */
export default function LineChart({
  lines,
  title,
  units,
  now,
  maskedUntil = 0,
  height = 168,
}: {
  lines: readonly Line[];
  /** Read in place of the picture. */
  title: string;
  units: string;
  /** Time on show [s]. */
  now: number;
  maskedUntil?: number;
  height?: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  // Drawn by uPlot's own hooks, which outlive a render.
  const marks = useRef({ now, maskedUntil });
  const shape = lines.map((line) => `${line.title} ${line.colour} ${line.dashed}`).join() + units + height;

  // Made anew only when its shape changes, not with every value.
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const made = new uPlot(
      options(lines, units, current.clientWidth, height, () => marks.current),
      chartData(lines),
      current,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape]);

  useEffect(() => chart.current?.setData(chartData(lines)), [lines]);

  useEffect(() => {
    marks.current = { now, maskedUntil };
    chart.current?.redraw(false);
  }, [now, maskedUntil]);

  return <div class="line-chart" ref={place} role="img" aria-label={title} style={{ minHeight: `${height}px` }} />;
}

function chartData(lines: readonly Line[]): uPlot.AlignedData {
  const rows = seriesRows(lines);
  const columns = lines.map((_, k) => rows.map((row) => drawable(row[k + 1])));
  return [rows.map(([time]) => time! / 3600), ...columns] as uPlot.AlignedData;
}

/** A line is broken where there is no number. */
const drawable = (value: number | undefined): number | null | undefined =>
  value === undefined || Number.isFinite(value) ? value : null;

const INK = '#a5b3c9';
const GRID = 'rgb(160 195 240 / 0.12)';
const FONT = '11px Inter, system-ui, sans-serif';

function options(
  lines: readonly Line[],
  units: string,
  width: number,
  height: number,
  marks: () => { readonly now: number; readonly maskedUntil: number },
): uPlot.Options {
  const axis = { stroke: INK, font: FONT, grid: { stroke: GRID, width: 1 }, ticks: { show: false } } as const;
  return {
    width,
    height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    // The time on show is on the chart even where the numbers end before it.
    scales: { x: { time: false, range: (_, low, high) => [low ?? 0, Math.max(high ?? 1, marks().now / 3600)] } },
    axes: [
      { ...axis, size: 20, gap: 4, values: (_, ticks) => ticks.map((tick) => `${Number(tick.toFixed(2))} h`) },
      {
        ...axis,
        size: 60,
        space: 24,
        gap: 6,
        values: (_, ticks) => ticks.map((tick) => `${valueOfTick(tick)}${units === '' ? '' : ` ${units}`}`),
      },
    ],
    series: [
      {},
      ...lines.map(({ title, colour, dashed }) => ({
        label: title,
        stroke: colour,
        width: 1.5,
        spanGaps: true,
        points: { show: false },
        ...(dashed ? { dash: [4, 3] } : {}),
      })),
    ],
    plugins: [readout(lines, units)],
    hooks: {
      drawClear: [(made) => greyOut(made, marks().maskedUntil / 3600)],
      draw: [(made) => drawNow(made, marks().now / 3600)],
    },
  };
}

const valueOfTick = (value: number): string => String(Number(value.toPrecision(6))).replace('-', '−');

function greyOut({ ctx, bbox, valToPos }: uPlot, until: number): void {
  if (until <= 0) return;
  const right = Math.min(bbox.left + bbox.width, valToPos(until, 'x', true));
  ctx.fillStyle = 'rgb(160 195 240 / 0.1)';
  ctx.fillRect(bbox.left, bbox.top, right - bbox.left, bbox.height);
}

function drawNow({ ctx, bbox, valToPos }: uPlot, now: number): void {
  const x = Math.round(valToPos(now, 'x', true)) - 0.5;
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = '#e8eef8';
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** The values under the pointer, in a corner of the chart. */
function readout(lines: readonly Line[], units: string): uPlot.Plugin {
  const words = document.createElement('div');
  words.className = 'line-chart-readout';
  return {
    hooks: {
      init: [(made) => made.over.append(words)],
      setCursor: [
        ({ cursor: { idx }, data }) => {
          const values = idx == null ? [] : lines.map((_, k) => data[k + 1]?.[idx]);
          words.textContent = values
            .flatMap((value, k) => {
              if (value == null) return [];
              const quantity = `${valueInWords(value)} ${units}`.trim();
              return [lines.length > 1 ? `${lines[k]!.title} ${quantity}` : quantity];
            })
            .join(' · ');
        },
      ],
    },
  };
}
