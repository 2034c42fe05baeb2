import { describe, expect, test } from 'vitest';
import { packMessage, unpackMessage } from '../../../workers/protocol/frame.ts';
import {
  type ClusterView,
  changed,
  changeOf,
  MOST_HAPPENINGS,
  MOST_WATCHED_NODES,
  NOTHING_SEEN,
  readChange,
  type WatchedNode,
  type WatchedRun,
} from '../../../workers/protocol/operations.ts';
import { sequence } from '../run/small-ocean.ts';

const node = (name: string, more: Partial<WatchedNode> = {}): WatchedNode => ({
  ...{ name, incarnation: 1, slot: 0, state: 'computing', earns: true, threads: 2, speed: 1e6, tiles: 3 },
  ...{ credits: 0.5, offeredSeconds: 20, ...more },
});
const run = (id: string, more: Partial<WatchedRun> = {}): WatchedRun => ({
  ...{ id, title: 'A run', owner: 'me', state: 'running', step: 10, steps: 100, epoch: 1 },
  grid: { panels: 6, cellsX: 8, cellsY: 8, tileX: 8, tileY: 8 },
  ...{ members: ['a', 'b'], owners: [0, 0, 0, 1, 1, 1], ...more },
});
const view: ClusterView = {
  leader: { state: 'answers' },
  nodes: [node('a', { place: { longitude: 13.4, latitude: 52.5 }, roundTrip: { p50: 1, p95: 9 } }), node('b')],
  runs: [run('r')],
  happenings: [
    { id: 0, at: 1000, kind: 'leader-found' },
    { id: 1, at: 2000, kind: 'moved', run: 'r', epoch: 2, tiles: 3, from: 'a', to: 'b', isRescue: true },
  ],
};
const sent = (change: unknown) => unpackMessage(packMessage(change));

describe('changes of a view', () => {
  test('lead from any view to any other, over the wire', () => {
    const random = sequence(7);
    const some = <T>(things: readonly T[]): T[] => things.filter(() => random() < 0.6);
    let happened = 0;
    const next = (before: ClusterView): ClusterView => ({
      leader: random() < 0.8 ? { state: 'answers' } : { state: 'silent', since: 5, message: 'nobody' },
      nodes: some(['a', 'b', 'c', 'd']).map((name) => node(name, { tiles: Math.floor(random() * 3) })),
      runs: some(['r', 's']).map((id) =>
        run(id, { step: Math.floor(random() * 3), owners: random() < 0.5 ? [0, 0, 0, 1, 1, 1] : [1, 1, 1, 0, 0, 0] }),
      ),
      happenings: [
        ...before.happenings,
        ...some(['a', 'b']).map((name) => ({ id: happened++, at: 1, kind: 'joined', node: name }) as const),
      ],
    });
    let [truth, shown]: [ClusterView, ClusterView] = [NOTHING_SEEN, NOTHING_SEEN];
    for (let k = 0; k < 200; k++) {
      const before = truth;
      truth = next(before);
      const change = changeOf(k === 0 ? undefined : before, truth);
      if (change) shown = changed(shown, readChange(sent(change)));
      expect(shown).toEqual(truth);
    }
  });

  test('say nothing of what is as it was, and send owners once an epoch', () => {
    expect(changeOf(view, view)).toBeUndefined();
    expect(changeOf(view, structuredClone(view))).toBeUndefined();
    const change = changeOf(view, { ...view, runs: [run('r', { step: 20 })] })!;
    expect(Object.keys(change).sort()).toEqual(['isWhole', 'runs', 'version']);
    expect(change.runs![0]).not.toHaveProperty('owners');
    const moved = changeOf(view, { ...view, runs: [run('r', { epoch: 2, owners: [1, 1, 1, 1, 1, 1] })] })!;
    expect(moved.runs![0]!.owners).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('keep so many happenings and no more', () => {
    let shown = view;
    for (let id = 2; id < MOST_HAPPENINGS + 50; id++)
      shown = changed(shown, { version: 1, isWhole: false, happenings: [{ id, at: id, kind: 'joined', node: 'a' }] });
    expect(shown.happenings.length).toBe(MOST_HAPPENINGS);
    expect(shown.happenings.at(-1)!.id).toBe(MOST_HAPPENINGS + 49);
  });
});

describe('a viewer believes no', () => {
  const whole = changeOf(undefined, view)!;
  test.each<[string, unknown]>([
    ['other version', { ...whole, version: 2 }],
    ['list', []],
    ['state that there is not', { ...whole, nodes: [node('a', { state: 'asleep' as never })] }],
    ['place off the globe', { ...whole, nodes: [node('a', { place: { longitude: 181, latitude: 0 } })] }],
    ['speed that is no number', { ...whole, nodes: [node('a', { speed: Number.NaN })] }],
    ['name that never ends', { ...whole, nodes: [node('a'.repeat(65))] }],
    ['crowd', { ...whole, nodes: Array.from({ length: MOST_WATCHED_NODES + 1 }, (_, k) => node(`n${k}`)) }],
    ['grid without tiles', { ...whole, runs: [run('r', { grid: { ...run('r').grid, tileX: 0 } })] }],
    ['owner below none', { ...whole, runs: [run('r', { owners: [-1] })] }],
    ['happening of another kind', { ...whole, happenings: [{ id: 1, at: 1, kind: 'exploded', node: 'a' }] }],
    ['reason as long as a book', { ...whole, nodes: [node('a', { nothing: 'x'.repeat(1001) })] }],
  ])('%s', (_, wrong) => {
    expect(() => readChange(wrong)).toThrow('OperationsUnknown');
    expect(readChange(sent(whole))).toEqual(whole);
  });
});
