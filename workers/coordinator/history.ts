import type { Cut, RunRecord } from '../protocol/cluster.ts';
import {
  type CarriedShare,
  type ClaimedWork,
  FURTHER_NODES,
  type Segment,
  type SegmentEnd,
  type SegmentWork,
  type Share,
  type WorkHistory,
} from '../protocol/metering.ts';

/** Whose work of a run has been accepted, as the record keeps it: changed with a cut, an epoch, or the end of the run. */

/** Epochs, and shares in them, that are kept each by itself, and nodes that are kept as sums: a record is one message. */
export const MOST_SEGMENTS = 64;
export const MOST_SHARES = 1000;
export const MOST_CARRIED = 1000;
/** Letters of a reason. */
const MOST_REASON = 300;

export const NOTHING_CLAIMED: ClaimedWork = {
  computeSeconds: 0,
  threadSeconds: 0,
  waitSeconds: 0,
  bytesSent: 0,
  bytesReceived: 0,
};

export const addClaims = (a: ClaimedWork, b: ClaimedWork): ClaimedWork => ({
  computeSeconds: a.computeSeconds + b.computeSeconds,
  threadSeconds: a.threadSeconds + b.threadSeconds,
  waitSeconds: a.waitSeconds + b.waitSeconds,
  bytesSent: a.bytesSent + b.bytesSent,
  bytesReceived: a.bytesReceived + b.bytesReceived,
});

const claimOf = ({ threads, ...measured }: SegmentWork): ClaimedWork => ({
  ...measured,
  threadSeconds: measured.computeSeconds * threads,
});

const last = ({ segments }: WorkHistory): Segment | undefined => segments.at(-1);

const withLast = (history: WorkHistory, segment: Segment): WorkHistory => ({
  ...history,
  segments: [...history.segments.slice(0, -1), segment],
});

/** The record with a cut, and what its members say of their work on the way to it, by their places. */
export function withCut(record: RunRecord, cut: Cut, works: ReadonlyMap<number, SegmentWork>): RunRecord {
  const segment = last(record.history)!;
  const shares = segment.shares.map((share) => {
    const place = record.members.findIndex(
      ({ node, incarnation }) => node === share.node && incarnation === share.incarnation,
    );
    // Steps that are computed again have been accepted before, and are not again.
    const work = cut.step > segment.to ? works.get(place) : undefined;
    return work ? { ...share, claimed: addClaims(share.claimed, claimOf(work)) } : share;
  });
  const to = Math.max(segment.to, cut.step);
  const { accepted: _, ...rest } = record;
  const ahead = to > cut.step ? { accepted: to } : {};
  return { ...rest, ...ahead, cut, history: withLast(record.history, { ...segment, to, shares }) };
}

/** The record once its epoch is over. What members had done since the last cut, up to step `farthest`, is lost. */
export function withEnd(record: RunRecord, reason: string, farthest: number): RunRecord {
  const segment = last(record.history);
  if (!segment || segment.ended) return record;
  return { ...record, history: withLast(record.history, { ...segment, ended: endOf(record, reason, farthest) }) };
}

const endOf = (record: RunRecord, reason: string, farthest: number): SegmentEnd => ({
  reason: reason.slice(0, MOST_REASON),
  lost: Math.max(0, Math.min(farthest, record.steps) - (record.cut?.step ?? 0)),
});

/** The record gone back to an older cut, or to the start, and its epoch over, even if it was the run's last. */
export function withoutLost(
  { cut: _, stateHash: __, ...record }: RunRecord,
  to: Cut | undefined,
  reason: string,
  farthest: number,
): RunRecord {
  const back: RunRecord = { ...record, ...(to ? { cut: to } : {}), accepted: last(record.history)!.to };
  const ended = endOf(back, reason, farthest);
  return { ...back, history: withLast(back.history, { ...last(back.history)!, ended }) };
}

/** The record with the epoch that it has just begun. */
export function withEpoch(record: RunRecord): RunRecord {
  const { epoch, members, owners, history } = record;
  const tiles = members.map(() => 0);
  for (const place of owners) tiles[place]!++;
  const shares = members
    .map(
      ({ node, incarnation }, place): Share => ({ node, incarnation, tiles: tiles[place]!, claimed: NOTHING_CLAIMED }),
    )
    .filter((share) => share.tiles > 0);
  const step = last(history)?.to ?? history.carried.to;
  const begun: WorkHistory = { ...history, segments: [...history.segments, { epoch, from: step, to: step, shares }] };
  return { ...record, history: bounded(begun) };
}

/** A history that fits into a record: of the oldest epochs only each node's total is kept, exact as before. */
function bounded(history: WorkHistory): WorkHistory {
  const { segments } = history;
  const shares = segments.reduce((count, segment) => count + segment.shares.length, 0);
  // The last two are what nodes are told, and the newest goes on.
  if (segments.length <= 2 || (segments.length <= MOST_SEGMENTS && shares <= MOST_SHARES)) return history;
  const [oldest, ...rest] = segments as [Segment, ...Segment[]];
  return bounded({ carried: carriedWith(history.carried, oldest), segments: rest });
}

function carriedWith(carried: WorkHistory['carried'], { from, to, shares }: Segment): WorkHistory['carried'] {
  const totals = new Map(carried.shares.map((share) => [share.node, share]));
  for (const { node, tiles, claimed } of shares) add(totals, { node, tileSteps: (to - from) * tiles, claimed });
  const further = [...totals.values()]
    .filter(({ node }) => node !== FURTHER_NODES)
    .sort((a, b) => b.tileSteps - a.tileSteps)
    .slice(MOST_CARRIED);
  for (const share of further) {
    totals.delete(share.node);
    add(totals, { ...share, node: FURTHER_NODES });
  }
  return { epochs: carried.epochs + 1, to, shares: [...totals.values()] };
}

function add(totals: Map<string, CarriedShare>, share: CarriedShare): void {
  const known = totals.get(share.node);
  totals.set(
    share.node,
    known
      ? {
          node: share.node,
          tileSteps: known.tileSteps + share.tileSteps,
          claimed: addClaims(known.claimed, share.claimed),
        }
      : share,
  );
}
