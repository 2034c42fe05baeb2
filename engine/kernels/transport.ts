import { FAILED, MOVING } from './activity.ts';
import { nearCellExcess, nearFaceMean } from './fourth-order.ts';
import { type Accessor, helper, type Kernel, kernel } from './kernel.ts';
import type { TracerRange } from './tracer.ts';
import { greatest, least, pointTrace, pointTraces } from './traces.ts';

/**
 * Mixing ratios q of tracers in air of density ρ that a given wind carries, to fourth order on smooth flow:
 *
 *   ∂⟨ρ⟩/∂t = −(1/A) Σ Fₑ,   ∂⟨ρ q⟩/∂t = −(1/A) Σ Gₑ,   F = ∫ u ρ ds,  G = ∫ u ρ q ds along a face
 *
 * V = ∫ u ds is given, so F and G follow from means and slopes along the face, ∫ a b = ⟨a⟩⟨b⟩ + Δ² a′ b′/12: with
 * S = s Δ u′/12 the air is F = V ⟨ρ⟩ + S Δρ′, and the tracer G = F ⟨q⟩ + (S ⟨ρ⟩ + V Δρ′/12) Δq′. Means are those of
 * McCorquodale & Colella (2011), from upwind traces of centre values, which averages give. The prognostic of a tracer is
 * ⟨ρ q⟩/⟨ρ⟩; as its rates are kept relative to its value at the start of the step, a uniform tracer stays uniform to the bit.
 */

const WIND_WRITES = ['V', 'S'] as const;
const FURTHER_READS = ['through', 'shear', 'before', 'shearBefore'] as const;

/** Wind through faces, one kernel for each of its parts: V [m²/s] and S [m²/s] so far. */
export const ADD_WIND: readonly Kernel[] = [
  kernel({
    name: 'firstWind',
    reads: ['through', 'shear'],
    writes: WIND_WRITES,
    params: ['wind1'],
    body: ({ through, shear }, { wind1 }) => ({ V: wind1 * through(0, 0), S: wind1 * shear(0, 0) }),
  }),
  kernel({
    name: 'secondWind',
    reads: FURTHER_READS,
    writes: WIND_WRITES,
    params: ['wind2'],
    body: ({ through, shear, before, shearBefore }, { wind2 }) => ({
      V: before(0, 0) + wind2 * through(0, 0),
      S: shearBefore(0, 0) + wind2 * shear(0, 0),
    }),
  }),
  kernel({
    name: 'thirdWind',
    reads: FURTHER_READS,
    writes: WIND_WRITES,
    params: ['wind3'],
    body: ({ through, shear, before, shearBefore }, { wind3 }) => ({
      V: before(0, 0) + wind3 * through(0, 0),
      S: shearBefore(0, 0) + wind3 * shear(0, 0),
    }),
  }),
  kernel({
    name: 'fourthWind',
    reads: FURTHER_READS,
    writes: WIND_WRITES,
    params: ['wind4'],
    body: ({ through, shear, before, shearBefore }, { wind4 }) => ({
      V: before(0, 0) + wind4 * through(0, 0),
      S: shearBefore(0, 0) + wind4 * shear(0, 0),
    }),
  }),
];

/** ρ at cell centres. */
export const airPoint = kernel({
  name: 'airPoint',
  reads: ['air', 'stretchX', 'stretchY'],
  writes: ['point'],
  params: [],
  uses: () => ({ nearCellExcess }),
  body: ({ air, stretchX, stretchY }) => ({
    point: air(0, 0) - nearCellExcess(air, stretchX(0, 0), stretchY(0, 0)),
  }),
});

/** q at a cell's centre: ρ (q − q₀), whose average in the cell is 0, leaves a uniform tracer as it is. */
const centreValue = helper(
  (q: Accessor, air: Accessor, stretchX: number, stretchY: number): number => {
    const deviation = (di: number, dj: number) => air(di, dj) * (q(di, dj) - q(0, 0));
    const density = air(0, 0) - nearCellExcess(air, stretchX, stretchY);
    return q(0, 0) - nearCellExcess(deviation, stretchX, stretchY) / density;
  },
  () => ({ nearCellExcess }),
);

const POINT_READS = ['q', 'air', 'stretchX', 'stretchY'] as const;

/** q at cell centres, within the tracer's range where it has one. */
export const tracerPoint = (range?: TracerRange): Kernel => {
  if (!range)
    return kernel({
      name: 'tracerPoint',
      reads: POINT_READS,
      writes: ['point'],
      params: [],
      uses: () => ({ centreValue }),
      body: ({ q, air, stretchX, stretchY }) => ({ point: centreValue(q, air, stretchX(0, 0), stretchY(0, 0)) }),
    });
  const { low, high } = range;
  return kernel({
    name: 'boundedTracerPoint',
    reads: POINT_READS,
    writes: ['point'],
    params: [],
    uses: () => ({ centreValue, greatest, least, low, high }),
    body: ({ q, air, stretchX, stretchY }) => ({
      point: greatest(low, least(high, centreValue(q, air, stretchX(0, 0), stretchY(0, 0)))),
    }),
  });
};

/** Where no wind leaves a cell, as if this did [m²/s]. */
const CALM = 1e-6;

/**
 * How much air a cell may give away through a face in a step, for each m²/s of wind that leaves through it: shares of all
 * that the cell had at the start. Above ρ at the face while the Courant number of the outflow is below 1.
 */
export const room = kernel({
  name: 'room',
  reads: ['windX', 'windY', 'airStart', 'inverseArea'],
  writes: ['room'],
  params: ['inverseStep'],
  uses: () => ({ greatest, CALM }),
  body: ({ windX, windY, airStart, inverseArea }, { inverseStep }) => {
    const outflow =
      greatest(0, -windX(0, 0)) + greatest(0, windX(1, 0)) + (greatest(0, -windY(0, 0)) + greatest(0, windY(0, 1)));
    return { room: (airStart(0, 0) * inverseStep) / (inverseArea(0, 0) * greatest(outflow, CALM)) };
  },
});

/** Centre values carried to both sides of the centres of west faces. */
export const tracesX = kernel({
  name: 'tracesX',
  reads: ['point'],
  writes: ['left', 'right'],
  params: [],
  uses: () => ({ pointTraces }),
  body: ({ point }) => pointTraces((k) => point(k, 0)),
});

/** Centre values carried to both sides of the centres of south faces. */
export const tracesY = kernel({
  name: 'tracesY',
  reads: ['point'],
  writes: ['left', 'right'],
  params: [],
  uses: () => ({ pointTraces }),
  body: ({ point }) => pointTraces((k) => point(0, k)),
});

const MEAN_READS = ['left', 'right', 'stretch'] as const;
const MEAN_WRITES = ['meanLeft', 'meanRight', 'slopeLeft', 'slopeRight'] as const;

/** Means and slopes Δ ∂q along west faces, on both sides. */
export const meansX = kernel({
  name: 'meansX',
  reads: MEAN_READS,
  writes: MEAN_WRITES,
  params: [],
  uses: () => ({ nearFaceMean }),
  body: ({ left, right, stretch }) => ({
    meanLeft: nearFaceMean((k) => left(0, k), stretch(0, 0)),
    meanRight: nearFaceMean((k) => right(0, k), stretch(0, 0)),
    slopeLeft: 0.5 * (left(0, 1) - left(0, -1)),
    slopeRight: 0.5 * (right(0, 1) - right(0, -1)),
  }),
});

/** Means and slopes Δ ∂q along south faces, on both sides. */
export const meansY = kernel({
  name: 'meansY',
  reads: MEAN_READS,
  writes: MEAN_WRITES,
  params: [],
  uses: () => ({ nearFaceMean }),
  body: ({ left, right, stretch }) => ({
    meanLeft: nearFaceMean((k) => left(k, 0), stretch(0, 0)),
    meanRight: nearFaceMean((k) => right(k, 0), stretch(0, 0)),
    slopeLeft: 0.5 * (left(1, 0) - left(-1, 0)),
    slopeRight: 0.5 * (right(1, 0) - right(-1, 0)),
  }),
});

/** Traces at a panel edge, each from its own side's five cells, so that both panels find the same two. */
export const edgeTraces = kernel({
  name: 'edgeTraces',
  reads: ['own', 'partner'],
  writes: ['inner', 'outer'],
  params: [],
  uses: () => ({ pointTrace }),
  body: ({ own, partner }) => ({
    inner: pointTrace((k) => own(0, -k)),
    outer: pointTrace((k) => partner(0, -k)),
  }),
});

/** Means and slopes along a panel edge's faces, on both sides. */
export const edgeMeans = kernel({
  name: 'edgeMeans',
  reads: ['inner', 'outer', 'stretch'],
  writes: ['meanInner', 'meanOuter', 'slopeInner', 'slopeOuter'],
  params: [],
  uses: () => ({ nearFaceMean }),
  body: ({ inner, outer, stretch }) => ({
    meanInner: nearFaceMean((k) => inner(k, 0), stretch(0, 0)),
    meanOuter: nearFaceMean((k) => outer(k, 0), stretch(0, 0)),
    slopeInner: 0.5 * (inner(1, 0) - inner(-1, 0)),
    slopeOuter: 0.5 * (outer(1, 0) - outer(-1, 0)),
  }),
});

const TWELFTH = 1 / 12;

/** Air F through a face, and how it grows along the face: S ⟨ρ⟩ + V Δρ′/12, what a tracer's slope is carried by. */
export const airFlux = kernel({
  name: 'airFlux',
  reads: ['V', 'S', ...MEAN_WRITES],
  writes: ['F', 'growth'],
  params: [],
  uses: () => ({ TWELFTH }),
  body: ({ V, S, meanLeft, meanRight, slopeLeft, slopeRight }) => {
    const eastward = V(0, 0) > 0;
    const mean = eastward ? meanLeft(0, 0) : meanRight(0, 0);
    const slope = eastward ? slopeLeft(0, 0) : slopeRight(0, 0);
    return { F: V(0, 0) * mean + S(0, 0) * slope, growth: S(0, 0) * mean + TWELFTH * V(0, 0) * slope };
  },
});

/** Tracer through a face. */
export const tracerFlux = kernel({
  name: 'tracerFlux',
  reads: ['F', 'growth', ...MEAN_WRITES],
  writes: ['G'],
  params: [],
  body: ({ F, growth, meanLeft, meanRight, slopeLeft, slopeRight }) => {
    const eastward = F(0, 0) > 0;
    const mean = eastward ? meanLeft(0, 0) : meanRight(0, 0);
    const slope = eastward ? slopeLeft(0, 0) : slopeRight(0, 0);
    return { G: F(0, 0) * mean + growth(0, 0) * slope };
  },
});

/** What a cell before and behind a face had at the start of the step, and the room it has, which panel edges override. */
export const donorsX = kernel({
  name: 'donorsX',
  reads: ['donor'],
  writes: ['left', 'right'],
  params: [],
  body: ({ donor }) => ({ left: donor(-1, 0), right: donor(0, 0) }),
});

export const donorsY = kernel({
  name: 'donorsY',
  reads: ['donor'],
  writes: ['left', 'right'],
  params: [],
  body: ({ donor }) => ({ left: donor(0, -1), right: donor(0, 0) }),
});

/**
 * Tracer that leaves a donor with the air F ≥ 0. It is held between F times the ends of the range; and beyond F q_start
 * the donor gives no more than its allowance of air, at (q_start − low), can spare, so that what is left in it keeps the
 * range: a flux-corrected transport, Zalesak (1979), whose bounds are fixed and whose shares are given before the fluxes
 * are known. Stages of a Runge–Kutta scheme with weights ≥ 0 then keep the range as a whole.
 */
const boundedOutflow = helper(
  (
    F: number,
    growth: number,
    mean: number,
    slope: number,
    start: number,
    allowance: number,
    low: number,
    high: number,
  ): number => {
    const wanted = F * (mean - start) + growth * slope;
    const ranged = greatest(F * (low - start), least(F * (high - start), wanted));
    return F * start + greatest(-(allowance * (high - start)), least(allowance * (start - low), ranged));
  },
  () => ({ greatest, least }),
);

/** `tracerFlux` for a tracer that keeps its range. */
export const boundedTracerFlux = ({ low, high }: TracerRange): Kernel =>
  kernel({
    name: 'boundedTracerFlux',
    reads: ['V', 'F', 'growth', ...MEAN_WRITES, 'startLeft', 'startRight', 'roomLeft', 'roomRight'],
    writes: ['G'],
    params: [],
    uses: () => ({ boundedOutflow, greatest, low, high }),
    body: (f) => {
      const F = f.F(0, 0);
      const eastward = F > 0;
      const outward = Math.abs(F);
      const mean = eastward ? f.meanLeft(0, 0) : f.meanRight(0, 0);
      const slope = eastward ? f.slopeLeft(0, 0) : f.slopeRight(0, 0);
      const start = eastward ? f.startLeft(0, 0) : f.startRight(0, 0);
      const room = eastward ? f.roomLeft(0, 0) : f.roomRight(0, 0);
      const growth = eastward ? f.growth(0, 0) : -f.growth(0, 0);
      const allowance = greatest(0, Math.abs(f.V(0, 0)) * room - outward);
      const given = boundedOutflow(outward, growth, mean, slope, start, allowance, low, high);
      return { G: eastward ? given : -given };
    },
  });

/** Rate of the air in a cell. */
export const airTendency = kernel({
  name: 'airTendency',
  reads: ['FX', 'FY', 'inverseArea'],
  writes: ['rate'],
  params: [],
  body: ({ FX, FY, inverseArea }) => ({
    rate: -(inverseArea(0, 0) * (FX(1, 0) - FX(0, 0) + (FY(0, 1) - FY(0, 0)))),
  }),
});

/** `advanceFirst` and its kin for a mixing ratio: the rate is that of ρ (q − q_start), the air is what has just been reached. */
export const advanceMixingRatio: Readonly<Record<'first' | 'middle' | 'last', (weight: number) => Kernel>> = {
  first: (weight) =>
    kernel({
      name: 'advanceMixingRatioFirst',
      reads: ['start', 'rate', 'air'],
      writes: ['value', 'sum'],
      params: ['stageStep'],
      uses: () => ({ weight }),
      body: ({ start, rate, air }, { stageStep }) => ({
        value: start(0, 0) + (stageStep * rate(0, 0)) / air(0, 0),
        sum: weight * rate(0, 0),
      }),
    }),
  middle: (weight) =>
    kernel({
      name: 'advanceMixingRatioMiddle',
      reads: ['start', 'rate', 'sum', 'air'],
      writes: ['value', 'sum'],
      params: ['stageStep'],
      uses: () => ({ weight }),
      body: ({ start, rate, sum, air }, { stageStep }) => ({
        value: start(0, 0) + (stageStep * rate(0, 0)) / air(0, 0),
        sum: sum(0, 0) + weight * rate(0, 0),
      }),
    }),
  last: (weight) =>
    kernel({
      name: 'advanceMixingRatioLast',
      reads: ['start', 'rate', 'sum', 'air'],
      writes: ['value'],
      params: ['finalStep'],
      uses: () => ({ weight }),
      body: ({ start, rate, sum, air }, { finalStep }) => ({
        value: start(0, 0) + (finalStep * (sum(0, 0) + weight * rate(0, 0))) / air(0, 0),
      }),
    }),
};

/** Beyond any density or mixing ratio. */
const BOUND = 1e6;

/** End of a step: takes the new air, and tells by `moving` whether it is well: MOVING or FAILED. */
export const takeAir = kernel({
  name: 'takeAir',
  reads: ['next'],
  writes: ['value', 'moving'],
  params: [],
  uses: () => ({ BOUND, MOVING, FAILED }),
  body: ({ next }) => ({
    value: next(0, 0),
    moving: next(0, 0) > 0 && next(0, 0) < BOUND ? MOVING : FAILED,
  }),
});

/** End of a step: takes a tracer's new mixing ratio, and tells by `moving` whether all is well so far. */
export const takeTracer = kernel({
  name: 'takeTracer',
  reads: ['next', 'before'],
  writes: ['value', 'moving'],
  params: [],
  uses: () => ({ BOUND, FAILED }),
  body: ({ next, before }) => ({
    value: next(0, 0),
    moving: Math.abs(next(0, 0)) < BOUND ? before(0, 0) : FAILED,
  }),
});
