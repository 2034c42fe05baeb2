import type { Heartbeat, NodeId } from '../protocol/cluster.ts';
import type { NodeEntry, NodeSession } from '../protocol/metering.ts';

/**
 * What the leader keeps of each node in the ledger, as a pure machine: for how long it has offered its threads, and whether
 * it was told to drain. Time is added to the ledger's entry every few seconds; a new leader goes on from there.
 */

/** Time between two writes of a node's entry [ms]. */
const WRITE_EVERY = 10_000;
/** Writes that begin at one tick: all nodes of a large cluster must not press the ledger at once. */
const MOST_WRITES = 4;
/** Silence that is still presence [ms]; as long as a node is waited for. */
const PRESENT = 800;
const MOST_NODES = 10_000;

export interface StoredEntry {
  readonly entry: NodeEntry;
  readonly revision: number;
}

interface Session {
  readonly incarnation: number;
  readonly session: NodeSession;
  readonly heard: number;
  readonly patience: number;
  /** The ledger's entry; `none` where it has none, undefined before it has been read. */
  readonly stored: StoredEntry | 'none' | undefined;
  /** Thread-seconds offered that the ledger's entry has not. */
  readonly pending: number;
  readonly drained: boolean;
  /** The entry on its way to the ledger, and how much of `pending` is in it. */
  readonly writing: { readonly entry: NodeEntry; readonly pending: number } | undefined;
  readonly written: number;
}

export interface SessionsState {
  readonly now: number;
  readonly leads: boolean;
  readonly nodes: ReadonlyMap<NodeId, Session>;
}

export type SessionsEvent =
  | { readonly type: 'tick'; readonly now: number }
  | Heartbeat
  | { readonly type: 'leading'; readonly entries: readonly StoredEntry[] }
  | { readonly type: 'following' }
  | { readonly type: 'drain'; readonly node: NodeId }
  | { readonly type: 'written'; readonly node: NodeId; readonly revision: number }
  /** What the ledger holds, perhaps written by another. */
  | { readonly type: 'found'; readonly node: NodeId; readonly stored: StoredEntry | undefined }
  /** It may or may not have been written. */
  | { readonly type: 'unwritten'; readonly node: NodeId };

export type SessionsCommand =
  | { readonly type: 'read'; readonly node: NodeId }
  /** Without a revision the entry is new. */
  | { readonly type: 'write'; readonly entry: NodeEntry; readonly revision: number | undefined }
  /** The ledger holds that this process is to drain. */
  | { readonly type: 'drained'; readonly node: NodeId; readonly incarnation: number };

type Step = readonly [SessionsState, readonly SessionsCommand[]];

export const newSessions = (): SessionsState => ({ now: 0, leads: false, nodes: new Map() });

export function onSessionsEvent(state: SessionsState, event: SessionsEvent): Step {
  switch (event.type) {
    case 'tick':
      return due({ ...state, now: event.now });
    case 'heartbeat':
      return heard(state, event);
    case 'leading':
      return leading(state, event.entries);
    case 'following':
      return [{ ...state, leads: false, nodes: new Map() }, []];
    case 'drain': {
      const known = state.nodes.get(event.node);
      if (!known) return [state, []];
      const { node } = event;
      return isHeld(known)
        ? [state, [{ type: 'drained', node, incarnation: known.incarnation }]]
        : due(withNode(state, node, { ...known, drained: true }));
    }
    case 'written': {
      const known = state.nodes.get(event.node);
      if (!known?.writing) return [state, []];
      return settled(state, event.node, known, { entry: known.writing.entry, revision: event.revision }, true);
    }
    case 'found': {
      const known = state.nodes.get(event.node);
      if (!known) return [state, []];
      const { stored } = event;
      // An answer that was lost: what is there is what was to be written.
      const isOwn = stored !== undefined && known.writing !== undefined && isSame(stored.entry, known.writing.entry);
      return settled(state, event.node, known, stored, isOwn);
    }
    case 'unwritten': {
      const known = state.nodes.get(event.node);
      return [state, known ? [{ type: 'read', node: event.node }] : []];
    }
  }
}

/** Thread-seconds that a node has offered in all, so far as this leader knows. */
export function offeredBy({ nodes }: SessionsState, node: NodeId): number {
  const known = nodes.get(node);
  if (!known) return 0;
  return (typeof known.stored === 'object' ? known.stored.entry.offeredSeconds : 0) + known.pending;
}

const withNode = (state: SessionsState, node: NodeId, session: Session): SessionsState => ({
  ...state,
  nodes: new Map(state.nodes).set(node, session),
});

const isSame = (a: NodeEntry, b: NodeEntry): boolean =>
  a.incarnation === b.incarnation &&
  a.threads === b.threads &&
  a.offeredSeconds === b.offeredSeconds &&
  a.drained === b.drained;

function heard(state: SessionsState, { member, session, patience: asked }: Heartbeat): Step {
  const { node, incarnation } = member;
  const before = state.nodes.get(node);
  if (!state.leads || (!before && state.nodes.size >= MOST_NODES)) return [state, []];
  if (before && before.incarnation > incarnation) return [state, []];
  const patience = Math.max(PRESENT, asked);
  const facts = { incarnation, session, heard: state.now, patience };
  if (!before) {
    const begun: Session = {
      ...{ ...facts, stored: undefined, pending: 0, drained: false, writing: undefined, written: state.now },
    };
    return [withNode(state, node, begun), [{ type: 'read', node }]];
  }
  const isSameProcess = before.incarnation === incarnation;
  const gap = state.now - before.heard;
  const offered = isSameProcess && gap <= before.patience ? (gap / 1000) * before.session.threads : 0;
  const drained = isSameProcess && before.drained;
  const next = withNode(state, node, { ...before, ...facts, drained, pending: before.pending + offered });
  // After a long silence whoever places tiles may have forgotten it.
  const wasAway = drained && gap > before.patience && isHeld(before);
  return [next, wasAway ? [{ type: 'drained', node, incarnation }] : []];
}

function leading(state: SessionsState, entries: readonly StoredEntry[]): Step {
  const nodes = new Map<NodeId, Session>();
  for (const stored of entries.slice(0, MOST_NODES)) {
    const { node, incarnation, threads, drained } = stored.entry;
    const never = Number.NEGATIVE_INFINITY;
    const facts = { incarnation, session: { threads }, heard: never, patience: 0, stored, pending: 0, drained };
    nodes.set(node, { ...facts, writing: undefined, written: state.now });
  }
  const told = entries.filter(({ entry }) => entry.drained).map(({ entry }) => drainedOf(entry));
  return [{ ...state, leads: true, nodes }, told];
}

/** Whether the ledger has it that this very process is to drain. */
const isHeld = ({ stored, incarnation }: Session): boolean =>
  typeof stored === 'object' && stored.entry.drained && stored.entry.incarnation === incarnation;

const drainedOf = ({ node, incarnation }: NodeEntry): SessionsCommand => ({ type: 'drained', node, incarnation });

/** The ledger holds this now; with `isOwn` it is what this leader has written. */
function settled(
  state: SessionsState,
  node: NodeId,
  known: Session,
  stored: StoredEntry | undefined,
  isOwn: boolean,
): Step {
  const pending = isOwn ? known.pending - known.writing!.pending : known.pending;
  const wasDrained = stored?.entry.drained === true && stored.entry.incarnation === known.incarnation;
  const next: Session = {
    ...{ ...known, stored: stored ?? 'none', pending, writing: undefined },
    drained: known.drained || wasDrained,
    // What another has written in between is written upon at once.
    written: isOwn || known.stored === undefined ? state.now : Number.NEGATIVE_INFINITY,
  };
  return [withNode(state, node, next), wasDrained ? [drainedOf(stored.entry)] : []];
}

/** Writes what has changed for long enough. */
function due(state: SessionsState): Step {
  if (!state.leads) return [state, []];
  const commands: SessionsCommand[] = [];
  let nodes: Map<NodeId, Session> | undefined;
  for (const [node, known] of state.nodes) {
    if (commands.length >= MOST_WRITES) break;
    const { stored, pending, drained, writing, written, incarnation, session } = known;
    if (stored === undefined || writing) continue;
    const base = stored === 'none' ? undefined : stored.entry;
    // Somebody waits for an answer.
    const isUrgent = drained !== (base?.drained ?? false);
    const isDue = state.now - written >= WRITE_EVERY && (pending > 0 || base?.incarnation !== incarnation);
    if (!isUrgent && !isDue) continue;
    const offeredSeconds = (base?.offeredSeconds ?? 0) + pending;
    const entry: NodeEntry = { node, incarnation, threads: session.threads, offeredSeconds, drained };
    nodes ??= new Map(state.nodes);
    nodes.set(node, { ...known, writing: { entry, pending } });
    commands.push({ type: 'write', entry, revision: stored === 'none' ? undefined : stored.revision });
  }
  return [nodes ? { ...state, nodes } : state, commands];
}
