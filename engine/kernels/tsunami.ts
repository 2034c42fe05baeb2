import { AT_REST, FAILED, MOVING } from './activity.ts';
import { inverseCubeRoot } from './inverse-cube-root.ts';
import { helper, kernel, unlikely } from './kernel.ts';
import { FACE_FLUXES, netOutflow } from './net-outflow.ts';
import {
  deepFlux,
  type FaceCell,
  type FluxSettings,
  isViolent,
  type Normal,
  type ShallowFlux,
  shoreFlux,
} from './shallow-flux.ts';
import { averageTrace, averageTraces, greatest, type Line, least, limitedTrace } from './traces.ts';

/**
 * The shallow water equations over a real bed, with wetting and drying, in the free surface η and the momentum m = h u
 * (a Cartesian vector tangent to the globe):
 *
 *   ∂η/∂t = −(1/A) Σ Lₑ Fₑ
 *   ∂m/∂t = P [ −(1/A) Σ Lₑ (Fₑ u_up + (p* − p_ie) nₑ) − f k × m ],   P = I − k kᵀ
 *
 * Bed slope is the subtraction of p_ie, edge by edge, so that rest is exact over any bed.
 */

/** A surface within this of rest [m], with momentum within that [m²/s], is still. */
const REST_SURFACE = 1e-9;
const REST_MOMENTUM = 2e-8;

/**
 * 0 where a cell is still, 1 where it moves. No water flows between two still cells: this stops the numerical precursor,
 * which would run twelve cells a step at 1e-20 m, without losing a drop, and lets tiles that are still be skipped.
 */
const stirring = helper(
  (eta: number, rest: number, mx: number, my: number, mz: number): number =>
    Math.abs(eta - rest) < REST_SURFACE &&
    Math.abs(mx) < REST_MOMENTUM &&
    Math.abs(my) < REST_MOMENTUM &&
    Math.abs(mz) < REST_MOMENTUM
      ? 0
      : 1,
  () => ({ REST_SURFACE, REST_MOMENTUM }),
);

/** Bounds that no tsunami reaches [m], [m²/s]: beyond them, or not a number, the run has failed. */
const SURFACE_BOUND = 2e4;
const MOMENTUM_BOUND = 1e7;

/**
 * 1/h for deep water, falling to 0 with h below `smoothDepth`: u = m · inverseDepth(h), after Kurganov & Petrova (2007)
 * eq. 2.17. Water below `dryDepth` does not flow.
 */
export const inverseDepth = helper(
  (h: number, dryDepth: number, smoothDepth: number): number => {
    const smooth = greatest(h, smoothDepth);
    return h < dryDepth ? 0 : (2 * h) / (h * h + smooth * smooth);
  },
  () => ({ greatest }),
);

/** Depth [m] and velocity [m/s] of each cell, its depth now or at the start of the step if less, and whether it moves. */
export const velocity = kernel({
  name: 'velocity',
  reads: ['eta', 'mx', 'my', 'mz', 'bed', 'etaStart'],
  writes: ['h', 'leastDepth', 'u', 'v', 'w', 'stir'],
  params: ['seaLevel', 'dryDepth', 'smoothDepth'],
  uses: () => ({ inverseDepth, stirring, greatest, least }),
  body: ({ eta, mx, my, mz, bed, etaStart }, { seaLevel, dryDepth, smoothDepth }) => {
    const h = eta(0, 0) - bed(0, 0);
    const inverse = inverseDepth(h, dryDepth, smoothDepth);
    return {
      h,
      leastDepth: least(eta(0, 0), etaStart(0, 0)) - bed(0, 0),
      u: mx(0, 0) * inverse,
      v: my(0, 0) * inverse,
      w: mz(0, 0) * inverse,
      stir: stirring(eta(0, 0), greatest(seaLevel, bed(0, 0)), mx(0, 0), my(0, 0), mz(0, 0)),
    };
  },
});

/** Fields on a line of cells across a face; cell −1 lies before it, cell 0 behind it. */
interface FlowLine {
  readonly eta: Line;
  readonly u: Line;
  readonly v: Line;
  readonly w: Line;
  readonly h: Line;
  readonly leastDepth: Line;
  readonly bed: Line;
  readonly start: Line;
}

interface LineSettings extends FluxSettings {
  /** Water shallower than this [m] lies at a shore. */
  readonly thinDepth: number;
}

/**
 * Fluxes through the face between cells −1 and 0, times its open length; those of a shore where one of six cells is
 * thin, or has too little water for a flux so violent.
 */
const lineFlux = helper(
  (
    { eta, u, v, w, h, leastDepth, bed, start }: FlowLine,
    n: Normal,
    length: number,
    settings: LineSettings,
  ): ShallowFlux => {
    const depth = leastDepth;
    const donor = least(depth(-1), depth(0));
    const shallowest = least(least(donor, least(depth(-2), depth(1))), least(depth(-3), depth(2)));
    const cellAt = (k: number): FaceCell => ({
      eta: eta(k),
      u: u(k),
      v: v(k),
      w: w(k),
      bed: bed(k),
      h: h(k),
      startDepth: start(k) - bed(k),
    });
    const before = cellAt(-1);
    const behind = cellAt(0);
    const deep = () => {
      const [etas, us, vs, ws] = [averageTraces(eta), averageTraces(u), averageTraces(v), averageTraces(w)];
      return deepFlux(
        { eta: etas.left, u: us.left, v: vs.left, w: ws.left },
        { eta: etas.right, u: us.right, v: vs.right, w: ws.right },
        before,
        behind,
        n,
        settings,
      );
    };
    const shore = () => {
      const ahead = (q: Line) => limitedTrace((k) => q(k - 1));
      const back = (q: Line) => limitedTrace((k) => q(-k));
      return shoreFlux(
        { eta: ahead(eta), u: ahead(u), v: ahead(v), w: ahead(w), h: ahead(h) },
        { eta: back(eta), u: back(u), v: back(v), w: back(w), h: back(h) },
        before,
        behind,
        n,
        settings,
      );
    };
    const usual = deep();
    const needsShore = shallowest < settings.thinDepth || isViolent(usual.mass, donor, settings);
    // A closed face, dry land above all, need not take the long way.
    const flux = unlikely(length > 0 && needsShore) ? shore() : usual;
    return {
      mass: flux.mass * length,
      x: flux.x * length,
      y: flux.y * length,
      z: flux.z * length,
      pressureLeft: flux.pressureLeft * length,
      pressureRight: flux.pressureRight * length,
    };
  },
  () => ({ least, averageTraces, limitedTrace, deepFlux, shoreFlux, isViolent, unlikely }),
);

const FLOW_READS = [
  'eta',
  'u',
  'v',
  'w',
  'h',
  'leastDepth',
  'stir',
  'bed',
  'etaStart',
  'length',
  'normalX',
  'normalY',
  'normalZ',
] as const;
const FLUX_WRITES = ['mass', 'x', 'y', 'z', 'pressureLeft', 'pressureRight'] as const;
const FLUX_PARAMS = ['gravity', 'thinDepth', 'crossingSpeed'] as const;

/** Fluxes through each cell's west face, positive eastward. */
export const fluxX = kernel({
  name: 'fluxX',
  reads: FLOW_READS,
  writes: FLUX_WRITES,
  params: FLUX_PARAMS,
  uses: () => ({ lineFlux }),
  body: ({ eta, u, v, w, h, leastDepth, stir, bed, etaStart, length, normalX, normalY, normalZ }, settings) =>
    lineFlux(
      {
        eta: (k) => eta(k, 0),
        u: (k) => u(k, 0),
        v: (k) => v(k, 0),
        w: (k) => w(k, 0),
        h: (k) => h(k, 0),
        leastDepth: (k) => leastDepth(k, 0),
        bed: (k) => bed(k, 0),
        start: (k) => etaStart(k, 0),
      },
      { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) },
      stir(-1, 0) + stir(0, 0) > 0 ? length(0, 0) : 0,
      settings,
    ),
});

/** Fluxes through each cell's south face, positive northward. */
export const fluxY = kernel({
  name: 'fluxY',
  reads: FLOW_READS,
  writes: FLUX_WRITES,
  params: FLUX_PARAMS,
  uses: () => ({ lineFlux }),
  body: ({ eta, u, v, w, h, leastDepth, stir, bed, etaStart, length, normalX, normalY, normalZ }, settings) =>
    lineFlux(
      {
        eta: (k) => eta(0, k),
        u: (k) => u(0, k),
        v: (k) => v(0, k),
        w: (k) => w(0, k),
        h: (k) => h(0, k),
        leastDepth: (k) => leastDepth(0, k),
        bed: (k) => bed(0, k),
        start: (k) => etaStart(0, k),
      },
      { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) },
      stir(0, -1) + stir(0, 0) > 0 ? length(0, 0) : 0,
      settings,
    ),
});

/** One side of a panel edge: five cells on a line away from the face (dj = −2 … 2, outward negative). */
interface EdgeSide {
  readonly eta: (di: number, dj: number) => number;
  readonly mx: (di: number, dj: number) => number;
  readonly my: (di: number, dj: number) => number;
  readonly mz: (di: number, dj: number) => number;
  readonly bed: (di: number, dj: number) => number;
  readonly etaStart: (di: number, dj: number) => number;
}

interface EdgeSettings extends LineSettings {
  readonly seaLevel: number;
  readonly dryDepth: number;
  readonly smoothDepth: number;
}

const edgeSide = helper(
  (side: EdgeSide, { seaLevel, dryDepth, smoothDepth }: EdgeSettings) => {
    // Distances count inwards in the strip, outwards in a trace.
    const eta = (k: number) => side.eta(0, -k);
    const h = (k: number) => side.eta(0, -k) - side.bed(0, -k);
    const depth = (k: number) => least(side.eta(0, -k), side.etaStart(0, -k)) - side.bed(0, -k);
    const inverseAt = (k: number) => inverseDepth(h(k), dryDepth, smoothDepth);
    const far = inverseAt(-2);
    const near = inverseAt(-1);
    const here = inverseAt(0);
    const beyond = inverseAt(1);
    const last = inverseAt(2);
    const inverse = (k: number) => (k === -2 ? far : k === -1 ? near : k === 0 ? here : k === 1 ? beyond : last);
    const u = (k: number) => side.mx(0, -k) * inverse(k);
    const v = (k: number) => side.my(0, -k) * inverse(k);
    const w = (k: number) => side.mz(0, -k) * inverse(k);
    const cell: FaceCell = {
      eta: eta(0),
      u: u(0),
      v: v(0),
      w: w(0),
      bed: side.bed(0, 0),
      h: h(0),
      startDepth: side.etaStart(0, 0) - side.bed(0, 0),
    };
    return {
      cell,
      donor: depth(0),
      shallowest: least(least(least(depth(-2), depth(-1)), least(depth(0), depth(1))), depth(2)),
      stir: stirring(eta(0), greatest(seaLevel, cell.bed), side.mx(0, 0), side.my(0, 0), side.mz(0, 0)),
      deep: () => ({ eta: averageTrace(eta), u: averageTrace(u), v: averageTrace(v), w: averageTrace(w) }),
      shore: () => ({
        eta: limitedTrace(eta),
        u: limitedTrace(u),
        v: limitedTrace(v),
        w: limitedTrace(w),
        h: limitedTrace(h),
      }),
    };
  },
  () => ({ least, greatest, averageTrace, limitedTrace, inverseDepth, stirring }),
);

/**
 * Fluxes through the faces of a panel edge from the true cells on both sides, so that both panels find the same mass to
 * the bit. The tile's own cell counts as left; `orientation` is −1 where outward is against the tile's x or y.
 */
export const edgeFlux = kernel({
  name: 'edgeFlux',
  reads: [
    'ownEta',
    'ownMx',
    'ownMy',
    'ownMz',
    'ownBed',
    'ownEtaStart',
    'partnerEta',
    'partnerMx',
    'partnerMy',
    'partnerMz',
    'partnerBed',
    'partnerEtaStart',
    'length',
    'normalX',
    'normalY',
    'normalZ',
    'orientation',
  ],
  writes: ['mass', 'x', 'y', 'z', 'pressure'],
  params: [...FLUX_PARAMS, 'seaLevel', 'dryDepth', 'smoothDepth'],
  uses: () => ({ edgeSide, deepFlux, shoreFlux, isViolent, least, unlikely }),
  body: (f, settings) => {
    const own = edgeSide(
      { eta: f.ownEta, mx: f.ownMx, my: f.ownMy, mz: f.ownMz, bed: f.ownBed, etaStart: f.ownEtaStart },
      settings,
    );
    const partner = edgeSide(
      {
        eta: f.partnerEta,
        mx: f.partnerMx,
        my: f.partnerMy,
        mz: f.partnerMz,
        bed: f.partnerBed,
        etaStart: f.partnerEtaStart,
      },
      settings,
    );
    const n = { x: f.normalX(0, 0), y: f.normalY(0, 0), z: f.normalZ(0, 0) };
    const length = own.stir + partner.stir > 0 ? f.length(0, 0) : 0;
    const shallowest = least(own.shallowest, partner.shallowest);
    const donor = least(own.donor, partner.donor);
    const usual = deepFlux(own.deep(), partner.deep(), own.cell, partner.cell, n, settings);
    const needsShore = shallowest < settings.thinDepth || isViolent(usual.mass, donor, settings);
    const flux = unlikely(length > 0 && needsShore)
      ? shoreFlux(own.shore(), partner.shore(), own.cell, partner.cell, n, settings)
      : usual;
    const directed = length * f.orientation(0, 0);
    return {
      mass: flux.mass * directed,
      x: flux.x * directed,
      y: flux.y * directed,
      z: flux.z * directed,
      pressure: flux.pressureLeft * length,
    };
  },
});

/** Rates of change of η and m from the fluxes through a cell's four faces, and from rotation. */
export const tendency = kernel({
  name: 'tendency',
  reads: [...FACE_FLUXES, 'mx', 'my', 'mz', 'upX', 'upY', 'upZ', 'inverseArea'],
  writes: ['etaRate', 'mxRate', 'myRate', 'mzRate'],
  params: ['planeCoriolis', 'twiceRotation'],
  uses: () => ({ netOutflow }),
  body: (f, { planeCoriolis, twiceRotation }) => {
    const out = netOutflow(f);
    const kx = f.upX(0, 0);
    const ky = f.upY(0, 0);
    const kz = f.upZ(0, 0);
    const mx = f.mx(0, 0);
    const my = f.my(0, 0);
    const mz = f.mz(0, 0);
    const coriolis = planeCoriolis + twiceRotation * kz;
    const inverseArea = f.inverseArea(0, 0);
    const ax = -(inverseArea * out.x) - coriolis * (ky * mz - kz * my);
    const ay = -(inverseArea * out.y) - coriolis * (kz * mx - kx * mz);
    const az = -(inverseArea * out.z) - coriolis * (kx * my - ky * mx);
    const vertical = ax * kx + ay * ky + az * kz;
    return {
      etaRate: -(inverseArea * out.mass),
      mxRate: ax - kx * vertical,
      myRate: ay - ky * vertical,
      mzRate: az - kz * vertical,
    };
  },
});

/** Friction that takes less than this share of a cell's momentum in a step is left out, as float32 would round it off. */
const NO_FRICTION = 1 / 33554432;
const CHORD_START = 27;
const CHORD_SLOPE = 1.66e-3;

/** Whether `strength` · h^(−7/3) counts; seen without a root, as h^(1/3) lies above its chord from 27 m to 12 km. */
const isRubbing = helper(
  (strength: number, h: number): boolean =>
    h < CHORD_START || strength > NO_FRICTION * (h * h * (3 + CHORD_SLOPE * (h - CHORD_START))),
  () => ({ NO_FRICTION, CHORD_START, CHORD_SLOPE }),
);

/**
 * End of a step: implicit Manning friction m ← m / (1 + Δt g n² |m| h^(−7/3)), and no momentum in dry or still cells.
 * `moving` tells AT_REST, MOVING or FAILED.
 */
export const settle = kernel({
  name: 'settle',
  reads: ['etaNext', 'mxNext', 'myNext', 'mzNext', 'bed'],
  writes: ['eta', 'mx', 'my', 'mz', 'moving'],
  params: ['seaLevel', 'dryDepth', 'friction'],
  uses: () => ({
    greatest,
    inverseCubeRoot,
    isRubbing,
    unlikely,
    stirring,
    SURFACE_BOUND,
    MOMENTUM_BOUND,
    AT_REST,
    MOVING,
    FAILED,
  }),
  body: ({ etaNext, mxNext, myNext, mzNext, bed }, { seaLevel, dryDepth, friction }) => {
    const ground = bed(0, 0);
    const level = greatest(etaNext(0, 0), ground);
    const h = level - ground;
    const wet = h < dryDepth ? 0 : 1;
    const mx0 = mxNext(0, 0);
    const my0 = myNext(0, 0);
    const mz0 = mzNext(0, 0);
    const deep = greatest(h, dryDepth);
    const momentum = Math.sqrt(mx0 * mx0 + my0 * my0 + mz0 * mz0);
    const strength = friction * momentum;
    const root = inverseCubeRoot(deep);
    const damped = wet / (1 + strength * (root * root * root * (root * root * (root * root))));
    const damping = unlikely(isRubbing(strength, deep)) ? damped : wet;
    const stir = stirring(level, greatest(seaLevel, ground), mx0 * damping, my0 * damping, mz0 * damping);
    const sane =
      Math.abs(etaNext(0, 0)) < SURFACE_BOUND &&
      Math.abs(mx0) < MOMENTUM_BOUND &&
      Math.abs(my0) < MOMENTUM_BOUND &&
      Math.abs(mz0) < MOMENTUM_BOUND;
    // A select, not a product with 0: that could leave −0, and a skipped tile keeps +0.
    return {
      eta: sane ? level : etaNext(0, 0),
      mx: stir > 0 ? mx0 * damping : 0,
      my: stir > 0 ? my0 * damping : 0,
      mz: stir > 0 ? mz0 * damping : 0,
      moving: sane ? (stir > 0 ? MOVING : AT_REST) : FAILED,
    };
  },
});

/** Running extremes of a step's result: amplitude above rest (flow depth on land) [m], its first arrival [s], speed [m/s]. */
export const extremes = kernel({
  name: 'extremes',
  reads: ['eta', 'mx', 'my', 'mz', 'bed', 'maximumAmplitude', 'arrivalTime', 'maximumSpeed'],
  writes: ['maximumAmplitude', 'arrivalTime', 'maximumSpeed'],
  params: ['seaLevel', 'dryDepth', 'smoothDepth', 'arrivalThreshold', 'endTime'],
  uses: () => ({ greatest, inverseDepth }),
  body: (f, { seaLevel, dryDepth, smoothDepth, arrivalThreshold, endTime }) => {
    const bed = f.bed(0, 0);
    const h = f.eta(0, 0) - bed;
    const amplitude = h < dryDepth ? 0 : f.eta(0, 0) - greatest(seaLevel, bed);
    const mx = f.mx(0, 0);
    const my = f.my(0, 0);
    const mz = f.mz(0, 0);
    const speed = Math.sqrt(mx * mx + my * my + mz * mz) * inverseDepth(h, dryDepth, smoothDepth);
    const arrived = f.arrivalTime(0, 0);
    return {
      maximumAmplitude: greatest(f.maximumAmplitude(0, 0), amplitude),
      arrivalTime: arrived < 0 && Math.abs(amplitude) > arrivalThreshold ? endTime : arrived,
      maximumSpeed: greatest(f.maximumSpeed(0, 0), speed),
    };
  },
});
