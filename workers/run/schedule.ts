import type { Scenario } from '../../scenarios/scenario.ts';
import type { PreparedRun } from './prepare.ts';

/** What is due at which steps, in order. Nominal times go to the nearest step. */
export interface Schedule {
  /** Steps with a frame, ascending; the fields due in each. */
  readonly frames: ReadonlyMap<number, readonly string[]>;
  readonly checkpoints: ReadonlySet<number>;
}

export function makeSchedule(
  scenario: Scenario,
  { timeStep, steps }: Pick<PreparedRun, 'timeStep' | 'steps'>,
): Schedule {
  const stepsOf = (every: number): number[] => {
    // However short the interval, what is due is counted in steps.
    if (every <= timeStep / 2) return Array.from({ length: steps + 1 }, (_, step) => step);
    const due = new Set<number>();
    for (let k = 0; k * every <= scenario.time.duration * (1 + 1e-12); k++) {
      due.add(Math.min(steps, Math.round((k * every) / timeStep)));
    }
    return [...due];
  };
  const frames = new Map<number, string[]>();
  for (const { name, every } of scenario.output.fields) {
    if (every === undefined) continue;
    for (const step of stepsOf(every)) frames.set(step, [...(frames.get(step) ?? []), name]);
  }
  const { every } = scenario.output.checkpoints;
  const checkpoints = new Set(every === undefined ? [] : stepsOf(every).filter((step) => step > 0));
  checkpoints.add(steps);
  return { frames: new Map([...frames].sort(([a], [b]) => a - b)), checkpoints };
}

/** The next step after `step` at which something is due. */
export function nextDue({ frames, checkpoints }: Schedule, step: number, last: number): number {
  let next = last;
  for (const due of [...frames.keys(), ...checkpoints]) if (due > step && due < next) next = due;
  return next;
}
