import { isDeepStrictEqual } from 'node:util';
import { type NodeReport, reportNodes } from '../coordinator/cluster-report.ts';
import type { ClusterStatus } from '../coordinator/whole-status.ts';
import type { RunRecord } from '../protocol/cluster.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import {
  MOST_WATCHED_NODES,
  MOST_WATCHED_RUNS,
  type WatchedNode,
  type WatchedRun,
  type WatchedState,
} from '../protocol/operations.ts';

export interface Watched {
  readonly nodes: readonly WatchedNode[];
  readonly runs: readonly WatchedRun[];
}

/** A node that the leader does not list is shown as it was for so long [ms]: another leader hears of nodes first. */
const GRACE = 3000;
/** Nodes that are silent for longer are shown no more [ms]. */
const FORGOTTEN = 15 * 60_000;
/** Silence that is worth telling though it was announced [s]. */
const UNUSUAL = 2;
/** Two reckonings of one moment differ by less [ms]. */
const NOISE = 2000;
/** Letters of a reason or title. */
const LONGEST = 400;

const rounded = (value: number): number => (value === 0 ? 0 : Number(value.toPrecision(3)));
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** What is shown of a cluster at a time [ms since 1970], given what was shown before. */
export function watchedAt(at: number, { nodes, records }: ClusterStatus, before: Watched): Watched {
  const shown = nodesAt(at, reportNodes(nodes, records), before.nodes);
  const [knownNodes, knownRuns] = [
    new Map(before.nodes.map((node) => [node.name, node])),
    new Map(before.runs.map((run) => [run.id, run])),
  ];
  return {
    nodes: shown.map((node) => same(knownNodes.get(node.name), node)),
    runs: runsOf(records).map((run) => {
      const known = knownRuns.get(run.id);
      const [members, owners] = [same(known?.members, run.members), same(known?.owners, run.owners)];
      return same(known, { ...run, members, owners });
    }),
  };
}

/** What was there before where it is equal: so that each viewer's change is found by looking at what is another thing. */
const same = <T>(before: T | undefined, now: T): T =>
  before !== undefined && isDeepStrictEqual(before, now) ? before : now;

function nodesAt(at: number, reports: readonly NodeReport[], before: readonly WatchedNode[]): readonly WatchedNode[] {
  const known = new Map(before.map((node) => [node.name, node]));
  const listed = new Set(reports.map(({ node }) => node));
  const missing = before.filter(({ name }) => !listed.has(name)).map((node) => absent(node, at));
  const kept = missing.filter(({ heard }) => heard === undefined || at - heard < FORGOTTEN);
  const taken = new Set([...kept, ...before.filter(({ name }) => listed.has(name))].map(({ slot }) => slot));
  const freeSlot = (): number => {
    let slot = 0;
    while (taken.has(slot)) slot++;
    taken.add(slot);
    return slot;
  };
  const shown = reports
    .filter(({ node, silent }) => known.has(node) || silent * 1000 < FORGOTTEN)
    .map((report) => nodeOf(report, known.get(report.node), at, freeSlot));
  return [...shown, ...kept].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MOST_WATCHED_NODES);
}

/** A node that the leader says nothing of. */
function absent(node: WatchedNode, at: number): WatchedNode {
  const heard = node.heard ?? at;
  if (node.state === 'silent') return node;
  return at - heard < GRACE ? { ...node, heard } : { ...node, state: 'silent', heard, tiles: 0, earns: false };
}

function nodeOf(report: NodeReport, before: WatchedNode | undefined, at: number, freeSlot: () => number): WatchedNode {
  const { node: name, incarnation, threads, device, tiles, place, utilisation, waitShare, roundTrip, nothing } = report;
  const state: WatchedState = report.state === 'earning' || report.state === 'working' ? 'computing' : report.state;
  const now = Math.round(at - 1000 * report.silent);
  // The leader's seconds and this clock's differ a little from one look to the next.
  const heard = before?.heard !== undefined && Math.abs(before.heard - now) < NOISE ? before.heard : now;
  return {
    ...{ name, incarnation, state, threads, tiles },
    ...(device === undefined ? {} : { device }),
    slot: before?.slot ?? freeSlot(),
    ...(place ? { place } : {}),
    earns: report.state === 'earning',
    ...(state === 'silent' || report.silent > UNUSUAL ? { heard } : {}),
    speed: rounded(report.speed),
    ...(utilisation === undefined ? {} : { utilisation: rounded(utilisation) }),
    ...(waitShare === undefined ? {} : { waitShare: rounded(waitShare) }),
    credits: rounded(report.credits),
    offeredSeconds: rounded(report.offeredSeconds),
    ...(roundTrip ? { roundTrip: { p50: rounded(roundTrip.p50), p95: rounded(roundTrip.p95) } } : {}),
    ...(nothing === undefined ? {} : { nothing: short(nothing) }),
  };
}

const ORDER: readonly RunRecord['state'][] = ['running', 'queued', 'finished', 'failed', 'cancelled'];

function runsOf(records: readonly RunRecord[]): readonly WatchedRun[] {
  return [...records]
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.run < b.run ? -1 : 1))
    .slice(0, MOST_WATCHED_RUNS)
    .map((record): WatchedRun => {
      const { run: id, owner, state, message, cut, steps, epoch, members, owners, shape } = record;
      const { panels, cellsX, cellsY, tileX, tileY } = shape;
      return {
        ...{ id, owner, state, steps, epoch },
        title: short(titleOf(record)),
        ...(message === undefined ? {} : { message: short(message) }),
        step: cut?.step ?? 0,
        grid: { panels, cellsX, cellsY, tileX, tileY },
        members: members.map(({ node }) => node),
        owners,
      };
    });
}

/** What a run is of: the title or name in its scenario's text, or the name of the library's. */
function titleOf(record: RunRecord): string {
  let scenario: string;
  try {
    scenario = readJob(record).scenario;
  } catch {
    return record.run;
  }
  if (!scenario.includes('\n')) return scenario;
  const found = /^title: *(.+)$/m.exec(scenario) ?? /^name: *(.+)$/m.exec(scenario);
  return found?.[1]?.trim().replace(/^["']|["']$/g, '') ?? record.run;
}
