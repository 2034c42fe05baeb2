/** A message as its receiver sees it. */
export interface Incoming {
  readonly subject: string;
  /** The receiver's own copy, which starts at a multiple of 8 bytes of its buffer: a typed array may be laid over it. */
  readonly bytes: Uint8Array;
  /** There if the sender asks for an answer. Only the first answer counts. Throws MessageTooLarge. */
  respond?(bytes: Uint8Array): void;
}

export type Link = 'up' | 'down';

/**
 * Messages by subject, as in NATS: words joined by dots; a pattern has `*` for one word and, at its end, `>` for one or
 * more. What was in flight when the link fell is lost and nobody is told; subscriptions come back with the link.
 */
export interface Transport {
  /**
   * Sends to all who subscribe, oneself among them. The bytes may be changed from the next turn of the event loop on. While
   * the link is down the message is dropped and counted. Throws BadSubject, MessageTooLarge.
   */
  publish(subject: string, bytes: Uint8Array): void;
  /** Gives back what ends the subscription. Throws BadSubject. What `take` throws is an uncaught error of the process. */
  subscribe(pattern: string, take: (message: Incoming) => void): () => void;
  /**
   * The first answer. Rejects with NoAnswer (nobody listens, or nobody answered in time), Disconnected, BadSubject,
   * MessageTooLarge, NotPermitted. After Disconnected or a NoAnswer the question may still have been acted upon.
   */
  request(subject: string, bytes: Uint8Array, timeoutMilliseconds: number): Promise<Uint8Array>;
  /** When it resolves, earlier subscriptions are in force and earlier messages are with the network. Rejects with Disconnected. */
  flush(): Promise<void>;
  readonly link: Link;
  /** Hears of every change of the link; gives back what ends that. */
  onLink(listener: (link: Link) => void): () => void;
  /** Messages dropped because the link was down. */
  readonly dropped: number;
  /** Bytes that a message may have. */
  readonly largestMessage: number;
  /** Sends what was published, then ends for good. */
  close(): Promise<void>;
}

export interface LedgerEntry {
  readonly bytes: Uint8Array;
  /** Grows with each change of any key of the ledger, and goes on growing where a ledger that was lost is begun anew. */
  readonly revision: number;
}

/**
 * A few small records that are changed only by compare-and-set. Keys are of letters, digits and `-_/=.`. A write that
 * rejects with Disconnected or NoAnswer may have happened: read before deciding anything. Rejects with InvalidKey too.
 * Where the network has lost the ledger, whatever is asked first is not answered, and what is there then is empty.
 */
export interface Ledger {
  get(key: string): Promise<LedgerEntry | undefined>;
  /** The new revision; undefined if the key is there already. */
  create(key: string, bytes: Uint8Array): Promise<number | undefined>;
  /** The new revision; undefined if somebody else was first. */
  update(key: string, bytes: Uint8Array, revision: number): Promise<number | undefined>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
  /**
   * Takes what is there, then each change, undefined for a deletion; of changes in quick succession perhaps only the
   * last. A record that outlives its time goes without a word, and an outage delays news: poll as well.
   */
  watch(key: string, take: (entry: LedgerEntry | undefined) => void): Promise<() => void>;
}

/** How a ledger is kept. */
export interface LedgerOptions {
  /** Records vanish so long after their last change; left out, never. One time for the whole ledger. */
  readonly ttlMilliseconds?: number;
  /** Servers that hold it. */
  readonly replicas?: number;
}

/**
 * Bytes that a message may have unless the network says otherwise: the largest that NATS advises, and more than the whole
 * state of any tile that a node would ask for in one message.
 */
export const LARGEST_MESSAGE = 8 * 1024 * 1024;
