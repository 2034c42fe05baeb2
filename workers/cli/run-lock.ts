import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
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

/** Whether the file could be made: of two that try at once, one. */
async function create(path: string, text: string): Promise<boolean> {
  let made = false;
  try {
    const handle = await open(path, 'wx');
    made = true;
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (!made && hasCode(error, 'EEXIST')) return false;
    if (made) await rm(path, { force: true });
    throw fileError(error, 'write', path);
  }
}

const readText = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw fileError(error, 'read', path);
  });

/** A lock that was made and not yet written is waited for so often, 50 ms each time. */
const PATIENCE = 20;

/**
 * Takes a run's directory for this process, so that two never write to one; a process that was killed has lost it, one
 * of another host only where `force` says so. Returns what gives it back. Throws CliError (RunBusy), StoreError.
 */
export async function takeDirectory(
  directory: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<() => Promise<void>> {
  const path = join(directory, LOCK);
  const own: Owner = { pid: process.pid, host: hostname(), began: processBegan(process.pid) };
  const text = `${JSON.stringify(own)}\n`;
  for (let tries = 0; !(await create(path, text)); tries++) {
    const found = await readText(path);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (!owner && tries < PATIENCE) {
      await setTimeout(50);
      continue;
    }
    if (owner) refuseWhatRuns(owner, directory, path, force);
    await remove(path, found);
  }
  return async () => {
    if ((await readText(path).catch(() => undefined)) === text) await rm(path, { force: true });
  };
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

/** Removes the lock that was read, and no other: of two that find it dead, one may have taken the directory by now. */
async function remove(path: string, found: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw fileError(error, 'remove', path);
  }
  if ((await readText(aside)) !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
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
