import { describe, expect, test } from 'vitest';
import {
  newSessions,
  offeredBy,
  onSessionsEvent,
  type SessionsCommand,
  type SessionsEvent,
  type StoredEntry,
} from '../../../workers/coordinator/node-sessions.ts';
import type { NodeEntry } from '../../../workers/protocol/metering.ts';

type Write = Extract<SessionsCommand, { type: 'write' }>;

/** A leader's book of nodes, and the ledger's entry of node a. */
class Story {
  state = newSessions();
  now = 0;
  stored: StoredEntry | undefined;

  tell(event: SessionsEvent): readonly SessionsCommand[] {
    const [state, commands] = onSessionsEvent(this.state, event);
    this.state = state;
    return commands;
  }

  beat(incarnation = 1, threads = 2, patience = 0): readonly SessionsCommand[] {
    const heartbeat = { type: 'heartbeat', speed: 1, draining: false, patience, runs: [] } as const;
    return this.tell({ ...heartbeat, member: { node: 'a', incarnation }, session: { threads } });
  }

  /** Beats five times a second for so long; the commands that come of it. */
  pass(milliseconds: number, incarnation = 1, threads = 2): SessionsCommand[] {
    const commands: SessionsCommand[] = [];
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now += 200;
      commands.push(...this.tell({ type: 'tick', now: this.now }), ...this.beat(incarnation, threads));
    }
    return commands;
  }

  /** The ledger takes a write; what comes of it. */
  write({ entry }: Write): readonly SessionsCommand[] {
    this.stored = { entry, revision: (this.stored?.revision ?? 0) + 1 };
    return this.tell({ type: 'written', node: 'a', revision: this.stored.revision });
  }

  found = (stored = this.stored) => this.tell({ type: 'found', node: 'a', stored });
}

const writes = (commands: readonly SessionsCommand[]): Write[] =>
  commands.filter((command): command is Write => command.type === 'write');

function leading(): Story {
  const story = new Story();
  story.tell({ type: 'leading', entries: [] });
  expect(story.beat()).toEqual([{ type: 'read', node: 'a' }]);
  story.found(undefined);
  return story;
}

describe('what a node offers', () => {
  test('is its threads times the time that it was heard, written every ten seconds', () => {
    const story = leading();
    const [write, ...more] = writes(story.pass(10_200));
    expect(more).toEqual([]);
    expect(write).toEqual({
      type: 'write',
      entry: { node: 'a', incarnation: 1, threads: 2, offeredSeconds: expect.closeTo(19.6, 9), drained: false },
      revision: undefined,
    });
    story.write(write!);
    expect(writes(story.pass(9_800))).toEqual([]);
    const [next] = writes(story.pass(400));
    expect(next!.revision).toBe(1);
    expect(offeredBy(story.state, 'a')).toBeCloseTo(40.8, 9);
  });

  test('is nothing while it is silent, but for as long as it asked to be waited for', () => {
    const story = leading();
    story.pass(1000);
    story.now += 5000;
    story.pass(1000);
    expect(offeredBy(story.state, 'a')).toBeCloseTo(2 + 1.6, 9);
    story.beat(1, 2, 10_000);
    story.now += 4800;
    story.pass(200);
    expect(offeredBy(story.state, 'a')).toBeCloseTo(3.6 + 10, 9);
  });

  test('goes on from the ledger’s entry under a new leader, and through new processes', () => {
    const entry: NodeEntry = { node: 'a', incarnation: 1, threads: 2, offeredSeconds: 100, drained: false };
    const story = new Story();
    story.stored = { entry, revision: 7 };
    expect(story.tell({ type: 'leading', entries: [story.stored] })).toEqual([]);
    const [write] = writes(story.pass(10_200, 2, 4));
    expect(write!.entry).toEqual({ ...entry, incarnation: 2, threads: 4, offeredSeconds: expect.closeTo(138.4, 9) });
    expect(write!.revision).toBe(7);
  });

  test('counts once where the ledger’s answer is lost, and is added to what another wrote', () => {
    const story = leading();
    const [write] = writes(story.pass(10_200));
    story.stored = { entry: write!.entry, revision: 1 };
    expect(story.tell({ type: 'unwritten', node: 'a' })).toEqual([{ type: 'read', node: 'a' }]);
    const before = offeredBy(story.state, 'a');
    // It had been written.
    story.found();
    expect(offeredBy(story.state, 'a')).toBeCloseTo(before, 9);
    story.pass(10_200);
    story.tell({ type: 'unwritten', node: 'a' });
    const known = offeredBy(story.state, 'a');
    // It had not; somebody else has added 50.
    story.stored = { entry: { ...write!.entry, offeredSeconds: write!.entry.offeredSeconds + 50 }, revision: 2 };
    story.found();
    const [third] = writes(story.pass(200));
    expect(third!.entry.offeredSeconds).toBeCloseTo(known + 50, 9);
    expect(third!.revision).toBe(2);
  });

  test('is not kept by one who follows', () => {
    const story = leading();
    story.tell({ type: 'following' });
    expect(story.pass(20_000)).toEqual([]);
    expect(offeredBy(story.state, 'a')).toBe(0);
  });
});

describe('a node that is told to drain', () => {
  test('is held to it once the ledger has it, at once, and by the next leader', () => {
    const story = leading();
    const [write] = writes(story.tell({ type: 'drain', node: 'a' }));
    expect(write!.entry.drained).toBe(true);
    expect(story.found(undefined)).toEqual([]);
    const [again] = writes(story.pass(200));
    story.write(again!);
    expect(story.tell({ type: 'drain', node: 'a' })).toEqual([{ type: 'drained', node: 'a', incarnation: 1 }]);
    const drained = { type: 'drained', node: 'a', incarnation: 1 };
    const next = new Story();
    expect(next.tell({ type: 'leading', entries: [story.stored!] })).toEqual([drained]);
    // Its silence may have been so long that it was forgotten.
    expect(next.pass(200)).toEqual([drained]);
    expect(next.pass(1000)).toEqual([]);
  });

  test('is to drain even where a write is on its way', () => {
    const story = leading();
    const [write] = writes(story.pass(10_200));
    expect(story.tell({ type: 'drain', node: 'a' })).toEqual([]);
    story.write(write!);
    expect(writes(story.pass(200))).toMatchObject([{ entry: { drained: true }, revision: 1 }]);
  });

  test('is free again once it was started anew', () => {
    const story = leading();
    story.write(writes(story.tell({ type: 'drain', node: 'a' }))[0]!);
    expect(writes(story.pass(400, 2))).toMatchObject([{ entry: { incarnation: 2, drained: false } }]);
  });
});

test('many nodes are written a few at a time', () => {
  const story = new Story();
  const entryOf = (k: number) => ({ node: `n${k}`, incarnation: 1, threads: 1, offeredSeconds: 0, drained: false });
  story.tell({
    type: 'leading',
    entries: Array.from({ length: 100 }, (_, k) => ({ entry: entryOf(k), revision: k })),
  });
  for (let now = 0; now <= 10_000; now += 200) {
    story.tell({ type: 'tick', now });
    for (let k = 0; k < 100; k++)
      story.tell({
        ...{ type: 'heartbeat', speed: 1, draining: false, patience: 0, runs: [], session: { threads: 1 } },
        member: { node: `n${k}`, incarnation: 1 },
      });
  }
  const perTick = Array.from({ length: 30 }, (_, k) => story.tell({ type: 'tick', now: 10_050 + 50 * k }).length);
  expect(Math.max(...perTick)).toBe(4);
  expect(perTick.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(96);
});
