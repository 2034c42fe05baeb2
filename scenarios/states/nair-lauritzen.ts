import { asin, cos, exp, sin } from '../../engine/math/index.ts';
import type { PrescribedWind } from '../../engine/models/wind.ts';

/**
 * Nair & Lauritzen (2010), A class of deformational flow test cases for linear transport problems on the sphere,
 * J. Comput. Phys. 229, 8868–8887: winds that tear tracers apart and bring them back after one period, and what they
 * carry. Amplitudes for a globe of any size as in Lauritzen et al. (2012), Geosci. Model Dev. 5, 887–901.
 */
export type NairLauritzenCase = 1 | 2 | 3 | 4;

export interface GlobeTime {
  /** Of the globe [m]. */
  readonly radius: number;
  /** After which the tracers are back [s]. */
  readonly period: number;
  /** k of the wind that deforms, in radii a period; the paper's unless told. */
  readonly strength?: number;
}

export const TWELVE_DAYS = 12 * 86400;

/**
 * k = 2πR/T, the speed of the globe's turn, for which luanfs/FV3_adv_cubed_sphere has case 4 in twelve days. It stirs less than
 * the paper's 10 R/T: errors are a fifth of those there on 32 cells, a fifteenth on 128.
 */
export const TURNING_STRENGTH = 2 * Math.PI;

/** k in radii a period: the paper's 2.4, 2, 1 and 2 for a period of 5. */
const STRENGTH: Readonly<Record<NairLauritzenCase, number>> = { 1: 12, 2: 10, 3: 5, 4: 10 };

/**
 * The winds. 1 and 2 are ψ = k sin²(λ/2) cos²θ and k sin²λ cos²θ; 3 diverges, u = −k sin²(λ/2) sin 2θ cos²θ and
 * v = (k/2) sin λ cos³θ; 4 is 2 about longitudes that go round once a period, λ − 2πt/T, with the globe's air.
 * All times cos(πt/T), but for that turn.
 */
export function nairLauritzenWind(
  which: NairLauritzenCase,
  { radius, period, strength = STRENGTH[which] }: GlobeTime,
): PrescribedWind {
  const speed = (strength * radius) / period;
  const scale = speed * radius;
  const swing = (seconds: number) => cos((Math.PI * seconds) / period);
  switch (which) {
    case 1:
      return {
        parts: [
          {
            streamfunction: (x, y) => {
              const square = x * x + y * y;
              return 0.5 * scale * (square - x * Math.sqrt(square));
            },
          },
        ],
        amplitudes: (seconds) => [swing(seconds)],
        fastest: speed,
      };
    case 2:
      return {
        parts: [{ streamfunction: (_, y) => scale * y * y }],
        amplitudes: (seconds) => [swing(seconds)],
        fastest: speed,
      };
    case 3:
      return {
        parts: [
          {
            velocity: (x, y, z, out) => {
              const cosine = Math.sqrt(x * x + y * y);
              // u/cos θ along (−y, x, 0), and v/cos θ along (−z x, −z y, cos²θ).
              const eastward = speed * -z * (cosine - x) * cosine;
              const northward = 0.5 * speed * y * cosine;
              out[0] = -y * eastward - z * x * northward;
              out[1] = x * eastward - z * y * northward;
              out[2] = cosine * cosine * northward;
            },
          },
        ],
        amplitudes: (seconds) => [swing(seconds)],
        fastest: speed,
      };
    case 4: {
      const turning = (2 * Math.PI * radius) / period;
      return {
        // sin²(λ − ωt) = (1 − cos 2λ cos 2ωt − sin 2λ sin 2ωt)/2.
        parts: [
          { streamfunction: (_x, _y, z) => -turning * radius * z },
          { streamfunction: (x, y) => 0.5 * scale * (x * x + y * y) },
          { streamfunction: (x, y) => -0.5 * scale * (x * x - y * y) },
          { streamfunction: (x, y) => -scale * x * y },
        ],
        amplitudes: (seconds) => {
          const twice = (4 * Math.PI * seconds) / period;
          const strength = swing(seconds);
          return [1, strength, strength * cos(twice), strength * sin(twice)];
        },
        fastest: speed + turning,
      };
    }
  }
}

/** A mixing ratio as a function of a unit vector. */
export type MixingRatio = (x: number, y: number, z: number) => number;

/** Longitudes and latitudes [radians] of the two centres. */
const CENTRES: Readonly<Record<NairLauritzenCase, readonly (readonly [number, number])[]>> = {
  1: [
    [Math.PI, Math.PI / 3],
    [Math.PI, -Math.PI / 3],
  ],
  2: [
    [(5 * Math.PI) / 6, 0],
    [(7 * Math.PI) / 6, 0],
  ],
  3: [
    [(3 * Math.PI) / 4, 0],
    [(5 * Math.PI) / 4, 0],
  ],
  4: [
    [(5 * Math.PI) / 6, 0],
    [(7 * Math.PI) / 6, 0],
  ],
};

interface Centre {
  readonly longitude: number;
  readonly latitude: number;
  readonly squareFrom: MixingRatio;
}

/** The centres, each with the square of the chord to it. */
const centresOf = (which: NairLauritzenCase): Centre[] =>
  CENTRES[which].map(([longitude, latitude]) => {
    const [a, b, c] = [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)];
    return {
      longitude,
      latitude,
      squareFrom: (x, y, z) => (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c),
    };
  });

const arc = (square: number): number => 2 * asin(Math.min(1, 0.5 * Math.sqrt(square)));

/** Infinitely smooth. */
export function gaussianHills(which: NairLauritzenCase): MixingRatio {
  const centres = centresOf(which);
  return (x, y, z) => centres.reduce((sum, { squareFrom }) => sum + 0.95 * exp(-5 * squareFrom(x, y, z)), 0);
}

/** Radius of bells and cylinders, in the globe's. */
const REACH = 0.5;

/** 0.1 and up to 1, with a continuous slope. */
export function cosineBells(which: NairLauritzenCase): MixingRatio {
  const centres = centresOf(which);
  return (x, y, z) => {
    for (const { squareFrom } of centres) {
      const r = arc(squareFrom(x, y, z));
      if (r < REACH) return 0.1 + 0.45 * (1 + cos((Math.PI * r) / REACH));
    }
    return 0.1;
  };
}

/** What a second tracer is of the first, Lauritzen et al. (2012): mixing by numbers alone undoes it. */
export const correlated = (q: number): number => -0.8 * q * q + 0.9;

export function correlatedBells(which: NairLauritzenCase): MixingRatio {
  const bells = cosineBells(which);
  return (x, y, z) => correlated(bells(x, y, z));
}

/** 0.1 or 1: discs with slots that open to the north in the first and to the south in the second. */
export function slottedCylinders(which: NairLauritzenCase): MixingRatio {
  const centres = centresOf(which);
  const inSlot = (x: number, y: number, z: number, { longitude, latitude }: Centre, opening: 1 | -1): boolean => {
    const cosine = Math.sqrt(x * x + y * y);
    // |λ − λᵢ| < r/6 by the sine and cosine of the difference.
    const away = Math.abs(y * cos(longitude) - x * sin(longitude));
    const beside = away < sin(REACH / 6) * cosine && x * cos(longitude) + y * sin(longitude) > 0;
    return beside && opening * (asin(Math.max(-1, Math.min(1, z))) - latitude) >= -(5 / 12) * REACH;
  };
  return (x, y, z) => {
    for (const [k, centre] of centres.entries())
      if (arc(centre.squareFrom(x, y, z)) <= REACH) return inSlot(x, y, z, centre, k === 0 ? 1 : -1) ? 0.1 : 1;
    return 0.1;
  };
}

/** What the case's tracers can be: mixing ratio at the start, which is that after a period too, and its range. */
export const NAIR_LAURITZEN_TRACERS = {
  'gaussian-hills': { of: gaussianHills, range: { low: 0, high: 1 } },
  'cosine-bells': { of: cosineBells, range: { low: 0.1, high: 1 } },
  'correlated-bells': { of: correlatedBells, range: { low: correlated(1), high: correlated(0.1) } },
  'slotted-cylinders': { of: slottedCylinders, range: { low: 0.1, high: 1 } },
} as const;
