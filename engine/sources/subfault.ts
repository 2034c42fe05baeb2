import { cos, sin } from '../math/index.ts';
import { FaultOutOfRange } from './errors.ts';
import type { RectangularFault } from './okada.ts';
import {
  combine,
  EARTH_MEAN_RADIUS,
  eastNorth,
  pointAt,
  position,
  RADIANS_PER_DEGREE,
  transport,
  type Vector,
} from './sphere.ts';

/**
 * What a subfault's longitude, latitude and depth belong to; tables differ.
 * - `centroid`: the middle of the rectangle.
 * - `top-centre`: the middle of its upper edge.
 * - `top-left`: where the upper edge begins along strike: its left end seen from the hanging wall (Satake, Fujii and others).
 * - `bottom-centre`: the middle of its lower edge.
 * - `sift`: longitude and latitude of the bottom centre, depth of the upper edge (NOAA's SIFT unit sources).
 */
export const REFERENCE_POINTS = ['centroid', 'top-centre', 'top-left', 'bottom-centre', 'sift'] as const;
export type ReferencePoint = (typeof REFERENCE_POINTS)[number];

/**
 * One episode of slip. Without `fall` the slip grows linearly over `rise`. With `fall` the slip rate is an asymmetric
 * cosine, growing over `rise` and dying away over `fall` (Ji et al. 2003, BSSA 93; the UCSB models). Both zero: at once.
 */
export interface SlipInterval {
  /** When it begins [s after the origin time]. */
  readonly start: number;
  readonly rise: number;
  readonly fall?: number;
  /** [m] */
  readonly slip: number;
}

/** A rectangle of fault, as the literature gives it. Lengths in m, depth positive down, angles in degrees. */
export interface Subfault {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly depth: number;
  readonly reference: ReferencePoint;
  readonly length: number;
  readonly width: number;
  /** Clockwise from north; the fault dips to the right of it. */
  readonly strike: number;
  readonly dip: number;
  /** Direction in which the hanging wall moves, counter-clockwise from strike in the fault's plane: 90 is pure thrust. */
  readonly rake: number;
  readonly slip: readonly SlipInterval[];
  /** Shear modulus [Pa], for the seismic moment only. */
  readonly rigidity?: number;
}

/** A subfault on the globe, with unit slip. */
export interface PlacedFault {
  readonly centroid: Vector;
  /** Tangent unit vectors at the centroid: along strike, and horizontally up dip (to the left of strike). */
  readonly along: Vector;
  readonly upDip: Vector;
  readonly centroidDepth: number;
  /** Okada's rectangle for 1 m of slip. Its origin lies (length/2, width/2·cos δ) before the centroid. */
  readonly fault: RectangularFault;
  /** [m²] */
  readonly area: number;
}

/** Rounding in a published depth may lift an upper edge above the surface by this much [m]. */
const DEPTH_ROUNDING = 100;

/**
 * Lays a subfault out on the sphere. Strike is measured in the tangent plane of its reference point, as the codes do that
 * such tables come from, and carried from there to the centroid. Throws FaultOutOfRange.
 */
export function placeSubfault(subfault: Subfault, radius = EARTH_MEAN_RADIUS): PlacedFault {
  const { name, longitude, latitude, length, width, strike, dip, rake, reference } = subfault;
  if (!(length > 0 && width > 0)) {
    throw new FaultOutOfRange(
      `subfault ${name} is ${length} m long and ${width} m wide. Give both in metres, above 0.`,
    );
  }
  if (!(dip >= 0 && dip <= 90)) {
    throw new FaultOutOfRange(
      `subfault ${name} dips ${dip}°. Give 0 to 90, and turn strike by 180° to dip the other way.`,
    );
  }
  const sinDip = sin(dip * RADIANS_PER_DEGREE);
  const cosDip = dip === 90 ? 0 : cos(dip * RADIANS_PER_DEGREE);
  const topDepth = upperEdge(subfault, sinDip);

  const origin = position(longitude, latitude);
  const [east, north] = eastNorth(longitude, latitude);
  const sinStrike = sin(strike * RADIANS_PER_DEGREE);
  const cosStrike = cos(strike * RADIANS_PER_DEGREE);
  const along = combine(sinStrike, east, cosStrike, north);
  const upDip = combine(-cosStrike, east, sinStrike, north);
  const halfWidth = (width / 2) * cosDip;
  const [ahead, up] = (
    {
      centroid: [0, 0],
      'top-centre': [0, -halfWidth],
      'top-left': [length / 2, -halfWidth],
      'bottom-centre': [0, halfWidth],
      sift: [0, halfWidth],
    } as const
  )[reference];
  const centroid = pointAt(origin, along, ahead, upDip, up, radius);

  return {
    centroid,
    along: transport(along, origin, centroid),
    upDip: transport(upDip, origin, centroid),
    centroidDepth: topDepth + (width / 2) * sinDip,
    area: length * width,
    fault: {
      length,
      width,
      depth: topDepth + width * sinDip,
      topDepth,
      sinDip,
      cosDip,
      strikeSlip: cos(rake * RADIANS_PER_DEGREE),
      dipSlip: sin(rake * RADIANS_PER_DEGREE),
      opening: 0,
    },
  };
}

/** Depth of the upper edge [m]. */
export function upperEdge(subfault: Subfault, sinDip = sin(subfault.dip * RADIANS_PER_DEGREE)): number {
  const { name, depth, width, reference } = subfault;
  const height = { centroid: 0.5, 'bottom-centre': 1, 'top-centre': 0, 'top-left': 0, sift: 0 }[reference];
  const top = depth - height * width * sinDip;
  if (top >= 0) return top;
  if (top >= -DEPTH_ROUNDING) return 0;
  throw new FaultOutOfRange(
    `the upper edge of subfault ${name} lies ${Math.round(-top)} m above the surface: depth ${depth} m at its ${reference}, ` +
      `width ${width} m, dip ${subfault.dip}°. Check the unit of depth and which point of the subfault it belongs to.`,
  );
}
