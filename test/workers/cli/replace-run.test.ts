import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkOutput, removeRun } from '../../../workers/cli/replace-run.ts';

const home = mkdtempSync(join(tmpdir(), 'terrella-replace-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A directory with files in it: what a run, or somebody, has left. */
function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(home, 'place-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
    .sort();

const SCENARIO = JSON.stringify({ scenario: { name: 'ring' }, identity: 'ab12', inputs: [] });

it.each([
  [{ 'checkpoints/epoch-1.pt': 'x' }, 'checkpoints'],
  [{ 'run.zarr/zarr.json': '{}' }, 'run.zarr'],
  [{ 'scenario.json': '{ "players": 4 }', 'result.json': '{}' }, 'scenario.json and result.json'],
  [{ 'scenario.json': '{ "scenario": ' }, 'scenario.json'],
] as const)('a run begins in no directory of somebody else: %j', async (files, named) => {
  const directory = directoryOf(files as Record<string, string>);
  for (const replace of [false, true])
    await expect(checkOutput(directory, replace)).rejects.toThrow(`OutputForeign: ${directory} holds ${named}, which`);
  await removeRun(directory);
  expect(filesIn(directory)).toEqual(Object.keys(files).sort());
});

it('a run begins where there is none, and over one only if it is told to', async () => {
  await checkOutput(join(home, 'nowhere'), false);
  await checkOutput(directoryOf({ 'notes.txt': 'x', 'plots/mine.png': 'x' }), false);
  const run = directoryOf({ 'scenario.json': SCENARIO });
  await expect(checkOutput(run, false)).rejects.toThrow(/OutputExists: .*--replace/);
  await checkOutput(run, true);
});

it('nothing of a run is left when another takes its place, and all that is not of it', async () => {
  const own = [
    'checkpoints/checkpoint-000000000060.terrella',
    'run.zarr/zarr.json',
    'run.zarr/native/time/c.0',
    'result.json',
    'plots/maximum-amplitude.png',
    'plots/sea-surface-01h30.png',
    'plots/stations.png',
    'ring.nc',
  ];
  const others = ['checkpoints/epoch-1.pt', 'notes.txt', 'other.nc', 'plots/holiday.png', 'plots/stations-2.png'];
  const directory = directoryOf({
    ...Object.fromEntries([...own, ...others].map((name) => [name, 'x'])),
    'scenario.json': SCENARIO,
    'stations/far.csv': '# station: far\n',
    'stations/mine.csv': 'a,b\n',
  });
  await removeRun(directory);
  // The scenario stays until the next one takes its place: a directory without it would be a stranger's.
  expect(filesIn(directory)).toEqual([...others, 'scenario.json', 'stations/mine.csv'].sort());
  rmSync(join(directory, 'checkpoints/epoch-1.pt'));
  await removeRun(directory);
  expect(existsSync(join(directory, 'checkpoints'))).toBe(false);
});
