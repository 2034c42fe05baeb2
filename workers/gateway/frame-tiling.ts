import type { RunInfo } from '../protocol/viewing.ts';

/** How a level of detail is cut into frame tiles. */
export interface FrameTiling {
  readonly level: number;
  readonly panels: number;
  readonly cellsX: number;
  readonly cellsY: number;
  readonly tileX: number;
  readonly tileY: number;
}

type Panels = Pick<RunInfo['grid'], 'kind' | 'panels' | 'cellsX' | 'cellsY'>;

const LARGEST_TILE = 256;
/** Tiles narrower than this are worse than one of the whole panel, up to `WHOLE`. */
const SMALLEST_TILE = 16;
const WHOLE = 2048;
/** Cells across the coarsest level, at least. */
const COARSEST = 32;
/** Cells of a level that a whole globe is shown in. */
const DISPLAY_CELLS = 500_000;

/** Cells across a frame tile: the most up to 256 that divide the panel; the whole panel where that leaves slivers. */
export function tileAcross(cells: number): number {
  let tile = Math.min(cells, LARGEST_TILE);
  while (cells % tile !== 0) tile--;
  return tile >= SMALLEST_TILE || cells > WHOLE ? tile : cells;
}

/** Levels of detail, coarsest first. A plane comes as it is. */
export function levelsOf({ kind, cellsX, cellsY }: Panels): readonly number[] {
  const levels = [0];
  if (kind === 'plane') return levels;
  const divides = (across: number) =>
    [cellsX, cellsY].every((cells) => cells % across === 0 && cells / across >= COARSEST);
  for (let level = 1; divides(2 ** level); level++) levels.unshift(level);
  return levels;
}

export function tilingOf(grid: Panels, level: number): FrameTiling {
  const [cellsX, cellsY] = [grid.cellsX / 2 ** level, grid.cellsY / 2 ** level];
  return { level, panels: grid.panels, cellsX, cellsY, tileX: tileAcross(cellsX), tileY: tileAcross(cellsY) };
}

export const tileCount = ({ panels, cellsX, cellsY, tileX, tileY }: FrameTiling): number =>
  panels * (cellsX / tileX) * (cellsY / tileY);

/** The finest level of few enough cells to be kept for every moment of the timeline; the coarsest where none is. */
export function displayLevel(grid: Panels): number {
  const levels = levelsOf(grid);
  const cells = (level: number) => (grid.panels * grid.cellsX * grid.cellsY) / 4 ** level;
  return [...levels].reverse().find((level) => cells(level) <= DISPLAY_CELLS) ?? levels[0]!;
}
