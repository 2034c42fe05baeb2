import { BufferAttribute, BufferGeometry } from 'three';
import type { ProjectionName } from '../state.ts';
import { MERCATOR_END, POLAR_END, type View } from './projection.ts';

/** A moment on the way from one map to another; share 0 … 1. */
export interface Bend {
  readonly from: ProjectionName;
  readonly to: ProjectionName;
  readonly share: number;
}

export type Bending =
  | { readonly phase: 'settled'; readonly projection: ProjectionName }
  | ({ readonly phase: 'bending' } & Bend);

/** How long one map takes to become another [s]. */
const LASTS = 0.9;
/** Quads of the sheet that bends, along parallels and meridians. */
const QUADS = [192, 96] as const;

export const settled = (projection: ProjectionName): Bending => ({ phase: 'settled', projection });

/** So many seconds later. Who changes their mind goes back the way they came; a third map waits for the second. */
export function bent(now: Bending, wanted: ProjectionName, seconds: number): Bending {
  if (now.phase === 'settled')
    return now.projection === wanted ? now : { phase: 'bending', from: now.projection, to: wanted, share: 0 };
  const { from, to, share } = wanted === now.from ? { from: now.to, to: now.from, share: 1 - now.share } : now;
  const further = share + seconds / LASTS;
  return further < 1 ? { phase: 'bending', from, to, share: further } : settled(to);
}

/** What is to be drawn of it: a start and an end without a jolt. */
export const easedBend = ({ from, to, share }: Bend): Bend => ({ from, to, share: between(0, 1, share) });

/** 0 before a, 1 after b, smooth in between. */
function between(a: number, b: number, x: number): number {
  const share = Math.max(0, Math.min(1, (x - a) / (b - a)));
  return share * share * (3 - 2 * share);
}

/** How flat either map is (0: the globe, 1: as it is), and the share of the second. */
export interface Flatness {
  readonly from: number;
  readonly to: number;
  readonly second: number;
}

export function flatnessOf({ from, to, share }: Bend): Flatness {
  if (from === 'globe') return { from: 0, to: share, second: 1 };
  if (to === 'globe') return { from: 1 - share, to: 0, second: 0 };
  if (leadsOverGlobe(from, to))
    return { from: 1 - between(0, 0.52, share), to: between(0.48, 1, share), second: between(0.4, 0.6, share) };
  return { from: 1, to: 1, second: share };
}

/** Maps around a pole and along the equator are turned against each other: the way leads over the globe. */
const leadsOverGlobe = (from: ProjectionName, to: ProjectionName): boolean =>
  from !== 'globe' && to !== 'globe' && (from === 'polar') !== (to === 'polar');

/** How much it is the globe of its own size between two maps. */
export const overGlobe = ({ from, to, share }: Bend): number =>
  leadsOverGlobe(from, to) ? (4 * share * (1 - share)) ** 2 : 0;

/** Sines of the latitudes that are shown: a map that ends before a pole draws its edge in from there. */
export function bandOf(bend: Bend, { latitude }: View): readonly [south: number, north: number] {
  const { from, to, second } = flatnessOf(bend);
  let band: readonly [number, number] = [-Math.PI / 2, Math.PI / 2];
  const cut = (projection: ProjectionName, share: number) => {
    const [south, north] = endsOf(projection, latitude);
    band = [
      Math.max(band[0], -Math.PI / 2 + share * (south + Math.PI / 2)),
      Math.min(band[1], Math.PI / 2 + share * (north - Math.PI / 2)),
    ];
  };
  cut(bend.from, from * (1 - second));
  cut(bend.to, to * second);
  // Sines of ±90° are rounded.
  return [band[0] <= -Math.PI / 2 ? -2 : Math.sin(band[0]), band[1] >= Math.PI / 2 ? 2 : Math.sin(band[1])];
}

function endsOf(projection: ProjectionName, latitude: number): readonly [south: number, north: number] {
  const pole = Math.PI / 2;
  if (projection === 'mercator') return [-MERCATOR_END, MERCATOR_END];
  if (projection !== 'polar') return [-pole, pole];
  return latitude >= 0 ? [pole - POLAR_END, pole] : [-pole, POLAR_END - pole];
}

/**
 * Longitudes from the middle meridian and latitudes [radians]; the sheet's edges lie on each other on the globe. What is near
 * comes first, so that what it hides is not coloured.
 */
export function sheet(): BufferGeometry {
  const [columns, rows] = QUADS;
  const places = new Float32Array((columns + 1) * (rows + 1) * 2);
  for (let column = 0; column <= columns; column++)
    for (let row = 0; row <= rows; row++)
      places.set(
        [(column / columns - 0.5) * 2 * Math.PI, (row / rows - 0.5) * Math.PI],
        2 * (column * (rows + 1) + row),
      );
  const corners: number[] = [];
  for (let step = 0; step < columns; step++) {
    const column = columns / 2 + (step % 2 === 0 ? step / 2 : -(step + 1) / 2);
    for (let row = 0; row < rows; row++) {
      const corner = column * (rows + 1) + row;
      const right = corner + rows + 1;
      corners.push(corner, right, corner + 1, corner + 1, right, right + 1);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('place', new BufferAttribute(places, 2));
  geometry.setIndex(new BufferAttribute(Uint16Array.from(corners), 1));
  return geometry;
}
