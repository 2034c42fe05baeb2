import { stat } from 'node:fs/promises';
import { fileSha256 } from '../../scenarios/bathymetry/file-hash.ts';
import { inputFiles, mapFiles } from '../../scenarios/identity.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { inputPath, MOST_RECIPE_BYTES, RECIPE_VERSION, type Recipe, type RecipeFile } from '../protocol/recipe.ts';
import type { InputHash } from '../store/provenance.ts';

/** What a run is of: enough to compute it again. */
export interface RunOrigin {
  /** With the files that it reads where they are now. */
  readonly scenario: Scenario;
  readonly identity: string;
  /** In the order of the scenario. */
  readonly inputs: readonly InputHash[];
}

/** A recipe, and where on the disk the files lie that it names. */
export interface RecipeWithFiles {
  readonly recipe: Recipe;
  /** By path in the recipe. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The recipe of a run, with a catalogue of faults if there is one; undefined where its files have gone, or are more than a
 * page should fetch.
 */
export async function recipeOf(
  { scenario, identity, inputs }: RunOrigin,
  catalogue?: string | undefined,
): Promise<RecipeWithFiles | undefined> {
  const onDisk = inputFiles(scenario);
  if (onDisk.length !== inputs.length) return undefined;
  const named = new Map(onDisk.map((file, k) => [file, inputPath(inputs[k]!.sha256, file)]));
  const files = new Map([...named].map(([file, path]) => [path, file]));
  const faults = catalogue === undefined ? undefined : inputPath(await hashOf(catalogue), catalogue);
  if (catalogue !== undefined && faults !== undefined) files.set(faults, catalogue);
  const listed: RecipeFile[] = [];
  for (const [path, file] of files) {
    const found = await stat(file).catch(() => undefined);
    if (!found) return undefined;
    listed.push({ path, bytes: found.size });
  }
  if (listed.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_RECIPE_BYTES) return undefined;
  const recipe: Recipe = {
    version: RECIPE_VERSION,
    scenario: mapFiles(scenario, (file) => named.get(file)!),
    identity,
    files: listed,
    ...(faults === undefined ? {} : { faults }),
  };
  return { recipe, files };
}

const hashes = new Map<string, Promise<string>>();

/** Of a file that ships with the program: hashed once. */
function hashOf(file: string): Promise<string> {
  const hash = hashes.get(file) ?? fileSha256(file);
  hashes.set(file, hash);
  hash.catch(() => hashes.delete(file));
  return hash;
}
