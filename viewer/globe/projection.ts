import type { Camera, Place, ProjectionName } from '../state.ts';

/** A view of the globe on a picture: pixels from its upper left corner. */
export interface View extends Camera {
  readonly projection: ProjectionName;
  readonly width: number;
  readonly height: number;
  /** Pixels at the top and the foot of the picture that panels cover: the middle is that of what is left. */
  readonly head: number;
  readonly foot: number;
}

/** The eye's distance from the middle of the globe, in radii. */
export const EYE = 5;
/** Of an eye that sees the limb at one unit from the middle of the picture. */
export const FOCUS = Math.sqrt(EYE * EYE - 1);
/** Mercator's map ends here [radians], where it is a square. */
export const MERCATOR_END = 1.4844222297453324;
/** The polar maps end so far from their pole [radians], Lambert's azimuthal equal-area projection. */
export const POLAR_END = 2.2;

const RADIANS = Math.PI / 180;
const SQRT2 = Math.SQRT2;

export type Vector = readonly [number, number, number];

/** Unit vector in the globe's frame (x through 0° E, y through 90° E, z through the north pole). */
export function directionOf({ longitude, latitude }: Place): Vector {
  const [lambda, phi] = [longitude * RADIANS, latitude * RADIANS];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

export function placeOf([x, y, z]: Vector): Place {
  return {
    longitude: Math.atan2(y, x) / RADIANS,
    latitude: Math.atan2(z, Math.sqrt(x * x + y * y)) / RADIANS,
  };
}

/** Half sizes of each whole map, in its own units. */
export const EXTENT: Readonly<Record<ProjectionName, readonly [x: number, y: number]>> = {
  globe: [1, 1],
  equirectangular: [Math.PI, Math.PI / 2],
  mercator: [Math.PI, Math.PI],
  mollweide: [2 * SQRT2, SQRT2],
  polar: [2 * Math.sin(POLAR_END / 2), 2 * Math.sin(POLAR_END / 2)],
};
/** Share of the picture that the whole map takes. */
const SHARE: Readonly<Record<ProjectionName, number>> = {
  globe: 0.82,
  equirectangular: 0.94,
  mercator: 0.94,
  mollweide: 0.94,
  polar: 0.9,
};

/** Pixels a unit of the map. */
export function scaleOf({ projection, zoom, width, height, head, foot }: View): number {
  const [x, y] = EXTENT[projection];
  // Of Mercator's square the polar caps may be out of the picture.
  const tall = projection === 'mercator' ? 0.72 * y : y;
  return (SHARE[projection] * zoom * Math.min(width / x, (height - head - foot) / tall)) / 2;
}

export const mercatorOf = (latitude: number): number =>
  Math.log(Math.tan(Math.PI / 4 + Math.max(-MERCATOR_END, Math.min(MERCATOR_END, latitude)) / 2));

/** θ of Mollweide's map: 2θ + sin 2θ = π sin φ, by Newton's method with a start that suits the poles. */
export function mollweideAngle(latitude: number): number {
  const target = Math.PI * Math.sin(latitude);
  let theta = latitude;
  const gap = 1 - Math.abs(latitude) / (Math.PI / 2);
  // Near a pole, π/2 − θ grows like the two thirds power of the gap.
  if (gap < 0.25) theta = Math.sign(latitude) * (Math.PI / 2 - ((3 * Math.PI ** 3 * gap * gap) / 32) ** (1 / 3));
  for (let k = 0; k < 12; k++) {
    const slope = 2 + 2 * Math.cos(2 * theta);
    if (slope < 1e-9) break;
    theta -= (2 * theta + Math.sin(2 * theta) - target) / slope;
  }
  return theta;
}

/** Where the camera's place is [pixels], upwards from the middle of the picture. */
export function anchorOf(view: View): number {
  const scale = scaleOf(view);
  return scale * (heightOf(view) - shiftOf(view)[1]);
}

/** The camera's place on the map, on its middle meridian. */
function heightOf({ projection, latitude }: View): number {
  const phi = latitude * RADIANS;
  switch (projection) {
    case 'globe':
      return 0;
    case 'equirectangular':
      return phi;
    case 'mercator':
      return mercatorOf(phi);
    case 'mollweide':
      return SQRT2 * Math.sin(mollweideAngle(phi));
    case 'polar':
      return (latitude >= 0 ? -2 : 2) * Math.sin((Math.PI / 2 - Math.abs(phi)) / 2);
  }
}

/** The point of the map [its units] in the middle of the picture. */
export function shiftOf(view: View): readonly [number, number] {
  return [0, middleOf(view) - (view.foot - view.head) / 2 / scaleOf(view)];
}

function middleOf(view: View): number {
  const { projection, zoom } = view;
  const height = heightOf(view);
  // Of Mercator's map the poles are far out, so it follows the camera however far away.
  return projection === 'globe' || projection === 'mercator' ? height : between(height, EXTENT[projection][1], zoom);
}

/** A map that is shown whole stays in the middle until one looks closer. */
const between = (wanted: number, half: number, zoom: number): number => {
  const room = half * Math.max(0, 1 - 1 / zoom);
  return Math.max(-room, Math.min(room, wanted));
};

/** Axes of the camera in the globe's frame: to the right, upwards, towards the eye. */
export function cameraAxes({ longitude, latitude }: Place): readonly [Vector, Vector, Vector] {
  const [lambda, phi] = [longitude * RADIANS, latitude * RADIANS];
  const [cl, sl, cp, sp] = [Math.cos(lambda), Math.sin(lambda), Math.cos(phi), Math.sin(phi)];
  return [
    [-sl, cl, 0],
    [-sp * cl, -sp * sl, cp],
    [cp * cl, cp * sl, sp],
  ];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Between −π and π. */
const wrapped = (angle: number): number => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));

/** Where a place is on the map, in the map's units; undefined where it is behind the globe or off the map. */
function onMap(view: View, place: Place): readonly [number, number] | undefined {
  const [lambda, phi] = [wrapped((place.longitude - view.longitude) * RADIANS), place.latitude * RADIANS];
  switch (view.projection) {
    case 'globe': {
      const axes = cameraAxes(view);
      const r = directionOf(place);
      const depth = dot(axes[2], r);
      if (depth <= 1 / EYE) return undefined;
      const size = FOCUS / (EYE - depth);
      return [size * dot(axes[0], r), size * dot(axes[1], r)];
    }
    case 'equirectangular':
      return [lambda, phi];
    case 'mercator':
      return Math.abs(phi) > MERCATOR_END ? undefined : [lambda, mercatorOf(phi)];
    case 'mollweide': {
      const theta = mollweideAngle(phi);
      return [((2 * SQRT2) / Math.PI) * lambda * Math.cos(theta), SQRT2 * Math.sin(theta)];
    }
    case 'polar': {
      const north = view.latitude >= 0;
      const colatitude = Math.PI / 2 - (north ? phi : -phi);
      if (colatitude > POLAR_END) return undefined;
      const radius = 2 * Math.sin(colatitude / 2);
      return [radius * Math.sin(lambda), (north ? -radius : radius) * Math.cos(lambda)];
    }
  }
}

/** Pixel of a place; undefined where it is not on the picture's side of the globe, or off the map. */
export function project(view: View, place: Place): { readonly x: number; readonly y: number } | undefined {
  const point = onMap(view, place);
  if (!point) return undefined;
  const scale = scaleOf(view);
  const [shiftX, shiftY] = shiftOf(view);
  return { x: view.width / 2 + scale * (point[0] - shiftX), y: view.height / 2 - scale * (point[1] - shiftY) };
}

/** Place at a pixel; undefined beside the globe or map. */
export function unproject(view: View, x: number, y: number): Place | undefined {
  const scale = scaleOf(view);
  const [shiftX, shiftY] = shiftOf(view);
  const u = (x - view.width / 2) / scale + shiftX;
  const v = (view.height / 2 - y) / scale + shiftY;
  const at = (lambda: number, phi: number): Place | undefined =>
    Math.abs(lambda) > Math.PI + 1e-9 || Math.abs(phi) > Math.PI / 2 + 1e-9
      ? undefined
      : { longitude: wrapped(lambda + view.longitude * RADIANS) / RADIANS, latitude: phi / RADIANS };
  switch (view.projection) {
    case 'globe': {
      // From the eye at (0, 0, EYE) along (u, v, −FOCUS) to the near side of the unit sphere.
      const a = u * u + v * v + FOCUS * FOCUS;
      const under = EYE * EYE * FOCUS * FOCUS - a * (EYE * EYE - 1);
      if (under < 0) return undefined;
      const t = (EYE * FOCUS - Math.sqrt(under)) / a;
      const [right, up, out] = cameraAxes(view);
      const [p, q, r] = [t * u, t * v, EYE - t * FOCUS];
      return placeOf([
        p * right[0] + q * up[0] + r * out[0],
        p * right[1] + q * up[1] + r * out[1],
        p * right[2] + q * up[2] + r * out[2],
      ]);
    }
    case 'equirectangular':
      return at(u, v);
    case 'mercator': {
      const phi = 2 * Math.atan(Math.exp(v)) - Math.PI / 2;
      return Math.abs(phi) > MERCATOR_END ? undefined : at(u, phi);
    }
    case 'mollweide': {
      if (Math.abs(v) > SQRT2) return undefined;
      const theta = Math.asin(v / SQRT2);
      const across = Math.cos(theta);
      return at(
        across > 0 ? (Math.PI * u) / (2 * SQRT2 * across) : 0,
        Math.asin((2 * theta + Math.sin(2 * theta)) / Math.PI),
      );
    }
    case 'polar': {
      const radius = Math.sqrt(u * u + v * v);
      const colatitude = 2 * Math.asin(Math.min(1, radius / 2));
      if (radius > 2 * Math.sin(POLAR_END / 2)) return undefined;
      const north = view.latitude >= 0;
      return at(Math.atan2(u, north ? -v : v), (north ? 1 : -1) * (Math.PI / 2 - colatitude));
    }
  }
}
