import type { Grid } from '../../engine/grid/grid.ts';
import { toGlobe } from '../../engine/grid/panels.ts';
import { EARTH_RADIUS, type Panels } from './laboratory.ts';

/**
 * Small waves on a globe of even depth without rotation, symmetric about any axis: Legendre sums
 * η(θ, t) = Σ (aₗ cos ωₗt + bₗ/ωₗ sin ωₗt) Pₗ(cos θ), ωₗ = √(g H l(l + 1)) / R. Exact for every orientation of the
 * axis, so what the cubed sphere's edges and corners do to a wave is what differs from it.
 */
export interface ZonalWave {
  /** Surface [m] at the start, and momentum along growing θ [m²/s]. */
  readonly surface: (theta: number) => number;
  readonly momentum: (theta: number) => number;
  readonly depth: number;
  readonly gravity: number;
}

/** Highest degree of the sums: waves shorter than 3° would be missed. */
const DEGREES = 120;
/** Points of the quadrature over θ; smooth functions of a periodic angle converge faster than any power. */
const POINTS = 4000;
/** Entries of the table of the solution, read by cubic interpolation. */
const ENTRIES = 7200;

function eachDegree(theta: number, visit: (l: number, p: number, before: number) => void): void {
  const x = Math.cos(theta);
  let before = 0;
  let p = 1;
  for (let l = 0; l <= DEGREES; l++) {
    visit(l, p, before);
    const next = ((2 * l + 1) * x * p - l * before) / (l + 1);
    before = p;
    p = next;
  }
}

/** The exact surface at time t [s], as a function of the angle θ from the axis. */
export function zonalSolution(wave: ZonalWave, t: number): (theta: number) => number {
  const a = new Float64Array(DEGREES + 1);
  const b = new Float64Array(DEGREES + 1);
  const step = Math.PI / POINTS;
  for (let k = 0; k < POINTS; k++) {
    const theta = (k + 0.5) * step;
    const eta = wave.surface(theta) * Math.sin(theta) * step;
    const m = wave.momentum(theta) * step;
    eachDegree(theta, (l, p, before) => {
      a[l] = a[l]! + ((2 * l + 1) / 2) * eta * p;
      // By parts: −∫ (1/R) d(m sin θ)/dθ Pₗ dθ, with sin θ dPₗ/dθ = l (cos θ Pₗ − Pₗ₋₁).
      b[l] = b[l]! + ((2 * l + 1) / (2 * EARTH_RADIUS)) * m * l * (Math.cos(theta) * p - before);
    });
  }
  const table = new Float64Array(ENTRIES + 3);
  const spacing = Math.PI / ENTRIES;
  for (let k = 0; k < table.length; k++) {
    let sum = 0;
    eachDegree((k - 1) * spacing, (l, p) => {
      const omega = Math.sqrt(wave.gravity * wave.depth * l * (l + 1)) / EARTH_RADIUS;
      sum += (a[l]! * Math.cos(omega * t) + (l === 0 ? b[l]! * t : (b[l]! / omega) * Math.sin(omega * t))) * p;
    });
    table[k] = sum;
  }
  return (theta) => {
    const at = theta / spacing;
    const k = Math.min(ENTRIES - 1, Math.floor(at));
    const x = at - k;
    const [q0, q1, q2, q3] = [table[k]!, table[k + 1]!, table[k + 2]!, table[k + 3]!];
    return q1 + 0.5 * x * (q2 - q0 + x * (2 * q0 - 5 * q1 + 4 * q2 - q3 + x * (3 * (q1 - q2) + q3 - q0)));
  };
}

export type Vector = readonly [number, number, number];

/** Averages over the cells of the cubed sphere of a function of position on the unit sphere: Gauss points, 3 × 3. */
export function cellAverages(grid: Grid, value: (r: Vector) => number): Panels {
  const nodes = [-Math.sqrt(0.6), 0, Math.sqrt(0.6)];
  const weights = [5 / 18, 8 / 18, 5 / 18];
  const n = grid.cellsX;
  const width = Math.PI / 2 / n;
  const points = Array.from({ length: n }, (_, i) =>
    nodes.map((node) => Math.tan((i + 0.5 + 0.5 * node) * width - Math.PI / 4)),
  );
  return Array.from({ length: grid.panels }, (_, panel) => {
    const result = new Float64Array(n * n);
    for (let j = 0; j < n; j++)
      for (let i = 0; i < n; i++) {
        let sum = 0;
        let whole = 0;
        for (let a = 0; a < 3; a++)
          for (let b = 0; b < 3; b++) {
            const X = points[i]![a]!;
            const Y = points[j]![b]!;
            const rho = Math.sqrt(1 + X * X + Y * Y);
            const weight = (weights[a]! * weights[b]! * (1 + X * X) * (1 + Y * Y)) / rho ** 3;
            whole += weight;
            sum += weight * value(toGlobe(panel, 1 / rho, X / rho, Y / rho));
          }
        result[j * n + i] = sum / whole;
      }
    return result;
  });
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Angle from the axis, by its chord: exact near the pole too. */
export const angleFrom =
  (axis: Vector) =>
  (r: Vector): number =>
    2 * Math.asin(Math.min(1, 0.5 * Math.hypot(r[0] - axis[0], r[1] - axis[1], r[2] - axis[2])));

/** The start of a wave about an axis as the experiment takes it, averaged over cells. */
export function zonalStart(grid: Grid, wave: ZonalWave, axis: Vector) {
  const angle = angleFrom(axis);
  const component = (k: 0 | 1 | 2) =>
    cellAverages(grid, (r) => {
      const cosine = dot(axis, r);
      const sine = Math.sqrt(Math.max(0, 1 - cosine * cosine));
      return sine < 1e-9 ? 0 : (wave.momentum(angle(r)) * (cosine * r[k] - axis[k])) / sine;
    });
  return {
    surface: cellAverages(grid, (r) => wave.surface(angle(r))),
    momentumX: component(0),
    momentumY: component(1),
    momentumZ: component(2),
  };
}

/** A point of the globe from degrees. */
export function direction(longitude: number, latitude: number): Vector {
  const [l, p] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  return [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
}

/** Where panels meet, and where they do not. */
export const PLACES: Readonly<Record<'middle' | 'edge' | 'corner' | 'anywhere', Vector>> = {
  middle: direction(0, 0),
  edge: direction(45, 0),
  corner: [Math.sqrt(1 / 3), Math.sqrt(1 / 3), Math.sqrt(1 / 3)],
  anywhere: direction(23, 31),
};
