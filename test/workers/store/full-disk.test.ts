import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHAIN_START } from '../../../engine/simulation/state-hash.ts';
import { latestGoodCheckpoint, writeCheckpoint } from '../../../workers/store/checkpoints.ts';
import type { StoreError } from '../../../workers/store/errors.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { exportNetcdf } from '../../../workers/store/netcdf-export.ts';
import { createRunStore } from '../../../workers/store/zarr-output.ts';
import { openRunGroup, readFloats } from '../../../workers/store/zarr-reading.ts';
import { tier } from '../../tiers.ts';
import { description, frameValues, live, provenance, seconds, state } from './small-run.ts';

let disk: string;
const mount = (at: string, size: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at], { stdio: 'ignore' }).status === 0;
const unmount = (at: string): void => void spawnSync('umount', [at], { stdio: 'ignore' });

function canMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'terrella-mount-'));
  const mounted = mount(at, '64k');
  if (mounted) unmount(at);
  rmSync(at, { recursive: true, force: true });
  return mounted;
}

tier(
  'the right to mount a tmpfs',
  canMount,
  'run the tests as root on Linux',
)('a disk that is really full', () => {
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'terrella-disk-'));
    mount(disk, '2m');
  });
  afterEach(() => {
    unmount(disk);
    rmSync(disk, { recursive: true, force: true });
  });

  const fill = (leave: number): void => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), new Uint8Array(Math.max(0, bavail * bsize - leave)));
  };

  test('stops a run with DiskFull, keeps its frames, and lets it go on once there is space', async () => {
    const store = await openFileStore(join(disk, 'run'));
    const run = await createRunStore(store, description, { provenance });
    await run.writeFrame(0, 0, frameValues(0));
    fill(40_960);
    const failure = await run.writeFrame(1, seconds(1), frameValues(1)).catch((error: StoreError) => error);
    expect(failure).toMatchObject({ tag: 'DiskFull', message: expect.stringContaining(disk) });
    expect(await readFloats(await openRunGroup(store), 'native/speed').then(({ length }) => length)).toBe(384);
    expect(readdirSync(disk, { recursive: true }).filter((name) => String(name).includes('.partial-'))).toEqual([]);
    rmSync(join(disk, 'ballast'));
    await run.writeFrame(1, seconds(1), frameValues(1));
    expect([...(await readFloats(await openRunGroup(store), 'native/time'))]).toEqual([0, seconds(1)]);
  });

  test('leaves the last good checkpoint', async () => {
    const store = await openFileStore(join(disk, 'checkpoints'));
    const at = (step: number) => ({
      scenario: 'aa',
      gridFingerprint: 'ff',
      cellsX: 8,
      cellsY: 8,
      step,
      seconds: step,
      timeStep: 1,
      precision: 'float64' as const,
      prognostic: [{ name: 'eta', panels: state('speed', step).map((panel) => panel.map((value) => value || 0)) }],
      auxiliary: [],
      extra: {},
    });
    const options = { engineVersion: '0', previousChain: CHAIN_START, keep: 1 };
    await writeCheckpoint(store, at(1), options);
    fill(0);
    await expect(writeCheckpoint(store, at(2), options)).rejects.toMatchObject({ tag: 'DiskFull' });
    const { found, damaged } = await latestGoodCheckpoint(store, { engineVersion: '0' });
    expect([found?.checkpoint.step, damaged.length]).toEqual([1, 0]);
  });

  test('leaves no half of a NetCDF file', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'terrella-run-'));
    await live(await createRunStore(await openFileStore(runs), description, { provenance }), 0);
    fill(32_768);
    await expect(exportNetcdf(runs, join(disk, 'run.nc'))).rejects.toMatchObject({ tag: 'DiskFull' });
    expect(readdirSync(disk)).toEqual(['ballast']);
    rmSync(runs, { recursive: true, force: true });
  });
});
