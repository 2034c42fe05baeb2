import type { NodeId, NodeStatus, RunRecord } from '../protocol/cluster.ts';
import { creditsOf, whyNothing } from './credits.ts';

/** A node that has been silent for longer is shown as silent [ms]: four heartbeats. */
const SILENT = 800;

export type NodeState = 'silent' | 'draining' | 'earning' | 'working' | 'idle';

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
  { silent, draining }: NodeStatus,
  node: NodeId,
  running: readonly RunRecord[],
  tiles: number,
): NodeState {
  if (silent > SILENT) return 'silent';
  if (draining) return 'draining';
  if (running.some((record) => earns(record, node))) return 'earning';
  return tiles > 0 ? 'working' : 'idle';
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
      // Of several runs the one that has lost it something.
      const latest = records.filter(({ history }) =>
        history.segments.some(({ shares }) => shares.some((share) => share.node === node)),
      );
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
        nothing: latest.map((record) => whyNothing(record, node)).find((reason) => reason !== undefined),
      };
    });
}
