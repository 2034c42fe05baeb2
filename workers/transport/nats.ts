import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  ErrorCode,
  Events,
  type KV,
  type KvEntry,
  type NatsConnection,
  NatsError,
  nkeyAuthenticator,
  nkeys,
  type ObjectStore,
  type QueuedIterator,
} from 'nats';
import { StoreError } from '../store/errors.ts';
import { checkKey, type Store } from '../store/store.ts';
import { disconnected, noAnswer, TransportError, tooLarge } from './errors.ts';
import { digestNatively } from './nats-digest.ts';
import { checkLedgerKey, checkPattern, checkSubject } from './subjects.ts';
import type { Ledger, LedgerEntry, LedgerOptions, Link, Transport } from './transport.ts';

export interface NatsOptions {
  /** `nats://host:port`, or `tls://` for a server with TLS. */
  readonly servers: string | readonly string[];
  /** What the server calls this connection. */
  readonly name: string;
  readonly credentials?: { readonly nkeySeed: string } | { readonly credsFile: string };
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** Where answers come to, if the server's permissions say so. */
  readonly inboxPrefix?: string;
  /** Hears of what goes wrong with nobody waiting for it: a subject that is not permitted, say. */
  readonly warn?: (message: string) => void;
}

export interface NatsLink {
  readonly transport: Transport;
  /** Opens a ledger, which is made if there is none. Rejects with JetStreamMissing, LedgerMismatch, Disconnected. */
  ledger(bucket: string, options?: LedgerOptions): Promise<Ledger>;
  /**
   * Opens a store of blobs, which is made if there is none. What is set survives the end of the server; a power cut
   * within two minutes it may not, `durable` or not. A write that is cut off leaves its parts behind, which nobody sees but
   * the disk: give each run a bucket of its own. Rejects with JetStreamMissing, Disconnected.
   */
  objects(bucket: string, options?: { readonly replicas?: number }): Promise<Store>;
  close(): Promise<void>;
}

/** Between attempts to reconnect, and as much again at random so that a thousand nodes do not come at once [ms]. */
const RECONNECT_PAUSE = 100;
/** The same where the server refuses the credentials: they may be put right one day, but not within a second [ms]. */
const REFUSED_PAUSE = 5000;
/** A server that answers neither this ping nor the next two is gone [ms]. */
const PING_INTERVAL = 5000;
const CONNECT_PATIENCE = 5000;
const WATCH_PAUSE = 250;
/** Parts of a blob, well below the 1 MiB that a server takes unless told otherwise. */
const CHUNK = 512 * 1024;
/** Blobs slower than a megabyte a second, after ten seconds' grace, have failed. */
const patience = (bytes: number): number => 10_000 + bytes / 1000;

/** JetStream's own number for "somebody else was first". */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_NOT_FOUND = 10059;
/** Two processes that begin a ledger within so long begin it at the same revision [ms]. */
const BEGINNING = 100;
const NO_SPACE = new Set([10023, 10047, 10077]);

const START_ONE = 'start one with: nats-server -a 127.0.0.1 -js -sd DIR';

/** The receiver's own copy at the start of a buffer of its own. The client's bytes lie anywhere in what came in. */
const own = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** What a callback throws must not end the client's reader, which would leave a connection that says nothing. */
function outside(act: () => void): void {
  try {
    act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
const jetStreamCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;
/** Whether it may be that the server has no such ledger or store, or no longer. */
const isWithoutBucket = (error: unknown): boolean =>
  jetStreamCode(error) === STREAM_NOT_FOUND || codeOf(error) === ErrorCode.NoResponders;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Addresses as the client wants them. Throws BadAddress. */
function parseServers(servers: string | readonly string[]): { readonly hosts: string[]; readonly tls: boolean } {
  const list = typeof servers === 'string' ? servers.split(',') : servers;
  const parsed = list.map((server) => {
    const text = server.trim();
    const full = text.includes('://') ? text : `nats://${text}`;
    const address = URL.canParse(full) ? new URL(full) : undefined;
    if (!address || !/^(nats|tls):$/.test(address.protocol) || address.hostname === '' || address.username !== '') {
      throw new TransportError(
        'BadAddress',
        `"${text.replace(/\/\/.*@/, '//…@')}" is no address of a NATS server. Use nats://host:port or tls://host:port; credentials go in a file.`,
      );
    }
    return address;
  });
  if (parsed.length === 0) throw new TransportError('BadAddress', 'no address of a NATS server. Use nats://host:port.');
  return {
    hosts: parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? 4222 : port}`),
    tls: parsed.some(({ protocol }) => protocol === 'tls:'),
  };
}

/** Throws BadCredentials. */
async function authenticatorOf(credentials: NonNullable<NatsOptions['credentials']>): Promise<Authenticator> {
  if ('nkeySeed' in credentials) {
    const seed = new TextEncoder().encode(credentials.nkeySeed);
    try {
      nkeys.fromSeed(seed);
    } catch (error) {
      throw new TransportError(
        'BadCredentials',
        'the nkey seed is none: it begins with SU and has 58 characters.',
        error,
      );
    }
    return nkeyAuthenticator(seed);
  }
  const { credsFile } = credentials;
  try {
    const authenticator = credsAuthenticator(await readFile(credsFile));
    authenticator('');
    return authenticator;
  } catch (error) {
    throw new TransportError(
      'BadCredentials',
      `cannot use the credentials in ${credsFile} (${reasonOf(error)}). Name a file of decorated JWT and seed, as nsc writes it.`,
      error,
    );
  }
}

function connectError(error: unknown, servers: string): TransportError {
  const reason = reasonOf(error);
  switch (codeOf(error)) {
    case ErrorCode.AuthorizationViolation:
    case ErrorCode.AuthenticationExpired:
    case ErrorCode.AuthenticationTimeout:
    case ErrorCode.AccountExpired:
    case ErrorCode.BadAuthentication:
      return new TransportError(
        'NotAuthorized',
        `the NATS server at ${servers} refuses these credentials (${reason}). Ask its operator for a key, or name the right one.`,
        error,
      );
    default:
      return new TransportError(
        'Unreachable',
        `no NATS server at ${servers} (${reason}). Check the address, or ${START_ONE}`,
        error,
      );
  }
}

type Mending = <T>(action: string, work: () => Promise<T>, withinMilliseconds?: number) => Promise<T>;

/** Whether the server has refused the credentials since the link fell. */
interface Standing {
  isRefused: boolean;
}

const isRefusal = (code: unknown): boolean =>
  [ErrorCode.AuthorizationViolation, ErrorCode.AuthenticationExpired, ErrorCode.AccountExpired].some(
    (one) => one === code,
  );

/** Connects; from then on the link mends itself for ever. Rejects with BadAddress, BadCredentials, Unreachable, NotAuthorized. */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const { name, credentials, inboxPrefix, warn = (message) => process.emitWarning(message, 'NatsWarning') } = options;
  const { hosts, tls } = parseServers(options.servers);
  const standing: Standing = { isRefused: false };
  const settings: ConnectionOptions = {
    servers: hosts,
    name,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => (standing.isRefused ? REFUSED_PAUSE : RECONNECT_PAUSE) * (1 + Math.random()),
    pingInterval: PING_INTERVAL,
    timeout: CONNECT_PATIENCE,
    // A server that is restarted with other keys may be given the right ones again.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(tls || options.tls ? { tls: { ...options.tls } } : {}),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    ...(credentials ? { authenticator: await authenticatorOf(credentials) } : {}),
  };
  let connection: NatsConnection;
  try {
    connection = await connect(settings);
  } catch (error) {
    throw connectError(error, hosts.join(', '));
  }
  digestNatively();
  const live = new LiveLink(connection, standing, warn);
  return {
    transport: live.transport,
    ledger: (bucket, how) => live.ledger(bucket, how),
    objects: (bucket, how) => live.objects(bucket, how),
    close: () => live.close(),
  };
}

/** One connection, and who has to hear when it falls. */
class LiveLink implements NatsLink {
  readonly transport: Transport;
  readonly #connection: NatsConnection;
  readonly #standing: Standing;
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<(link: Link) => void>();
  readonly #waiting = new Set<() => void>();
  readonly #watches = new Set<() => void>();
  #link: Link = 'up';
  #closed = false;
  /** How often the link has fallen. */
  #falls = 0;
  #dropped = 0;
  #largest: number;

  constructor(connection: NatsConnection, standing: Standing, warn: (message: string) => void) {
    this.#connection = connection;
    this.#standing = standing;
    this.#warn = warn;
    this.#largest = connection.info!.max_payload;
    this.transport = this.#makeTransport();
    void this.#follow();
    void connection.closed().then((error) => {
      this.#setLink('down');
      if (!this.#closed) warn(`the connection to NATS has ended for good (${reasonOf(error)})`);
    });
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === Events.Disconnect) this.#setLink('down');
      else if (status.type === Events.Reconnect) {
        this.#standing.isRefused = false;
        this.#setLink('up');
      } else if (status.type === Events.Error && isRefusal(status.data)) {
        if (!this.#standing.isRefused)
          this.#warn(
            'NATS refuses these credentials: they are revoked, or the server knows them no more. Ask its operator for others',
          );
        this.#standing.isRefused = true;
      } else if (status.type === Events.Error) {
        const { operation, subject } = status.permissionContext ?? {};
        this.#warn(operation ? `NATS does not permit ${operation} of ${subject}` : `NATS: ${status.data}`);
      }
    }
  }

  #setLink(link: Link): void {
    if (this.#link === link) return;
    this.#link = link;
    if (link === 'up') this.#largest = this.#connection.info?.max_payload ?? this.#largest;
    else {
      this.#falls++;
      for (const fail of [...this.#waiting]) fail();
    }
    for (const listener of [...this.#listeners]) outside(() => listener(link));
  }

  /** Does something that needs an answer; if the link falls meanwhile, no answer will come. */
  async #whileUp<T>(action: string, work: () => Promise<T>, withinMilliseconds?: number): Promise<T> {
    if (this.#link === 'down') throw disconnected(action);
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        settle();
      };
      const fail = () => end(() => reject(disconnected(action)));
      const late = () => end(() => reject(noAnswer(action, `nothing came within ${withinMilliseconds} ms`)));
      const timer = withinMilliseconds === undefined ? undefined : setTimeout(late, withinMilliseconds);
      this.#waiting.add(fail);
      work().then(
        (value) => end(() => resolve(value)),
        (error) => end(() => reject(this.#tagged(error, action))),
      );
    });
  }

  #tagged(error: unknown, action: string): unknown {
    if (error instanceof TransportError || error instanceof StoreError) return error;
    const description = error instanceof NatsError ? error.api_error?.description : undefined;
    if (NO_SPACE.has(jetStreamCode(error) ?? 0)) {
      return new StoreError(
        'DiskFull',
        `the NATS server has no room to ${action} (${description}). Nothing already stored is lost. Free space in its store directory, or raise its limits.`,
        error,
      );
    }
    switch (codeOf(error)) {
      case ErrorCode.NoResponders:
        return noAnswer(action, 'nobody listens there', error);
      case ErrorCode.Timeout:
        return noAnswer(action, 'nothing came in time', error);
      case ErrorCode.ConnectionClosed:
      case ErrorCode.ConnectionDraining:
      case ErrorCode.Disconnect:
        return disconnected(action);
      case ErrorCode.MaxPayloadExceeded:
        return new TransportError(
          'MessageTooLarge',
          `cannot ${action}: more than the ${this.#largest} bytes that a message may have. Send it in parts.`,
          error,
        );
      case ErrorCode.PermissionsViolation:
        return new TransportError(
          'NotPermitted',
          `${action}: the NATS server does not permit it. Ask its operator.`,
          error,
        );
      default:
        return new TransportError(
          'TransportFailed',
          `could not ${action} (${description ?? reasonOf(error)}). See the log of the NATS server.`,
          error,
        );
    }
  }

  #send(subject: string, bytes: Uint8Array): void {
    if (bytes.length > this.#largest) throw tooLarge(subject, bytes.length, this.#largest);
    if (this.#link === 'down') {
      this.#dropped++;
      return;
    }
    // The client joins what it sends into bytes of its own in a microtask.
    this.#connection.publish(subject, bytes);
  }

  #makeTransport(): Transport {
    const live = this;
    return {
      get link() {
        return live.#link;
      },
      get dropped() {
        return live.#dropped;
      },
      get largestMessage() {
        return live.#largest;
      },
      publish(subject, bytes) {
        checkSubject(subject);
        live.#send(subject, bytes);
      },
      subscribe(pattern, take) {
        checkPattern(pattern);
        if (live.#closed) throw disconnected(`subscribe to ${pattern}`);
        const subscription = live.#connection.subscribe(pattern, {
          callback: (error, message) => {
            if (error) return;
            const { subject, reply } = message;
            const bytes = own(message.data);
            outside(() =>
              take(reply ? { subject, bytes, respond: (answer) => live.#send(reply, answer) } : { subject, bytes }),
            );
          },
        });
        return () => subscription.unsubscribe();
      },
      async request(subject, bytes, timeoutMilliseconds) {
        checkSubject(subject);
        if (bytes.length > live.#largest) throw tooLarge(subject, bytes.length, live.#largest);
        const copy = own(bytes);
        const timeout = Math.max(1, timeoutMilliseconds);
        const answer = await live.#whileUp(`request ${subject}`, () =>
          live.#connection.request(subject, copy, { timeout }),
        );
        return own(answer.data);
      },
      flush: () => live.#whileUp('flush', () => live.#connection.flush()),
      onLink(listener) {
        live.#listeners.add(listener);
        return () => live.#listeners.delete(listener);
      },
      close: () => live.close(),
    };
  }

  async ledger(bucket: string, { ttlMilliseconds = 0, replicas = 1 }: LedgerOptions = {}): Promise<Ledger> {
    const action = `open the ledger ${bucket}`;
    const open = async (): Promise<{ readonly kv: KV; readonly isNew: boolean }> => {
      const kv = await this.#jetStream(action, () =>
        this.#connection.jetstream().views.kv(bucket, {
          history: 1,
          ttl: ttlMilliseconds,
          replicas,
          // Else a server that lags behind may answer with what is no longer so.
          allow_direct: false,
        }),
      );
      const { ttl, streamInfo } = await this.#whileUp(action, () => kv.status());
      if (ttl !== ttlMilliseconds) {
        throw new TransportError(
          'LedgerMismatch',
          `the ledger ${bucket} is there, with a time to live of ${ttl} ms, not ${ttlMilliseconds} ms (0: for ever). Use another name, or delete it.`,
        );
      }
      const { config, state } = streamInfo;
      const isNew = state.last_seq === 0;
      // Revisions begin at the time of day in milliseconds, and there are fewer writes than those: one of a ledger that was
      // lost is none of the next, whoever still holds it.
      const first = Math.floor(Date.now() / BEGINNING) * BEGINNING;
      if (isNew)
        await this.#whileUp(action, async () => {
          const { streams } = await this.#connection.jetstreamManager();
          await streams.purge(config.name, { seq: first });
        });
      return { kv, isNew };
    };
    const { kv } = await open();
    return this.#ledgerOf(
      kv,
      this.#mending(`the ledger ${bucket}`, async () => (await open()).isNew),
    );
  }

  /**
   * Does things with a bucket; where the server has lost it, it is made again, empty, for the next time. What was asked
   * for has failed all the same.
   */
  #mending(what: string, makeAgain: () => Promise<boolean>): Mending {
    let mending: Promise<void> | undefined;
    const mend = async (): Promise<void> => {
      try {
        if (await makeAgain()) this.#warn(`${what} was gone from the NATS server, and is begun anew, empty`);
      } catch {
        // The server is not there, or not ready: whoever asks again tries again.
      }
    };
    return async (action, work, withinMilliseconds) => {
      try {
        return await this.#whileUp(action, work, withinMilliseconds);
      } catch (error) {
        if (error instanceof Error && isWithoutBucket(error.cause)) {
          mending ??= mend().finally(() => {
            mending = undefined;
          });
          await mending;
        }
        throw error;
      }
    };
  }

  #ledgerOf(kv: KV, mending: Mending): Ledger {
    /** A revision, or undefined if somebody else was first. */
    const compareAndSet = (action: string, set: () => Promise<number>): Promise<number | undefined> =>
      mending(action, async () => {
        try {
          return await set();
        } catch (error) {
          if (jetStreamCode(error) === WRONG_LAST_SEQUENCE) return undefined;
          throw error;
        }
      });
    return {
      get: async (key) => {
        checkLedgerKey(key);
        const entry = await this.#whileUp(`read ${key}`, () => kv.get(key));
        return entry ? entryOf(entry) : undefined;
      },
      create: async (key, bytes) => {
        checkLedgerKey(key);
        const copy = own(bytes);
        return compareAndSet(`create ${key}`, () => kv.create(key, copy));
      },
      update: async (key, bytes, revision) => {
        checkLedgerKey(key);
        const copy = own(bytes);
        // To NATS, revision 0 means that there is none.
        return revision < 1 ? undefined : compareAndSet(`update ${key}`, () => kv.update(key, copy, revision));
      },
      delete: async (key) => {
        checkLedgerKey(key);
        await mending(`delete ${key}`, () => kv.delete(key));
      },
      keys: () =>
        mending('list the keys', async () => {
          const keys: string[] = [];
          for await (const key of await kv.keys()) keys.push(key);
          return keys.sort();
        }),
      watch: async (key, take) => {
        checkLedgerKey(key);
        return this.#watch(kv, key, take);
      },
    };
  }

  /** Watches anew whenever the link comes back: the client alone would need 10 s to see that its consumer is gone. */
  async #watch(kv: KV, key: string, take: (entry: LedgerEntry | undefined) => void): Promise<() => void> {
    let seen: number | undefined;
    let stopped = false;
    let entries: QueuedIterator<KvEntry> | undefined;
    const begin = () =>
      this.#whileUp(`watch ${key}`, async () => {
        const falls = this.#falls;
        const begun = await kv.watch({ key });
        // Nobody else would stop one that came too late.
        if (stopped || falls !== this.#falls) begun.stop();
        return begun;
      });
    const endOfLink = this.transport.onLink((link) => link === 'down' && entries?.stop());
    const stop = () => {
      stopped = true;
      entries?.stop();
      endOfLink();
      this.#watches.delete(stop);
    };
    const read = async () => {
      while (!stopped) {
        try {
          entries ??= await begin();
          for await (const entry of entries) {
            // A watch that begins anew tells what is known.
            if (stopped || entry.revision === seen) continue;
            seen = entry.revision;
            outside(() => take(entryOf(entry)));
          }
        } catch {
          // The link fell, or the server is not ready yet.
        }
        entries = undefined;
        if (!stopped) await delay(WATCH_PAUSE, undefined, { ref: false });
      }
    };
    this.#watches.add(stop);
    try {
      entries = await begin();
    } catch (error) {
      stop();
      throw error;
    }
    void read();
    return stop;
  }

  async objects(bucket: string, { replicas = 1 }: { readonly replicas?: number } = {}): Promise<Store> {
    const open = () =>
      this.#jetStream(`open the store ${bucket}`, () => this.#connection.jetstream().views.os(bucket, { replicas }));
    const objects = await open();
    const mending = this.#mending(`the store ${bucket}`, async () => {
      const { streamInfo } = await (await open()).status();
      return streamInfo.state.last_seq === 0;
    });
    return this.#storeOf(objects, mending);
  }

  #storeOf(objects: ObjectStore, mending: Mending): Store {
    return {
      get: async (key) => {
        checkKey(key);
        const action = `read ${key}`;
        const found = await this.#whileUp(action, () => objects.get(key));
        if (!found) return undefined;
        found.error.catch(() => {});
        const reader = found.data.getReader();
        try {
          return await this.#whileUp(action, () => collect(reader, found.info.size), patience(found.info.size));
        } catch (error) {
          // Else the client would go on reading once the link is back.
          reader.cancel().catch(() => {});
          throw error;
        }
      },
      has: async (key) => {
        checkKey(key);
        const found = await this.#whileUp(`look for ${key}`, () => objects.info(key));
        return found !== null && !found.deleted;
      },
      set: async (key, bytes) => {
        checkKey(key);
        const copy = own(bytes);
        const timeout = patience(copy.length);
        // Less the headers.
        const max_chunk_size = Math.min(CHUNK, this.#largest - 1024);
        await mending(`write ${key}`, () =>
          objects.putBlob({ name: key, options: { max_chunk_size } }, copy, { timeout }),
        );
      },
      list: async (prefix) => {
        const infos = await this.#whileUp('list the keys', () => objects.list());
        return infos
          .map(({ name }) => name)
          .filter((key) => key.startsWith(prefix))
          .sort();
      },
      delete: async (key) => {
        checkKey(key);
        await this.#whileUp(`delete ${key}`, () => objects.delete(key));
      },
      flush: async () => {},
    };
  }

  async #jetStream<T>(action: string, open: () => Promise<T>): Promise<T> {
    return this.#whileUp(action, async () => {
      try {
        return await open();
      } catch (error) {
        if (codeOf(error) !== ErrorCode.JetStreamNotEnabled && !/jetstream not enabled/i.test(reasonOf(error))) {
          throw error;
        }
        const server = this.#connection.getServer();
        throw new TransportError(
          'JetStreamMissing',
          `cannot ${action}: the NATS server at ${server} keeps nothing. Give it JetStream with -js -sd DIR, or ${START_ONE}`,
          error,
        );
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of [...this.#watches]) stop();
    if (this.#link === 'up')
      await Promise.race([this.#connection.flush().catch(() => {}), delay(1000, undefined, { ref: false })]);
    await this.#connection.close();
    this.#setLink('down');
  }
}

/** All bytes of a stream that is known to have so many. */
async function collect(reader: ReadableStreamDefaultReader<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value, filled);
    filled += value.length;
  }
  if (filled !== size) throw new Error(`${filled} of ${size} bytes came`);
  return bytes;
}

const entryOf = ({ operation, value, revision }: KvEntry): LedgerEntry | undefined =>
  operation === 'PUT' ? { bytes: own(value), revision } : undefined;
