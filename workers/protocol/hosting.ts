import { pack, unpack } from 'msgpackr';

/**
 * What travels between a page that hosts shards of a cluster's runs and the gateway, which speaks to the broker for it. A
 * page has no credentials: the gateway gives it a name, and passes on what a node of that name may say and hear.
 */
export const HOSTING_PATH = '/host';
export const HOSTING_SUBPROTOCOL = 'terrella.hosting.1';

/** Letters of a subject. */
const LONGEST_SUBJECT = 512;
/** Letters of a job, a whole scenario perhaps, and of a recipe. */
const LONGEST_TEXT = 4 << 20;
/** A page that waits longer for an answer asks again [ms]. */
const LONGEST_WAIT = 60_000;

export type FromPage =
  | { readonly type: 'publish'; readonly subject: string; readonly bytes: Uint8Array }
  | {
      readonly type: 'request';
      readonly id: number;
      readonly subject: string;
      readonly bytes: Uint8Array;
      /** Of waiting for the answer [ms]. */
      readonly timeout: number;
    }
  /** Wants to know what the job of a run is made from, see `recipe.ts`: a page has no files of its own. */
  | { readonly type: 'recipe'; readonly id: number; readonly job: string };

export type ToPage =
  /** The first message: who the page is from now on. */
  | { readonly type: 'welcome'; readonly node: string; readonly incarnation: number; readonly largestMessage: number }
  | { readonly type: 'message'; readonly subject: string; readonly bytes: Uint8Array }
  | { readonly type: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  /** A `Recipe` as JSON, whose files lie beside the page from now on. */
  | { readonly type: 'recipe'; readonly id: number; readonly recipe: string }
  /** A request that has no answer, and why: the tag of a `TransportError`. */
  | { readonly type: 'unanswered'; readonly id: number; readonly tag: string; readonly message: string }
  /** Of the gateway's own link to the broker. */
  | { readonly type: 'link'; readonly link: 'up' | 'down' };

/** Why the gateway ends the connection of a page. */
export const HOSTING_CLOSE = {
  /** The gateway ends. */
  goingAway: 1001,
  tooLarge: 1009,
  /** What it sent was no message, or none that its node may send. */
  protocol: 4400,
  tooManyMessages: 4429,
  /** As many pages as may host shards do so already. */
  full: 4503,
  /** It takes what others send more slowly than they do. */
  tooSlow: 4508,
} as const;

export const packHosting = (message: FromPage | ToPage): Uint8Array => pack(message);

type Unknown = Readonly<Record<string, unknown>>;

function unpacked(bytes: Uint8Array): Unknown | undefined {
  try {
    const found: unknown = unpack(bytes);
    return typeof found === 'object' && found !== null ? (found as Unknown) : undefined;
  } catch {
    return undefined;
  }
}

const isSubject = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST_SUBJECT;
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** Undefined for anything else. */
export function readFromPage(bytes: Uint8Array): FromPage | undefined {
  const found = unpacked(bytes);
  if (found?.type === 'recipe') {
    const { type, id, job } = found;
    return isCount(id) && isText(job) ? { type, id, job } : undefined;
  }
  if (!found || !isSubject(found.subject) || !isBytes(found.bytes)) return undefined;
  const { type, subject, bytes: body, id, timeout } = found;
  if (type === 'publish') return { type, subject, bytes: body };
  if (type !== 'request' || !isCount(id)) return undefined;
  const isTime = Number.isFinite(timeout) && (timeout as number) > 0 && (timeout as number) <= LONGEST_WAIT;
  return isTime ? { type, id, subject, bytes: body, timeout: timeout as number } : undefined;
}

/** Undefined for anything else. */
export function readToPage(bytes: Uint8Array): ToPage | undefined {
  const found = unpacked(bytes);
  if (!found) return undefined;
  switch (found.type) {
    case 'welcome': {
      const { type, node, incarnation, largestMessage } = found;
      return isSubject(node) && isCount(incarnation) && isCount(largestMessage)
        ? { type, node, incarnation, largestMessage }
        : undefined;
    }
    case 'message': {
      const { type, subject, bytes: body } = found;
      return isSubject(subject) && isBytes(body) ? { type, subject, bytes: body } : undefined;
    }
    case 'answer': {
      const { type, id, bytes: body } = found;
      return isCount(id) && isBytes(body) ? { type, id, bytes: body } : undefined;
    }
    case 'recipe': {
      const { type, id, recipe } = found;
      return isCount(id) && isText(recipe) ? { type, id, recipe } : undefined;
    }
    case 'unanswered': {
      const { type, id, tag, message } = found;
      return isCount(id) && typeof tag === 'string' && typeof message === 'string'
        ? { type, id, tag, message }
        : undefined;
    }
    case 'link':
      return found.link === 'up' || found.link === 'down' ? { type: 'link', link: found.link } : undefined;
    default:
      return undefined;
  }
}
