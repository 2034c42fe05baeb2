import { helper } from './kernel.ts';
import { hllc, lmars } from './riemann.ts';
import { greatest, least } from './traces.ts';

/** Velocity [m/s] as a Cartesian vector. */
export interface Velocity {
  readonly u: number;
  readonly v: number;
  readonly w: number;
}

/** Flow on one side of a face, with its free surface [m]. */
export interface FlowTrace extends Velocity {
  readonly eta: number;
}

/** A cell that water may leave: its velocity, and its depth [m] at the start of the step. */
export interface Donor extends Velocity {
  readonly startDepth: number;
}

/** Near the shore the depth [m] has a trace of its own: surface minus depth is the bed where the water meets the face. */
export interface ShoreTrace extends FlowTrace {
  readonly h: number;
}

/** The cell on one side of a face: free surface, velocity, bed and depth [m], and its depth at the start of the step. */
export interface FaceCell extends FlowTrace, Donor {
  readonly bed: number;
  readonly h: number;
}

export interface Normal {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface FluxSettings {
  readonly gravity: number;
  /** Speed [m/s] that crosses the narrowest cell in a step. */
  readonly crossingSpeed: number;
}

/** Fluxes through a metre of face, positive from left to right. */
export interface ShallowFlux {
  /** h v [m²/s]. */
  readonly mass: number;
  /** Advected momentum, a Cartesian vector [m³/s²]. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** p* − p_ie as the cell on the left and the one on the right see it [m³/s²]; acts along the normal. */
  readonly pressureLeft: number;
  readonly pressureRight: number;
}

/** Fraction of the shallower depth by which a face's bed may stand below the higher of the two beds. */
const STEP_FRACTION = 0.5;

/** Bed at a face: the mean of both sides, but never so deep that a shallow cell's water hangs over a cliff. */
export const faceBed = helper(
  (left: FaceCell, right: FaceCell): number => {
    const mean = 0.5 * (left.bed + right.bed);
    const step = greatest(left.bed, right.bed) - STEP_FRACTION * least(left.h, right.h);
    return greatest(mean, step);
  },
  () => ({ greatest, least, STEP_FRACTION }),
);

/**
 * Shares of a cell's water that a face may take in a step: any face, and one that the flow heads for. Over a cell's
 * faces they add up to less than 1, at the corners of the cubed sphere too, so no cell is ever emptied below its bed.
 */
export const SHARE = 0.14;
export const SHARE_AHEAD = 0.37;

/** Keeps a velocity of 0 from dividing [m²/s²]. */
const STILL = 1e-30;

const along = (flow: Velocity, n: Normal): number => flow.u * n.x + flow.v * n.y + flow.w * n.z;

/** The most [m²/s] that a donor may send through a face; `ahead` is its speed towards it. */
const mostOutflow = helper(
  ({ u, v, w, startDepth }: Donor, ahead: number, crossingSpeed: number): number => {
    const forward = greatest(ahead, 0);
    const square = u * u + v * v + w * w + STILL;
    return (SHARE + (SHARE_AHEAD * (forward * forward)) / square) * (crossingSpeed * startDepth);
  },
  () => ({ greatest, SHARE, SHARE_AHEAD, STILL }),
);

/** The most [m²/s] that the cell from which `mass` comes may send through the face between the two. */
export const donorLimit = helper(
  (mass: number, left: Donor, right: Donor, n: Normal, crossingSpeed: number): number =>
    mass > 0 ? mostOutflow(left, along(left, n), crossingSpeed) : mostOutflow(right, -along(right, n), crossingSpeed),
  () => ({ mostOutflow, along }),
);

/**
 * Whether a flux [m²/s] may empty a donor with so little water [m] within the step, or comes near to it: a bore, not a
 * wave at sea.
 */
export const isViolent = helper(
  (mass: number, depth: number, { crossingSpeed }: FluxSettings): boolean =>
    Math.abs(mass) > SHARE * crossingSpeed * depth,
  () => ({ SHARE }),
);

/**
 * Flux through a face in water that is deep on both sides and not violent. Swapping the sides and reversing the normal
 * reverses the mass and swaps the pressures to the bit, so two tiles that share a panel edge may each compute it.
 */
export const deepFlux = helper(
  (
    left: FlowTrace,
    right: FlowTrace,
    leftCell: FaceCell,
    rightCell: FaceCell,
    n: Normal,
    settings: FluxSettings,
  ): ShallowFlux => {
    const bed = faceBed(leftCell, rightCell);
    // Clip η, not h: exact at dry faces too.
    const etaLeft = greatest(left.eta, bed);
    const etaRight = greatest(right.eta, bed);
    const cellEtaLeft = greatest(leftCell.eta, bed);
    const cellEtaRight = greatest(rightCell.eta, bed);
    const flux = lmars({
      gravity: settings.gravity,
      etaLeft,
      etaRight,
      hLeft: etaLeft - bed,
      hRight: etaRight - bed,
      vLeft: along(left, n),
      vRight: along(right, n),
      cellEtaLeft,
      cellDepthLeft: cellEtaLeft - bed,
      cellEtaRight,
      cellDepthRight: cellEtaRight - bed,
    });
    const { forward, backward, pressureLeft, pressureRight } = flux;
    return {
      mass: forward + backward,
      x: forward * left.u + backward * right.u,
      y: forward * left.v + backward * right.v,
      z: forward * left.w + backward * right.w,
      pressureLeft,
      pressureRight,
    };
  },
  () => ({ faceBed, greatest, along, lmars }),
);

/**
 * Flux through a face at the shore: hydrostatic reconstruction of second order (Audusse et al. 2004, section 4), its
 * centred source written as differences of η, with the HLLC flux. What a wave can climb by its speed does not
 * stop it: v²/2g is taken off a step that it runs up. Mirrors to the bit like `deepFlux`.
 */
export const shoreFlux = helper(
  (
    left: ShoreTrace,
    right: ShoreTrace,
    leftCell: FaceCell,
    rightCell: FaceCell,
    n: Normal,
    settings: FluxSettings,
  ): ShallowFlux => {
    const { gravity } = settings;
    const vLeft = along(left, n);
    const vRight = along(right, n);
    const bedLeft = left.eta - left.h;
    const bedRight = right.eta - right.h;
    const twice = 2 * gravity;
    const climbLeft = vLeft > 0 ? least(left.h, (vLeft * vLeft) / twice) : 0;
    const climbRight = vRight < 0 ? least(right.h, (vRight * vRight) / twice) : 0;
    const bed = greatest(least(bedLeft, bedRight), greatest(bedLeft - climbRight, bedRight - climbLeft));
    const stepLeft = bedLeft > bed;
    const stepRight = bedRight > bed;
    const aboveLeft = greatest(left.eta, bed);
    const aboveRight = greatest(right.eta, bed);
    // Water on the step that is being climbed stands no higher than what climbs, or than its own depth.
    const etaLeft = stepLeft ? least(aboveLeft, greatest(aboveRight, bed + left.h)) : aboveLeft;
    const etaRight = stepRight ? least(aboveRight, greatest(aboveLeft, bed + right.h)) : aboveRight;
    const hLeft = etaLeft - bed;
    const hRight = etaRight - bed;
    const flux = hllc({
      gravity,
      etaLeft,
      etaRight,
      hLeft,
      hRight,
      vLeft,
      vRight,
      cellEtaLeft: etaLeft,
      cellDepthLeft: hLeft,
      cellEtaRight: etaRight,
      cellDepthRight: hRight,
    });
    // Weight of the cell's water on its part of the slope, and on what was taken off a step.
    const slopeLeft = gravity * leftCell.h * (left.eta - leftCell.eta - (aboveLeft - etaLeft));
    const slopeRight = gravity * rightCell.h * (right.eta - rightCell.eta - (aboveRight - etaRight));
    const most = donorLimit(flux.mass, leftCell, rightCell, n, settings.crossingSpeed);
    const mass = greatest(least(flux.mass, most), -most);
    return {
      mass,
      x: mass * (mass > 0 ? left.u : right.u),
      y: mass * (mass > 0 ? left.v : right.v),
      z: mass * (mass > 0 ? left.w : right.w),
      pressureLeft: flux.pressureLeft + slopeLeft,
      pressureRight: flux.pressureRight + slopeRight,
    };
  },
  () => ({ along, greatest, least, hllc, donorLimit }),
);
