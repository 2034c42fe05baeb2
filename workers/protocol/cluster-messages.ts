import { pack, unpack } from 'msgpackr';
import type {
  ClusterJob,
  Cut,
  Failed,
  HandIn,
  Heartbeat,
  Member,
  NodeStatus,
  RunRecord,
  RunReport,
  Taken,
} from './cluster.ts';
import { isName } from './cluster-subjects.ts';
import { crc32 } from './crc32.ts';
import {
  isHistory,
  isNodeEntry,
  isNodeSession,
  isSegmentWork,
  NO_HISTORY,
  type NodeEntry,
  sessionOf,
} from './metering.ts';

/** What a node asks of the coordinator that leads, and those who submit. */
export type LeaderRequest =
  | HandIn
  | Failed
  /** Keep these bytes, whose SHA-256 is `hash`. */
  | { readonly type: 'store'; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly type: 'fetch'; readonly hash: string }
  /** Records of runs that go on, and of those named, without their history; the page after a run's. */
  | { readonly type: 'records'; readonly runs: readonly string[]; readonly after?: string }
  | { readonly type: 'submit'; readonly record: RunRecord }
  | { readonly type: 'cancel'; readonly run: string }
  /** What cuts up to this step are needed for is stored elsewhere: they may go. */
  | { readonly type: 'collected'; readonly run: string; readonly step: number }
  | { readonly type: 'drain'; readonly node: string }
  /** Nodes, then whole records: the page after the one that ended with this. */
  | { readonly type: 'status'; readonly after?: string };

export type LeaderReply =
  | Taken
  /** Of what was handed in the store has not these, whatever it had before: they are to be stored, and it handed in again. */
  | (Omit<Taken, 'type'> & { readonly type: 'missing'; readonly hashes: readonly string[] })
  | { readonly type: 'stored' }
  | { readonly type: 'fetched'; readonly bytes?: Uint8Array }
  | { readonly type: 'records'; readonly records: readonly RunRecord[]; readonly next?: string }
  | { readonly type: 'submitted' }
  | { readonly type: 'done' }
  | {
      readonly type: 'status';
      readonly nodes: readonly NodeStatus[];
      readonly records: readonly RunRecord[];
      /** What the next page is asked for with; left out at the end. */
      readonly next?: string;
    }
  | { readonly type: 'refused'; readonly message: string };

/** An ask for a halo. */
export interface Ask {
  readonly epoch: number;
  readonly from: number;
  readonly round: number;
}

/** Bytes of the CRC-32 at the end of each message, little-endian. */
export const SEAL = 4;

/** A message with the CRC-32 of its bytes behind them. */
export function sealed(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + SEAL);
  bytes.set(body);
  new DataView(bytes.buffer).setUint32(body.length, crc32(body), true);
  return bytes;
}

export const packCluster = (
  message: LeaderRequest | LeaderReply | Heartbeat | RunRecord | NodeStatus | NodeEntry | Ask,
): Uint8Array => sealed(pack(message));

/** Limits of what a message may hold. */
const MOST_TILES = 100_000;
const MOST_RUNS = 1000;
/** Steps at which a state is wanted, and cuts that wait to be collected: with more of them a run waits. */
export const MOST_DUE = 100_000;
export const MOST_TRAIL = 500;
const MOST_MEMBERS = 10_000;
const MOST_TEXT = 4 << 20;
/** Letters of the reason for which a run or a node fails, in a record. */
const MOST_REASON = 4000;
/** Letters of a device's name. */
export const MOST_DEVICE_NAME = 200;
/** A node that wants to be waited for longer is as good as gone [ms]. */
const MOST_PATIENCE = 60_000;

type Unknown = Readonly<Record<string, unknown>>;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isText = (value: unknown, most = MOST_TEXT): value is string => typeof value === 'string' && value.length <= most;
const isList = (value: unknown, most: number, of: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= most && value.every(of);
const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isDeviceName = (value: unknown): boolean => isText(value, MOST_DEVICE_NAME) && value.length > 0;
const isMember = (value: unknown): value is Member =>
  isObject(value) &&
  isName(value.node) &&
  isCount(value.incarnation) &&
  (value.device === undefined || isDeviceName(value.device));
/** What is known of a member, and nothing else: it goes into records, which have to fit into a message. */
const memberOf = ({ node, incarnation, device }: Member): Member => ({
  ...{ node, incarnation },
  ...(device === undefined ? {} : { device }),
});
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

export function unsealed(bytes: Uint8Array): unknown {
  if (bytes.length <= SEAL) return undefined;
  const body = bytes.subarray(0, bytes.length - SEAL);
  const seal = new DataView(bytes.buffer, bytes.byteOffset + body.length, SEAL).getUint32(0, true);
  if (seal !== crc32(body)) return undefined;
  try {
    return unpack(body);
  } catch {
    return undefined;
  }
}

const isReport = (value: unknown): value is RunReport =>
  isObject(value) &&
  isName(value.run) &&
  isCount(value.epoch) &&
  isCount(value.step) &&
  typeof value.prepares === 'boolean';

/** Undefined for anything else. */
export function readHeartbeat(bytes: Uint8Array): Heartbeat | undefined {
  const found = unsealed(bytes);
  const ok =
    isObject(found) &&
    found.type === 'heartbeat' &&
    isMember(found.member) &&
    Number.isFinite(found.speed) &&
    (found.speed as number) >= 0 &&
    typeof found.draining === 'boolean' &&
    isCount(found.patience) &&
    found.patience <= MOST_PATIENCE &&
    isList(found.runs, MOST_RUNS, isReport) &&
    isNodeSession(found.session);
  if (!ok) return undefined;
  const { type, member, speed, draining, patience, runs, session } = found as unknown as Heartbeat;
  return { type, member: memberOf(member), speed, draining, patience, runs, session: sessionOf(session) };
}

const STATES: readonly unknown[] = ['queued', 'running', 'finished', 'failed', 'cancelled'];

function isShape(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { panels, cellsX, cellsY, tileX, tileY, width, hashed, others } = value;
  const counts = [panels, cellsX, cellsY, tileX, tileY, hashed];
  if (!counts.every((count) => isCount(count) && count > 0) || !isCount(others)) return false;
  return (
    (width === 4 || width === 8) &&
    Number.isInteger((cellsX as number) / (tileX as number)) &&
    Number.isInteger((cellsY as number) / (tileY as number))
  );
}

function isRecord(value: unknown): value is RunRecord {
  if (!isObject(value)) return false;
  const { run, owner, job, state, message, steps, cutEvery, epoch, members, owners, curve, cut, hold, stateHash } =
    value;
  if (stateHash !== undefined && !isHash(stateHash)) return false;
  if (!isShape(value.shape)) return false;
  if (!isName(run) || !isName(owner) || !isText(job) || !STATES.includes(state)) return false;
  if (message !== undefined && !isText(message)) return false;
  if (!isCount(steps) || !isCount(cutEvery) || cutEvery === 0 || !isCount(epoch)) return false;
  if (hold !== undefined && !isCount(hold)) return false;
  if ([value.fence, value.accepted].some((count) => count !== undefined && !isCount(count))) return false;
  if (!isList(members, MOST_MEMBERS, isMember) || !isList(curve, MOST_TILES, isCount)) return false;
  const isPlace = (item: unknown) => isCount(item) && item < (members as unknown[]).length;
  if (!isList(owners, MOST_TILES, isPlace)) return false;
  const tiles = (curve as unknown[]).length;
  if (!isCount(value.operations) || value.operations === 0) return false;
  if (
    value.firstAccepted !== undefined &&
    !(Number.isFinite(value.firstAccepted) && (value.firstAccepted as number) >= 0)
  )
    return false;
  const step = isObject(cut) && isCount(cut.step) ? cut.step : 0;
  const accepted = value.accepted === undefined ? step : (value.accepted as number);
  if (accepted < step || !isHistory(value.history, tiles, epoch, accepted)) return false;
  if ((owners as unknown[]).length !== 0 && (owners as unknown[]).length !== tiles) return false;
  if (value.followed !== undefined && !isFollowed(value.followed)) return false;
  if (value.tolerance !== undefined && !isTolerance(value.tolerance)) return false;
  return cut === undefined || (isCut(cut) && cut.tiles.length === tiles);
}

const isCut = (value: unknown): value is Cut =>
  isObject(value) &&
  isCount(value.step) &&
  isList(value.tiles, MOST_TILES, isHash) &&
  (value.reports === undefined || isList(value.reports, MOST_MEMBERS, isHash));

const isMark = (value: unknown): boolean => isObject(value) && isCount(value.step) && isHash(value.cut);

const isFollowed = (value: unknown): boolean =>
  isObject(value) &&
  isList(value.due, MOST_DUE, isCount) &&
  isList(value.trail, MOST_TRAIL, isMark) &&
  (value.collected === undefined || isCount(value.collected));

const isTolerance = (value: unknown): boolean => isObject(value) && isList(value.devices, MOST_MEMBERS, isDeviceName);

/** A cut as it is kept in the store until it has been collected. */
export const packCut = (cut: Cut): Uint8Array => sealed(pack(cut));

/** Undefined for anything else. */
export function readCut(bytes: Uint8Array): Cut | undefined {
  const found = unsealed(bytes);
  return isCut(found) ? found : undefined;
}

/** Whether a record is that of a run which nothing has happened to yet, and whole. */
export function isNewRecord(record: RunRecord): boolean {
  const { state, epoch, members, owners, steps, curve, shape, history, ...rest } = record;
  const tiles = (shape.panels * shape.cellsX * shape.cellsY) / (shape.tileX * shape.tileY);
  const isBare = ['cut', 'hold', 'fence', 'accepted', 'message', 'stateHash', 'firstAccepted'].every(
    (key) => !(key in rest),
  );
  const isOrder = curve.length === tiles && new Set(curve).size === tiles && curve.every((tile) => tile < tiles);
  const isUntouched = history.carried.epochs + history.carried.shares.length + history.segments.length === 0;
  const isUncollected =
    !record.followed || (record.followed.trail.length === 0 && record.followed.collected === undefined);
  const isQueued = state === 'queued' && epoch === 0 && members.length + owners.length === 0;
  const isOfNoDevice = !record.tolerance || record.tolerance.devices.length === 0;
  return isQueued && steps > 0 && isBare && isOrder && isUntouched && isUncollected && isOfNoDevice;
}

/** Undefined for anything else. */
export function readRecord(bytes: Uint8Array): RunRecord | undefined {
  const found = unsealed(bytes);
  return isRecord(found) ? found : undefined;
}

/** The record as nodes are told it: without what is only for whoever follows the run. */
export function forNodes(record: RunRecord): RunRecord {
  const { followed } = record;
  return { ...withoutShares(record), ...(followed ? { followed: { due: followed.due, trail: [] } } : {}) };
}

/**
 * The record as those who wait are told it: of its history the last two epochs, and nobody's share in them, since
 * it would grow every message.
 */
export function withoutShares(record: RunRecord): RunRecord {
  const segments = record.history.segments.slice(-2).map(({ epoch, from, to }) => ({ epoch, from, to, shares: [] }));
  const to = segments[0]?.from ?? record.history.carried.to;
  return { ...record, history: { carried: { ...NO_HISTORY.carried, to }, segments } };
}

/** Undefined for anything else. */
export function readNodeEntry(bytes: Uint8Array): NodeEntry | undefined {
  const found = unsealed(bytes);
  return isNodeEntry(found) ? found : undefined;
}

/** The job of a record. Throws BadJob. */
export function readJob({ job }: Pick<RunRecord, 'job'>): ClusterJob {
  let found: unknown;
  try {
    found = JSON.parse(job);
  } catch {
    found = undefined;
  }
  const ok =
    isObject(found) &&
    isText(found.scenario) &&
    isList(found.set, 1000, (item) => isText(item)) &&
    typeof found.small === 'boolean' &&
    isHash(found.identity) &&
    isHash(found.kernelHash);
  if (!ok) throw new Error(`BadJob: ${job.slice(0, 80)} says not what to run. Submit it again with this Terrella.`);
  return found as unknown as ClusterJob;
}

const isNodeStatus = (value: unknown): boolean =>
  isObject(value) &&
  isMember(value.member) &&
  Number.isFinite(value.silent) &&
  Number.isFinite(value.patience) &&
  Number.isFinite(value.speed) &&
  typeof value.draining === 'boolean' &&
  typeof value.prepares === 'boolean' &&
  isNodeSession(value.session) &&
  Number.isFinite(value.offeredSeconds);

/** Where a page of the status ends: a node, or a run. */
const isPlace = (value: unknown): boolean => {
  const [kind, name, ...more] = typeof value === 'string' ? value.split('/') : [];
  return (kind === 'node' || kind === 'run') && isName(name) && more.length === 0;
};

/** Undefined for anything else. */
export function readAsk(bytes: Uint8Array): Ask | undefined {
  const found = unsealed(bytes);
  return isObject(found) && isCount(found.epoch) && isCount(found.from) && isCount(found.round)
    ? (found as unknown as Ask)
    : undefined;
}

const isTilePart = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isCount(value[0]) && isHash(value[1]);

/** Undefined for anything else. */
export function readLeaderRequest(bytes: Uint8Array): LeaderRequest | undefined {
  const found = unsealed(bytes);
  if (!isObject(found)) return undefined;
  const isOfRun = () => isName(found.run) && isCount(found.epoch) && isMember(found.member);
  const isRight = (): boolean => {
    switch (found.type) {
      case 'hand-in':
        return (
          isOfRun() &&
          isCount(found.step) &&
          isList(found.tiles, MOST_TILES, isTilePart) &&
          isList(found.busy, MOST_TILES, isCount) &&
          (found.report === undefined || isHash(found.report)) &&
          isSegmentWork(found.work)
        );
      case 'failed':
        return isOfRun() && (found.of === 'run' || found.of === 'node') && isText(found.message);
      case 'store':
        return isHash(found.hash) && isBytes(found.bytes);
      case 'fetch':
        return isHash(found.hash);
      case 'records':
        return isList(found.runs, MOST_RUNS, isName) && (found.after === undefined || isName(found.after));
      case 'submit':
        return isRecord(found.record);
      case 'cancel':
        return isName(found.run);
      case 'collected':
        return isName(found.run) && isCount(found.step);
      case 'drain':
        return isName(found.node);
      case 'status':
        return found.after === undefined || isPlace(found.after);
      default:
        return false;
    }
  };
  if (!isRight()) return undefined;
  const request = found as unknown as LeaderRequest;
  switch (request.type) {
    case 'hand-in':
      return { ...request, member: memberOf(request.member) };
    case 'failed':
      return { ...request, member: memberOf(request.member), message: request.message.slice(0, MOST_REASON) };
    default:
      return request;
  }
}

/** Undefined for anything else. */
export function readLeaderReply(bytes: Uint8Array): LeaderReply | undefined {
  const found = unsealed(bytes);
  if (!isObject(found)) return undefined;
  const isRight = (): boolean => {
    switch (found.type) {
      case 'taken':
        return isName(found.run) && isCount(found.epoch) && isCount(found.step);
      case 'missing':
        return (
          isName(found.run) && isCount(found.epoch) && isCount(found.step) && isList(found.hashes, MOST_TILES, isHash)
        );
      case 'stored':
      case 'submitted':
      case 'done':
        return true;
      case 'status':
        return (
          isList(found.nodes, MOST_MEMBERS, isNodeStatus) &&
          isList(found.records, MOST_RUNS, isRecord) &&
          (found.next === undefined || isPlace(found.next))
        );
      case 'fetched':
        return found.bytes === undefined || isBytes(found.bytes);
      case 'records':
        return isList(found.records, MOST_RUNS, isRecord) && (found.next === undefined || isName(found.next));
      case 'refused':
        return isText(found.message);
      default:
        return false;
    }
  };
  return isRight() ? (found as unknown as LeaderReply) : undefined;
}
