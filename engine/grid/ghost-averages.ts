import { atan, GAUSS_WEIGHTS, tan } from '../math/index.ts';

/** Cells of the neighbour that an average beyond a panel edge is made of: along its lines, and lines. */
export const ALONG = 6;
const LINES = 3;
export const AVERAGE_POINTS = ALONG * LINES;

/** GAUSS_NODES on (−½, ½); not their difference from ½, whose rounding would show in the weights. */
const NODES = [-0.43056815579702627, -0.16999052179242813, 0.16999052179242813, 0.43056815579702627];

/** How the averages over the cells of one line beyond an edge follow from the neighbour's. */
export interface GhostAverages {
  /** First of the neighbour's lines, counted from the edge. */
  readonly line: number;
  /** First position along them, for each position along the edge. */
  readonly first: Int32Array;
  /** Place of the nearest source. */
  readonly nearest: Uint8Array;
  /** For each position: line by line, position by position. */
  readonly weights: readonly Float64Array[];
}

/**
 * Averages over the cells of a panel's own coordinates carried on beyond its edge, at a distance (0 at the edge), from
 * averages over the neighbour's cells: exact for polynomials in the neighbour's coordinates of degree 5 along the edge and
 * 2 across it. With α = π/4 + δ the neighbour has α′ = −π/4 + δ and tan β′ = tan β / tan α, so that both panels' cells fill
 * the same strip of δ, and ours lie aslant in it.
 */
export function ghostAverages(cells: number, distance: number): GhostAverages {
  const step = Math.PI / 2 / cells;
  const line = Math.max(0, Math.min(distance - 1, cells - LINES));
  const first = new Int32Array(cells);
  const nearest = new Uint8Array(cells);
  const weights: Float64Array[] = [];
  /** Adds the monomials' average over a cell; `place` gives the neighbour's coordinates, in steps from an origin. */
  const average = (
    alpha: number,
    beta: number,
    place: (alpha: number, beta: number) => readonly [across: number, along: number],
  ): Float64Array => {
    const moments = new Float64Array(AVERAGE_POINTS);
    let whole = 0;
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 4; b++) {
        const [x, y] = [alpha + NODES[a]! * step, beta + NODES[b]! * step];
        const [X, Y] = [tan(x), tan(y)];
        const distance2 = 1 + (X * X + Y * Y);
        const weight =
          (GAUSS_WEIGHTS[a]! * GAUSS_WEIGHTS[b]! * ((1 + X * X) * (1 + Y * Y))) / (distance2 * Math.sqrt(distance2));
        const [across, along] = place(x, y);
        let power = weight;
        for (let m = 0; m < LINES; m++) {
          let term = power;
          for (let n = 0; n < ALONG; n++) {
            moments[m * ALONG + n]! += term;
            term *= along;
          }
          power *= across;
        }
        whole += weight;
      }
    return moments.map((moment) => moment / whole);
  };
  const lineCentre = (l: number) => -Math.PI / 4 + (l + 0.5) * step;
  for (let along = 0; along < cells; along++) {
    const [alpha, beta] = [Math.PI / 4 + (distance + 0.5) * step, -Math.PI / 4 + (along + 0.5) * step];
    const betaThere = atan(tan(beta) / tan(alpha));
    const position = (betaThere + Math.PI / 4) / step - 0.5;
    const start = Math.max(0, Math.min(cells - ALONG, Math.floor(position) - (ALONG / 2 - 1)));
    const origin = { alpha: lineCentre(distance), beta: lineCentre(start) + ((ALONG - 1) / 2) * step };
    const inSteps = (a: number, b: number) => [(a - origin.alpha) / step, (b - origin.beta) / step] as const;
    const sources: Float64Array[] = [];
    for (let l = 0; l < LINES; l++)
      for (let k = 0; k < ALONG; k++) sources.push(average(lineCentre(line + l), lineCentre(start + k), inSteps));
    const target = average(alpha, beta, (a, b) => inSteps(a - Math.PI / 2, atan(tan(b) / tan(a))));
    first[along] = start;
    const near = Math.max(0, Math.min(ALONG - 1, Math.floor(position - start + 0.5)));
    nearest[along] = (distance - line) * ALONG + near;
    weights.push(solve(sources, target));
  }
  return { line, first, nearest, weights };
}

/** w with Σₖ wₖ column[k] = target, by Gaussian elimination with row pivots. */
function solve(columns: readonly Float64Array[], target: Float64Array): Float64Array {
  const size = target.length;
  const rows = Array.from({ length: size }, (_, r) => Float64Array.from([...columns.map((c) => c[r]!), target[r]!]));
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let r = k + 1; r < size; r++) if (Math.abs(rows[r]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = r;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let r = k + 1; r < size; r++) {
      const factor = rows[r]![k]! / rows[k]![k]!;
      for (let c = k; c <= size; c++) rows[r]![c]! -= factor * rows[k]![c]!;
    }
  }
  const w = new Float64Array(size);
  for (let k = size - 1; k >= 0; k--) {
    let sum = rows[k]![size]!;
    for (let c = k + 1; c < size; c++) sum -= rows[k]![c]! * w[c]!;
    w[k] = sum / rows[k]![k]!;
  }
  return w;
}
