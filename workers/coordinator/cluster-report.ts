import type { NodeId, NodeStatus, RunRecord } from '../protocol/cluster.ts';
import type { NodePlace } from '../protocol/metering.ts';
import { creditsOf, type Earnings, losses } from './credits.ts';
import { addClaims, NOTHING_CLAIMED } from './history.ts';

export type NodeState = 'silent' | 'preparing' | 'draining' | 'earning' | 'working' | 'idle';

/** A node as people are told of it. */
export interface NodeReport {
  readonly node: NodeId;
  readonly incarnation: number;
  /** `working` has tiles but nothing accepted in this epoch yet; `earning` has. */
  readonly state: NodeState;
  /** Since it was last heard [s]. */
  readonly silent: number;
  readonly threads: number;
  /** The device that it computes on, if it does. */
  readonly device: string | undefined;
  /** Where its operator says that it stands. */
  readonly place: NodePlace | undefined;
  /** Cell-updates a second. */
  readonly speed: number;
  /** Of runs that go on. */
  readonly tiles: number;
  readonly credits: number;
  readonly operations: bigint;
  readonly cellUpdates: bigint;
  /** Threads times time that the leader heard of it [s]. */
  readonly offeredSeconds: number;
  /** Thread-seconds that it says accepted work took. */
  readonly computeSeconds: number;
  /** Compute seconds over offered ones; undefined until it has offered any. */
  readonly utilisation: number | undefined;
  /** Share of the wall time of accepted work in which it had nothing to do until halos came, by its own word. */
  readonly waitShare: number | undefined;
  readonly waitSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly roundTrip: { readonly p50: number; readonly p95: number } | undefined;
  /** Why its last epoch has earned it nothing. */
  readonly nothing: string | undefined;
}

/** What the records say of a node. */
interface Traces {
  tiles: number;
  /** Whether work of it in an epoch that goes on is accepted. */
  earns: boolean;
  readonly earnings: Earnings[];
  /** Why its last epoch has earned it nothing, in a run that goes on, and in one that is over. */
  lossNow: string | undefined;
  lossBefore: string | undefined;
  isInRun: boolean;
}

/** One look at each record, however many nodes there are. */
function tracesIn(records: readonly RunRecord[]): ReadonlyMap<NodeId, Traces> {
  const traces = new Map<NodeId, Traces>();
  const of = (node: NodeId): Traces => {
    const known = traces.get(node) ?? {
      ...{ tiles: 0, earns: false, earnings: [], isInRun: false },
      ...{ lossNow: undefined, lossBefore: undefined },
    };
    traces.set(node, known);
    return known;
  };
  for (const record of records) {
    const { history, state, members, owners, run } = record;
    const isRunning = state === 'running';
    for (const earnings of creditsOf(record)) of(earnings.node).earnings.push(earnings);
    for (const [node, reason] of losses(record)) {
      const trace = of(node);
      if (isRunning) {
        trace.isInRun = true;
        trace.lossNow = reason && `${run}: ${reason}`;
      } else trace.lossBefore = reason && `${run}: ${reason}`;
    }
    if (!isRunning) continue;
    for (const place of owners) of(members[place]!.node).tiles++;
    const segment = history.segments.at(-1);
    if (segment && segment.to > segment.from) for (const { node } of segment.shares) of(node).earns = true;
  }
  return traces;
}

function stateOf({ silent, patience, draining, prepares }: NodeStatus, traces: Traces | undefined): NodeState {
  if (silent > patience) return 'silent';
  if (draining) return 'draining';
  if (traces?.earns) return 'earning';
  if (prepares) return 'preparing';
  return traces && traces.tiles > 0 ? 'working' : 'idle';
}

/** What the records of runs and the leader's view of nodes say of each node, by name. */
export function reportNodes(nodes: readonly NodeStatus[], records: readonly RunRecord[]): readonly NodeReport[] {
  const traces = tracesIn(records);
  return [...nodes]
    .sort((a, b) => (a.member.node < b.member.node ? -1 : 1))
    .map((status): NodeReport => {
      const { member, silent, speed, session, offeredSeconds } = status;
      const { node, incarnation } = member;
      const own = traces.get(node);
      const earnings = own?.earnings ?? [];
      const claimed = earnings.reduce((sum, one) => addClaims(sum, one.claimed), NOTHING_CLAIMED);
      const { threadSeconds: computeSeconds, waitSeconds, bytesSent, bytesReceived } = claimed;
      const wallSeconds = waitSeconds + claimed.computeSeconds;
      return {
        ...{ node, incarnation, silent: silent / 1000, threads: session.threads, speed, offeredSeconds },
        ...{ place: session.place, device: member.device },
        state: stateOf(status, own),
        tiles: own?.tiles ?? 0,
        credits: earnings.reduce((sum, { credits }) => sum + credits, 0),
        operations: earnings.reduce((sum, { operations }) => sum + operations, 0n),
        cellUpdates: earnings.reduce((sum, { cellUpdates }) => sum + cellUpdates, 0n),
        ...{ computeSeconds, waitSeconds, bytesSent, bytesReceived },
        utilisation: offeredSeconds > 0 ? computeSeconds / offeredSeconds : undefined,
        waitShare: wallSeconds > 0 ? waitSeconds / wallSeconds : undefined,
        roundTrip: session.roundTrip,
        nothing: own?.isInRun ? own.lossNow : own?.lossBefore,
      };
    });
}
