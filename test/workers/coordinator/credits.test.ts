import { describe, expect, test } from 'vitest';
import { creditsOf, creditsOfAll, losses, lossOf } from '../../../workers/coordinator/credits.ts';
import {
  MOST_CARRIED,
  MOST_SEGMENTS,
  MOST_SHARES,
  withCut,
  withEnd,
  withEpoch,
} from '../../../workers/coordinator/history.ts';
import type { Member, RunRecord } from '../../../workers/protocol/cluster.ts';
import { packCluster, readRecord } from '../../../workers/protocol/cluster-messages.ts';
import { FURTHER_NODES, NO_HISTORY, type SegmentWork } from '../../../workers/protocol/metering.ts';
import { seeded } from '../../cluster/virtual-time.ts';

const TILES = 8;
const HASH = 'ab'.repeat(32);

const queued: RunRecord = {
  run: 'the-run',
  owner: 'scientist',
  job: '{}',
  state: 'queued',
  shape: { panels: 1, cellsX: 32, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
  steps: 1_000_000,
  cutEvery: 10,
  operations: 12_345_678_901,
  curve: Array.from({ length: TILES }, (_, tile) => tile),
  epoch: 0,
  members: [],
  owners: [],
  history: NO_HISTORY,
};

const member = (node: string): Member => ({ node, incarnation: 1 });
const workOf = (computeSeconds: number): SegmentWork => ({
  ...{ threads: 2, computeSeconds, waitSeconds: 1, bytesSent: 10, bytesReceived: 20 },
});

/** The next epoch, on these members; each owns the tiles that are dealt to it. */
const epoch = (record: RunRecord, nodes: readonly string[], reason = 'moved', farthest = 0): RunRecord =>
  withEpoch({
    ...withEnd(record, reason, farthest),
    state: 'running',
    epoch: record.epoch + 1,
    members: nodes.map(member),
    owners: record.curve.map((tile) => tile % nodes.length),
  });

const cut = (record: RunRecord, step: number, seconds = 1): RunRecord =>
  withCut(
    record,
    { step, tiles: record.curve.map(() => HASH) },
    new Map(record.members.map((_, place) => [place, workOf(seconds)])),
  );

const tileSteps = (record: RunRecord) =>
  Object.fromEntries(creditsOf(record).map((earnings) => [earnings.node, earnings.tileSteps]));

describe('credits', () => {
  test('are tiles × steps × cells of a tile × operations, to the last of them', () => {
    const record = cut(epoch(queued, ['a', 'b', 'c']), 999_983);
    const earned = creditsOf(record);
    expect(earned.map(({ node, operations }) => [node, operations])).toEqual([
      ['a', 3n * 999_983n * 64n * 12_345_678_901n],
      ['b', 3n * 999_983n * 64n * 12_345_678_901n],
      ['c', 2n * 999_983n * 64n * 12_345_678_901n],
    ]);
    expect(earned[0]!.cellUpdates).toBe(3n * 999_983n * 64n);
    expect(earned[2]!.credits).toBeCloseTo((2 * 999_983 * 64 * 12_345_678_901) / 1e12, 3);
  });

  test('are nobody’s before the first cut, and after it theirs who had the tiles', () => {
    const began = epoch(queued, ['a', 'b']);
    expect(tileSteps(began)).toEqual({ a: 0, b: 0 });
    const first = cut(began, 10);
    expect(tileSteps(first)).toEqual({ a: 40, b: 40 });
    // b had come to step 19; a goes on alone from step 10.
    const alone = epoch(first, ['a'], 'b was silent for 0.9 s', 19);
    expect(alone.history.segments[0]!.ended).toEqual({ reason: 'b was silent for 0.9 s', lost: 9 });
    expect(tileSteps(cut(alone, 20))).toEqual({ a: 120, b: 40 });
  });

  test('are none for an epoch without a cut, which says why', () => {
    const record = epoch(epoch(queued, ['a', 'b']), ['a'], 'b was silent for 0.9 s', 7);
    expect(losses(record).get('a')).toBeUndefined();
    expect(losses(record).get('b')).toBe('b was silent for 0.9 s; 7 steps after the cut that is left are lost');
    expect(losses(cut(epoch(cut(record, 10), ['a', 'b']), 20)).get('b')).toBeUndefined();
    expect(lossOf({ reason: 'planned move: c joined', lost: 0 })).toBe('planned move: c joined');
  });

  test('carry what members say of their work, thread by thread', () => {
    const record = cut(cut(epoch(queued, ['a', 'b']), 10, 1.5), 20, 0.25);
    expect(creditsOf(record)[0]!.claimed).toEqual({
      ...{ computeSeconds: 1.75, threadSeconds: 3.5, waitSeconds: 2, bytesSent: 20, bytesReceived: 40 },
    });
  });
});

describe('through any changes of members', () => {
  test.each([1, 2, 3, 4])('all work is somebody’s, once, and the record stays small: seed %i', (seed) => {
    const random = seeded(seed);
    const whole = (most: number) => Math.floor(most * random());
    const expected = new Map<string, number>();
    let record = epoch(queued, ['node-0']);
    let step = 0;
    for (let k = 0; k < 600; k++) {
      if (random() < 0.5) {
        const before = step;
        step += 10 * (1 + whole(3));
        for (const place of record.owners) {
          const { node } = record.members[place]!;
          expected.set(node, (expected.get(node) ?? 0) + (step - before));
        }
        record = cut(record, step);
      } else {
        const nodes = Array.from({ length: 1 + whole(TILES) }, () => `node-${whole(40)}`);
        record = epoch(record, [...new Set(nodes)], 'moved', step + whole(10));
      }
      expect(record.history.segments.length).toBeLessThanOrEqual(MOST_SEGMENTS);
    }
    expect(record.history.carried.epochs).toBeGreaterThan(100);
    const earned = tileSteps(record);
    for (const [node, steps] of expected) expect(earned[node], node).toBe(steps);
    expect(creditsOfAll(record).operations).toBe(BigInt(step * TILES * 64) * BigInt(queued.operations));
    expect(readRecord(packCluster(record))).toEqual(record);
    expect(packCluster(record).length).toBeLessThan(256 * 1024);
  });

  test('many members fit too: shares are bounded, and nodes kept by name; the sum is exact', () => {
    const many = { ...queued, curve: Array.from({ length: 400 }, (_, tile) => tile) };
    let record = epoch(many, ['first']);
    for (let k = 1; k <= 10; k++) {
      record = cut(record, 10 * k);
      record = epoch(
        record,
        Array.from({ length: 400 }, (_, place) => `node-${k}-${place}`),
      );
    }
    const { carried, segments } = record.history;
    expect(segments.reduce((sum, { shares }) => sum + shares.length, 0)).toBeLessThanOrEqual(MOST_SHARES);
    expect(carried.shares).toHaveLength(MOST_CARRIED + 1);
    expect(carried.shares.find(({ node }) => node === FURTHER_NODES)!.tileSteps).toBeGreaterThan(0);
    // The most work is kept by name.
    expect(carried.shares.find(({ node }) => node === 'first')!.tileSteps).toBe(4000);
    expect(creditsOfAll(record).tileSteps).toBe(400 * 100);
    expect(readRecord(packCluster(record))).toEqual(record);
    expect(packCluster(record).length).toBeLessThan(1024 * 1024);
  });
});
