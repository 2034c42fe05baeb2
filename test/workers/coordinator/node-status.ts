import type { NodeStatus } from '../../../workers/protocol/cluster.ts';

/** A node that was heard of lately, with nothing to do. */
export const nodeStatus = (name: string, more: Partial<NodeStatus> = {}): NodeStatus => ({
  member: { node: name, incarnation: 1 },
  silent: 100,
  patience: 800,
  speed: 1e6,
  draining: false,
  prepares: false,
  offeredSeconds: 120,
  session: { threads: 2 },
  ...more,
});
