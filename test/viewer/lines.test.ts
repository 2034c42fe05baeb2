import type { BufferGeometry } from 'three';
import { describe, expect, it } from 'vitest';
import { along, graticule, lineGeometry } from '../../viewer/globe/lines.ts';
import { directionOf, placeOf, type Vector } from '../../viewer/globe/projection.ts';

const lineOf = (points: readonly (readonly number[])[], longest?: number): Vector[] => {
  const [line] = [...along([points], longest)];
  return line!;
};
const apart = (a: Vector, b: Vector) =>
  (2 * Math.asin(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2) * 180) / Math.PI;
const lengthOf = (line: readonly Vector[]) => line.slice(1).reduce((sum, to, k) => sum + apart(line[k]!, to), 0);

describe('a line in longitude and latitude', () => {
  it.each([
    [170, -170],
    [-170, 170],
    [175, 185],
    [-175, -185],
    [350, 10],
  ])('goes the short way round, from %d° to %d°', (from, to) => {
    const line = lineOf([
      [from, 0],
      [to, 0],
    ]);
    const turn = Math.abs(((to - from + 540) % 360) - 180);
    expect(lengthOf(line)).toBeCloseTo(turn, 6);
    for (const point of line)
      expect(
        apart(point, directionOf({ longitude: (from + to) / 2 + (Math.abs(to - from) > 180 ? 180 : 0), latitude: 0 })),
      ).toBeLessThanOrEqual(turn / 2 + 1e-9);
  });

  it('goes the short way at every one of its points, not only the first', () => {
    const zigzag = [
      [178, 10],
      [-178, 12],
      [179, 14],
      [-179, 16],
      [177, 18],
    ];
    const line = lineOf(zigzag);
    for (const point of line) expect(Math.abs(placeOf(point).longitude)).toBeGreaterThan(176.9);
    expect(lengthOf(line)).toBeLessThan(20);
  });

  it('goes through its own points, and has none farther apart than it may', () => {
    const points = [
      [0, 0],
      [50, 10],
      [50, 10],
      [-20, 70],
      [-21, -60],
    ];
    for (const longest of [0.5, 2, 7]) {
      const line = lineOf(points, longest);
      for (const [longitude, latitude] of points)
        expect(
          line.some((point) => apart(point, directionOf({ longitude: longitude!, latitude: latitude! })) < 1e-6),
        ).toBe(true);
      for (let k = 1; k < line.length; k++) expect(apart(line[k - 1]!, line[k]!)).toBeLessThan(longest * Math.SQRT2);
      for (const point of line) expect(Math.hypot(...point)).toBeCloseTo(1, 12);
    }
  });

  it('adds nothing to a line that is fine already', () => {
    expect(
      lineOf([
        [1, 1],
        [2, 2],
        [3.5, 2.5],
      ]).length,
    ).toBe(3);
    expect([...along([[], [[5, 5]]])].map((line) => line.length)).toEqual([0, 1]);
  });
});

/** Segments of a geometry, by their ends. */
function segmentsOf(geometry: BufferGeometry): readonly (readonly [Vector, Vector])[] {
  const [at, other] = [geometry.getAttribute('position'), geometry.getAttribute('other')];
  const read = (from: typeof at, k: number): Vector => [from.getX(k), from.getY(k), from.getZ(k)];
  expect(at.count).toBe(other.count);
  return Array.from({ length: at.count / 2 }, (_, k) => {
    const [a, b] = [read(at, 2 * k), read(at, 2 * k + 1)];
    // Each end knows the other.
    expect([read(other, 2 * k), read(other, 2 * k + 1)]).toEqual([b, a]);
    return [a, b] as const;
  });
}

describe('lines as the graphics card has them', () => {
  it('joins the points of a line, and not those of two', () => {
    const [a, b, c] = [directionOf({ longitude: 0, latitude: 0 }), [0, 1, 0], [0, 0, 1]] as [Vector, Vector, Vector];
    expect(segmentsOf(lineGeometry([[a, b, c], [], [c], [c, a]]))).toEqual([
      [a, b],
      [b, c],
      [c, a],
    ]);
  });

  it('the graticule is of whole meridians and parallels, in short pieces, as long as they are', () => {
    const step = 30;
    const segments = segmentsOf(graticule(step));
    const found = { meridians: new Map<number, number>(), parallels: new Map<number, number>() };
    const add = (to: Map<number, number>, name: number, length: number) => to.set(name, (to.get(name) ?? 0) + length);
    for (const [a, b] of segments) {
      expect(apart(a, b)).toBeLessThan(2.01);
      const middle = placeOf([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
      const [p, q] = [placeOf(a), placeOf(b)];
      if (Math.abs(p.latitude - q.latitude) < 1e-3) add(found.parallels, Math.round(p.latitude), apart(a, b));
      else {
        expect(Math.abs(middle.longitude / step - Math.round(middle.longitude / step))).toBeLessThan(1e-3);
        add(found.meridians, (Math.round(middle.longitude) + 360) % 360, apart(a, b));
      }
    }
    expect([...found.parallels.keys()].sort((a, b) => a - b)).toEqual([-60, -30, 0, 30, 60]);
    for (const [latitude, length] of found.parallels)
      expect(length / (360 * Math.cos((latitude * Math.PI) / 180))).toBeCloseTo(1, 3);
    expect(found.meridians.size).toBe(12);
    // All but four end before the poles, where they would be a blot.
    for (const [longitude, length] of found.meridians) expect(length).toBeCloseTo(longitude % 90 === 0 ? 180 : 120, 2);
  });
});
