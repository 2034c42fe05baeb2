import { describe, expect, test } from 'vitest';
import { cos, sin } from '../../../engine/math/index.ts';
import { pointSource, type RectangularFault, rectangularFault } from '../../../engine/sources/okada.ts';

const DEGREE = Math.PI / 180;

interface Shape {
  readonly length: number;
  readonly width: number;
  readonly depth: number;
  readonly dip: number;
}

function fault({ length, width, depth, dip }: Shape, slip: readonly [number, number, number]): RectangularFault {
  const sinDip = sin(dip * DEGREE);
  const cosDip = Math.abs(dip) === 90 ? 0 : cos(dip * DEGREE);
  const [strikeSlip, dipSlip, opening] = slip;
  return { length, width, depth, topDepth: depth - width * sinDip, sinDip, cosDip, strikeSlip, dipSlip, opening };
}

function displacement(shape: Shape, slip: readonly [number, number, number], x: number, y: number): number[] {
  const out = new Float64Array(3);
  rectangularFault(fault(shape, slip), x, y, out);
  return [...out];
}

const MODES = { strike: [1, 0, 0], dip: [0, 1, 0], tensile: [0, 0, 1] } as const;

/** Four digits, as Okada prints them; his zeros are exact to rounding. */
const printed = (values: readonly number[]): string[] =>
  values.map((value) => (Math.abs(value) < 1e-15 ? '0' : value.toExponential(3)));

describe('Okada (1985), table 2: checklist for numerical calculations', () => {
  const case2 = { length: 3, width: 2, depth: 4, dip: 70 };
  test.each([
    ['strike', ['-8.689e-3', '-4.298e-3', '-2.747e-3']],
    ['dip', ['-4.682e-3', '-3.527e-2', '-3.564e-2']],
    ['tensile', ['-2.660e-4', '1.056e-2', '3.214e-3']],
  ] as const)('case 2, x = 2, y = 3, δ = 70°, %s', (mode, expected) => {
    expect(printed(displacement(case2, MODES[mode], 2, 3))).toEqual(expected);
  });

  test.each([
    ['strike', ['0', '5.253e-3', '0']],
    ['dip', ['0', '0', '0']],
    ['tensile', ['1.223e-2', '0', '-1.606e-2']],
  ] as const)('case 3, x = y = 0, δ = 90°, %s', (mode, expected) => {
    expect(printed(displacement({ ...case2, dip: 90 }, MODES[mode], 0, 0))).toEqual(expected);
  });

  test.each([
    ['strike', ['0', '-1.303e-3', '0']],
    ['dip', ['0', '0', '0']],
    ['tensile', ['3.507e-3', '0', '-7.740e-3']],
  ] as const)('case 4, x = y = 0, δ = −90°, %s', (mode, expected) => {
    expect(printed(displacement({ ...case2, dip: -90 }, MODES[mode], 0, 0))).toEqual(expected);
  });

  test.each([
    ['strike', ['-9.447e-4', '-1.023e-3', '-7.420e-4']],
    ['dip', ['-1.172e-3', '-2.082e-3', '-2.532e-3']],
    ['tensile', ['-3.572e-4', '3.531e-4', '-2.007e-4']],
  ] as const)('case 1, point source at x = 2, y = 3, d = 4, δ = 70°, %s', (mode, expected) => {
    const out = new Float64Array(3);
    const [strike, dip, opening] = MODES[mode];
    pointSource({ sinDip: sin(70 * DEGREE), cosDip: cos(70 * DEGREE) }, 4, strike, dip, opening, 2, 3, out);
    expect(printed([...out])).toEqual(expected);
  });
});

describe('laws of the solution', () => {
  const shape = { length: 60, width: 30, depth: 18, dip: 25 };
  const slip = [0.4, 0.9, 0.2] as const;
  const places = [
    [-13, 7],
    [30, 12.5],
    [81, -40],
    [0, 0],
    [22, 27.18],
    [300, 200],
  ] as const;

  test('a rectangle is the sum of the rectangles it is cut into', () => {
    const { width, depth, dip } = shape;
    for (const [x, y] of places) {
      const whole = displacement(shape, slip, x, y);
      const sum = [0, 0, 0];
      for (const begin of [0, 25]) {
        for (const low of [0, 12]) {
          const piece = {
            length: begin === 0 ? 25 : 35,
            width: low === 0 ? 12 : 18,
            depth: depth - low * sin(dip * DEGREE),
            dip,
          };
          displacement(piece, slip, x - begin, y - low * cos(dip * DEGREE)).forEach((value, c) => {
            sum[c]! += value;
          });
        }
      }
      expect(width).toBe(30);
      whole.forEach((value, c) => {
        expect(sum[c]).toBeCloseTo(value, 12);
      });
    }
  });

  test('a small rectangle acts as a point source of its potency', () => {
    const small = { length: 0.02, width: 0.02, depth: 10, dip: 40 };
    const point = fault(small, slip);
    const centre = { x: 0.01, y: 0.01 * point.cosDip, depth: 10 - 0.01 * point.sinDip };
    for (const [x, y] of places) {
      const out = new Float64Array(3);
      const area = 4e-4;
      pointSource(point, centre.depth, slip[0] * area, slip[1] * area, slip[2] * area, x - centre.x, y - centre.y, out);
      displacement(small, slip, x, y).forEach((value, c) => {
        expect(Math.abs(value - out[c]!)).toBeLessThan(1e-5 * Math.hypot(...out));
      });
    }
  });

  test('equations for the vertical fault are the limit of those for a steep one', () => {
    for (const [x, y] of places) {
      const vertical = displacement({ ...shape, depth: 40, dip: 90 }, slip, x, y);
      const steep = displacement({ ...shape, depth: 40, dip: 90 - 1e-3 }, slip, x, y);
      // 1e-3° is 1.7e-5 in cos δ, just beside where the equations change.
      vertical.forEach((value, c) => {
        expect(Math.abs(steep[c]! - value)).toBeLessThan(1e-4);
      });
    }
  });

  test('dip slip is mirrored about the middle of the fault, strike slip on a vertical fault about its plane', () => {
    for (const [x, y] of places) {
      const [ux, uy, uz] = displacement(shape, MODES.dip, 30 + x, y) as [number, number, number];
      const [vx, vy, vz] = displacement(shape, MODES.dip, 30 - x, y) as [number, number, number];
      expect(vx).toBeCloseTo(-ux, 13);
      expect(vy).toBeCloseTo(uy, 13);
      expect(vz).toBeCloseTo(uz, 13);
      const upright = { ...shape, depth: 40, dip: 90 };
      const left = displacement(upright, MODES.strike, x, y + 1);
      const right = displacement(upright, MODES.strike, x, -y - 1);
      expect(right[0]).toBeCloseTo(-left[0]!, 13);
      expect(right[1]).toBeCloseTo(left[1]!, 13);
      expect(right[2]).toBeCloseTo(-left[2]!, 13);
    }
  });

  test('far away the displacement decays as the square of the distance', () => {
    const at = (r: number): number =>
      displacement({ length: 3, width: 2, depth: 2, dip: 30 }, MODES.dip, 0.6 * r, 0.8 * r)[2]!;
    expect(at(2e4) / at(4e4)).toBeCloseTo(4, 2);
  });

  test('thrust lifts the volume potency · (1 − 2ν) sin 2δ / 4', () => {
    // Angular first: the far field averages to nothing around a ring. What lies beyond radius ρ is of order d/ρ.
    const { length, width, dip, depth } = { length: 3, width: 2, dip: 35, depth: 4 };
    const thrust = fault({ length, width, depth, dip }, MODES.dip);
    const out = new Float64Array(3);
    const rings = 600;
    const largest = 4000;
    let volume = 0;
    for (let n = 0; n < rings; n++) {
      const [inner, outer] = [largest ** (n / rings) - 1, largest ** ((n + 1) / rings) - 1];
      const radius = (inner + outer) / 2;
      for (let a = 0; a < 72; a++) {
        const angle = (2 * Math.PI * (a + 0.5)) / 72;
        rectangularFault(thrust, 1.5 + radius * Math.cos(angle), 0.8 + radius * Math.sin(angle), out);
        volume += (out[2]! * Math.PI * (outer * outer - inner * inner)) / 72;
      }
    }
    expect(volume / ((length * width * Math.sin(2 * dip * DEGREE)) / 8)).toBeCloseTo(1, 2);
  });

  test('every surface point is finite, on edges, corners and the trace of a fault that breaks the surface too', () => {
    for (const dip of [0, 30, 90]) {
      const depth = dip === 0 ? 5 : 30 * sin(dip * DEGREE);
      const breaking = { length: 60, width: 30, depth, dip };
      const trace = dip === 90 ? 0 : 30 * cos(dip * DEGREE);
      for (const x of [0, 30, 60, -10]) {
        for (const y of [0, trace, trace + 1e-9, 1e5]) {
          for (const mode of Object.values(MODES)) {
            expect(displacement(breaking, mode, x, y).every(Number.isFinite)).toBe(true);
          }
        }
      }
    }
  });
});
