import { describe, expect, it } from 'vitest';
import { rowLine } from '../../bench/science/report.ts';
import { runScience, SCIENCE_CASES } from '../../bench/science/science.ts';
import { passes } from '../../bench/science/science-case.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const BY_DEFAULT = ['williamson-2', 'bp02', 'williamson-1', 'weather'];

describe('the science report', () => {
  // By default one of each model; the published tests themselves are in `test/science`.
  it.each(SCIENCE_CASES.map(({ name }) => name).filter((name) => DEEP || BY_DEFAULT.includes(name)))(
    '%s, coarse and short, holds its bars',
    async (name) => {
      const { rows, failed } = await runScience({
        quick: true,
        json: true,
        wanted: [name],
        threads: 1,
        print: () => {},
      });
      expect(rows.filter((row) => !passes(row)).map(rowLine)).toEqual([]);
      expect(failed).toBe(0);
      expect(rows.length).toBeGreaterThan(0);
      for (const { value } of rows) expect(Number.isFinite(value)).toBe(true);
    },
    120_000,
  );

  it('knows its cases, and says so', async () => {
    const wrong = runScience({ quick: true, json: false, wanted: ['williamson-7'], threads: 1, print: () => {} });
    await expect(wrong).rejects.toThrow(/UnknownCase: there is no case "williamson-7". Did you mean williamson-\d\?/);
  });

  it('fails what does not hold', () => {
    expect(passes({ value: 2, bar: { below: 2 } })).toBe(false);
    expect(passes({ value: 2, bar: { above: 2 } })).toBe(false);
    expect(passes({ value: 2, bar: { between: [1, 2] } })).toBe(true);
    expect(passes({ value: Number.NaN, bar: { below: 2 } })).toBe(false);
    expect(passes({ value: 2 })).toBe(true);
  });
});
