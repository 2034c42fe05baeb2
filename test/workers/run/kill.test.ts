import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { openRunGroup, readFloats } from '../../../workers/store/zarr-reading.ts';
import { finishedEvent, pause, terrella, until } from './command.ts';
import { lastCheckpoint, sequence, writeSmallOcean } from './small-ocean.ts';
import { zarrFiles } from './zarr-bytes.ts';

const file = writeSmallOcean();
const home = dirname(file);
const cache = { TERRELLA_CACHE: join(home, 'cache') };
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
afterAll(() => rmSync(home, { recursive: true }));

const KILLS = process.env.TERRELLA_DEPTH === 'deep' ? 100 : 3;
const SEED = Number(process.env.TERRELLA_SEED ?? 1);
const SETTINGS = ['grid.tile=48', 'time.duration=4 h', 'output.checkpoints.every=18 min'];
const settings = SETTINGS.flatMap((setting) => ['--set', setting]);

/** Opens a run's store as a reader would, and reads every array whole; gives the times of its frames, if it is there. */
async function readWhole(directory: string): Promise<readonly number[] | undefined> {
  const root = join(directory, 'run.zarr', 'zarr.json');
  if (!existsSync(root)) return undefined;
  const store = await openFileStore(join(directory, 'run.zarr'), { readOnly: true });
  const group = await openRunGroup(store);
  const { consolidated_metadata } = JSON.parse(readFileSync(root, 'utf8'));
  const times = await readFloats(group, 'native/time');
  const present: boolean[] = Array.from(times, () => false);
  for (const [path, array] of Object.entries<Record<string, unknown>>(consolidated_metadata.metadata)) {
    if (array.node_type !== 'array') continue;
    const shape = array.shape as number[];
    const values = await readFloats(group, path);
    expect([path, values.length]).toEqual([path, shape.reduce((product, length) => product * length, 1)]);
    const names = array.dimension_names as string[];
    if (names[0] !== 'time' || path.startsWith('stations/')) continue;
    expect([path, shape[0]]).toEqual([path, times.length]);
    if (path.endsWith('/time')) continue;
    const cells = values.length / times.length;
    for (let frame = 0; frame < times.length; frame++) {
      present[frame] ||= values.subarray(frame * cells, (frame + 1) * cells).some(Number.isFinite);
    }
  }
  // A frame that is listed is there.
  expect(present).not.toContain(false);
  return [...times];
}

const FIELD = join('run.zarr', 'native', 'sea_surface_height_above_mean_sea_level');
const chunksWritten = (directory: string): number =>
  existsSync(join(directory, FIELD)) ? readdirSync(join(directory, FIELD)).length : 0;

describe(`a run killed ${KILLS} times at random moments`, () => {
  let wanted: Readonly<Record<string, unknown>>;
  let files: Record<string, string>;
  let times: readonly number[];
  let milliseconds: number;
  let chunksOfAll: number;
  beforeAll(async () => {
    const directory = newDirectory();
    const run = terrella(['run', file, ...settings, '--threads', '2', '--output', directory, '--json'], cache);
    await until(() => existsSync(join(directory, 'scenario.json')), run);
    const began = performance.now();
    wanted = finishedEvent(await run.ended);
    milliseconds = performance.now() - began;
    files = zarrFiles(join(directory, 'run.zarr'));
    times = (await readWhole(directory))!;
    expect(times.length).toBeGreaterThan(30);
    chunksOfAll = chunksWritten(directory);
  });

  test('stays readable at every moment, and goes on to the same bits', async () => {
    const random = sequence(SEED);
    const told: string[] = [];
    let directory = newDirectory();
    let finished = 0;
    const finish = (event: Readonly<Record<string, unknown>>): void => {
      const { stateHash, chain, massRelativeDrift, maximumAmplitude, maximumSpeed } = event;
      expect({ stateHash, chain, massRelativeDrift, maximumAmplitude, maximumSpeed }).toEqual({
        stateHash: wanted.stateHash,
        chain: wanted.chain,
        massRelativeDrift: wanted.massRelativeDrift,
        maximumAmplitude: wanted.maximumAmplitude,
        maximumSpeed: wanted.maximumSpeed,
      });
      expect(zarrFiles(join(directory, 'run.zarr'))).toEqual(files);
      finished++;
      directory = newDirectory();
    };
    let begun = false;
    /** Begins the run or goes on with it, as a user would. */
    const start = () => {
      const threads = ['--threads', `${1 + Math.floor(random() * 3)}`, '--json'];
      begun = existsSync(join(directory, 'scenario.json'));
      return begun
        ? terrella(['resume', directory, ...threads], cache)
        : terrella(['run', file, ...settings, ...threads, '--output', directory], cache);
    };
    for (let kill = 0; kill < KILLS; kill++) {
      const run = start();
      await until(() => (begun ? run.said() !== '' : existsSync(join(directory, 'scenario.json'))), run);
      // Every other time while frames are written, which takes no more than a moment each; else at any time.
      const chunks = chunksWritten(directory) + Math.floor((random() * chunksOfAll) / 3);
      if (kill % 2 === 0) await until(() => chunksWritten(directory) >= chunks, run);
      await pause(random() * (kill % 2 === 0 ? 10 : milliseconds / 2));
      run.child.kill('SIGKILL');
      const end = await run.ended;
      if (end.signal !== 'SIGKILL') {
        finish(finishedEvent(end));
        continue;
      }
      // The threads went with the process.
      expect(existsSync(`/proc/${run.child.pid}`)).toBe(false);
      const checkpoint = await lastCheckpoint(directory);
      const read = await readWhole(directory);
      const frames = read?.length;
      if (read) expect(read).toEqual(times.slice(0, frames));
      if (checkpoint) expect(frames).toBeGreaterThanOrEqual((checkpoint.extra as { frames: number }).frames);
      told.push(`${checkpoint?.step ?? '–'}/${frames ?? '–'}`);
    }
    finish(finishedEvent(await start().ended));
    expect(finished + told.length).toBe(KILLS + 1);
    console.log(`checkpoint step / frames after each kill: ${told.join(' ')}; finished ${finished} times`);
  }, 600_000);
});
