/**
 * All that a page needs to compute a run itself, beside the page on a gateway or on any host that serves files:
 *
 *   recipes/<run>.json        Recipe
 *   inputs/<sha256>/<name>    a file that the scenario names, or the catalogue of faults
 */
export const RECIPE_VERSION = 1;

export interface Recipe {
  readonly version: typeof RECIPE_VERSION;
  /** The resolved scenario; every file that it names is the path of one below. */
  readonly scenario: unknown;
  /** The scenario's identity, which whoever computes it can derive again. */
  readonly identity: string;
  readonly files: readonly RecipeFile[];
  /** Path of the faults that earthquakes of visitors take their directions from, where there is one. */
  readonly faults?: string;
}

export interface RecipeFile {
  /** From the page: `inputs/<sha256>/<name>`. */
  readonly path: string;
  readonly bytes: number;
}

/** More than this is not sent to a page [bytes]. */
export const MOST_RECIPE_BYTES = 64 * 2 ** 20;

export const recipePath = (run: string): string => `recipes/${encodeURIComponent(run)}.json`;

/** Where a file of a recipe lies: its last name stays, since tables of faults are known by it. */
export const inputPath = (sha256: string, file: string): string =>
  `inputs/${sha256}/${file.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '_')}`;

/** The SHA-256 that a path of an input states. */
export const statedHash = (path: string): string | undefined => /inputs\/([0-9a-f]{64})\//.exec(path)?.[1];
