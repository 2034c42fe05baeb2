import {
  analyse,
  analyseVectors,
  gradient,
  inverseLaplacian,
  type LatLonPoints,
  latitudes,
  longitudes,
  type Spectrum,
  synthesise,
  type Vectors,
} from './spherical-harmonics.ts';

export interface Planet {
  /** [m]. */
  readonly radius: number;
  /** Angular velocity, a vector [rad/s]. */
  readonly rotation: readonly [number, number, number];
  /** [m/s²]. */
  readonly gravity: number;
}

/** The wind without divergence that has a streamfunction: k × ∇ψ. */
export function windOf(streamfunction: Spectrum, points: LatLonPoints): Vectors {
  const { eastward, northward } = gradient(streamfunction, points);
  return { eastward: northward.map((slope) => 0 - slope), northward: eastward };
}

/** The streamfunction over the globe's radius [m/s] of the part of a wind [m/s] that has no divergence. */
export function streamfunctionOf(wind: Vectors, points: LatLonPoints, truncation: number): Spectrum {
  return inverseLaplacian(analyseVectors(wind, points, truncation).vorticity);
}

/**
 * The height [m] with which a wind k × ∇ψ starts no divergence, the nonlinear balance of Charney (1955) and Lorenz (1960):
 * ∇²(gη + |u|²/2) = ∇·((ζ + f) ∇ψ). Takes ψ over the radius [m/s]. Exact: the height has twice its truncation, and
 * products are integrated on points enough for them. The height's mean is 0.
 */
export function balancedHeight(streamfunction: Spectrum, { radius, rotation, gravity }: Planet): Spectrum {
  const { truncation } = streamfunction;
  const points = { rows: 4 * truncation + 1, columns: 4 * truncation + 4 };
  const { eastward, northward } = windOf(streamfunction, points);
  const vorticity = synthesise(laplacian(streamfunction), points);
  const coriolis = radiusTimesCoriolis(points, radius, rotation);
  const absolute = vorticity.map((value, k) => value + coriolis[k]!);
  // ∇ψ is the wind turned to the right.
  const forcing = {
    eastward: northward.map((v, k) => absolute[k]! * v),
    northward: eastward.map((u, k) => 0 - absolute[k]! * u),
  };
  const kinetic = eastward.map((u, k) => 0.5 * (u * u + northward[k]! * northward[k]!));
  const total = inverseLaplacian(analyseVectors(forcing, points, 2 * truncation).divergence);
  const energy = analyse(kinetic, points, 2 * truncation);
  const height = (from: Float64Array, less: Float64Array) =>
    from.map((value, at) => (at === 0 ? 0 : (value - less[at]!) / gravity));
  return {
    truncation: 2 * truncation,
    cosine: height(total.cosine, energy.cosine),
    sine: height(total.sine, energy.sine),
  };
}

function laplacian({ truncation, cosine, sine }: Spectrum): Spectrum {
  const times = (values: Float64Array) => {
    const found = new Float64Array(values.length);
    for (let n = 0, at = 0; n <= truncation; n++)
      for (let m = 0; m <= n; m++, at++) found[at] = (0 - n * (n + 1)) * values[at]!;
    return found;
  };
  return { truncation, cosine: times(cosine), sine: times(sine) };
}

/** R f = 2R Ω · r [m/s]. */
function radiusTimesCoriolis(
  points: LatLonPoints,
  radius: number,
  rotation: readonly [number, number, number],
): Float64Array {
  const { z, c } = latitudes(points.rows);
  const eastOf = longitudes(points.columns);
  const [x, y, pole] = rotation.map((component) => 2 * radius * component) as [number, number, number];
  return Float64Array.from({ length: points.rows * points.columns }, (_, k) => {
    const row = Math.floor(k / points.columns);
    const column = k % points.columns;
    return pole * z[row]! + c[row]! * (x * eastOf.cosine[column]! + y * eastOf.sine[column]!);
  });
}
