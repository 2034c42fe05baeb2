import { type FromPage, HOSTING_SUBPROTOCOL, packHosting, readToPage } from '../protocol/hosting.ts';
import { disconnected, noAnswer, TransportError, type TransportErrorTag, tooLarge } from './errors.ts';
import { checkPattern, checkSubject, matches } from './subjects.ts';
import type { Incoming, Link, Transport } from './transport.ts';

/** As browsers have it, and the package `ws`. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

export interface HostingLink {
  /** The node that this page is. */
  readonly node: string;
  readonly incarnation: number;
  readonly transport: Transport;
  /** What the job of a run is made from, as JSON. Rejects with TransportFailed, Disconnected. */
  recipe(job: string): Promise<string>;
  /** Why it ended, once it has: with the gateway's words, if it said any. */
  readonly ended: Promise<string>;
}

/** Bytes that may wait to be sent before messages are dropped, as on a link that is down: they are asked for again. */
const MOST_WAITING = 64 << 20;

/** The gateway loads a scenario, and hashes its files, in no more [ms]. */
const LOADING = 30_000;

interface Waiting {
  readonly answer: (found: Uint8Array | string) => void;
  readonly fail: (error: TransportError) => void;
}

/**
 * The link of a page to the broker, by way of a gateway. It does not come back: a page that has lost it begins anew, as another
 * node. Rejects with Unreachable.
 */
export function connectHosting(open: (subprotocol: string) => SocketLike): Promise<HostingLink> {
  const socket = open(HOSTING_SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  const subscriptions = new Set<{ readonly pattern: string; readonly take: (message: Incoming) => void }>();
  const listeners = new Set<(link: Link) => void>();
  const waiting = new Map<number, Waiting>();
  let link: Link = 'down';
  let largest = 0;
  let dropped = 0;
  let requests = 0;
  let isClosed = false;
  let tellEnd: (why: string) => void;
  const ended = new Promise<string>((tell) => {
    tellEnd = tell;
  });

  const set = (now: Link): void => {
    if (now === link) return;
    link = now;
    for (const listener of listeners) listener(now);
  };
  const send = (message: FromPage): void => {
    // Copied by the packing: the sender may change its bytes at once.
    socket.send(packHosting(message));
  };
  const check = (subject: string, bytes: Uint8Array): void => {
    checkSubject(subject);
    if (bytes.length > largest) throw tooLarge(subject, bytes.length, largest);
  };

  /** What the gateway answers; it tells in time, unless it is gone. */
  const ask = (what: string, patience: number, message: (id: number) => FromPage): Promise<Uint8Array | string> =>
    new Promise((answer, fail) => {
      if (link === 'down') throw disconnected(what);
      const id = ++requests;
      const settled =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          waiting.delete(id);
          act(value);
        };
      const giveUp = settled(fail);
      const timer = setTimeout(() => giveUp(noAnswer(what, `the gateway was silent for ${patience} ms`)), patience);
      waiting.set(id, { answer: settled(answer), fail: settled(fail) });
      send(message(id));
    });

  const transport: Transport = {
    publish(subject, bytes) {
      check(subject, bytes);
      if (link === 'down' || socket.bufferedAmount > MOST_WAITING) dropped++;
      else send({ type: 'publish', subject, bytes });
    },
    subscribe(pattern, take) {
      checkPattern(pattern);
      const subscription = { pattern, take };
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    async request(subject, bytes, timeout) {
      check(subject, bytes);
      const within = Math.max(1, timeout);
      const found = await ask(`request ${subject}`, 2 * within, (id) => ({
        ...{ type: 'request', id, subject, bytes, timeout: within },
      }));
      return found as Uint8Array;
    },
    // What was sent is in order on its way.
    flush: async () => {
      if (link === 'down') throw disconnected('flush');
    },
    get link() {
      return link;
    },
    onLink(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get dropped() {
      return dropped;
    },
    get largestMessage() {
      return largest;
    },
    close: async () => {
      isClosed = true;
      socket.close();
      await ended;
    },
  };

  return new Promise((welcome, refuse) => {
    socket.addEventListener('message', ({ data }) => {
      if (isClosed) return;
      const message = data instanceof ArrayBuffer ? readToPage(new Uint8Array(data)) : undefined;
      switch (message?.type) {
        case 'welcome':
          largest = message.largestMessage;
          set('up');
          welcome({
            node: message.node,
            incarnation: message.incarnation,
            transport,
            recipe: async (job) =>
              (await ask('what a run is made from', LOADING, (id) => ({ type: 'recipe', id, job }))) as string,
            ended,
          });
          return;
        case 'message': {
          // A copy of its own: typed arrays are laid over it.
          const { subject } = message;
          for (const { pattern, take } of [...subscriptions])
            if (matches(pattern, subject)) take({ subject, bytes: message.bytes.slice() });
          return;
        }
        case 'answer':
          waiting.get(message.id)?.answer(message.bytes.slice());
          return;
        case 'recipe':
          waiting.get(message.id)?.answer(message.recipe);
          return;
        case 'unanswered': {
          const words = message.message.replace(`${message.tag}: `, '');
          waiting.get(message.id)?.fail(new TransportError(message.tag as TransportErrorTag, words));
          return;
        }
        case 'link':
          set(message.link);
          return;
        case undefined:
          // The gateway is of another version: nothing that it says can be trusted to be understood.
          socket.close();
      }
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ code, reason }) => {
      set('down');
      const why = reason || (isClosed ? 'it was left' : `the connection ended (${code})`);
      for (const { fail } of [...waiting.values()]) fail(disconnected('a request'));
      refuse(new TransportError('Unreachable', `the gateway lets no page host shards here: ${why}. Try again later.`));
      tellEnd(why);
    });
  });
}
