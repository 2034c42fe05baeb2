import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { finishedEvent, terrella } from '../workers/run/command.ts';
import { bitsOf, lastCheckpoint } from '../workers/run/small-ocean.ts';

const home = mkdtempSync(join(tmpdir(), 'terrella-soak-'));
afterAll(() => rmSync(home, { recursive: true }));

const TILES = [45, 90, 135, 270, 540];
/** [MiB] */
const MEMORY = 4096;

/** The first minutes of Tohoku at 10′, in a process of its own: its bits and its peak memory. */
async function run(precision: string, tile: number, threads: number) {
  const output = join(home, `${precision}-${tile}-${threads}`);
  const set = [`model.precision=${precision}`, `grid.tile=${tile}`, 'time.duration=6 min', 'output.format=none'];
  const flags = ['--threads', `${threads}`, '--output', output, '--json', '--force'];
  const cache = { TERRELLA_CACHE: join(home, 'cache') };
  const args = ['run', 'tohoku-2011', ...set.flatMap((setting) => ['--set', setting]), ...flags];
  const { stateHash, massRelativeDrift, peakMemoryMiB } = finishedEvent(await terrella(args, cache).ended);
  const { auxiliary } = (await lastCheckpoint(output))!;
  rmSync(output, { recursive: true });
  return { bits: { stateHash, massRelativeDrift, others: bitsOf(auxiliary) }, memory: Number(peakMemoryMiB) };
}

describe.skipIf(process.env.TERRELLA_DEPTH !== 'deep')('a run at 10′', () => {
  test.each(['float32', 'float64'])(
    'in %s has the same bits in every tile size and on 1, 2 and 3 threads, in less than 4 GiB',
    async (precision) => {
      const first = await run(precision, 90, 1);
      const peaks = [`90 on 1: ${first.memory}`];
      for (const [index, tile] of TILES.entries()) {
        const threads = 1 + ((index + 1) % 3);
        const { bits, memory } = await run(precision, tile, threads);
        peaks.push(`${tile} on ${threads}: ${memory}`);
        expect(bits).toEqual(first.bits);
        expect(memory).toBeLessThan(MEMORY);
      }
      console.log(`${precision}, tile on threads: peak memory [MiB] ${peaks.join(', ')}`);
    },
    900_000,
  );
});
