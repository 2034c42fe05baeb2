import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileError } from './errors.ts';

/**
 * Makes a directory and those above it, one by one: Node's own recursive way never ends below /proc. Throws NotWritable,
 * DiskFull.
 */
export async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  while (!existsSync(at) && dirname(at) !== at) {
    missing.push(at);
    at = dirname(at);
  }
  for (const directory of missing.reverse()) {
    try {
      await mkdir(directory);
    } catch (error) {
      const isThere = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST';
      if (!isThere) throw fileError(error, 'create', directory);
    }
  }
}
