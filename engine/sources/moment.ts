import { log10 } from '../math/index.ts';
import { totalSlip } from './rupture.ts';
import type { Subfault } from './subfault.ts';

/** Shear modulus where a table gives none [Pa]. */
export const DEFAULT_RIGIDITY = 4e10;

/** Seismic moment Σ μ A |D| [N m]; a subfault's own rigidity goes before `rigidity` [Pa]. */
export function seismicMoment(subfaults: readonly Subfault[], rigidity = DEFAULT_RIGIDITY): number {
  let moment = 0;
  for (const subfault of subfaults) {
    moment += (subfault.rigidity ?? rigidity) * subfault.length * subfault.width * Math.abs(totalSlip(subfault));
  }
  return moment;
}

/** Moment magnitude of a seismic moment [N m], (log₁₀ M₀ − 9.05)·2/3: Hanks and Kanamori (1979) eq. 7 in SI. */
export function momentMagnitude(moment: number): number {
  return (2 / 3) * (log10(moment) - 9.05);
}
