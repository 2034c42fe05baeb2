import { type ColourScale, colourOf } from './colour-scale.ts';
import { textWidth } from './font.ts';
import { isolines } from './isolines.ts';
import type { TakenRoom } from './label-places.ts';
import type { RegularField } from './lat-lon-field.ts';
import { type MapProjection, wrapDegrees } from './projections.ts';
import { line, number, palette, path, text } from './svg.ts';
import { formatNumber, roundStep } from './ticks.ts';

export interface MapStation {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
}

export interface Epicentre {
  readonly longitude: number;
  readonly latitude: number;
  readonly label?: string | undefined;
}

/** Lines of equal value; those in `labelled` are drawn stronger and carry their text. */
export interface Contours {
  readonly levels: readonly number[];
  readonly labelled?: readonly number[] | undefined;
  readonly format?: ((level: number) => string) | undefined;
}

/** Arrival-time contours of a field in hours: one each hour, every third labelled. */
export function hourlyIsochrones(hours: ArrayLike<number>, every = 1, labelEvery = 3): Contours {
  let last = 0;
  for (let k = 0; k < hours.length; k++) if (hours[k]! > last) last = hours[k]!;
  const levels = Array.from({ length: Math.floor(last / every) }, (_, k) => (k + 1) * every);
  const labelled = levels.filter((_, k) => ((k + 1) * every) % labelEvery === 0);
  return {
    levels,
    labelled: labelled.length ? labelled : levels,
    format: (level) => `${formatNumber(level, every)} h`,
  };
}

/** Meridians and parallels with their labels, which take their room. */
export function drawGraticule(projection: MapProjection, room: TakenRoom): { lines: string; labels: string[] } {
  const { window, box, name } = projection;
  const step = graticuleStep(window.east - window.west);
  const meridians: number[] = [];
  for (let k = Math.ceil(window.west / step - 1e-9); k * step <= window.east + 1e-9; k++) meridians.push(k * step);
  const parallels: number[] = [];
  for (let k = Math.ceil(window.south / step - 1e-9); k * step <= window.north + 1e-9; k++)
    if (Math.abs(k * step) < 90) parallels.push(k * step);
  const span = (from: number, to: number): number[] =>
    Array.from({ length: 73 }, (_, k) => from + ((to - from) * k) / 72);
  // Meridians and parallels at the rim lie on the frame already.
  const inner = meridians.filter((longitude) => longitude > window.west + 1e-6 && longitude < window.east - 1e-6);
  const lines = [
    ...inner.map((longitude) => span(window.south, window.north).map((latitude) => [longitude, latitude])),
    ...parallels.map((latitude) => straightParallel(latitude, window.west, window.east)),
  ];
  const labels: string[] = [];
  const small = { size: 12.5, fill: palette.muted } as const;
  for (const latitude of parallels) {
    const [, y] = projection.forward(projection.centralLongitude, latitude);
    const { middle, pixelsPerDegree } = projection.parallel(y);
    const left = middle - (pixelsPerDegree * (window.east - window.west)) / 2;
    if (name === 'equirectangular') labels.push(line(left - 5, y, left, y, { width: 0.8 }));
    labels.push(text(left - 9, y + 4.5, latitudeText(latitude), { ...small, anchor: 'end' }));
  }
  const base = box.y + box.height;
  // Every second label where they would touch.
  const isCrowded =
    step * projection.parallel(name === 'mollweide' ? box.y + box.height / 2 : base).pixelsPerDegree < 52;
  for (const longitude of meridians) {
    if (isCrowded && Math.round(longitude / step) % 2 !== 0) continue;
    const east = longitude - projection.centralLongitude;
    const label = longitudeText(longitude);
    if (name === 'mollweide') {
      if (Math.abs(east) > 165) continue;
      const [x, y] = projection.forward(longitude, 0);
      const width = textWidth(label, 12);
      const place = { x: x + 3, y: y - 15, width: width + 3, height: 14 };
      room.take(place);
      labels.push(text(x + 4, y - 4, label, { size: 12, halo: 2.5, fill: palette.ink }));
      continue;
    }
    const { middle, pixelsPerDegree } = projection.parallel(base);
    const x = middle + east * pixelsPerDegree;
    labels.push(line(x, base, x, base + 5, { width: 0.8 }));
    labels.push(text(x, base + 20, label, { ...small, anchor: 'middle' }));
  }
  const coordinates = lines as [number, number][][];
  return {
    lines: path(projection.path({ type: 'MultiLineString', coordinates }), {
      stroke: palette.ink,
      width: 0.6,
      opacity: 0.22,
    }),
    labels,
  };
}

/** Points of a parallel half a degree apart, since the chords between them are great circles. */
function straightParallel(latitude: number, west: number, east: number): [number, number][] {
  const count = Math.ceil((east - west) / 0.5);
  return Array.from({ length: count + 1 }, (_, k) => [west + ((east - west) * k) / count, latitude]);
}

function graticuleStep(span: number): number {
  if (span > 180) return 30;
  if (span > 90) return 15;
  return span > 40 ? 10 : roundStep(span, 6);
}

/** Epicentre and stations, drawn over everything; a station whose name finds no room keeps its dot. */
export function drawPlaces(
  projection: MapProjection,
  room: TakenRoom,
  stations: readonly MapStation[],
  epicentre: Epicentre | undefined,
): string[] {
  const marks: string[] = [];
  const labels: string[] = [];
  const within = stations.filter((station) => isShown(projection, station.longitude, station.latitude));
  if (epicentre && isShown(projection, epicentre.longitude, epicentre.latitude)) {
    const [x, y] = projection.forward(epicentre.longitude, epicentre.latitude);
    room.take({ x: x - 10, y: y - 10, width: 20, height: 20 });
    marks.push(path(star(x, y, 11), { fill: '#ffd23f', stroke: palette.ink, width: 1.1 }));
  }
  const points = within.map(({ longitude, latitude }) => projection.forward(longitude, latitude));
  for (const [x, y] of points) {
    room.take({ x: x - 5, y: y - 5, width: 10, height: 10 });
    marks.push(
      `<circle cx="${number(x)}" cy="${number(y)}" r="3.6" fill="#ffffff" stroke="${palette.ink}" stroke-width="1.3"/>`,
    );
  }
  if (epicentre?.label && isShown(projection, epicentre.longitude, epicentre.latitude)) {
    const [x, y] = projection.forward(epicentre.longitude, epicentre.latitude);
    const place = room.beside(x, y, textWidth(epicentre.label, 14, 600), 14, 12);
    if (place)
      labels.push(text(place.x, place.y, epicentre.label, { size: 14, weight: 600, anchor: place.anchor, halo: 3 }));
  }
  within.forEach((station, k) => {
    const [x, y] = points[k]!;
    const place = room.beside(x, y, textWidth(station.name, 12.5), 12.5, 7);
    if (!place) return;
    if (place.leader) marks.unshift(line(x, y, ...place.leader, { width: 0.8 }));
    labels.push(text(place.x, place.y, station.name, { size: 12.5, anchor: place.anchor, halo: 3 }));
  });
  return [...marks, ...labels];
}

function isShown({ window }: MapProjection, longitude: number, latitude: number): boolean {
  const east = wrapDegrees(longitude - (window.west + window.east) / 2);
  return Math.abs(east) <= (window.east - window.west) / 2 && latitude >= window.south && latitude <= window.north;
}

function star(x: number, y: number, radius: number): string {
  const points = Array.from({ length: 10 }, (_, k) => {
    const reach = k % 2 ? radius * 0.42 : radius;
    const angle = (k * Math.PI) / 5 - Math.PI / 2;
    return `${number(x + reach * Math.cos(angle))},${number(y + reach * Math.sin(angle))}`;
  });
  return `M${points.join('L')}Z`;
}

/** Contour lines, then their labels, which lie along the lines where there is room. */
export function drawContours(
  projection: MapProjection,
  room: TakenRoom,
  field: RegularField,
  scale: ColourScale,
  { levels, labelled = [], format = String }: Contours,
): string[] {
  const lines: string[] = [];
  const labels: string[] = [];
  for (const level of levels) {
    const strong = labelled.includes(level);
    const kept = isolines(field, level).filter((points) => extent(projection, points) > 12);
    const coordinates = kept.map((points) => points.map(([longitude, latitude]) => [longitude, latitude]));
    const d = projection.path({ type: 'MultiLineString', coordinates });
    // A line of equal value lies on one colour, so its own contrast is known.
    const stroke = isDark(colourOf(scale, level)) ? palette.paper : palette.ink;
    if (d) lines.push(path(d, { stroke, width: strong ? 1.3 : 0.7, opacity: strong ? 0.9 : 0.6 }));
    if (strong) labels.push(...contourLabels(projection, room, kept, format(level)));
  }
  return [...lines, ...labels];
}

/** Relative luminance below 0.18, the middle grey to the eye (WCAG 2.2). */
function isDark(colour: readonly [number, number, number]): boolean {
  const [red, green, blue] = colour.map((byte) => (byte / 255) ** 2.2) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18;
}

/** Height or width of a line on the page [px], whichever is larger; a line across the cut counts as large. */
function extent(projection: MapProjection, points: readonly (readonly [number, number])[]): number {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [longitude, latitude] of points) {
    const [x, y] = projection.forward(longitude, latitude);
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return Math.max(right - left, bottom - top);
}

function contourLabels(
  projection: MapProjection,
  room: TakenRoom,
  lines: readonly (readonly (readonly [number, number])[])[],
  label: string,
): string[] {
  const size = 12.5;
  const width = textWidth(label, size, 600);
  const { box } = projection;
  const placed: string[] = [];
  const spots: [number, number][] = [];
  for (const points of lines) {
    const page = points.map(([longitude, latitude]) => projection.forward(longitude, latitude));
    const lengths = [0];
    for (let k = 1; k < page.length; k++)
      lengths.push(
        lengths[k - 1]! + Math.min(20, Math.hypot(page[k]![0] - page[k - 1]![0], page[k]![1] - page[k - 1]![1])),
      );
    const total = lengths.at(-1)!;
    if (total < 3 * width) continue;
    let k = 0;
    for (let along = total / 2 > 400 ? 120 : total / 2; along < total - width; along += 30) {
      while (lengths[k + 1]! < along) k++;
      let [before, after] = [k, k];
      while (before > 0 && along - lengths[before]! < width / 2) before--;
      while (after < page.length - 1 && lengths[after]! - along < width / 2) after++;
      const [x1, y1] = page[before]!;
      const [x2, y2] = page[after]!;
      const chord = Math.hypot(x2 - x1, y2 - y1);
      const arc = lengths[after]! - lengths[before]!;
      // Only where the line runs nearly straight under the text, and not next to another label of this level.
      if (chord < 0.97 * arc || chord > 3 * width) continue;
      const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
      if (x < box.x + width || x > box.x + box.width - width || y < box.y + 10 || y > box.y + box.height - 10) continue;
      if (spots.some(([px, py]) => Math.hypot(px - x, py - y) < 420)) continue;
      let turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
      if (turn > 90) turn -= 180;
      if (turn < -90) turn += 180;
      const sine = Math.abs(Math.sin((turn * Math.PI) / 180));
      const cosine = Math.abs(Math.cos((turn * Math.PI) / 180));
      const [w, h] = [width * cosine + size * sine + 4, width * sine + size * cosine + 4];
      const place = { x: x - w / 2, y: y - h / 2, width: w, height: h };
      if (!room.isFree(place)) continue;
      room.take(place);
      spots.push([x, y]);
      const radians = (turn * Math.PI) / 180;
      const baseline = 0.36 * size;
      placed.push(
        text(x - baseline * Math.sin(radians), y + baseline * Math.cos(radians), label, {
          size,
          weight: 600,
          anchor: 'middle',
          halo: 4,
          turn,
        }),
      );
    }
  }
  return placed;
}

export function latitudeText(latitude: number): string {
  if (latitude === 0) return '0°';
  return `${Number(Math.abs(latitude).toFixed(4))}°${latitude < 0 ? 'S' : 'N'}`;
}

export function longitudeText(longitude: number): string {
  const wrapped = wrapDegrees(longitude);
  if (wrapped === 0) return '0°';
  if (wrapped === -180) return '180°';
  const size = Number(Math.abs(wrapped).toFixed(4));
  return `${size}°${wrapped < 0 ? 'W' : 'E'}`;
}
