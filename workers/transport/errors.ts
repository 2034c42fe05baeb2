/** What can go wrong between processes. `tag` is stable: scripts rely on it. */
export type TransportErrorTag =
  | 'NoAnswer'
  | 'Disconnected'
  | 'BadSubject'
  | 'MessageTooLarge'
  | 'NotPermitted'
  | 'TransportFailed'
  | 'BadAddress'
  | 'BadCredentials'
  | 'Unreachable'
  | 'NotAuthorized'
  | 'JetStreamMissing'
  | 'LedgerMismatch'
  | 'OtherCluster'
  | 'RecordDamaged'
  | 'InvalidKey'
  | 'BrokerMissing'
  | 'BrokerFailed';

/** An error with a stable tag; the message says what was wrong, the value, and the cure. */
export class TransportError extends Error {
  readonly tag: TransportErrorTag;

  constructor(tag: TransportErrorTag, message: string, cause?: unknown) {
    super(`${tag}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = tag;
    this.tag = tag;
  }
}

export const tooLarge = (subject: string, bytes: number, largest: number): TransportError =>
  new TransportError(
    'MessageTooLarge',
    `${bytes} bytes to ${subject}, more than the ${largest} that a message may have. Send it in parts, or put it in a store and send its key; a server of one's own may allow more with max_payload.`,
  );

export const noAnswer = (action: string, why: string, cause?: unknown): TransportError =>
  new TransportError('NoAnswer', `${action}: ${why}. Ask again, or somebody else.`, cause);

export const disconnected = (action: string): TransportError =>
  new TransportError(
    'Disconnected',
    `${action}: the link is down. It comes back by itself; ask again then. What was under way may have happened or not.`,
  );
