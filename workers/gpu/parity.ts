import type { Simulation } from '../../engine/simulation/simulation.ts';

/** How far a device may be from the processor's float32, see docs/gpu.md. */
export const BOUNDS = {
  /** Of what a field moves by, in its worst cell and as root mean square. */
  furthest: 1e-4,
  rms: 2e-6,
  /** A kernel may be off by so many ulp of its field's largest value: after few steps a field has hardly moved. */
  ulps: 16,
  /** Relative change of the conserved integral. */
  mass: 1e-6,
} as const;

const ULP = 2 ** -23;

type Panels = readonly ArrayLike<number>[];

/** A run's state where it is compared: fields that steps change, and what has become of the conserved integral. */
export interface Snapshot {
  readonly fields: Readonly<Record<string, Panels>>;
  readonly massRelativeDrift: number;
}

/** Whether a device agrees with the processor, and the field that uses most of its bound; above 1 it goes beyond. */
export interface Parity {
  readonly agrees: boolean;
  readonly steps: number;
  readonly worst: string;
  readonly shareOfBound: number;
}

/** Brings what is compared to where it can be read. */
export async function takeSnapshot(simulation: Simulation): Promise<Snapshot> {
  await simulation.fetch();
  const names = simulation.options.model.fields
    .filter(({ role }) => role === 'prognostic' || role === 'diagnostic')
    .map(({ name }) => name);
  return {
    fields: Object.fromEntries(names.map((name) => [name, simulation.run.read(name)])),
    massRelativeDrift: simulation.massRelativeDrift(),
  };
}

/** Share of its bound that one field uses; infinite where it is not a number, or differs where nothing may. */
function shareOf(found: Panels, expected: Panels, start: Panels): number {
  let [furthest, sum, cells, moved, largest] = [0, 0, 0, 0, 0];
  expected.forEach((panel, p) => {
    for (let cell = 0; cell < panel.length; cell++) {
      const due = panel[cell]!;
      const difference = Math.abs(found[p]![cell]! - due);
      if (!(difference <= furthest)) furthest = difference;
      sum += difference * difference;
      moved = Math.max(moved, Math.abs(due - start[p]![cell]!));
      largest = Math.max(largest, Math.abs(due));
      cells++;
    }
  });
  const shares = [
    [furthest, BOUNDS.furthest],
    [Math.sqrt(sum / cells), BOUNDS.rms],
  ].map(([difference, bound]) => difference! / (bound! * moved + BOUNDS.ulps * ULP * largest));
  // Not the furthest: a number that is none compares as nothing, but stays in the sum.
  if (sum === 0) return 0;
  return shares.every((share) => share < Number.POSITIVE_INFINITY) ? Math.max(...shares) : Number.POSITIVE_INFINITY;
}

/** Holds what a device has made of `start` in some steps against what the processor has, in float32 both. */
export function judgeParity(found: Snapshot, expected: Snapshot, start: Snapshot, steps: number): Parity {
  const drift = Math.abs(found.massRelativeDrift - expected.massRelativeDrift) / BOUNDS.mass;
  let [worst, shareOfBound] = ['mass', Number.isNaN(drift) ? Number.POSITIVE_INFINITY : drift];
  for (const [name, panels] of Object.entries(expected.fields)) {
    const share = shareOf(found.fields[name]!, panels, start.fields[name]!);
    if (share > shareOfBound) [worst, shareOfBound] = [name, share];
  }
  return { agrees: shareOfBound <= 1, steps, worst, shareOfBound };
}
