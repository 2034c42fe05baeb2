import { BufferAttribute, BufferGeometry } from 'three';
import { directionOf, type Vector } from './projection.ts';

/** Segments on the globe: each end knows the other, for the shader to leave out what a map tears. */
export function lineGeometry(lines: Iterable<readonly Vector[]>): BufferGeometry {
  const ends: number[] = [];
  const others: number[] = [];
  for (const line of lines)
    for (let k = 1; k < line.length; k++) {
      const [a, b] = [line[k - 1]!, line[k]!];
      ends.push(...a, ...b);
      others.push(...b, ...a);
    }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(Float32Array.from(ends), 3));
  geometry.setAttribute('other', new BufferAttribute(Float32Array.from(others), 3));
  return geometry;
}

/** Lines in longitude and latitude [degrees], cut so short that they follow the globe. */
export function* along(lines: Iterable<readonly (readonly number[])[]>, longest = 2): Generator<Vector[]> {
  for (const line of lines) {
    const points: Vector[] = [];
    line.forEach(([longitude, latitude], k) => {
      if (k > 0) {
        const from = line[k - 1]!;
        // The short way round.
        const turn = longitude! - from[0]!;
        const to = [longitude! - 360 * Math.round(turn / 360), latitude!];
        const pieces = Math.ceil(Math.max(Math.abs(to[0]! - from[0]!), Math.abs(to[1]! - from[1]!)) / longest);
        for (let piece = 1; piece < pieces; piece++) {
          const share = piece / pieces;
          points.push(
            directionOf({
              longitude: from[0]! + share * (to[0]! - from[0]!),
              latitude: from[1]! + share * (to[1]! - from[1]!),
            }),
          );
        }
      }
      points.push(directionOf({ longitude: longitude!, latitude: latitude! }));
    });
    yield points;
  }
}

/** Meridians and parallels, every so many degrees. */
export function graticule(step: number): BufferGeometry {
  const lines: number[][][] = [];
  for (let longitude = -180; longitude < 180; longitude += step)
    lines.push(
      range(-90 + (longitude % 90 === 0 ? 0 : step), 90 - (longitude % 90 === 0 ? 0 : step), 2).map((latitude) => [
        longitude,
        latitude,
      ]),
    );
  for (let latitude = -90 + step; latitude < 90; latitude += step)
    lines.push(range(-180, 180, 2).map((longitude) => [longitude, latitude]));
  return lineGeometry(along(lines));
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, k) => from + k * step);
