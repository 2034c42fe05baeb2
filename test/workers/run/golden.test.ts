import { expect, test } from 'vitest';
import { Simulation } from '../../../engine/simulation/simulation.ts';
import { loadNamed } from '../../../workers/cli/load.ts';
import { prepareRun } from '../../../workers/run/prepare.ts';
import { memoryStore } from '../../../workers/store/store.ts';

/**
 * State hashes of small runs after some steps. They change only with the model's numbers: write the reason into
 * CHANGELOG.md, marked as answer-changing, together with the new hash.
 */
const GOLDEN: readonly [scenario: string, precision: string, steps: number, hash: string][] = [
  ['tohoku-2011', 'float32', 20, 'bd7e0b1247b275176f29edf02b31f1e1c24ab9ce5a51ed7772551624ee37b804'],
  ['tohoku-2011', 'float64', 20, 'd770fa4a49f59c10b6924fe2d84abf0f4a72ea4dffea0f00e2bff5ad58828dba'],
  ['williamson-2', 'float64', 20, '4bb4d24098fe89d107dc664b898953caeed46adf2a0a83a3fca8850917a4055f'],
  ['galewsky', 'float64', 20, 'cf3233c17a4c79e1842e790ac5b14e97a8f747d7434ca2b3c7d74d11b750fc71'],
];

const cache = memoryStore();

test.each(GOLDEN)('%s in %s has after %d steps the state of always', async (name, precision, steps, hash) => {
  const { scenario } = await loadNamed(name, { small: true, set: [`model.precision=${precision}`] });
  const prepared = await prepareRun(scenario, { threads: 1, form: 'wasm', skipRest: true, cache });
  const simulation = await Simulation.start(prepared.options);
  await simulation.advanceTo(steps);
  expect(simulation.hash()).toBe(hash);
});
