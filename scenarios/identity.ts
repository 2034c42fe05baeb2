import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ReadFile } from './loader.ts';
import type { Scenario } from './scenario.ts';

/** JSON with sorted keys, no spaces, numbers in their shortest form, and without what is undefined. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`canonicalJson: ${value} has no form in JSON. Use finite numbers.`);
    return JSON.stringify(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object')
    throw new Error(`canonicalJson: a ${typeof value} has no form in JSON. Use plain data.`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // By code units, as in RFC 8785.
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** Files that a scenario reads, each once, in the order of the scenario. */
export function inputFiles(scenario: Scenario): readonly string[] {
  const files = new Set<string>();
  mapFiles(scenario, (file) => {
    files.add(file);
    return file;
  });
  return [...files];
}

/** SHA-256 of each input file in hex, or the files that cannot be read. */
export type InputHashes =
  | { readonly ok: true; readonly hashes: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly missing: readonly string[] };

export async function hashInputs(scenario: Scenario, readFile: ReadFile): Promise<InputHashes> {
  const hashes = new Map<string, string>();
  const missing: string[] = [];
  for (const file of inputFiles(scenario)) {
    const content = await readBytes(readFile, file);
    if (content) hashes.set(file, bytesToHex(sha256(content)));
    else missing.push(file);
  }
  return missing.length === 0 ? { ok: true, hashes } : { ok: false, missing };
}

async function readBytes(readFile: ReadFile, file: string): Promise<Uint8Array | undefined> {
  try {
    const content = await readFile(file);
    return typeof content === 'string' ? utf8ToBytes(content) : content;
  } catch {
    return undefined;
  }
}

/**
 * The identity of a scenario: SHA-256 in hex of its canonical JSON, with every input file replaced by its own SHA-256.
 * It does not depend on where files lie, nor on how the scenario was written, only on what it says.
 */
export function scenarioIdentity(scenario: Scenario, hashes: ReadonlyMap<string, string>): string {
  const resolved = mapFiles(scenario, (file) => {
    const hash = hashes.get(file);
    if (hash === undefined) throw new Error(`scenarioIdentity: ${file} has no hash. Pass what hashInputs returns.`);
    return `sha256:${hash}`;
  });
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(resolved))));
}

/** The scenario with every file that it names replaced; only a key `file` names one. */
export function mapFiles(value: unknown, replace: (file: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapFiles(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'file' && typeof item === 'string' ? replace(item) : mapFiles(item, replace),
    ]),
  );
}
