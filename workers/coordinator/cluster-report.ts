import type { NodeId, NodeStatus, RunRecord } from '../protocol/cluster.ts';
import { creditsOf, whyNothing } from './credits.ts';

/** A node that asks to be waited for longer than this prepares a run [ms]: four heartbeats. */
const USUAL_PATIENCE = 800;

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
  /** Cell-updates a second. */
  readonly speed: number;
  /** Of runs that go on. */
  readonly tiles: number;
  readonly credits: number;
  readonly operations: bigint;
  readonly cellUpdates: bigint;
  /** Threads times time that the leader heard of it [s]. */
  readonly offeredSeconds: number;
  /** Thread-seconds that it says accepted work took; undefined until it has offered any. */
  readonly computeSeconds: number;
  readonly utilisation: number | undefined;
  /** Share of the wall time of accepted work that went by before halos came, by its own word. */
  readonly waitShare: number | undefined;
  readonly waitSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly roundTrip: { readonly p50: number; readonly p95: number } | undefined;
  /** Why its last epoch has earned it nothing. */
  readonly nothing: string | undefined;
}

const isGoingOn = ({ state }: RunRecord): boolean => state === 'running';

function tilesIn({ members, owners }: RunRecord, node: NodeId): number {
  return owners.filter((place) => members[place]!.node === node).length;
}

/** Whether a node has accepted work in the epoch that goes on. */
function earns({ history }: RunRecord, node: NodeId): boolean {
  const segment = history.segments.at(-1);
  return segment !== undefined && segment.to > segment.from && segment.shares.some((share) => share.node === node);
}

function stateOf(
  { silent, patience, draining }: NodeStatus,
  node: NodeId,
  running: readonly RunRecord[],
  tiles: number,
): NodeState {
  if (silent > patience) return 'silent';
  if (draining) return 'draining';
  if (patience > USUAL_PATIENCE) return 'preparing';
  if (running.some((record) => earns(record, node))) return 'earning';
  return tiles > 0 ? 'working' : 'idle';
}

/** Why its last epoch has earned a node nothing: of runs that go on, or of others where it has none of those. */
function lastLoss(records: readonly RunRecord[], node: NodeId): string | undefined {
  const own = records.filter(({ history }) =>
    history.segments.some(({ shares }) => shares.some((share) => share.node === node)),
  );
  const running = own.filter(isGoingOn);
  return (running.length > 0 ? running : own)
    .flatMap((record) => {
      const reason = whyNothing(record, node);
      return reason === undefined ? [] : [`${record.run}: ${reason}`];
    })
    .at(-1);
}

/** What the records of runs and the leader's view of nodes say of each node, by name. */
export function reportNodes(nodes: readonly NodeStatus[], records: readonly RunRecord[]): readonly NodeReport[] {
  const running = records.filter(isGoingOn);
  const earned = records.flatMap((record) => creditsOf(record));
  return [...nodes]
    .sort((a, b) => (a.member.node < b.member.node ? -1 : 1))
    .map((status): NodeReport => {
      const { member, silent, speed, session, offeredSeconds } = status;
      const { node, incarnation } = member;
      const own = earned.filter((earnings) => earnings.node === node);
      const sum = (of: (earnings: (typeof own)[number]) => number) => own.reduce((total, one) => total + of(one), 0);
      const total = (of: (earnings: (typeof own)[number]) => bigint) => own.reduce((all, one) => all + of(one), 0n);
      const tiles = running.reduce((count, record) => count + tilesIn(record, node), 0);
      const computeSeconds = sum(({ claimed }) => claimed.threadSeconds);
      const waitSeconds = sum(({ claimed }) => claimed.waitSeconds);
      const wallSeconds = waitSeconds + sum(({ claimed }) => claimed.computeSeconds);
      return {
        ...{ node, incarnation, silent: silent / 1000, threads: session.threads, speed, tiles, offeredSeconds },
        state: stateOf(status, node, running, tiles),
        credits: sum(({ credits }) => credits),
        operations: total(({ operations }) => operations),
        cellUpdates: total(({ cellUpdates }) => cellUpdates),
        ...{ computeSeconds, waitSeconds },
        bytesSent: sum(({ claimed }) => claimed.bytesSent),
        bytesReceived: sum(({ claimed }) => claimed.bytesReceived),
        utilisation: offeredSeconds > 0 ? computeSeconds / offeredSeconds : undefined,
        waitShare: wallSeconds > 0 ? waitSeconds / wallSeconds : undefined,
        roundTrip: session.roundTrip,
        nothing: lastLoss(records, node),
      };
    });
}
