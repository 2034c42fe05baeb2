import { constants } from 'node:fs';
import { access, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileError } from './errors.ts';
import { makeDirectory } from './make-directory.ts';
import { checkKey, type Store } from './store.ts';

const PARTIAL = '.partial-';
/** Files synced side by side: enough to share the journal's commits, few enough for the limit on open files. */
const AT_ONCE = 16;
const isCode = (error: unknown, ...codes: string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));

/** Whether the process that began a partial file still runs, so that the file may yet become a key. */
function isBeingWritten(name: string): boolean {
  const pid = Number(name.slice(PARTIAL.length).split('-')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return true;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

async function* filesBelow(directory: string, prefix: string): AsyncGenerator<{ key: string; name: string }> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw fileError(error, 'read', directory);
  }
  for (const entry of entries) {
    const key = prefix + entry.name;
    if (entry.isDirectory()) yield* filesBelow(join(directory, entry.name), `${key}/`);
    else yield { key, name: entry.name };
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface FileStoreOptions {
  /** true: nothing is created or swept, so that a directory without write permission can be read. */
  readonly readOnly?: boolean;
}

/**
 * A store on a directory. Each key is a file, written under a partial name beside it, synced (if durable) and renamed,
 * so that a reader or a crash meets the old bytes or the new ones. Opening it removes partial files whose process has
 * ended. Throws NotWritable, DiskFull, StoreFailed.
 */
export async function openFileStore(directory: string, options: FileStoreOptions = {}): Promise<Store> {
  const root = resolve(directory);
  const known = new Set<string>();
  const relaxed = new Set<string>();
  let partials = 0;

  const makeOnce = async (path: string): Promise<void> => {
    if (known.has(path)) return;
    await makeDirectory(path);
    known.add(path);
  };

  const write = async (path: string, bytes: Uint8Array, durable: boolean): Promise<void> => {
    const parent = dirname(path);
    const partial = join(parent, `${PARTIAL}${process.pid}-${partials++}`);
    await makeOnce(parent);
    const handle = await open(partial, 'w').catch(async (error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
      // Somebody removed the directory after it was made.
      known.delete(parent);
      await makeOnce(parent);
      return open(partial, 'w');
    });
    try {
      try {
        await handle.writeFile(bytes);
        if (durable) await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(partial, path);
      if (durable) await syncPath(parent);
    } catch (error) {
      await unlink(partial).catch(() => undefined);
      throw error;
    }
  };

  if (!options.readOnly) {
    try {
      await makeDirectory(root);
      // With the point a file is no directory, whatever its rights.
      await access(`${root}/.`, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw fileError(error, 'write to', root);
    }
    for await (const { key, name } of filesBelow(root, '')) {
      if (name.startsWith(PARTIAL) && !isBeingWritten(name)) await unlink(join(root, key)).catch(() => undefined);
    }
  }

  return {
    async get(key) {
      checkKey(key);
      try {
        const { buffer, byteOffset, length } = await readFile(join(root, key));
        // A plain array: a Buffer's slice() would share its memory.
        return new Uint8Array(buffer, byteOffset, length);
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
        throw fileError(error, 'read', join(root, key));
      }
    },
    async has(key) {
      checkKey(key);
      try {
        return (await stat(join(root, key))).isFile();
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
        throw fileError(error, 'look for', join(root, key));
      }
    },
    async set(key, bytes, { durable = true } = {}) {
      checkKey(key);
      const path = join(root, key);
      try {
        await write(path, bytes, durable);
      } catch (error) {
        throw fileError(error, 'write', path);
      }
      if (durable) relaxed.delete(path);
      else relaxed.add(path);
    },
    async list(prefix) {
      const slash = prefix.lastIndexOf('/');
      const parent = slash < 0 ? '' : prefix.slice(0, slash + 1);
      if (parent !== '') checkKey(parent.slice(0, -1));
      const keys: string[] = [];
      for await (const { key, name } of filesBelow(join(root, parent), parent)) {
        if (key.startsWith(prefix) && !name.startsWith(PARTIAL)) keys.push(key);
      }
      return keys.sort();
    },
    async delete(key) {
      checkKey(key);
      const path = join(root, key);
      relaxed.delete(path);
      try {
        await unlink(path);
      } catch (error) {
        if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw fileError(error, 'delete', path);
      }
    },
    async flush() {
      const paths = [...relaxed];
      const parents = new Set(paths.map((path) => dirname(path)));
      const sync = async (path: string): Promise<void> => {
        try {
          await syncPath(path);
        } catch (error) {
          if (!isCode(error, 'ENOENT')) throw fileError(error, 'sync', path);
        }
        relaxed.delete(path);
      };
      const all = [...paths, ...parents];
      for (let first = 0; first < all.length; first += AT_ONCE) {
        await Promise.all(all.slice(first, first + AT_ONCE).map(sync));
      }
    },
  };
}
