import type { NodeId } from './cluster.ts';

/** What a member says of its work on the way to one cut: its own word, which nobody else can measure. */
export interface SegmentWork {
  readonly threads: number;
  /** Wall time that was no waiting [s]. */
  readonly computeSeconds: number;
  /** Wall time in which its threads had nothing to do until halos came [s]. */
  readonly waitSeconds: number;
  /** Bytes of halos, those said again among them. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Sums of what a member has said of work that was accepted; seconds and bytes as in `SegmentWork`. */
export interface ClaimedWork extends Omit<SegmentWork, 'threads'> {
  /** Compute seconds times threads. */
  readonly threadSeconds: number;
}

/** What a member has done in an epoch. */
export interface Share {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly tiles: number;
  readonly claimed: ClaimedWork;
}

/** How an epoch ended. */
export interface SegmentEnd {
  readonly reason: string;
  /** Steps that a member had done and that are to be done again: those beyond the last cut, or beyond the one gone back to. */
  readonly lost: number;
}

/** An epoch of a run: work that is accepted, since the ledger holds the cut that it ends with. */
export interface Segment {
  readonly epoch: number;
  /** Steps: those after `from`, up to `to`, are accepted. */
  readonly from: number;
  readonly to: number;
  /** Of members that own tiles. */
  readonly shares: readonly Share[];
  readonly ended?: SegmentEnd;
}

/** What a node has done in epochs that are kept as sums alone. */
export interface CarriedShare {
  readonly node: NodeId;
  /** Tiles times steps. */
  readonly tileSteps: number;
  readonly claimed: ClaimedWork;
}

/**
 * Who has done which part of a run. Each step of each tile is in it once: every segment begins where the one before ends.
 * What was accepted stays so: where the store has lost a cut, and the run has gone back to an older one, steps that are
 * computed again are nobody's, and the history is ahead of the cut until they are done.
 */
export interface WorkHistory {
  /** The oldest epochs, so many, up to a step: a total for each node. */
  readonly carried: { readonly epochs: number; readonly to: number; readonly shares: readonly CarriedShare[] };
  readonly segments: readonly Segment[];
}

export const NO_HISTORY: WorkHistory = { carried: { epochs: 0, to: 0, shares: [] }, segments: [] };

/** Where a node stands, in degrees. */
export interface NodePlace {
  readonly longitude: number;
  readonly latitude: number;
}

/** What a node says of itself and of its way to the leader: its own word. */
export interface NodeSession {
  readonly threads: number;
  /** Where its operator says that it stands. */
  readonly place?: NodePlace;
  /** Median and 95th percentile of its latest requests' round trips to the leader [ms]. */
  readonly roundTrip?: { readonly p50: number; readonly p95: number };
}

/** What the ledger keeps of a node. */
export interface NodeEntry {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly threads: number;
  /** Thread-seconds that it was there for, all its processes together: heard by the leader, times threads. */
  readonly offeredSeconds: number;
  /** Whether this process is to be relieved of its tiles, whatever it says itself. */
  readonly drained: boolean;
}

/** Node under which those are summed that are too many to be kept each by name. */
export const FURTHER_NODES = '*';

/** Limits of what a history may hold. */
const MOST_SEGMENTS = 1000;
const MOST_SHARES = 20_000;
/** No process has computed for longer [s], nor sent more [bytes]. */
const MOST_SECONDS = 1e10;
const MOST_BYTES = 1e18;
const MOST_THREADS = 65_536;

type Unknown = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown, most: number): boolean =>
  typeof value === 'number' && value >= 0 && value <= most && Number.isFinite(value);
const isThreads = (value: unknown): boolean => isCount(value) && value > 0 && value <= MOST_THREADS;
const isWord = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);

const isMeasured = ({ computeSeconds, waitSeconds, bytesSent, bytesReceived }: Unknown): boolean =>
  [computeSeconds, waitSeconds].every((seconds) => isAmount(seconds, MOST_SECONDS)) &&
  [bytesSent, bytesReceived].every((bytes) => isAmount(bytes, MOST_BYTES));

export const isSegmentWork = (value: unknown): value is SegmentWork =>
  isObject(value) && isThreads(value.threads) && isMeasured(value);

export const isNodePlace = (value: unknown): value is NodePlace =>
  isObject(value) &&
  typeof value.longitude === 'number' &&
  Math.abs(value.longitude) <= 180 &&
  typeof value.latitude === 'number' &&
  Math.abs(value.latitude) <= 90;

export const isNodeSession = (value: unknown): value is NodeSession =>
  isObject(value) &&
  isThreads(value.threads) &&
  (value.place === undefined || isNodePlace(value.place)) &&
  (value.roundTrip === undefined ||
    (isObject(value.roundTrip) &&
      [value.roundTrip.p50, value.roundTrip.p95].every((milliseconds) => isAmount(milliseconds, MOST_SECONDS))));

/** What is known of a session, and nothing else that somebody may have put in. */
export const sessionOf = ({ threads, place, roundTrip }: NodeSession): NodeSession => ({
  threads,
  ...(place ? { place: { longitude: place.longitude, latitude: place.latitude } } : {}),
  ...(roundTrip ? { roundTrip: { p50: roundTrip.p50, p95: roundTrip.p95 } } : {}),
});

export const isNodeEntry = (value: unknown): value is NodeEntry =>
  isObject(value) &&
  isWord(value.node) &&
  isCount(value.incarnation) &&
  isThreads(value.threads) &&
  isAmount(value.offeredSeconds, MOST_SECONDS * MOST_THREADS) &&
  typeof value.drained === 'boolean';

const isClaimed = (value: unknown): boolean =>
  isObject(value) && isMeasured(value) && isAmount(value.threadSeconds, MOST_SECONDS * MOST_THREADS);

const isShare = (value: unknown): value is Share =>
  isObject(value) &&
  isWord(value.node) &&
  isCount(value.incarnation) &&
  isCount(value.tiles) &&
  value.tiles > 0 &&
  isClaimed(value.claimed);

const isCarriedShare = (value: unknown): value is CarriedShare =>
  isObject(value) &&
  (isWord(value.node) || value.node === FURTHER_NODES) &&
  isCount(value.tileSteps) &&
  isClaimed(value.claimed);

const isEnd = (value: unknown): boolean =>
  isObject(value) && typeof value.reason === 'string' && value.reason.length <= 1000 && isCount(value.lost);

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Whether all of a run's tiles are shared out, or, as nodes are told it, none are named. */
function isSegment(value: unknown, tiles: number): value is Segment {
  if (!isObject(value) || !isCount(value.epoch) || !isCount(value.from) || !isCount(value.to)) return false;
  const { shares, ended } = value;
  if (value.to < value.from || (ended !== undefined && !isEnd(ended))) return false;
  if (!Array.isArray(shares) || shares.length > MOST_SHARES || !shares.every(isShare)) return false;
  return shares.length === 0 || sum(shares.map((share) => share.tiles)) === tiles;
}

/** Whether a history is whole: each step of each of so many tiles, up to the last that was accepted, is somebody's, and once. */
export function isHistory(value: unknown, tiles: number, epoch: number, step: number): value is WorkHistory {
  if (!isObject(value) || !isObject(value.carried) || !Array.isArray(value.segments)) return false;
  const { epochs, to, shares } = value.carried;
  if (!isCount(epochs) || !isCount(to) || !Array.isArray(shares) || shares.length > MOST_SHARES) return false;
  if (!shares.every(isCarriedShare)) return false;
  if (shares.length > 0 && sum(shares.map(({ tileSteps }) => tileSteps)) !== to * tiles) return false;
  const { segments } = value;
  if (segments.length > MOST_SEGMENTS || !segments.every((segment) => isSegment(segment, tiles))) return false;
  const ends = [to, ...segments.map((segment) => segment.to)];
  const follows = segments.every(
    (segment, k) => segment.from === ends[k] && (k === 0 || segment.epoch > segments[k - 1]!.epoch),
  );
  return follows && ends.at(-1) === step && (segments.at(-1)?.epoch ?? 0) === epoch;
}
