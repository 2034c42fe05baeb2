import { exp } from '../math/index.ts';
import { combine, dot, EARTH_MEAN_RADIUS, position } from './sphere.ts';

/**
 * A Gaussian hump of the sea surface: amplitude · exp(−r²/2σ²). In `degrees`, r² = Δλ² + Δφ² in plain degrees, as Ho et al.
 * (2019) define theirs (narrower east-west away from the equator); in `metres`, r is the straight distance on the sphere.
 */
export interface GaussianHump {
  readonly longitude: number;
  readonly latitude: number;
  /** [m] */
  readonly amplitude: number;
  readonly standardDeviation: number;
  readonly unit: 'degrees' | 'metres';
}

/** Beyond this many standard deviations a hump is taken as 0: it would be below 2e-16 of its amplitude. */
const REACH = 8.5;

/**
 * Sum of humps [m] at points [degrees]; sums in the order of the list, so a point's value does not depend on the others.
 */
export function humpSurface(
  humps: readonly GaussianHump[],
  longitude: Float64Array,
  latitude: Float64Array,
  radius = EARTH_MEAN_RADIUS,
): Float64Array {
  const surface = new Float64Array(longitude.length);
  for (const hump of humps) {
    const degrees = hump.unit === 'degrees';
    const sigma = hump.standardDeviation;
    const latitudeReach = degrees ? REACH * sigma : (REACH * sigma * 91) / radius;
    const centre = position(hump.longitude, hump.latitude);
    for (let i = 0; i < surface.length; i++) {
      const dLatitude = latitude[i]! - hump.latitude;
      if (Math.abs(dLatitude) > latitudeReach) continue;
      let r2: number;
      if (degrees) {
        const dLongitude = wrapped(longitude[i]! - hump.longitude);
        r2 = dLongitude * dLongitude + dLatitude * dLatitude;
      } else {
        const chord = combine(radius, centre, -radius, position(longitude[i]!, latitude[i]!));
        r2 = dot(chord, chord);
      }
      const exponent = r2 / (2 * sigma * sigma);
      if (exponent < (REACH * REACH) / 2) surface[i]! += hump.amplitude * exp(-exponent);
    }
  }
  return surface;
}

/** A difference of longitudes [degrees] as one in −180 … 180. */
function wrapped(difference: number): number {
  return difference - 360 * Math.floor((difference + 180) / 360);
}
