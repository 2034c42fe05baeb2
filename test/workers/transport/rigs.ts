import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore, type Store } from '../../../workers/store/store.ts';
import { type Broker, startBroker } from '../../../workers/transport/broker.ts';
import { ledgerOver, type MemoryTransport, memoryLedger, memoryNetwork } from '../../../workers/transport/memory.ts';
import { connectNats, type NatsLink } from '../../../workers/transport/nats.ts';
import type { Ledger, LedgerOptions, Transport } from '../../../workers/transport/transport.ts';

/** Somebody on the network: all that a process of a cluster has of it. */
export interface Client {
  readonly transport: Transport;
  ledger(bucket: string, options?: LedgerOptions): Promise<Ledger>;
  store(bucket: string): Promise<Store>;
}

/** A network under test. */
export interface Rig {
  client(): Promise<Client>;
  /** Ends the network as a power cut would, and brings it back at the same place. */
  interrupt(): Promise<void>;
  resume(): Promise<void>;
  end(): Promise<void>;
}

export async function memoryRig(): Promise<Rig> {
  const network = memoryNetwork();
  const transports: MemoryTransport[] = [];
  const ledgers = new Map<string, Ledger>();
  const stores = new Map<string, Store>();
  const once = <T>(map: Map<string, T>, name: string, make: () => T): T => {
    const value = map.get(name) ?? make();
    map.set(name, value);
    return value;
  };
  return {
    async client() {
      const transport = network.transport();
      transports.push(transport);
      return {
        transport,
        ledger: async (bucket, options) =>
          ledgerOver(
            transport,
            once(ledgers, bucket, () => memoryLedger(options)),
          ),
        store: async (bucket) => once(stores, bucket, memoryStore),
      };
    },
    async interrupt() {
      for (const transport of transports) transport.cut();
    },
    async resume() {
      for (const transport of transports) transport.mend();
    },
    async end() {
      for (const transport of transports) await transport.close();
    },
  };
}

export interface NatsRig extends Rig {
  readonly broker: Broker;
  /** Ends the server like a power cut, and starts it on an empty disk. */
  loseDisk(): Promise<void>;
  readonly warnings: readonly string[];
}

export async function natsRig(): Promise<NatsRig> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-nats-'));
  let broker = await startBroker({ directory });
  const links: NatsLink[] = [];
  const warnings: string[] = [];
  return {
    get broker() {
      return broker;
    },
    warnings,
    async client() {
      const link = await connectNats({ servers: broker.url, name: 'test', warn: (message) => warnings.push(message) });
      links.push(link);
      return {
        transport: link.transport,
        ledger: (bucket, options) => link.ledger(bucket, options),
        store: (bucket) => link.objects(bucket),
      };
    },
    interrupt: () => broker.kill(),
    async resume() {
      broker = await startBroker({ directory, port: broker.port });
    },
    async loseDisk() {
      await broker.kill();
      await rm(join(directory, 'jetstream'), { recursive: true });
      broker = await startBroker({ directory, port: broker.port });
    },
    async end() {
      await Promise.all(links.map((link) => link.close()));
      await broker.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until something holds. */
export async function eventually(holds: () => boolean, patience = 10_000): Promise<void> {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
