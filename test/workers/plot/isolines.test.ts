import { expect, test } from 'vitest';
import { isolines } from '../../../workers/plot/isolines.ts';
import { regularField } from '../../../workers/plot/lat-lon-field.ts';
import { globalField } from './synthetic-fields.ts';

const degrees = Math.PI / 180;

test('every point of an isoline has its value', () => {
  const distance = (longitude: number, latitude: number): number => Math.hypot(longitude - 30, latitude + 10);
  const lines = isolines(regularField(globalField(2, distance)), 25);
  expect(lines.length).toBe(1);
  for (const [longitude, latitude] of lines[0]!) expect(distance(longitude, latitude)).toBeCloseTo(25, 1);
  // A ring ends where it began, and has the length of its circle.
  expect(lines[0]![0]).toEqual(lines[0]!.at(-1));
  let length = 0;
  for (let k = 1; k < lines[0]!.length; k++)
    length += Math.hypot(lines[0]![k]![0] - lines[0]![k - 1]![0], lines[0]![k]![1] - lines[0]![k - 1]![1]);
  expect(length / (2 * Math.PI * 25)).toBeCloseTo(1, 2);
});

test('a parallel closes round the globe without a gap or a jump at the seam of the columns', () => {
  for (const west of [-180, 0, 20]) {
    const lines = isolines(regularField(globalField(5, (_, latitude) => latitude, west)), 12);
    expect(lines.length).toBe(1);
    const longitudes = lines[0]!.map(([longitude]) => longitude);
    expect(Math.abs(longitudes.at(-1)! - longitudes[0]!)).toBeCloseTo(360, 6);
    for (let k = 1; k < longitudes.length; k++) expect(Math.abs(longitudes[k]! - longitudes[k - 1]!)).toBeLessThan(6);
  }
});

test('a line stops at land and goes on behind it', () => {
  const field = globalField(5, (longitude, latitude) =>
    Math.abs(longitude) < 20 || Math.abs(longitude - 90) < 9 ? NaN : latitude,
  );
  const lines = isolines(regularField(field), 12);
  expect(lines.length).toBe(2);
  for (const line of lines)
    for (const [longitude, latitude] of line) {
      expect(latitude).toBeCloseTo(12, 6);
      expect(Math.abs(longitude)).toBeGreaterThan(20);
    }
});

test('saddles split neither line: each crossing is used once', () => {
  const field = globalField(
    6,
    (longitude, latitude) => Math.sin(3 * longitude * degrees) * Math.sin(3 * latitude * degrees),
  );
  const points = isolines(regularField(field), 0.001).flat();
  const crossings = new Set(points.map(([longitude, latitude]) => `${longitude.toFixed(9)},${latitude.toFixed(9)}`));
  const rings = isolines(regularField(field), 0.001).length;
  expect(points.length - crossings.size).toBeLessThanOrEqual(rings);
});
