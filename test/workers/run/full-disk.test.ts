import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runScenario } from '../../../workers/run/run-scenario.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { openRunGroup, readFloats } from '../../../workers/store/zarr-reading.ts';
import { tier } from '../../tiers.ts';
import { finishedEvent, terrella } from './command.ts';
import { canMount, mountDisk } from './disk.ts';
import { finish, lastCheckpoint, prepareSmall, requestOf, type SmallRun, writeSmallOcean } from './small-ocean.ts';
import { zarrFiles } from './zarr-bytes.ts';

const SHARES = process.env.TERRELLA_DEPTH === 'deep' ? Array.from({ length: 40 }, (_, k) => (k + 0.5) / 40) : [0.45];

tier(
  'the right to mount a tmpfs',
  canMount,
  'run the tests as root on Linux',
)('a run on a disk that fills up', () => {
  const file = writeSmallOcean();
  const home = dirname(file);
  const settings = ['grid.tile=48', 'time.duration=3 h'];
  let run: SmallRun;
  let wanted: Awaited<ReturnType<typeof finish>>;
  let files: Record<string, string>;
  /** Bytes that the run takes on a disk of 4 KiB blocks. */
  let size = 0;
  const disks: string[] = [];

  beforeAll(async () => {
    run = await prepareSmall(file, settings, { threads: 2 });
    const directory = mkdtempSync(join(home, 'run-'));
    wanted = await finish(run, directory);
    files = zarrFiles(join(directory, 'run.zarr'));
    for (const name of readdirSync(directory, { recursive: true })) {
      size += Math.ceil(statSync(join(directory, String(name))).size / 4096) * 4096;
    }
  });
  afterAll(() => {
    for (const disk of disks) spawnSync('umount', [disk]);
    rmSync(home, { recursive: true });
  });

  function smallDisk(share: number): string {
    const disk = mkdtempSync(join(home, 'disk-'));
    mountDisk(disk, `size=${Math.round((share * size) / 4096) * 4}k`);
    disks.push(disk);
    return disk;
  }

  async function expectNothingCorrupted(directory: string): Promise<void> {
    const names = existsSync(directory) ? readdirSync(directory, { recursive: true }).map(String) : [];
    expect(names.filter((name) => name.includes('.partial-'))).toEqual([]);
    const checkpoints = names.filter((name) => /checkpoint-.*terrella$/.test(name));
    const last = await lastCheckpoint(directory);
    if (checkpoints.length > 0)
      expect(last?.step).toBe(Math.max(...checkpoints.map((name) => Number(/(\d+)\./.exec(name)![1]))));
    if (!existsSync(join(directory, 'run.zarr', 'zarr.json'))) return;
    const group = await openRunGroup(await openFileStore(join(directory, 'run.zarr'), { readOnly: true }));
    const times = await readFloats(group, 'native/time');
    const surface = await readFloats(group, 'native/sea_surface_height_above_mean_sea_level');
    expect(surface.length).toBe(times.length * 6 * 48 * 48);
    if (last) expect(times.length).toBeGreaterThanOrEqual((last.extra as { frames: number }).frames);
  }

  test.each(SHARES)(
    'of %d of what it needs ends with DiskFull, and goes on to the same bits once there is space',
    async (share) => {
      const disk = smallDisk(share);
      const directory = join(disk, 'run');
      await expect(runScenario(requestOf(run, directory))).rejects.toMatchObject({
        tag: 'DiskFull',
        message: expect.stringMatching(/^DiskFull: no space left to .*Free some space/),
      });
      await expectNothingCorrupted(directory);
      mountDisk(disk, `remount,size=${2 * Math.ceil(size / 1024) + 4096}k`);
      const resume = await lastCheckpoint(directory);
      const { stateHash, chain } = await finish(run, directory, resume ? { resume } : { replace: true });
      expect([stateHash, chain]).toEqual([wanted.stateHash, wanted.chain]);
      expect(zarrFiles(join(directory, 'run.zarr'))).toEqual(files);
    },
  );

  test('ends the program with status 1 and one line, and resume finishes it', async () => {
    const disk = smallDisk(0.7);
    const directory = join(disk, 'run');
    const cache = { TERRELLA_CACHE: join(home, 'cache') };
    const set = settings.flatMap((setting) => ['--set', setting]);
    const end = await terrella(['run', file, ...set, '--output', directory, '--json'], cache).ended;
    expect(end.status).toBe(1);
    expect(end.events.at(-1)).toMatchObject({ event: 'failed', error: 'DiskFull' });
    expect(end.errors.split('\n').filter((line) => line.startsWith('DiskFull: '))).toHaveLength(1);
    expect(end.errors).not.toMatch(/\n\s+at /);
    await expectNothingCorrupted(directory);
    mountDisk(disk, `remount,size=${2 * Math.ceil(size / 1024) + 4096}k`);
    const resumed = finishedEvent(await terrella(['resume', directory, '--json'], cache).ended);
    expect([resumed.stateHash, resumed.chain]).toEqual([wanted.stateHash, wanted.chain]);
  });
});
