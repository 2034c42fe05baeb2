import { readFile as readWhole, stat } from 'node:fs/promises';
import type { ReadFile } from './loader.ts';

/** Of a file that a scenario names: the most that Node reads at once. */
export const MOST_BYTES = 2 ** 31 - 1;

/** Reads regular files from the disk; undefined for what is none, is too large, or cannot be read. */
export const readFile = (async (path: string, most = MOST_BYTES): Promise<Uint8Array | undefined> => {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= most ? new Uint8Array(await readWhole(path)) : undefined;
  } catch {
    return undefined;
  }
}) satisfies ReadFile;

/** Whether a path is that of a regular file. */
export async function fileExists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
