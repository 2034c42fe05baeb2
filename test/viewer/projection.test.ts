import { describe, expect, it } from 'vitest';
import { directionOf, EYE, project, scaleOf, unproject, type View } from '../../viewer/globe/projection.ts';
import type { Camera, Place, ProjectionName } from '../../viewer/state.ts';

const PROJECTIONS = ['globe', 'equirectangular', 'mercator', 'mollweide', 'polar'] as const;
const INSETS = [
  { width: 1280, height: 720, head: 0, foot: 112 },
  { width: 390, height: 844, head: 84, foot: 330 },
];
const CAMERAS: readonly Camera[] = [
  { longitude: 0, latitude: 0, zoom: 1 },
  { longitude: 142.4, latitude: 38.3, zoom: 1 },
  { longitude: -179.5, latitude: -12, zoom: 2.5 },
  { longitude: 90, latitude: -71, zoom: 9 },
  { longitude: -45, latitude: 89.9, zoom: 0.6 },
];
const VIEWS = PROJECTIONS.flatMap((projection) =>
  INSETS.flatMap((inset) => CAMERAS.map((camera): View => ({ projection, ...inset, ...camera }))),
);

/** Places all over the globe, the sunflower's, with the edges of maps and both sides of the date line. */
const PLACES: readonly Place[] = [
  ...Array.from({ length: 800 }, (_, k) => ({
    longitude: ((k * 137.50776405) % 360) - 180,
    latitude: (Math.asin((2 * k + 1) / 800 - 1) * 180) / Math.PI,
  })),
  ...[-180, -179.999, -90, 0, 45, 179.999].flatMap((longitude) =>
    [-89.9, -85, -35.26, 0, 35.26, 85, 89.9].map((latitude) => ({ longitude, latitude })),
  ),
];

/** Angle between two places [radians], exact for small ones. */
function angle(a: Place, b: Place): number {
  const [p, q] = [directionOf(a), directionOf(b)];
  return 2 * Math.asin(Math.min(1, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) / 2));
}

const named = ({ projection, width, longitude, latitude, zoom }: View) =>
  `${projection} ${width} px at ${longitude}, ${latitude}, ${zoom}`;

describe('pixels and places', () => {
  it.each(VIEWS.map((view) => [named(view), view] as const))('unproject undoes project: %s', (_, view) => {
    let seen = 0;
    let worst = 0;
    for (const place of PLACES) {
      const pixel = project(view, place);
      if (!pixel) continue;
      seen++;
      const back = unproject(view, pixel.x, pixel.y);
      if (!back) throw new Error(`nothing at the pixel of ${place.longitude}, ${place.latitude}`);
      worst = Math.max(worst, angle(place, back));
    }
    // The eye sees less than half of the globe; the polar map leaves out what is farther than 126° from its pole.
    const least = { globe: 0.35, equirectangular: 1, mercator: 0.9, mollweide: 1, polar: 0.7 }[view.projection];
    expect(seen / PLACES.length).toBeGreaterThanOrEqual(least);
    expect(worst).toBeLessThan(1e-6);
  });

  it.each(VIEWS.map((view) => [named(view), view] as const))('project undoes unproject: %s', (_, view) => {
    let worst = 0;
    for (let x = 0.5; x < view.width; x += 31)
      for (let y = 0.5; y < view.height; y += 29) {
        const place = unproject(view, x, y);
        if (!place) continue;
        const pixel = project(view, place);
        if (!pixel) throw new Error(`no pixel for ${place.longitude}, ${place.latitude} of ${x}, ${y}`);
        worst = Math.max(worst, Math.hypot(pixel.x - x, pixel.y - y));
      }
    expect(worst).toBeLessThan(1e-3);
  });

  it('what is behind the limb has no pixel, what is before it has one', () => {
    const view: View = { projection: 'globe', ...INSETS[0]!, longitude: 30, latitude: 25, zoom: 1.3 };
    const limb = Math.acos(1 / EYE);
    for (const place of PLACES) {
      const away = angle(place, view);
      if (Math.abs(away - limb) > 1e-9) expect(project(view, place) !== undefined, `${away}`).toBe(away < limb);
    }
    expect(project(view, { longitude: -150, latitude: -25 })).toBeUndefined();
  });

  it('the limb is one unit from the middle, and beside it there is no place', () => {
    const view: View = { projection: 'globe', ...INSETS[0]!, longitude: 30, latitude: 25, zoom: 1 };
    const [middle, radius] = [{ x: 640, y: 304 }, scaleOf(view)];
    for (let turn = 0; turn < 2 * Math.PI; turn += 0.3) {
      const at = (distance: number) =>
        unproject(view, middle.x + distance * radius * Math.cos(turn), middle.y + distance * radius * Math.sin(turn));
      expect(at(0.9999)).toBeDefined();
      expect(at(1.0001)).toBeUndefined();
    }
  });

  it.each(PROJECTIONS)('the middle of what panels leave free is the camera’s place, looked at closely: %s', (name) => {
    for (const inset of INSETS)
      for (const [longitude, latitude] of [
        [142, 38],
        [-71, -30],
        [10, 5],
        [179.9, 60],
      ] as const) {
        const view: View = { projection: name, ...inset, longitude, latitude, zoom: 12 };
        const pixel = project(view, { longitude, latitude })!;
        expect(pixel.x).toBeCloseTo(inset.width / 2, 6);
        expect(pixel.y).toBeCloseTo((inset.head + inset.height - inset.foot) / 2, 6);
      }
  });
});

describe('maps keep what they promise', () => {
  /** Derivatives of the pixel by eastward and northward distance on the unit globe. */
  function stretch(view: View, { longitude, latitude }: Place) {
    const step = 1e-4;
    const at = (east: number, north: number) =>
      project(view, { longitude: longitude + east, latitude: latitude + north })!;
    const radians = (2 * step * Math.PI) / 180;
    const parallel = radians * Math.cos((latitude * Math.PI) / 180);
    const [e, w, n, s] = [at(step, 0), at(-step, 0), at(0, step), at(0, -step)];
    return {
      east: [(e.x - w.x) / parallel, (w.y - e.y) / parallel] as const,
      north: [(n.x - s.x) / radians, (s.y - n.y) / radians] as const,
    };
  }
  const points = [-150, -60, 1, 80, 170].flatMap((longitude) =>
    [-80, -50, -20, 0.5, 30, 60, 80].map((latitude) => ({ longitude, latitude })),
  );
  const view = (projection: ProjectionName): View => ({
    projection,
    ...INSETS[0]!,
    longitude: 5,
    latitude: 10,
    zoom: 1,
  });
  const area = ({ east, north }: ReturnType<typeof stretch>) => east[0] * north[1] - east[1] * north[0];

  it.each(['mollweide', 'polar'] as const)('equal areas of the globe are equal areas of the map: %s', (projection) => {
    const square = scaleOf(view(projection)) ** 2;
    for (const place of points)
      if (projection === 'mollweide' || place.latitude > -30)
        expect(area(stretch(view(projection), place)) / square, JSON.stringify(place)).toBeCloseTo(1, 4);
  });

  it('Mercator keeps angles: east and north are as long as each other, and upright', () => {
    for (const place of points) {
      const { east, north } = stretch(view('mercator'), place);
      const size = Math.hypot(...east);
      expect(Math.hypot(...north) / size, JSON.stringify(place)).toBeCloseTo(1, 5);
      expect((east[0] * north[0] + east[1] * north[1]) / size ** 2).toBeCloseTo(0, 6);
    }
  });

  it('equirectangular keeps distances along meridians', () => {
    const scale = scaleOf(view('equirectangular'));
    for (const place of points)
      expect(Math.hypot(...stretch(view('equirectangular'), place).north) / scale).toBeCloseTo(1, 5);
  });

  it.each(PROJECTIONS)('no map is a mirror: %s', (projection) => {
    const seen = points.filter((place) => project(view(projection), place));
    for (const place of seen) expect(area(stretch(view(projection), place))).toBeGreaterThan(0);
  });
});

describe('nothing jumps', () => {
  it.each(PROJECTIONS)('a little more zoom, or latitude, moves the picture a little: %s', (projection) => {
    const base: View = { projection, ...INSETS[0]!, longitude: 20, latitude: 40, zoom: 1 };
    const place = { longitude: 30, latitude: 45 };
    const steps = (make: (k: number) => View) => {
      let [before, worst] = [project(make(0), place)!, 0];
      for (let k = 1; k <= 4000; k++) {
        const now = project(make(k), place)!;
        worst = Math.max(worst, Math.hypot(now.x - before.x, now.y - before.y));
        before = now;
      }
      return worst;
    };
    // From 0.6 to 10 in the first, from 5° to 85° in the second.
    expect(steps((k) => ({ ...base, zoom: 0.6 * (10 / 0.6) ** (k / 4000) }))).toBeLessThan(2);
    expect(steps((k) => ({ ...base, zoom: 1.5, latitude: 5 + (80 * k) / 4000 }))).toBeLessThan(2);
  });

  it.each(PROJECTIONS)('twice the zoom is twice the scale: %s', (projection) => {
    const base: View = { projection, ...INSETS[1]!, longitude: 20, latitude: 40, zoom: 1.7 };
    expect(scaleOf({ ...base, zoom: 3.4 })).toBeCloseTo(2 * scaleOf(base), 9);
  });

  it.each(PROJECTIONS)('the whole map, a little smaller, is in what panels leave free: %s', (projection) => {
    for (const inset of INSETS) {
      const view: View = { projection, ...inset, longitude: 20, latitude: 40, zoom: 0.8 };
      for (const place of PLACES) {
        const pixel = project(view, place);
        // Mercator’s polar caps may be cut off.
        if (!pixel || (projection === 'mercator' && Math.abs(place.latitude) > 40)) continue;
        expect(pixel.x).toBeGreaterThanOrEqual(0);
        expect(pixel.x).toBeLessThanOrEqual(view.width);
        if (projection === 'mercator') continue;
        expect(pixel.y).toBeGreaterThanOrEqual(view.head);
        expect(pixel.y).toBeLessThanOrEqual(view.height - view.foot);
      }
    }
  });
});
