import type { ClusterRunState } from './cluster.ts';
import type { NodePlace } from './metering.ts';

/**
 * Who computes what, as viewers are shown it: nodes, runs and what has happened. A viewer that asks is told the whole view
 * once, then what has changed since the last it was told.
 */
export const OPERATIONS_VERSION = 1;

/** Limits of what a view holds; a gateway shows no more, and a viewer believes no more. */
export const MOST_WATCHED_NODES = 1000;
export const MOST_WATCHED_RUNS = 50;
export const MOST_HAPPENINGS = 300;
const MOST_TILES = 100_000;
const MOST_TEXT = 1000;

export const WATCHED_STATES = ['computing', 'idle', 'preparing', 'draining', 'silent'] as const;
export type WatchedState = (typeof WATCHED_STATES)[number];

/** A node; figures to three digits, so that noise is no news. */
export interface WatchedNode {
  readonly name: string;
  readonly incarnation: number;
  /** Its place in the table of colours: the same for all viewers, kept while it is shown. */
  readonly slot: number;
  /** Where its operator says that it stands. */
  readonly place?: NodePlace;
  readonly state: WatchedState;
  /** Whether work of it in a run that goes on is accepted. */
  readonly earns: boolean;
  /** When it was last heard [ms since 1970]; of silent nodes, and those that said that they would be silent. */
  readonly heard?: number;
  readonly threads: number;
  /** The graphics device that it computes on, if it does. */
  readonly device?: string;
  /** Cell-updates a second. */
  readonly speed: number;
  readonly tiles: number;
  /** Shares, 0 … 1: thread-seconds of accepted work of those offered, and time before halos came. */
  readonly utilisation?: number;
  readonly waitShare?: number;
  readonly credits: number;
  /** Thread-seconds for which the leader heard it. */
  readonly offeredSeconds: number;
  /** Round trips to the leader [ms]. */
  readonly roundTrip?: { readonly p50: number; readonly p95: number };
  /** Why its last segment has earned it nothing. */
  readonly nothing?: string;
}

export interface WatchedRun {
  readonly id: string;
  readonly title: string;
  /** Who submitted it. */
  readonly owner: string;
  readonly state: ClusterRunState;
  readonly message?: string;
  /** Accepted so far. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly grid: {
    readonly panels: number;
    readonly cellsX: number;
    readonly cellsY: number;
    readonly tileX: number;
    readonly tileY: number;
  };
  /** Names of members, and of each tile the place of its owner among them; no owners before the first epoch. */
  readonly members: readonly string[];
  readonly owners: readonly number[];
}

/** What has happened, by comparing one look at the cluster with the next. */
export type Happening = { readonly id: number /** [ms since 1970] */; readonly at: number } & WhatHappened;

export type WhatHappened =
  | { readonly kind: 'joined'; readonly node: string }
  /** Not heard for longer than it is waited for [s]. */
  | { readonly kind: 'gone'; readonly node: string; readonly silent: number }
  | { readonly kind: 'back'; readonly node: string }
  /** Another process of a node. */
  | { readonly kind: 'restarted'; readonly node: string }
  | { readonly kind: 'draining'; readonly node: string }
  /** It was drained, and fell silent without a tile. */
  | { readonly kind: 'left'; readonly node: string }
  | {
      readonly kind: 'moved';
      readonly run: string;
      readonly epoch: number;
      readonly tiles: number;
      readonly from: string;
      readonly to: string;
      /** Whether its last owner was silent. */
      readonly isRescue: boolean;
    }
  | { readonly kind: 'begun'; readonly run: string; readonly nodes: number; readonly tiles: number }
  | { readonly kind: 'ended'; readonly run: string; readonly state: ClusterRunState; readonly message?: string }
  | { readonly kind: 'leader-lost'; readonly message: string }
  | { readonly kind: 'leader-found' };

export type LeaderSeen =
  | { readonly state: 'asked' }
  | { readonly state: 'answers' }
  /** When it was last heard [ms since 1970], if ever, and what was said instead. */
  | { readonly state: 'silent'; readonly since: number; readonly message: string };

export interface ClusterView {
  readonly leader: LeaderSeen;
  /** By name. */
  readonly nodes: readonly WatchedNode[];
  /** Those that go on first. */
  readonly runs: readonly WatchedRun[];
  /** The oldest first. */
  readonly happenings: readonly Happening[];
}

export const NOTHING_SEEN: ClusterView = { leader: { state: 'asked' }, nodes: [], runs: [], happenings: [] };

/** What is new in a view; parts that are left out are as they were. */
export interface ClusterChange {
  readonly version: typeof OPERATIONS_VERSION;
  /** Whether all before is to be forgotten. */
  readonly isWhole: boolean;
  readonly leader?: LeaderSeen;
  /** Nodes and runs that are new or other than before. */
  readonly nodes?: readonly WatchedNode[];
  readonly runs?: readonly (Omit<WatchedRun, 'members' | 'owners'> & Partial<Pick<WatchedRun, 'members' | 'owners'>>)[];
  /** All names there are, in their order, where that has changed. */
  readonly nodeNames?: readonly string[];
  readonly runIds?: readonly string[];
  /** Since the last told. */
  readonly happenings?: readonly Happening[];
}

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
const isSameOrder = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, k) => one === b[k]);

/** What leads from one view to another; without one before, all of it. Undefined where nothing has changed. */
export function changeOf(before: ClusterView | undefined, after: ClusterView): ClusterChange | undefined {
  if (before === after) return undefined;
  const { leader, nodes, runs, happenings } = before ?? NOTHING_SEEN;
  const [knownNodes, knownRuns] = [
    new Map(nodes.map((node) => [node.name, node])),
    new Map(runs.map((run) => [run.id, run])),
  ];
  const newNodes = after.nodes.filter((node) => !isEqual(knownNodes.get(node.name), node));
  const newRuns = after.runs
    .filter((run) => !isEqual(knownRuns.get(run.id), run))
    .map((run) => {
      const known = knownRuns.get(run.id);
      // Owners are most of a run, and change once an epoch.
      const isSame = known !== undefined && isEqual(known.members, run.members) && isEqual(known.owners, run.owners);
      const { members, owners, ...facts } = run;
      return isSame ? facts : { ...facts, members, owners };
    });
  const [names, ids] = [after.nodes.map(({ name }) => name), after.runs.map(({ id }) => id)];
  const last = happenings.at(-1)?.id ?? -1;
  const newHappenings = after.happenings.filter(({ id }) => id > last);
  const change = {
    ...(isEqual(leader, after.leader) && before ? {} : { leader: after.leader }),
    ...(newNodes.length > 0 ? { nodes: newNodes } : {}),
    ...(newRuns.length > 0 ? { runs: newRuns } : {}),
    ...(isSameOrder(
      nodes.map(({ name }) => name),
      names,
    )
      ? {}
      : { nodeNames: names }),
    ...(isSameOrder(
      runs.map(({ id }) => id),
      ids,
    )
      ? {}
      : { runIds: ids }),
    ...(newHappenings.length > 0 ? { happenings: newHappenings } : {}),
  };
  if (before && Object.keys(change).length === 0) return undefined;
  return { version: OPERATIONS_VERSION, isWhole: before === undefined, ...change };
}

/** The view after a change. */
export function changed(before: ClusterView, change: ClusterChange): ClusterView {
  const base = change.isWhole ? NOTHING_SEEN : before;
  const nodes = new Map(base.nodes.map((node) => [node.name, node]));
  for (const node of change.nodes ?? []) nodes.set(node.name, node);
  const runs = new Map(base.runs.map((run) => [run.id, run]));
  for (const run of change.runs ?? []) {
    const known = runs.get(run.id);
    runs.set(run.id, {
      ...run,
      members: run.members ?? known?.members ?? [],
      owners: run.owners ?? known?.owners ?? [],
    });
  }
  const ordered = <T>(things: ReadonlyMap<string, T>, keys: readonly string[]): T[] =>
    keys.flatMap((key) => things.get(key) ?? []);
  return {
    leader: change.leader ?? base.leader,
    nodes: ordered(nodes, change.nodeNames ?? base.nodes.map(({ name }) => name)),
    runs: ordered(runs, change.runIds ?? base.runs.map(({ id }) => id)),
    happenings: [...base.happenings, ...(change.happenings ?? [])].slice(-MOST_HAPPENINGS),
  };
}

type Unknown = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isText = (value: unknown, most = MOST_TEXT): value is string => typeof value === 'string' && value.length <= most;
const isName = (value: unknown): value is string => isText(value, 64) && value.length > 0;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;
const isAbsentOr = (value: unknown, check: (value: unknown) => boolean): boolean =>
  value === undefined || value === null || check(value);
const isList = (value: unknown, most: number, of: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= most && value.every(of);

const isWatchedNode = (value: unknown): boolean =>
  isObject(value) &&
  isName(value.name) &&
  [value.incarnation, value.slot, value.threads, value.tiles].every(isCount) &&
  WATCHED_STATES.some((state) => state === value.state) &&
  typeof value.earns === 'boolean' &&
  [value.speed, value.credits, value.offeredSeconds].every(isAmount) &&
  [value.utilisation, value.waitShare, value.heard].every((figure) => isAbsentOr(figure, isAmount)) &&
  isAbsentOr(value.place, isPlace) &&
  isAbsentOr(value.roundTrip, (trip) => isObject(trip) && isAmount(trip.p50) && isAmount(trip.p95)) &&
  [value.nothing, value.device].every((text) => isAbsentOr(text, isText));

const isPlace = (value: unknown): boolean =>
  isObject(value) &&
  Number.isFinite(value.longitude) &&
  Math.abs(value.longitude as number) <= 180 &&
  Number.isFinite(value.latitude) &&
  Math.abs(value.latitude as number) <= 90;

const RUN_STATES: readonly unknown[] = ['queued', 'running', 'finished', 'failed', 'cancelled'];

function isWatchedRun(value: unknown): boolean {
  if (!isObject(value) || !isName(value.id) || !isText(value.title) || !isText(value.owner)) return false;
  if (!RUN_STATES.includes(value.state) || !isAbsentOr(value.message, (text) => isText(text))) return false;
  const { grid, members, owners } = value;
  if (![value.step, value.steps, value.epoch].every(isCount) || !isObject(grid)) return false;
  const sizes = [grid.panels, grid.cellsX, grid.cellsY, grid.tileX, grid.tileY];
  if (!sizes.every((size) => isCount(size) && size > 0)) return false;
  return (
    isAbsentOr(members, (list) => isList(list, 10_000, isName)) &&
    isAbsentOr(owners, (list) => isList(list, MOST_TILES, isCount))
  );
}

function isHappening(value: unknown): boolean {
  if (!isObject(value) || !isCount(value.id) || !isAmount(value.at)) return false;
  switch (value.kind) {
    case 'joined':
    case 'back':
    case 'restarted':
    case 'draining':
    case 'left':
      return isName(value.node);
    case 'gone':
      return isName(value.node) && isAmount(value.silent);
    case 'moved':
      return (
        [value.run, value.from, value.to].every(isName) &&
        [value.epoch, value.tiles].every(isCount) &&
        typeof value.isRescue === 'boolean'
      );
    case 'begun':
      return isName(value.run) && isCount(value.nodes) && isCount(value.tiles);
    case 'ended':
      return isName(value.run) && RUN_STATES.includes(value.state) && isAbsentOr(value.message, (text) => isText(text));
    case 'leader-lost':
      return isText(value.message);
    case 'leader-found':
      return true;
    default:
      return false;
  }
}

function isLeader(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value.state === 'silent') return isAmount(value.since) && isText(value.message);
  return value.state === 'asked' || value.state === 'answers';
}

/** A message as a change, every part checked. Throws OperationsUnknown. */
export function readChange(value: unknown): ClusterChange {
  if (!isObject(value) || value.version !== OPERATIONS_VERSION)
    throw new Error(
      `OperationsUnknown: version ${isObject(value) ? String(value.version) : 'none'} of what nodes do, and this page knows ${OPERATIONS_VERSION}. Reload the page.`,
    );
  const isRight =
    typeof value.isWhole === 'boolean' &&
    isAbsentOr(value.leader, isLeader) &&
    isAbsentOr(value.nodes, (list) => isList(list, MOST_WATCHED_NODES, isWatchedNode)) &&
    isAbsentOr(value.runs, (list) => isList(list, MOST_WATCHED_RUNS, isWatchedRun)) &&
    isAbsentOr(value.nodeNames, (list) => isList(list, MOST_WATCHED_NODES, isName)) &&
    isAbsentOr(value.runIds, (list) => isList(list, MOST_WATCHED_RUNS, isName)) &&
    isAbsentOr(value.happenings, (list) => isList(list, MOST_HAPPENINGS, isHappening));
  if (!isRight) throw new Error('OperationsUnknown: what came of the nodes cannot be read. Reload the page.');
  return value as unknown as ClusterChange;
}
