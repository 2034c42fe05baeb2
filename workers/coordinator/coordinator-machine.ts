import {
  type Cut,
  type Failed,
  type HandIn,
  type Heartbeat,
  isGoingOn,
  type Member,
  mayCompute,
  type NodeId,
  nextCut,
  placeOf,
  type RunId,
  type RunRecord,
  type RunReport,
} from '../protocol/cluster.ts';
import { MOST_TRAIL } from '../protocol/cluster-messages.ts';
import type { NodeSession, SegmentWork } from '../protocol/metering.ts';
import { markOf } from './cut-mark.ts';
import { withCut, withEnd, withEpoch, withoutLost } from './history.ts';
import { type ComputingNode, type Owners, placeTiles, worthMoving } from './placement.ts';

/**
 * Who computes what, as a pure machine: it hears of nodes and of what they hand in, and changes the records of runs, one
 * compare-and-set at a time. It is never in the step loop. Only the leader acts; a leader that does not know that it is no
 * longer one does no harm, since the ledger refuses its writes.
 */

/** A node that has not been heard of for so long is gone [ms]: four heartbeats. */
const GONE = 800;
/** Before a run is given up because no node can compute it, others that were heard of may come back for so long [ms]. */
const MISSED = 10_000;
/** A node that has been silent for so long is forgotten [ms]; of those heard since, so many are known. */
const FORGOTTEN = 600_000;
const MOST_NODES = 10_000;
/** After a silence of all, or as a new leader: time for everybody to be heard again [ms]. */
const SETTLING = 1000;
/** An epoch lasts so long before tiles move for speeds alone [ms]: what was measured in less is noise, and each move costs seconds. */
const STEADY = 8000;
/** Time between looks at whether tiles would be better placed elsewhere [ms], and for how long they then stay [s]. */
const REPLACE_EVERY = 2000;
const HORIZON = 60;
/** Runs that go on at one time. */
const MOST_RUNNING = 4;
/** Wall time that moving a tile costs the run [s]. */
const MOVE_COST = 0.05;

interface NodeFacts {
  readonly member: Member;
  readonly heard: number;
  /** Silence after which it is gone [ms]. */
  readonly patience: number;
  readonly speed: number;
  readonly draining: boolean;
  readonly session: NodeSession;
  readonly runs: readonly RunReport[];
}

/** What the store has lost of a run's cuts, as it was found at its epoch and last cut. */
export interface CutLost {
  readonly run: RunId;
  readonly epoch: number;
  readonly step: number;
  /** The newest cut that is whole and has nothing lost after it that is still wanted; undefined: the start. */
  readonly whole: Cut | undefined;
  /** Of the cuts that wait to be collected, so many are whole: the first ones. */
  readonly collectable: number;
}

interface RunFacts {
  readonly record: RunRecord;
  readonly revision: number;
  /** The record on its way to the ledger. */
  readonly writing: RunRecord | undefined;
  /** What the members of this epoch have handed in: by step and place. */
  readonly handIns: ReadonlyMap<number, ReadonlyMap<number, Pick<HandIn, 'tiles' | 'busy' | 'report' | 'work'>>>;
  /** Tiles that had work to do at the last cut; undefined as long as none is known. */
  readonly busy: ReadonlySet<number> | undefined;
  /** Farthest step that a member has told of. */
  readonly farthest: number;
  /** Processes that cannot compute it, and why. */
  readonly unfit: ReadonlyMap<NodeId, { readonly incarnation: number; readonly message: string }>;
  /** What the run failed of, if it has. */
  readonly failed: string | undefined;
  readonly isCancelled: boolean;
  /** Cuts up to this step have been collected by whoever follows the run. */
  readonly collected: number;
  readonly lost: CutLost | undefined;
  readonly stateHash: string | undefined;
  /** When its epoch began, and when its placement was last looked at. */
  readonly begun: number;
  readonly looked: number;
  /** When it was submitted; unknown to a leader that found it in the ledger. */
  readonly submitted: number | undefined;
}

export interface CoordinatorState {
  readonly now: number;
  readonly leads: boolean;
  /** Nobody is held to be gone before this time. */
  readonly settled: number;
  readonly nodes: ReadonlyMap<NodeId, NodeFacts>;
  /** Who is to drain, whatever it says itself; until it is started anew. */
  readonly drained: ReadonlyMap<NodeId, number>;
  readonly runs: ReadonlyMap<RunId, RunFacts>;
}

export interface StoredRecord {
  readonly record: RunRecord;
  readonly revision: number;
}

export type CoordinatorEvent =
  | { readonly type: 'tick'; readonly now: number }
  /** Leads from now on, with the records as the ledger has them; or no longer. */
  | { readonly type: 'leading'; readonly records: readonly StoredRecord[] }
  | { readonly type: 'following' }
  | Heartbeat
  | HandIn
  | Failed
  /** A record that somebody has just created in the ledger. */
  | ({ readonly type: 'submitted' } & StoredRecord)
  | { readonly type: 'cancel'; readonly run: RunId }
  | { readonly type: 'collected'; readonly run: RunId; readonly step: number }
  /** A node is to be relieved of its tiles; the process that is there now, unless another is named. */
  | { readonly type: 'drain'; readonly node: NodeId; readonly incarnation?: number }
  | ({ readonly type: 'cut-lost' } & CutLost)
  /** The hash of a finished run's state has been found. */
  | { readonly type: 'hashed'; readonly run: RunId; readonly stateHash: string }
  | { readonly type: 'written'; readonly run: RunId; readonly revision: number }
  /** Not written: of the cut's parts the store has no longer all that these places have handed in. They are asked for it again. */
  | { readonly type: 'incomplete'; readonly run: RunId; readonly step: number; readonly places: readonly number[] }
  /** Somebody else has written: this is what the ledger holds. */
  | ({ readonly type: 'conflict' } & StoredRecord)
  /** It may or may not have been written. */
  | { readonly type: 'unwritten'; readonly run: RunId };

export type CoordinatorCommand =
  | { readonly type: 'write'; readonly record: RunRecord; readonly revision: number }
  | { readonly type: 'read'; readonly run: RunId }
  | { readonly type: 'publish'; readonly record: RunRecord }
  | { readonly type: 'take'; readonly handIn: HandIn };

type Step = readonly [CoordinatorState, readonly CoordinatorCommand[]];

export const newCoordinator = (): CoordinatorState => ({
  now: 0,
  leads: false,
  settled: 0,
  nodes: new Map(),
  drained: new Map(),
  runs: new Map(),
});

const newRun = ({ record, revision }: StoredRecord, submitted?: number): RunFacts => ({
  record,
  revision,
  writing: undefined,
  handIns: new Map(),
  busy: undefined,
  farthest: record.cut?.step ?? 0,
  unfit: new Map(),
  failed: undefined,
  isCancelled: false,
  collected: record.followed?.collected ?? 0,
  lost: undefined,
  stateHash: undefined,
  begun: Number.NEGATIVE_INFINITY,
  looked: 0,
  submitted,
});

export function onCoordinatorEvent(state: CoordinatorState, event: CoordinatorEvent): Step {
  switch (event.type) {
    case 'tick':
      return decideAll(forgetful({ ...state, now: event.now }));
    case 'leading':
      return decideAll({
        ...state,
        leads: true,
        settled: state.now + SETTLING,
        runs: new Map(event.records.map((stored) => [stored.record.run, newRun(stored)])),
      });
    case 'following':
      return [{ ...state, leads: false, runs: new Map() }, []];
    case 'heartbeat':
      return [heard(state, event), []];
    case 'submitted':
      if (!state.leads || state.runs.has(event.record.run)) return [state, []];
      return decide(withRun(state, newRun(event, state.now)), event.record.run);
    case 'hand-in':
      return onHandIn(state, event);
    case 'failed': {
      const facts = state.runs.get(event.run);
      if (!facts || event.epoch !== facts.record.epoch || placeOf(facts.record, event.member) < 0) return [state, []];
      const told: RunFacts =
        event.of === 'run'
          ? { ...facts, failed: event.message }
          : {
              ...facts,
              unfit: new Map(facts.unfit).set(event.member.node, {
                incarnation: event.member.incarnation,
                message: event.message,
              }),
            };
      return decide(withRun(state, told), event.run);
    }
    case 'cancel': {
      const facts = state.runs.get(event.run);
      return facts ? decide(withRun(state, { ...facts, isCancelled: true }), event.run) : [state, []];
    }
    case 'collected': {
      const facts = state.runs.get(event.run);
      if (!facts || event.step <= facts.collected) return [state, []];
      return decide(withRun(state, { ...facts, collected: event.step }), event.run);
    }
    case 'cut-lost': {
      const facts = state.runs.get(event.run);
      if (!facts || event.epoch !== facts.record.epoch || event.step !== facts.record.cut?.step) return [state, []];
      return decide(withRun(state, { ...facts, lost: event }), event.run);
    }
    case 'drain': {
      const incarnation = event.incarnation ?? state.nodes.get(event.node)?.member.incarnation;
      if (incarnation === undefined) return [state, []];
      return [{ ...state, drained: new Map(state.drained).set(event.node, incarnation) }, []];
    }
    case 'hashed': {
      const facts = state.runs.get(event.run);
      if (!facts) return [state, []];
      return decide(withRun(state, { ...facts, stateHash: event.stateHash }), event.run);
    }
    case 'written': {
      const facts = state.runs.get(event.run);
      if (!facts?.writing) return [state, []];
      const record = facts.writing;
      return published(withRun(state, settled(facts, { record, revision: event.revision }, state.now)), record);
    }
    case 'conflict': {
      const facts = state.runs.get(event.record.run);
      return facts ? published(withRun(state, settled(facts, event, state.now)), event.record) : [state, []];
    }
    case 'incomplete': {
      const facts = state.runs.get(event.run);
      if (!facts?.writing) return [state, []];
      const ofStep = new Map(
        [...(facts.handIns.get(event.step) ?? [])].filter(([place]) => !event.places.includes(place)),
      );
      const handIns = new Map(facts.handIns).set(event.step, ofStep);
      return decide(withRun(state, { ...facts, writing: undefined, handIns }), event.run);
    }
    case 'unwritten': {
      const facts = state.runs.get(event.run);
      return [state, facts?.writing ? [{ type: 'read', run: event.run }] : []];
    }
  }
}

const withRun = (state: CoordinatorState, facts: RunFacts): CoordinatorState => ({
  ...state,
  runs: new Map(state.runs).set(facts.record.run, facts),
});

/** A run whose record is what the ledger now holds. What was handed in before the epoch or the cut counts no more. */
function settled(facts: RunFacts, { record, revision }: StoredRecord, now: number): RunFacts {
  const isSameEpoch = record.epoch === facts.record.epoch;
  const done = record.cut?.step ?? 0;
  return {
    ...facts,
    busy: busyAt(facts, done),
    begun: isSameEpoch ? facts.begun : now,
    record,
    revision,
    writing: undefined,
    // It is looked for again if it still is.
    lost: undefined,
    // Whoever wanted to cancel it was told that it was over: it may yet be computed again, where the store loses its end.
    isCancelled: facts.isCancelled && isGoingOn(record),
    handIns: new Map(isSameEpoch ? [...facts.handIns].filter(([step]) => step > done) : []),
    farthest: isSameEpoch ? Math.max(facts.farthest, done) : done,
  };
}

/** Tiles with work to do at a cut that all have handed in; those known before, where some have not. */
function busyAt({ handIns, record, busy }: RunFacts, step: number): RunFacts['busy'] {
  const given = [...(handIns.get(step)?.values() ?? [])];
  const isWhole = given.reduce((sum, { tiles }) => sum + tiles.length, 0) === record.curve.length;
  return isWhole ? new Set(given.flatMap((handIn) => handIn.busy)) : busy;
}

function published(state: CoordinatorState, record: RunRecord): Step {
  const [next, commands] = decide(state, record.run);
  return [next, [{ type: 'publish', record }, ...commands]];
}

function heard(
  state: CoordinatorState,
  { member, speed, draining, patience: asked, runs: reports, session }: Heartbeat,
): CoordinatorState {
  const before = state.nodes.get(member.node);
  // A process that was started anew has the larger number; what its forerunner says late counts no more.
  if (before && before.member.incarnation > member.incarnation) return state;
  if (!before && state.nodes.size >= MOST_NODES) return state;
  const latest = Math.max(Number.NEGATIVE_INFINITY, ...[...state.nodes.values()].map((node) => node.heard));
  const wasSilent = state.now - latest > GONE;
  const patience = Math.max(GONE, asked);
  const runs = new Map(state.runs);
  for (const { run, epoch, step } of reports) {
    const facts = runs.get(run);
    if (!facts || facts.record.epoch !== epoch || step <= facts.farthest || placeOf(facts.record, member) < 0) continue;
    runs.set(run, { ...facts, farthest: step });
  }
  return {
    ...state,
    // If everybody was silent it was the broker, or this process: the others will be heard again too.
    settled: wasSilent ? Math.max(state.settled, state.now + SETTLING) : state.settled,
    nodes: new Map(state.nodes).set(member.node, {
      ...{ member, heard: state.now, patience, speed, draining, session, runs: reports },
    }),
    runs,
  };
}

function forgetful(state: CoordinatorState): CoordinatorState {
  const isKnown = ({ heard: at }: NodeFacts) => state.now - at <= FORGOTTEN;
  if ([...state.nodes.values()].every(isKnown)) return state;
  const nodes = new Map([...state.nodes].filter(([, node]) => isKnown(node)));
  return { ...state, nodes, drained: new Map([...state.drained].filter(([node]) => nodes.has(node))) };
}

function onHandIn(state: CoordinatorState, handIn: HandIn): Step {
  const facts = state.runs.get(handIn.run);
  if (!state.leads || !facts) return [state, []];
  const { record } = facts;
  const place = placeOf(record, handIn.member);
  const isOld =
    handIn.epoch < record.epoch || (handIn.epoch === record.epoch && handIn.step <= (record.cut?.step ?? 0));
  // Only what the ledger holds is acknowledged: a leader may forget the rest. Members say it again until then.
  if (isOld) return [state, [{ type: 'take', handIn }]];
  if (handIn.epoch !== record.epoch || place < 0 || !isDue(record, handIn.step) || !isWhole(record, place, handIn))
    return [state, []];
  const ofStep = new Map(facts.handIns.get(handIn.step)).set(place, handIn);
  const told = { ...facts, handIns: new Map(facts.handIns).set(handIn.step, ofStep) };
  return decide(withRun(state, told), handIn.run);
}

/** Whether it is one of the next two cuts: no member has more on their way. */
function isDue(record: RunRecord, step: number): boolean {
  const next = nextCut(record, record.cut?.step ?? 0);
  return step === next || step === nextCut(record, next);
}

/** Whether it has just the tiles that the member owns, and a report where the run is followed. */
function isWhole({ owners, followed }: RunRecord, place: number, { tiles, report }: HandIn): boolean {
  if ((followed !== undefined) !== (report !== undefined)) return false;
  const given = new Set(tiles.map(([tile]) => tile));
  if (tiles.length !== owners.filter((owner) => owner === place).length) return false;
  return owners.every((owner, tile) => given.has(tile) === (owner === place));
}

function decideAll(state: CoordinatorState): Step {
  let next = state;
  const commands: CoordinatorCommand[] = [];
  for (const run of state.runs.keys()) {
    const [decided, more] = decide(next, run);
    next = decided;
    commands.push(...more);
  }
  return [next, commands];
}

/** What the record should become now, if anything. */
function decide(state: CoordinatorState, run: RunId): Step {
  const facts = state.runs.get(run);
  if (!state.leads || !facts || facts.writing) return [state, []];
  const [looked, wanted] = wantedRecord(state, facts);
  if (!wanted) return [looked === facts ? state : withRun(state, looked), []];
  return [
    withRun(state, { ...looked, writing: wanted }),
    [{ type: 'write', record: wanted, revision: facts.revision }],
  ];
}

function wantedRecord(state: CoordinatorState, facts: RunFacts): readonly [RunFacts, RunRecord | undefined] {
  const { record, failed, isCancelled, stateHash } = facts;
  if (record.state === 'finished' && stateHash !== undefined && record.stateHash === undefined)
    return [facts, { ...record, stateHash }];
  const { followed } = record;
  if (followed?.trail.some(({ step }) => step <= facts.collected)) {
    const trail = followed.trail.filter(({ step }) => step > facts.collected);
    return [facts, { ...record, followed: { ...followed, trail, collected: facts.collected } }];
  }
  if (record.state === 'finished' && facts.lost) return [facts, goneBack(state, facts, facts.lost)];
  if (!isGoingOn(record)) return [facts, undefined];
  const farthest = Math.max(facts.farthest, ...facts.handIns.keys());
  if (isCancelled) return [facts, { ...withEnd(record, 'the run was cancelled', farthest), state: 'cancelled' }];
  const message = failed ?? whyNobody(state, facts);
  if (message !== undefined)
    return [facts, { ...withEnd(record, `the run failed: ${message}`, farthest), state: 'failed', message }];
  const cut = completeCut(facts);
  // A cut that is whole, as the next one is, makes up for what was lost of the last one.
  if (facts.lost && (!cut || facts.lost.collectable < (followed?.trail.length ?? 0)))
    return [facts, goneBack(state, facts, facts.lost)];
  const reached = cut ? withAccepted(state, facts, cut) : record;
  if (cut?.step === record.steps)
    return [facts, { ...withoutHold(withEnd(reached, 'the run is finished', cut.step)), state: 'finished' }];
  const fit = fitNodes(state, facts);
  const busy = cut ? busyAt(facts, cut.step) : facts.busy;
  const broken = whyBroken(state, facts);
  if (record.state === 'queued' && !isItsTurn(state, facts)) return [facts, undefined];
  if (record.state === 'queued' || broken !== undefined) {
    // Whom one has not heard of yet may be just about to speak.
    if (state.now < state.settled || fit.length === 0) return [facts, cut && reached];
    return [facts, regrouped(withEnd(reached, broken ?? '', farthest), fit, place(reached, fit, busy))];
  }
  if (cut && record.hold !== undefined && cut.step >= record.hold) {
    const ended = withEnd(reached, whyMoved(facts, fit), farthest);
    const planned = fit.length > 0 ? movedAt(ended, fit, busy) : undefined;
    return [facts, planned ?? withoutHold(reached)];
  }
  if (cut) return [facts, reached];
  if (record.hold !== undefined || state.now < facts.looked + REPLACE_EVERY || state.now < state.settled)
    return [facts, undefined];
  const looked = { ...facts, looked: state.now };
  const members = new Set(record.members.map(({ node }) => node));
  const isSame = fit.length === members.size && fit.every(({ member }) => members.has(member.node));
  if (isSame && !isFenced(record) && state.now < facts.begun + STEADY) return [looked, undefined];
  const wantsMove = fit.length > 0 && (isFenced(record) || replaced(record, fit, busy) !== undefined);
  const hold = nextCut(record, facts.farthest);
  // At its end a run needs no better placement.
  return [looked, wantsMove && hold < record.steps ? { ...record, hold } : undefined];
}

/** The record back at what is whole, on the nodes that are there; undefined as long as there are none. */
function goneBack(state: CoordinatorState, facts: RunFacts, { whole, collectable }: CutLost): RunRecord | undefined {
  const { followed, ...record } = facts.record;
  const fit = fitNodes(state, facts);
  if (state.now < state.settled || fit.length === 0) return undefined;
  const farthest = Math.max(facts.farthest, record.cut!.step, ...facts.handIns.keys());
  const from = whole ? `on from the cut of step ${whole.step}` : 'from the start';
  const reason = `the store has lost the cut of step ${record.cut!.step}, or one that was to be collected: ${from} again`;
  const kept = followed ? { followed: { ...followed, trail: followed.trail.slice(0, collectable) } } : {};
  const back = withoutLost({ ...record, ...kept }, whole, reason, farthest);
  return regrouped(back, fit, place(back, fit, facts.busy));
}

const withoutHold = ({ hold: _, ...record }: RunRecord): RunRecord => record;

/** The next cut, once all members have handed in their tiles. Too many that nobody has collected hold up the run. */
function completeCut({ record, handIns }: RunFacts): Cut | undefined {
  if (record.followed && record.followed.trail.length >= MOST_TRAIL) return undefined;
  const step = nextCut(record, record.cut?.step ?? 0);
  const given = handIns.get(step);
  const needed = new Set(record.owners);
  if (!given || [...needed].some((place) => !given.has(place))) return undefined;
  const tiles: string[] = [];
  for (const part of given.values()) for (const [tile, hash] of part.tiles) tiles[tile] = hash;
  return record.followed ? { step, tiles, reports: [...given.values()].map(({ report }) => report!) } : { step, tiles };
}

/** The record with its present cut on the trail of whoever follows it. */
function withTrail(record: RunRecord): RunRecord {
  const { followed, cut } = record;
  // One that is computed again may have been collected before.
  if (!followed || !cut || cut.step <= (followed.collected ?? 0)) return record;
  const trail = [...followed.trail, markOf(cut)];
  return { ...record, followed: { ...followed, trail } };
}

/** The record with a cut, whose work is its members' from now on. */
function withAccepted({ now }: CoordinatorState, { record, handIns, submitted }: RunFacts, cut: Cut): RunRecord {
  const works = new Map<number, SegmentWork>([...handIns.get(cut.step)!].map(([place, { work }]) => [place, work]));
  const accepted = withTrail(withDevices(withCut(record, cut, works)));
  const isFirst = record.cut === undefined && record.firstAccepted === undefined && submitted !== undefined;
  return isFirst ? { ...accepted, firstAccepted: (now - submitted) / 1000 } : accepted;
}

/** The record with the devices that its last cut is made of, beside those of the cuts before. */
function withDevices(record: RunRecord): RunRecord {
  const { tolerance, members, owners } = record;
  if (!tolerance) return record;
  const owning = new Set(owners);
  const present = members.flatMap(({ device }, place) => (device !== undefined && owning.has(place) ? [device] : []));
  return { ...record, tolerance: { devices: [...new Set([...tolerance.devices, ...present])].sort() } };
}

/**
 * Whether a queued run may begin: each owner has one run at a time, so many owners at once, and who waits longest is first. The
 * ledger's revisions grow, and nobody writes a record that waits: they tell who came first, to any leader.
 */
function isItsTurn({ runs }: CoordinatorState, { record, revision }: RunFacts): boolean {
  const others = [...runs.values()].filter((one) => one.record.run !== record.run);
  const busy = others.filter((one) => one.record.state === 'running' || one.writing?.state === 'running');
  const owners = new Set(busy.map((one) => one.record.owner));
  if (busy.length >= MOST_RUNNING || owners.has(record.owner)) return false;
  const waiting = others.filter((one) => one.record.state === 'queued' && !busy.includes(one));
  return waiting.every((one) => owners.has(one.record.owner) || one.revision > revision);
}

/** Whether this very process cannot compute the run; one that was started again may. */
const isUnfit = (unfit: RunFacts['unfit'], { node, incarnation }: Member): boolean =>
  unfit.get(node)?.incarnation === incarnation;

/** Why no node that is there, or was just now, can compute the run; undefined as long as one might. */
function whyNobody(state: CoordinatorState, { unfit, record }: RunFacts): string | undefined {
  // A run that wants the processor's bits waits for one.
  const there = [...state.nodes.values()].filter(
    ({ heard: at, patience, member }) => state.now - at <= Math.max(patience, MISSED) && mayCompute(member, record),
  );
  if (state.now < state.settled || there.length === 0 || !there.every(({ member }) => isUnfit(unfit, member)))
    return undefined;
  return there.map(({ member }) => `${member.node}: ${unfit.get(member.node)!.message}`).join('\n');
}

/** Nodes that are there and may compute the run. */
function fitNodes(state: CoordinatorState, { unfit, record }: RunFacts): NodeFacts[] {
  const there = [...state.nodes.values()].filter(
    ({ heard: at, patience, member }) =>
      state.now - at <= patience && mayCompute(member, record) && !isUnfit(unfit, member),
  );
  const staying = there.filter(
    ({ draining, member }) => !draining && state.drained.get(member.node) !== member.incarnation,
  );
  // Where all drain, somebody has to finish first.
  return staying.length > 0 ? staying : there;
}

/** Which members that own tiles are gone, were started anew, or cannot compute the run; undefined where none. */
function whyBroken(state: CoordinatorState, { record, unfit }: RunFacts): string | undefined {
  const owning = new Set(record.owners);
  if (isFenced(record) && state.now >= state.settled && (isOver(record) || !isUnderWay(state, record)))
    return LEDGER_LOST;
  const reasons = record.members.flatMap(({ node, incarnation }, place) => {
    if (!owning.has(place)) return [];
    const known = state.nodes.get(node);
    if (isUnfit(unfit, { node, incarnation })) return [`${node} cannot compute it: ${unfit.get(node)!.message}`];
    if (known && known.member.incarnation > incarnation) return [`${node} was started anew`];
    if (state.now < state.settled || (known && state.now - known.heard <= known.patience)) return [];
    return [
      known
        ? `${node} was silent for ${((state.now - known.heard) / 1000).toFixed(1)} s`
        : `${node} was not heard by the new leader`,
    ];
  });
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}

const LEDGER_LOST = 'the ledger was lost, and the record put back from its copy';

/** Whether its epoch is one of a ledger that was lost, where others may have followed that nobody here knows of. */
const isFenced = ({ epoch, fence }: RunRecord): boolean => fence !== undefined && epoch <= fence;

/** Whether its epoch was ended as the record was put back, whatever its members still compute. */
const isOver = ({ history }: RunRecord): boolean => history.segments.at(-1)?.ended !== undefined;

/** Whether all members that own tiles compute this very epoch: then it goes on to a cut before the next begins. */
const isUnderWay = ({ nodes }: CoordinatorState, { run, epoch, members, owners }: RunRecord): boolean =>
  [...new Set(owners)].every((place) =>
    nodes.get(members[place]!.node)?.runs.some((report) => report.run === run && report.epoch === epoch),
  );

/** Why tiles are placed anew, as far as it is a node's coming or going. */
function whyMoved({ record }: RunFacts, fit: readonly NodeFacts[]): string {
  if (isFenced(record)) return LEDGER_LOST;
  const members = new Set(record.members.map(({ node }) => node));
  const there = new Set(fit.map(({ member }) => member.node));
  const joined = fit.filter(({ member }) => !members.has(member.node)).map(({ member }) => `${member.node} joined`);
  const left = [...members].filter((node) => !there.has(node)).map((node) => `${node} drained`);
  const reasons = [...joined, ...left];
  return `planned move: ${reasons.length > 0 ? reasons.join(', ') : 'speeds, or which tiles rest, have changed'}`;
}

const computing = (nodes: readonly NodeFacts[]): ComputingNode[] =>
  nodes.map(({ member, speed }) => ({ id: member.node, speed: Math.max(speed, 1e-9), availability: 1 }));

/** Work of a step of a tile at rest, where that of a busy one is 1: it is looked at, and may wake up. */
const AT_REST = 0.02;

const weighted = ({ curve }: RunRecord, busy: RunFacts['busy']) =>
  curve.map((id) => ({ id, weight: !busy || busy.has(id) ? 1 : AT_REST }));

const ownersOf = ({ owners, members }: RunRecord): Owners =>
  new Map(owners.map((place, tile) => [tile, members[place]!.node]));

/** The next epoch, from the last cut, on these nodes. */
function regrouped(record: RunRecord, nodes: readonly NodeFacts[], placed: Owners): RunRecord {
  const used = new Set(placed.values());
  const members = nodes.map(({ member }) => member).filter(({ node }) => used.has(node));
  const at = new Map(members.map(({ node }, k) => [node, k]));
  const { fence = 0, ...rest } = withoutHold(record);
  return withEpoch({
    ...rest,
    state: 'running',
    epoch: Math.max(record.epoch, fence) + 1,
    members,
    owners: record.curve.map((_, tile) => at.get(placed.get(tile)!)!),
  });
}

const place = (record: RunRecord, nodes: readonly NodeFacts[], busy: RunFacts['busy']): Owners =>
  placeTiles(weighted(record, busy), computing(nodes), { present: ownersOf(record) });

/** The next epoch at a hold: a fenced record needs one in any case. */
const movedAt = (record: RunRecord, nodes: readonly NodeFacts[], busy: RunFacts['busy']): RunRecord | undefined =>
  isFenced(record) ? regrouped(record, nodes, place(record, nodes, busy)) : replaced(record, nodes, busy);

/** The next epoch with tiles better placed, where that is worth a move; a node that drains is always relieved. */
function replaced(record: RunRecord, nodes: readonly NodeFacts[], busy: RunFacts['busy']): RunRecord | undefined {
  const before = ownersOf(record);
  const after = place(record, nodes, busy);
  const stakes = { tiles: weighted(record, busy), nodes: computing(nodes), horizon: HORIZON, moveCost: MOVE_COST };
  return worthMoving(before, after, stakes) ? regrouped(record, nodes, after) : undefined;
}
