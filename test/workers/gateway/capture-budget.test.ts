import { describe, expect, test } from 'vitest';
import { CaptureBudget } from '../../../workers/gateway/capture-budget.ts';

/** Captures of 20 ms each as often as they are allowed, for some seconds: when they were made [ms]. */
function captures(budget: CaptureBudget, seconds: number): number[] {
  const made: number[] = [];
  for (let now = 0; now < 1000 * seconds; now++) {
    if (!budget.allows(now)) continue;
    budget.begin(now);
    budget.spend(20);
    made.push(now);
  }
  return made;
}

describe('the budget of captures', () => {
  test('lets a picture move at once, ten times a second', () => {
    const made = captures(new CaptureBudget(true), 3);
    expect(made.filter((at) => at < 1000)).toHaveLength(11);
  });

  test('takes no more than 3 % of the time from a run that it competes with, after an advance of 0.8 s', () => {
    const seconds = 600;
    const made = captures(new CaptureBudget(true), seconds);
    expect(made.length * 20).toBeLessThanOrEqual(800 + 0.03 * 1000 * seconds + 20);
    expect(made.length * 20).toBeGreaterThan(0.9 * 0.03 * 1000 * seconds);
  });

  test('lets captures that cost the run nothing go on ten times a second', () => {
    expect(captures(new CaptureBudget(false), 10)).toHaveLength(101);
  });
});
