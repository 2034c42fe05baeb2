import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { takeDirectory } from '../../../workers/cli/run-lock.ts';
import { tier } from '../../tiers.ts';

const home = mkdtempSync(join(tmpdir(), 'terrella-lock-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
const lockOf = (directory: string): string => join(directory, 'running.json');

/** The lock of a process that has ended. */
const dead = (taken: string): string => JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), began: '1', taken });
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** How many of some attempts got the directory, and how the others were refused. */
async function contest(directory: string, attempts: number): Promise<readonly (string | undefined)[]> {
  const taken = await Promise.allSettled(Array.from({ length: attempts }, () => takeDirectory(directory)));
  return taken.map((one) => (one.status === 'rejected' ? (one.reason as { tag: string }).tag : undefined)).sort();
}

tier(
  '/proc',
  () => existsSync('/proc/self/stat'),
  'run the tests on Linux',
)('of those who want a directory', () => {
  it.each([
    ['nobody has', undefined],
    ['a process that has ended had', dead('once')],
    ['a process was killed while it took', ''],
  ])('that %s, one gets it', async (_, left) => {
    const directory = newDirectory();
    if (left !== undefined) writeFileSync(lockOf(directory), left);
    expect(await contest(directory, 8)).toEqual([...Array(7).fill('RunBusy'), undefined]);
    expect(readdirSync(directory)).toEqual(['running.json']);
  });

  it('that a dead process had and another was killed while it succeeded that one, one gets it', async () => {
    const directory = newDirectory();
    const [first, second] = [dead('first'), dead('second')];
    writeFileSync(lockOf(directory), first);
    writeFileSync(`${lockOf(directory)}.${digest(first)}`, second);
    expect(await contest(directory, 8)).toEqual([...Array(7).fill('RunBusy'), undefined]);
    expect(readdirSync(directory)).toEqual(['running.json']);
  });

  it('that dead processes had in turns, one has at a time', async () => {
    const directory = newDirectory();
    let holders = 0;
    const contend = async (): Promise<number> => {
      let taken = 0;
      while (taken < 10) {
        const release = await takeDirectory(directory).catch(() => undefined);
        if (!release) {
          await setImmediate();
          continue;
        }
        taken++;
        expect(++holders).toBe(1);
        await setImmediate();
        holders--;
        // Killed, or done.
        if (taken % 2) writeFileSync(lockOf(directory), dead(randomUUID()));
        else await release();
      }
      return taken;
    };
    expect(await Promise.all([contend(), contend(), contend(), contend()])).toEqual([10, 10, 10, 10]);
  });
});

it('a directory that was given back is free, and a lock that is not ours stays', async () => {
  const directory = newDirectory();
  await (await takeDirectory(directory))();
  expect(readdirSync(directory)).toEqual([]);
  const release = await takeDirectory(directory);
  writeFileSync(lockOf(directory), 'of another');
  await release();
  expect(readFileSync(lockOf(directory), 'utf8')).toBe('of another');
});

it('whether a process of another host still runs is not known: it keeps the directory unless forced', async () => {
  const directory = newDirectory();
  writeFileSync(lockOf(directory), JSON.stringify({ pid: 1, host: 'elsewhere', began: '1' }));
  await expect(takeDirectory(directory)).rejects.toThrow(
    new RegExp(`RunBusy: process 1 of host elsewhere .*remove ${lockOf(directory)}, or add --force`),
  );
  const release = await takeDirectory(directory, { force: true });
  expect(JSON.parse(readFileSync(lockOf(directory), 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  await release();
});
