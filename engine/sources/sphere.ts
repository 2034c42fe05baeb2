import { asin, cos, sin } from '../math/index.ts';

/** Mean radius of the Earth [m]: the sphere on which fault geometry is laid out. */
export const EARTH_MEAN_RADIUS = 6.371e6;

export const RADIANS_PER_DEGREE = 0.017453292519943295;

/** Cartesian vector in the globe's frame: x through 0° E, y through 90° E, z through the north pole. */
export type Vector = readonly [number, number, number];

/** Unit position of a longitude and latitude [degrees]. */
export function position(longitude: number, latitude: number): Vector {
  const lambda = longitude * RADIANS_PER_DEGREE;
  const phi = latitude * RADIANS_PER_DEGREE;
  const ring = cos(phi);
  return [ring * cos(lambda), ring * sin(lambda), sin(phi)];
}

/** Unit vectors to the east and to the north at a longitude and latitude [degrees]. */
export function eastNorth(longitude: number, latitude: number): readonly [Vector, Vector] {
  const lambda = longitude * RADIANS_PER_DEGREE;
  const phi = latitude * RADIANS_PER_DEGREE;
  const sinPhi = sin(phi);
  const cosLambda = cos(lambda);
  const sinLambda = sin(lambda);
  return [
    [-sinLambda, cosLambda, 0],
    [-sinPhi * cosLambda, -sinPhi * sinLambda, cos(phi)],
  ];
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** a·u + b·v. */
export const combine = (a: number, u: Vector, b: number, v: Vector): Vector => [
  a * u[0] + b * v[0],
  a * u[1] + b * v[1],
  a * u[2] + b * v[2],
];

/** Carries a tangent vector from one unit position to another along the great circle between them (not to the antipode). */
export function transport(vector: Vector, from: Vector, to: Vector): Vector {
  const scale = dot(vector, to) / (1 + dot(from, to));
  return combine(1, vector, -scale, combine(1, from, 1, to));
}

/** Straight distance of two unit positions. */
export function chordBetween(a: Vector, b: Vector): number {
  const d = combine(1, a, -1, b);
  return Math.sqrt(dot(d, d));
}

/** Great-circle distance [m] of two unit positions, exact for near ones too. */
export function distance(a: Vector, b: Vector, radius = EARTH_MEAN_RADIUS): number {
  return 2 * radius * asin(Math.min(1, chordBetween(a, b) / 2));
}

/**
 * The point that lies (u, v) [m] from `centre` along its tangent unit vectors, by Lambert's azimuthal equal-area map: areas
 * are kept, so the volume of an uplift is; distances are short by c²/24 and directions exact, c the angle from the centre
 * (0.1 % at 1000 km).
 */
export function pointAt(centre: Vector, uAxis: Vector, u: number, vAxis: Vector, v: number, radius: number): Vector {
  const squared = (u * u + v * v) / (radius * radius);
  const tangent = Math.sqrt(1 - squared / 4) / radius;
  return combine(1 - squared / 2, centre, tangent, combine(u, uAxis, v, vAxis));
}
