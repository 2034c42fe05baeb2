import type { RunInfo } from '../../workers/protocol/viewing.ts';
import { scaleOf, type View } from './projection.ts';

/** Cells that a picture may have before a coarser level is taken: what a decoder and an upload manage many times a second. */
const MOST_CELLS = 500_000;

const cellsAcross = ({ grid }: RunInfo, level: number): number => grid.cellsX / 2 ** level;

/** Levels light enough to be shown; the coarsest where none is. */
function lightLevels(run: RunInfo): readonly number[] {
  const light = run.levels.filter((level) => run.grid.panels * cellsAcross(run, level) ** 2 <= MOST_CELLS);
  return light.length > 0 ? light : [Math.max(...run.levels)];
}

/** The finest level that can be shown. */
export const finestLevel = (run: RunInfo): number => Math.min(...lightLevels(run));

/** The finest level whose cells are worth their bytes in a view. */
export function levelFor(run: RunInfo, view: View): number {
  if (run.grid.kind === 'plane') return 0;
  // A panel is a quarter of the way round.
  const pixels = (scaleOf(view) * Math.PI) / 2;
  const candidates = [...lightLevels(run)].sort((a, b) => b - a);
  return candidates.find((level) => cellsAcross(run, level) >= 0.9 * pixels) ?? candidates.at(-1)!;
}
