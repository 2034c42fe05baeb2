import { expose } from 'comlink';
import { stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { computeHere, type PageProgress, type PageResult } from '../../workers/page/compute-recipe.ts';
import { startPageThreads } from '../../workers/page/page-threads.ts';
import { webInputFiles } from '../../workers/page/web-files.ts';
import { RECIPE_VERSION, type Recipe, recipePath } from '../../workers/protocol/recipe.ts';

const startThread = (): Worker => new Worker(new URL('./thread.worker.ts', import.meta.url), { type: 'module' });

const fetchBytes =
  (base: string) =>
  async (path: string): Promise<Uint8Array> => {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok) throw new Error(`InputUnreadable: ${path} is not there (${answer.status}).`);
    return new Uint8Array(await answer.arrayBuffer());
  };

let cancelled = false;

const computing = {
  /** Computes the run of the recipe beside the page; undefined where it was cancelled. */
  async compute(
    base: string,
    run: string,
    threads: number,
    onProgress: (progress: PageProgress) => void,
  ): Promise<PageResult | undefined> {
    cancelled = false;
    const fetched = fetchBytes(base);
    const recipe = JSON.parse(new TextDecoder().decode(await fetched(recipePath(run)))) as Recipe;
    if (recipe.version !== RECIPE_VERSION) throw new Error(`BadRecipe: version ${recipe.version} is not known here.`);
    return computeHere({
      scenario: recipe.scenario as Scenario,
      files: webInputFiles(fetched),
      threads,
      begin: (cpuRun) =>
        cpuRun.options.shared ? startPageThreads(cpuRun, startThread) : Promise.resolve(stepHere(cpuRun)),
      onProgress,
      isCancelled: () => cancelled,
    });
  },
  cancel(): void {
    cancelled = true;
  },
};

export type Computing = typeof computing;

expose(computing);
