import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Changes whenever the same options give a different geometry or different ghosts. */
const SCHEME = 1;

/** SHA-256, in hexadecimal, of a grid's kind and options, independent of how it is cut into tiles. */
export function gridFingerprint(kind: string, options: Readonly<Record<string, string | number>>): string {
  const listed = Object.keys(options)
    .sort()
    .map((name) => `${name}=${options[name]}`);
  return bytesToHex(sha256(utf8ToBytes([`terrella grid scheme ${SCHEME}`, `kind=${kind}`, ...listed].join('\n'))));
}
