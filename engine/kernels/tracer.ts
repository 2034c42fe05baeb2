import { type Accessor, helper, type Kernel, kernel } from './kernel.ts';
import { type Donor, donorLimit, type Normal } from './shallow-flux.ts';
import { averageTrace, greatest, type Line, least } from './traces.ts';
import { inverseDepth } from './tsunami.ts';

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
    const wanted = averageTrace(q) - q(0);
    const upward = greatest(0, least(wanted, least(rise, behind)));
    const downward = least(0, greatest(wanted, greatest(rise, behind)));
    return q(0) + (rise > 0 ? upward : downward);
  },
  () => ({ averageTrace, STEEPEST, greatest, least }),
);

/** The range of a tracer's concentrations at the start of a run, which it never leaves. */
export interface TracerRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Flux of a tracer out of its donor, `mass` ≥ 0 with the trace that the scheme wants and q_start of the donor. A cell
 * that gives away water at a concentration above its own must keep enough for what is left to be at least `low`: it may
 * give (q_start − low) times its allowance more, so that all its faces, each with its share of the water, do not take
 * too much. So concentrations keep their range in any flow, and ghosts beyond panel edges, which may overshoot, too.
 */
const outflow = helper(
  (q: Line, start: number, mass: number, allowance: number, low: number, high: number): number => {
    const trace = greatest(low, least(high, boundedTrace(q)));
    const wanted = mass * (trace - start);
    return mass * start + greatest(least(wanted, allowance * (start - low)), -(allowance * (high - start)));
  },
  () => ({ boundedTrace, greatest, least }),
);

const advected = helper(
  (q: Line, start: Line, mass: number, allowance: number, low: number, high: number): number =>
    mass > 0
      ? outflow((k) => q(k - 1), start(-1), mass, allowance, low, high)
      : -outflow((k) => q(-k), start(0), -mass, allowance, low, high),
  () => ({ outflow }),
);

/** How much more than `mass` the donor might send through the face. */
const allowance = helper(
  (mass: number, left: Donor, right: Donor, n: Normal, length: number, crossingSpeed: number): number =>
    greatest(0, length * donorLimit(mass, left, right, n, crossingSpeed) - Math.abs(mass)),
  () => ({ greatest, donorLimit }),
);

const ALLOWANCE_READS = ['u', 'v', 'w', 'bed', 'etaStart', 'mass', 'length', 'normalX', 'normalY', 'normalZ'] as const;

export const allowanceX = kernel({
  name: 'allowanceX',
  reads: ALLOWANCE_READS,
  writes: ['allowance'],
  params: ['crossingSpeed'],
  uses: () => ({ allowance }),
  body: ({ u, v, w, bed, etaStart, mass, length, normalX, normalY, normalZ }, { crossingSpeed }) => {
    const donor = (k: number) => ({ u: u(k, 0), v: v(k, 0), w: w(k, 0), startDepth: etaStart(k, 0) - bed(k, 0) });
    const n = { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) };
    return { allowance: allowance(mass(0, 0), donor(-1), donor(0), n, length(0, 0), crossingSpeed) };
  },
});

export const allowanceY = kernel({
  name: 'allowanceY',
  reads: ALLOWANCE_READS,
  writes: ['allowance'],
  params: ['crossingSpeed'],
  uses: () => ({ allowance }),
  body: ({ u, v, w, bed, etaStart, mass, length, normalX, normalY, normalZ }, { crossingSpeed }) => {
    const donor = (k: number) => ({ u: u(0, k), v: v(0, k), w: w(0, k), startDepth: etaStart(0, k) - bed(0, k) });
    const n = { x: normalX(0, 0), y: normalY(0, 0), z: normalZ(0, 0) };
    return { allowance: allowance(mass(0, 0), donor(-1), donor(0), n, length(0, 0), crossingSpeed) };
  },
});

export const tracerFluxX = ({ low, high }: TracerRange): Kernel =>
  kernel({
    name: 'tracerFluxX',
    reads: ['q', 'start', 'mass', 'allowance'],
    writes: ['flux'],
    params: [],
    uses: () => ({ advected, low, high }),
    body: ({ q, start, mass, allowance }) => ({
      flux: advected(
        (k) => q(k, 0),
        (k) => start(k, 0),
        mass(0, 0),
        allowance(0, 0),
        low,
        high,
      ),
    }),
  });

export const tracerFluxY = ({ low, high }: TracerRange): Kernel =>
  kernel({
    name: 'tracerFluxY',
    reads: ['q', 'start', 'mass', 'allowance'],
    writes: ['flux'],
    params: [],
    uses: () => ({ advected, low, high }),
    body: ({ q, start, mass, allowance }) => ({
      flux: advected(
        (k) => q(0, k),
        (k) => start(0, k),
        mass(0, 0),
        allowance(0, 0),
        low,
        high,
      ),
    }),
  });

/** As `allowanceX`, at a panel edge; `mass` is what `edgeFlux` found there, `orientation` as in `edgeFlux`. */
export const edgeAllowance = kernel({
  name: 'edgeAllowance',
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
    'mass',
    'length',
    'normalX',
    'normalY',
    'normalZ',
    'orientation',
  ],
  writes: ['allowance'],
  params: ['crossingSpeed', 'dryDepth', 'smoothDepth'],
  uses: () => ({ allowance, inverseDepth }),
  body: (f, { crossingSpeed, dryDepth, smoothDepth }) => {
    const donor = (eta: Accessor, mx: Accessor, my: Accessor, mz: Accessor, bed: Accessor, etaStart: Accessor) => {
      const inverse = inverseDepth(eta(0, 0) - bed(0, 0), dryDepth, smoothDepth);
      return {
        u: mx(0, 0) * inverse,
        v: my(0, 0) * inverse,
        w: mz(0, 0) * inverse,
        startDepth: etaStart(0, 0) - bed(0, 0),
      };
    };
    const own = donor(f.ownEta, f.ownMx, f.ownMy, f.ownMz, f.ownBed, f.ownEtaStart);
    const partner = donor(f.partnerEta, f.partnerMx, f.partnerMy, f.partnerMz, f.partnerBed, f.partnerEtaStart);
    const n = { x: f.normalX(0, 0), y: f.normalY(0, 0), z: f.normalZ(0, 0) };
    const outward = f.mass(0, 0) * f.orientation(0, 0);
    return { allowance: allowance(outward, own, partner, n, f.length(0, 0), crossingSpeed) };
  },
});

/** Tracer flux through a panel edge. */
export const edgeTracerFlux = ({ low, high }: TracerRange): Kernel =>
  kernel({
    name: 'edgeTracerFlux',
    reads: ['ownQ', 'partnerQ', 'ownStart', 'partnerStart', 'mass', 'allowance', 'orientation'],
    writes: ['flux'],
    params: [],
    uses: () => ({ outflow, low, high }),
    body: ({ ownQ, partnerQ, ownStart, partnerStart, mass, allowance, orientation }) => {
      const outward = mass(0, 0) * orientation(0, 0);
      const given =
        outward > 0
          ? outflow((k) => ownQ(0, -k), ownStart(0, 0), outward, allowance(0, 0), low, high)
          : -outflow((k) => partnerQ(0, -k), partnerStart(0, 0), -outward, allowance(0, 0), low, high);
      return { flux: given * orientation(0, 0) };
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

/** Water [m] too thin to have a concentration of its own. */
const FILM = 1e-9;

/** q_start + Δ(h (q − q_start)) / h with the depth that the water has just got, without the round-off of thin water. */
const concentration = helper(
  (start: number, added: number, h: number, low: number, high: number): number =>
    h < FILM ? start : greatest(low, least(high, start + added / h)),
  () => ({ greatest, least, FILM }),
);

/** `advanceFirst` and its kin for a tracer: the rate is that of h q, the depth the one just reached. */
export const advanceTracer = ({
  low,
  high,
}: TracerRange): Readonly<Record<'first' | 'middle' | 'last', (weight: number) => Kernel>> => ({
  first: (weight) =>
    kernel({
      name: 'advanceTracerFirst',
      reads: ['start', 'rate', 'surface', 'bed'],
      writes: ['value', 'sum'],
      params: ['stageStep'],
      uses: () => ({ weight, concentration, low, high }),
      body: ({ start, rate, surface, bed }, { stageStep }) => ({
        value: concentration(start(0, 0), stageStep * rate(0, 0), surface(0, 0) - bed(0, 0), low, high),
        sum: weight * rate(0, 0),
      }),
    }),
  middle: (weight) =>
    kernel({
      name: 'advanceTracerMiddle',
      reads: ['start', 'rate', 'sum', 'surface', 'bed'],
      writes: ['value', 'sum'],
      params: ['stageStep'],
      uses: () => ({ weight, concentration, low, high }),
      body: ({ start, rate, sum, surface, bed }, { stageStep }) => ({
        value: concentration(start(0, 0), stageStep * rate(0, 0), surface(0, 0) - bed(0, 0), low, high),
        sum: sum(0, 0) + weight * rate(0, 0),
      }),
    }),
  last: (weight) =>
    kernel({
      name: 'advanceTracerLast',
      reads: ['start', 'rate', 'sum', 'surface', 'bed'],
      writes: ['value'],
      params: ['finalStep'],
      uses: () => ({ weight, concentration, low, high }),
      body: ({ start, rate, sum, surface, bed }, { finalStep }) => {
        const added = finalStep * (sum(0, 0) + weight * rate(0, 0));
        return { value: concentration(start(0, 0), added, surface(0, 0) - bed(0, 0), low, high) };
      },
    }),
});
