import { asin, cos, sin } from '../math/index.ts';

const RADIANS = Math.PI / 180;

/** Direction of a longitude and latitude [degrees] in the globe's frame: x through 0° E, y through 90° E, z north. */
export function direction(longitude: number, latitude: number): readonly [number, number, number] {
  const across = cos(latitude * RADIANS);
  return [across * cos(longitude * RADIANS), across * sin(longitude * RADIANS), sin(latitude * RADIANS)];
}

/**
 * Great-circle distance between two points [degrees] on a sphere, in the unit of `radius`: haversine, exact for small
 * distances (Sinnott 1984).
 */
export function greatCircleDistance(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
  radius: number,
): number {
  const alongMeridian = sin(((latitude2 - latitude1) * RADIANS) / 2);
  const alongParallel = sin(((longitude2 - longitude1) * RADIANS) / 2);
  const haversine =
    alongMeridian * alongMeridian +
    cos(latitude1 * RADIANS) * cos(latitude2 * RADIANS) * (alongParallel * alongParallel);
  return 2 * radius * asin(Math.sqrt(Math.min(1, haversine)));
}
