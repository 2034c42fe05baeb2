import type { NodeId, RunRecord } from '../protocol/cluster.ts';
import type { ClaimedWork } from '../protocol/metering.ts';
import { addClaims } from './history.ts';

/**
 * The published rule, which anyone can apply to a record: a node is credited its tiles times the steps that were accepted,
 * times the cells of a tile, times the kernel operations that a cell takes in a step. 10^12 operations are one credit.
 */
export const OPERATIONS_A_CREDIT = 1e12;

/** What a node has earned by a run. */
export interface Earnings {
  readonly node: NodeId;
  /** Tiles times accepted steps; exact. */
  readonly tileSteps: number;
  /** Cells times accepted steps; exact. */
  readonly cellUpdates: bigint;
  /** Kernel operations; exact, beyond the whole numbers that a float64 holds. */
  readonly operations: bigint;
  readonly credits: number;
  /** The node's own word. */
  readonly claimed: ClaimedWork;
}

/** What each node has earned by a run, by name. */
export function creditsOf(record: Pick<RunRecord, 'history' | 'shape' | 'operations'>): readonly Earnings[] {
  const { history, shape } = record;
  const totals = new Map<NodeId, { tileSteps: number; claimed: ClaimedWork }>();
  const add = (node: NodeId, tileSteps: number, claimed: ClaimedWork) => {
    const known = totals.get(node);
    totals.set(node, {
      tileSteps: (known?.tileSteps ?? 0) + tileSteps,
      claimed: known ? addClaims(known.claimed, claimed) : claimed,
    });
  };
  for (const { node, tileSteps, claimed } of history.carried.shares) add(node, tileSteps, claimed);
  for (const { from, to, shares } of history.segments)
    for (const { node, tiles, claimed } of shares) add(node, (to - from) * tiles, claimed);
  return [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, { tileSteps, claimed }]) => ({ node, claimed, ...creditsFor(record, tileSteps, shape) }));
}

/** What so many tile-steps of a run are worth. */
export function creditsFor(
  { operations }: Pick<RunRecord, 'operations'>,
  tileSteps: number,
  { tileX, tileY }: RunRecord['shape'],
): Pick<Earnings, 'tileSteps' | 'cellUpdates' | 'operations' | 'credits'> {
  const cellUpdates = BigInt(tileSteps) * BigInt(tileX * tileY);
  const total = cellUpdates * BigInt(operations);
  return { tileSteps, cellUpdates, operations: total, credits: Number(total) / OPERATIONS_A_CREDIT };
}

/** What all nodes together have earned by a run. */
export const creditsOfAll = (record: RunRecord): Omit<Earnings, 'node' | 'claimed'> =>
  creditsFor(
    record,
    creditsOf(record).reduce((sum, { tileSteps }) => sum + tileSteps, 0),
    record.shape,
  );

/** Of each node, why its last epoch in a run has earned it nothing; undefined where that has, or goes on. */
export function losses({ history }: Pick<RunRecord, 'history'>): ReadonlyMap<NodeId, string | undefined> {
  const reasons = new Map<NodeId, string | undefined>();
  for (const { from, to, shares, ended } of history.segments)
    for (const { node } of shares) reasons.set(node, ended && to === from ? lossOf(ended) : undefined);
  return reasons;
}

/** How an epoch ended, and what of it counts for nobody. */
export const lossOf = ({ reason, lost }: { readonly reason: string; readonly lost: number }): string =>
  lost > 0 ? `${reason}; ${lost} steps after the cut that is left are lost` : reason;
