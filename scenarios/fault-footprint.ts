import { placeSubfault, type Subfault } from '../engine/sources/subfault.ts';

/** Points along strike and down dip at which a subfault's cover is looked at. */
const ALONG = [-0.4, -0.2, 0, 0.2, 0.4];
const ACROSS = [-1 / 3, 0, 1 / 3];
const EARTH_RADIUS = 6.371e6;

/** Longitudes and latitudes [degrees] evenly over the ground above a subfault. */
export function faultFootprint(subfault: Subfault): readonly (readonly [longitude: number, latitude: number])[] {
  const { centroid, along, upDip, fault } = placeSubfault(subfault);
  return ALONG.flatMap((u) =>
    ACROSS.map((v) => {
      const ahead = (u * fault.length) / EARTH_RADIUS;
      const up = (v * fault.width * fault.cosDip) / EARTH_RADIUS;
      const [x, y, z] = [0, 1, 2].map((axis) => centroid[axis]! + ahead * along[axis]! + up * upDip[axis]!) as [
        number,
        number,
        number,
      ];
      const turn = 180 / Math.PI;
      return [turn * Math.atan2(y, x), turn * Math.atan2(z, Math.sqrt(x * x + y * y))] as const;
    }),
  );
}
