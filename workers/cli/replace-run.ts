import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_PARTS } from '../run/run-scenario.ts';
import { listCheckpoints } from '../store/checkpoints.ts';
import { fileError } from '../store/errors.ts';
import { openFileStore } from '../store/file-store.ts';
import { CliError, EXIT } from './errors.ts';
import { PICTURES } from './picture-names.ts';

/** The name in a directory's scenario.json; undefined where it is none that Terrella has written. */
async function runName(directory: string): Promise<string | undefined> {
  try {
    const kept = JSON.parse(await readFile(join(directory, RUN_PARTS.scenario), 'utf8'));
    return typeof kept.identity === 'string' && Array.isArray(kept.inputs) ? String(kept.scenario.name) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Refuses a directory in which a run may not begin: one that holds a run that is not to be replaced, or that somebody
 * else has filled with what a run would write over. Throws CliError (OutputExists, OutputForeign).
 */
export async function checkOutput(directory: string, replace: boolean): Promise<void> {
  if ((await runName(directory)) !== undefined) {
    if (replace) return;
    throw new CliError(
      'OutputExists',
      `${directory} holds a run already. Give another --output, or --replace to write over it.`,
      EXIT.usage,
    );
  }
  const there = Object.values(RUN_PARTS).filter((part) => existsSync(join(directory, part)));
  if (there.length === 0) return;
  throw new CliError(
    'OutputForeign',
    `${directory} holds ${there.join(' and ')}, which no run of Terrella has left there, and would be written over. Give another --output, or move ${there.length > 1 ? 'them' : 'it'} away.`,
    EXIT.usage,
  );
}

/**
 * Removes what an earlier run has left in a directory, and what `plot` and `export` have made of it: nothing of it can
 * be taken for the next run's. Does nothing where no run has been. Throws StoreError.
 */
export async function removeRun(directory: string): Promise<void> {
  const name = await runName(directory);
  if (name === undefined) return;
  const remove = (path: string): Promise<void> =>
    rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileError(error, 'remove', path);
    });
  await remove(join(directory, RUN_PARTS.result));
  await remove(join(directory, RUN_PARTS.cluster));
  const checkpoints = join(directory, RUN_PARTS.checkpoints);
  for (const key of await listCheckpoints(await openFileStore(checkpoints, { readOnly: true })))
    await remove(join(checkpoints, key));
  // The root goes first: what is left is no store, rather than half of one.
  await remove(join(directory, RUN_PARTS.zarr, 'zarr.json'));
  await remove(join(directory, RUN_PARTS.zarr));
  await removeFiles(join(directory, 'plots'), isPicture, remove);
  await removeFiles(join(directory, 'stations'), isStationRecord, remove);
  if (/^[\w.-]+$/.test(name)) await remove(join(directory, `${name}.nc`));
  await rmdir(checkpoints).catch(() => undefined);
}

/** Removes the files of a directory that are ours, and the directory where that was all. */
async function removeFiles(
  directory: string,
  isOurs: (path: string, name: string) => boolean | Promise<boolean>,
  remove: (path: string) => Promise<void>,
): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    if (await isOurs(path, name)) await remove(path);
  }
  await rmdir(directory).catch(() => undefined);
}

/** What `plot` draws: `maximum-amplitude.png`, `sea-surface-01h30.png`. */
const isPicture = (_: string, name: string): boolean =>
  PICTURES.some((picture) => name.startsWith(picture) && /^(-\d+h\d\d)?\.png$/.test(name.slice(picture.length)));

/** What `export` writes of a station. */
const isStationRecord = async (path: string, name: string): Promise<boolean> =>
  name.endsWith('.csv') && (await readFile(path, 'utf8').catch(() => '')).startsWith('# station: ');
