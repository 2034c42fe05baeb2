import { memoryStore } from '../workers/store/store.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type BenchRow, describeRow } from './rows.ts';
import { skipping } from './skipping.ts';
import { startUp } from './start-up.ts';
import { race, realOcean, steadyAir, waveOverDeepOcean } from './throughput.ts';

export interface BenchOptions {
  /** Half a minute instead of three: coarser grids, fewer repetitions. */
  readonly quick?: boolean;
  /** JSON lines instead of a table. */
  readonly json?: boolean;
  /** Cells across a panel, a multiple of 24; 540 (10′) unless told, 180 if quick. */
  readonly cells?: number;
  /** Where the lines go; standard output unless told. */
  readonly print?: (line: string) => void;
}

/** Tiles to time, the largest a whole panel. */
function tilesOf(cells: number): number[] {
  const wanted = [90, 270, 540].filter((tile) => tile <= cells && cells % tile === 0);
  return wanted.length > 0 ? wanted : [cells];
}

/**
 * Times the engine on this machine: the tsunami pipeline in all forms, one thread and two, the gain of skipping tiles at
 * rest, the time to the first step and the memory. Prints one line a row as it comes, and returns them all.
 */
export async function runBench(options: BenchOptions = {}): Promise<readonly BenchRow[]> {
  const { quick = false, json = false, print = (line: string) => process.stdout.write(`${line}\n`) } = options;
  const cells = options.cells ?? (quick ? 180 : 540);
  const cache = memoryStore();
  const rows: BenchRow[] = [];
  const show = (section: string, found: readonly BenchRow[]) => {
    if (!json) print(`\n${section}`);
    for (const row of found) print(json ? JSON.stringify(row) : describeRow(row));
    rows.push(...found);
  };

  for (const tile of tilesOf(cells)) {
    // Plain JavaScript takes several times as long, so it gets the smaller grid where the tile allows.
    const coarse = cells % 2 === 0 && (cells / 2) % tile === 0 ? cells / 2 : cells;
    const contenders = [
      waveOverDeepOcean(coarse, tile, 'js', 'float64'),
      waveOverDeepOcean(cells, tile, 'wasm', 'float64'),
      waveOverDeepOcean(cells, tile, 'wasm', 'float32'),
      ...(tile === tilesOf(cells)[0] ? [await realOcean(cells, tile, cache)] : []),
    ];
    show(`Throughput, tiles of ${tile} × ${tile} cells`, await race(contenders, quick ? 3 : 12));
    collectGarbage();
  }
  for (const across of quick ? [32] : [32, 96]) {
    const contenders = [await steadyAir(across, across, 'wasm'), await steadyAir(across, across / 2, 'wasm')];
    show(`Fourth order, ${across} cells across a panel`, await race(contenders, quick ? 2 : 6));
  }
  const coarse = quick || cells < 540 ? Math.min(cells, 96) : 270;
  show('Skipping of tiles at rest', await skipping(coarse, coarse === 270 ? 45 : 24, quick ? 4 : 10, cache));
  show('Start and memory', await startUp(cells, tilesOf(cells)[0]!, quick ? 1 : 3));
  return rows;
}
