/** A planet's shallow atmosphere at the start of a published test, as a function of position. */
export interface TestState {
  readonly title: string;
  readonly reference: string;
  /** The globe's angular velocity [rad/s]; tests that lay the flow askew turn the globe with it. */
  readonly rotation: readonly [number, number, number];
  /** Elevation of the bed [m] at a unit vector; flat at 0 without. */
  readonly bed?: (x: number, y: number, z: number) => number;
  /** Writes free surface [m] and velocity [m/s], a Cartesian vector, at a unit vector. */
  readonly flow: (x: number, y: number, z: number, out: Float64Array) => void;
  /** Whether the flow is a solution that stays as it is. */
  readonly steady: boolean;
}

/** Williamson et al. (1992): the planet of all tests. */
export const EARTH = { radius: 6.37122e6, rotation: 7.292e-5, gravity: 9.80616 } as const;
