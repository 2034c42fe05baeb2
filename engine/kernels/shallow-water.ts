import { FAILED, MOVING } from './activity.ts';
import { cellMean, centreValue, faceMean, slope } from './fourth-order.ts';
import { type Accessor, helper, kernel } from './kernel.ts';
import { FACE_FLUXES, netOutflow } from './net-outflow.ts';
import { gentleLmars } from './riemann.ts';
import type { Normal } from './shallow-flux.ts';
import { type Line, pointTraces } from './traces.ts';

/**
 * The shallow water equations to fourth order, for water that nowhere falls dry, in averages over cells of the free
 * surface η and of the momentum m = h u (a Cartesian vector tangent to the globe):
 *
 *   ∂η/∂t = −(1/A) Σ Lₑ ⟨F⟩ₑ
 *   ∂m/∂t = P [ −(1/A) Σ Lₑ ⟨F u_up + (p* − p_ie) nₑ⟩ − ⟨f r × m⟩ + N ],   P = I − k kᵀ
 *
 * Fluxes are computed at face centres from values at cell centres, then averaged along the faces. With p_ie =
 * g (η − bₑ)²/2, η the cell's own average, rest is exact over any bed.
 */

/** Surface and momentum at cell centres, the momentum tangent there. */
export const pointValues = kernel({
  name: 'pointValues',
  reads: ['eta', 'mx', 'my', 'mz', 'stretchX', 'stretchY', 'centreX', 'centreY', 'centreZ'],
  writes: ['etaPoint', 'mxPoint', 'myPoint', 'mzPoint'],
  params: [],
  uses: () => ({ centreValue }),
  body: ({ eta, mx, my, mz, stretchX, stretchY, centreX, centreY, centreZ }) => {
    const atCentre = (q: Accessor) => centreValue(q, stretchX(0, 0), stretchY(0, 0));
    const x = atCentre(mx);
    const y = atCentre(my);
    const z = atCentre(mz);
    const upward = x * centreX(0, 0) + y * centreY(0, 0) + z * centreZ(0, 0);
    return {
      etaPoint: atCentre(eta),
      mxPoint: x - upward * centreX(0, 0),
      myPoint: y - upward * centreY(0, 0),
      mzPoint: z - upward * centreZ(0, 0),
    };
  },
});

/** Velocity [m/s] at cell centres. */
export const pointVelocity = kernel({
  name: 'pointVelocity',
  reads: ['etaPoint', 'mxPoint', 'myPoint', 'mzPoint', 'bed'],
  writes: ['u', 'v', 'w'],
  params: [],
  body: ({ etaPoint, mxPoint, myPoint, mzPoint, bed }) => {
    const inverse = 1 / (etaPoint(0, 0) - bed(0, 0));
    return { u: mxPoint(0, 0) * inverse, v: myPoint(0, 0) * inverse, w: mzPoint(0, 0) * inverse };
  },
});

/** Surface, velocity and bed on one side of a face. */
interface PointTrace {
  readonly eta: number;
  readonly u: number;
  readonly v: number;
  readonly w: number;
}

/** Flux at the centre of a face whose bed is `bed`: mass [m²/s], momentum carried and the pressure p* [m³/s²]. */
const pointFlux = helper(
  (left: PointTrace, right: PointTrace, bed: number, n: Normal, gravity: number) => {
    const { forward, backward, pressureLeft } = gentleLmars({
      gravity,
      etaLeft: left.eta,
      etaRight: right.eta,
      hLeft: left.eta - bed,
      hRight: right.eta - bed,
      vLeft: left.u * n.x + left.v * n.y + left.w * n.z,
      vRight: right.u * n.x + right.v * n.y + right.w * n.z,
      // Seen from a cell without water, the whole pressure.
      cellEtaLeft: bed,
      cellDepthLeft: 0,
      cellEtaRight: bed,
      cellDepthRight: 0,
    });
    return {
      mass: forward + backward,
      x: forward * left.u + backward * right.u,
      y: forward * left.v + backward * right.v,
      z: forward * left.w + backward * right.w,
      pressure: pressureLeft,
      faceBed: bed,
    };
  },
  () => ({ gentleLmars }),
);

/** Value between cells −1 and 0, (−1, 9, 9, −1)/16. */
const between = helper(
  (q: Line): number => NEAR * (q(-1) + q(0)) - FAR * (q(-2) + q(1)),
  () => ({ NEAR, FAR }),
);
const NEAR = 9 / 16;
const FAR = 1 / 16;

const lineFlux = helper(
  (eta: Line, u: Line, v: Line, w: Line, bed: Line, n: Normal, gravity: number) => {
    const [etas, us, vs, ws] = [pointTraces(eta), pointTraces(u), pointTraces(v), pointTraces(w)];
    return pointFlux(
      { eta: etas.left, u: us.left, v: vs.left, w: ws.left },
      { eta: etas.right, u: us.right, v: vs.right, w: ws.right },
      between(bed),
      n,
      gravity,
    );
  },
  () => ({ pointTraces, pointFlux, between }),
);

const POINT_READS = ['etaPoint', 'u', 'v', 'w', 'bed', 'normalX', 'normalY', 'normalZ'] as const;
const POINT_WRITES = ['mass', 'x', 'y', 'z', 'pressure', 'faceBed'] as const;

/** Fluxes at the centre of each cell's west face, positive eastward. */
export const pointFluxX = kernel({
  name: 'pointFluxX',
  reads: POINT_READS,
  writes: POINT_WRITES,
  params: ['gravity'],
  uses: () => ({ lineFlux }),
  body: ({ etaPoint, u, v, w, bed, normalX, normalY, normalZ }, { gravity }) =>
    lineFlux(
      (k) => etaPoint(k, 0),
      (k) => u(k, 0),
      (k) => v(k, 0),
      (k) => w(k, 0),
      (k) => bed(k, 0),
      { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) },
      gravity,
    ),
});

/** Fluxes at the centre of each cell's south face, positive northward. */
export const pointFluxY = kernel({
  name: 'pointFluxY',
  reads: POINT_READS,
  writes: POINT_WRITES,
  params: ['gravity'],
  uses: () => ({ lineFlux }),
  body: ({ etaPoint, u, v, w, bed, normalX, normalY, normalZ }, { gravity }) =>
    lineFlux(
      (k) => etaPoint(0, k),
      (k) => u(0, k),
      (k) => v(0, k),
      (k) => w(0, k),
      (k) => bed(0, k),
      { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) },
      gravity,
    ),
});

/** ⟨p* − p_ie⟩ along a face, as a cell whose average surface is `eta` sees it. */
const meanPressure = helper(
  (pressure: Line, faceBed: Line, eta: number, stretch: number, gravity: number): number =>
    faceMean((k) => pressure(k) - 0.25 * gravity * ((eta - faceBed(k)) * (eta - faceBed(k)) * 2), stretch),
  () => ({ faceMean }),
);

/** ⟨p_ie⟩ on the right of a face less that on its left: (g/2) ⟨(η_R − b)² − (η_L − b)²⟩, exactly zero at rest. */
const pressureRise = helper(
  (etaLeft: number, etaRight: number, meanBed: number, gravity: number): number =>
    0.5 * gravity * ((etaRight - etaLeft) * (etaRight - meanBed + (etaLeft - meanBed))),
  () => ({}),
);

const MEAN_READS = [...POINT_WRITES, 'eta', 'length', 'faceStretch'] as const;
const MEAN_WRITES = ['meanMass', 'meanX', 'meanY', 'meanZ', 'pressureLeft', 'pressureRight'] as const;

/** Fluxes through each cell's west face: means along it, times its length. */
export const meanFluxX = kernel({
  name: 'meanFluxX',
  reads: MEAN_READS,
  writes: MEAN_WRITES,
  params: ['gravity'],
  uses: () => ({ faceMean, meanPressure, pressureRise }),
  body: ({ mass, x, y, z, pressure, faceBed, eta, length, faceStretch }, { gravity }) => {
    const stretch = faceStretch(0, 0);
    const through = (q: Accessor) => length(0, 0) * faceMean((k) => q(0, k), stretch);
    const [left, right] = [eta(-1, 0), eta(0, 0)];
    const fromLeft = meanPressure(
      (k) => pressure(0, k),
      (k) => faceBed(0, k),
      left,
      stretch,
      gravity,
    );
    const rise = pressureRise(
      left,
      right,
      faceMean((k) => faceBed(0, k), stretch),
      gravity,
    );
    return {
      meanMass: through(mass),
      meanX: through(x),
      meanY: through(y),
      meanZ: through(z),
      pressureLeft: length(0, 0) * fromLeft,
      pressureRight: length(0, 0) * (fromLeft - rise),
    };
  },
});

/** Fluxes through each cell's south face: means along it, times its length. */
export const meanFluxY = kernel({
  name: 'meanFluxY',
  reads: MEAN_READS,
  writes: MEAN_WRITES,
  params: ['gravity'],
  uses: () => ({ faceMean, meanPressure, pressureRise }),
  body: ({ mass, x, y, z, pressure, faceBed, eta, length, faceStretch }, { gravity }) => {
    const stretch = faceStretch(0, 0);
    const through = (q: Accessor) => length(0, 0) * faceMean((k) => q(k, 0), stretch);
    const [left, right] = [eta(0, -1), eta(0, 0)];
    const fromLeft = meanPressure(
      (k) => pressure(k, 0),
      (k) => faceBed(k, 0),
      left,
      stretch,
      gravity,
    );
    const rise = pressureRise(
      left,
      right,
      faceMean((k) => faceBed(k, 0), stretch),
      gravity,
    );
    return {
      meanMass: through(mass),
      meanX: through(x),
      meanY: through(y),
      meanZ: through(z),
      pressureLeft: length(0, 0) * fromLeft,
      pressureRight: length(0, 0) * (fromLeft - rise),
    };
  },
});

/** One side of a panel edge: cells on a line away from the face, dj = −3 … 2, outward negative. */
interface EdgeSide {
  readonly eta: Accessor;
  readonly mx: Accessor;
  readonly my: Accessor;
  readonly mz: Accessor;
  readonly bed: Accessor;
}

/** Flux outward through the face as one panel's own line of cells and ghosts has it. */
const edgeSideFlux = helper(
  (side: EdgeSide, bed: number, n: Normal, gravity: number) => {
    // Cells −1 and 0 of a line lie at distances 0 and −1 in the strip, whose distances count inwards.
    const inverseAt = (k: number) => 1 / (side.eta(0, -k - 1) - side.bed(0, -k - 1));
    const [i0, i1, i2] = [inverseAt(-3), inverseAt(-2), inverseAt(-1)];
    const [i3, i4, i5] = [inverseAt(0), inverseAt(1), inverseAt(2)];
    const inverse = (k: number) => (k === -3 ? i0 : k === -2 ? i1 : k === -1 ? i2 : k === 0 ? i3 : k === 1 ? i4 : i5);
    const etas = pointTraces((k) => side.eta(0, -k - 1));
    const us = pointTraces((k) => side.mx(0, -k - 1) * inverse(k));
    const vs = pointTraces((k) => side.my(0, -k - 1) * inverse(k));
    const ws = pointTraces((k) => side.mz(0, -k - 1) * inverse(k));
    return pointFlux(
      { eta: etas.left, u: us.left, v: vs.left, w: ws.left },
      { eta: etas.right, u: us.right, v: vs.right, w: ws.right },
      bed,
      n,
      gravity,
    );
  },
  () => ({ pointTraces, pointFlux }),
);

/**
 * Fluxes at the centres of a panel edge's faces, outward from the tile: the mean of what both panels find along their own
 * lines, so that both use the same numbers, and each panel's errors on either side of a face go on cancelling.
 */
export const edgePointFlux = kernel({
  name: 'edgePointFlux',
  reads: [
    'ownEta',
    'ownMx',
    'ownMy',
    'ownMz',
    'ownBed',
    'partnerEta',
    'partnerMx',
    'partnerMy',
    'partnerMz',
    'partnerBed',
    'normalX',
    'normalY',
    'normalZ',
  ],
  writes: POINT_WRITES,
  params: ['gravity'],
  uses: () => ({ edgeSideFlux, between }),
  body: (f, { gravity }) => {
    const n = { x: f.normalX(0, 0), y: f.normalY(0, 0), z: f.normalZ(0, 0) };
    const inward = { x: -n.x, y: -n.y, z: -n.z };
    const bed = 0.5 * (between((k) => f.ownBed(0, -k - 1)) + between((k) => f.partnerBed(0, -k - 1)));
    const own = edgeSideFlux({ eta: f.ownEta, mx: f.ownMx, my: f.ownMy, mz: f.ownMz, bed: f.ownBed }, bed, n, gravity);
    const partner = edgeSideFlux(
      { eta: f.partnerEta, mx: f.partnerMx, my: f.partnerMy, mz: f.partnerMz, bed: f.partnerBed },
      bed,
      inward,
      gravity,
    );
    return {
      mass: 0.5 * (own.mass - partner.mass),
      x: 0.5 * (own.x - partner.x),
      y: 0.5 * (own.y - partner.y),
      z: 0.5 * (own.z - partner.z),
      pressure: 0.5 * (own.pressure + partner.pressure),
      faceBed: bed,
    };
  },
});

/** Means along a panel edge's faces, times their lengths; `orientation` is −1 where outward is against the tile's x or y. */
export const edgeMeanFlux = kernel({
  name: 'edgeMeanFlux',
  reads: [...POINT_WRITES, 'ownAverage', 'length', 'stretch', 'orientation'],
  writes: ['meanMass', 'meanX', 'meanY', 'meanZ', 'meanPressure'],
  params: ['gravity'],
  uses: () => ({ faceMean, meanPressure }),
  body: ({ mass, x, y, z, pressure, faceBed, ownAverage, length, stretch, orientation }, { gravity }) => {
    const directed = length(0, 0) * orientation(0, 0);
    const through = (q: Accessor) => directed * faceMean((k) => q(k, 0), stretch(0, 0));
    return {
      meanMass: through(mass),
      meanX: through(x),
      meanY: through(y),
      meanZ: through(z),
      meanPressure:
        length(0, 0) *
        meanPressure(
          (k) => pressure(k, 0),
          (k) => faceBed(k, 0),
          ownAverage(0, 0),
          stretch(0, 0),
          gravity,
        ),
    };
  },
});

/** At cell centres: f r × m [m²/s²], and K = h |u|² [m³/s²]. */
export const pointForces = kernel({
  name: 'pointForces',
  reads: ['mxPoint', 'myPoint', 'mzPoint', 'u', 'v', 'w', 'centreX', 'centreY', 'centreZ'],
  writes: ['coriolisX', 'coriolisY', 'coriolisZ', 'kinetic'],
  params: ['planeCoriolis', 'twiceRotationX', 'twiceRotationY', 'twiceRotationZ'],
  body: (
    { mxPoint, myPoint, mzPoint, u, v, w, centreX, centreY, centreZ },
    { planeCoriolis, twiceRotationX, twiceRotationY, twiceRotationZ },
  ) => {
    const [mx, my, mz] = [mxPoint(0, 0), myPoint(0, 0), mzPoint(0, 0)];
    const [rx, ry, rz] = [centreX(0, 0), centreY(0, 0), centreZ(0, 0)];
    const f = planeCoriolis + (twiceRotationX * rx + twiceRotationY * ry + twiceRotationZ * rz);
    return {
      coriolisX: f * (ry * mz - rz * my),
      coriolisY: f * (rz * mx - rx * mz),
      coriolisZ: f * (rx * my - ry * mx),
      kinetic: mx * u(0, 0) + my * v(0, 0) + mz * w(0, 0),
    };
  },
});

/** Rates of change of the averages of η and m. */
export const meanTendency = kernel({
  name: 'meanTendency',
  reads: [
    ...FACE_FLUXES,
    'coriolisX',
    'coriolisY',
    'coriolisZ',
    'kinetic',
    'etaPoint',
    'bed',
    'centreX',
    'centreY',
    'centreZ',
    'stretchX',
    'stretchY',
    'upX',
    'upY',
    'upZ',
    'inverseArea',
  ],
  writes: ['etaRate', 'mxRate', 'myRate', 'mzRate'],
  params: ['gravity', 'inverseRadius'],
  uses: () => ({ netOutflow, cellMean, slope, TWELFTH }),
  body: (f, { gravity, inverseRadius }) => {
    const out = netOutflow(f);
    const inverseArea = f.inverseArea(0, 0);
    const coriolis = (q: Accessor) => cellMean(q, f.stretchX(0, 0), f.stretchY(0, 0));
    // The forces normal to the globe turn with it across a cell: ⟨λ r⟩ with λ = (K + 2 p)/R, p the pressure's deviation
    // from the cell's own, leaves (∂λ ∂r) Δ²/12 in the cell's own tangent plane; r needs the next cells alone.
    const weight = 2 * gravity * (f.etaPoint(0, 0) - f.bed(0, 0));
    const across = (q: Accessor) => slope((k) => q(k, 0));
    const along = (q: Accessor) => slope((k) => q(0, k));
    const loadX = TWELFTH * inverseRadius * (across(f.kinetic) + weight * across(f.etaPoint));
    const loadY = TWELFTH * inverseRadius * (along(f.kinetic) + weight * along(f.etaPoint));
    const turning = (r: Accessor) => 0.5 * (loadX * (r(1, 0) - r(-1, 0)) + loadY * (r(0, 1) - r(0, -1)));
    const ax = -(inverseArea * out.x) - coriolis(f.coriolisX) - turning(f.centreX);
    const ay = -(inverseArea * out.y) - coriolis(f.coriolisY) - turning(f.centreY);
    const az = -(inverseArea * out.z) - coriolis(f.coriolisZ) - turning(f.centreZ);
    const [kx, ky, kz] = [f.upX(0, 0), f.upY(0, 0), f.upZ(0, 0)];
    const vertical = ax * kx + ay * ky + az * kz;
    return {
      etaRate: -(inverseArea * out.mass),
      mxRate: ax - kx * vertical,
      myRate: ay - ky * vertical,
      mzRate: az - kz * vertical,
    };
  },
});
const TWELFTH = 1 / 12;

/** Fourth difference along both coordinates, Δ⁴ (∂⁴/∂x⁴ + ∂⁴/∂y⁴): strongest on waves of two cells. */
const fourthDifference = (q: Accessor): number => {
  const along = (p: Line) => p(-2) + p(2) - 4 * (p(-1) + p(1)) + 6 * p(0);
  return along((k) => q(k, 0)) + along((k) => q(0, k));
};

/** Takes − ν ∇⁴ m, by grid lines, off the rates of m, in the cell's own tangent plane; Δ⁴ is the square of its area. */
export const hyperdiffusion = kernel({
  name: 'hyperdiffusion',
  reads: ['mxPlain', 'myPlain', 'mzPlain', 'mxPoint', 'myPoint', 'mzPoint', 'inverseArea', 'upX', 'upY', 'upZ'],
  writes: ['mxRate', 'myRate', 'mzRate'],
  params: ['hyperdiffusion'],
  uses: () => ({ fourthDifference }),
  body: (f, { hyperdiffusion: strength }) => {
    const factor = strength * (f.inverseArea(0, 0) * f.inverseArea(0, 0));
    const [x, y, z] = [fourthDifference(f.mxPoint), fourthDifference(f.myPoint), fourthDifference(f.mzPoint)];
    const [kx, ky, kz] = [f.upX(0, 0), f.upY(0, 0), f.upZ(0, 0)];
    const vertical = x * kx + y * ky + z * kz;
    return {
      mxRate: f.mxPlain(0, 0) - factor * (x - kx * vertical),
      myRate: f.myPlain(0, 0) - factor * (y - ky * vertical),
      mzRate: f.mzPlain(0, 0) - factor * (z - kz * vertical),
    };
  },
});

/** Bounds [m], [m²/s] that no planet's water or air reaches. */
const SURFACE_BOUND = 1e6;
const MOMENTUM_BOUND = 1e9;

/** End of a step: takes the new state, and tells by `moving` whether all is well with it: MOVING or FAILED. */
export const take = kernel({
  name: 'take',
  reads: ['etaNext', 'mxNext', 'myNext', 'mzNext', 'bed'],
  writes: ['eta', 'mx', 'my', 'mz', 'moving'],
  params: [],
  uses: () => ({ SURFACE_BOUND, MOMENTUM_BOUND, MOVING, FAILED }),
  body: ({ etaNext, mxNext, myNext, mzNext, bed }) => {
    const [eta, mx, my, mz] = [etaNext(0, 0), mxNext(0, 0), myNext(0, 0), mzNext(0, 0)];
    const sane =
      Math.abs(eta) < SURFACE_BOUND &&
      eta > bed(0, 0) &&
      Math.abs(mx) < MOMENTUM_BOUND &&
      Math.abs(my) < MOMENTUM_BOUND &&
      Math.abs(mz) < MOMENTUM_BOUND;
    return { eta, mx, my, mz, moving: sane ? MOVING : FAILED };
  },
});
