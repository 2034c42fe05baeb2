import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchRow, median, rounded } from './rows.ts';

/** Processes are started from built JavaScript also when the caller runs from source (in tests). */
const ENTRY = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../dist/bench/first-step.js', import.meta.url)
    : new URL('./first-step.js', import.meta.url),
);

const run = promisify(execFile);

/**
 * Seconds from starting the program to the end of the first step, bathymetry averaged and then cached, and the memory it
 * took; with several repetitions, in float64 too.
 */
export async function startUp(cells: number, tile: number, repetitions: number): Promise<BenchRow[]> {
  const cache = await mkdtemp(join(tmpdir(), 'terrella-bench-'));
  const once = async (precision: string) => {
    const { stdout } = await run(process.execPath, [ENTRY, `${cells}`, `${tile}`, precision, cache]);
    return JSON.parse(stdout) as { seconds: number; peakMemoryMiB: number };
  };
  try {
    const cold = await once('float32');
    const warm: (typeof cold)[] = [];
    for (let k = 0; k < repetitions; k++) warm.push(await once('float32'));
    const double = repetitions > 1 ? await once('float64') : undefined;
    const figure = (name: string, value: number, unit: string, precision: string, bathymetry: string): BenchRow => ({
      event: 'bench',
      figure: name,
      value: rounded(value),
      unit,
      case: 'tohoku-2011',
      precision,
      threads: 2,
      tile,
      cells,
      bathymetry,
    });
    const seconds = median(warm.map((one) => one.seconds));
    const memory = Math.max(...warm.map((one) => one.peakMemoryMiB));
    return [
      figure('start to first step', cold.seconds, 's', 'float32', 'averaged'),
      figure('start to first step', seconds, 's', 'float32', 'cached'),
      figure('peak memory', cold.peakMemoryMiB, 'MiB', 'float32', 'averaged'),
      figure('peak memory', memory, 'MiB', 'float32', 'cached'),
      ...(double ? [figure('peak memory', double.peakMemoryMiB, 'MiB', 'float64', 'cached')] : []),
    ];
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
