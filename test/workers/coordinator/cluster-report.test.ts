import { expect, test } from 'vitest';
import { reportNodes } from '../../../workers/coordinator/cluster-report.ts';
import type { RunRecord } from '../../../workers/protocol/cluster.ts';
import type { Segment } from '../../../workers/protocol/metering.ts';
import { nodeStatus } from './node-status.ts';

const claimed = { computeSeconds: 30, threadSeconds: 60, waitSeconds: 10, bytesSent: 5, bytesReceived: 7 };
const share = (node: string) => ({ node, incarnation: 1, tiles: 1, claimed });
const SILENCE = { reason: 'b was silent for 0.9 s', lost: 3 };

function runOf(run: string, state: RunRecord['state'], segments: readonly Segment[]): RunRecord {
  const members = segments.at(-1)!.shares.map(({ node, incarnation }) => ({ node, incarnation }));
  return {
    ...{ run, state, owner: 'scientist', job: '{}', steps: 100, cutEvery: 10, operations: 100, epoch: segments.length },
    shape: { panels: 1, cellsX: 20, cellsY: 10, tileX: 10, tileY: 10, width: 4, hashed: 3, others: 1 },
    ...{ curve: [0, 1], members, owners: [0, members.length - 1] },
    history: { carried: { epochs: 0, to: 0, shares: [] }, segments },
  };
}

const lost: Segment = { epoch: 1, from: 0, to: 0, shares: [share('a'), share('b')], ended: SILENCE };

test('a node is counted as earning only where work of the present epoch is accepted', () => {
  const begun: Segment = { epoch: 2, from: 0, to: 0, shares: [share('a'), share('c')] };
  const nodes = [
    ...[
      nodeStatus('a'),
      nodeStatus('c'),
      nodeStatus('idle'),
      nodeStatus('gone', { silent: 801 }),
      nodeStatus('leaving', { draining: true }),
    ],
    nodeStatus('busy', { silent: 5000, patience: 30_000, prepares: true }),
    // A large run asks for patience while it is computed too.
    nodeStatus('patient', { patience: 30_000 }),
  ];
  const statesWith = (segment: Segment) =>
    Object.fromEntries(
      reportNodes(nodes, [runOf('r', 'running', [lost, segment])]).map((one) => [one.node, one.state]),
    );
  const others = { idle: 'idle', gone: 'silent', leaving: 'draining', busy: 'preparing', patient: 'idle' };
  expect(statesWith(begun)).toEqual({ ...others, a: 'working', c: 'working' });
  expect(statesWith({ ...begun, to: 10 })).toEqual({ ...others, a: 'earning', c: 'earning' });
});

test('why nothing was earned is said of runs that go on before others', () => {
  const done: Segment = { epoch: 1, from: 0, to: 100, shares: [share('a')], ended: { reason: 'finished', lost: 0 } };
  const [a, b] = reportNodes(
    [nodeStatus('a'), nodeStatus('b')],
    [runOf('old', 'failed', [lost]), runOf('new', 'running', [{ ...done, to: 50 }])],
  );
  expect(a!.nothing).toBeUndefined();
  expect(b!.nothing).toBe('old: b was silent for 0.9 s; 3 steps after the cut that is left are lost');
});

test('utilisation is what accepted work took over what was offered', () => {
  const done: Segment = { epoch: 1, from: 0, to: 100, shares: [share('a'), share('b')] };
  const [a, idle] = reportNodes(
    [nodeStatus('idle', { offeredSeconds: 0 }), nodeStatus('a')],
    [runOf('r', 'running', [done])],
  );
  expect(a).toMatchObject({
    utilisation: 0.5,
    waitShare: 0.25,
    tiles: 1,
    cellUpdates: 10_000n,
    operations: 1_000_000n,
  });
  expect(a!.credits).toBe(1e-6);
  expect(idle).toMatchObject({ utilisation: undefined, waitShare: undefined, credits: 0 });
});
