import { cos, sin } from '../../engine/math/index.ts';

/**
 * Real spherical harmonics on the unit sphere, f = Σ (a cos mλ + b sin mλ) P(n, m), m ≤ n ≤ truncation, where ∫ P² dμ = 1
 * over μ = sin φ. Fields lie on points of latitude and longitude, rows from the north pole to the south pole, columns from
 * 0° E; with Clenshaw–Curtis weights along the meridian integrals are exact for polynomials of degree rows − 1.
 */
export interface Spectrum {
  readonly truncation: number;
  /** a and b at `place(n, m)`. */
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
}

export interface LatLonPoints {
  readonly rows: number;
  readonly columns: number;
}

export const place = (n: number, m: number): number => (n * (n + 1)) / 2 + m;

const emptySpectrum = (truncation: number): Spectrum => ({
  truncation,
  cosine: new Float64Array(place(truncation + 1, 0)),
  sine: new Float64Array(place(truncation + 1, 0)),
});

/** The largest truncation at which products of two fields are integrated exactly. */
export const largestTruncation = ({ rows, columns }: LatLonPoints): number =>
  Math.min(Math.floor((rows - 1) / 2), Math.floor((columns - 1) / 2));

/** Sine and cosine of the latitude of each row, exactly symmetric. */
export function latitudes(rows: number): { readonly z: Float64Array; readonly c: Float64Array } {
  const n = rows - 1;
  return {
    z: Float64Array.from({ length: rows }, (_, j) => {
      const half = sin((Math.PI * Math.abs(n - 2 * j)) / (2 * n));
      return 2 * j <= n ? half : 0 - half;
    }),
    c: Float64Array.from({ length: rows }, (_, j) => sin((Math.PI * Math.min(j, n - j)) / n)),
  };
}

/** Clenshaw–Curtis weights for ∫ dμ. */
function meridianWeights(rows: number): Float64Array {
  const n = rows - 1;
  const cosines = Float64Array.from({ length: n }, (_, k) => cos((2 * Math.PI * k) / n));
  return Float64Array.from({ length: rows }, (_, j) => {
    let sum = 1;
    for (let k = 1; 2 * k <= n; k++) sum -= ((2 * k === n ? 1 : 2) * cosines[(k * j) % n]!) / (4 * k * k - 1);
    return ((j === 0 || j === n ? 1 : 2) * sum) / n;
  });
}

/** cos and sin of the longitude of each column. */
export function longitudes(columns: number): { readonly cosine: Float64Array; readonly sine: Float64Array } {
  const angle = (k: number) => (2 * Math.PI * k) / columns;
  return {
    cosine: Float64Array.from({ length: columns }, (_, k) => cos(angle(k))),
    sine: Float64Array.from({ length: columns }, (_, k) => sin(angle(k))),
  };
}

/** Associated Legendre functions of one latitude, at `place(n, m)`. */
interface Legendre {
  readonly value: Float64Array;
  /** P / cos φ for m > 0, which is finite at the poles; 0 for m = 0. */
  readonly overCosine: Float64Array;
  /** dP/dφ. */
  readonly slope: Float64Array;
}

/** Of each latitude in turn, in the same arrays. */
function legendreRows(truncation: number): (z: number, c: number) => Legendre {
  const above = truncation + 1;
  const size = place(above + 1, 0);
  /** ε(n, m) = √((n² − m²)/(4n² − 1)): z P(n−1) = ε(n) P(n) + ε(n−1) P(n−2). */
  const epsilon = new Float64Array(size);
  for (let n = 1; n <= above; n++)
    for (let m = 0; m <= n; m++) epsilon[place(n, m)] = Math.sqrt((n * n - m * m) / (4 * n * n - 1));
  const [value, over, slope] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  return (z, c) => {
    for (let m = 0; m <= above; m++) {
      // For m > 0 the recurrence runs on P / cos φ.
      const list = m === 0 ? value : over;
      list[place(m, m)] =
        m === 0
          ? Math.sqrt(0.5)
          : Math.sqrt((2 * m + 1) / (2 * m)) * (m === 1 ? value[0]! : c * over[place(m - 1, m - 1)]!);
      for (let n = m + 1; n <= above; n++) {
        const before = n > m + 1 ? epsilon[place(n - 1, m)]! * list[place(n - 2, m)]! : 0;
        list[place(n, m)] = (z * list[place(n - 1, m)]! - before) / epsilon[place(n, m)]!;
      }
      if (m > 0) for (let n = m; n <= above; n++) value[place(n, m)] = c * over[place(n, m)]!;
    }
    for (let n = 0; n <= truncation; n++) {
      slope[place(n, 0)] = n === 0 ? 0 : Math.sqrt(n * (n + 1)) * value[place(n, 1)]!;
      for (let m = 1; m <= n; m++) {
        const below = m < n ? (n + 1) * epsilon[place(n, m)]! * over[place(n - 1, m)]! : 0;
        slope[place(n, m)] = below - n * epsilon[place(n + 1, m)]! * over[place(n + 1, m)]!;
      }
    }
    return { value, overCosine: over, slope };
  };
}

/** Fourier coefficients of a row of values, times the weight of its latitude. */
function fourier(
  values: Float64Array,
  row: number,
  truncation: number,
  weight: number,
  turn: ReturnType<typeof longitudes>,
): { readonly cosine: Float64Array; readonly sine: Float64Array } {
  const columns = turn.cosine.length;
  const [cosine, sine] = [new Float64Array(truncation + 1), new Float64Array(truncation + 1)];
  for (let m = 0; m <= truncation; m++) {
    let [a, b] = [0, 0];
    for (let k = 0, angle = 0; k < columns; k++) {
      const value = values[row * columns + k]!;
      a += value * turn.cosine[angle]!;
      b += value * turn.sine[angle]!;
      angle += m;
      if (angle >= columns) angle -= columns;
    }
    const share = (m === 0 ? weight : 2 * weight) / columns;
    cosine[m] = a * share;
    sine[m] = b * share;
  }
  return { cosine, sine };
}

/** The coefficients of a field, up to a truncation that is at most the largest one. */
export function analyse(values: Float64Array, points: LatLonPoints, truncation: number): Spectrum {
  const found = emptySpectrum(truncation);
  const { z, c } = latitudes(points.rows);
  const weights = meridianWeights(points.rows);
  const turn = longitudes(points.columns);
  const legendre = legendreRows(truncation);
  for (let row = 0; row < points.rows; row++) {
    const { value } = legendre(z[row]!, c[row]!);
    const { cosine, sine } = fourier(values, row, truncation, weights[row]!, turn);
    for (let n = 0; n <= truncation; n++)
      for (let m = 0; m <= n; m++) {
        const at = place(n, m);
        found.cosine[at]! += value[at]! * cosine[m]!;
        found.sine[at]! += value[at]! * sine[m]!;
      }
  }
  return found;
}

/** A field of vectors: components to the east and to the north; at a pole as they are when coming along each meridian. */
export interface Vectors {
  readonly eastward: Float64Array;
  readonly northward: Float64Array;
}

/** Vorticity and divergence of vectors on the unit sphere: ∫ Y ∇·v = −∫ v · ∇Y. */
export function analyseVectors(
  { eastward, northward }: Vectors,
  points: LatLonPoints,
  truncation: number,
): { readonly vorticity: Spectrum; readonly divergence: Spectrum } {
  const vorticity = emptySpectrum(truncation);
  const divergence = emptySpectrum(truncation);
  const { z, c } = latitudes(points.rows);
  const weights = meridianWeights(points.rows);
  const turn = longitudes(points.columns);
  const legendre = legendreRows(truncation);
  for (let row = 0; row < points.rows; row++) {
    const { overCosine, slope } = legendre(z[row]!, c[row]!);
    const u = fourier(eastward, row, truncation, weights[row]!, turn);
    const v = fourier(northward, row, truncation, weights[row]!, turn);
    for (let n = 1; n <= truncation; n++)
      for (let m = 0; m <= n; m++) {
        const at = place(n, m);
        const along = m * overCosine[at]!;
        const across = slope[at]!;
        vorticity.cosine[at]! += u.cosine[m]! * across + v.sine[m]! * along;
        vorticity.sine[at]! += u.sine[m]! * across - v.cosine[m]! * along;
        divergence.cosine[at]! += u.sine[m]! * along - v.cosine[m]! * across;
        divergence.sine[at]! -= u.cosine[m]! * along + v.sine[m]! * across;
      }
  }
  return { vorticity, divergence };
}

/** Σ (a cos mλ + b sin mλ) along a row. */
function writeRow(
  out: Float64Array,
  row: number,
  a: Float64Array,
  b: Float64Array,
  turn: ReturnType<typeof longitudes>,
): void {
  const columns = turn.cosine.length;
  for (let k = 0; k < columns; k++) {
    let sum = 0;
    for (let m = 0, angle = 0; m < a.length; m++) {
      sum += a[m]! * turn.cosine[angle]! + b[m]! * turn.sine[angle]!;
      angle += k;
      if (angle >= columns) angle -= columns;
    }
    out[row * columns + k] = sum;
  }
}

/** A field's values. */
export function synthesise({ truncation, cosine, sine }: Spectrum, points: LatLonPoints): Float64Array {
  const out = new Float64Array(points.rows * points.columns);
  const { z, c } = latitudes(points.rows);
  const turn = longitudes(points.columns);
  const legendre = legendreRows(truncation);
  for (let row = 0; row < points.rows; row++) {
    const { value } = legendre(z[row]!, c[row]!);
    const [a, b] = [new Float64Array(truncation + 1), new Float64Array(truncation + 1)];
    for (let n = 0; n <= truncation; n++)
      for (let m = 0; m <= n; m++) {
        const at = place(n, m);
        a[m]! += cosine[at]! * value[at]!;
        b[m]! += sine[at]! * value[at]!;
      }
    writeRow(out, row, a, b, turn);
  }
  return out;
}

/** A field's gradient on the unit sphere. */
export function gradient({ truncation, cosine, sine }: Spectrum, points: LatLonPoints): Vectors {
  const size = points.rows * points.columns;
  const [eastward, northward] = [new Float64Array(size), new Float64Array(size)];
  const { z, c } = latitudes(points.rows);
  const turn = longitudes(points.columns);
  const legendre = legendreRows(truncation);
  for (let row = 0; row < points.rows; row++) {
    const { overCosine, slope } = legendre(z[row]!, c[row]!);
    const [ea, eb, na, nb] = Array.from({ length: 4 }, () => new Float64Array(truncation + 1)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let n = 1; n <= truncation; n++)
      for (let m = 0; m <= n; m++) {
        const at = place(n, m);
        ea[m]! += m * sine[at]! * overCosine[at]!;
        eb[m]! -= m * cosine[at]! * overCosine[at]!;
        na[m]! += cosine[at]! * slope[at]!;
        nb[m]! += sine[at]! * slope[at]!;
      }
    writeRow(eastward, row, ea, eb, turn);
    writeRow(northward, row, na, nb, turn);
  }
  return { eastward, northward };
}

/** The field whose Laplacian on the unit sphere this is; its mean, which no Laplacian tells, is 0. */
export function inverseLaplacian({ truncation, cosine, sine }: Spectrum): Spectrum {
  const found = emptySpectrum(truncation);
  for (let n = 1; n <= truncation; n++)
    for (let at = place(n, 0); at < place(n + 1, 0); at++) {
      found.cosine[at] = cosine[at]! / (0 - n * (n + 1));
      found.sine[at] = sine[at]! / (0 - n * (n + 1));
    }
  return found;
}
