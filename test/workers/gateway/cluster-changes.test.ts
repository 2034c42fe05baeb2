import { expect, test } from 'vitest';
import { happenedBetween, recorded } from '../../../workers/gateway/cluster-changes.ts';
import type { Watched } from '../../../workers/gateway/cluster-view.ts';
import type { WatchedNode, WatchedRun } from '../../../workers/protocol/operations.ts';

const node = (name: string, more: Partial<WatchedNode> = {}): WatchedNode => ({
  ...{ name, incarnation: 1, slot: 0, state: 'computing', earns: true, threads: 1, speed: 1, tiles: 3, credits: 0 },
  ...{ offeredSeconds: 1, ...more },
});
const run = (more: Partial<WatchedRun> = {}): WatchedRun => ({
  ...{ id: 'r', title: 'r', owner: 'me', state: 'running', step: 10, steps: 100, epoch: 1 },
  grid: { panels: 6, cellsX: 8, cellsY: 8, tileX: 8, tileY: 8 },
  ...{ members: ['a', 'b', 'c'], owners: [0, 0, 1, 1, 2, 2], ...more },
});
const happened = (before: Partial<Watched>, after: Partial<Watched>, at = 10_000) =>
  happenedBetween({ nodes: [], runs: [], ...before }, { nodes: [], runs: [], ...after }, at);
const abc = [node('a'), node('b'), node('c')];

test('nothing has happened between equal views', () => {
  expect(happened({ nodes: abc, runs: [run()] }, { nodes: abc, runs: [run({ step: 20 })] })).toEqual([]);
});

test('a node that dies is gone, and each pair of owners tells how many tiles moved', () => {
  const dead = node('c', { state: 'silent', heard: 9100, tiles: 0 });
  const after = run({ epoch: 2, members: ['a', 'b'], owners: [0, 0, 1, 1, 0, 1] });
  expect(happened({ nodes: abc, runs: [run()] }, { nodes: [abc[0]!, abc[1]!, dead], runs: [after] })).toEqual([
    { kind: 'gone', node: 'c', silent: 0.9 },
    { kind: 'moved', run: 'r', epoch: 2, tiles: 1, from: 'c', to: 'a', isRescue: true },
    { kind: 'moved', run: 'r', epoch: 2, tiles: 1, from: 'c', to: 'b', isRescue: true },
  ]);
});

test('a planned move is no rescue, the most tiles come first', () => {
  const after = run({ epoch: 2, members: ['b', 'a'], owners: [0, 0, 0, 0, 1, 0] });
  expect(happened({ nodes: abc, runs: [run()] }, { nodes: abc, runs: [after] })).toMatchObject([
    { from: 'a', to: 'b', tiles: 2, isRescue: false },
    { from: 'c', to: 'a', tiles: 1, isRescue: false },
    { from: 'c', to: 'b', tiles: 1, isRescue: false },
  ]);
});

test.each<[string, WatchedNode | undefined, WatchedNode, readonly string[]]>([
  ['joins', undefined, node('a'), ['joined']],
  ['has long been silent', undefined, node('a', { state: 'silent' }), []],
  ['is heard again', node('a', { state: 'silent' }), node('a'), ['back']],
  ['was started again', node('a'), node('a', { incarnation: 2 }), ['restarted']],
  ['drains', node('a'), node('a', { state: 'draining' }), ['draining']],
  [
    'leaves when drained',
    node('a', { state: 'draining', tiles: 0 }),
    node('a', { state: 'silent', tiles: 0 }),
    ['left'],
  ],
  ['dies while it drains', node('a', { state: 'draining' }), node('a', { state: 'silent' }), ['gone']],
  ['stays silent', node('a', { state: 'silent' }), node('a', { state: 'silent' }), []],
  ['prepares', node('a'), node('a', { state: 'preparing' }), []],
])('a node that %s', (_, before, after, kinds) => {
  const found = happened({ nodes: before ? [before] : [] }, { nodes: [after] });
  expect(found.map(({ kind }) => kind)).toEqual(kinds);
});

test('a run begins with its first owners, and ends with its reason', () => {
  const queued = run({ state: 'queued', epoch: 0, members: [], owners: [] });
  expect(happened({ runs: [queued] }, { runs: [run()] })).toEqual([{ kind: 'begun', run: 'r', nodes: 3, tiles: 6 }]);
  expect(happened({}, { runs: [queued] })).toEqual([]);
  const failed = run({ state: 'failed', message: 'a cell failed' });
  expect(happened({ runs: [run()] }, { runs: [failed] })).toEqual([
    { kind: 'ended', run: 'r', state: 'failed', message: 'a cell failed' },
  ]);
  expect(happened({ runs: [failed] }, { runs: [failed] })).toEqual([]);
});

test('a history counts on, and forgets the oldest', () => {
  const history = [1, 2, 3].reduce(
    (known, at) => recorded(known, [{ kind: 'joined', node: 'a' }, { kind: 'leader-found' }], at, 4),
    recorded([], [], 0, 4),
  );
  expect(history.map(({ id, at, kind }) => [id, at, kind])).toEqual([
    [2, 2, 'joined'],
    [3, 2, 'leader-found'],
    [4, 3, 'joined'],
    [5, 3, 'leader-found'],
  ]);
});
