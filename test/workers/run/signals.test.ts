import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Command, finishedEvent, pause, terrella, until } from './command.ts';
import { finish, lastCheckpoint, prepareSmall, writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
const home = dirname(file);
const cache = { TERRELLA_CACHE: join(home, 'cache') };
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
afterAll(() => rmSync(home, { recursive: true }));

/** Far more than the test waits for. */
const LONG = ['--set', 'grid.tile=48', '--set', 'time.duration=600 h'];
/** Nothing is written between the start and the end, so only the step loop itself can let a signal in. */
const SILENT = ['--set', 'output.format=none', '--set', 'output.checkpoints={}'];

const started = (run: Command, directory: string): Promise<void> =>
  until(() => run.progressed() && existsSync(join(directory, 'scenario.json')), run);

test.each([
  ['SIGINT', '1', SILENT],
  ['SIGTERM', '3', []],
] as const)('%s stops a run on %s threads after a checkpoint, with status 130', async (signal, threads, more) => {
  const directory = newDirectory();
  const run = terrella(['run', file, ...LONG, ...more, '--threads', threads, '--output', directory, '--json'], cache);
  await started(run, directory);
  await pause(100);
  run.child.kill(signal);
  const end = await run.ended;
  expect([end.status, end.signal]).toEqual([130, null]);
  expect(end.events.at(-1)).toMatchObject({ event: 'failed', error: 'Interrupted' });
  expect((await lastCheckpoint(directory))?.step).toBe(end.events.at(-1)?.step);
});

test.runIf(process.env.TERRELLA_DEPTH === 'deep')(
  'a run stopped by a signal and resumed ends as if it had not been',
  async () => {
    const directory = newDirectory();
    const set = ['grid.tile=48', 'time.duration=3 h'];
    const flags = set.flatMap((setting) => ['--set', setting]);
    const run = terrella(['run', file, ...flags, '--threads', '2', '--output', directory, '--json'], cache);
    await started(run, directory);
    // As npm does, which passes on what the terminal has sent already.
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    expect((await run.ended).status).toBe(130);
    expect(existsSync(`/proc/${run.child.pid}`)).toBe(false);
    const resumed = finishedEvent(await terrella(['resume', directory, '--threads', '1', '--json'], cache).ended);
    const whole = await finish(await prepareSmall(file, set), newDirectory());
    expect([resumed.stateHash, resumed.chain]).toEqual([whole.stateHash, whole.chain]);
  },
);
