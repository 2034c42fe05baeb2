import { isGoingOn } from '../protocol/cluster.ts';
import type { Happening, WatchedNode, WatchedRun, WhatHappened } from '../protocol/operations.ts';

interface Seen {
  readonly nodes: readonly WatchedNode[];
  readonly runs: readonly WatchedRun[];
}

/** What has happened between two looks at a cluster, in an order in which one thing may have led to the next. */
export function happenedBetween(before: Seen, after: Seen, at: number): readonly WhatHappened[] {
  return [...ofNodes(before, after, at), ...ofRuns(before, after)];
}

function ofNodes(before: Seen, after: Seen, at: number): WhatHappened[] {
  const known = new Map(before.nodes.map((node) => [node.name, node]));
  return after.nodes.flatMap((now): WhatHappened[] => {
    const was = known.get(now.name);
    const node = now.name;
    if (!was) return now.state === 'silent' ? [] : [{ kind: 'joined', node }];
    const happened: WhatHappened[] = [];
    if (now.incarnation !== was.incarnation) happened.push({ kind: 'restarted', node });
    else if (was.state === 'silent' && now.state !== 'silent') happened.push({ kind: 'back', node });
    if (now.state === 'draining' && was.state !== 'draining') happened.push({ kind: 'draining', node });
    if (now.state === 'silent' && was.state !== 'silent') {
      const isDone = was.state === 'draining' && now.tiles === 0;
      const silent = Number((Math.max(0, at - (now.heard ?? at)) / 1000).toFixed(1));
      happened.push(isDone ? { kind: 'left', node } : { kind: 'gone', node, silent });
    }
    return happened;
  });
}

function ofRuns(before: Seen, after: Seen): WhatHappened[] {
  const known = new Map(before.runs.map((run) => [run.id, run]));
  const silent = new Set(after.nodes.filter(({ state }) => state === 'silent').map(({ name }) => name));
  return after.runs.flatMap((now): WhatHappened[] => {
    const was = known.get(now.id);
    const happened: WhatHappened[] = [];
    const hadOwners = (was?.owners.length ?? 0) > 0;
    if (now.owners.length > 0 && !hadOwners && now.state === 'running')
      happened.push({ kind: 'begun', run: now.id, nodes: new Set(now.owners).size, tiles: now.owners.length });
    if (was && hadOwners && now.epoch !== was.epoch) happened.push(...movesBetween(was, now, silent));
    if (!isGoingOn(now) && was && isGoingOn(was)) {
      const { id: run, state, message } = now;
      happened.push({ kind: 'ended', run, state, ...(message === undefined ? {} : { message }) });
    }
    return happened;
  });
}

/** Tiles that have another owner, counted by pair; the most first. */
function movesBetween(was: WatchedRun, now: WatchedRun, silent: ReadonlySet<string>): WhatHappened[] {
  const counts = new Map<string, number>();
  now.owners.forEach((owner, tile) => {
    const [from, to] = [was.members[was.owners[tile]!], now.members[owner]];
    if (from === undefined || to === undefined || from === to) return;
    counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  });
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([pair, tiles]) => {
      const [from, to] = pair.split(' ') as [string, string];
      const { id: run, epoch } = now;
      return { kind: 'moved', run, epoch, tiles, from, to, isRescue: silent.has(from) };
    });
}

/** A history with more behind it, of so many happenings at most. */
export function recorded(
  history: readonly Happening[],
  happened: readonly WhatHappened[],
  at: number,
  most: number,
): readonly Happening[] {
  if (happened.length === 0) return history;
  const first = (history.at(-1)?.id ?? -1) + 1;
  return [...history, ...happened.map((what, k) => ({ id: first + k, at, ...what }))].slice(-most);
}
