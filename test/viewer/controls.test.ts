import { describe, expect, it } from 'vitest';
import { clampCamera, dragged, zoomed } from '../../viewer/globe/controls.ts';
import { project, unproject, type View } from '../../viewer/globe/projection.ts';
import type { ProjectionName } from '../../viewer/state.ts';

const PROJECTIONS = ['globe', 'equirectangular', 'mercator', 'mollweide', 'polar'] as const;
const viewOf = (projection: ProjectionName, camera: Partial<View> = {}): View => ({
  ...{ projection, width: 1280, height: 720, head: 0, foot: 112, longitude: 142, latitude: 38, zoom: 6 },
  ...camera,
});
const MIDDLE = { x: 640, y: 304 };

describe('zooming', () => {
  it.each(PROJECTIONS)('keeps the place under the pointer: %s', (projection) => {
    // The polar map changes its pole at the equator.
    for (const latitude of projection === 'polar' ? [-47, 38] : [-47, 3, 38])
      for (const factor of [0.8, 1.05, 1.7])
        for (const [dx, dy] of [
          [0, 0],
          [150, 80],
          [-200, 120],
          [90, -160],
        ] as const) {
          const view = viewOf(projection, { latitude });
          const [x, y] = [MIDDLE.x + dx, MIDDLE.y + dy];
          const held = unproject(view, x, y)!;
          const camera = zoomed(view, factor, x, y);
          expect(camera.zoom).toBeCloseTo(6 * factor, 9);
          const after = project({ ...view, ...camera }, held)!;
          expect(Math.hypot(after.x - x, after.y - y), `${latitude} × ${factor} at ${x}, ${y}`).toBeLessThan(0.5);
        }
  });

  it.each(PROJECTIONS)('in and out again is as it was: %s', (projection) => {
    const view = viewOf(projection);
    const closer = zoomed(view, 1.6, 700, 250);
    const back = zoomed({ ...view, ...closer }, 1 / 1.6, 700, 250);
    expect(back.zoom).toBeCloseTo(view.zoom, 9);
    expect(back.longitude).toBeCloseTo(view.longitude, 1);
    expect(back.latitude).toBeCloseTo(view.latitude, 1);
  });

  it('beside the globe changes nothing but the zoom', () => {
    expect(zoomed(viewOf('globe', { zoom: 1 }), 1.1, 5, 5)).toEqual({ longitude: 142, latitude: 38, zoom: 1.1 });
  });

  it.each(PROJECTIONS)('ends somewhere, in and out: %s', (projection) => {
    expect(zoomed(viewOf(projection), 1e6, 600, 300).zoom).toBe(60);
    expect(zoomed(viewOf(projection), 1e-6, 600, 300).zoom).toBe(0.6);
  });

  it.each(PROJECTIONS)('is never worse than about the middle, wherever the pointer is on the whole map: %s', (name) => {
    for (const factor of [0.95, 1.05])
      for (let x = 20; x < 1280; x += 60)
        for (let y = 20; y < 600; y += 45) {
          const view = viewOf(name, { zoom: 1 });
          const held = unproject(view, x, y);
          if (!held) continue;
          const away = (camera: Partial<View>) => {
            const pixel = project({ ...view, ...camera }, held);
            return pixel ? Math.hypot(pixel.x - x, pixel.y - y) : Number.POSITIVE_INFINITY;
          };
          expect(away(zoomed(view, factor, x, y)), `at ${x}, ${y}`).toBeLessThanOrEqual(away({ zoom: factor }) + 1e-9);
        }
  });
});

describe('dragging', () => {
  const MOVES = [
    [40, 0],
    [0, 40],
    [-60, 25],
    [13, -70],
  ] as const;
  /** How far the pixel of what was in the middle is from where the pointer took it. */
  const astray = (view: View, dx: number, dy: number) => {
    const held = unproject(view, MIDDLE.x, MIDDLE.y)!;
    const after = project({ ...view, ...dragged(view, dx, dy) }, held)!;
    return Math.hypot(after.x - MIDDLE.x - dx, after.y - MIDDLE.y - dy);
  };

  it.each(['equirectangular', 'mercator'] as const)('moves a flat map by what the pointer moved: %s', (projection) => {
    for (const latitude of [-52, 0, 38, 61])
      for (const [dx, dy] of MOVES) expect(astray(viewOf(projection, { latitude }), dx, dy)).toBeLessThan(1e-6);
  });

  it.each(['mollweide', 'polar', 'globe'] as const)('moves the middle nearly by what the pointer moved: %s', (name) => {
    for (const latitude of [-52, 20, 38, 61])
      for (const [dx, dy] of MOVES)
        expect(
          astray(viewOf(name, { latitude }), dx, dy) / Math.hypot(dx, dy),
          `${latitude}: ${dx}, ${dy}`,
        ).toBeLessThan(0.12);
  });

  it.each(PROJECTIONS)('by little steps is as by one, and there and back is nothing: %s', (projection) => {
    let view = viewOf(projection);
    for (let k = 0; k < 30; k++) view = { ...view, ...dragged(view, 0, 2) };
    expect(view.latitude).toBeCloseTo(dragged(viewOf(projection), 0, 60).latitude, 6);
    for (let k = 0; k < 30; k++) view = { ...view, ...dragged(view, 0, -2) };
    expect(view.latitude).toBeCloseTo(38, 6);
    expect(view.longitude).toBeCloseTo(142, 9);
  });

  it.each([1, -1])('turns the whole polar map about its pole, its foot with the pointer: hemisphere %d', (side) => {
    const view = viewOf('polar', { zoom: 1, latitude: 50 * side });
    const foot = { x: MIDDLE.x, y: MIDDLE.y + 150 };
    const held = unproject(view, foot.x, foot.y)!;
    const camera = dragged(view, 30, 0);
    expect(camera.latitude).toBe(view.latitude);
    const after = project({ ...view, ...camera }, held)!;
    expect(after.x).toBeGreaterThan(foot.x + 10);
    expect(Math.hypot(after.x - MIDDLE.x, after.y - MIDDLE.y)).toBeCloseTo(150, 6);
  });

  it('near a pole no turn becomes a spin', () => {
    for (const projection of PROJECTIONS) {
      const { longitude } = dragged(viewOf(projection, { latitude: 89.8 }), 40, 0);
      expect(Math.abs(longitude - 142), projection).toBeLessThan(20);
    }
  });

  it('ends at the poles, and goes round and round', () => {
    for (const projection of PROJECTIONS)
      for (const dy of [-5000, 5000]) {
        const { longitude, latitude } = dragged(viewOf(projection, { longitude: 179.9 }), -100, dy);
        expect(Math.abs(latitude), projection).toBeLessThanOrEqual(89.9);
        expect(latitude * dy, projection).toBeGreaterThan(0);
        expect(longitude, projection).toBeLessThan(-150);
      }
  });
});

describe('a camera', () => {
  it.each([
    [{ longitude: 190, latitude: 0, zoom: 1 }, { longitude: -170 }],
    [{ longitude: -541, latitude: 0, zoom: 1 }, { longitude: 179 }],
    [{ longitude: 180, latitude: 0, zoom: 1 }, { longitude: -180 }],
    [{ longitude: 0, latitude: 95, zoom: 1 }, { latitude: 89.9 }],
    [{ longitude: 0, latitude: -1e9, zoom: 1 }, { latitude: -89.9 }],
    [{ longitude: 0, latitude: 0, zoom: 0 }, { zoom: 0.6 }],
    [{ longitude: 0, latitude: 0, zoom: 1e9 }, { zoom: 60 }],
  ])('is kept where it may be: %j', (camera, kept) => expect(clampCamera(camera)).toMatchObject(kept));
});
