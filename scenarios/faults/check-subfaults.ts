import { FaultOutOfRange } from '../../engine/sources/errors.ts';
import { placeSubfault, type Subfault } from '../../engine/sources/subfault.ts';
import type { NumberRange, ProblemList } from './problems.ts';

/** What a subfault's numbers may be, in the units of the tables. Outside is a mistake in the unit or the column. */
export const RANGES = {
  longitude: { least: -360, most: 360, unit: 'degrees' },
  latitude: { least: -90, most: 90, unit: 'degrees' },
  depth: { least: 0, most: 700, unit: 'km' },
  length: { least: 0.001, most: 2000, unit: 'km' },
  width: { least: 0.001, most: 700, unit: 'km' },
  strike: { least: -360, most: 360, unit: 'degrees' },
  dip: { least: 0, most: 90, unit: 'degrees' },
  rake: { least: -360, most: 360, unit: 'degrees' },
  start: { least: 0, most: 86_400, unit: 's' },
  rise: { least: 0, most: 86_400, unit: 's' },
  slip: { least: -100, most: 100, unit: 'm' },
  rigidity: { least: 1, most: 1000, unit: 'GPa' },
} as const satisfies Record<string, NumberRange>;

/** Notes the subfaults that cannot be laid out, such as an upper edge above the surface; those with NaN were noted before. */
export function checkSubfaults(
  entries: readonly { readonly subfault: Subfault; readonly line: number }[],
  list: ProblemList,
): void {
  for (const { subfault, line } of entries) {
    const { longitude, latitude, depth, length, width, strike, dip, rake } = subfault;
    if (![longitude, latitude, depth, length, width, strike, dip, rake].every(Number.isFinite)) continue;
    try {
      placeSubfault(subfault);
    } catch (error) {
      if (!(error instanceof FaultOutOfRange)) throw error;
      const [problem, ...cure] = error.message.replace('FaultOutOfRange: ', '').split('. ');
      list.add({ line, column: 'depth', problem: problem!, cure: cure.join('. ') });
    }
  }
}
