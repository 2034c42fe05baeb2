import { cos, sin } from '../math/index.ts';
import { FaultOutOfRange } from './errors.ts';
import { POISSON_SOLID, pointSource, rectangularFault } from './okada.ts';
import { slipAt, totalSlip } from './rupture.ts';
import { chordBetween, combine, dot, EARTH_MEAN_RADIUS, RADIANS_PER_DEGREE, type Vector } from './sphere.ts';
import { type PlacedFault, placeSubfault, type Subfault } from './subfault.ts';

/** Points of the sea floor: positions [degrees] and, for the sloping-bed term, slopes of the bed's elevation [m/m]. */
export interface SeaFloor {
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
  /** ∂b/∂x eastwards and ∂b/∂y northwards, b positive up. Without them only the vertical displacement counts. */
  readonly slopeEast?: Float64Array;
  readonly slopeNorth?: Float64Array;
}

export interface DisplacementOptions {
  /**
   * Uplift [m] that may be left out at any point, 0.01 unless given. The farther field of the whole table is bounded by
   * `farFieldBound`; where the bound falls below this the uplift is faded out, and a third farther it is zero.
   */
  readonly neglect?: number;
  /** Radius of the sphere [m]. */
  readonly radius?: number;
  /** μ/(λ+μ). */
  readonly medium?: number;
}

/** Increments of uplift at the points that a source moves. */
export interface DisplacementSeries {
  /** Indices of the points, ascending. */
  readonly cells: Uint32Array;
  /** t₀ < t₁ < … [s] */
  readonly times: readonly number[];
  /** increments[k][c]: uplift [m] of point cells[c] between t_k and t_(k+1); none at all where nothing slips. */
  readonly increments: readonly Float64Array[];
}

/**
 * Effective uplift of the sea surface over a sloping bed that moves sideways [m]: u_z − u_x ∂b/∂x − u_y ∂b/∂y, b the bed's
 * elevation. Tanioka and Satake (1996, GRL 23, 861–864) eq. 1 has + u_x ∂H/∂x + u_y ∂H/∂y with the water depth H = −b.
 */
export function effectiveUplift(
  east: number,
  north: number,
  up: number,
  slopeEast: number,
  slopeNorth: number,
): number {
  return up - east * slopeEast - north * slopeNorth;
}

/**
 * From this many times its longer side a rectangle is summed by 2 × 2 Gauss points, and farther out by one: both are within
 * 5e-4 of the largest displacement at that distance.
 */
const GAUSS_DISTANCE = 4;
const POINT_DISTANCE = 30;
const GAUSS_POINT = 0.28867513459481287; // 1 / (2√3)

/** The fade ends this much farther out than it begins. */
const FADE = 4 / 3;

/**
 * Upper bound [m] of the uplift of a whole source at a horizontal distance [m] from every subfault's centroid: for slip
 * D = (D cos λ, D sin λ) on an area A at depth d, |u_z| ≤ A D/(2πr²) · [m sin δ(|cos λ| + cos δ |sin λ|) + 1.5 (|cos λ| +
 * |sin λ|) d/r], from Okada (1985) eq. 8–9 with |x q|, |p q| ≤ R²/2 and |I4|, |I5| ≤ m/r².
 */
export function farFieldBound(
  subfaults: readonly Subfault[],
  distance: number,
  options: DisplacementOptions = {},
): number {
  const placed = subfaults.map((subfault) => placeSubfault(subfault, options.radius));
  return bound(placed, subfaults.map(peakSlip), distance, options.medium ?? POISSON_SOLID);
}

function bound(placed: readonly PlacedFault[], slips: readonly number[], distance: number, medium: number): number {
  let sum = 0;
  placed.forEach(({ fault, area, centroidDepth }, n) => {
    const strike = Math.abs(fault.strikeSlip);
    const dip = Math.abs(fault.dipSlip);
    const plain = medium * fault.sinDip * (strike + fault.cosDip * dip);
    sum += area * slips[n]! * (plain + (1.5 * (strike + dip) * centroidDepth) / distance);
  });
  return sum / (2 * 3.141592653589793 * distance * distance);
}

/** Largest slip a subfault can have at any time, intervals of either sign counted in full [m]. */
const peakSlip = (subfault: Subfault): number => subfault.slip.reduce((sum, { slip }) => sum + Math.abs(slip), 0);

/** Distance [m] from which the bound of the far field stays below `neglect`, and never within three times the fault. */
function fadeBegin(placed: readonly PlacedFault[], slips: readonly number[], neglect: number, medium: number): number {
  let near = 0;
  for (const { fault } of placed) near = Math.max(near, 3 * Math.max(fault.length, fault.width));
  let far = near;
  // The bound falls at least as r⁻²: each pass lands outside the wanted distance or on it.
  for (let pass = 0; pass < 40 && bound(placed, slips, far, medium) > neglect; pass++) {
    far *= Math.max(1.0001, Math.sqrt(bound(placed, slips, far, medium) / neglect));
  }
  return far;
}

/**
 * Uplift of the sea floor by an earthquake, interval by interval. Each subfault's unit response is computed once, exactly
 * (Okada 1985) near it and by Gauss points farther out, on Lambert's equal-area map about its centroid, and added in the
 * order of the list: a point's numbers depend on that point and the source alone, not on which other points are asked for.
 * Throws FaultOutOfRange.
 */
export function displacementSeries(
  subfaults: readonly Subfault[],
  floor: SeaFloor,
  times: readonly number[],
  options: DisplacementOptions = {},
): DisplacementSeries {
  const radius = options.radius ?? EARTH_MEAN_RADIUS;
  const medium = options.medium ?? POISSON_SOLID;
  const neglect = options.neglect ?? 0.01;
  checkArguments(floor, times, neglect);

  const { active, placed, begin, end } = extentOf(subfaults, { radius, medium, neglect });
  const points = pointsWithin(capOf(placed, end, radius), floor);
  const slipBetween = (subfault: Subfault, k: number) => slipAt(subfault, times[k + 1]!) - slipAt(subfault, times[k]!);
  const increments = times
    .slice(1)
    .map((_, k) => new Float64Array(active.some((one) => slipBetween(one, k) !== 0) ? points.cells.length : 0));

  const unit = new Float64Array(points.cells.length);
  active.forEach((subfault, n) => {
    const moves = increments
      .map((increment, k) => ({ increment, slip: slipBetween(subfault, k) }))
      .filter(({ slip }) => slip !== 0);
    if (moves.length === 0) return;
    unitUplift(placed[n]!, points, { begin, end, radius, medium }, unit);
    for (const { increment, slip } of moves) {
      for (let c = 0; c < unit.length; c++) increment[c]! += slip * unit[c]!;
    }
  });
  return { cells: points.cells, times, increments };
}

/** Subfaults that slip at all, and from where to where [m] their far field is faded out. */
function extentOf(subfaults: readonly Subfault[], { radius, medium, neglect }: Required<DisplacementOptions>) {
  const active = subfaults.filter((subfault) => peakSlip(subfault) > 0);
  const placed = active.map((subfault) => placeSubfault(subfault, radius));
  const begin = fadeBegin(placed, active.map(peakSlip), neglect, medium);
  return { active, placed, begin, end: Math.min(begin * FADE, 1.9 * radius) };
}

/** Part of the unit sphere that is no farther from `middle` than `chord`, straight through. */
export interface Cap {
  readonly middle: Vector;
  readonly chord: number;
}

/** A cap outside which `displacementSeries` moves nothing, by the same options. */
export function displacementCap(subfaults: readonly Subfault[], options: DisplacementOptions = {}): Cap {
  const radius = options.radius ?? EARTH_MEAN_RADIUS;
  const { medium = POISSON_SOLID, neglect = 0.01 } = options;
  const { placed, end } = extentOf(subfaults, { radius, medium, neglect });
  return capOf(placed, end, radius);
}

function capOf(placed: readonly PlacedFault[], end: number, radius: number): Cap {
  let middle: Vector = [0, 0, 0];
  // Nothing lies at less than no distance.
  if (placed.length === 0) return { middle, chord: -1 };
  for (const { centroid } of placed) middle = combine(1, middle, 1, centroid);
  const size = Math.sqrt(dot(middle, middle));
  // A source around half the globe has no middle: then every point is near.
  if (size < 0.5 * placed.length) return { middle, chord: Number.POSITIVE_INFINITY };
  middle = combine(1 / size, middle, 0, middle);
  let spread = 0;
  for (const { centroid } of placed) spread = Math.max(spread, chordBetween(middle, centroid));
  return { middle, chord: spread + end / radius };
}

/** Final uplift [m] at every point (0 beyond the source's reach). */
export function finalUplift(
  subfaults: readonly Subfault[],
  floor: SeaFloor,
  options: DisplacementOptions = {},
): Float64Array {
  const atOnce = subfaults.map((subfault) => ({
    ...subfault,
    slip: [{ start: 0, rise: 0, slip: totalSlip(subfault) }],
  }));
  const { cells, increments } = displacementSeries(atOnce, floor, [0, 1], options);
  const uplift = new Float64Array(floor.longitude.length);
  cells.forEach((cell, c) => {
    uplift[cell] = increments[0]![c] ?? 0;
  });
  return uplift;
}

/** Points in reach of a source: unit positions, and slopes as Cartesian tangent vectors (empty without slopes). */
interface NearPoints {
  readonly cells: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly slopeX: Float64Array;
  readonly slopeY: Float64Array;
  readonly slopeZ: Float64Array;
}

interface Reach {
  readonly begin: number;
  readonly end: number;
  readonly radius: number;
  readonly medium: number;
}

function pointsWithin({ middle, chord }: Cap, floor: SeaFloor): NearPoints {
  const farthest = chord * chord;
  const cells = new Uint32Array(chord < 0 ? 0 : floor.longitude.length);
  const [x, y, z] = [new Float64Array(cells.length), new Float64Array(cells.length), new Float64Array(cells.length)];
  const slopes = floor.slopeEast !== undefined && floor.slopeNorth !== undefined;
  const sloping = slopes ? cells.length : 0;
  const [slopeX, slopeY, slopeZ] = [new Float64Array(sloping), new Float64Array(sloping), new Float64Array(sloping)];
  let found = 0;
  for (let i = 0; i < cells.length; i++) {
    const phi = floor.latitude[i]! * RADIANS_PER_DEGREE;
    const sinPhi = sin(phi);
    const dz = sinPhi - middle[2];
    if (dz * dz > farthest) continue;
    const cosPhi = cos(phi);
    const lambda = floor.longitude[i]! * RADIANS_PER_DEGREE;
    const cosLambda = cos(lambda);
    const sinLambda = sin(lambda);
    const dx = cosPhi * cosLambda - middle[0];
    const dy = cosPhi * sinLambda - middle[1];
    if (dx * dx + dy * dy + dz * dz > farthest) continue;
    cells[found] = i;
    x[found] = cosPhi * cosLambda;
    y[found] = cosPhi * sinLambda;
    z[found] = sinPhi;
    if (slopes) {
      const east = floor.slopeEast![i]!;
      const north = floor.slopeNorth![i]!;
      slopeX[found] = -east * sinLambda - north * sinPhi * cosLambda;
      slopeY[found] = east * cosLambda - north * sinPhi * sinLambda;
      slopeZ[found] = north * cosPhi;
    }
    found++;
  }
  const cut = (array: Float64Array): Float64Array => array.slice(0, found);
  return {
    cells: cells.slice(0, found),
    x: cut(x),
    y: cut(y),
    z: cut(z),
    slopeX: cut(slopeX),
    slopeY: cut(slopeY),
    slopeZ: cut(slopeZ),
  };
}

/** Effective uplift by 1 m of slip [m] at every near point; 0 beyond the reach. */
function unitUplift(place: PlacedFault, points: NearPoints, reach: Reach, unit: Float64Array): void {
  const { centroid, along, upDip, fault, area, centroidDepth } = place;
  const { begin, end, radius, medium } = reach;
  const { x, y, z, slopeX, slopeY, slopeZ } = points;
  const sloping = slopeX.length > 0;
  const out = new Float64Array(3);
  const halfLength = fault.length / 2;
  const halfReach = (fault.width / 2) * fault.cosDip;
  const exact = GAUSS_DISTANCE * Math.max(fault.length, fault.width);
  const coarse = POINT_DISTANCE * Math.max(fault.length, fault.width);
  const strike = area * fault.strikeSlip;
  const dip = area * fault.dipSlip;
  const gaussAlong = GAUSS_POINT * fault.length;
  const gaussUp = GAUSS_POINT * fault.width * fault.cosDip;
  const gaussDeep = GAUSS_POINT * fault.width * fault.sinDip;

  for (let c = 0; c < unit.length; c++) {
    const px = x[c]!;
    const py = y[c]!;
    const pz = z[c]!;
    const dx = px - centroid[0];
    const dy = py - centroid[1];
    const dz = pz - centroid[2];
    // Lambert's map: the distance on it is the chord, |p − c|, and 1 + cos c = 2 − |p − c|²/2.
    const chord2 = dx * dx + dy * dy + dz * dz;
    const range2 = chord2 * radius * radius;
    if (range2 >= end * end) {
      unit[c] = 0;
      continue;
    }
    const plusOne = 2 - chord2 / 2;
    const scale = radius * Math.sqrt(2 / plusOne);
    const u = scale * (px * along[0] + py * along[1] + pz * along[2]);
    const v = scale * (px * upDip[0] + py * upDip[1] + pz * upDip[2]);
    if (range2 < exact * exact) {
      rectangularFault(fault, u + halfLength, v + halfReach, out, medium);
    } else {
      out[0] = 0;
      out[1] = 0;
      out[2] = 0;
      if (range2 < coarse * coarse) {
        for (let g = 0; g < 4; g++) {
          const ahead = (g & 1) === 0 ? gaussAlong : -gaussAlong;
          const side = g < 2 ? 1 : -1;
          const depth = centroidDepth + side * gaussDeep;
          pointSource(fault, depth, strike / 4, dip / 4, 0, u - ahead, v + side * gaussUp, out, medium);
        }
      } else {
        pointSource(fault, centroidDepth, strike, dip, 0, u, v, out, medium);
      }
    }
    let uplift = out[2]!;
    if (sloping) {
      // The displacement is carried along the great circle to the point, and there meets the slope.
      const a = out[0]!;
      const b = out[1]!;
      const gx = slopeX[c]!;
      const gy = slopeY[c]!;
      const gz = slopeZ[c]!;
      const downhill =
        a * (along[0] * gx + along[1] * gy + along[2] * gz) + b * (upDip[0] * gx + upDip[1] * gy + upDip[2] * gz);
      const turn = ((a * u + b * v) / (scale * plusOne)) * (centroid[0] * gx + centroid[1] * gy + centroid[2] * gz);
      uplift -= downhill - turn;
    }
    unit[c] = range2 <= begin * begin ? uplift : uplift * fade(range2, begin, end);
  }
}

/** 1 at the beginning of the fade, 0 at its end, smooth at both. */
function fade(range2: number, begin: number, end: number): number {
  const s = (end * end - range2) / (end * end - begin * begin);
  return s * s * (3 - 2 * s);
}

function checkArguments(floor: SeaFloor, times: readonly number[], neglect: number): void {
  const { longitude, latitude, slopeEast, slopeNorth } = floor;
  for (const [name, array] of Object.entries({ latitude, slopeEast, slopeNorth })) {
    if (array !== undefined && array.length !== longitude.length) {
      throw new FaultOutOfRange(
        `${longitude.length} longitudes but ${array.length} values of ${name}. Give one of each a point.`,
      );
    }
  }
  if ((slopeEast === undefined) !== (slopeNorth === undefined)) {
    throw new FaultOutOfRange(
      'one of slopeEast and slopeNorth is missing. Give both, or neither for the vertical term alone.',
    );
  }
  for (let k = 1; k < times.length; k++) {
    if (!(times[k]! > times[k - 1]!)) {
      throw new FaultOutOfRange(`times must grow, but ${times[k - 1]} s is followed by ${times[k]} s.`);
    }
  }
  if (times.length < 2) throw new FaultOutOfRange(`${times.length} times make no interval. Give two or more.`);
  if (!(neglect > 0)) throw new FaultOutOfRange(`neglect is ${neglect} m. Give an uplift above 0, such as 0.01.`);
}
