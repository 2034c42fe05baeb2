import { nearest } from '../../scenarios/problems.ts';
import { AIR_CASES } from './air-cases.ts';
import { LABORATORY_CASES } from './laboratory-cases.ts';
import { headLine, rowLine } from './report.ts';
import { type Plot, passes, type Row, type ScienceCase } from './science-case.ts';
import { TRANSPORT_CASES } from './transport-cases.ts';
import { weather } from './weather-case.ts';

export const SCIENCE_CASES: readonly ScienceCase[] = [...AIR_CASES, ...TRANSPORT_CASES, ...LABORATORY_CASES, weather];

export interface ScienceRun {
  readonly quick: boolean;
  readonly json: boolean;
  /** Names of cases; all where empty. */
  readonly wanted: readonly string[];
  readonly threads: number;
  readonly print: (line: string) => void;
}

/** Runs the cases one after the other and prints each figure as it comes. Throws UnknownCase. */
export async function runScience({ quick, json, wanted, threads, print }: ScienceRun) {
  const names = SCIENCE_CASES.map(({ name }) => name);
  for (const name of wanted)
    if (!names.includes(name)) {
      const near = nearest(name, names);
      throw new Error(
        `UnknownCase: there is no case "${name}". ${near ? `Did you mean ${near}? ` : ''}Known: ${names.join(', ')}.`,
      );
    }
  const cases = SCIENCE_CASES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const rows: Row[] = [];
  const plots = new Map<string, readonly Plot[]>();
  if (!json) print(headLine());
  for (const one of cases) {
    const report = (row: Omit<Row, 'case'>) => {
      const whole = { case: one.name, ...row };
      rows.push(whole);
      print(json ? JSON.stringify({ event: 'science', ...whole, pass: passes(whole) }) : rowLine(whole));
    };
    plots.set(one.name, await one.run({ quick, threads }, report));
  }
  const failed = rows.filter((row) => !passes(row)).length;
  if (!json) print(`\n${rows.length} figures, ${rows.filter(({ bar }) => bar).length} with a bar, ${failed} failed`);
  return { cases, rows, plots, failed };
}
