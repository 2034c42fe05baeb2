import { describe, expect, test } from 'vitest';
import {
  type CoordinatorCommand,
  type CoordinatorEvent,
  type CoordinatorState,
  newCoordinator,
  onCoordinatorEvent,
} from '../../../workers/coordinator/coordinator-machine.ts';
import {
  type HandIn,
  type Heartbeat,
  type Member,
  promisedHash,
  type RunRecord,
} from '../../../workers/protocol/cluster.ts';
import { NO_HISTORY } from '../../../workers/protocol/metering.ts';

const HASH = 'ab'.repeat(32);
const hashOf = (tile: number): string => String(tile).padStart(64, '0');

const queued: RunRecord = {
  run: 'the-run',
  owner: 'scientist',
  job: '{}',
  state: 'queued',
  shape: { panels: 1, cellsX: 32, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
  steps: 40,
  cutEvery: 10,
  operations: 100,
  curve: [0, 1, 2, 3, 7, 6, 5, 4],
  epoch: 0,
  members: [],
  owners: [],
  history: NO_HISTORY,
};
const session = { threads: 2 };
const work = { threads: 2, computeSeconds: 0.5, waitSeconds: 0.25, bytesSent: 1000, bytesReceived: 2000 };

type Writes = Extract<CoordinatorCommand, { type: 'write' }>;

/** A coordinator and the ledger it writes to, on a clock that is turned by hand; nodes beat while they are alive. */
class Story {
  state: CoordinatorState = newCoordinator();
  now = 0;
  revision = 1;
  /** Nodes that beat, by name. */
  readonly alive = new Map<string, Partial<Heartbeat> & Omit<Member, 'node'>>();

  tell(event: CoordinatorEvent): readonly CoordinatorCommand[] {
    const [state, commands] = onCoordinatorEvent(this.state, event);
    this.state = state;
    return commands;
  }

  beat(node: string, { incarnation = 1, device, ...more }: Partial<Heartbeat> & Partial<Member> = {}) {
    const heartbeat = { type: 'heartbeat', speed: 1000, draining: false, patience: 0, runs: [], session } as const;
    const member = { node, incarnation, ...(device === undefined ? {} : { device }) };
    return this.tell({ ...heartbeat, member, ...more });
  }

  /** Turns the clock in steps of a heartbeat; what comes out of it. */
  pass(milliseconds: number): CoordinatorCommand[] {
    const commands: CoordinatorCommand[] = [];
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now = Math.min(end, this.now + 200);
      commands.push(...this.tell({ type: 'tick', now: this.now }));
      for (const [node, facts] of this.alive) commands.push(...this.beat(node, facts));
      commands.push(...this.tell({ type: 'tick', now: this.now }));
    }
    return commands;
  }

  /** The ledger takes the record; what comes of it. */
  written(): readonly CoordinatorCommand[] {
    return this.tell({ type: 'written', run: 'the-run', revision: ++this.revision });
  }

  get record(): RunRecord {
    return this.state.runs.get('the-run')!.record;
  }

  handIn(node: string, step: number, more: Partial<HandIn> = {}): readonly CoordinatorCommand[] {
    const { owners, members, epoch } = this.record;
    const place = members.findIndex((member) => member.node === node);
    const tiles = [...owners.keys()]
      .filter((tile) => owners[tile] === place)
      .map((tile) => [tile, hashOf(tile)] as const);
    const busy = tiles.map(([tile]) => tile);
    const handIn = {
      type: 'hand-in',
      run: 'the-run',
      epoch,
      member: members[place]!,
      step,
      tiles,
      busy,
      work,
    } as const;
    return this.tell({ ...handIn, ...more });
  }
}

const records = (commands: readonly CoordinatorCommand[]): RunRecord[] =>
  commands.filter((command): command is Writes => command.type === 'write').map(({ record }) => record);
const tilesOf = ({ owners, members }: RunRecord) =>
  members.map(({ node }, place) => [node, owners.filter((owner) => owner === place).length]);

/** A leader with a run that nodes a and b have begun, settled. */
function running(names: readonly string[] = ['a', 'b']): Story {
  const story = new Story();
  for (const name of names) story.alive.set(name, { incarnation: 1 });
  story.pass(200);
  story.tell({ type: 'leading', records: [] });
  story.pass(1000);
  story.tell({ type: 'submitted', record: queued, revision: 1 });
  story.written();
  expect(story.record).toMatchObject({ state: 'running', epoch: 1 });
  return story;
}

describe('a run', () => {
  test('begins on the nodes that are there, its tiles by their speeds', () => {
    const story = new Story();
    story.tell({ type: 'leading', records: [] });
    story.alive.set('a', { incarnation: 1, speed: 3000 }).set('b', { incarnation: 4, speed: 1000 });
    story.pass(1200);
    const commands = story.tell({ type: 'submitted', record: queued, revision: 1 });
    const [record] = records(commands);
    expect(commands).toEqual([{ type: 'write', record, revision: 1 }]);
    expect(record).toMatchObject({ state: 'running', epoch: 1 });
    expect(tilesOf(record!)).toEqual([
      ['a', 6],
      ['b', 2],
    ]);
    expect(record!.members).toContainEqual({ node: 'b', incarnation: 4 });
    // One write at a time.
    expect(story.pass(400)).toEqual([]);
    expect(story.written()).toEqual([{ type: 'publish', record }]);
  });

  test('goes from cut to cut as all members hand in, and is finished with the last', () => {
    const story = running();
    for (const step of [10, 20, 30, 40]) {
      expect(story.handIn('a', step)).toEqual([]);
      const [record] = records(story.handIn('b', step));
      expect(record!.cut).toEqual({ step, tiles: Array.from({ length: 8 }, (_, tile) => hashOf(tile)) });
      expect(record!.state).toBe(step < 40 ? 'running' : 'finished');
      // Not before the ledger holds it.
      expect(story.handIn('a', step)).toEqual([]);
      expect(story.written()).toEqual([{ type: 'publish', record }]);
      for (const node of ['a', 'b']) expect(story.handIn(node, step)).toMatchObject([{ type: 'take' }]);
    }
    expect(story.pass(5000)).toEqual([]);
    expect(records(story.tell({ type: 'hashed', run: 'the-run', stateHash: HASH }))).toMatchObject([
      { state: 'finished', stateHash: HASH },
    ]);
  });

  test('takes hand-ins in any order, of the next two cuts', () => {
    const story = running();
    expect(story.handIn('b', 20)).toEqual([]);
    expect(story.handIn('a', 10)).toEqual([]);
    expect(records(story.handIn('b', 10))[0]!.cut!.step).toBe(10);
    expect(records(story.written())).toEqual([]);
    expect(records(story.handIn('a', 20))[0]!.cut!.step).toBe(20);
  });

  test('keeps no hand-in that is not due, not whole, or of no member', () => {
    const story = running();
    const mallory = { node: 'mallory', incarnation: 1 };
    for (let step = 0; step < 1000; step++) if (step !== 10 && step !== 20) story.handIn('a', step);
    story.handIn('a', 10, { tiles: [] });
    story.handIn('a', 10, { tiles: story.record.owners.map((_, tile) => [tile, HASH] as const) });
    story.handIn('a', 10, { member: mallory });
    story.handIn('a', 10, { member: { node: 'a', incarnation: 2 } });
    story.handIn('a', 10, { epoch: 2 });
    expect(story.state.runs.get('the-run')!.handIns.size).toBe(0);
  });

  test.each<[string, Partial<RunRecord>, CoordinatorEvent]>([
    ['cancelled', { state: 'cancelled' }, { type: 'cancel', run: 'the-run' }],
    [
      'failed with a cell',
      { state: 'failed', message: 'a cell failed' },
      {
        ...{ type: 'failed', of: 'run', run: 'the-run', epoch: 1 },
        ...{ member: { node: 'a', incarnation: 1 }, message: 'a cell failed' },
      },
    ],
  ])('is over when it is %s', (_, end, event) => {
    const story = running();
    expect(records(story.tell(event))).toMatchObject([end]);
    story.written();
    story.alive.clear();
    expect(story.pass(5000)).toEqual([]);
  });

  test('is not ended by who is no member of its epoch', () => {
    const story = running();
    const failed = { type: 'failed', of: 'run', run: 'the-run', message: 'so there' } as const;
    expect(story.tell({ ...failed, epoch: 1, member: { node: 'mallory', incarnation: 1 } })).toEqual([]);
    expect(story.tell({ ...failed, epoch: 1, member: { node: 'a', incarnation: 0 } })).toEqual([]);
    expect(story.tell({ ...failed, epoch: 0, member: { node: 'a', incarnation: 1 } })).toEqual([]);
  });

  test('goes on without a node that is not fit for it', () => {
    const story = running();
    const member = { node: 'a', incarnation: 1 };
    const commands = story.tell({ type: 'failed', of: 'node', run: 'the-run', epoch: 1, member, message: 'no memory' });
    expect(records(commands).map(tilesOf)).toEqual([[['b', 8]]]);
    story.written();
    // Not for better placement either.
    expect(records(story.pass(10_000))).toEqual([]);
  });
});

describe('nodes that are not fit for a run', () => {
  const unfit = (story: Story, node: string) =>
    story.tell({
      ...{ type: 'failed', of: 'node', run: 'the-run', epoch: story.record.epoch, message: `${node} is too small` },
      member: { node, incarnation: 1 },
    } as CoordinatorEvent);

  test('end it with what each of them says, once there is no other', () => {
    const story = running();
    unfit(story, 'a');
    story.written();
    const [record] = records(unfit(story, 'b'));
    expect(record).toMatchObject({ state: 'failed', message: 'a: a is too small\nb: b is too small' });
  });

  test('do not end it while one that is fit is missed, but when it stays away', () => {
    const story = running();
    unfit(story, 'b');
    story.written();
    story.alive.delete('a');
    expect(records(story.pass(2000))).toEqual([]);
    story.alive.set('a', { incarnation: 1 });
    expect(records(story.pass(2000))).toEqual([]);
    expect(story.record).toMatchObject({ state: 'running', members: [{ node: 'a' }] });
    story.alive.delete('a');
    expect(records(story.pass(12_000)).at(-1)).toMatchObject({ state: 'failed', message: 'b: b is too small' });
  });

  test('may compute it after they were started again', () => {
    const story = running();
    unfit(story, 'a');
    story.written();
    story.alive.clear();
    expect(records(story.pass(1200))).toEqual([]);
    story.alive.set('a', { incarnation: 2 });
    const [record] = records(story.pass(2000));
    expect(record).toMatchObject({ state: 'running', members: [{ node: 'a', incarnation: 2 }] });
  });
});

describe('a member', () => {
  test('gone for 800 ms makes a new epoch from the last cut, not before', () => {
    const story = running();
    story.handIn('a', 10);
    story.handIn('b', 10);
    story.written();
    story.handIn('a', 20);
    story.alive.delete('b');
    expect(story.pass(800)).toEqual([]);
    const [record] = records(story.pass(200));
    expect(record).toMatchObject({ epoch: 2, cut: { step: 10 }, members: [{ node: 'a', incarnation: 1 }] });
    story.written();
    // What was said in the old epoch counts no more.
    expect(story.handIn('a', 20, { epoch: 1 })).toMatchObject([{ type: 'take' }]);
    expect(story.record.cut!.step).toBe(10);
  });

  test('that prepares is waited for as long as it asks', () => {
    const story = running();
    story.beat('b', { patience: 5000 });
    story.alive.delete('b');
    expect(story.pass(5000)).toEqual([]);
    expect(records(story.pass(200)).map(tilesOf)).toEqual([[['a', 8]]]);
  });

  test('that was started anew is another: a new epoch at once; its forerunner is not heard any more', () => {
    const story = running();
    story.alive.set('b', { incarnation: 2 });
    const [record] = records(story.pass(200));
    expect(record).toMatchObject({ epoch: 2 });
    expect(record!.members).toContainEqual({ node: 'b', incarnation: 2 });
    story.written();
    story.beat('b', { incarnation: 1, draining: true });
    expect(story.state.nodes.get('b')).toMatchObject({ member: { incarnation: 2 }, draining: false });
  });

  test('that owns no tiles may go', () => {
    const story = running();
    story.alive.set('late', { incarnation: 1, speed: 1 });
    story.pass(400);
    story.alive.delete('late');
    expect(story.pass(5000)).toEqual([]);
  });
});

describe('nobody is held to be gone', () => {
  test('after a silence of all, before everybody had a second to be heard', () => {
    const story = running(['a', 'b', 'c']);
    const all = new Map(story.alive);
    story.alive.clear();
    // The broker is gone, and this process with it: no time passes for it until it is back.
    story.now += 10_000;
    for (const [node, facts] of all) story.alive.set(node, facts);
    story.alive.delete('b');
    // Its clock is heard first, or a node is: either way b has its second.
    story.tell({
      type: 'heartbeat',
      member: { node: 'a', incarnation: 1 },
      ...{ speed: 1000, draining: false },
      patience: 0,
      runs: [],
      session,
    });
    const early = story.pass(900);
    expect(records(early)).toEqual([]);
    story.alive.set('b', { incarnation: 1 });
    expect(records(story.pass(3000))).toEqual([]);
  });

  test('and who stays silent after that is', () => {
    const story = running();
    const [a] = story.alive;
    story.alive.clear();
    const silent = story.pass(5000);
    // With nobody there is nobody to go on with.
    expect(silent).toEqual([]);
    story.alive.set(...a!);
    expect(story.pass(1000)).toEqual([]);
    expect(records(story.pass(400)).map(tilesOf)).toEqual([[['a', 8]]]);
  });

  test('by a new leader, before everybody had a second to be heard', () => {
    const { record } = running();
    const story = new Story();
    story.tell({ type: 'tick', now: 50_000 });
    story.now = 50_000;
    story.alive.set('a', { incarnation: 1 });
    expect(story.tell({ type: 'leading', records: [{ record, revision: 2 }] })).toEqual([]);
    expect(story.pass(800)).toEqual([]);
    story.alive.set('b', { incarnation: 1 });
    expect(story.pass(1000)).toEqual([]);

    const other = new Story();
    other.alive.set('a', { incarnation: 1 });
    other.tell({ type: 'leading', records: [{ record, revision: 2 }] });
    // It is heard itself after 200 ms, the first of all.
    expect(other.pass(1000)).toEqual([]);
    expect(records(other.pass(200)).map(tilesOf)).toEqual([[['a', 8]]]);
  });
});

describe('the ledger', () => {
  test('that refuses a write has the last word: its record is adopted and told', () => {
    const story = running();
    story.handIn('a', 10);
    expect(records(story.handIn('b', 10))).toHaveLength(1);
    const theirs: RunRecord = {
      ...story.record,
      epoch: 7,
      cut: { step: 30, tiles: Array.from({ length: 8 }, () => HASH) },
    };
    expect(story.tell({ type: 'conflict', record: theirs, revision: 99 })).toEqual([
      { type: 'publish', record: theirs },
    ]);
    expect(story.record).toBe(theirs);
    expect(story.handIn('a', 10, { epoch: 1 })).toMatchObject([{ type: 'take' }]);
    story.alive.delete('b');
    const commands = story.pass(1200).filter(({ type }) => type === 'write');
    expect(commands).toMatchObject([{ record: { epoch: 8 }, revision: 99 }]);
  });

  test('that does not answer is read, and nothing is written meanwhile', () => {
    const story = running();
    story.handIn('a', 10);
    const [record] = records(story.handIn('b', 10));
    expect(story.tell({ type: 'unwritten', run: 'the-run' })).toEqual([{ type: 'read', run: 'the-run' }]);
    expect(story.tell({ type: 'cancel', run: 'the-run' })).toEqual([]);
    // It had been written after all; the cancel is not forgotten.
    const commands = story.tell({ type: 'conflict', record: record!, revision: 5 });
    expect(commands[0]).toEqual({ type: 'publish', record });
    expect(commands[1]).toMatchObject({
      type: 'write',
      record: { state: 'cancelled', cut: { step: 10 } },
      revision: 5,
    });
  });

  test('is not written to by one who follows', () => {
    const story = running();
    story.tell({ type: 'following' });
    story.alive.clear();
    expect(story.pass(5000)).toEqual([]);
    expect(story.tell({ type: 'submitted', record: { ...queued, run: 'new' }, revision: 9 })).toEqual([]);
    expect(story.tell({ type: 'cancel', run: 'the-run' })).toEqual([]);
  });
});

describe('a planned move', () => {
  test.each<[string, (story: Story) => void]>([
    ['says so itself', (story) => story.alive.set('b', { incarnation: 1, draining: true })],
    ['is told to', (story) => story.tell({ type: 'drain', node: 'b' })],
  ])('relieves a node that drains, which %s: a hold, then an epoch from its cut', (_, drain) => {
    const story = running(['a', 'b']);
    drain(story);
    // A draining node is left out of placement alone; its speed counts as nothing there.
    const [hold] = records(story.pass(4000));
    expect(hold).toMatchObject({ epoch: 1, hold: 10 });
    story.written();
    story.handIn('a', 10);
    const [moved] = records(story.handIn('b', 10));
    expect(moved).toMatchObject({ epoch: 2, cut: { step: 10 }, members: [{ node: 'a', incarnation: 1 }] });
    expect(moved).not.toHaveProperty('hold');
    story.written();
    expect(records(story.pass(10_000))).toEqual([]);
  });

  test('holds where no member has been yet', () => {
    const story = running();
    story.alive.set('b', {
      incarnation: 1,
      draining: true,
      runs: [{ run: 'the-run', epoch: 1, step: 17, prepares: false }],
    });
    expect(records(story.pass(4000))).toMatchObject([{ hold: 20 }]);
  });

  test('holds no later for who is no member and says that it has come far', () => {
    const story = running();
    story.beat('mallory', { runs: [{ run: 'the-run', epoch: 1, step: 30, prepares: false }] });
    story.alive.set('b', { incarnation: 1, draining: true });
    expect(records(story.pass(4000))).toMatchObject([{ hold: 10 }]);
  });

  test('is not made for the last stretch of a run', () => {
    const story = running();
    story.alive.set('b', {
      incarnation: 1,
      draining: true,
      runs: [{ run: 'the-run', epoch: 1, step: 30, prepares: false }],
    });
    expect(records(story.pass(10_000))).toEqual([]);
  });

  test('gives tiles to a node that joins, where that is worth it', () => {
    const story = running();
    story.alive.set('c', { incarnation: 1, speed: 1000 });
    expect(records(story.pass(4000))).toMatchObject([{ hold: 10 }]);
    story.written();
    story.handIn('a', 10);
    const [moved] = records(story.handIn('b', 10));
    expect(moved!.members.map(({ node }) => node).sort()).toEqual(['a', 'b', 'c']);
  });

  test('shares out the tiles that have work to do, not those at rest', () => {
    const story = running();
    const busy: Readonly<Record<string, readonly number[]>> = { a: [0, 1, 2, 3], b: [] };
    const handInAll = (step: number) => ['a', 'b'].flatMap((node) => story.handIn(node, step, { busy: busy[node]! }));
    handInAll(10);
    story.written();
    // What an epoch shows in its first seconds moves nothing.
    expect(records(story.pass(5000))).toEqual([]);
    expect(records(story.pass(5000))).toMatchObject([{ hold: 20 }]);
    story.written();
    const [moved] = records(handInAll(20));
    expect(moved!.owners).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('that is needed no more by then is left out: the hold is lifted', () => {
    const story = running();
    story.alive.set('c', { incarnation: 1, speed: 1000 });
    story.pass(4000);
    story.written();
    story.alive.delete('c');
    story.pass(1200);
    story.handIn('a', 10);
    const [record] = records(story.handIn('b', 10));
    expect(record).toMatchObject({ epoch: 1, cut: { step: 10 } });
    expect(record).not.toHaveProperty('hold');
  });

  test('is not made where all drain: somebody has to finish', () => {
    const story = running();
    for (const node of ['a', 'b']) story.alive.set(node, { incarnation: 1, draining: true });
    expect(records(story.pass(10_000))).toEqual([]);
  });
});

describe('runs wait for their turn', () => {
  const begun = (story: Story) =>
    [...story.state.runs.values()].filter(({ record }) => record.state === 'running').map(({ record }) => record.run);
  const submitAll = (runs: readonly (readonly [run: string, owner: string])[]): Story => {
    const story = running();
    runs.forEach(([run, owner], k) => {
      take(story, story.tell({ type: 'submitted', record: { ...queued, run, owner }, revision: 100 + k }));
    });
    take(story, story.pass(1000));
    return story;
  };
  /** The ledger takes what is written, and what comes of that. */
  const take = (story: Story, commands: readonly CoordinatorCommand[]): void => {
    for (const { run } of records(commands))
      take(story, story.tell({ type: 'written', run, revision: ++story.revision }));
  };
  const cancel = (story: Story, run: string): void => {
    take(story, story.tell({ type: 'cancel', run }));
    take(story, story.pass(1000));
  };

  test('one of an owner at a time, four at once, who came first before others', () => {
    const story = submitAll([
      ['second-of-me', queued.owner],
      ['a1', 'ann'],
      ['a2', 'ann'],
      ['b1', 'bea'],
      ['c1', 'cay'],
      ['d1', 'dot'],
    ]);
    expect(begun(story)).toEqual(['the-run', 'a1', 'b1', 'c1']);
    cancel(story, 'a1');
    // Ann’s second one came before Dot’s first.
    expect(begun(story)).toEqual(['the-run', 'a2', 'b1', 'c1']);
    cancel(story, 'the-run');
    expect(begun(story)).toEqual(['second-of-me', 'a2', 'b1', 'c1']);
    cancel(story, 'b1');
    expect(begun(story)).toEqual(['second-of-me', 'a2', 'c1', 'd1']);
  });
});

describe('what is known of nodes', () => {
  test('is forgotten ten minutes after they were last heard, their draining too', () => {
    const story = running();
    story.beat('c');
    story.tell({ type: 'drain', node: 'c' });
    story.tell({ type: 'tick', now: story.now + 600_000 });
    expect(story.state.nodes.has('c')).toBe(true);
    story.tell({ type: 'tick', now: story.now + 600_001 });
    expect([story.state.nodes.size, story.state.drained.size]).toEqual([0, 0]);
  });

  test('is of 10 000 at most', () => {
    const story = running();
    const [facts] = story.state.nodes.values();
    const others = Array.from({ length: 9_990 }, (_, k) => [`other-${k}`, facts!] as const);
    story.state = { ...story.state, nodes: new Map([...story.state.nodes, ...others]) };
    for (let k = 0; k < 100; k++) story.beat(`node-${k}`);
    expect(story.state.nodes.size).toBe(10_000);
    // Those who are known are heard as ever.
    story.beat('a', { speed: 7 });
    expect(story.state.nodes.get('a')!.speed).toBe(7);
  });

  test.each([0, 5e-324, Number.MAX_VALUE])('may be a speed of %d without harm', (speed) => {
    const story = running(['a', 'b', 'c']);
    for (const node of ['b', 'c']) story.alive.set(node, { incarnation: 1, speed });
    story.pass(4000);
    story.written();
    story.alive.set('b', { incarnation: 2, speed });
    const [record] = records(story.pass(4000));
    expect(record!.owners).toHaveLength(8);
    for (const owner of record!.owners) expect(record!.members[owner]).toBeDefined();
  });
});

describe('who has done what', () => {
  const lastTwo = ({ history }: RunRecord) =>
    history.segments.slice(-2).map(({ from, to, ended }) => ({ from, to, ended }));

  test('is written with the cut, and never twice', () => {
    const story = running();
    expect(story.record.history.segments).toMatchObject([{ epoch: 1, from: 0, to: 0 }]);
    story.pass(400);
    for (let time = 0; time < 3; time++) story.handIn('a', 10);
    const [record] = records(story.handIn('b', 10));
    expect(record!.history.segments).toMatchObject([
      {
        from: 0,
        to: 10,
        shares: [{ node: 'a', tiles: 4, claimed: { computeSeconds: 0.5, threadSeconds: 1 } }, { node: 'b' }],
      },
    ]);
    expect(record!.firstAccepted).toBeCloseTo(0.4, 9);
    story.written();
    // Late, and again: the ledger has it.
    for (const node of ['a', 'b']) story.handIn(node, 10);
    expect(story.record.history).toEqual(record!.history);
  });

  test('is what another leader has written, where it was first', () => {
    const story = running();
    story.handIn('a', 10);
    const [ours] = records(story.handIn('b', 10));
    story.tell({ type: 'unwritten', run: 'the-run' });
    const commands = story.tell({ type: 'conflict', record: ours!, revision: 3 });
    expect(records(commands)).toEqual([]);
    expect(story.record.history.segments).toMatchObject([{ from: 0, to: 10 }]);
  });

  test.each<[string, (story: Story) => void, string]>([
    [
      'silent',
      (story) => {
        story.alive.set('b', { incarnation: 1, runs: [{ run: 'the-run', epoch: 1, step: 17, prepares: false }] });
        story.pass(200);
        story.alive.delete('b');
      },
      'b was silent for 1.0 s',
    ],
    ['started anew', (story) => story.alive.set('b', { incarnation: 2 }), 'b was started anew'],
    [
      'not fit',
      (story) => {
        const member = { node: 'b', incarnation: 1 };
        story.tell({ type: 'failed', of: 'node', run: 'the-run', epoch: 1, member, message: 'no memory' });
      },
      'b cannot compute it: no memory',
    ],
  ])('ends, and says why, with a node that is %s', (_, happen, reason) => {
    const story = running();
    story.handIn('a', 10);
    story.handIn('b', 10);
    story.written();
    story.handIn('a', 20);
    happen(story);
    story.pass(2000);
    story.written();
    const [lost, next] = lastTwo(story.record);
    // Node a has handed in step 20, which nobody else has reached for certain.
    expect(lost).toEqual({ from: 0, to: 10, ended: { reason, lost: 10 } });
    expect(next).toMatchObject({ from: 10, to: 10 });
  });

  test('ends with a planned move that loses nothing', () => {
    const story = running();
    story.alive.set('c', { incarnation: 1, speed: 1000 });
    story.pass(4000);
    story.written();
    story.handIn('a', 10);
    story.handIn('b', 10);
    story.written();
    expect(lastTwo(story.record)).toEqual([
      { from: 0, to: 10, ended: { reason: 'planned move: c joined', lost: 0 } },
      { from: 10, to: 10, ended: undefined },
    ]);
  });

  test.each<[string, CoordinatorEvent, string]>([
    ['cancelled', { type: 'cancel', run: 'the-run' }, 'the run was cancelled'],
    [
      'failed',
      {
        ...{ type: 'failed', of: 'run', run: 'the-run', epoch: 1 },
        ...{ member: { node: 'a', incarnation: 1 }, message: 'a cell failed' },
      },
      'the run failed: a cell failed',
    ],
  ])('stays theirs when the run is %s', (_, event, reason) => {
    const story = running();
    story.handIn('a', 10);
    story.handIn('b', 10);
    story.written();
    const [record] = records(story.tell(event));
    expect(lastTwo(record!)).toEqual([{ from: 0, to: 10, ended: { reason, lost: 0 } }]);
  });
});

describe('a record that was put back, since the ledger was lost,', () => {
  const FENCE = 1_000_002;
  const REASON = 'the ledger was lost, and the record put back from its copy';

  /** A run at the cut of step 10, and a new leader that finds its record put back. */
  function putBack(): Story {
    const before = running();
    before.handIn('a', 10);
    before.handIn('b', 10);
    before.written();
    const story = new Story();
    story.tell({ type: 'tick', now: 0 });
    story.tell({ type: 'leading', records: [{ record: { ...before.record, fence: FENCE }, revision: 1 }] });
    return story;
  }
  const ofEpoch = (epoch: number) => ({ incarnation: 1, runs: [{ run: 'the-run', epoch, step: 17, prepares: false }] });

  test('goes on to its next cut where its members are all at it, and begins its next epoch there, beyond all that were', () => {
    const story = putBack();
    for (const node of ['a', 'b']) story.alive.set(node, ofEpoch(1));
    expect(records(story.pass(2200))).toMatchObject([{ epoch: 1, hold: 20 }]);
    story.written();
    story.handIn('a', 20);
    const [next] = records(story.handIn('b', 20));
    expect(next).toMatchObject({ epoch: FENCE + 1, cut: { step: 20 } });
    expect(next).not.toHaveProperty('fence');
    expect(next!.history.segments[0]).toMatchObject({ from: 0, to: 20, ended: { reason: REASON, lost: 0 } });
    story.written();
    expect(story.pass(4000)).toEqual([]);
  });

  test.each<[string, (story: Story) => void]>([
    ['are at a later epoch', (story) => ['a', 'b'].map((node) => story.alive.set(node, ofEpoch(7)))],
    ['know nothing of it', (story) => ['a', 'b'].map((node) => story.alive.set(node, { incarnation: 1 }))],
    ['were started anew', (story) => ['a', 'b'].map((node) => story.alive.set(node, { incarnation: 2 }))],
  ])('begins at once beyond every epoch that was, from its cut, where nodes %s', (_, live) => {
    const story = putBack();
    live(story);
    expect(story.pass(800)).toEqual([]);
    expect(records(story.pass(600))).toMatchObject([{ epoch: FENCE + 1, cut: { step: 10 } }]);
    story.written();
    expect(story.record.history.segments[0]!.ended!.reason).toMatch(new RegExp(`^${REASON}$|was started anew`));
    expect(story.pass(4000)).toEqual([]);
  });

  test('waits its turn beyond the fence too, and stays over where it was', () => {
    const story = new Story();
    story.alive.set('a', { incarnation: 1 });
    story.tell({ type: 'leading', records: [{ record: { ...queued, fence: FENCE }, revision: 1 }] });
    expect(records(story.pass(1400))).toMatchObject([{ state: 'running', epoch: FENCE + 1 }]);
    const over = new Story();
    over.alive.set('a', { incarnation: 1 });
    over.tell({ type: 'leading', records: [{ record: { ...queued, state: 'cancelled', fence: FENCE }, revision: 1 }] });
    expect(over.pass(4000)).toEqual([]);
  });
});

describe('a run whose store has lost its cut', () => {
  const whole = (step: number) => ({ step, tiles: Array.from({ length: 8 }, (_, tile) => hashOf(tile)) });
  const lostAt = (epoch: number, step: number, more = {}): CoordinatorEvent => ({
    ...{ type: 'cut-lost', run: 'the-run', epoch, step, whole: undefined, collectable: 0 },
    ...more,
  });

  /** At the cut of step 20; what both nodes have done so far is accepted. */
  function atTwenty(): Story {
    const story = running();
    for (const step of [10, 20]) {
      story.handIn('a', step);
      story.handIn('b', step);
      story.written();
    }
    return story;
  }
  const goOn = (story: Story, step: number): RunRecord => {
    story.handIn('a', step);
    const [record] = records(story.handIn('b', step));
    story.written();
    return record!;
  };

  test.each([
    ['an older one that is whole', whole(10), 10, 'on from the cut of step 10 again'],
    ['the start where there is none', undefined, 0, 'from the start again'],
  ])('goes back to %s, and what was accepted stays accepted, once', (_, to, from, said) => {
    const story = atTwenty();
    const [record] = records(story.tell(lostAt(1, 20, { whole: to })));
    expect(record).toMatchObject({ state: 'running', epoch: 2, accepted: 20 });
    expect(record!.cut).toEqual(to);
    const [lost, next] = record!.history.segments;
    expect(lost).toMatchObject({ from: 0, to: 20, ended: { lost: 20 - from } });
    expect(lost!.ended!.reason).toContain(said);
    expect(next).toMatchObject({ epoch: 2, from: 20, to: 20 });
    story.written();
    for (let step = from + 10; step <= 20; step += 10) {
      const again = goOn(story, step);
      expect(again.history.segments[1]).toMatchObject({
        from: 20,
        to: 20,
        shares: [{ claimed: { computeSeconds: 0 } }, {}],
      });
      expect('accepted' in again).toBe(step < 20);
    }
    expect(goOn(story, 30).history.segments[1]).toMatchObject({ from: 20, to: 30 });
    expect(goOn(story, 40)).toMatchObject({ state: 'finished' });
  });

  test('goes on where the next cut is whole before anybody needs the last', () => {
    const story = atTwenty();
    story.handIn('a', 30);
    // Nobody is there to begin again with yet: all were silent.
    story.state = { ...story.state, settled: Number.POSITIVE_INFINITY };
    expect(story.tell(lostAt(1, 20))).toEqual([]);
    expect(records(story.handIn('b', 30))).toMatchObject([{ epoch: 1, cut: { step: 30 } }]);
  });

  test('is not what an old word says: of another epoch, or another cut', () => {
    const story = atTwenty();
    for (const event of [lostAt(0, 20), lostAt(1, 10)]) expect(story.tell(event)).toEqual([]);
    expect(story.pass(1000)).toEqual([]);
  });

  test('begins again after its end, if its hash is not found yet', () => {
    const story = atTwenty();
    goOn(story, 30);
    expect(goOn(story, 40)).toMatchObject({ state: 'finished' });
    const [record] = records(story.tell(lostAt(1, 40)));
    expect(record).toMatchObject({ state: 'running', epoch: 2, accepted: 40 });
    expect(record!.history.segments[0]!.ended!.lost).toBe(40);
  });

  test('is not cancelled then by who came too late for it, and was told so', () => {
    const story = atTwenty();
    goOn(story, 30);
    story.handIn('a', 40);
    story.handIn('b', 40);
    // Its end is on the way to the ledger.
    story.tell({ type: 'cancel', run: 'the-run' });
    story.written();
    expect(story.record.state).toBe('finished');
    expect(records(story.tell(lostAt(1, 40)))).toMatchObject([{ state: 'running', epoch: 2 }]);
    expect(story.written()).not.toContainEqual(expect.objectContaining({ type: 'write' }));
    expect(story.record.state).toBe('running');
  });

  test('has on its trail again what was not collected, and nothing that was', () => {
    const story = new Story();
    for (const name of ['a', 'b']) story.alive.set(name, { incarnation: 1 });
    story.pass(200);
    story.tell({ type: 'leading', records: [] });
    story.pass(1000);
    story.tell({ type: 'submitted', record: { ...queued, followed: { due: [], trail: [] } }, revision: 1 });
    story.written();
    const handIn = (step: number) => {
      story.handIn('a', step, { report: HASH });
      story.handIn('b', step, { report: HASH });
      story.written();
      return story.record.followed!.trail.map((mark) => mark.step);
    };
    handIn(10);
    story.tell({ type: 'collected', run: 'the-run', step: 10 });
    story.written();
    expect(handIn(20)).toEqual([20]);
    story.tell(lostAt(1, 20));
    story.written();
    expect(story.record.followed).toEqual({ due: [], trail: [], collected: 10 });
    expect(handIn(10)).toEqual([]);
    expect(handIn(20)).toEqual([20]);
    expect(handIn(30)).toEqual([20, 30]);
  });

  test('asks those again whose parts were gone before the cut was written', () => {
    const story = running();
    story.handIn('a', 10);
    expect(records(story.handIn('b', 10)).length).toBe(1);
    const place = story.record.members.findIndex(({ node }) => node === 'b');
    expect(story.tell({ type: 'incomplete', run: 'the-run', step: 10, places: [place] })).toEqual([]);
    expect(records(story.handIn('b', 10))).toMatchObject([{ cut: { step: 10 } }]);
  });
});

describe('graphics devices', () => {
  const card = { incarnation: 1, device: 'a card' };
  const tolerant: RunRecord = { ...queued, tolerance: { devices: [] } };

  /** A settled leader with these nodes, who are told of a run. */
  function told(record: RunRecord, nodes: Readonly<Record<string, Omit<Member, 'node'>>>): Story {
    const story = new Story();
    for (const [name, facts] of Object.entries(nodes)) story.alive.set(name, facts);
    story.tell({ type: 'leading', records: [] });
    story.pass(1200);
    story.tell({ type: 'submitted', record, revision: 1 });
    return story;
  }

  test('have no tiles of a run that wants the processor’s bits, however fast they are', () => {
    const story = told(queued, { a: { incarnation: 1 }, fast: card });
    story.alive.set('fast', { ...card, speed: 1e9 });
    story.written();
    expect(tilesOf(story.record)).toEqual([['a', 8]]);
    story.pass(20_000);
    expect(story.record.epoch).toBe(1);
    story.alive.delete('a');
    story.pass(5000);
    // It waits for a processor: one comes back.
    expect(story.record).toMatchObject({ state: 'running', epoch: 1 });
    story.alive.set('a', { incarnation: 2 });
    const [next] = records(story.pass(1400));
    expect(next).toMatchObject({ epoch: 2, members: [{ node: 'a', incarnation: 2 }] });
  });

  test('alone keep such a run waiting, and it does not fail of it', () => {
    const story = told(queued, { fast: card });
    expect(story.pass(10_000)).toEqual([]);
    expect(story.record.state).toBe('queued');
    story.alive.set('a', { incarnation: 1 });
    expect(records(story.pass(400))[0]).toMatchObject({ state: 'running', members: [{ node: 'a' }] });
  });

  test('have tiles where they may, and the record names them once their work is accepted, for good', () => {
    const story = told(tolerant, { a: { incarnation: 1 }, fast: card });
    story.written();
    expect(tilesOf(story.record)).toEqual([
      ['a', 4],
      ['fast', 4],
    ]);
    expect(story.record).toMatchObject({ tolerance: { devices: [] } });
    story.handIn('a', 10);
    expect(records(story.handIn('fast', 10))[0]).toMatchObject({ tolerance: { devices: ['a card'] } });
    story.written();
    story.alive.delete('fast');
    expect(records(story.pass(1200))[0]).toMatchObject({ epoch: 2, tolerance: { devices: ['a card'] } });
    story.written();
    for (const step of [20, 30, 40]) {
      story.handIn('a', step);
      story.written();
    }
    story.tell({ type: 'hashed', run: 'the-run', stateHash: HASH });
    story.written();
    expect(story.record).toMatchObject({ state: 'finished', stateHash: HASH, tolerance: { devices: ['a card'] } });
    expect(promisedHash(story.record)).toBeUndefined();
  });

  test('that came to nothing leave the hash of the processors', () => {
    const story = told(tolerant, { a: { incarnation: 1 }, fast: card });
    story.written();
    story.alive.delete('fast');
    story.pass(1200);
    story.written();
    for (const step of [10, 20, 30, 40]) {
      story.handIn('a', step);
      story.written();
    }
    story.tell({ type: 'hashed', run: 'the-run', stateHash: HASH });
    story.written();
    expect(promisedHash(story.record)).toBe(HASH);
  });

  test('compute in float32, and have no tiles of a run in float64', () => {
    const wide = { ...tolerant, shape: { ...tolerant.shape, width: 8 } } as const;
    const story = told(wide, { a: { incarnation: 1 }, fast: card });
    story.written();
    expect(tilesOf(story.record)).toEqual([['a', 8]]);
  });
});
