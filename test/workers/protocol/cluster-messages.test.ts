import { crc32 as zlibCrc32 } from 'node:zlib';
import { pack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { type Heartbeat, nextCut, placeOf, type RunRecord } from '../../../workers/protocol/cluster.ts';
import {
  type Ask,
  type LeaderReply,
  type LeaderRequest,
  packCluster,
  readAsk,
  readHeartbeat,
  readJob,
  readLeaderReply,
  readLeaderRequest,
  readNodeEntry,
  readRecord,
  sealed,
  withoutShares,
} from '../../../workers/protocol/cluster-messages.ts';
import { isName, SUBJECTS, senderOf } from '../../../workers/protocol/cluster-subjects.ts';
import { crc32, crc32Here } from '../../../workers/protocol/crc32.ts';
import { readHalo } from '../../../workers/protocol/halo-message.ts';
import { isHistory, NO_HISTORY, type NodeEntry, type WorkHistory } from '../../../workers/protocol/metering.ts';
import { matches } from '../../../workers/transport/subjects.ts';
import { packHalo } from './pack-halo.ts';

const HASH = 'ab'.repeat(32);
const member = { node: 'node-1', incarnation: 1_700_000_000_000 };
const cut = { step: 20, tiles: [HASH, HASH, HASH, HASH] };

const work = { threads: 8, computeSeconds: 1.5, waitSeconds: 0.25, bytesSent: 1000, bytesReceived: 2000 };
const claimed = { computeSeconds: 1.5, threadSeconds: 12, waitSeconds: 0.25, bytesSent: 1000, bytesReceived: 2000 };
const share = (node: string, tiles: number) => ({ node, incarnation: 1, tiles, claimed });
/** Up to a cut: an epoch that is kept as sums, one that was lost, and the one that goes on. */
const historyTo = (to: number): WorkHistory => ({
  carried: { epochs: 1, to: 0, shares: [] },
  segments: [
    { epoch: 2, from: 0, to: 0, shares: [share('a', 4)], ended: { reason: 'a was silent for 0.9 s', lost: 7 } },
    { epoch: 3, from: 0, to, shares: [share('node-0', 2), share('node-1', 2)] },
  ],
});

const record: RunRecord = {
  run: 'the-run',
  owner: 'scientist',
  job: '{}',
  state: 'running',
  shape: { panels: 1, cellsX: 16, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
  steps: 100,
  cutEvery: 10,
  curve: [0, 1, 3, 2],
  epoch: 3,
  members: [{ node: 'node-0', incarnation: 0 }, member],
  owners: [0, 0, 1, 1],
  operations: 1234,
  history: historyTo(0),
};
const records: readonly RunRecord[] = [
  record,
  { ...record, state: 'queued', epoch: 0, members: [], owners: [], history: NO_HISTORY },
  { ...record, cut, hold: 40, history: historyTo(20), firstAccepted: 2.5 },
  { ...record, state: 'finished', cut: { ...cut, step: 100 }, stateHash: HASH, history: historyTo(100) },
  { ...record, state: 'failed', message: 'a cell failed — höher als erlaubt' },
];

const heartbeat: Heartbeat = {
  type: 'heartbeat',
  member,
  speed: 1.25e7,
  draining: false,
  patience: 30_000,
  runs: [{ run: 'the-run', epoch: 3, step: 27, prepares: false }],
  session: { threads: 8, place: { longitude: -122.4, latitude: 37.8 }, roundTrip: { p50: 0.5, p95: 12 } },
};
const handIn = {
  type: 'hand-in',
  run: 'the-run',
  epoch: 3,
  member,
  step: 30,
  tiles: [[2, HASH] as const],
  busy: [2],
  work,
} as const;
const failed = { type: 'failed', of: 'node', run: 'the-run', epoch: 3, member, message: 'no memory' } as const;

const requests: readonly LeaderRequest[] = [
  handIn,
  { ...handIn, tiles: [], busy: [] },
  failed,
  { ...failed, of: 'run' },
  { type: 'store', hash: HASH, bytes: Uint8Array.of(1, 2, 255) },
  { type: 'fetch', hash: HASH },
  { type: 'records', runs: ['the-run', 'another_run'] },
  { type: 'records', runs: [], after: 'the-run' },
  ...records.map((one): LeaderRequest => ({ type: 'submit', record: one })),
  { type: 'cancel', run: 'the-run' },
  { type: 'drain', node: 'node-1' },
  { type: 'status' },
  { type: 'status', after: 'node/node-1' },
];

const status = {
  ...{ member, silent: 12.5, patience: 800, speed: 1000, draining: true, prepares: false, offeredSeconds: 100.5 },
  session: { threads: 8 },
};
const replies: readonly LeaderReply[] = [
  { type: 'taken', run: 'the-run', epoch: 3, step: 30 },
  { type: 'stored' },
  { type: 'fetched' },
  { type: 'fetched', bytes: Uint8Array.of(0, 1) },
  { type: 'records', records },
  { type: 'records', records, next: 'the-run' },
  { type: 'submitted' },
  { type: 'done' },
  { type: 'status', nodes: [status], records },
  { type: 'status', nodes: [], records, next: 'run/the-run' },
  { type: 'refused', message: 'there is no run x. Known: none.' },
];

const asks: readonly Ask[] = [{ epoch: 1, from: 0, round: 0 }];

describe('a message comes back as it was', () => {
  test.each(requests)('request: $type', (request) => {
    expect(readLeaderRequest(packCluster(request))).toEqual(request);
  });

  test.each(replies)('reply: $type', (reply) => {
    expect(readLeaderReply(packCluster(reply))).toEqual(reply);
  });

  test('heartbeat, record and ask', () => {
    expect(readHeartbeat(packCluster(heartbeat))).toEqual(heartbeat);
    for (const one of records) expect(readRecord(packCluster(one))).toEqual(one);
    const entry: NodeEntry = { ...member, threads: 8, offeredSeconds: 12.5, drained: true };
    expect(readNodeEntry(packCluster(entry))).toEqual(entry);
    for (const ask of asks) expect(readAsk(packCluster(ask))).toEqual(ask);
  });
});

type Reader = (bytes: Uint8Array) => unknown;
const packed = (value: unknown): Uint8Array => sealed(pack(value));

describe('anything else is refused', () => {
  test('a message of another kind', () => {
    const readers: readonly Reader[] = [readHeartbeat, readRecord, readAsk, readLeaderReply, readLeaderRequest];
    const strange = [undefined, null, 0, 1n, 'text', [], [1], {}, { type: 'unheard-of' }, new Map(), new Date(0)];
    for (const reader of readers) for (const value of strange) expect(reader(packed(value))).toBeUndefined();
    expect(readLeaderReply(packCluster(handIn))).toBeUndefined();
    expect(readLeaderRequest(packCluster({ type: 'done' }))).toBeUndefined();
    expect(readRecord(packCluster(heartbeat))).toBeUndefined();
  });

  test('a message that was cut off', () => {
    const whole: readonly (readonly [Reader, Uint8Array])[] = [
      ...requests.map((one) => [readLeaderRequest, packCluster(one)] as const),
      ...replies.map((one) => [readLeaderReply, packCluster(one)] as const),
      ...records.map((one) => [readRecord, packCluster(one)] as const),
      [readHeartbeat, packCluster(heartbeat)],
    ];
    for (const [reader, bytes] of whole)
      for (let length = 0; length < bytes.length; length++)
        expect(reader(bytes.subarray(0, length)), `${length} of ${bytes.length}`).toBeUndefined();
  });

  test('a message with any bit turned', () => {
    const whole: readonly (readonly [Reader, Uint8Array])[] = [
      [readLeaderRequest, packCluster(handIn)],
      [readLeaderReply, packCluster({ type: 'stored' })],
      [readRecord, packCluster(record)],
      [readHeartbeat, packCluster(heartbeat)],
    ];
    for (const [reader, bytes] of whole) {
      expect(reader(bytes)).toBeDefined();
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const turned = bytes.slice();
        turned[bit >> 3]! ^= 1 << (bit & 7);
        expect(reader(turned), `bit ${bit}`).toBeUndefined();
      }
    }
  });

  test.each<[string, object]>([
    ['a negative epoch', { epoch: -1 }],
    ['an epoch beyond whole numbers', { epoch: 2 ** 53 }],
    ['a state there is not', { state: 'dreaming' }],
    ['cuts at every 0 steps', { cutEvery: 0 }],
    ['a name with a dot', { run: 'the.run' }],
    ['a name with a wildcard', { owner: '*' }],
    ['an owner who is no member', { owners: [0, 0, 1, 2] }],
    ['owners of some tiles alone', { owners: [0, 0, 1] }],
    ['a cut of some tiles alone', { cut: { step: 20, tiles: [HASH] } }],
    ['a hash in capitals', { cut: { step: 20, tiles: [HASH, HASH, HASH, HASH.toUpperCase()] } }],
    ['tiles that do not fill a panel', { shape: { ...record.shape, tileX: 7 } }],
    ['tiles of no cells', { shape: { ...record.shape, tileX: 0 } }],
    ['numbers of 2 bytes', { shape: { ...record.shape, width: 2 } }],
    ['a member without incarnation', { members: [{ node: 'node-0' }, member] }],
    ['half a hold', { hold: 0.5 }],
    ['a message of no text', { message: 7 }],
    ['no weight', { operations: 0 }],
    ['half an operation', { operations: 0.5 }],
    ['first work before it was submitted', { firstAccepted: -1 }],
    ['no history', { history: undefined }],
    ['a history beyond its cut', { history: historyTo(20) }],
    ['a job beyond the limit', { job: ' '.repeat((4 << 20) + 1) }],
  ])('a record with %s', (_, wrong) => {
    expect(readRecord(packed({ ...record, ...wrong }))).toBeUndefined();
    expect(readLeaderRequest(packed({ type: 'submit', record: { ...record, ...wrong } }))).toBeUndefined();
  });

  test.each<[string, object]>([
    ['a speed that is no number', { speed: Number.NaN }],
    ['an infinite speed', { speed: Number.POSITIVE_INFINITY }],
    ['a negative speed', { speed: -1 }],
    ['the patience of an hour', { patience: 3_600_000 }],
    ['a draining that is neither', { draining: 1 }],
    ['too many runs', { runs: Array.from({ length: 1001 }, () => heartbeat.runs[0]) }],
    ['no session', { session: undefined }],
    ['no threads', { session: { threads: 0 } }],
    ['an endless way to the leader', { session: { threads: 1, roundTrip: { p50: 1, p95: Number.POSITIVE_INFINITY } } }],
    ['a place beyond the pole', { session: { threads: 1, place: { longitude: 0, latitude: 90.5 } } }],
    ['half a place', { session: { threads: 1, place: { longitude: 10 } } }],
    ['a step between steps', { runs: [{ ...heartbeat.runs[0], step: 1.5 }] }],
    ['a run that may be prepared or not', { runs: [{ ...heartbeat.runs[0], prepares: undefined }] }],
  ])('a heartbeat with %s', (_, wrong) => {
    expect(readHeartbeat(packed({ ...heartbeat, ...wrong }))).toBeUndefined();
  });

  test.each<[string, object]>([
    ['a tile without hash', { ...handIn, tiles: [[2]] }],
    ['no word of its work', { ...handIn, work: undefined }],
    ['work of no thread', { ...handIn, work: { ...work, threads: 0 } }],
    ['negative seconds of work', { ...handIn, work: { ...work, computeSeconds: -1 } }],
    ['bytes that are no number', { ...handIn, work: { ...work, bytesSent: Number.NaN } }],
    ['a page after nothing that is listed', { type: 'status', after: 'cat/tom' }],
    ['a page after a path', { type: 'status', after: 'node/a/../b' }],
    ['a failure of something else', { ...failed, of: 'weather' }],
    ['bytes that are text', { type: 'store', hash: HASH, bytes: 'abc' }],
    ['a hash that is a path', { type: 'fetch', hash: '../../etc/passwd' }],
    ['a subject for a name', { type: 'cancel', run: 'a.>' }],
  ])('a request with %s', (_, wrong) => {
    expect(readLeaderRequest(packed(wrong))).toBeUndefined();
  });

  test('no message spoils the reading of the next', () => {
    // Definitions of structures, whole and torn: the codec knows them, and must forget them with the message.
    const definition = [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x07];
    for (const bytes of [definition, [0x92, ...definition], [0x92, ...definition, 0xc1]])
      readAsk(sealed(Uint8Array.from(bytes)));
    expect(readAsk(packCluster({ epoch: 64, from: 65, round: 66 }))).toEqual({ epoch: 64, from: 65, round: 66 });
  });
});

describe('a history', () => {
  const [lost, present] = historyTo(20).segments as [WorkHistory['segments'][0], WorkHistory['segments'][0]];
  const carried = { epochs: 1, to: 10, shares: [{ node: 'a', tileSteps: 40, claimed }] };
  const later = { ...present, from: 10 };

  test('is whole where each step of each tile is somebody’s, once', () => {
    expect(isHistory(historyTo(20), 4, 3, 20)).toBe(true);
    expect(isHistory({ carried, segments: [later] }, 4, 3, 20)).toBe(true);
  });

  test.each<[string, WorkHistory]>([
    ['a gap', { carried: NO_HISTORY.carried, segments: [{ ...present, from: 10 }] }],
    ['steps that are counted twice', { carried, segments: [{ ...present, from: 5 }] }],
    [
      'an epoch that comes after a later one',
      { carried: NO_HISTORY.carried, segments: [{ ...lost, epoch: 3 }, present] },
    ],
    ['a tile that is nobody’s', { carried, segments: [{ ...later, shares: [share('node-0', 3)] }] }],
    ['tiles that are there twice', { carried, segments: [{ ...later, shares: [share('a', 4), share('b', 1)] }] }],
    [
      'sums that are too large',
      { carried: { ...carried, shares: [{ ...carried.shares[0]!, tileSteps: 41 }] }, segments: [later] },
    ],
    ['the end of another epoch', { carried, segments: [{ ...later, epoch: 2 }] }],
  ])('is refused with %s', (_, history) => {
    expect(isHistory(history, 4, 3, 20)).toBe(false);
  });

  test('is told to nodes without shares, its last two epochs alone', () => {
    const told = withoutShares({
      ...record,
      cut,
      history: { carried, segments: [{ ...lost, from: 10, to: 10 }, later] },
    });
    expect(told.history.segments.map(({ epoch, from, to, shares }) => [epoch, from, to, shares.length])).toEqual([
      [2, 10, 10, 0],
      [3, 10, 20, 0],
    ]);
    expect(readRecord(packCluster(told))).toEqual(told);
  });
});

describe('the job of a record', () => {
  const job = { scenario: 'tohoku-2011', set: ['grid.cells=96'], small: true, identity: HASH, kernelHash: HASH };

  test('comes back as it was', () => {
    expect(readJob({ job: JSON.stringify(job) })).toEqual(job);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    JSON.stringify({ ...job, set: 'x' }),
    JSON.stringify({ ...job, identity: 1 }),
  ])('is refused as BadJob: %s', (text) => {
    expect(() => readJob({ job: text })).toThrow(/^BadJob/);
  });
});

describe('subjects', () => {
  test('say who speaks, and of which run', () => {
    expect(senderOf(SUBJECTS.halo('node-1', 'node-2', 'the-run'))).toEqual({ from: 'node-1', run: 'the-run' });
    expect(senderOf(SUBJECTS.ask('node-1', 'node-2', 'the-run'))).toEqual({ from: 'node-1', run: 'the-run' });
  });

  test('of each message are heard under its pattern, and under no other', () => {
    const spoken = [
      [SUBJECTS.heartbeat('a'), SUBJECTS.heartbeats],
      [SUBJECTS.record('a'), SUBJECTS.records],
      [SUBJECTS.toLeader('node', 'a'), SUBJECTS.allToLeader],
      [SUBJECTS.halo('b', 'a', 'r'), SUBJECTS.halosTo('a')],
      [SUBJECTS.ask('b', 'a', 'r'), SUBJECTS.asksTo('a')],
    ] as const;
    for (const [subject] of spoken)
      for (const [ofSubject, pattern] of spoken) expect(matches(pattern, subject)).toBe(ofSubject === subject);
    expect(matches(SUBJECTS.halosTo('c'), SUBJECTS.halo('b', 'a', 'r'))).toBe(false);
  });

  test('take names of letters, digits, - and _ alone, 64 at most', () => {
    for (const name of ['a', 'Node-1_x', 'a'.repeat(64)]) expect(isName(name)).toBe(true);
    for (const name of ['', 'a'.repeat(65), 'a.b', 'a b', '*', '>', 'ä', 'a\n', 7, undefined])
      expect(isName(name), String(name)).toBe(false);
  });
});

describe('cuts', () => {
  test('come every so many steps, and at the last', () => {
    const steps = { cutEvery: 10, steps: 25 };
    expect([0, 9, 10, 19, 20, 24, 25].map((step) => nextCut(steps, step))).toEqual([10, 10, 20, 20, 25, 25, 25]);
  });

  test('are handed in by members of the same incarnation alone', () => {
    expect(placeOf(record, member)).toBe(1);
    expect(placeOf(record, { ...member, incarnation: 1 })).toBe(-1);
  });
});

describe('the CRC-32', () => {
  test('is that of zlib, for every length and start, of bytes in one piece or two', () => {
    for (const crc of [crc32, crc32Here]) expect(crc(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    const all = Uint8Array.from({ length: 80 }, (_, k) => (k * k * 37 + 11) & 255);
    for (let start = 0; start < 8; start++)
      for (let end = start; end <= all.length; end++) {
        const part = all.subarray(start, end);
        expect(crc32Here(part)).toBe(zlibCrc32(part));
        for (const crc of [crc32, crc32Here])
          expect(crc(part.subarray(5), crc(part.subarray(0, 5)))).toBe(zlibCrc32(part));
      }
  });
});

describe('a halo', () => {
  const bytes = new Uint8Array(Float32Array.from([1, -0, Number.NaN, 1e-40, 5, 6]).buffer);
  const halo = { epoch: 7, round: 2 ** 32 - 1, from: 3, bytes };

  test('comes back with its bits, and its numbers at a multiple of 8 bytes', () => {
    const read = readHalo(packHalo(halo))!;
    expect(read).toEqual(halo);
    expect(read.bytes.byteOffset % 8).toBe(0);
    expect(readHalo(packHalo({ ...halo, bytes: new Uint8Array() }))).toEqual({ ...halo, bytes: new Uint8Array() });
  });

  test('that is torn anywhere is refused', () => {
    const message = packHalo(halo);
    for (let length = 0; length < message.length; length++)
      expect(readHalo(message.slice(0, length)), `${length} bytes`).toBeUndefined();
    expect(readHalo(Uint8Array.from([...message, 0]))).toBeUndefined();
  });

  test('with any bit turned is refused: magic, epoch, round, sender, length, CRC or numbers', () => {
    const message = packHalo(halo);
    for (let bit = 0; bit < 8 * message.length; bit++) {
      const wrong = message.slice();
      wrong[bit >> 3]! ^= 1 << (bit & 7);
      expect(readHalo(wrong), `bit ${bit}`).toBeUndefined();
    }
  });

  test('of a wrong length is refused, even if the bytes make up for it', () => {
    const message = packHalo(halo);
    const view = new DataView(message.buffer);
    for (const length of [0, bytes.length - 4, bytes.length + 4, 2 ** 32 - 1]) {
      view.setUint32(16, length, true);
      expect(readHalo(message)).toBeUndefined();
    }
  });
});
