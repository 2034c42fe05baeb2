import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { JobRecipes } from '../../../workers/cli/job-recipes.ts';

const directory = mkdtempSync(join(tmpdir(), 'terrella-recipes-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HASH = 'a'.repeat(64);
const job = (set: readonly string[]): string =>
  JSON.stringify({ scenario: 'tohoku-2011', set, small: true, identity: HASH, kernelHash: HASH });

test('what a run is made from are files of the library, each by its hash', async () => {
  const recipes = new JobRecipes();
  const { files } = await recipes.of(job([]));
  expect(files.length).toBeGreaterThan(1);
  expect([...recipes.files.keys()].sort()).toEqual(files.map(({ path }) => path).sort());
});

test('a job that names a file of this disk is given nothing of it', async () => {
  const secret = join(directory, 'secret.asc');
  writeFileSync(secret, 'ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n');
  const recipes = new JobRecipes();
  await expect(recipes.of(job([`grid.bathymetry=${secret}`]))).rejects.toThrow(
    /^RecipeMissing: .* reads files that are not of the library/,
  );
  expect(recipes.files.size).toBe(0);
  await expect(recipes.of('{"scenario":7}')).rejects.toThrow(/BadJob/);
});
