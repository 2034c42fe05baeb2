import { reportNodes } from '../../coordinator/cluster-report.ts';
import { creditsFor, creditsOf, creditsOfAll, lossOf } from '../../coordinator/credits.ts';
import { type ClusterStatus, wholeStatus } from '../../coordinator/whole-status.ts';
import { promisedHash } from '../../protocol/cluster.ts';
import type { LeaderRequest } from '../../protocol/cluster-messages.ts';
import type { Role } from '../../protocol/cluster-subjects.ts';
import { type LinkOptions, linkToLeader } from '../cluster-link.ts';
import { CliError, EXIT } from '../errors.ts';
import { printEvent, say, table } from '../terminal.ts';

export interface StatusOptions extends LinkOptions {
  readonly json: boolean;
}

async function status(options: StatusOptions): Promise<ClusterStatus> {
  const leader = await linkToLeader(options, ['admin', 'scientist']);
  try {
    return await wholeStatus((request) => leader.ask(request));
  } finally {
    await leader.close();
  }
}

/** Lists the cluster's runs. */
export async function runsCommand(options: StatusOptions): Promise<void> {
  const { records } = await status(options);
  if (options.json) {
    for (const record of records) {
      const { run, owner, state, epoch, members, cut, steps, tolerance, firstAccepted } = record;
      const nodes = members.map(({ node }) => node);
      const { credits } = creditsOfAll(record);
      const progress = { epoch, nodes, step: cut?.step ?? 0, steps, credits, firstAccepted };
      printEvent({
        ...{ event: 'run', run, owner, state, ...progress, stateHash: promisedHash(record) },
        ...(tolerance ? { devices: tolerance.devices } : {}),
      });
    }
    return;
  }
  const rows = records.map((record) => {
    const { run, owner, state, epoch, members, cut, steps, tolerance } = record;
    const progress = [`${cut?.step ?? 0}/${steps}`, String(epoch), String(members.length)];
    const bits = tolerance && tolerance.devices.length > 0 ? 'class tolerance' : (record.stateHash?.slice(0, 12) ?? '');
    return [run, owner, state, ...progress, figure(creditsOfAll(record).credits), bits];
  });
  say(false, table([['run', 'owner', 'state', 'step', 'epoch', 'nodes', 'credits', 'state hash'], ...rows]));
}

/** Three digits that tell something, and no exponent. */
const figure = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(3))));
const percent = (share: number | undefined): string => (share === undefined ? '' : `${(100 * share).toFixed(0)} %`);

/** Lists the cluster's nodes. */
export async function nodesCommand(options: StatusOptions): Promise<void> {
  const { nodes, records } = await status(options);
  const reports = reportNodes(nodes, records);
  if (options.json) {
    for (const { operations, cellUpdates, ...report } of reports)
      printEvent({ event: 'node', ...report, operations: String(operations), cellUpdates: String(cellUpdates) });
    return;
  }
  const rows = reports.map((report) => {
    const { node, state, silent, threads, device, speed, tiles, utilisation, waitShare, credits, roundTrip, nothing } =
      report;
    return [
      ...[node, state === 'silent' ? `silent ${silent.toFixed(1)} s` : state, device ?? String(threads)],
      ...[(speed / 1e6).toFixed(1), String(tiles), percent(utilisation), percent(waitShare), figure(credits)],
      roundTrip ? `${roundTrip.p50.toFixed(1)}/${roundTrip.p95.toFixed(1)}` : '',
      nothing ?? '',
    ];
  });
  const head = [
    'node',
    'state',
    'threads, or device',
    'million cells/s',
    'tiles',
    'used',
    'waiting',
    'credits',
    'p50/p95 ms',
  ];
  say(false, table([[...head, 'why its last epoch earned nothing'], ...rows]));
}

/** Recomputes from the records who has earned what, and tells of each epoch how it ended. */
export async function creditsCommand(node: string | undefined, options: StatusOptions): Promise<void> {
  const { records } = await status(options);
  const isAsked = (name: string) => node === undefined || name === node;
  const earned = records.flatMap((record) =>
    creditsOf(record)
      .filter((earnings) => isAsked(earnings.node))
      .map((earnings) => ({ record, ...earnings })),
  );
  if (node !== undefined && earned.length === 0)
    throw new CliError('NodeUnknown', `no run tells of a node ${node}. Look at terrella credits for all.`, EXIT.usage);
  const segments = records.flatMap((record) =>
    record.history.segments.flatMap(({ shares, ...segment }) =>
      shares
        .filter((share) => isAsked(share.node))
        .map((share) => ({
          record,
          ...segment,
          share,
          worth: creditsFor(record, (segment.to - segment.from) * share.tiles, record.shape),
        })),
    ),
  );
  if (options.json) {
    for (const { record, node: name, tileSteps, cellUpdates, operations, credits, claimed } of earned) {
      const exact = { tileSteps, cellUpdates: String(cellUpdates), operations: String(operations) };
      printEvent({ event: 'earned', run: record.run, node: name, ...exact, credits, claimed });
    }
    for (const { record, epoch, from, to, ended, share, worth } of segments) {
      const { node: name, incarnation, tiles, claimed } = share;
      const exact = { cellUpdates: String(worth.cellUpdates), operations: String(worth.operations) };
      const work = { epoch, from, to, tiles, ...exact, credits: worth.credits };
      printEvent({ event: 'segment', run: record.run, node: name, incarnation, ...work, claimed, ended });
    }
    return;
  }
  const totals = earned.map(({ record, node: name, cellUpdates, credits, claimed }) => [
    ...[name, record.run, String(cellUpdates), String(record.operations), figure(credits)],
    claimed.threadSeconds.toFixed(1),
  ]);
  const rows = segments.map(({ record, epoch, from, to, ended, share, worth }) => [
    ...[share.node, record.run, String(epoch), `${from}–${to}`, String(share.tiles), figure(worth.credits)],
    ended ? lossOf(ended) : 'goes on',
  ]);
  say(false, table([['node', 'run', 'cell-updates', 'operations each', 'credits', 'thread-seconds*'], ...totals]));
  say(false, `\n${table([['node', 'run', 'epoch', 'steps', 'tiles', 'credits', 'end'], ...rows])}`);
  for (const { run, history } of records)
    if (history.carried.epochs > 0)
      say(false, `The first ${history.carried.epochs} epochs of ${run} are kept as totals alone.`);
  say(false, '\n* by the node’s own word');
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

/** How long the ledger may take to hold it [ms]. */
const UNTIL_HELD = 10_000;

async function tellLeader(
  request: LeaderRequest,
  options: StatusOptions,
  roles: readonly [Role, ...Role[]],
): Promise<void> {
  const leader = await linkToLeader(options, roles);
  try {
    await leader.ask(request, UNTIL_HELD);
  } finally {
    await leader.close();
  }
}
