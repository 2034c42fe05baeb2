import { describe, expect, test } from 'vitest';
import { afterReport, declaredSpeed, type SpeedEstimate } from '../../../workers/coordinator/speed.ts';
import { sequence } from '../../engine/grid/sequence.ts';

/** The estimate after reports of 0.25 s each at these speeds. */
const measured = (start: SpeedEstimate, speeds: readonly number[]): SpeedEstimate =>
  speeds.reduce((estimate, speed) => afterReport(estimate, { work: speed * 0.25, seconds: 0.25 }), start);
const steady = (speed: number, reports: number): number[] => Array.from({ length: reports }, () => speed);

describe('estimated speed', () => {
  test('starts from the benchmark and keeps it while nothing is measured', () => {
    const declared = declaredSpeed(40);
    expect(declared.speed).toBe(40);
    for (const nothing of [
      { work: 0, seconds: 0 },
      { work: 0, seconds: 1 },
      { work: 1, seconds: 0 },
      { work: Number.NaN, seconds: 1 },
      { work: -1, seconds: -1 },
    ])
      expect(afterReport(declared, nothing)).toBe(declared);
  });

  test('of a steady node is its speed, whatever the benchmark said', () => {
    for (const declared of [1, 35, 40, 45, 1000])
      expect(measured(declaredSpeed(declared), steady(40, 400)).speed).toBeCloseTo(40, 1);
  });

  test('averages noise of ±10 % to 3 %', () => {
    const random = sequence(5);
    let estimate = declaredSpeed(40);
    let worst = 0;
    for (let report = 0; report < 14_400; report++) {
      estimate = measured(estimate, [40 / (1 + 0.1 * (2 * random() - 1))]);
      if (report > 200) worst = Math.max(worst, Math.abs(estimate.speed / 40 - 1));
    }
    expect(worst).toBeLessThan(0.03);
  });

  test('ignores outliers: two stalls among five reports change nothing', () => {
    const settled = measured(declaredSpeed(40), steady(40, 100));
    const stalled = measured(settled, [0.01, 40, 4000, 40, 40, 0.5, 0.5, 40, 40, 40]);
    expect(stalled.speed).toBeCloseTo(40, 10);
    // A stall of an hour is one report, whatever its seconds.
    expect(afterReport(settled, { work: 10, seconds: 3600 }).speed).toBeCloseTo(40, 10);
  });

  test('sees a node slow to half, or come back, within three reports', () => {
    const settled = measured(declaredSpeed(40), steady(40, 400));
    const slowed = measured(settled, steady(20, 3));
    expect(slowed.speed).toBe(20);
    expect(measured(measured(slowed, steady(20, 50)), steady(40, 3)).speed).toBe(40);
  });

  test('follows a slow drift', () => {
    const drift = Array.from({ length: 2400 }, (_, report) => 40 * (1 - (0.4 * report) / 2400));
    expect(measured(declaredSpeed(40), drift).speed / 24).toBeLessThan(1.04);
  });
});
