import { describe, expect, it } from 'vitest';
import { runBench } from '../../bench/engine.ts';
import { describeRow, median } from '../../bench/rows.ts';

describe('the bench', () => {
  it.runIf(process.env.TERRELLA_DEPTH === 'deep')(
    'prints one line of JSON a row, with the keys that scripts rely on',
    async () => {
      const lines: string[] = [];
      const rows = await runBench({ quick: true, json: true, cells: 24, print: (line) => lines.push(line) });
      expect(lines.map((line) => JSON.parse(line))).toEqual(rows);

      const timed = rows.filter((row) => !('figure' in row));
      const variants = timed.map(({ backend, precision, threads }) => `${backend} ${precision} ${threads}`);
      for (const variant of ['js float64 1', 'wasm float64 1', 'wasm float64 2', 'wasm float32 1', 'wasm float32 2'])
        expect(variants).toContain(variant);
      for (const row of timed) {
        expect(row).toMatchObject({ event: 'bench', kernel: expect.stringMatching(/^(tsunami|shallow-water)$/) });
        if (row.kernel === 'tsunami') expect(row).toMatchObject({ tile: 24, cells: 24 });
        expect(row.millionCellStagesPerSecond).toBeGreaterThan(0);
      }

      const figures = new Map(rows.flatMap((row) => ('figure' in row ? [[row.figure, row.value] as const] : [])));
      expect(figures.get('same bits')).toBe(1);
      for (const name of ['two threads over one', 'gain of skipping', 'start to first step', 'peak memory'])
        expect(figures.get(name)).toBeGreaterThan(0);
      for (const row of rows) expect(describeRow(row)).not.toContain('undefined');
    },
    300_000,
  );

  it('takes medians, which one slow repetition cannot move', () => {
    expect(median([1, 1000, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});
