import { type GeoPermissibleObjects, geoPath, geoProjection } from 'd3-geo';

export type ProjectionName = 'equirectangular' | 'mollweide' | 'robinson';

/**
 * A projection whose parallels are straight and evenly divided, on the unit sphere: x = stretch(φ) λ, y = height(φ),
 * angles in radians, y upwards. `latitude` undoes `height`.
 */
interface Pseudocylindrical {
  stretch(latitude: number): number;
  height(latitude: number): number;
  latitude(height: number): number;
}

const equirectangular: Pseudocylindrical = {
  stretch: () => 1,
  height: (latitude) => latitude,
  latitude: (height) => height,
};

/** Equal area; Snyder (1987), Map projections, eq. 31-1 … 31-8. */
const mollweide: Pseudocylindrical = {
  stretch: (latitude) => ((2 * Math.SQRT2) / Math.PI) * Math.cos(mollweideAngle(latitude)),
  height: (latitude) => Math.SQRT2 * Math.sin(mollweideAngle(latitude)),
  latitude(height) {
    const angle = Math.asin(Math.max(-1, Math.min(1, height / Math.SQRT2)));
    return Math.asin(Math.max(-1, Math.min(1, (2 * angle + Math.sin(2 * angle)) / Math.PI)));
  },
};

/** θ of 2θ + sin 2θ = π sin φ, by bisection: Newton's method stalls at the poles. */
function mollweideAngle(latitude: number): number {
  const target = Math.PI * Math.sin(latitude);
  return bisect((angle) => 2 * angle + Math.sin(2 * angle) - target, -Math.PI / 2, Math.PI / 2);
}

/** Robinson (1974): length of the parallel and its distance from the equator, every 5° from 0° to 90°. */
const robinsonLengths = [
  1, 0.9986, 0.9954, 0.99, 0.9822, 0.973, 0.96, 0.9427, 0.9216, 0.8962, 0.8679, 0.835, 0.7986, 0.7597, 0.7186, 0.6732,
  0.6213, 0.5722, 0.5322,
];
const robinsonHeights = [
  0, 0.062, 0.124, 0.186, 0.248, 0.31, 0.372, 0.434, 0.4958, 0.5571, 0.6176, 0.6769, 0.7346, 0.7903, 0.8435, 0.8936,
  0.9394, 0.9761, 1,
];
const robinson: Pseudocylindrical = {
  stretch: (latitude) => 0.8487 * interpolate(robinsonLengths, 1, Math.abs(latitude)),
  height: (latitude) => 1.3523 * Math.sign(latitude) * interpolate(robinsonHeights, -1, Math.abs(latitude)),
  latitude: (height) => bisect((latitude) => robinson.height(latitude) - height, -Math.PI / 2, Math.PI / 2),
};

/** Catmull–Rom cubic through values 5° apart; `parity` says how the table goes on beyond the equator. */
function interpolate(table: readonly number[], parity: 1 | -1, latitude: number): number {
  const position = Math.min(18, latitude / (Math.PI / 36));
  const k = Math.min(17, Math.floor(position));
  const t = position - k;
  const a = k === 0 ? parity * table[1]! : table[k - 1]!;
  const b = table[k]!;
  const c = table[k + 1]!;
  const d = k === 17 ? 2 * c - b : table[k + 2]!;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

function bisect(rising: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let step = 0; step < 50; step++) {
    const middle = (a + b) / 2;
    if (rising(middle) < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Part of the world, degrees. `east` may exceed 180 where the window crosses the dateline. */
export interface GeographicWindow {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** A map laid out on a page: px from the top left, degrees. */
export interface MapProjection {
  readonly name: ProjectionName;
  readonly centralLongitude: number;
  /** The part of the page that the map fills, whole px. */
  readonly box: Box;
  /** Latitudes and longitudes shown; the whole world has west = centralLongitude − 180. */
  readonly window: GeographicWindow;
  forward(longitude: number, latitude: number): readonly [number, number];
  /** Undefined outside the map. */
  inverse(x: number, y: number): readonly [number, number] | undefined;
  /** The parallel at a height on the page: its latitude, where the central meridian crosses it, and px a degree. */
  parallel(y: number): { latitude: number; middle: number; pixelsPerDegree: number };
  /** SVG path of a GeoJSON geometry, cut where the map is cut, never drawn across it. Empty where nothing shows. */
  path(geometry: GeoPermissibleObjects): string;
}

const shapes: Record<ProjectionName, Pseudocylindrical> = { equirectangular, mollweide, robinson };

/** The largest map of the world, or of a window on it (equirectangular only), centred in a box. */
export function mapProjection(
  name: ProjectionName,
  available: Box,
  centralLongitude = 0,
  region?: GeographicWindow,
): MapProjection {
  const shape = shapes[name];
  const radians = Math.PI / 180;
  const window = region
    ? { ...region, east: region.east > region.west ? region.east : region.east + 360 }
    : { west: centralLongitude - 180, east: centralLongitude + 180, south: -90, north: 90 };
  const central = (window.west + window.east) / 2;
  const halfWidth = shape.stretch(0) * ((window.east - window.west) / 2) * radians;
  const [bottom, top] = [shape.height(window.south * radians), shape.height(window.north * radians)];
  const scale = Math.min(available.width / (2 * halfWidth), available.height / (top - bottom));
  // Whole pixels, so that the field's pixels are the page's pixels.
  const width = Math.round(2 * halfWidth * scale);
  const height = Math.round((top - bottom) * scale);
  const box = {
    x: Math.round(available.x + (available.width - width) / 2),
    y: Math.round(available.y + (available.height - height) / 2),
    width,
    height,
  };
  const middle = box.x + width / 2;
  const equator = box.y + height / 2 + ((top + bottom) / 2) * scale;

  const raw = (longitude: number, latitude: number): [number, number] => [
    shape.stretch(latitude) * longitude,
    shape.height(latitude),
  ];
  const projection = geoProjection(raw).rotate([-central, 0]).scale(scale).translate([middle, equator]).precision(0.05);
  if (region)
    projection.clipExtent([
      [box.x, box.y],
      [box.x + width, box.y + height],
    ]);
  const path = geoPath(projection).digits(2);

  const parallel: MapProjection['parallel'] = (y) => {
    const latitude = shape.latitude((equator - y) / scale);
    return { latitude: latitude / radians, middle, pixelsPerDegree: scale * shape.stretch(latitude) * radians };
  };
  return {
    name,
    centralLongitude: central,
    box,
    window,
    forward(longitude, latitude) {
      const east = wrapDegrees(longitude - central);
      const phi = latitude * radians;
      return [middle + scale * shape.stretch(phi) * east * radians, equator - scale * shape.height(phi)];
    },
    inverse(x, y) {
      if (y < box.y || y > box.y + height) return undefined;
      const { latitude, pixelsPerDegree } = parallel(y);
      const east = (x - middle) / pixelsPerDegree;
      if (Math.abs(east) > (window.east - window.west) / 2) return undefined;
      return [wrapDegrees(central + east), latitude];
    },
    parallel,
    path: (geometry) => path(geometry) ?? '',
  };
}

/** The same longitude in [−180, 180). */
export function wrapDegrees(longitude: number): number {
  return longitude - 360 * Math.floor((longitude + 180) / 360);
}
