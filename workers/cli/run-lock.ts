import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
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

function isAlive({ pid, host, began }: Owner): boolean {
  if (host !== hostname() || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return began === processBegan(pid);
}

/**
 * Takes a run's directory for this process, so that two never write to one; a process that was killed has lost it.
 * Returns what gives it back. Throws CliError (RunBusy), StoreError.
 */
export async function takeDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, LOCK);
  const owner = await readFile(path, 'utf8').then(
    (text) => parseOwner(text),
    () => undefined,
  );
  if (owner && isAlive(owner)) {
    throw new CliError(
      'RunBusy',
      `process ${owner.pid} is running in ${directory}. Wait for it, stop it with Ctrl-C, or give another --output.`,
      EXIT.usage,
    );
  }
  const own: Owner = { pid: process.pid, host: hostname(), began: processBegan(process.pid) };
  try {
    await writeFile(path, `${JSON.stringify(own)}\n`);
  } catch (error) {
    throw fileError(error, 'write', path);
  }
  return () => rm(path, { force: true });
}

function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}
