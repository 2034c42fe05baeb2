import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError } from '../store/errors.ts';
import { makeDirectory } from '../store/make-directory.ts';
import { brokerConfiguration } from './broker-configuration.ts';
import { newAuthority, newServerCertificate } from './certificates.ts';
import {
  type Claims,
  type KeyPair,
  keyOfSeed,
  newAccountKey,
  newOperatorKey,
  newUserKey,
  readClaims,
  seedOf,
  signClaims,
} from './claims.ts';
import { credentialsText, type User } from './credentials-file.ts';
import { CredentialsError } from './errors.ts';
import { roleOf, type UserRole, userClaims } from './permissions.ts';

/** Where things lie in an authority's directory. `broker` goes to the broker's machine, `creds` to whom they are of. */
const FILES = {
  configuration: 'broker/nats-server.conf',
  operator: 'broker/operator.jwt',
  accounts: 'broker/accounts',
  certificate: 'broker/tls/server.pem',
  certificateKey: 'broker/tls/server-key.pem',
  authorityCertificate: 'ca.pem',
  authorityKey: 'secrets/ca-key.pem',
  seed: (of: 'operator' | 'system' | 'runs') => `secrets/${of}.nk`,
  /** The account's token as it was last pushed. */
  runs: 'secrets/runs.jwt',
  credentials: (name: string) => `creds/${name}.creds`,
  /** Tokens of users, which are no secret: what a revocation needs to know. */
  user: (name: string) => `users/${name}.jwt`,
  revoked: (name: string, key: string) => `revoked/${name}-${key.slice(-8)}.jwt`,
  /** Under what names the broker is reached. */
  address: 'address.json',
} as const;

const DIRECTORIES = ['broker', 'broker/accounts', 'broker/tls', 'secrets', 'creds', 'users', 'revoked'] as const;
/** What anybody may read. */
const PUBLIC: readonly string[] = [FILES.authorityCertificate];

/** Users who revoke themselves would lock everybody out. */
const NEEDED: readonly UserRole[] = ['system'];

/** All that is unlimited to an account, and what is not. */
const accountLimits = (connections: number, stored: number) => ({
  ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: connections, leaf: 0 },
  ...(stored === 0 ? {} : { mem_storage: stored, disk_storage: stored, streams: -1, consumer: -1 }),
});

interface Address {
  readonly hosts: readonly string[];
  readonly port: number;
}

const addressText = (address: Address): string => `${JSON.stringify(address)}\n`;

export type Revocations = Readonly<Record<string, number>>;

/** The token of the account in which runs are computed. */
const runsToken = (operator: KeyPair, account: string, revocations: Revocations): string =>
  signClaims(operator, {
    name: 'runs',
    sub: account,
    nats: { type: 'account', limits: accountLimits(4096, -1), revocations },
  });

/** What an account's token says of those who are revoked: from when on each key's tokens count again [s since 1970]. */
export const revocationsOf = (token: string): Revocations =>
  (readClaims(token)?.nats.revocations as Revocations | undefined) ?? {};

async function write(directory: string, file: string, text: string): Promise<void> {
  try {
    // Whoever has the file of a key is its owner.
    await writeFile(join(directory, file), text, { mode: PUBLIC.includes(file) ? 0o644 : 0o600, flag: 'wx' });
  } catch (error) {
    throw fileError(error, 'write', join(directory, file));
  }
}

/** In one step: whoever reads finds the old text or the new one. */
async function replace(directory: string, file: string, text: string): Promise<void> {
  const draft = `secrets/${basename(file)}.draft`;
  await rm(join(directory, draft), { force: true });
  await write(directory, draft, text);
  await rename(join(directory, draft), join(directory, file));
}

async function read(directory: string, file: string): Promise<string> {
  try {
    return await readFile(join(directory, file), 'utf8');
  } catch (error) {
    throw new CredentialsError(
      'AuthorityMissing',
      `${join(directory, file)} cannot be read. Name the directory that \`terrella cluster init\` made, or bring it back from its backup.`,
      error,
    );
  }
}

async function readKey(directory: string, of: 'operator' | 'system' | 'runs'): Promise<KeyPair> {
  const text = await read(directory, FILES.seed(of));
  try {
    return keyOfSeed(text);
  } catch (error) {
    throw new CredentialsError(
      'AuthorityDamaged',
      `${join(directory, FILES.seed(of))} holds no key. Bring it back from its backup.`,
      error,
    );
  }
}

async function writeUser(directory: string, account: KeyPair, { name, role }: User): Promise<string> {
  const key = newUserKey();
  const token = signClaims(account, { name, sub: key.getPublicKey(), nats: userClaims(role, name) });
  await write(directory, FILES.user(name), `${token}\n`);
  await write(directory, FILES.credentials(name), credentialsText(token, key));
  return join(directory, FILES.credentials(name));
}

export interface NewAuthority {
  readonly nodes: readonly string[];
  readonly scientists: readonly string[];
  /** Names and addresses under which the broker is reached; those of the loopback are added. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** Users whom every cluster has. */
const FIRST: readonly User[] = [
  { name: 'coordinator', role: 'coordinator' },
  { name: 'admin', role: 'admin' },
];

/**
 * Makes the keys, credentials, certificates and the broker's configuration of a cluster, all at once or nothing; no server
 * is needed. Throws DirectoryExists, NameTaken, NotWritable.
 */
export async function createAuthority(path: string, settings: NewAuthority): Promise<readonly User[]> {
  const { nodes, scientists, hosts, port } = settings;
  const users: readonly User[] = [
    ...FIRST,
    ...nodes.map((name) => ({ name, role: 'node' as const })),
    ...scientists.map((name) => ({ name, role: 'scientist' as const })),
  ];
  const names = [...users.map(({ name }) => name), 'system'];
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined)
    throw new CredentialsError('NameTaken', `there are two users ${twice}. Give each another name.`);
  const directory = resolve(path);
  if (existsSync(directory))
    throw new CredentialsError(
      'DirectoryExists',
      `${path} is there already, and keys that are lost are lost for ever. Choose another directory, or remove it.`,
    );
  await makeDirectory(dirname(directory));
  const draft = await mkdtemp(`${directory}-`).catch((error) => {
    throw fileError(error, 'create', directory);
  });
  try {
    for (const one of DIRECTORIES) await mkdir(join(draft, one), { mode: 0o700 });
    const [operator, system, runs] = [newOperatorKey(), newAccountKey(), newAccountKey()];
    const systemAccount = system.getPublicKey();
    const runsAccount = runs.getPublicKey();
    for (const [of, key] of Object.entries({ operator, system, runs }))
      await write(draft, FILES.seed(of as 'operator'), `${seedOf(key)}\n`);
    await write(
      draft,
      FILES.operator,
      signClaims(operator, {
        name: 'terrella',
        sub: operator.getPublicKey(),
        nats: { type: 'operator', system_account: systemAccount },
      }),
    );
    const systemToken = signClaims(operator, {
      name: 'system',
      sub: systemAccount,
      nats: { type: 'account', limits: accountLimits(64, 0) },
    });
    const token = runsToken(operator, runsAccount, {});
    await write(draft, `${FILES.accounts}/${systemAccount}.jwt`, systemToken);
    await write(draft, `${FILES.accounts}/${runsAccount}.jwt`, token);
    await write(draft, FILES.runs, token);
    await writeUser(draft, system, { name: 'system', role: 'system' });
    for (const user of users) await writeUser(draft, runs, user);
    const known = [...new Set([...hosts, 'localhost', '127.0.0.1', '::1'])];
    const authority = newAuthority();
    const server = newServerCertificate(authority, known);
    await write(draft, FILES.authorityCertificate, authority.certificate);
    await write(draft, FILES.authorityKey, authority.key);
    await write(draft, FILES.certificate, server.certificate);
    await write(draft, FILES.certificateKey, server.key);
    await write(draft, FILES.address, addressText({ hosts: known, port }));
    await write(draft, FILES.configuration, brokerConfiguration({ port, name: known[0]!, systemAccount }));
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw fileError(error, 'write to', directory);
  }
  return users;
}

/** Credentials of one user more, of which the broker need not be told; gives back their file. Throws NameTaken, AuthorityMissing. */
export async function addUser(directory: string, user: User): Promise<string> {
  const account = await readKey(directory, 'runs');
  if (existsSync(join(directory, FILES.user(user.name))))
    throw new CredentialsError(
      'NameTaken',
      `there is a user ${user.name} already. Choose another name, or revoke that one first.`,
    );
  return writeUser(directory, account, user);
}

async function tokenOf(directory: string, name: string): Promise<Claims> {
  const file = join(directory, FILES.user(name));
  const claims = existsSync(file) ? readClaims(await read(directory, FILES.user(name))) : undefined;
  if (claims && !NEEDED.includes(roleOf(claims.nats)!)) return claims;
  await read(directory, FILES.runs);
  const known = (await readdir(join(directory, 'users')).catch(() => []))
    .map((entry) => entry.replace(/\.jwt$/, ''))
    .filter((entry) => entry !== 'system');
  throw new CredentialsError(
    'UserUnknown',
    `${claims ? `${name} cannot be revoked` : `there is no user ${name}`}. Known: ${known.join(', ') || 'none'}.`,
  );
}

const readAddress = async (directory: string): Promise<Address> =>
  JSON.parse(await read(directory, FILES.address)) as Address;

/**
 * Another certificate for the broker, by the same authority, and for more names where some are given; the broker takes it when it
 * is told to read its configuration again. Gives back the names. Throws AuthorityMissing.
 */
export async function renewCertificate(directory: string, hosts: readonly string[]): Promise<readonly string[]> {
  const { hosts: before, port } = await readAddress(directory);
  const known = [...new Set([...hosts, ...before])];
  const server = newServerCertificate(
    {
      certificate: await read(directory, FILES.authorityCertificate),
      key: await read(directory, FILES.authorityKey),
    },
    known,
  );
  await replace(directory, FILES.certificateKey, server.key);
  await replace(directory, FILES.certificate, server.certificate);
  await replace(directory, FILES.address, addressText({ hosts: known, port }));
  return known;
}

/** How a broker is reached and told of changes. */
export interface BrokerAccess {
  readonly url: string;
  readonly authorityFile: string;
  readonly credentialsFile: string;
}

/** Throws AuthorityMissing. */
export async function brokerAccess(directory: string): Promise<BrokerAccess> {
  const { hosts, port } = await readAddress(directory);
  return {
    url: `tls://${hosts[0]}:${port}`,
    authorityFile: join(directory, FILES.authorityCertificate),
    credentialsFile: join(directory, FILES.credentials('system')),
  };
}

/** Asks the broker what it knows of an account, and tells it of one anew. */
export interface AccountPush {
  lookup(account: string): Promise<string | undefined>;
  update(token: string): Promise<void>;
}

/**
 * Revokes a user: the broker closes its connections and takes no other. What the broker knows of earlier revocations
 * stays, though the directory be an old backup. Throws UserUnknown, AuthorityMissing, what the push throws.
 */
export async function revokeUser(directory: string, name: string, push: AccountPush): Promise<User> {
  const user = await tokenOf(directory, name);
  const [operator, runs] = [await readKey(directory, 'operator'), await readKey(directory, 'runs')];
  const account = runs.getPublicKey();
  const known = revocationsOf((await push.lookup(account)) ?? '');
  const earlier = revocationsOf(await read(directory, FILES.runs));
  const now = Math.floor(Date.now() / 1000);
  const token = runsToken(operator, account, { ...earlier, ...known, [user.sub]: now });
  await push.update(token);
  await replace(directory, FILES.runs, token);
  // For a broker that is set up anew from this directory.
  await replace(directory, `${FILES.accounts}/${account}.jwt`, token);
  await rm(join(directory, FILES.credentials(name)), { force: true });
  await rename(join(directory, FILES.user(name)), join(directory, FILES.revoked(name, user.sub)));
  return { name, role: roleOf(user.nats)! };
}
