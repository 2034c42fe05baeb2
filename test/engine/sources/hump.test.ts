import { describe, expect, test } from 'vitest';
import { type GaussianHump, humpSurface } from '../../../engine/sources/hump.ts';

const at = (humps: readonly GaussianHump[], longitude: number, latitude: number): number =>
  humpSurface(humps, Float64Array.of(longitude), Float64Array.of(latitude))[0]!;

const degrees: GaussianHump = { longitude: 285, latitude: -40, amplitude: 4, standardDeviation: 0.25, unit: 'degrees' };
const metres: GaussianHump = { longitude: 10, latitude: 60, amplitude: 2, standardDeviation: 50e3, unit: 'metres' };

describe('Gaussian humps of the sea surface', () => {
  test('have their amplitude at the centre and e^(−½) of it one standard deviation away, in plain degrees', () => {
    expect(at([degrees], 285, -40)).toBe(4);
    expect(at([degrees], 285.25, -40)).toBeCloseTo(4 * Math.exp(-0.5), 14);
    expect(at([degrees], 285, -39.75)).toBeCloseTo(4 * Math.exp(-0.5), 14);
  });

  test('in metres are round on the globe: the same 50 km to the north and to the east', () => {
    const degree = 6.371e6 * (Math.PI / 180);
    const north = at([metres], 10, 60 + 50e3 / degree);
    expect(north).toBeCloseTo(2 * Math.exp(-0.5), 4);
    expect(at([metres], 10 + 50e3 / (degree * 0.5), 60)).toBeCloseTo(north, 3);
  });

  test('do not care how a longitude is written, nor for the date line', () => {
    expect(at([degrees], -75.1, -40.1)).toBeCloseTo(at([degrees], 284.9, -40.1), 12);
    const dateLine = { ...degrees, longitude: 179.95 };
    expect(at([dateLine], -179.95, -40)).toBeCloseTo(at([dateLine], 180.05, -40), 12);
    expect(at([dateLine], -179.95, -40)).toBeGreaterThan(3.6);
  });

  test('add up, and vanish beyond 8.5 standard deviations', () => {
    const other = { ...degrees, longitude: 285.3, amplitude: -1 };
    expect(at([degrees, other], 285.1, -40.2)).toBeCloseTo(at([degrees], 285.1, -40.2) + at([other], 285.1, -40.2), 14);
    expect(at([degrees], 285, -37.8)).toBe(0);
    expect(at([degrees], 285, -37.9)).toBeGreaterThan(0);
  });
});
