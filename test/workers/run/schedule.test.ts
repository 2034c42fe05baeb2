import { expect, it } from 'vitest';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { makeSchedule } from '../../../workers/run/schedule.ts';

const DURATION = 3600;

/** Steps with a frame, and those with a checkpoint, where both come round at an interval [s]. */
function dueSteps(every: number, steps: number): { readonly frames: number[]; readonly checkpoints: number[] } {
  const scenario = {
    time: { duration: DURATION },
    output: { fields: [{ name: 'maximum_speed', every }], checkpoints: { every, keep: 1 } },
  } as unknown as Scenario;
  const { frames, checkpoints } = makeSchedule(scenario, { timeStep: DURATION / steps, steps });
  return { frames: [...frames.keys()], checkpoints: [...checkpoints].sort((a, b) => a - b) };
}

it('what is due at an interval is due at the steps nearest to its multiples, each once', () => {
  for (const steps of [1, 2, 3, 7, 60, 97, 1000]) {
    for (const every of [0.1, 0.7, 1.7, 3.6, 18, 30, 36, 37.1, 60, 900, 1700, 3600, 5000]) {
      const nearest = new Set<number>();
      for (let k = 0; k * every <= DURATION * (1 + 1e-12); k++)
        nearest.add(Math.min(steps, Math.round((k * every) / (DURATION / steps))));
      const { frames, checkpoints } = dueSteps(every, steps);
      expect(frames, `${every} s in ${steps} steps`).toEqual([...nearest]);
      expect(checkpoints).toEqual([...new Set([...nearest, steps])].filter((step) => step > 0));
    }
  }
});

it('an interval of no length is due at every step, and found at once', () => {
  const begin = performance.now();
  for (const every of [1e-9, 1e-300, Number.MIN_VALUE]) {
    const { frames, checkpoints } = dueSteps(every, 1000);
    expect([frames.length, checkpoints.length]).toEqual([1001, 1000]);
  }
  expect(performance.now() - begin).toBeLessThan(1000);
});
