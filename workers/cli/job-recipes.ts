import { type RecipeWithFiles, recipeOf } from '../gateway/recipe.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { loadJob } from './cluster-job.ts';
import { isOfLibrary } from './visitors-scenario.ts';

/** Recipes that are remembered, with their files: as many as a page may ask for, which would else have them loaded in turns. */
const MOST_RECIPES = 64;

/** What the jobs of a cluster's runs are made from, for pages that host shards. */
export class JobRecipes {
  private readonly known = new Map<string, Promise<RecipeWithFiles>>();
  private loading: Promise<unknown> = Promise.resolve();
  /** By path beside the page; those of recipes that are forgotten are served on. */
  readonly files = new Map<string, string>();

  /** Throws BadJob, RecipeMissing, what loading does. */
  async of(job: string): Promise<Recipe> {
    const found = this.known.get(job) ?? this.loadInTurn(job);
    this.known.delete(job);
    this.known.set(job, found);
    found.catch(() => this.known.delete(job));
    if (this.known.size > MOST_RECIPES) this.known.delete(this.known.keys().next().value!);
    const { recipe, files } = await found;
    for (const [path, file] of files) this.files.set(path, file);
    return recipe;
  }

  /** One after the other: files are read and hashed on this thread, which has viewers to serve. */
  private loadInTurn(job: string): Promise<RecipeWithFiles> {
    const loaded = this.loading.then(() => this.load(job));
    this.loading = loaded.catch(() => {});
    return loaded;
  }

  private async load(job: string): Promise<RecipeWithFiles> {
    const { scenario, identity, inputs } = await loadJob(readJob({ job }));
    const recipe = await recipeOf({ scenario, identity, inputs });
    if (!recipe) throw new Error(`RecipeMissing: the files of ${scenario.name} are not here, or too large for a page.`);
    // Whoever submits a run may name any path: of this disk nobody is given more than the program came with.
    if (![...recipe.files.values()].every(isOfLibrary))
      throw new Error(
        `RecipeMissing: ${scenario.name} reads files that are not of the library. Its tiles are for nodes that have them.`,
      );
    return recipe;
  }
}
