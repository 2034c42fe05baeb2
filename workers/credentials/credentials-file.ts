import { readFile } from 'node:fs/promises';
import { isName } from '../protocol/cluster-subjects.ts';
import { type KeyPair, readClaims, seedOf } from './claims.ts';
import { roleOf, type UserRole } from './permissions.ts';

/** Token and seed in the decorated form that NATS' own tools write. */
export const credentialsText = (token: string, key: KeyPair): string =>
  [
    '-----BEGIN NATS USER JWT-----',
    token,
    '------END NATS USER JWT------',
    '',
    'Whoever has this file is this user: keep it to yourself.',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seedOf(key),
    '------END USER NKEY SEED------',
    '',
  ].join('\n');

/** Whom credentials are of. */
export interface User {
  readonly name: string;
  readonly role: UserRole;
}

/** Whom a file of credentials is of; undefined where it was not made by `terrella cluster init`, or cannot be read. */
export async function userOfFile(file: string): Promise<User | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const token = /-BEGIN NATS USER JWT-+\s+(\S+)/.exec(text)?.[1];
  const claims = token === undefined ? undefined : readClaims(token);
  const role = claims && roleOf(claims.nats);
  return claims && role && isName(claims.name) ? { name: claims.name, role } : undefined;
}
