import { asin, atan2, cos, exp, sin } from '../../engine/math/index.ts';
import { EARTH, type TestState } from './state.ts';

const { radius: a, rotation: omega, gravity: g } = EARTH;
const PI = 3.141592653589793;
const FASTEST = 80;
const SOUTH = PI / 7;
const NORTH = PI / 2 - SOUTH;
const MEAN_DEPTH = 10_000;

/** Galewsky et al. (2004) eq. 2: a jet between two latitudes [rad], smooth with all its derivatives [m/s]. */
function jet(latitude: number): number {
  if (latitude <= SOUTH || latitude >= NORTH) return 0;
  const width = NORTH - SOUTH;
  return FASTEST * exp(1 / ((latitude - SOUTH) * (latitude - NORTH)) + 4 / (width * width));
}

/** Eq. 3: what balances the jet, a u (2Ω sin θ + u tan θ / a), whose integral over θ is the fall of g η. */
function slope(latitude: number): number {
  const u = jet(latitude);
  const s = sin(latitude);
  return u === 0 ? 0 : a * u * (2 * omega * s + (u * s) / (a * cos(latitude)));
}

/** Gauss–Legendre quadrature of four points. */
const NODES = [-0.8611363115940526, -0.33998104358485626, 0.33998104358485626, 0.8611363115940526];
const WEIGHTS = [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385];
function integral(f: (x: number) => number, from: number, to: number): number {
  const half = (to - from) / 2;
  let sum = 0;
  for (let k = 0; k < 4; k++) sum += WEIGHTS[k]! * f(from + half * (1 + NODES[k]!));
  return half * sum;
}

const STEPS = 400;
const STEP = (NORTH - SOUTH) / STEPS;

/** Fall of g η [m²/s²] from the jet's southern rim to each of its steps. */
function makeFalls(): Float64Array {
  const falls = new Float64Array(STEPS + 1);
  for (let k = 0; k < STEPS; k++) falls[k + 1] = falls[k]! + integral(slope, SOUTH + k * STEP, SOUTH + (k + 1) * STEP);
  return falls;
}

function fallAt(falls: Float64Array, latitude: number): number {
  if (latitude <= SOUTH) return 0;
  if (latitude >= NORTH) return falls[STEPS]!;
  const k = Math.min(STEPS - 1, Math.floor((latitude - SOUTH) / STEP));
  return falls[k]! + integral(slope, SOUTH + k * STEP, latitude);
}

/** Mean of the fall over the globe, ½ ∫ fall cos θ dθ, so that the mean depth can be made what it should be. */
function meanFall(falls: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < STEPS; k++)
    sum += integral((x) => fallAt(falls, x) * cos(x), SOUTH + k * STEP, SOUTH + (k + 1) * STEP);
  return 0.5 * (sum + falls[STEPS]! * (1 - sin(NORTH)));
}

/** Galewsky, Scott & Polvani (2004): a balanced jet at 45° N, and eq. 4, a bump that makes it roll up within six days. */
export function galewsky(perturbed: boolean): TestState {
  const falls = makeFalls();
  const southern = MEAN_DEPTH + meanFall(falls) / g;
  return {
    title: perturbed ? 'barotropically unstable jet' : 'balanced jet',
    reference: 'Galewsky, Scott & Polvani (2004), Tellus A 56, 429–440',
    steady: !perturbed,
    rotation: [0, 0, omega],
    flow: (x, y, z, out) => {
      const latitude = asin(Math.max(-1, Math.min(1, z)));
      out[0] = southern - fallAt(falls, latitude) / g;
      if (perturbed) {
        const east = 3 * atan2(y, x);
        const north = 15 * (PI / 4 - latitude);
        out[0]! += 120 * Math.sqrt(x * x + y * y) * exp(0 - east * east - north * north);
      }
      const wind = jet(latitude);
      const across = Math.sqrt(x * x + y * y);
      const inverse = wind > 0 ? wind / across : 0;
      out[1] = 0 - y * inverse;
      out[2] = x * inverse;
      out[3] = 0;
    },
  };
}
