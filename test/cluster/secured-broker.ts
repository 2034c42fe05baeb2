import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSystem } from '../../workers/credentials/account-push.ts';
import { brokerAccess, createAuthority, revokeUser } from '../../workers/credentials/authority.ts';
import { inboxOf } from '../../workers/credentials/permissions.ts';
import { type Broker, startBroker } from '../../workers/transport/broker.ts';
import { connectNats, type NatsLink } from '../../workers/transport/nats.ts';

/** A user's connection, and what the server has refused it. */
export interface Connected extends NatsLink {
  readonly user: string;
  readonly warnings: string[];
}

/** A real server with the configuration that `terrella cluster init` makes, on the loopback. */
export class SecuredBroker {
  broker: Broker;
  readonly keys: string;
  readonly directory: string;
  private readonly links: Connected[] = [];

  private constructor(directory: string, keys: string, broker: Broker) {
    this.directory = directory;
    this.keys = keys;
    this.broker = broker;
  }

  static async start(nodes: readonly string[], scientists: readonly string[]): Promise<SecuredBroker> {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-keys-'));
    const keys = join(directory, 'keys');
    await createAuthority(keys, { nodes, scientists, hosts: [], port: 4222 });
    return new SecuredBroker(directory, keys, await SecuredBroker.broker(directory, keys));
  }

  private static broker(directory: string, keys: string, port = 0): Promise<Broker> {
    return startBroker({ directory, configFile: join(keys, 'broker', 'nats-server.conf'), port });
  }

  get url(): string {
    return `tls://127.0.0.1:${this.broker.port}`;
  }

  get authority(): string {
    return join(this.keys, 'ca.pem');
  }

  credentialsOf(user: string): string {
    return join(this.keys, 'creds', `${user}.creds`);
  }

  /** Connects as a user, with its credentials or others that claim to be its. */
  async connect(user: string, credsFile = this.credentialsOf(user)): Promise<Connected> {
    const warnings: string[] = [];
    const link = await connectNats({
      servers: this.url,
      name: user,
      credentials: { credsFile },
      tls: { caFile: this.authority },
      inboxPrefix: inboxOf(user),
      warn: (message) => warnings.push(message),
    });
    const connected = { ...link, user, warnings };
    this.links.push(connected);
    return connected;
  }

  async revoke(user: string, keys = this.keys): Promise<void> {
    const system = await connectSystem({ ...(await brokerAccess(keys)), url: this.url });
    try {
      await revokeUser(keys, user, system);
    } finally {
      await system.close();
    }
  }

  /** Kills the server like a power cut, and starts it again. */
  async restart(): Promise<void> {
    const { port } = this.broker;
    await this.broker.kill();
    this.broker = await SecuredBroker.broker(this.directory, this.keys, port);
  }

  async end(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
    await this.broker.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Waits until something is so; throws after five seconds. */
export async function eventually(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`${what} did not happen within 5 s`);
    await new Promise((done) => setTimeout(done, 2));
  }
}
