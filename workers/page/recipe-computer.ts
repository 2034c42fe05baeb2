import { stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { RECIPE_VERSION, type Recipe, recipePath } from '../protocol/recipe.ts';
import { computeHere, type PageProgress, type PageResult } from './compute-recipe.ts';
import { startPageThreads } from './page-threads.ts';
import { type FetchBytes, webInputFiles } from './web-files.ts';

/** What a page may ask of the worker that computes. */
export interface RecipeComputer {
  /**
   * Computes a run by its recipe, which lies beside the page at `base`. Throws RecipeMissing, and what `computeHere` throws.
   */
  compute(
    base: string,
    run: string,
    threads: number,
    onProgress: (progress: PageProgress) => void,
  ): Promise<PageResult>;
}

/** Computes on workers that `startThread` makes, one a thread; input files are fetched once for all runs. */
export function recipeComputer(startThread: () => Worker): RecipeComputer {
  const known = new Map<string, InputFiles>();
  const filesAt = (base: string, fetchBytes: FetchBytes): InputFiles => {
    const files = known.get(base) ?? webInputFiles(fetchBytes);
    known.set(base, files);
    return files;
  };
  return {
    async compute(base, run, threads, onProgress) {
      const fetchBytes: FetchBytes = async (path) => {
        const answer = await fetch(new URL(path, base));
        if (!answer.ok)
          throw new Error(`InputUnreadable: ${path} is not there (${answer.status}). Load the page again.`);
        return new Uint8Array(await answer.arrayBuffer());
      };
      const { scenario } = await recipeAt(fetchBytes, run);
      return computeHere({
        scenario: scenario as Scenario,
        files: filesAt(base, fetchBytes),
        threads,
        begin: async (cpuRun) => (cpuRun.options.shared ? startPageThreads(cpuRun, startThread) : stepHere(cpuRun)),
        onProgress,
      });
    },
  };
}

async function recipeAt(fetchBytes: FetchBytes, run: string): Promise<Recipe> {
  const bytes = await fetchBytes(recipePath(run)).catch((cause: unknown) => {
    throw new Error(
      'RecipeMissing: what this run is made from is not beside this page. Its files may be too large for a page, or have been taken away since it ran.',
      { cause },
    );
  });
  const recipe = JSON.parse(new TextDecoder().decode(bytes)) as Recipe;
  if (recipe.version !== RECIPE_VERSION)
    throw new Error(`BadRecipe: version ${recipe.version} is not known here. Load the page again.`);
  return recipe;
}
