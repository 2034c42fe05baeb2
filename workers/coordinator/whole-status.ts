import type { NodeStatus, RunRecord } from '../protocol/cluster.ts';
import type { LeaderReply, LeaderRequest } from '../protocol/cluster-messages.ts';

/** What the leader says of all nodes and runs. */
export interface ClusterStatus {
  readonly nodes: readonly NodeStatus[];
  readonly records: readonly RunRecord[];
}

/** Pages after which a status that does not end is given up. */
const MOST_PAGES = 10_000;

/** All nodes and runs, page by page. Throws BadAnswer, what asking does. */
export async function wholeStatus(ask: (request: LeaderRequest) => Promise<LeaderReply>): Promise<ClusterStatus> {
  const nodes: NodeStatus[] = [];
  const records: RunRecord[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const reply = await ask({ type: 'status', ...(after === undefined ? {} : { after }) });
    if (reply.type === 'refused') throw new Error(reply.message);
    if (reply.type !== 'status')
      throw new Error('BadAnswer: the leader’s answer is of another question. Use one version everywhere.');
    nodes.push(...reply.nodes);
    records.push(...reply.records);
    after = reply.next;
    if (after === undefined) return { nodes, records };
  }
  throw new Error('BadAnswer: the leader’s answer does not end. Use one version everywhere.');
}
