import type { LeaderRequest } from '../../protocol/cluster-messages.ts';
import type { Role } from '../../protocol/cluster-subjects.ts';
import { type LinkOptions, linkToLeader } from '../cluster-link.ts';
import { printEvent, say, table } from '../terminal.ts';

export interface StatusOptions extends LinkOptions {
  readonly json: boolean;
}

async function status(options: StatusOptions) {
  const leader = await linkToLeader(options, ['admin', 'scientist']);
  try {
    const reply = await leader.ask({ type: 'status' });
    if (reply.type !== 'status')
      throw new Error('BadAnswer: the coordinator’s answer is of another question. Ask again.');
    return reply;
  } finally {
    await leader.close();
  }
}

/** Lists the cluster's runs. */
export async function runsCommand(options: StatusOptions): Promise<void> {
  const { records } = await status(options);
  if (options.json) {
    for (const { run, owner, state, epoch, members, cut, steps, stateHash } of records) {
      const nodes = members.map(({ node }) => node);
      printEvent({ event: 'run', run, owner, state, epoch, nodes, step: cut?.step ?? 0, steps, stateHash });
    }
    return;
  }
  const rows = records.map(({ run, owner, state, epoch, members, cut, steps, stateHash }) => [
    ...[run, owner, state, `${cut?.step ?? 0}/${steps}`, String(epoch), String(members.length)],
    stateHash?.slice(0, 12) ?? '',
  ]);
  say(false, table([['run', 'owner', 'state', 'step', 'epoch', 'nodes', 'state hash'], ...rows]));
}

/** Lists the cluster's nodes. */
export async function nodesCommand(options: StatusOptions): Promise<void> {
  const { nodes, records } = await status(options);
  const tilesOf = (node: string): number =>
    records
      .filter(({ state }) => state === 'running')
      .reduce((sum, { members, owners }) => sum + owners.filter((place) => members[place]!.node === node).length, 0);
  if (options.json) {
    for (const { member, silent, speed, draining } of nodes)
      printEvent({ event: 'node', ...member, silent, speed, draining, tiles: tilesOf(member.node) });
    return;
  }
  const rows = nodes.map(({ member, silent, speed, draining }) => [
    ...[member.node, `${(silent / 1000).toFixed(1)} s`, (speed / 1e6).toFixed(1), String(tilesOf(member.node))],
    draining ? 'drains' : '',
  ]);
  say(false, table([['node', 'heard before', 'million cells/s', 'tiles', ''], ...rows]));
}

/** Relieves a node of its tiles. */
export async function drainCommand(node: string, options: StatusOptions): Promise<void> {
  await tellLeader({ type: 'drain', node }, options, ['admin']);
  say(options.json, `${node} drains: its tiles go to others at the next cut.`);
}

export async function cancelCommand(run: string, options: StatusOptions): Promise<void> {
  await tellLeader({ type: 'cancel', run }, options, ['admin', 'scientist']);
  say(options.json, `${run} is cancelled.`);
}

async function tellLeader(
  request: LeaderRequest,
  options: StatusOptions,
  roles: readonly [Role, ...Role[]],
): Promise<void> {
  const leader = await linkToLeader(options, roles);
  try {
    await leader.ask(request);
  } finally {
    await leader.close();
  }
}
