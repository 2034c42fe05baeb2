import {
  type Failed,
  type HandIn,
  type Member,
  type NodeId,
  nextCut,
  placeOf,
  type RunRecord,
} from '../protocol/cluster.ts';
import type { SegmentWork } from '../protocol/metering.ts';

/**
 * One run on one node, as a pure machine: events in, commands out. It decides when to prepare, advance, send, ask again,
 * hand in and give up; whoever carries out the commands does the work and the talking. Members are numbers here: their places
 * in the record of the epoch.
 */

/** A halo that has not come after so long is asked for [ms]. */
const PATIENCE = 60;
/** A hand-in that nobody has acknowledged is said again after so long [ms]. */
const SAY_AGAIN = 250;
/** Hand-ins on their way beyond which a node waits. */
const MOST_UNTAKEN = 2;
/** Steps whose halos are kept for those who ask again. */
export const KEPT_STEPS = 2;
/** Halos of an epoch that has not been heard of yet which are kept. */
const MOST_EARLY = 256;

export interface Halo {
  readonly epoch: number;
  readonly from: number;
  readonly round: number;
  readonly bytes: Uint8Array;
}

/** A halo, and who has said it: the place is its own word. */
interface HeardHalo extends Halo {
  readonly sender: NodeId;
}

type Halos = ReadonlyMap<number, Uint8Array>;

/** What a shard does in its epoch. */
type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'preparing' }
  /** Computing towards a cut. */
  | { readonly name: 'advancing'; readonly to: number }
  /** At a cut, with too much untaken to go on. */
  | { readonly name: 'full'; readonly step: number }
  /** At the end of the run, or at a hold. */
  | { readonly name: 'waiting'; readonly step: number }
  | { readonly name: 'failed'; readonly failed: Failed; readonly said: number };

export interface ShardState {
  readonly self: Member;
  readonly now: number;
  readonly record: RunRecord | undefined;
  readonly phase: Phase;
  /** Last step that is known to be done. */
  readonly step: number;
  readonly peers: readonly number[];
  readonly roundsPerStep: number;
  /** The round that waits for halos, and when it began to or last asked for them. */
  readonly waiting: { readonly round: number; readonly asked: number } | undefined;
  /** Halos of this epoch by round, and those of epochs to come. */
  readonly inbox: ReadonlyMap<number, Halos>;
  readonly early: readonly HeardHalo[];
  /** Messages that were sent, by round. */
  readonly sent: ReadonlyMap<number, Halos>;
  readonly untaken: readonly { readonly handIn: HandIn; readonly said: number }[];
}

export type ShardEvent =
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'record'; readonly record: RunRecord }
  | {
      readonly type: 'prepared';
      readonly epoch: number;
      readonly peers: readonly number[];
      readonly roundsPerStep: number;
    }
  /** The threads have begun a round; these are the messages of the halos that others read in it. */
  | { readonly type: 'begun'; readonly epoch: number; readonly round: number; readonly halos: Halos }
  | ({ readonly type: 'halo' } & HeardHalo)
  | { readonly type: 'asked'; readonly epoch: number; readonly from: number; readonly round: number }
  /** The threads have reached the cut; the bytes of its tiles are taken, and on their way to the store. */
  | {
      readonly type: 'reached';
      readonly epoch: number;
      readonly step: number;
      readonly tiles: HandIn['tiles'];
      readonly busy: HandIn['busy'];
      readonly report?: string;
      readonly work: SegmentWork;
    }
  | { readonly type: 'failed'; readonly epoch: number; readonly of: 'run' | 'node'; readonly message: string }
  | { readonly type: 'taken'; readonly epoch: number; readonly step: number };

export type ShardCommand =
  /** Lay out memory, load the record's cut, and report `prepared`. */
  | { readonly type: 'prepare'; readonly record: RunRecord; readonly self: number }
  /** Give up whatever is under way. */
  | { readonly type: 'drop' }
  /** Compute to a cut, store its tiles and report `reached`. */
  | { readonly type: 'advance'; readonly epoch: number; readonly to: number }
  | { readonly type: 'send'; readonly to: number; readonly message: Uint8Array }
  | { readonly type: 'ask'; readonly to: number; readonly epoch: number; readonly round: number }
  /** All halos of the round are there. */
  | { readonly type: 'release'; readonly epoch: number; readonly round: number; readonly halos: Halos }
  | { readonly type: 'hand-in'; readonly handIn: HandIn }
  | { readonly type: 'fail'; readonly failed: Failed };

type Step = readonly [ShardState, readonly ShardCommand[]];

export const idleShard = (self: Member): ShardState => ({
  self,
  now: 0,
  record: undefined,
  phase: { name: 'idle' },
  step: 0,
  peers: [],
  roundsPerStep: 1,
  waiting: undefined,
  inbox: new Map(),
  early: [],
  sent: new Map(),
  untaken: [],
});

const epochOf = ({ record }: ShardState): number => record?.epoch ?? 0;

export function onShardEvent(state: ShardState, event: ShardEvent): Step {
  switch (event.type) {
    case 'tick':
      return onTick({ ...state, now: event.now });
    case 'record':
      return onRecord(state, event.record);
    case 'halo':
      return onHalo(state, event);
    case 'asked':
      return onAsked(state, event);
    case 'prepared':
    case 'begun':
    case 'reached':
    case 'failed':
    case 'taken':
      // Work of an epoch that is over, and news of it.
      return event.epoch === epochOf(state) && state.phase.name !== 'idle' ? onOwn(state, event) : [state, []];
  }
}

type OwnEvent = Extract<ShardEvent, { type: 'prepared' | 'begun' | 'reached' | 'failed' | 'taken' }>;

function onOwn(state: ShardState, event: OwnEvent): Step {
  switch (event.type) {
    case 'prepared': {
      const step = state.record!.cut?.step ?? 0;
      const known = { ...state, step, peers: event.peers, roundsPerStep: event.roundsPerStep };
      return goOn(known);
    }
    case 'begun':
      return onBegun(state, event);
    case 'reached':
      return onReached(state, event);
    case 'failed':
      return onFailed(state, event);
    case 'taken':
      return onTaken(state, event.step);
  }
}

/** The cut of a step is in the ledger. */
function onTaken(state: ShardState, step: number): Step {
  const untaken = state.untaken.filter(({ handIn }) => handIn.step > step);
  const next = { ...state, untaken };
  return state.phase.name === 'full' && untaken.length < MOST_UNTAKEN ? goOn(next) : [next, []];
}

/** A newer record: the shard begins anew from its cut, or stops, or learns of a hold. */
function onRecord(state: ShardState, record: RunRecord): Step {
  const known = state.record;
  if (known && (record.epoch < known.epoch || known.run !== record.run)) return [state, []];
  const isOver = record.state !== 'running';
  const self = placeOf(record, state.self);
  if (isOver || self < 0) {
    const wasIdle = state.phase.name === 'idle';
    return [{ ...idleShard(state.self), now: state.now, record }, wasIdle ? [] : [{ type: 'drop' }]];
  }
  // A late word of the same epoch would take back a cut.
  if (known && record.epoch === known.epoch)
    return (record.cut?.step ?? 0) < (known.cut?.step ?? 0) ? [state, []] : onSameEpoch({ ...state, record });
  const began: ShardState = {
    ...idleShard(state.self),
    now: state.now,
    record,
    phase: { name: 'preparing' },
    step: record.cut?.step ?? 0,
    early: state.early.filter(({ epoch }) => epoch > record.epoch),
    inbox: state.early
      .filter(({ epoch, from, sender }) => epoch === record.epoch && record.members[from]?.node === sender)
      .reduce((inbox, { round, from, bytes }) => withHalo(inbox, round, from, bytes), new Map<number, Halos>()),
  };
  return [began, [{ type: 'drop' }, { type: 'prepare', record, self }]];
}

/** A new cut makes room; a hold that is set or lifted may concern a shard that stands at one. */
function onSameEpoch(before: ShardState): Step {
  const [state, commands] = onTaken(before, before.record!.cut?.step ?? 0);
  const { phase, record } = state;
  if (phase.name === 'waiting' && record!.hold !== phase.step && phase.step < record!.steps) return goOn(state);
  return [state, commands];
}

/** From a cut towards the next, unless the run is over, holds here, or has too much on its way. */
function goOn(state: ShardState): Step {
  const { record, step, untaken } = state;
  if (step >= record!.steps || record!.hold === step) return [{ ...state, phase: { name: 'waiting', step } }, []];
  if (untaken.length >= MOST_UNTAKEN) return [{ ...state, phase: { name: 'full', step } }, []];
  const to = nextCut(record!, step);
  return [{ ...state, phase: { name: 'advancing', to } }, [{ type: 'advance', epoch: record!.epoch, to }]];
}

function onBegun(state: ShardState, { round, halos }: Extract<ShardEvent, { type: 'begun' }>): Step {
  const oldest = round - KEPT_STEPS * state.roundsPerStep;
  const sent = new Map([...state.sent].filter(([kept]) => kept > oldest)).set(round, halos);
  const sends = [...halos].map(([to, message]): ShardCommand => ({ type: 'send', to, message }));
  const next: ShardState = { ...state, sent, waiting: { round, asked: state.now } };
  const [released, commands] = releaseIfComplete(next);
  return [released, [...sends, ...commands]];
}

function onHalo(state: ShardState, { epoch, round, from, bytes, sender }: HeardHalo): Step {
  if (epoch > epochOf(state)) {
    // It has overtaken the record of its epoch.
    return [{ ...state, early: [...state.early, { epoch, round, from, bytes, sender }].slice(-MOST_EARLY) }, []];
  }
  if (epoch < epochOf(state) || state.phase.name === 'idle') return [state, []];
  // The first copy wins; of rounds that are done none is needed.
  if (state.inbox.get(round)?.has(from) || round < doneRounds(state) || isTooFar(state, from, round))
    return [state, []];
  return releaseIfComplete({ ...state, inbox: withHalo(state.inbox, round, from, bytes) });
}

/** Rounds before this one are done. */
const doneRounds = ({ waiting, sent, step, roundsPerStep }: ShardState): number =>
  waiting?.round ?? (sent.size > 0 ? Math.max(...sent.keys()) + 1 : step * roundsPerStep);

/** Steps that are wholly done, beyond the last cut too. */
export function stepsDone(state: ShardState): number {
  if (state.phase.name !== 'advancing') return state.step;
  return Math.max(state.step, Math.floor(doneRounds(state) / state.roundsPerStep));
}

/** A member is a round ahead at most; while one prepares, and does not know its rounds yet, at the first. */
const isTooFar = (state: ShardState, from: number, round: number): boolean =>
  state.phase.name === 'preparing'
    ? [...state.inbox.values()].some((halos) => halos.has(from))
    : round > doneRounds(state) + 1;

function withHalo(inbox: ReadonlyMap<number, Halos>, round: number, from: number, bytes: Uint8Array) {
  return new Map(inbox).set(round, new Map(inbox.get(round)).set(from, bytes));
}

function releaseIfComplete(state: ShardState): Step {
  const { waiting, inbox, peers } = state;
  if (!waiting) return [state, []];
  const halos: Halos = inbox.get(waiting.round) ?? new Map();
  if (!peers.every((peer) => halos.has(peer))) return [state, []];
  const later = new Map([...inbox].filter(([round]) => round > waiting.round));
  return [
    { ...state, waiting: undefined, inbox: later },
    [{ type: 'release', epoch: epochOf(state), round: waiting.round, halos }],
  ];
}

/** Sends a round again; one that has not begun here is on its way anyhow. */
function onAsked(state: ShardState, { epoch, from, round }: Extract<ShardEvent, { type: 'asked' }>): Step {
  const message = epoch === epochOf(state) ? state.sent.get(round)?.get(from) : undefined;
  return [state, message ? [{ type: 'send', to: from, message }] : []];
}

function onReached(
  state: ShardState,
  { epoch, step, tiles, busy, report, work }: Extract<ShardEvent, { type: 'reached' }>,
): Step {
  const { run } = state.record!;
  const handIn: HandIn = {
    type: 'hand-in',
    run,
    epoch,
    member: state.self,
    step,
    tiles,
    busy,
    ...(report === undefined ? {} : { report }),
    work,
  };
  const [next, commands] = goOn({
    ...state,
    step,
    waiting: undefined,
    untaken: [...state.untaken, { handIn, said: state.now }],
  });
  return [next, [{ type: 'hand-in', handIn }, ...commands]];
}

/** The shard keeps saying so, as it would a hand-in, until a newer record comes. */
function onFailed(state: ShardState, { epoch, of, message }: Extract<ShardEvent, { type: 'failed' }>): Step {
  const failed: Failed = { type: 'failed', of, run: state.record!.run, epoch, member: state.self, message };
  return [
    { ...state, waiting: undefined, phase: { name: 'failed', failed, said: state.now } },
    [{ type: 'fail', failed }],
  ];
}

/** What takes too long is asked for, or said, again. */
function onTick(state: ShardState): Step {
  const { waiting, now, peers, inbox } = state;
  const commands: ShardCommand[] = [];
  let next = state;
  if (waiting && now - waiting.asked >= PATIENCE) {
    const there = inbox.get(waiting.round);
    for (const peer of peers)
      if (!there?.has(peer)) commands.push({ type: 'ask', to: peer, epoch: epochOf(state), round: waiting.round });
    next = { ...next, waiting: { ...waiting, asked: now } };
  }
  if (state.phase.name === 'failed' && now - state.phase.said >= SAY_AGAIN) {
    commands.push({ type: 'fail', failed: state.phase.failed });
    next = { ...next, phase: { ...state.phase, said: now } };
  }
  const isLate = ({ said }: { readonly said: number }) => now - said >= SAY_AGAIN;
  if (state.untaken.some(isLate)) {
    for (const { handIn } of state.untaken.filter(isLate)) commands.push({ type: 'hand-in', handIn });
    next = { ...next, untaken: state.untaken.map((one) => (isLate(one) ? { ...one, said: now } : one)) };
  }
  return [next, commands];
}
