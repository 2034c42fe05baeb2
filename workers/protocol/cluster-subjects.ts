import type { NodeId, RunId } from './cluster.ts';

/**
 * Subjects of a cluster. The sender's name is a word of each, so that a node may be given leave to speak for itself alone:
 * to publish `terrella.*.NODE.>` and `terrella.*.NODE`, and to hear `terrella.*.*.NODE.>`.
 */
export const SUBJECTS = {
  heartbeat: (node: NodeId) => `terrella.beat.${node}`,
  heartbeats: 'terrella.beat.*',
  /** Records, by the coordinator that leads. */
  record: (run: RunId) => `terrella.record.${run}`,
  records: 'terrella.record.*',
  /** Requests of nodes, and of those who submit, to the coordinator that leads. */
  toLeader: (from: string) => `terrella.leader.${from}`,
  allToLeader: 'terrella.leader.*',
  halo: (from: NodeId, to: NodeId, run: RunId) => `terrella.halo.${from}.${to}.${run}`,
  halosTo: (to: NodeId) => `terrella.halo.*.${to}.*`,
  /** A request to say a halo again. */
  ask: (from: NodeId, to: NodeId, run: RunId) => `terrella.ask.${from}.${to}.${run}`,
  asksTo: (to: NodeId) => `terrella.ask.*.${to}.*`,
} as const;

/** Sender and run of a halo's or an ask's subject. */
export function senderOf(subject: string): { readonly from: NodeId; readonly run: RunId } {
  const [, , from, , run] = subject.split('.');
  return { from: from!, run: run! };
}

/** Words of subjects: letters, digits, `-` and `_`, 64 at most. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
