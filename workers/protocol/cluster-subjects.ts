import type { NodeId, RunId } from './cluster.ts';

/** Those who ask something of the coordinator that leads. */
export const ROLES = ['node', 'scientist', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Ledger of run records and of the lease. */
export const LEDGER = 'terrella-runs';
/** Store of tiles' states. */
export const TILES = 'terrella-tiles';

/**
 * Subjects of a cluster. The sender's name is a word of each, so that whoever speaks may be given leave to speak for
 * itself alone, and requests have the sender's role: see `credentials/permissions.ts`.
 */
export const SUBJECTS = {
  heartbeat: (node: NodeId) => `terrella.beat.${node}`,
  heartbeats: 'terrella.beat.*',
  /** Records, by the coordinator that leads. */
  record: (run: RunId) => `terrella.record.${run}`,
  records: 'terrella.record.*',
  /** Requests to the coordinator that leads. */
  toLeader: (role: Role, from: string) => `terrella.leader.${role}.${from}`,
  allToLeader: 'terrella.leader.*.*',
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

/** Who asks the leader, by the request's subject; undefined for a role that there is not. */
export function askerOf(subject: string): { readonly role: Role | undefined; readonly from: string } {
  const [, , role, from] = subject.split('.');
  return { role: ROLES.find((one) => one === role), from: from! };
}

/** Words of subjects: letters, digits, `-` and `_`, 64 at most. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
