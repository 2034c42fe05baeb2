import { type ElevationGrid, type Extent, extentOf } from './elevation-grid.ts';
import { sampleElevation } from './sample-elevation.ts';

/** A patch with the area that it covers, worked out once. */
export interface Nested {
  readonly patch: ElevationGrid;
  readonly extent: Extent;
}

/** Finest spacing first; of equal ones the later in the list first, as it was named to overrule. */
export function nestingOrder(patches: readonly ElevationGrid[]): readonly Nested[] {
  const size = (patch: ElevationGrid) => patch.spacingLongitude * patch.spacingLatitude;
  return patches
    .map((patch, index) => ({ patch, index }))
    .sort((a, b) => size(a.patch) - size(b.patch) || b.index - a.index)
    .map(({ patch }) => ({ patch, extent: extentOf(patch) }));
}

/** May any point of the box lie on the patch? Longitudes of the box run from west to east without a jump. */
export function touchesBox(nested: Nested, west: number, east: number, south: number, north: number): boolean {
  const { patch, extent } = nested;
  if (patch.global) return true;
  if (north < extent.south || south > extent.north) return false;
  if (patch.wraps) return true;
  if (patch.coordinates === 'plane') return east >= extent.west && west <= extent.east;
  const turns = Math.floor((extent.east - west) / 360) * 360;
  return east + turns >= extent.west;
}

/** Value [m] of the first of `count` patches that covers the point; NaN where none does. */
export function sampleFinest(patches: readonly ElevationGrid[], count: number, x: number, y: number): number {
  for (let k = 0; k < count; k++) {
    const value = sampleElevation(patches[k], x, y);
    if (!Number.isNaN(value)) return value;
  }
  return NaN;
}
