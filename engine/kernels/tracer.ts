import { helper, type Kernel, kernel } from './kernel.ts';
import { fivePointTrace, greatest, type Line, least } from './traces.ts';

/**
 * Passive tracers, as concentrations q carried by the water's own mass flux F: ∂(h q)/∂t = −(1/A) Σ Lₑ Fₑ q_up. Rates
 * are kept relative to the concentration at the start of the step, so a uniform tracer stays uniform to the bit.
 */

/** How steep a trace may be against the upwind difference: monotone while the flow's Courant number is below 1/5. */
const STEEPEST = 4;

/** Five-point upwind trace held between its cell and the next, Suresh & Huynh (1997) eq. 2.12; k counts downwind. */
const boundedTrace = helper(
  (q: Line): number => {
    const rise = q(1) - q(0);
    const behind = STEEPEST * (q(0) - q(-1));
    const wanted = fivePointTrace(q) - q(0);
    const upward = greatest(0, least(wanted, least(rise, behind)));
    const downward = least(0, greatest(wanted, greatest(rise, behind)));
    return q(0) + (rise > 0 ? upward : downward);
  },
  () => ({ fivePointTrace, STEEPEST, greatest, least }),
);

const advected = helper(
  (q: Line, mass: number): number => mass * (mass > 0 ? boundedTrace((k) => q(k - 1)) : boundedTrace((k) => q(-k))),
  () => ({ boundedTrace }),
);

export const tracerFluxX = kernel({
  name: 'tracerFluxX',
  reads: ['q', 'mass'],
  writes: ['flux'],
  params: [],
  uses: () => ({ advected }),
  body: ({ q, mass }) => ({ flux: advected((k) => q(k, 0), mass(0, 0)) }),
});

export const tracerFluxY = kernel({
  name: 'tracerFluxY',
  reads: ['q', 'mass'],
  writes: ['flux'],
  params: [],
  uses: () => ({ advected }),
  body: ({ q, mass }) => ({ flux: advected((k) => q(0, k), mass(0, 0)) }),
});

/** Tracer flux through a panel edge; `mass` is what `edgeFlux` found there, `orientation` as in `edgeFlux`. */
export const edgeTracerFlux = kernel({
  name: 'edgeTracerFlux',
  reads: ['ownQ', 'partnerQ', 'mass', 'orientation'],
  writes: ['flux'],
  params: [],
  uses: () => ({ boundedTrace }),
  body: ({ ownQ, partnerQ, mass, orientation }) => {
    const outward = mass(0, 0) * orientation(0, 0);
    const upwind = outward > 0 ? boundedTrace((k) => ownQ(0, -k)) : boundedTrace((k) => partnerQ(0, -k));
    return { flux: mass(0, 0) * upwind };
  },
});

/** Rate of h (q − q_start): zero to the bit where all faces carry q_start. */
export const tracerTendency = kernel({
  name: 'tracerTendency',
  reads: ['start', 'massX', 'massY', 'fluxX', 'fluxY', 'inverseArea'],
  writes: ['rate'],
  params: [],
  body: ({ start, massX, massY, fluxX, fluxY, inverseArea }) => {
    const q = start(0, 0);
    const west = fluxX(0, 0) - massX(0, 0) * q;
    const east = fluxX(1, 0) - massX(1, 0) * q;
    const south = fluxY(0, 0) - massY(0, 0) * q;
    const north = fluxY(0, 1) - massY(0, 1) * q;
    return { rate: -(inverseArea(0, 0) * (east - west + (north - south))) };
  },
});

/** q_start + Δ(h (q − q_start)) / h with the depth that the water has just got; a dry cell keeps what it held. */
export function concentration(start: number, added: number, h: number, dryDepth: number): number {
  return h < dryDepth ? start : start + added / h;
}

/** `advanceFirst` and its kin for a tracer: the rate is that of h q, the depth the one just reached. */
export const advanceTracer = {
  first: (weight: number): Kernel =>
    kernel({
      name: 'advanceTracerFirst',
      reads: ['start', 'rate', 'surface', 'bed'],
      writes: ['value', 'sum'],
      params: ['stageStep', 'dryDepth'],
      uses: () => ({ weight, concentration }),
      body: ({ start, rate, surface, bed }, { stageStep, dryDepth }) => ({
        value: concentration(start(0, 0), stageStep * rate(0, 0), surface(0, 0) - bed(0, 0), dryDepth),
        sum: weight * rate(0, 0),
      }),
    }),
  middle: (weight: number): Kernel =>
    kernel({
      name: 'advanceTracerMiddle',
      reads: ['start', 'rate', 'sum', 'surface', 'bed'],
      writes: ['value', 'sum'],
      params: ['stageStep', 'dryDepth'],
      uses: () => ({ weight, concentration }),
      body: ({ start, rate, sum, surface, bed }, { stageStep, dryDepth }) => ({
        value: concentration(start(0, 0), stageStep * rate(0, 0), surface(0, 0) - bed(0, 0), dryDepth),
        sum: sum(0, 0) + weight * rate(0, 0),
      }),
    }),
  last: (weight: number): Kernel =>
    kernel({
      name: 'advanceTracerLast',
      reads: ['start', 'rate', 'sum', 'surface', 'bed'],
      writes: ['value'],
      params: ['finalStep', 'dryDepth'],
      uses: () => ({ weight, concentration }),
      body: ({ start, rate, sum, surface, bed }, { finalStep, dryDepth }) => ({
        value: concentration(
          start(0, 0),
          finalStep * (sum(0, 0) + weight * rate(0, 0)),
          surface(0, 0) - bed(0, 0),
          dryDepth,
        ),
      }),
    }),
};
