import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileSha256 } from '../../../scenarios/bathymetry/file-hash.ts';
import { scenarioIdentity } from '../../../scenarios/identity.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { LIBRARY } from '../../../workers/cli/load.ts';
import { applyLayout, openOutput, openRun, withInputs } from '../../../workers/cli/run-directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'terrella-run-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A run of which no more is kept than its scenario. */
async function keep(file: string, sha256: string) {
  const scenario = { name: 'kept', observations: [{ file }] } as unknown as Scenario;
  const identity = scenarioIdentity(scenario, new Map([[file, sha256]]));
  const inputs = [{ name: file, sha256 }];
  writeFileSync(join(directory, 'scenario.json'), JSON.stringify({ scenario, identity, inputs }));
  return openRun(directory);
}

it('an input that has changed since the run began is named, with both hashes', async () => {
  const file = join(directory, 'gauge.csv');
  writeFileSync(file, 'first');
  const before = await fileSha256(file);
  const run = await keep(file, before);
  expect(await withInputs(run)).toEqual(run.scenario);
  writeFileSync(file, 'second');
  const after = await fileSha256(file);
  await expect(withInputs(run)).rejects.toThrow(
    new RegExp(`InputChanged: .*gauge\\.csv \\(SHA-256 ${after.slice(0, 12)}, was ${before.slice(0, 12)}\\)`),
  );
  rmSync(file);
  await expect(withInputs(run)).rejects.toThrow(/InputMissing: .*gauge\.csv/);
});

it('a run made elsewhere finds the files that ship with the program', async () => {
  const shipped = join(LIBRARY, 'data/dart/stations.csv');
  const run = await keep('/somebody/else/scenarios/data/dart/stations.csv', await fileSha256(shipped));
  expect((await withInputs(run)).observations[0]!.file).toBe(shipped);
});

it('an output that belongs to another run is refused, whatever lies beside it', async () => {
  const file = join(directory, 'gauge.csv');
  writeFileSync(file, 'first');
  const run = await keep(file, await fileSha256(file));
  mkdirSync(join(directory, 'run.zarr'));
  const write = (identity: string) => {
    const attributes = { terrella_provenance: { scenario: { name: 'kept', identity } } };
    writeFileSync(join(directory, 'run.zarr/zarr.json'), JSON.stringify({ attributes }));
  };
  write(run.identity);
  expect(await openOutput(run)).toBeDefined();
  write('ab'.repeat(32));
  await expect(openOutput(run)).rejects.toThrow(/OutputMismatch: .*run\.zarr .*abababababab.*--replace/);
});

it('tiles of a plane may be oblong, those of a sphere are square, and all divide the grid', () => {
  const sphere = { grid: { kind: 'cubed-sphere', cells: 24, tile: 12 } } as unknown as Scenario;
  const plane = { grid: { kind: 'plane', cellsX: 40, cellsY: 8, tileX: 40, tileY: 8 } } as unknown as Scenario;
  expect(applyLayout(sphere, ['grid.tile=6']).grid).toMatchObject({ tile: 6 });
  expect(applyLayout(plane, ['grid.tile=[20, 4]']).grid).toMatchObject({ tileX: 20, tileY: 4 });
  expect(() => applyLayout(sphere, ['grid.tile=[6, 12]'])).toThrow('TileDoesNotDivide');
  expect(() => applyLayout(plane, ['grid.tile=16'])).toThrow('TileDoesNotDivide');
  expect(() => applyLayout(sphere, ['grid.cells=48'])).toThrow('RunIsFixed');
  // A plane may be one cell wide, and so may its tiles.
  const flume = { grid: { kind: 'plane', cellsX: 40, cellsY: 1, tileX: 40, tileY: 1 } } as unknown as Scenario;
  expect(applyLayout(flume, ['grid.tile=[8, 1]']).grid).toMatchObject({ tileX: 8, tileY: 1 });
  expect(() => applyLayout(flume, ['grid.tile=[16, 2]'])).toThrow(
    /tiles of 16 × 2 cells do not fit a plane of 40 × 1\. Along x, use one of 1, 2, 4, 5, 8, 10, 20, 40; along y, one of 1\./,
  );
  expect(() => applyLayout(sphere, ['grid.tile=2'])).toThrow('across, use one of 4, 6, 8, 12, 24.');
});
