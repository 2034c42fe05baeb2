import { describe, expect, test } from 'vitest';
import { coastlines } from '../../../workers/plot/coastlines.ts';
import { mapProjection, type ProjectionName, wrapDegrees } from '../../../workers/plot/projections.ts';
import { rasterise } from '../../../workers/plot/rasterise.ts';
import { path, svgDocument } from '../../../workers/plot/svg.ts';
import { mulberry32 } from './synthetic-fields.ts';

const names: ProjectionName[] = ['equirectangular', 'mollweide', 'robinson'];
const page = { x: 20, y: 30, width: 1000, height: 520 };

/** Longest straight piece of an SVG path of M and L commands. */
function longestPiece(d: string): number {
  let longest = 0;
  for (const line of d.split('M').slice(1)) {
    const points = line
      .replace('Z', '')
      .split('L')
      .map((point) => point.split(',').map(Number) as [number, number]);
    for (let k = 1; k < points.length; k++)
      longest = Math.max(longest, Math.hypot(points[k]![0] - points[k - 1]![0], points[k]![1] - points[k - 1]![1]));
  }
  return longest;
}

describe.each(names)('%s', (name) => {
  test('inverse undoes forward, wherever the map is cut', () => {
    const random = mulberry32(4);
    for (const central of [0, 200, -100, 180])
      for (let trial = 0; trial < 300; trial++) {
        const projection = mapProjection(name, page, central);
        const [longitude, latitude] = [random() * 360 - 180, random() * 178 - 89];
        const [x, y] = projection.forward(longitude, latitude);
        const [back, up] = projection.inverse(x, y) ?? [NaN, NaN];
        expect(up).toBeCloseTo(latitude, 6);
        expect(wrapDegrees(back - longitude)).toBeCloseTo(0, 6);
      }
  });

  test('the map stays in its box, and outside it there is no place', () => {
    const projection = mapProjection(name, page, 200);
    const { box } = projection;
    expect(box.x).toBeGreaterThanOrEqual(page.x);
    expect(box.x + box.width).toBeLessThanOrEqual(page.x + page.width);
    expect(box.y + box.height).toBeLessThanOrEqual(page.y + page.height);
    expect(projection.inverse(box.x - 2, box.y + box.height / 2)).toBeUndefined();
    expect(projection.inverse(box.x + box.width / 2, box.y - 2)).toBeUndefined();
    expect(projection.forward(200, 0)[0]).toBeCloseTo(box.x + box.width / 2, 6);
  });

  test.each([0, 200, 180, 20])('no shore is drawn across the map when its middle is %d°', (central) => {
    const projection = mapProjection(name, page, central);
    expect(longestPiece(projection.path(coastlines('110m').shores))).toBeLessThan(40);
  });

  test('paths agree with forward', () => {
    const projection = mapProjection(name, page, 200);
    const d = projection.path({
      type: 'LineString',
      coordinates: [
        [170, 10],
        [170.001, 10],
        [171, 11],
      ],
    });
    const [x, y] = d.slice(1).split('L')[0]!.split(',').map(Number) as [number, number];
    expect(x).toBeCloseTo(projection.forward(170, 10)[0], 1);
    expect(y).toBeCloseTo(projection.forward(170, 10)[1], 1);
  });
});

test('Mollweide keeps areas: land covers 29 % of the map, whichever ocean is in the middle', async () => {
  for (const central of [0, 200]) {
    const projection = mapProjection('mollweide', { x: 0, y: 0, width: 800, height: 400 }, central);
    const land = path(projection.path(coastlines('110m').land), { fill: '#000000' });
    const { pixels } = await rasterise(svgDocument(800, 400, 'land', [land]));
    let dark = 0;
    for (let k = 0; k < pixels.length; k += 4) dark += 1 - pixels[k]! / 255;
    const { width, height } = projection.box;
    // Earth's land is 29.2 % of its surface; the 110m polygons leave out small islands and inland seas.
    expect(dark / ((Math.PI / 4) * width * height)).toBeCloseTo(0.292, 1.9);
    expect(dark / ((Math.PI / 4) * width * height)).toBeGreaterThan(0.275);
  }
});

test('Robinson agrees with its published table', () => {
  const projection = mapProjection('robinson', { x: 0, y: 0, width: 5332, height: 5000 }, 0);
  const equator = projection.parallel(projection.forward(0, 0)[1]).pixelsPerDegree;
  for (const [latitude, length] of [
    [30, 0.96],
    [60, 0.7986],
    [85, 0.5722],
  ] as const)
    expect(projection.parallel(projection.forward(0, latitude)[1]).pixelsPerDegree / equator).toBeCloseTo(length, 4);
});

test('a region is cut at its own edges and may lie across the dateline', () => {
  const projection = mapProjection('equirectangular', page, 0, { west: 150, east: -120, south: -10, north: 60 });
  const { box } = projection;
  const [x, y] = projection.forward(180, 60);
  expect(Math.abs(x - box.x - box.width / 3)).toBeLessThan(0.5);
  expect(Math.abs(y - box.y)).toBeLessThan(0.5);
  expect(longestPiece(projection.path(coastlines('50m').shores))).toBeLessThan(60);
  const points = projection.path(coastlines('50m').shores).match(/-?[\d.]+,-?[\d.]+/g)!;
  for (const point of points) {
    const [x, y] = point.split(',').map(Number) as [number, number];
    expect(x).toBeGreaterThanOrEqual(box.x - 0.1);
    expect(x).toBeLessThanOrEqual(box.x + box.width + 0.1);
    expect(y).toBeGreaterThanOrEqual(box.y - 0.1);
    expect(y).toBeLessThanOrEqual(box.y + box.height + 0.1);
  }
});
