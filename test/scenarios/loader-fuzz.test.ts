import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../scenarios/identity.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import { LIBRARY, load, minimalPlane, scenarioFiles } from './library.ts';
import { type Mutant, mutants } from './mutations.ts';

const COUNT = Number(process.env.TERRELLA_FUZZ ?? 500);
const SEED = Number(process.env.TERRELLA_FUZZ_SEED ?? 1);
/** [ms]; the reader takes a tenth of this on a machine that does nothing else. */
const PATIENCE = 1000;

const texts = [...scenarioFiles.map((file) => readFileSync(`${LIBRARY}/${file}`, 'utf8')), minimalPlane()];

/** What is wrong with how the loader takes a mutant, beginning with a capital; otherwise its verdict. */
async function complaint({ text, overrides }: Mutant): Promise<string> {
  const cpu = process.cpuUsage();
  const result = await load(text, { overrides });
  const { user, system } = process.cpuUsage(cpu);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > PATIENCE) return `Took ${milliseconds} ms`;
  if (result.ok) {
    // What is accepted can be identified: plain data without NaN or infinity.
    canonicalJson(result.scenario);
    return 'accepted';
  }
  if (result.problems.length === 0) return 'Refused without a problem';
  for (const { file, line, column, message, cure } of result.problems) {
    const placed = file !== '' && Number.isInteger(line) && line >= 1 && Number.isInteger(column) && column >= 1;
    if (!placed) return `No place: ${file}:${line}:${column} ${message}`;
    if (message.trim() === '' || cure.trim() === '') return `No message or no cure at ${line}:${column}: ${message}`;
    if (file.endsWith('test.yaml') && line > text.split(/\r\n|\r|\n/).length + 1)
      return `Line ${line} of ${text.split('\n').length}`;
    if (/undefined|\[object|NaN/.test(message + cure) && !/undefined|\[object|NaN/.test(text + overrides.join()))
      return `Unfinished: ${message} ${cure}`;
  }
  const shown = formatProblems(result.problems);
  return shown.length > 200_000 ? `There are ${shown.length} characters of problems` : 'refused';
}

it(
  `the loader never throws and never hangs, and every problem has a place and a cure: ${COUNT} mutants`,
  async () => {
    const source = mutants(texts, SEED);
    let accepted = 0;
    for (let n = 0; n < COUNT; n++) {
      const mutant = source.next().value as Mutant;
      const found = await complaint(mutant).catch(
        (error: unknown) => `Threw ${error instanceof Error ? error.stack : error}`,
      );
      if (found === 'accepted') accepted++;
      else if (found !== 'refused')
        expect.fail(
          `mutant ${n} of seed ${SEED} (${mutant.kind}; --set ${mutant.overrides}): ${found}\n${mutant.text.slice(0, 3000)}`,
        );
    }
    // Mutants that all fail, or all pass, would try nothing.
    expect(accepted).toBeGreaterThan(COUNT * 0.02);
    expect(accepted).toBeLessThan(COUNT * 0.6);
  },
  60_000 + COUNT * 200,
);

it('mutants are the same for the same seed', () => {
  const first = mutants(texts, 7);
  const second = mutants(texts, 7);
  for (let n = 0; n < 20; n++) expect(second.next().value).toEqual(first.next().value);
});
