import { createHash, randomUUID } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import { copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileError } from '../store/errors.ts';
import { CliError, EXIT } from './errors.ts';

const LOCK = 'running.json';

/** Whoever writes to a run's directory. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When that process began, as the kernel counts it: another process may have its number by now. */
  readonly began: string | undefined;
  /** No two locks have the same. */
  readonly taken: string;
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no such file. */
function processBegan(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may itself hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether the owner, a process of this host, still runs. */
function isAlive({ pid, began }: Owner): boolean {
  // Without /proc a process with our own number is one that had it before us.
  if (pid === process.pid) return began !== undefined && began === processBegan(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return began === processBegan(pid);
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

/** File systems without hard links (exFAT) say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS'];

/** Whether the file could be made: of two that try at once, one. It is there whole or not at all, if links are. */
async function create(path: string, text: string): Promise<boolean> {
  const made = await writeBeside(path, text);
  try {
    await link(made, path).catch((error: unknown) => {
      if (!NO_LINKS.some((code) => hasCode(error, code))) throw error;
      return copyFile(made, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw fileError(error, 'write', path);
  } finally {
    await rm(made, { force: true });
  }
}

/** A file of a name that no other has, which the caller moves or removes. */
async function writeBeside(path: string, text: string): Promise<string> {
  const made = `${path}.${randomUUID()}`;
  try {
    await writeFile(made, text, { flag: 'wx' });
  } catch (error) {
    await rm(made, { force: true });
    throw fileError(error, 'write', path);
  }
  return made;
}

const readText = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw fileError(error, 'read', path);
  });

/** A lock that says nothing, half copied or left by a process that was killed, is waited for so often, 50 ms each time. */
const PATIENCE = 20;

/**
 * Takes a run's directory for this process, so that two never write to one; a process that was killed has lost it, one
 * of another host only where `force` says so. Returns what gives it back. Throws CliError (RunBusy), StoreError.
 */
export async function takeDirectory(
  directory: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<() => Promise<void>> {
  return takeLock(join(directory, LOCK), directory, force);
}

/**
 * Of those who find a lock dead, one succeeds it: who holds a second lock, named by the first one's text. No text comes
 * twice, so that who comes late finds another in the first lock and stands back. The second is a lock like the first:
 * whoever dies with it is succeeded likewise.
 */
async function takeLock(path: string, directory: string, force: boolean): Promise<() => Promise<void>> {
  const text = newLock();
  for (let tries = 0; !(await create(path, text)); tries++) {
    const found = await readText(path);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (!owner && tries < PATIENCE) {
      await setTimeout(50);
      continue;
    }
    if (owner) refuseWhatRuns(owner, directory, path, force);
    if (await succeed(path, found, text, directory, force)) break;
  }
  return async () => {
    if ((await readText(path).catch(() => undefined)) === text) await rm(path, { force: true });
  };
}

/** Puts the new text in place of the dead one, unless another has by now. */
async function succeed(path: string, dead: string, text: string, directory: string, force: boolean): Promise<boolean> {
  const name = createHash('sha256').update(dead).digest('hex').slice(0, 16);
  const release = await takeLock(join(directory, `${LOCK}.${name}`), directory, force);
  try {
    if ((await readText(path)) !== dead) return false;
    const made = await writeBeside(path, text);
    await rename(made, path).catch(async (error: unknown) => {
      await rm(made, { force: true });
      throw fileError(error, 'write', path);
    });
    return true;
  } finally {
    await release();
  }
}

function newLock(): string {
  const own: Owner = { pid: process.pid, host: hostname(), began: processBegan(process.pid), taken: randomUUID() };
  return `${JSON.stringify(own)}\n`;
}

function refuseWhatRuns(owner: Owner, directory: string, path: string, force: boolean): void {
  const busy = (message: string): CliError => new CliError('RunBusy', message, EXIT.usage);
  if (owner.host !== hostname()) {
    if (force) return;
    throw busy(
      `process ${owner.pid} of host ${owner.host} has ${directory}, and whether it still runs cannot be seen from ${hostname()}. Wait for it or stop it there; if it is gone, remove ${path}, or add --force.`,
    );
  }
  if (isAlive(owner))
    throw busy(
      `process ${owner.pid} is running in ${directory}. Wait for it, stop it with Ctrl-C, or give another --output.`,
    );
}

/** The owner that a lock names; undefined where it is not, or not yet, one of ours. */
function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}
