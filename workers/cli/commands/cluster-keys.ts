import { join } from 'node:path';
import { connectSystem } from '../../credentials/account-push.ts';
import { addUser, brokerAccess, createAuthority, renewCertificate, revokeUser } from '../../credentials/authority.ts';
import type { Role } from '../../protocol/cluster-subjects.ts';
import { printEvent, say } from '../terminal.ts';

export interface InitOptions {
  readonly nodes: readonly string[];
  readonly scientists: readonly string[];
  readonly host: readonly string[];
  readonly port: number;
  readonly json: boolean;
}

/** Makes all that a secured cluster on several machines needs. */
export async function initCommand(directory: string, options: InitOptions): Promise<void> {
  const { nodes, scientists, host, port, json } = options;
  const users = await createAuthority(directory, { nodes, scientists, hosts: host, port });
  if (json) {
    printEvent({ event: 'initialised', directory, users });
    return;
  }
  const { url } = await brokerAccess(directory);
  const creds = (name: string) => join(directory, 'creds', `${name}.creds`);
  const ca = join(directory, 'ca.pem');
  const begin = (command: string, name: string) =>
    `  terrella ${command} --nats ${url} --ca ${ca} --creds ${creds(name)}`;
  say(
    false,
    [
      `Keys of a cluster, in ${directory}. Back them up; whoever has them governs it.`,
      `Start the broker with: cd ${join(directory, 'broker')} && nats-server -c nats-server.conf`,
      begin('coordinator', 'coordinator'),
      ...nodes.map((name) => begin('node', name)),
      ...scientists.slice(0, 1).map((name) => begin('submit tohoku-2011', name)),
    ].join('\n'),
  );
}

export interface AddOptions {
  readonly json: boolean;
}

/** Makes credentials for one more user. */
export async function addCommand(
  role: Role | 'coordinator',
  name: string,
  directory: string,
  { json }: AddOptions,
): Promise<void> {
  const file = await addUser(directory, { name, role });
  if (json) printEvent({ event: 'added', name, role, file });
  else say(false, `${file}\nGive it to ${name} alone, with ${join(directory, 'ca.pem')}; the broker takes it at once.`);
}

export interface RevokeOptions {
  readonly nats?: string;
  readonly json: boolean;
}

/** Throws a user out, and for good. */
export async function revokeCommand(name: string, directory: string, { nats, json }: RevokeOptions): Promise<void> {
  const access = await brokerAccess(directory);
  const system = await connectSystem({ ...access, ...(nats === undefined ? {} : { url: nats }) });
  try {
    const { role } = await revokeUser(directory, name, system);
    if (json) printEvent({ event: 'revoked', name, role });
    else say(false, `${name} is out: the broker has closed its connections and takes no other.`);
  } finally {
    await system.close();
  }
}

export interface RenewOptions {
  readonly host: readonly string[];
  readonly json: boolean;
}

/** Makes the broker another certificate. */
export async function renewCommand(directory: string, { host, json }: RenewOptions): Promise<void> {
  const hosts = await renewCertificate(directory, host);
  const file = join(directory, 'broker', 'tls', 'server.pem');
  if (json) printEvent({ event: 'renewed', file, hosts });
  else say(false, `${file}, for ${hosts.join(', ')}\nTell the broker with: nats-server --signal reload`);
}
