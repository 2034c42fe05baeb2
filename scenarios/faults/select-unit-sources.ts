import type { Subfault } from '../../engine/sources/subfault.ts';
import { nearest } from '../problems.ts';
import { ProblemList } from './problems.ts';
import type { FaultTable } from './source-table.ts';

/**
 * Chooses unit sources of a catalogue by name and gives each its slip [m], all at once at the origin time: the way in which
 * NOAA's SIFT describes an earthquake. Throws FaultTableError with every name that the catalogue does not have.
 */
export function selectUnitSources(
  catalogue: FaultTable,
  slips: Readonly<Record<string, number>>,
  catalogueName: string,
): Subfault[] {
  const list = new ProblemList(catalogueName);
  const byName = new Map(catalogue.subfaults.map((subfault) => [subfault.name, subfault]));
  const chosen: Subfault[] = [];
  for (const [name, slip] of Object.entries(slips)) {
    const unit = byName.get(name);
    if (unit !== undefined) {
      chosen.push({ ...unit, slip: [{ start: 0, rise: 0, slip }] });
      continue;
    }
    const guess = nearest(name, [...byName.keys()]);
    const cure = guess === undefined ? 'Use a name of its first column.' : `Did you mean "${guess}"?`;
    list.add({ line: 0, column: 'subfault', value: name, problem: 'is no unit source of this catalogue', cure });
  }
  list.finish();
  return chosen;
}
