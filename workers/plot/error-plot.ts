import { chartArea, drawAxes, drawFrame } from './axes.ts';
import { textWidth } from './font.ts';
import { pageFoot, pageHead } from './page.ts';
import { encodePng } from './png.ts';
import { rasterise } from './rasterise.ts';
import { line, number, palette, path, svgDocument, text } from './svg.ts';
import { logarithmicTicks } from './ticks.ts';

/** Errors of one scheme or case at rising resolutions (cells across a panel, say), all above 0. */
export interface ErrorLine {
  readonly name: string;
  readonly resolutions: readonly number[];
  readonly errors: readonly number[];
}

export interface ErrorPlotOptions {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly caption?: string | undefined;
  readonly lines: readonly ErrorLine[];
  /** Orders shown as triangles under the lines, e.g. [2, 4]. */
  readonly orders?: readonly number[] | undefined;
  readonly resolutionLabel?: string | undefined;
  readonly errorLabel?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly pixelRatio?: number | undefined;
}

/** Colours that those who see few colours can tell apart (Okabe & Ito 2008), dark enough for lines. */
const lineColours = ['#0072b2', '#d55e00', '#009e73', '#a6538a', '#b8860b', '#16202b', '#3a9bd0'];

/** PNG of error against resolution, both logarithmic: a scheme of order p falls as the triangle p. Throws BadErrorPlot. */
export async function errorPlot(options: ErrorPlotOptions): Promise<Uint8Array> {
  const picture = await rasterise(drawErrorPlot(options), options.pixelRatio ?? 1);
  const { title, caption } = options;
  return encodePng(picture, { Title: title, ...(caption ? { Description: caption } : {}), Software: 'Terrella' });
}

/** The same plot as SVG. */
export function drawErrorPlot(options: ErrorPlotOptions): string {
  const { lines, title, subtitle, caption, width = 1000, height = 720, orders = [] } = options;
  for (const { name, resolutions, errors } of lines) {
    if (resolutions.length !== errors.length || errors.length === 0)
      throw new BadErrorPlot(`'${name}' has ${errors.length} errors for ${resolutions.length} resolutions`);
    const bad = [...resolutions, ...errors].find((value) => !(value > 0 && value < Infinity));
    if (bad !== undefined) throw new BadErrorPlot(`'${name}' holds ${bad}: logarithms need finite values above 0`);
  }
  if (lines.length === 0) throw new BadErrorPlot('there is no line: give at least one');

  const abscissae = [...new Set(lines.flatMap(({ resolutions }) => resolutions))].sort((a, b) => a - b);
  const errors = lines.flatMap((entry) => entry.errors);
  const across = { low: abscissae[0]! / 1.25, high: abscissae.at(-1)! * 1.25, logarithmic: true };
  const upward = { low: Math.min(...errors) / 3, high: Math.max(...errors) * 2, logarithmic: true };
  const top = subtitle ? 112 : 84;
  const names = Math.max(...lines.map(({ name }) => textWidth(name, 13.5, 600)));
  const right = Math.min(0.35 * width, names + 44);
  const area = chartArea({ x: 104, y: top, width: width - 104 - right, height: height - top - 104 }, across, upward);
  const { box } = area;
  // The resolutions that were run are the ticks, thinned where their texts would touch.
  let edge = -Infinity;
  const resolutionTicks = abscissae.flatMap((value) => {
    const label = String(value);
    const half = textWidth(label, 12) / 2;
    if (area.x(value) - half < edge + 10) return [];
    edge = area.x(value) + half;
    return [{ value, text: label }];
  });
  const parts = [
    ...pageHead(width, title, subtitle, box.x),
    ...drawAxes(area, resolutionTicks, logarithmicTicks(upward.low, upward.high, box.height / 60)),
    ...orders.flatMap((order, k) => slopeTriangle(area, across, upward, order, k, orders.length)),
    drawFrame(area),
  ];
  const ends: { y: number; name: string; colour: string; from: number; x: number }[] = [];
  lines.forEach(({ name, resolutions, errors: values }, k) => {
    const colour = lineColours[k % lineColours.length]!;
    const points = resolutions
      .map((value, at) => [area.x(value), area.y(values[at]!)] as const)
      .sort((a, b) => a[0] - b[0]);
    parts.push(path(`M${points.map(([x, y]) => `${number(x)},${number(y)}`).join('L')}`, { stroke: colour, width: 2 }));
    for (const [x, y] of points)
      parts.push(
        `<circle cx="${number(x)}" cy="${number(y)}" r="4" fill="${palette.paper}" stroke="${colour}" stroke-width="2"/>`,
      );
    const [x, y] = points.at(-1)!;
    ends.push({ y, name, colour, from: y, x });
  });
  for (const end of spread(ends, 19)) {
    if (Math.abs(end.y - end.from) > 3 || end.x < box.x + box.width - 90)
      parts.push(
        line(end.x + 6, end.from, box.x + box.width + 8, end.y, { stroke: end.colour, width: 0.7, dash: '2 3' }),
      );
    parts.push(text(box.x + box.width + 14, end.y + 4.8, end.name, { size: 13.5, weight: 600, fill: end.colour }));
  }
  parts.push(
    text(box.x + box.width / 2, box.y + box.height + 46, options.resolutionLabel ?? 'cells across a panel', {
      size: 13.5,
      anchor: 'middle',
    }),
  );
  parts.push(
    text(32, box.y + box.height / 2, options.errorLabel ?? 'error', { size: 13.5, anchor: 'middle', turn: -90 }),
  );
  parts.push(...pageFoot(width, height, caption, '', box.x));
  return svgDocument(width, height, title, parts);
}

/** A right triangle whose long side falls with the order, standing at the lower left. */
function slopeTriangle(
  area: ReturnType<typeof chartArea>,
  across: { low: number; high: number },
  upward: { low: number; high: number },
  order: number,
  index: number,
  count: number,
): string[] {
  const run = Math.min(
    (across.high / across.low) ** (0.6 / Math.max(2.5, count)),
    (upward.high / upward.low) ** (0.35 / order),
  );
  const start = across.low * (across.high / across.low) ** (0.04 + (0.55 * index) / Math.max(1, count));
  const floor = upward.low * (upward.high / upward.low) ** 0.06;
  const [x1, x2] = [area.x(start), area.x(start * run)];
  const [y1, y2] = [area.y(floor * run ** order), area.y(floor)];
  return [
    path(`M${number(x1)},${number(y1)}L${number(x2)},${number(y2)}L${number(x1)},${number(y2)}Z`, {
      stroke: palette.muted,
      width: 1,
      fill: '#eef1f4',
    }),
    text((x1 * 2 + x2) / 3, y2 - Math.min(8, (y2 - y1) / 6), String(order), {
      size: 12.5,
      weight: 600,
      anchor: 'middle',
      fill: palette.muted,
    }),
  ];
}

/** Moves labels apart, downwards, keeping their order. */
function spread<Label extends { y: number }>(labels: readonly Label[], distance: number): Label[] {
  const sorted = labels.map((label) => ({ ...label })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < sorted.length; k++) sorted[k]!.y = Math.max(sorted[k]!.y, sorted[k - 1]!.y + distance);
  return sorted;
}

export class BadErrorPlot extends Error {
  readonly tag = 'BadErrorPlot';
  constructor(problem: string) {
    super(`BadErrorPlot: ${problem}.`);
    this.name = 'BadErrorPlot';
  }
}
