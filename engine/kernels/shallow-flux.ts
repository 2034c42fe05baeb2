import { helper, unlikely } from './kernel.ts';
import { greatest, least } from './traces.ts';

/** Flow on one side of a face: free surface η [m] and velocity [m/s] as a Cartesian vector. */
export interface FlowTrace {
  readonly eta: number;
  readonly u: number;
  readonly v: number;
  readonly w: number;
}

/** The cell on one side of a face: free surface, bed and depth [m], and its depth at the start of the step. */
export interface FaceCell {
  readonly eta: number;
  readonly bed: number;
  readonly h: number;
  readonly startDepth: number;
}

export interface Normal {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface FluxSettings {
  readonly gravity: number;
  /** Faces shallower than this [m] are first order and take the HLLC flux. */
  readonly thinDepth: number;
  /** Fastest outflow [m/s] that empties no cell within a step through all its faces together. */
  readonly drainSpeed: number;
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

/** Depth [m] below which the side of a face counts as dry in the HLLC wave speeds. */
const DRY_SIDE = 1e-6;

/** Bed at a face: the mean of both sides, but never so deep that a shallow cell's water hangs over a cliff. */
export const faceBed = helper(
  (left: FaceCell, right: FaceCell): number => {
    const mean = 0.5 * (left.bed + right.bed);
    const step = greatest(left.bed, right.bed) - STEP_FRACTION * least(left.h, right.h);
    return greatest(mean, step);
  },
  () => ({ greatest, least, STEP_FRACTION }),
);

/** g(h² − hᵢ²)/2 without subtracting two large pressures: both depths stand on one face bed, so h − hᵢ = η − ηᵢ. */
function pressureDifference(gravity: number, eta: number, h: number, cellEta: number, cellDepth: number): number {
  return 0.5 * gravity * ((eta - cellEta) * (h + cellDepth));
}

interface FaceState {
  readonly gravity: number;
  readonly etaLeft: number;
  readonly etaRight: number;
  readonly hLeft: number;
  readonly hRight: number;
  /** Velocity along the normal [m/s]. */
  readonly vLeft: number;
  readonly vRight: number;
  /** The adjacent cells' surfaces and depths above the face bed. */
  readonly cellEtaLeft: number;
  readonly cellDepthLeft: number;
  readonly cellEtaRight: number;
  readonly cellDepthRight: number;
}

interface NormalFlux {
  readonly mass: number;
  readonly pressureLeft: number;
  readonly pressureRight: number;
}

/** LMARS: low Mach number approximate Riemann solver, Chen et al. (2013) eq. 12–14, as deviations from the cells' own pressures. */
const lmars = helper(
  (s: FaceState): NormalFlux => {
    const h = 0.5 * (s.hLeft + s.hRight);
    const c = Math.sqrt(s.gravity * greatest(h, DRY_SIDE));
    const v = 0.5 * (s.vLeft + s.vRight) - (0.5 * s.gravity * (s.etaRight - s.etaLeft)) / c;
    const damping = 0.5 * (h * c) * (s.vRight - s.vLeft);
    const seenFrom = (eta: number, depth: number) =>
      0.5 *
        (pressureDifference(s.gravity, s.etaLeft, s.hLeft, eta, depth) +
          pressureDifference(s.gravity, s.etaRight, s.hRight, eta, depth)) -
      damping;
    return {
      mass: v * (v > 0 ? s.hLeft : s.hRight),
      pressureLeft: seenFrom(s.cellEtaLeft, s.cellDepthLeft),
      pressureRight: seenFrom(s.cellEtaRight, s.cellDepthRight),
    };
  },
  () => ({ greatest, pressureDifference, DRY_SIDE }),
);

/** HLLC for the shallow water equations with dry sides, Toro (2001) ch. 10; the contact carries the transverse velocity. */
const hllc = helper(
  (s: FaceState): NormalFlux => {
    const cLeft = Math.sqrt(s.gravity * s.hLeft);
    const cRight = Math.sqrt(s.gravity * s.hRight);
    const v = 0.5 * (s.vLeft + s.vRight) + (cLeft - cRight);
    const c = 0.5 * (cLeft + cRight) + 0.25 * (s.vLeft - s.vRight);
    const slowest = s.hLeft > DRY_SIDE ? least(s.vLeft - cLeft, v - c) : s.vRight - 2 * cRight;
    const fastest = s.hRight > DRY_SIDE ? greatest(s.vRight + cRight, v + c) : s.vLeft + 2 * cLeft;
    const sLeft = least(slowest, 0);
    const sRight = greatest(fastest, 0);
    const width = sRight - sLeft;
    const scale = width > 0 ? 1 / width : 0;
    const massLeft = s.hLeft * s.vLeft;
    const massRight = s.hRight * s.vRight;
    const mass = (sRight * massLeft - sLeft * massRight + sLeft * sRight * (s.etaRight - s.etaLeft)) * scale;
    const upwind = mass > 0 ? s.vLeft : s.vRight;
    // The caller adds mass × the whole upwind velocity, so its normal part is taken off here.
    const momentum = (pressureLeft: number, pressureRight: number) =>
      (sRight * (massLeft * s.vLeft + pressureLeft) -
        sLeft * (massRight * s.vRight + pressureRight) +
        sLeft * sRight * (massRight - massLeft)) *
        scale -
      mass * upwind;
    const seenFrom = (eta: number, depth: number) =>
      momentum(
        pressureDifference(s.gravity, s.etaLeft, s.hLeft, eta, depth),
        pressureDifference(s.gravity, s.etaRight, s.hRight, eta, depth),
      );
    return {
      mass,
      pressureLeft: seenFrom(s.cellEtaLeft, s.cellDepthLeft),
      pressureRight: seenFrom(s.cellEtaRight, s.cellDepthRight),
    };
  },
  () => ({ greatest, least, pressureDifference, DRY_SIDE }),
);

/**
 * Flux through a face from the traces on its two sides. Swapping the sides and reversing the normal reverses the mass
 * and swaps the pressures to the bit, so two tiles that share a panel edge may each compute it.
 */
export const shallowFlux = helper(
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
    const state: FaceState = {
      gravity: settings.gravity,
      etaLeft,
      etaRight,
      hLeft: etaLeft - bed,
      hRight: etaRight - bed,
      vLeft: left.u * n.x + left.v * n.y + left.w * n.z,
      vRight: right.u * n.x + right.v * n.y + right.w * n.z,
      cellEtaLeft,
      cellDepthLeft: cellEtaLeft - bed,
      cellEtaRight,
      cellDepthRight: cellEtaRight - bed,
    };
    const thin = least(state.hLeft, state.hRight) < settings.thinDepth;
    const flux = unlikely(thin) ? hllc(state) : lmars(state);
    // Positivity: no face takes more than its share of what the donor held when the step began.
    const mass =
      flux.mass > 0
        ? least(flux.mass, settings.drainSpeed * leftCell.startDepth)
        : greatest(flux.mass, -(settings.drainSpeed * rightCell.startDepth));
    return {
      mass,
      x: mass * (mass > 0 ? left.u : right.u),
      y: mass * (mass > 0 ? left.v : right.v),
      z: mass * (mass > 0 ? left.w : right.w),
      pressureLeft: flux.pressureLeft,
      pressureRight: flux.pressureRight,
    };
  },
  () => ({ faceBed, greatest, least, lmars, hllc, unlikely }),
);
