import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileError } from '../../../workers/store/errors.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { memoryStore, type Store } from '../../../workers/store/store.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terrella-store-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe.each([
  ['a directory', () => openFileStore(join(directory, 'new', 'store'))],
  ['a map', async () => memoryStore()],
] as [string, () => Promise<Store>][])('a store on %s', (_, open) => {
  test('gives back what was set, the newest, and nothing once deleted', async () => {
    const store = await open();
    expect(await store.get('a/b')).toBeUndefined();
    await store.set('a/b', bytes(1, 2));
    await store.set('a/b', bytes(3), { durable: false });
    expect([...((await store.get('a/b')) as Uint8Array)]).toEqual([3]);
    await store.flush();
    await store.delete('a/b');
    await store.delete('a/b');
    expect(await store.get('a/b')).toBeUndefined();
  });

  test('lists keys by prefix, sorted', async () => {
    const store = await open();
    for (const key of ['z', 'a/c/2', 'a/c/10', 'a/b', 'ab']) await store.set(key, bytes(0));
    expect(await store.list('a/')).toEqual(['a/b', 'a/c/10', 'a/c/2']);
    expect(await store.list('a')).toEqual(['a/b', 'a/c/10', 'a/c/2', 'ab']);
    expect(await store.list('nothing/')).toEqual([]);
    expect((await store.list('')).length).toBe(5);
  });

  test('keeps its bytes when the caller reuses theirs', async () => {
    const store = await open();
    const mine = bytes(1);
    await store.set('key', mine);
    mine[0] = 9;
    expect([...((await store.get('key')) as Uint8Array)]).toEqual([1]);
  });

  test('refuses keys that lead out of it', async () => {
    const store = await open();
    for (const key of ['../x', '/x', 'a//b', 'a/./b', '', 'a/', 'a\\..\\b']) {
      await expect(store.set(key, bytes(1))).rejects.toMatchObject({ tag: 'InvalidKey' });
    }
  });
});

describe('a store on a directory', () => {
  test('many writers of one key leave one of their values whole, and no partial file', async () => {
    const store = await openFileStore(directory);
    const values = Array.from({ length: 20 }, (_, at) => new Uint8Array(10_000).fill(at));
    await Promise.all(values.map((value) => store.set('key', value)));
    const left = (await store.get('key')) as Uint8Array;
    expect(left.length).toBe(10_000);
    expect(new Set(left).size).toBe(1);
    expect(await readdir(directory)).toEqual(['key']);
  });

  test('sweeps partial files of ended processes, spares those of living ones, and lists neither', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(directory, `.partial-${ended}-0`), 'x');
    await writeFile(join(directory, `.partial-${process.ppid}-0`), 'x');
    const store = await openFileStore(directory);
    expect(await store.list('')).toEqual([]);
    expect(await readdir(directory)).toEqual([`.partial-${process.ppid}-0`]);
  });

  test('a path that cannot be a directory is NotWritable and names it', async () => {
    await writeFile(join(directory, 'file'), 'x');
    await expect(openFileStore(join(directory, 'file', 'store'))).rejects.toMatchObject({ tag: 'NotWritable' });
    const store = await openFileStore(directory);
    await expect(store.set('file/inside', bytes(1))).rejects.toThrow(/NotWritable: .*file\/inside.*--output/);
    expect(await readFile(join(directory, 'file'), 'utf8')).toBe('x');
  });

  test.runIf(existsSync('/proc/self'))('below /proc it is refused, and at once', async () => {
    await expect(openFileStore('/proc/terrella/cache')).rejects.toMatchObject({ tag: 'NotWritable' });
  });

  test('a file that may be executed is no directory either', async () => {
    await writeFile(join(directory, 'program'), 'x', { mode: 0o755 });
    await expect(openFileStore(join(directory, 'program'))).rejects.toMatchObject({ tag: 'NotWritable' });
  });

  test('reading creates nothing', async () => {
    const store = await openFileStore(join(directory, 'absent'), { readOnly: true });
    expect(await store.get('key')).toBeUndefined();
    expect(await store.list('')).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    ['ENOSPC', 'DiskFull'],
    ['EDQUOT', 'DiskFull'],
    ['EROFS', 'NotWritable'],
    ['EACCES', 'NotWritable'],
    ['EIO', 'StoreFailed'],
  ])('%s is %s, with the path', (code, tag) => {
    const error = fileError(Object.assign(new Error('system'), { code }), 'write', '/some/where');
    expect(error.tag).toBe(tag);
    expect(error.message).toContain('/some/where');
    expect(error.cause).toBeInstanceOf(Error);
  });
});
