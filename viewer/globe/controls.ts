import type { Camera, Place } from '../state.ts';
import { EYE, FOCUS, mollweideAngle, project, scaleOf, unproject, type View } from './projection.ts';

const NEAREST = 60;
const FARTHEST = 0.6;
/** A pointer that moved no further has clicked [px]. */
const CLICK = 5;
/** Steps towards a camera that holds a place under the pointer. */
const ROUNDS = 12;

export interface ControlTarget {
  view(): View;
  move(camera: Camera): void;
  /** A place of the globe, and its pixel. */
  click(place: Place, x: number, y: number): void;
  /** Enter: asks about the middle. */
  choose(place: Place): void;
}

export const clampCamera = ({ longitude, latitude, zoom }: Camera): Camera => ({
  longitude: ((((longitude + 180) % 360) + 360) % 360) - 180,
  latitude: Math.max(-89.9, Math.min(89.9, latitude)),
  zoom: Math.max(FARTHEST, Math.min(NEAREST, zoom)),
});

/** Pixels a radian of longitude and of latitude in the middle of the globe: the eye sees it larger than the limb. */
const globeScale = (view: View): number => (scaleOf(view) * FOCUS) / (EYE - 1);

/** Pixels a radian of longitude at the camera's place; near a pole, where meridians meet, a turn must not become a spin. */
function longitudeScale(view: View): number {
  const phi = (view.latitude * Math.PI) / 180;
  switch (view.projection) {
    case 'globe':
      return globeScale(view) * Math.max(0.25, Math.cos(phi));
    case 'equirectangular':
    case 'mercator':
      return scaleOf(view);
    case 'mollweide':
      return (scaleOf(view) * 2 * Math.SQRT2 * Math.max(0.25, Math.cos(mollweideAngle(phi)))) / Math.PI;
    case 'polar':
      return scaleOf(view) * Math.max(0.25, 2 * Math.sin((Math.PI / 2 - Math.abs(phi)) / 2));
  }
}

/** Latitude of what is so many pixels above the camera's place. */
function latitudeAbove(view: View, dy: number): number {
  const { longitude, latitude } = view;
  if (view.projection !== 'globe') {
    const here = project(view, view);
    const there = here && unproject(view, here.x, here.y - dy);
    // Not what lies beyond the pole.
    if (there && Math.cos(((there.longitude - longitude) * Math.PI) / 180) > 0) return there.latitude;
  }
  return latitude + (dy * 180) / Math.PI / globeScale(view);
}

/** The camera after a drag of the picture by so many pixels. */
export function dragged(view: View, dx: number, dy: number): Camera {
  const { projection, longitude, latitude, zoom } = view;
  if (projection === 'polar' && zoom <= 1.2) {
    const turn = (dx * 180) / Math.PI / scaleOf(view);
    return clampCamera({ longitude: longitude - (latitude >= 0 ? turn : -turn), latitude, zoom });
  }
  const turn = (dx * 180) / Math.PI / longitudeScale(view);
  return clampCamera({ longitude: longitude - turn, latitude: latitudeAbove(view, dy), zoom });
}

/** The camera after zooming by a factor with a point of the picture held where it is. */
export function zoomed(view: View, factor: number, x: number, y: number): Camera {
  const zoom = Math.max(FARTHEST, Math.min(NEAREST, view.zoom * factor));
  const held = unproject(view, x, y);
  let camera = clampCamera({ ...view, zoom });
  // Around its whole pole the map would only turn.
  if (!held || (view.projection === 'polar' && zoom <= 1.2)) return camera;
  let nearest = Number.POSITIVE_INFINITY;
  let best = camera;
  for (let round = 0; round < ROUNDS; round++) {
    const closer = { ...view, ...camera };
    const moved = project(closer, held);
    if (!moved) break;
    const away = Math.hypot(x - moved.x, y - moved.y);
    if (away >= nearest) break;
    [nearest, best] = [away, camera];
    if (away < 0.01) break;
    camera = dragged(closer, x - moved.x, y - moved.y);
  }
  return best;
}

/** Lets pointer, wheel, touch and keys move the camera; returns how to stop. */
export function listen(canvas: HTMLCanvasElement, target: ControlTarget): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const at = (event: PointerEvent | WheelEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, at(event));
    canvas.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pointers.set(event.pointerId, now);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    const view = target.view();
    const [other] = others;
    if (other) {
      const apart = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y);
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      const factor = apart(now) / Math.max(1, apart(before));
      const camera = zoomed(view, factor, middle.x, middle.y);
      target.move(dragged({ ...view, ...camera }, dx / 2, dy / 2));
    } else if (travelled > CLICK) target.move(dragged(view, dx, dy));
  };
  const up = (event: PointerEvent) => {
    const was = pointers.delete(event.pointerId);
    if (event.type !== 'pointerup' || !was || pointers.size > 0 || travelled > CLICK) return;
    const { x, y } = at(event);
    const place = unproject(target.view(), x, y);
    if (place) target.click(place, x, y);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const { x, y } = at(event);
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    target.move(zoomed(target.view(), Math.exp(-pixels * 0.0016), x, y));
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const view = target.view();
    const step = event.shiftKey ? 160 : 48;
    const moves: Readonly<Record<string, (() => Camera) | undefined>> = {
      ArrowLeft: () => dragged(view, step, 0),
      ArrowRight: () => dragged(view, -step, 0),
      ArrowUp: () => dragged(view, 0, step),
      ArrowDown: () => dragged(view, 0, -step),
      '+': () => clampCamera({ ...view, zoom: view.zoom * 1.25 }),
      '=': () => clampCamera({ ...view, zoom: view.zoom * 1.25 }),
      '-': () => clampCamera({ ...view, zoom: view.zoom / 1.25 }),
    };
    const camera = moves[event.key]?.();
    if (camera) target.move(camera);
    else if (event.key === 'Enter') {
      const place = unproject(view, view.width / 2, (view.head + view.height - view.foot) / 2);
      if (place) target.choose(place);
    } else return;
    event.preventDefault();
  };
  const stop = new AbortController();
  const { signal } = stop;
  canvas.addEventListener('pointerdown', down, { signal });
  canvas.addEventListener('pointermove', move, { signal });
  canvas.addEventListener('pointerup', up, { signal });
  canvas.addEventListener('pointercancel', up, { signal });
  canvas.addEventListener('wheel', wheel, { signal, passive: false });
  canvas.addEventListener('keydown', key, { signal });
  return () => stop.abort();
}
