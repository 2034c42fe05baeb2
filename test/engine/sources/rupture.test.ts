import { describe, expect, test } from 'vitest';
import { momentMagnitude, seismicMoment } from '../../../engine/sources/moment.ts';
import {
  intervalFraction,
  ruptureSpan,
  slipAt,
  slipFraction,
  withRuptureFront,
} from '../../../engine/sources/rupture.ts';
import type { Subfault } from '../../../engine/sources/subfault.ts';

const subfault: Subfault = {
  name: '1',
  longitude: 100,
  latitude: 0,
  depth: 20e3,
  reference: 'centroid',
  length: 50e3,
  width: 20e3,
  strike: 0,
  dip: 20,
  rake: 90,
  slip: [
    { start: 10, rise: 30, slip: 2 },
    { start: 40, rise: 30, slip: 0.5 },
    { start: 20, rise: 5, fall: 10, slip: 1.5 },
  ],
};

describe('slip in time', () => {
  test('every rise grows from 0 to 1 without turning back, and the parts add up to the total slip', () => {
    let before = 0;
    for (let t = 0; t <= 80; t += 0.25) {
      const fraction = slipFraction(subfault, t);
      expect(fraction).toBeGreaterThanOrEqual(before);
      before = fraction;
    }
    expect(slipAt(subfault, 10)).toBe(0);
    expect(before).toBe(1);
    expect(slipAt(subfault, 80)).toBe(4);
    expect(ruptureSpan([subfault])).toEqual([10, 70]);
  });

  test('the asymmetric cosine is the integral of its rate, with a smooth peak between rise and fall', () => {
    const interval = { start: 3, rise: 4, fall: 9, slip: 1 };
    const rate = (t: number): number => {
      const since = t - 3;
      if (since < 0 || since > 13) return 0;
      const shape = since < 4 ? 1 - Math.cos((Math.PI * since) / 4) : 1 + Math.cos((Math.PI * (since - 4)) / 9);
      return shape / 13;
    };
    let integral = 0;
    const step = 1e-3;
    for (let n = 0; n < 18_000; n++) {
      integral += rate((n + 0.5) * step) * step;
      if (n % 500 === 499) expect(intervalFraction(interval, (n + 1) * step)).toBeCloseTo(integral, 6);
    }
    expect(integral).toBeCloseTo(1, 6);
  });

  test('slip at once belongs to the first instant after its start: a run from the origin time on gets it', () => {
    const interval = { start: 0, rise: 0, slip: 3 };
    expect(intervalFraction(interval, 0)).toBe(0);
    expect(intervalFraction(interval, 1e-9)).toBe(1);
  });

  test('a front reaches each subfault after its distance over the speed', () => {
    const [moved] = withRuptureFront([subfault], { longitude: 101, latitude: 0, speed: 2000, rise: 60 });
    const [interval] = moved!.slip;
    expect(interval!.start).toBeCloseTo((6.371e6 * Math.PI) / 180 / 2000, 6);
    expect(interval!.slip).toBe(4);
    expect(() => withRuptureFront([subfault], { longitude: 0, latitude: 0, speed: 0, rise: 1 })).toThrow(/0 m\/s/);
  });
});

describe('seismic moment', () => {
  test('is rigidity × area × slip; a subfault’s own rigidity goes first', () => {
    expect(seismicMoment([subfault], 3e10)).toBe(3e10 * 1e9 * 4);
    expect(seismicMoment([{ ...subfault, rigidity: 5e10 }], 3e10)).toBe(5e10 * 1e9 * 4);
  });

  test('1.7e22 N m is magnitude 8.79, and 31.6 times the moment is one unit more', () => {
    expect(momentMagnitude(1.7e22)).toBeCloseTo(8.787, 3);
    expect(momentMagnitude(1e20 * 10 ** 1.5) - momentMagnitude(1e20)).toBeCloseTo(1, 12);
  });
});
