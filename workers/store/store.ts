import { StoreError } from './errors.ts';

/** How much a write has to survive. */
export interface SetOptions {
  /**
   * true (the default): on the disk when `set` returns. false: survives the end of the process; survives a power cut
   * only after the next `flush`. Either way a reader sees the old value or the new one, never a part.
   */
  readonly durable?: boolean;
}

/** Bytes by name. Keys are relative paths with `/` between their parts. */
export interface Store {
  /** The bytes of a key, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  has(key: string): Promise<boolean>;
  /** Replaces a key's bytes in one step. Throws DiskFull, NotWritable. The caller may reuse `bytes` afterwards. */
  set(key: string, bytes: Uint8Array, options?: SetOptions): Promise<void>;
  /** Keys that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>;
  /** Removes a key; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /** Makes every write so far durable. */
  flush(): Promise<void>;
}

/** Throws InvalidKey unless the key is a relative path that stays inside the store. */
export function checkKey(key: string): void {
  const bad = key
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..' || part.includes('\\') || part.includes('\0'));
  if (bad) {
    throw new StoreError(
      'InvalidKey',
      `"${key}" is no key. Use relative names joined by single slashes, without . or ..`,
    );
  }
}

/** A store in memory, over a map that the caller may keep. */
export function memoryStore(map: Map<string, Uint8Array> = new Map()): Store {
  return {
    async get(key) {
      checkKey(key);
      return map.get(key);
    },
    async has(key) {
      checkKey(key);
      return map.has(key);
    },
    async set(key, bytes) {
      checkKey(key);
      // Not slice(): a Buffer's shares its memory.
      map.set(key, new Uint8Array(bytes));
    },
    async list(prefix) {
      return [...map.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    async delete(key) {
      map.delete(key);
    },
    async flush() {},
  };
}
