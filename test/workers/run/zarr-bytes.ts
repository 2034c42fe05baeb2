import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tells when and where a run was computed, and nothing of its result. */
const OF_THE_DAY = new Set(['terrella_provenance', 'history']);

/**
 * SHA-256 of every file of a Zarr store by name, to the byte; of groups, whose attributes tell when the run was made,
 * all but that.
 */
export function zarrFiles(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    files
      .filter((file) => !file.endsWith('provenance.json'))
      .map((file) => [file.slice(directory.length + 1), sha256(withoutDate(file))]),
  );
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

function withoutDate(file: string): Uint8Array | string {
  const bytes = readFileSync(file);
  if (!file.endsWith('zarr.json')) return bytes;
  return JSON.stringify(JSON.parse(bytes.toString()), (key, value) => (OF_THE_DAY.has(key) ? undefined : value));
}
