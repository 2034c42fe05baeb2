import { describe, expect, test } from 'vitest';
import {
  idleShard,
  onShardEvent,
  type ShardCommand,
  type ShardEvent,
  type ShardState,
} from '../../../workers/node/shard-machine.ts';
import type { RunRecord } from '../../../workers/protocol/cluster.ts';
import { NO_HISTORY } from '../../../workers/protocol/metering.ts';

const SELF = { node: 'b', incarnation: 1 };
const HASH = 'ab'.repeat(32);

/** Four tiles on three members; this node is the second. */
const record: RunRecord = {
  run: 'the-run',
  owner: 'scientist',
  job: '{}',
  state: 'running',
  shape: { panels: 1, cellsX: 16, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
  steps: 100,
  cutEvery: 10,
  curve: [0, 1, 2, 3],
  epoch: 1,
  members: [{ node: 'a', incarnation: 1 }, SELF, { node: 'c', incarnation: 1 }],
  owners: [0, 1, 1, 2],
  operations: 100,
  history: NO_HISTORY,
};
const WORK = { threads: 1, computeSeconds: 0.5, waitSeconds: 0.25, bytesSent: 1000, bytesReceived: 2000 };
const cutAt = (step: number) => ({ step, tiles: [HASH, HASH, HASH, HASH] });
const TILES = [
  [1, HASH],
  [2, HASH],
] as const;
const handInAt = (step: number, epoch = 1) =>
  ({
    type: 'hand-in',
    handIn: { type: 'hand-in', run: 'the-run', epoch, member: SELF, step, tiles: TILES, busy: [2], work: WORK },
  }) as const;

const [FROM_A, FROM_C, WRONG] = [10, 12, 99].map((byte) => Uint8Array.of(byte)) as [Uint8Array, Uint8Array, Uint8Array];
/** What a member is sent in a round. */
const messageTo = (to: number, round: number, epoch: number) => Uint8Array.of(to, round, epoch);
const messagesOf = (round: number, epoch: number) => new Map([0, 2].map((to) => [to, messageTo(to, round, epoch)]));
const IN = new Map([
  [0, FROM_A],
  [2, FROM_C],
]);

/** A shard, told what happens; gives the commands that come out. */
class Story {
  state: ShardState = idleShard(SELF);

  tell(event: ShardEvent): readonly ShardCommand[] {
    const [state, commands] = onShardEvent(this.state, event);
    this.state = state;
    return commands;
  }
  at = (now: number) => this.tell({ type: 'tick', now });
  record = (news: Partial<RunRecord> = {}) => this.tell({ type: 'record', record: { ...record, ...news } });
  prepared = (epoch = 1) => this.tell({ type: 'prepared', epoch, peers: [0, 2], roundsPerStep: 2 });
  begun = (round: number, epoch = 1) => this.tell({ type: 'begun', epoch, round, halos: messagesOf(round, epoch) });
  halo = (from: number, round: number, bytes = from === 0 ? FROM_A : FROM_C, epoch = 1) =>
    this.tell({ type: 'halo', epoch, from, round, bytes, sender: record.members[from]!.node });
  asked = (from: number, round: number, epoch = 1) => this.tell({ type: 'asked', epoch, from, round });
  reached = (step: number, epoch = 1) =>
    this.tell({ type: 'reached', epoch, step, tiles: TILES, busy: [2], work: WORK });
  taken = (step: number, epoch = 1) => this.tell({ type: 'taken', epoch, step });
}

/** One that computes from step 0 towards the first cut. */
function advancing(): Story {
  const shard = new Story();
  shard.record();
  shard.prepared();
  return shard;
}

const send = (to: number, round: number, epoch = 1) =>
  ({ type: 'send', to, message: messageTo(to, round, epoch) }) as const;
const ask = (to: number, round: number, epoch = 1) => ({ type: 'ask', to, epoch, round }) as const;
const release = (round: number, halos = IN, epoch = 1) => ({ type: 'release', epoch, round, halos }) as const;
const advance = (to: number, epoch = 1) => ({ type: 'advance', epoch, to }) as const;

describe('a shard', () => {
  test('prepares, advances to a cut, trades halos round by round, and hands its tiles in', () => {
    const shard = new Story();
    expect(shard.record()).toEqual([{ type: 'drop' }, { type: 'prepare', record, self: 1 }]);
    expect(shard.prepared()).toEqual([advance(10)]);
    expect(shard.begun(0)).toEqual([send(0, 0), send(2, 0)]);
    expect(shard.halo(2, 0)).toEqual([]);
    expect(shard.halo(0, 0)).toEqual([release(0)]);
    // The other two are faster: they cannot be more than one round ahead.
    expect(shard.halo(0, 1)).toEqual([]);
    expect(shard.halo(2, 1)).toEqual([]);
    expect(shard.begun(1)).toEqual([send(0, 1), send(2, 1), release(1)]);
    expect(shard.reached(10)).toEqual([handInAt(10), advance(20)]);
  });

  test('starts from the record`s cut', () => {
    const shard = new Story();
    const late = { ...record, cut: cutAt(30) };
    expect(shard.record(late)).toEqual([{ type: 'drop' }, { type: 'prepare', record: late, self: 1 }]);
    expect(shard.prepared()).toEqual([advance(40)]);
  });

  test('leaves alone what is not for it: runs it is no member of, earlier lives of its own, other runs', () => {
    const shard = new Story();
    expect(shard.record({ members: [record.members[0]!, { node: 'b', incarnation: 0 }, record.members[2]!] })).toEqual(
      [],
    );
    expect(shard.record({ state: 'finished' })).toEqual([]);
    expect(shard.state.phase.name).toBe('idle');
    expect(shard.record({ run: 'another', epoch: 9 })).toEqual([]);
    expect(shard.state.record?.run).toBe('the-run');
  });
});

describe('halos', () => {
  test('that overtake the record of their epoch are kept for it, from who is a member there', () => {
    const shard = new Story();
    shard.record();
    shard.prepared();
    shard.begun(0);
    expect(shard.halo(0, 20, FROM_A, 2)).toEqual([]);
    shard.halo(0, 20, WRONG, 3);
    // Somebody else in the name of c, before c itself and after.
    shard.tell({ type: 'halo', epoch: 2, from: 2, round: 20, bytes: WRONG, sender: 'mallory' });
    expect(shard.halo(2, 20, FROM_C, 2)).toEqual([]);
    shard.tell({ type: 'halo', epoch: 2, from: 2, round: 20, bytes: WRONG, sender: 'mallory' });
    expect(shard.record({ epoch: 2, cut: cutAt(10) }).map(({ type }) => type)).toEqual(['drop', 'prepare']);
    expect(shard.prepared(2)).toEqual([advance(20, 2)]);
    expect(shard.begun(20, 2)).toEqual([send(0, 20, 2), send(2, 20, 2), release(20, IN, 2)]);
    // That of the third epoch still waits for its own.
    expect(shard.state.early.map(({ epoch }) => epoch)).toEqual([3]);
  });

  test('that come while it prepares are kept', () => {
    const shard = new Story();
    shard.record();
    shard.halo(0, 0);
    shard.halo(2, 0);
    shard.prepared();
    expect(shard.begun(0)).toEqual([send(0, 0), send(2, 0), release(0)]);
  });

  test('count as their first copy says', () => {
    const shard = advancing();
    shard.begun(0);
    shard.halo(0, 0);
    shard.halo(0, 0, WRONG);
    expect(shard.halo(2, 0)).toEqual([release(0)]);
    // Late copies of a round that is done.
    expect(shard.halo(0, 0, WRONG)).toEqual([]);
    expect(shard.state.inbox.size).toBe(0);
  });

  test('of older epochs are dropped, and those of nobody`s epoch come to nothing', () => {
    const shard = new Story();
    shard.record({ epoch: 5 });
    shard.prepared(5);
    shard.begun(0, 5);
    for (const epoch of [0, 1, 4]) for (const from of [0, 2]) expect(shard.halo(from, 0, WRONG, epoch)).toEqual([]);
    shard.halo(0, 0, FROM_A, 5);
    expect(shard.halo(2, 0, FROM_C, 5)).toEqual([release(0, IN, 5)]);
  });

  test('of epochs to come are kept up to 256, the newest', () => {
    const shard = advancing();
    for (let round = 0; round < 1000; round++) shard.halo(0, round, FROM_A, 2);
    expect(shard.state.early.map(({ round }) => round)).toEqual(Array.from({ length: 256 }, (_, k) => 744 + k));
  });

  test('of rounds that no member can have come to are not kept', () => {
    const shard = new Story();
    shard.record();
    for (let round = 0; round < 1000; round++) shard.halo(0, round);
    expect(shard.state.inbox.size).toBeLessThanOrEqual(2);
    shard.prepared();
    shard.begun(0);
    for (let round = 0; round < 1000; round++) for (const from of [0, 2]) shard.halo(from, round);
    shard.begun(1);
    for (let round = 1000; round > 0; round--) for (const from of [0, 2]) shard.halo(from, round);
    expect(shard.state.inbox.size).toBeLessThanOrEqual(2);
  });

  test('sent are kept for two steps and given to who asks, no longer', () => {
    const shard = advancing();
    for (let round = 0; round < 7; round++) {
      shard.begun(round);
      shard.halo(0, round);
      shard.halo(2, round);
    }
    // Two rounds a step: of rounds 0 to 6 the last four.
    for (const round of [3, 4, 5, 6]) expect(shard.asked(2, round)).toEqual([send(2, round)]);
    for (const round of [0, 1, 2, 7]) expect(shard.asked(2, round)).toEqual([]);
    expect(shard.asked(1, 6)).toEqual([]);
    expect(shard.asked(0, 6, 2)).toEqual([]);
    expect(shard.asked(0, 6, 0)).toEqual([]);
  });
});

describe('a stall', () => {
  test('asks again after 60 ms, not before, those alone who have not been heard', () => {
    const shard = advancing();
    shard.at(1000);
    shard.begun(0);
    expect(shard.at(1059)).toEqual([]);
    expect(shard.at(1060)).toEqual([ask(0, 0), ask(2, 0)]);
    shard.halo(2, 0);
    expect(shard.at(1119)).toEqual([]);
    expect(shard.at(1120)).toEqual([ask(0, 0)]);
    expect(shard.halo(0, 0)).toEqual([release(0)]);
    expect(shard.at(5000)).toEqual([]);
  });

  test('of its own computing asks nobody', () => {
    const shard = advancing();
    shard.begun(0);
    shard.halo(0, 0);
    shard.halo(2, 0);
    expect(shard.at(60_000)).toEqual([]);
  });
});

describe('hand-ins', () => {
  test('are said again every 250 ms until the ledger holds the cut', () => {
    const shard = advancing();
    shard.at(1000);
    shard.reached(10);
    expect(shard.at(1249)).toEqual([]);
    expect(shard.at(1250)).toEqual([handInAt(10)]);
    expect(shard.at(1499)).toEqual([]);
    expect(shard.at(1500)).toEqual([handInAt(10)]);
    shard.taken(10);
    expect(shard.at(9000)).toEqual([]);
  });

  test('end as well with a record that holds the cut', () => {
    const shard = advancing();
    shard.reached(10);
    expect(shard.record({ cut: cutAt(10) })).toEqual([]);
    expect(shard.at(9000)).toEqual([]);
  });

  test('two that are not taken stop it, until one is', () => {
    const shard = advancing();
    expect(shard.reached(10)).toEqual([handInAt(10), advance(20)]);
    expect(shard.reached(20)).toEqual([handInAt(20)]);
    expect(shard.state.phase).toEqual({ name: 'full', step: 20 });
    // News of an older cut, or of another epoch, makes no room.
    expect(shard.taken(0)).toEqual([]);
    expect(shard.taken(20, 2)).toEqual([]);
    expect(shard.taken(10)).toEqual([advance(30)]);
    expect(shard.taken(10)).toEqual([]);
    expect(shard.reached(30)).toEqual([handInAt(30)]);
    expect(shard.record({ cut: cutAt(30) })).toEqual([advance(40)]);
  });

  test('the last one ends the run here, and is said until the record says so', () => {
    const shard = new Story();
    shard.record({ cut: cutAt(90) });
    expect(shard.prepared()).toEqual([advance(100)]);
    expect(shard.reached(100)).toEqual([handInAt(100)]);
    expect(shard.at(250)).toEqual([handInAt(100)]);
    expect(shard.record({ state: 'finished', cut: cutAt(100) })).toEqual([{ type: 'drop' }]);
    expect(shard.at(5000)).toEqual([]);
    expect(shard.state.phase).toEqual({ name: 'idle' });
  });
});

describe('a hold', () => {
  test('makes it wait at its cut; a new epoch drops and prepares', () => {
    const shard = advancing();
    shard.record({ hold: 20 });
    expect(shard.reached(10)).toEqual([handInAt(10), advance(20)]);
    expect(shard.reached(20)).toEqual([handInAt(20)]);
    expect(shard.state.phase).toEqual({ name: 'waiting', step: 20 });
    expect(shard.taken(20)).toEqual([]);
    const next = { ...record, epoch: 2, cut: cutAt(20) };
    expect(shard.record(next)).toEqual([{ type: 'drop' }, { type: 'prepare', record: next, self: 1 }]);
    // What the old epoch still has to say counts no more.
    for (const late of [shard.reached(30), shard.taken(20), shard.prepared(1), shard.begun(40, 1)])
      expect(late).toEqual([]);
    expect(shard.prepared(2)).toEqual([advance(30, 2)]);
  });

  test('that is lifted lets it go on', () => {
    const shard = advancing();
    shard.record({ hold: 10 });
    expect(shard.reached(10)).toEqual([handInAt(10)]);
    expect(shard.record({ hold: 10, cut: cutAt(10) })).toEqual([]);
    expect(shard.record({ cut: cutAt(10) })).toEqual([advance(20)]);
  });

  test('that comes after its step lets it run ahead', () => {
    const shard = advancing();
    shard.reached(10);
    expect(shard.record({ hold: 10 })).toEqual([]);
    expect(shard.state.phase).toEqual({ name: 'advancing', to: 20 });
  });
});

describe('a new record', () => {
  test('of an older epoch is old news', () => {
    const shard = new Story();
    shard.record({ epoch: 2 });
    expect(shard.record({ epoch: 1 })).toEqual([]);
    expect(shard.state.record?.epoch).toBe(2);
  });

  test('said again changes nothing', () => {
    const shard = advancing();
    const before = shard.state;
    expect(shard.record()).toEqual([]);
    expect(shard.state).toEqual(before);
  });

  test('without it drops what is under way; with it again begins anew', () => {
    const shard = advancing();
    shard.begun(0);
    const [a, , c] = record.members;
    expect(shard.record({ epoch: 2, members: [a!, c!], owners: [0, 0, 1, 1] })).toEqual([{ type: 'drop' }]);
    for (const nothing of [shard.halo(0, 0, FROM_A, 2), shard.at(9000), shard.begun(1, 2)]) expect(nothing).toEqual([]);
    expect(shard.record({ epoch: 3 }).map(({ type }) => type)).toEqual(['drop', 'prepare']);
  });

  test.each(['cancelled', 'failed', 'finished'] as const)('that says %s drops what is under way, once', (state) => {
    const shard = advancing();
    expect(shard.record({ state })).toEqual([{ type: 'drop' }]);
    expect(shard.record({ state })).toEqual([]);
  });
});

describe('a failure', () => {
  test.each(['run', 'node'] as const)('of the %s is told every 250 ms until a newer record comes', (of) => {
    const shard = advancing();
    shard.at(1000);
    shard.begun(0);
    const failed = { type: 'failed', of, run: 'the-run', epoch: 1, member: SELF, message: 'a cell failed' } as const;
    const event = { type: 'failed', epoch: 1, of, message: 'a cell failed' } as const;
    expect(shard.tell({ ...event, epoch: 0 })).toEqual([]);
    expect(shard.tell(event)).toEqual([{ type: 'fail', failed }]);
    expect(shard.at(1249)).toEqual([]);
    expect(shard.at(1250)).toEqual([{ type: 'fail', failed }]);
    expect(shard.record({ epoch: 2 }).map(({ type }) => type)).toEqual(['drop', 'prepare']);
    expect(shard.at(9000)).toEqual([]);
  });
});
