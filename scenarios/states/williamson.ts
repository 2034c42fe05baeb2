import { asin, atan2, cos, sin } from '../../engine/math/index.ts';
import { EARTH, type TestState } from './state.ts';

const { radius: a, rotation: omega, gravity: g } = EARTH;
const WILLIAMSON = 'Williamson, Drake, Hack, Jakob & Swarztrauber (1992), J. Comput. Phys. 102, 211–224';
const PI = 3.141592653589793;
const DAY = 86400;

/**
 * Solid-body flow about an axis in geostrophic balance, g η = g h₀ − (aΩu₀ + u₀²/2) s², s the sine of the latitude as
 * that axis has it; the globe turns about the same axis.
 */
function zonalFlow(speed: number, restingDepth: number, angle: number): Pick<TestState, 'rotation' | 'flow'> {
  const axis = [0 - sin(angle), 0, cos(angle)] as const;
  const drop = (a * omega * speed + (speed * speed) / 2) / g;
  return {
    rotation: [omega * axis[0], 0, omega * axis[2]],
    flow: (x, y, z, out) => {
      const s = axis[0] * x + axis[2] * z;
      out[0] = restingDepth - drop * (s * s);
      out[1] = speed * (0 - axis[2] * y);
      out[2] = speed * (axis[2] * x - axis[0] * z);
      out[3] = speed * (axis[0] * y);
    },
  };
}

/** Test 2, steady zonal flow whose axis leans by `angle` [rad]: at 45° it crosses panel edges and four panel corners. */
export const williamson2 = (angle: number): TestState => ({
  title: 'steady geostrophic flow',
  reference: WILLIAMSON,
  steady: true,
  ...zonalFlow((2 * PI * a) / (12 * DAY), 2.94e4 / g, angle),
});

/** Test 5: zonal flow of 20 m/s meets a cone of 2 km at 90° W, 30° N, of radius 20° on the map. */
export const williamson5: TestState = {
  title: 'zonal flow over an isolated mountain',
  reference: WILLIAMSON,
  steady: false,
  ...zonalFlow(20, 5960, 0),
  bed: (x, y, z) => {
    const foot = PI / 9;
    const east = atan2(y, x) + PI / 2;
    // The mountain's longitudes are near −90°, far from where atan2 jumps.
    const north = asin(z) - PI / 6;
    const distance = Math.sqrt(Math.min(foot * foot, east * east + north * north));
    return 2000 * (1 - distance / foot);
  },
};

/** Test 6: the Rossby–Haurwitz wave of wave number 4, with cos 4λ cos⁴θ = Re (x + iy)⁴ in place of angles. */
export const williamson6: TestState = {
  title: 'Rossby–Haurwitz wave',
  reference: WILLIAMSON,
  steady: false,
  rotation: [0, 0, omega],
  flow: (x, y, z, out) => {
    const [K, w, depth] = [7.848e-6, 7.848e-6, 8000];
    const c2 = x * x + y * y;
    const c = Math.sqrt(c2);
    const [p, q] = [x * x - y * y, 2 * x * y];
    const [re4, im4] = [p * p - q * q, 2 * p * q];
    const c6 = c2 * c2 * c2;
    const c8 = c6 * c2;
    const A = 0.5 * w * (2 * omega + w) * c2 + 0.25 * K * K * (c8 * (5 * c2 + 26) - 32 * c6);
    const B = ((2 * (omega + w) * K) / 30) * (26 - 25 * c2);
    const C = 0.25 * K * K * (5 * c2 - 6);
    out[0] = depth + ((a * a) / g) * (A + B * re4 + C * (re4 * re4 - im4 * im4));
    // At a pole itself the wind is 0, and so is c.
    const inverse = c > 0 ? 1 / c : 0;
    const east = a * w * c + a * K * inverse * re4 * (4 * z * z - c2);
    const north = 0 - 4 * a * K * inverse * im4 * z;
    const [cosine, sine] = [x * inverse, y * inverse];
    out[1] = 0 - east * sine - north * z * cosine;
    out[2] = east * cosine - north * z * sine;
    out[3] = north * c;
  },
};
