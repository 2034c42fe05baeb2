import { chartArea, drawAxes, drawFrame, seriesPath } from './axes.ts';
import { textWidth } from './font.ts';
import { fitText, pageFoot, pageHead } from './page.ts';
import { encodePng } from './png.ts';
import { rasterise } from './rasterise.ts';
import { line, palette, path, rectangle, svgDocument, text } from './svg.ts';
import { clockStep, linearTicks, roundStep, ticksEvery } from './ticks.ts';

/** Sea surface height over time: seconds after the origin, rising; metres, NaN where missing. */
export interface TideRecord {
  readonly seconds: ArrayLike<number>;
  readonly metres: ArrayLike<number>;
}

export interface StationPanel {
  readonly id: string;
  readonly name?: string | undefined;
  readonly model: TideRecord;
  readonly observed?: TideRecord | undefined;
  /** Lines beside the panel: arrival error, first peak, correlation. */
  readonly score?: readonly string[] | undefined;
  /** Until then [s] the gauge shows seismic waves, so it is not scored. */
  readonly maskedUntilSeconds?: number | undefined;
}

export interface StationPlotOptions {
  readonly stations: readonly StationPanel[];
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly caption?: string | undefined;
  /** What the lines are called. */
  readonly legend?: { readonly model: string; readonly observed: string } | undefined;
  /** Seconds shown; all of the model's where absent. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Page in px; the height follows from the number of stations. */
  readonly width?: number | undefined;
  readonly panelHeight?: number | undefined;
  readonly pixelRatio?: number | undefined;
}

/** PNG: a panel for each station, model over observation, one time axis for all. Throws BadStationPlot. */
export async function stationPlot(options: StationPlotOptions): Promise<Uint8Array> {
  const picture = await rasterise(drawStationPlot(options), options.pixelRatio ?? 1);
  const { title, caption } = options;
  return encodePng(picture, { Title: title, ...(caption ? { Description: caption } : {}), Software: 'Terrella' });
}

/** The same plot as SVG. */
export function drawStationPlot(options: StationPlotOptions): string {
  const { stations, title, subtitle, caption, width = 1280, panelHeight = 132 } = options;
  if (stations.length === 0) throw new BadStationPlot('there is no station: give at least one');
  const [from, to] = timeRange(options);
  // A flume's records are over in seconds.
  const unit = to - from > 4 * 3600 ? 'hours' : to - from > 300 ? 'minutes' : 'seconds';
  const seconds = { hours: 3600, minutes: 60, seconds: 1 }[unit];
  const gap = 40;
  const left = 86;
  const scores = stations.flatMap(({ score = [] }) => score.map((entry) => textWidth(entry, 13)));
  const right = Math.min(0.3 * width, Math.max(0, ...scores) + 44);
  const top = (subtitle ? 104 : 76) + 52;
  const height = top + stations.length * (panelHeight + gap) - gap + 100;
  const legend = options.legend ?? { model: 'Terrella', observed: 'observed' };
  const span = (to - from) / seconds;
  const timeTicks = ticksEvery(from / seconds, to / seconds, clockStep(span, 12, unit));
  const parts = [...pageHead(width, title, subtitle, left), ...drawLegend(options, legend, width - right, top - 34)];

  stations.forEach((station, k) => {
    const y = top + k * (panelHeight + gap);
    const isLast = k === stations.length - 1;
    const [low, high] = heightRange(station, from, to);
    const area = chartArea(
      { x: left, y, width: width - left - right, height: panelHeight },
      { low: from / seconds, high: to / seconds },
      { low, high },
    );
    const { box } = area;
    const masked = Math.min(to, station.maskedUntilSeconds ?? from);
    if (masked > from) {
      const edge = area.x(masked / seconds);
      parts.push(rectangle(box.x, y, edge - box.x, panelHeight, { fill: '#eceff2' }));
    }
    parts.push(...drawAxes(area, timeTicks, linearTicks(low, high, Math.max(2, panelHeight / 36)), isLast));
    if (low < 0 && high > 0)
      parts.push(line(box.x, area.y(0), box.x + box.width, area.y(0), { stroke: palette.muted, width: 0.8 }));
    const clip = `panel-${k}`;
    parts.push(
      `<clipPath id="${clip}">${rectangle(box.x, box.y, box.width, box.height, { fill: '#000000' })}</clipPath><g clip-path="url(#${clip})">`,
    );
    if (station.observed) {
      const isMasked = (time: number): boolean => time < masked;
      if (masked > from) parts.push(drawRecord(area, station.observed, seconds, '#a9b2bb', 0.8, isMasked));
      parts.push(drawRecord(area, station.observed, seconds, palette.observed, 1.2, (time) => !isMasked(time)));
    }
    parts.push(drawRecord(area, station.model, seconds, palette.model, 1.9), '</g>', drawFrame(area));
    if (masked > from && area.x(masked / seconds) - box.x > 92)
      parts.push(text(box.x + 8, y + panelHeight - 9, 'seismic waves', { size: 11.5, fill: palette.muted, halo: 3 }));
    parts.push(text(box.x, y - 9, station.id, { size: 14, weight: 600 }));
    if (station.name && station.name !== station.id)
      parts.push(
        text(box.x + textWidth(station.id, 14, 600) + 10, y - 9, station.name, { size: 14, fill: palette.muted }),
      );
    station.score?.forEach((score, row) => {
      if (12 + 20 * row < panelHeight)
        parts.push(text(box.x + box.width + 20, y + 14 + 20 * row, fitText(score, 13, right - 40), { size: 13 }));
    });
  });

  const base = top + stations.length * (panelHeight + gap) - gap;
  const middle = top + (base - top) / 2;
  parts.push(
    text(left + (width - left - right) / 2, base + 44, `${unit} after the origin`, { size: 13.5, anchor: 'middle' }),
  );
  parts.push(text(28, middle, 'sea surface height [m]', { size: 13.5, anchor: 'middle', turn: -90 }));
  parts.push(...pageFoot(width, height, caption, '', left));
  return svgDocument(width, height, title, parts);
}

function drawRecord(
  area: ReturnType<typeof chartArea>,
  record: TideRecord,
  secondsPerUnit: number,
  stroke: string,
  width: number,
  isShown: (seconds: number) => boolean = () => true,
): string {
  const times = Float64Array.from(record.seconds, (value) => value / secondsPerUnit);
  const metres = Float64Array.from(record.metres, (value, k) => (isShown(record.seconds[k]!) ? value : NaN));
  return path(seriesPath(area, times, metres, 6 * medianStep(times)), { stroke, width });
}

function medianStep(times: Float64Array): number {
  const steps = times
    .slice(1)
    .map((time, k) => time - times[k]!)
    .sort();
  return steps.length ? steps[steps.length >> 1]! : Infinity;
}

function drawLegend(
  { stations }: StationPlotOptions,
  names: { model: string; observed: string },
  right: number,
  y: number,
): string[] {
  const entries: { name: string; colour: string; width: number }[] = [
    { name: names.model, colour: palette.model, width: 1.9 },
  ];
  if (stations.some(({ observed }) => observed))
    entries.push({ name: names.observed, colour: palette.observed, width: 1.2 });
  const parts: string[] = [];
  let x = right;
  for (const { name, colour, width } of entries.reverse()) {
    x -= textWidth(name, 13);
    parts.push(text(x, y + 4.5, name, { size: 13 }));
    parts.push(line(x - 38, y, x - 8, y, { stroke: colour, width: width + 0.4 }));
    x -= 62;
  }
  return parts;
}

function timeRange({ stations, from, to }: StationPlotOptions): [number, number] {
  const lasts = stations.map(({ model: { seconds } }) => seconds[seconds.length - 1] ?? NaN).filter(Number.isFinite);
  const firsts = stations.map(({ model: { seconds } }) => seconds[0] ?? NaN).filter(Number.isFinite);
  const range: [number, number] = [from ?? Math.min(0, ...firsts), to ?? Math.max(...lasts)];
  if (!(range[1] > range[0])) throw new BadStationPlot(`times from ${range[0]} s to ${range[1]} s: nothing to show`);
  return range;
}

/**
 * A round range that holds the model and, after the masked minutes, the observation: seismic spikes would otherwise
 * press the tsunami flat.
 */
function heightRange(
  { model, observed, maskedUntilSeconds = -Infinity }: StationPanel,
  from: number,
  to: number,
): [number, number] {
  let [low, high] = [0, 0];
  for (const [record, start] of [
    [model, from],
    [observed, Math.max(from, maskedUntilSeconds)],
  ] as const) {
    if (!record) continue;
    for (let k = 0; k < record.seconds.length; k++) {
      const value = record.metres[k]!;
      if (record.seconds[k]! < start || record.seconds[k]! > to || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low === high) return [-1, 1];
  const margin = 0.08 * (high - low);
  const step = roundStep(high - low, 6) / 2;
  return [Math.floor((low - margin) / step) * step, Math.ceil((high + margin) / step) * step];
}

export class BadStationPlot extends Error {
  readonly tag = 'BadStationPlot';
  constructor(problem: string) {
    super(`BadStationPlot: ${problem}.`);
    this.name = 'BadStationPlot';
  }
}
