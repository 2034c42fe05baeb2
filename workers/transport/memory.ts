import { disconnected, noAnswer, tooLarge } from './errors.ts';
import { checkLedgerKey, checkPattern, checkSubject, isWild, matches } from './subjects.ts';
import {
  type Incoming,
  LARGEST_MESSAGE,
  type Ledger,
  type LedgerEntry,
  type LedgerOptions,
  type Link,
  type Transport,
} from './transport.ts';

/** One message on its way to one subscription. */
export interface Delivery {
  /** Names of the transports. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Hands it over, once; nothing happens if the receiver's link has been down since, or it no longer subscribes. */
  deliver(): void;
}

export interface MemoryNetworkOptions {
  /** Decides when each message arrives: call `deliver` whenever it should, or never. Left out, soon and in order. */
  readonly schedule?: (delivery: Delivery) => void;
  readonly largestMessage?: number;
  /** The clock of requests' time limits: calls `act` later, and gives back what prevents it. */
  readonly after?: (milliseconds: number, act: () => void) => () => void;
}

export interface MemoryTransport extends Transport {
  readonly name: string;
  /** Takes the link down: what is in flight to it is lost. */
  cut(): void;
  /** Brings the link back up. */
  mend(): void;
}

export interface MemoryNetwork {
  /** One more participant. */
  transport(name?: string): MemoryTransport;
}

interface Subscription {
  readonly owner: Participant;
  readonly pattern: string;
  readonly take: (message: Incoming) => void;
  live: boolean;
}

interface Participant {
  readonly name: string;
  link: Link;
  /** How often the link has fallen; a message of an earlier time is lost. */
  falls: number;
}

const afterTimeout = (milliseconds: number, act: () => void) => {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
};

/** Any number of transports on a network inside this process, with the manners of NATS. */
export function memoryNetwork({
  schedule = ({ deliver }) => queueMicrotask(deliver),
  largestMessage = LARGEST_MESSAGE,
  after = afterTimeout,
}: MemoryNetworkOptions = {}): MemoryNetwork {
  const exact = new Map<string, Set<Subscription>>();
  const wild = new Set<Subscription>();
  let participants = 0;
  let inboxes = 0;

  const listenersOf = (subject: string): Subscription[] =>
    [...(exact.get(subject) ?? []), ...[...wild].filter(({ pattern }) => matches(pattern, subject))].filter(
      ({ owner }) => owner.link === 'up',
    );

  function add(owner: Participant, pattern: string, take: (message: Incoming) => void): () => void {
    const subscription: Subscription = { owner, pattern, take, live: true };
    const set = isWild(pattern) ? wild : (exact.get(pattern) ?? new Set());
    if (set !== wild) exact.set(pattern, set);
    set.add(subscription);
    return () => {
      subscription.live = false;
      set.delete(subscription);
      if (set !== wild && set.size === 0) exact.delete(pattern);
    };
  }

  /** Sends one copy to each listener; false if there is none. */
  function send(from: Participant, subject: string, bytes: Uint8Array, answer?: (bytes: Uint8Array) => void): boolean {
    const listeners = listenersOf(subject);
    for (const subscription of listeners) {
      const { owner, take } = subscription;
      const { falls } = owner;
      const copy = new Uint8Array(bytes);
      let handedOver = false;
      const deliver = () => {
        if (handedOver || !subscription.live || owner.link === 'down' || owner.falls !== falls) return;
        handedOver = true;
        take(answer ? { subject, bytes: copy, respond: (reply) => respond(owner, reply) } : { subject, bytes: copy });
      };
      schedule({ from: from.name, to: owner.name, subject, bytes: copy, deliver });
    }
    function respond(responder: Participant, reply: Uint8Array): void {
      if (reply.length > largestMessage) throw tooLarge(`who asked ${subject}`, reply.length, largestMessage);
      if (responder.link === 'up') answer?.(reply);
    }
    return listeners.length > 0;
  }

  function transport(name = `memory-${++participants}`): MemoryTransport {
    const self: Participant = { name, link: 'up', falls: 0 };
    const listeners = new Set<(link: Link) => void>();
    const waiting = new Set<() => void>();
    const ends = new Set<() => void>();
    let closed = false;
    let dropped = 0;

    const check = (subject: string, bytes: Uint8Array) => {
      checkSubject(subject);
      if (bytes.length > largestMessage) throw tooLarge(subject, bytes.length, largestMessage);
    };
    const setLink = (link: Link) => {
      if (closed || self.link === link) return;
      self.link = link;
      if (link === 'down') {
        self.falls++;
        for (const fail of [...waiting]) fail();
      }
      for (const listener of [...listeners]) listener(link);
    };

    return {
      name,
      largestMessage,
      get link() {
        return self.link;
      },
      get dropped() {
        return dropped;
      },
      publish(subject, bytes) {
        check(subject, bytes);
        if (self.link === 'down') dropped++;
        else send(self, subject, bytes);
      },
      subscribe(pattern, take) {
        checkPattern(pattern);
        if (closed) throw disconnected(`subscribe to ${pattern}`);
        const end = add(self, pattern, take);
        ends.add(end);
        return () => {
          end();
          ends.delete(end);
        };
      },
      async request(subject, bytes, timeoutMilliseconds) {
        check(subject, bytes);
        const action = `request ${subject}`;
        if (self.link === 'down') throw disconnected(action);
        const inbox = `_INBOX.${++inboxes}`;
        return new Promise<Uint8Array>((resolve, reject) => {
          const end = (settle: () => void) => {
            unsubscribe();
            cancel();
            waiting.delete(fail);
            settle();
          };
          const unsubscribe = add(self, inbox, (message) => end(() => resolve(message.bytes)));
          const cancel = after(timeoutMilliseconds, () =>
            end(() => reject(noAnswer(action, `nothing came within ${timeoutMilliseconds} ms`))),
          );
          const fail = () => end(() => reject(disconnected(action)));
          waiting.add(fail);
          const heard = send(self, subject, bytes, (reply) => send(self, inbox, reply));
          if (!heard) queueMicrotask(() => end(() => reject(noAnswer(action, 'nobody listens there'))));
        });
      },
      async flush() {
        if (self.link === 'down') throw disconnected('flush');
      },
      onLink(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async close() {
        for (const end of ends) end();
        setLink('down');
        closed = true;
        listeners.clear();
      },
      cut: () => setLink('down'),
      mend: () => setLink('up'),
    };
  }

  return { transport };
}

type MemoryEntries = Map<string, LedgerEntry & { readonly changed: number }>;

/** A ledger in this process, over a map that the caller may empty. `now` is the clock of records that vanish [ms]. */
export function memoryLedger({
  ttlMilliseconds = Number.POSITIVE_INFINITY,
  now = Date.now,
  records = new Map(),
}: LedgerOptions & { readonly now?: () => number; readonly records?: MemoryEntries } = {}): Ledger {
  const watchers = new Map<string, Set<(entry: LedgerEntry | undefined) => void>>();
  let revisions = 0;

  const find = (key: string) => {
    checkLedgerKey(key);
    const record = records.get(key);
    return record !== undefined && now() - record.changed < ttlMilliseconds ? record : undefined;
  };
  const copyOf = ({ bytes, revision }: LedgerEntry): LedgerEntry => ({ bytes: new Uint8Array(bytes), revision });
  const tell = (key: string, entry: LedgerEntry | undefined) => {
    for (const take of watchers.get(key) ?? []) {
      const news = entry && copyOf(entry);
      queueMicrotask(() => {
        if (watchers.get(key)?.has(take)) take(news);
      });
    }
  };
  const put = (key: string, bytes: Uint8Array): number => {
    const record = { bytes: new Uint8Array(bytes), revision: ++revisions, changed: now() };
    records.set(key, record);
    tell(key, record);
    return record.revision;
  };

  return {
    async get(key) {
      const record = find(key);
      return record && copyOf(record);
    },
    async create(key, bytes) {
      return find(key) === undefined ? put(key, bytes) : undefined;
    },
    async update(key, bytes, revision) {
      return find(key)?.revision === revision ? put(key, bytes) : undefined;
    },
    async delete(key) {
      const wasThere = find(key) !== undefined;
      records.delete(key);
      if (!wasThere) return;
      revisions++;
      tell(key, undefined);
    },
    async keys() {
      return [...records.keys()].filter((key) => find(key) !== undefined).sort();
    },
    async watch(key, take) {
      const record = find(key);
      const set = watchers.get(key) ?? new Set();
      watchers.set(key, set);
      // A function of its own, so that one `take` may watch twice.
      const mine = (entry: LedgerEntry | undefined) => take(entry);
      set.add(mine);
      if (record) queueMicrotask(() => set.has(mine) && take(copyOf(record)));
      return () => set.delete(mine);
    },
  };
}

/** A ledger as somebody sees it who reaches it over that transport's link. */
export function ledgerOver(transport: Transport, ledger: Ledger): Ledger {
  const whileUp = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    if (transport.link === 'down') throw disconnected(action);
    return work();
  };
  return {
    get: (key) => whileUp(`read ${key}`, () => ledger.get(key)),
    create: (key, bytes) => whileUp(`create ${key}`, () => ledger.create(key, bytes)),
    update: (key, bytes, revision) => whileUp(`update ${key}`, () => ledger.update(key, bytes, revision)),
    delete: (key) => whileUp(`delete ${key}`, () => ledger.delete(key)),
    keys: () => whileUp('list the keys', () => ledger.keys()),
    watch: (key, take) =>
      whileUp(`watch ${key}`, async () => {
        let missed: { readonly entry: LedgerEntry | undefined } | undefined;
        const end = await ledger.watch(key, (entry) => {
          if (transport.link === 'up') take(entry);
          else missed = { entry };
        });
        const endOfLink = transport.onLink((link) => {
          if (link === 'down' || !missed) return;
          const { entry } = missed;
          missed = undefined;
          take(entry);
        });
        return () => {
          end();
          endOfLink();
        };
      }),
  };
}
