import { atan, log } from '../math/index.ts';

/**
 * A rectangular fault in Okada's frame [m]: x along strike from the fault's beginning, y horizontal and at right angles to
 * it (to the left of strike, the side up dip), the lower edge on the line y = 0 at `depth`. Slip components [m] as in his
 * figure 1: strike-slip > 0 is left-lateral, dip-slip > 0 is thrust, opening > 0 opens.
 */
export interface RectangularFault {
  readonly length: number;
  readonly width: number;
  /** Depths of the lower and the upper edge, positive downwards. */
  readonly depth: number;
  readonly topDepth: number;
  readonly sinDip: number;
  readonly cosDip: number;
  readonly strikeSlip: number;
  readonly dipSlip: number;
  readonly opening: number;
}

/** μ/(λ+μ) = 1 − 2ν of a Poisson solid (ν = ¼), the medium of Okada's tables and of the published slip models. */
export const POISSON_SOLID = 0.5;

/** Below this cos δ the equations for a vertical fault are the more exact: their error is cos δ, the others' ε/cos² δ. */
const VERTICAL = 5e-6;

const TWO_PI = 6.283185307179586;

/**
 * Surface deformation of a rectangular fault in an elastic half-space [m], Okada (1985, BSSA 75, 1135–1154) eq. 25–30.
 * Writes the displacement along x, along y, and up at the surface point (x, y) [m] into `out`; `medium` is μ/(λ+μ).
 * Singular points take Okada's limits (p. 1148); on the corner of a fault that breaks the surface, where the solution
 * has a logarithmic singularity, that corner's logarithms are left out, so the result is always finite.
 */
export function rectangularFault(
  fault: RectangularFault,
  x: number,
  y: number,
  out: Float64Array,
  medium = POISSON_SOLID,
): void {
  const { sinDip, cosDip } = fault;
  const q = y * sinDip - fault.depth * cosDip;
  const p = y * cosDip + fault.depth * sinDip;
  const vertical = Math.abs(cosDip) < VERTICAL;

  // Chinnery's sums f(x, p) − f(x, p−W) − f(x−L, p) + f(x−L, p−W) of the terms that eq. 25–29 are made of.
  let xiQ = 0; // ξ / R(R+η)
  let yQ = 0; // ỹ / R(R+η)
  let dQ = 0; // d̃ / R(R+η)
  let oneQ = 0; // 1 / (R+η)
  let qQ = 0; // 1 / R(R+η)
  let overR = 0; // 1 / R
  let yX = 0; // ỹ / R(R+ξ)
  let dX = 0; // d̃ / R(R+ξ)
  let angle = 0; // arctan ξη/qR
  let i1 = 0;
  let i3 = 0;
  let i4 = 0;
  let i5 = 0;
  let etaRatio = 1; // exp of the sum of ln(R+η)
  let depthRatio = 1; // exp of the sum of ln(R+d̃)

  for (let corner = 0; corner < 4; corner++) {
    const sign = corner === 0 || corner === 3 ? 1 : -1;
    const xi = corner < 2 ? x : x - fault.length;
    const upper = (corner & 1) === 1;
    const eta = upper ? p - fault.width : p;
    const yTilde = upper ? y - fault.width * cosDip : y;
    const dTilde = upper ? fault.topDepth : fault.depth;

    const r = Math.sqrt(xi * xi + eta * eta + q * q);
    if (r === 0) continue;
    // R + η and R + ξ without cancellation; exactly zero on the line through an edge, where Okada drops the terms.
    const rEta = eta < 0 ? (xi * xi + q * q) / (r - eta) : r + eta;
    const rXi = xi < 0 ? (eta * eta + q * q) / (r - xi) : r + xi;
    const overREta = rEta === 0 ? 0 : 1 / (r * rEta);
    const overRXi = rXi === 0 ? 0 : 1 / (r * rXi);
    const rD = r + dTilde;

    xiQ += sign * xi * overREta;
    yQ += sign * yTilde * overREta;
    dQ += sign * dTilde * overREta;
    oneQ += sign * r * overREta;
    qQ += sign * overREta;
    overR += sign / r;
    yX += sign * yTilde * overRXi;
    dX += sign * dTilde * overRXi;
    if (q !== 0) angle += sign * atan((xi * eta) / (q * r));

    const etaFactor = rEta === 0 ? 1 / (r - eta) : rEta;
    etaRatio = sign > 0 ? etaRatio * etaFactor : etaRatio / etaFactor;
    if (vertical) {
      i1 -= (sign * xi * q) / (2 * rD * rD);
      i3 += (sign * (eta / rD + (yTilde * q) / (rD * rD))) / 2;
      i4 -= (sign * q) / rD;
      i5 -= (sign * xi * sinDip) / rD;
    } else {
      depthRatio = sign > 0 ? depthRatio * rD : depthRatio / rD;
      i1 -= (sign * xi) / (cosDip * rD);
      i3 += (sign * yTilde) / (cosDip * rD);
      if (xi !== 0) {
        const chi = Math.sqrt(xi * xi + q * q);
        const above = eta * (chi + q * cosDip) + chi * (r + chi) * sinDip;
        i5 += ((sign * 2) / cosDip) * atan(above / (xi * (r + chi) * cosDip));
      }
    }
  }

  const logEta = log(etaRatio);
  if (vertical) {
    i3 -= logEta / 2;
  } else {
    i4 = (log(depthRatio) - sinDip * logEta) / cosDip;
    i1 -= (sinDip / cosDip) * i5;
    i3 += (sinDip / cosDip) * i4 - logEta;
  }
  const i2 = -logEta - i3;

  const strike = -fault.strikeSlip / TWO_PI;
  const dip = -fault.dipSlip / TWO_PI;
  const open = fault.opening / TWO_PI;
  const mSin = medium * sinDip;
  const mSinCos = mSin * cosDip;
  const mSinSin = mSin * sinDip;
  out[0] =
    strike * (xiQ * q + angle + i1 * mSin) + dip * (overR * q - i3 * mSinCos) + open * (qQ * q * q - i3 * mSinSin);
  out[1] =
    strike * (yQ * q + oneQ * q * cosDip + i2 * mSin) +
    dip * (yX * q + cosDip * angle - i1 * mSinCos) +
    open * (-dX * q - sinDip * (xiQ * q - angle) - i1 * mSinSin);
  out[2] =
    strike * (dQ * q + oneQ * q * sinDip + i4 * mSin) +
    dip * (dX * q + sinDip * angle - i5 * mSinCos) +
    open * (yX * q + cosDip * (xiQ * q - angle) - i5 * mSinSin);
}

/**
 * Surface deformation of a point source at the origin's depth [m], Okada (1985) eq. 8–10: x along strike, y to the left of
 * it, slip components times area [m³] in place of slip. Adds to `out`, so that a sum of points is a sum of calls.
 */
export function pointSource(
  source: Pick<RectangularFault, 'sinDip' | 'cosDip'>,
  depth: number,
  strikePotency: number,
  dipPotency: number,
  openingPotency: number,
  x: number,
  y: number,
  out: Float64Array,
  medium = POISSON_SOLID,
): void {
  const { sinDip, cosDip } = source;
  const p = y * cosDip + depth * sinDip;
  const q = y * sinDip - depth * cosDip;
  const r2 = x * x + y * y + depth * depth;
  const r = Math.sqrt(r2);
  const over = 1 / r;
  const overRD = 1 / (r + depth);
  const near = over * overRD; // 1 / R(R+d)
  const broad = near * near * over * (2 * r + depth); // (2R+d) / R³(R+d)²
  const wide = near * near * near * (3 * r + depth); // (3R+d) / R³(R+d)³
  const cube = over * over * over;
  const i1 = y * (near * overRD - x * x * wide);
  const i2 = x * (near * overRD - y * y * wide);
  const i3 = x * cube - i2;
  const i4 = -x * y * broad;
  const i5 = near - x * x * broad;
  const five = 3 * q * cube * over * over;

  const strike = -strikePotency / TWO_PI;
  const dip = -dipPotency / TWO_PI;
  const open = openingPotency / TWO_PI;
  const mSin = medium * sinDip;
  const mSinCos = mSin * cosDip;
  const mSinSin = mSin * sinDip;
  const along = strike * x + dip * p + open * q;
  out[0]! += five * x * along + strike * i1 * mSin - dip * i3 * mSinCos - open * i3 * mSinSin;
  out[1]! += five * y * along + strike * i2 * mSin - dip * i1 * mSinCos - open * i1 * mSinSin;
  out[2]! += five * depth * along + strike * i4 * mSin - dip * i5 * mSinCos - open * i5 * mSinSin;
}
