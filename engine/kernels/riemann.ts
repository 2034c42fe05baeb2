import { helper } from './kernel.ts';
import { greatest, least } from './traces.ts';

/** Depth [m] below which the side of a face counts as dry. */
const DRY_SIDE = 1e-6;

/** A fan of waves narrower than this [m/s] carries nothing; its inverse would overflow in float32. */
const SLOWEST = 1e-12;

/** g(h² − hᵢ²)/2 without subtracting two large pressures: both depths stand on one face bed, so h − hᵢ = η − ηᵢ. */
function pressureDifference(gravity: number, eta: number, h: number, cellEta: number, cellDepth: number): number {
  return 0.5 * gravity * ((eta - cellEta) * (h + cellDepth));
}

/** The flow on both sides of a face, above one bed. */
export interface FaceState {
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

/** Mass flux [m²/s], and p* − p_ie [m³/s²] as either side sees it. */
export interface NormalFlux {
  readonly mass: number;
  readonly pressureLeft: number;
  readonly pressureRight: number;
}

/** What flows either way [m²/s], one of the two 0, and p* − p_ie [m³/s²] as either side sees it. */
export interface TwoWayFlux {
  readonly forward: number;
  readonly backward: number;
  readonly pressureLeft: number;
  readonly pressureRight: number;
}

/**
 * LMARS: low Mach number approximate Riemann solver, Chen et al. (2013) eq. 12–14, as deviations from the cells' own
 * pressures, with so much of its damping of gravity waves: 1 is theirs.
 */
const lmarsDamping = (share: number) => {
  const half = 0.5 * share;
  return helper(
    (s: FaceState): TwoWayFlux => {
      const h = 0.5 * (s.hLeft + s.hRight);
      const c = Math.sqrt(s.gravity * greatest(h, DRY_SIDE));
      const v = 0.5 * (s.vLeft + s.vRight) - (half * s.gravity * (s.etaRight - s.etaLeft)) / c;
      const damping = half * (h * c) * (s.vRight - s.vLeft);
      // The mean of both sides' g(h² − hᵢ²)/2, each written as in `pressureDifference`.
      const seenFrom = (eta: number, depth: number) =>
        0.25 * s.gravity * ((s.etaLeft - eta) * (s.hLeft + depth) + (s.etaRight - eta) * (s.hRight + depth)) - damping;
      return {
        forward: greatest(v, 0) * s.hLeft,
        backward: least(v, 0) * s.hRight,
        pressureLeft: seenFrom(s.cellEtaLeft, s.cellDepthLeft),
        pressureRight: seenFrom(s.cellEtaRight, s.cellDepthRight),
      };
    },
    () => ({ greatest, least, half, DRY_SIDE }),
  );
};

export const lmars = lmarsDamping(1);

/** For smooth flow far slower than its gravity waves, whose balance full damping disturbs first: see ADR 7. */
export const gentleLmars = lmarsDamping(0.25);

/** HLLC for the shallow water equations with dry sides, Toro (2001) ch. 10; the contact carries the transverse velocity. */
export const hllc = helper(
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
    const scale = width > SLOWEST ? 1 / width : 0;
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
  () => ({ greatest, least, pressureDifference, DRY_SIDE, SLOWEST }),
);
