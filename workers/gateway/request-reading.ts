import type { Request } from '../protocol/viewing.ts';

type Check = (value: unknown) => boolean;

const text =
  (longest: number): Check =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= longest;
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const between =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
/** Different whole numbers from 0 on, in their order. */
const ascending =
  (largest: number, most: number): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length <= most &&
    value.every((one, k) => Number.isInteger(one) && one <= largest && one > (k === 0 ? -1 : value[k - 1]));

const id = whole(0, 2 ** 32);
const name = text(200);
/** One that is missing is as good as a wrong one, and is refused as such. */
const token: Check = (value) => value == null || (typeof value === 'string' && value.length <= 200);
const truth: Check = (value) => typeof value === 'boolean';
const seconds = optional(between(-1e12, 1e12));
const tiles = optional(ascending(1e6, 10_000));
/** Degrees, or metres on a plane. */
const coordinate = between(-1e9, 1e9);

type Checks<R> = { readonly [K in Exclude<keyof R, 'type'>]-?: Check };
type RequestOf<T extends Request['type']> = Extract<Request, { readonly type: T }>;

/** What each request must have, and what its parts may be. */
const REQUESTS: { readonly [T in Request['type']]: Checks<RequestOf<T>> } = {
  open: { run: name },
  watch: { id, run: name, field: name, level: whole(0, 30), credits: whole(0, 1000), tiles },
  credit: { id, frames: whole(1, 1000) },
  unwatch: { id },
  frame: { id, run: name, field: name, level: whole(0, 30), seconds, tiles },
  probe: { id, run: name, field: name, longitude: coordinate, latitude: coordinate, seconds },
  stations: { run: name },
  operations: { isWanted: truth },
  control: { id, token, run: name, action: oneOf('pause', 'resume', 'stop') },
  speed: { id, token, run: name, limit: optional(between(1e-6, 1e12)) },
  start: { id, token, scenario: text(256 * 1024), variantOf: optional(name) },
  'what-if': { id, run: name, longitude: coordinate, latitude: coordinate, magnitude: between(0, 20) },
};

export type ReadRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly id: number | undefined; readonly message: string };

/** A message from outside as a request: every part checked, whatever else came with it left out. */
export function readRequest(message: unknown): ReadRequest {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return { ok: false, id: undefined, message: 'a message is a map with a type. See workers/protocol/viewing.ts.' };
  const parts = message as Readonly<Record<string, unknown>>;
  const known = id(parts.id) ? (parts.id as number) : undefined;
  const type = parts.type;
  if (typeof type !== 'string' || !Object.hasOwn(REQUESTS, type)) {
    const shown = typeof type === 'string' ? `"${type.slice(0, 40)}"` : 'no word';
    return { ok: false, id: known, message: `its type is ${shown}. Use one of ${Object.keys(REQUESTS).join(', ')}.` };
  }
  const checks: Readonly<Record<string, Check>> = REQUESTS[type as Request['type']];
  const wrong = Object.keys(checks).filter((part) => !checks[part]!(parts[part]));
  if (wrong.length > 0)
    return { ok: false, id: known, message: `${type}: ${wrong.join(', ')} cannot be read. Check form and range.` };
  const kept = Object.keys(checks).flatMap((part) => (parts[part] == null ? [] : [[part, parts[part]] as const]));
  return { ok: true, request: { type, ...Object.fromEntries(kept) } as Request };
}
