import type { SavedShare } from '../../engine/simulation/simulation.ts';
import { afterReport, declaredSpeed, type SpeedEstimate } from '../coordinator/speed.ts';
import {
  type Cut,
  type HandIn,
  type Heartbeat,
  isGoingOn,
  type Member,
  placeOf,
  type RunId,
  type RunRecord,
} from '../protocol/cluster.ts';
import {
  type LeaderReply,
  type LeaderRequest,
  packCluster,
  readAsk,
  readLeaderReply,
  readRecord,
} from '../protocol/cluster-messages.ts';
import { SUBJECTS, senderOf } from '../protocol/cluster-subjects.ts';
import { readHalo } from '../protocol/halo-message.ts';
import type { NodePlace } from '../protocol/metering.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { TransportError } from '../transport/errors.ts';
import type { Transport } from '../transport/transport.ts';
import { countMalformed } from './malformed.ts';
import { RoundTrips } from './round-trips.ts';
import { type Machinery, ShardHost, type TileState } from './shard-host.ts';
import {
  idleShard,
  onShardEvent,
  type ShardCommand,
  type ShardEvent,
  type ShardState,
  stepsDone,
} from './shard-machine.ts';

const HEARTBEAT = 200;
/**
 * For how long a node asks to be waited for while it prepares a run, which takes this thread for seconds [ms]; or twice as long as it was
 * silent before when it did, which may have been for another reason: four times of the former at most.
 */
const PREPARING = { least: 3000, perCell: 0.006, most: 60_000, before: 2, mostBefore: 4 } as const;
/**
 * And while it computes one, for each cell of the run [ms]: what an earthquake adds between two steps, and the bytes of a cut,
 * hold this thread up for 0.0001 at most (measured at 5′), more on busy cores.
 */
const HELD_UP_PER_CELL = 0.0005;
/** A device's driver may compile shaders at any time, and this thread waits: asked for at least, preparing and computing [ms]. */
const OF_A_DEVICE = { preparing: 30_000, computing: 5000 } as const;
const TICK = 20;
/** How often a node asks for records, in case one was lost on its way [ms]. */
const POLL = 500;
const ANSWER = 1000;
/** Less than this says nothing of a node's speed [s]. */
const MEASURABLE = 1e-6;
/** Tiles on their way to the store, or from it, at one time. */
const TRANSFERS = 8;

export interface NodeSettings extends Machinery {
  readonly member: Member;
  readonly transport: Transport;
  /** Everything that a run needs before its first step; throws where this node cannot compute it. */
  readonly prepare: (record: RunRecord) => Promise<PreparedRun>;
  /** Cell-updates a second, before any are measured. */
  readonly speed: number;
  readonly threads: number;
  /** Where its operator says that it stands. */
  readonly place?: NodePlace;
  /** Told once, when work of it is accepted for the first time. */
  readonly earning?: (run: RunId, step: number) => void;
  /** Told of what goes wrong; a node goes on. */
  readonly report?: (error: unknown) => void;
}

/** What a cut is made of: a tile's state, or a report. */
type Part = Pick<TileState, 'hash' | 'bytes'>;

/** A run on this node: the machine that decides, and what carries out its commands. */
interface Hosted {
  state: ShardState;
  host: ShardHost | undefined;
  /** By step, until the cut is accepted: its parts, and whether all are stored, once that is known. */
  readonly uploads: Map<number, { readonly parts: readonly Part[]; readonly stored: Promise<boolean> }>;
  /** Steps whose hand-in is under way. */
  readonly handingIn: Set<number>;
  /** Tiles' states that were handed in last, by hash: an epoch that begins there need not fetch them. */
  lately: ReadonlyMap<string, Uint8Array>;
  /** Bytes of halos since the last cut. */
  bytesSent: number;
  bytesReceived: number;
}

/** A node: it hears of runs, computes its share of each, and talks to the other nodes and to the coordinator that leads. */
export class NodeProcess {
  draining = false;
  /** Malformed messages by sender. */
  readonly malformed = new Map<string, number>();
  private readonly settings: NodeSettings;
  private readonly runs = new Map<RunId, Hosted>();
  private readonly prepared = new Map<string, Promise<PreparedRun>>();
  private readonly stops: (() => void)[] = [];
  private speed: SpeedEstimate;
  /** Silences that it asks for, of runs that it prepares [ms]. */
  private readonly preparing = new Set<{ readonly patience: number }>();
  private lastBeat: { readonly at: number; readonly prepares: boolean } | undefined;
  /** The longest time between two heartbeats while it prepared, which a slow machine finds out by being taken for dead [ms]. */
  private longestSilence = 0;
  private isStopped = false;
  private isPolling = false;
  private isEarning = false;
  private readonly roundTrips = new RoundTrips();

  constructor(settings: NodeSettings) {
    this.settings = settings;
    this.speed = declaredSpeed(settings.speed);
    const { transport, clock, member } = settings;
    this.stops.push(
      transport.subscribe(SUBJECTS.records, ({ subject, bytes }) => {
        const record = readRecord(bytes);
        // Who may speak of one run alone speaks of no other.
        if (record && subject === SUBJECTS.record(record.run)) this.learn(record);
        else this.blame(subject);
      }),
      transport.subscribe(SUBJECTS.halosTo(member.node), ({ subject, bytes }) => {
        const halo = readHalo(bytes);
        const { from, run } = senderOf(subject);
        if (!halo) this.blame(from);
        else if (this.isMember(run, halo, from)) {
          this.runs.get(run)!.bytesReceived += bytes.length;
          this.tell(run, { type: 'halo', ...halo, sender: from });
        }
      }),
      transport.subscribe(SUBJECTS.asksTo(member.node), ({ subject, bytes }) => {
        const ask = readAsk(bytes);
        const { from, run } = senderOf(subject);
        if (!ask) this.blame(from);
        else if (this.isMember(run, ask, from)) this.tell(run, { type: 'asked', ...ask });
      }),
      clock.every(TICK, () => this.tick()),
      clock.every(HEARTBEAT, () => this.beat()),
      clock.every(POLL, () => void this.poll()),
    );
    this.beat();
    void this.poll();
  }

  /** Runs that it computes a share of. */
  hosted(): readonly RunId[] {
    return [...this.runs].filter(([, { state }]) => state.phase.name !== 'idle').map(([run]) => run);
  }

  /** Ends at once; what was under way is lost. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const stop of this.stops) stop();
    await Promise.all([...this.runs.values()].map(({ host }) => host?.close()));
  }

  private blame(sender: string): void {
    countMalformed(this.malformed, sender);
  }

  /** Whether the sender is who the message says, as far as this node knows the epoch; of one to come it is not known yet. */
  private isMember(
    run: RunId,
    { epoch, from }: { readonly epoch: number; readonly from: number },
    sender: string,
  ): boolean {
    const record = this.runs.get(run)?.state.record;
    if (!record) return false;
    if (epoch > record.epoch) return true;
    const ok = epoch < record.epoch || record.members[from]?.node === sender;
    if (!ok) this.blame(sender);
    return ok;
  }

  private learn(record: RunRecord): void {
    if (!this.runs.has(record.run))
      this.runs.set(record.run, {
        state: { ...idleShard(this.settings.member), now: this.settings.clock.now() },
        host: undefined,
        uploads: new Map(),
        handingIn: new Set(),
        lately: new Map(),
        bytesSent: 0,
        bytesReceived: 0,
      });
    const { uploads, state } = this.runs.get(record.run)!;
    this.learnOfWork(state.record, record);
    for (const step of uploads.keys()) if (step <= (record.cut?.step ?? 0)) uploads.delete(step);
    this.tell(record.run, { type: 'record', record });
    if (isGoingOn(record)) return;
    this.runs.delete(record.run);
    this.prepared.delete(record.run);
  }

  /** Work is accepted where the ledger holds a cut of an epoch that this process has tiles in. */
  private learnOfWork(known: RunRecord | undefined, { run, history }: RunRecord): void {
    if (this.isEarning || !known) return;
    const place = placeOf(known, this.settings.member);
    const accepted = history.segments.find(({ epoch, from, to }) => epoch === known.epoch && to > from);
    if (!accepted || place < 0 || !known.owners.includes(place)) return;
    this.isEarning = true;
    this.settings.earning?.(run, accepted.to);
  }

  private tick(): void {
    const now = this.settings.clock.now();
    for (const run of this.runs.keys()) this.tell(run, { type: 'tick', now });
  }

  private beat(): void {
    const { transport, member, clock } = this.settings;
    const now = clock.now();
    if (this.lastBeat?.prepares) this.longestSilence = Math.max(this.longestSilence, now - this.lastBeat.at);
    this.lastBeat = { at: now, prepares: this.preparing.size > 0 };
    const runs = [...this.runs].flatMap(([run, { state }]) =>
      state.record && state.phase.name !== 'idle'
        ? [{ run, epoch: state.record.epoch, step: stepsDone(state), prepares: state.phase.name === 'preparing' }]
        : [],
    );
    const { draining } = this;
    const { speed } = this.speed;
    const { device } = this.settings.member;
    const computing = [...this.runs.values()].map(({ state: { record, phase } }) =>
      record && phase.name !== 'idle'
        ? Math.max(device === undefined ? 0 : OF_A_DEVICE.computing, Math.round(HELD_UP_PER_CELL * cellsOf(record)))
        : 0,
    );
    const asked = [...[...this.preparing].map((one) => one.patience), ...computing];
    const patience = Math.min(PREPARING.most, Math.max(0, ...asked));
    const roundTrip = this.roundTrips.summary();
    const { threads, place } = this.settings;
    const session = { threads, ...(place ? { place } : {}), ...(roundTrip ? { roundTrip } : {}) };
    const heartbeat: Heartbeat = { type: 'heartbeat', member, speed, draining, patience, runs, session };
    transport.publish(SUBJECTS.heartbeat(member.node), packCluster(heartbeat));
  }

  private async poll(): Promise<void> {
    if (this.isPolling) return;
    this.isPolling = true;
    try {
      const runs = [...this.runs.keys()];
      for (let after: string | undefined; ; ) {
        const reply = await this.askLeader({ type: 'records', runs, ...(after === undefined ? {} : { after }) });
        if (reply?.type !== 'records' || this.isStopped) break;
        for (const record of reply.records) this.learn(record);
        after = reply.next;
        if (after === undefined) break;
      }
    } finally {
      this.isPolling = false;
    }
  }

  /** The leader's answer; undefined where none comes. */
  private async askLeader(request: LeaderRequest): Promise<LeaderReply | undefined> {
    const { transport, member, clock } = this.settings;
    const asked = clock.now();
    try {
      const bytes = await transport.request(SUBJECTS.toLeader('node', member.node), packCluster(request), ANSWER);
      this.roundTrips.add(clock.now() - asked);
      return readLeaderReply(bytes);
    } catch (error) {
      // It would be too large the next time too.
      if (error instanceof TransportError && error.tag === 'MessageTooLarge') throw error;
      return undefined;
    }
  }

  /** The leader's answer, however long it takes; undefined once nobody waits for it any more. */
  private async insist(request: LeaderRequest, isWanted: () => boolean): Promise<LeaderReply | undefined> {
    while (isWanted() && !this.isStopped) {
      const reply = await this.askLeader(request);
      if (reply && reply.type !== 'refused') return reply;
      await this.settings.clock.wait(POLL / 5);
    }
    return undefined;
  }

  private tell(run: RunId, event: ShardEvent): void {
    const hosted = this.runs.get(run);
    if (!hosted || this.isStopped) return;
    const [state, commands] = onShardEvent(hosted.state, event);
    hosted.state = state;
    for (const command of commands) this.carryOut(run, hosted, command);
  }

  private carryOut(run: RunId, hosted: Hosted, command: ShardCommand): void {
    const { transport, member } = this.settings;
    const nodeAt = (place: number) => hosted.state.record!.members[place]!.node;
    switch (command.type) {
      case 'prepare':
        void this.prepare(run, hosted, command.record, command.self);
        return;
      case 'drop': {
        const { host } = hosted;
        hosted.host = undefined;
        hosted.uploads.clear();
        hosted.handingIn.clear();
        host?.close().catch((error) => this.settings.report?.(error));
        return;
      }
      case 'advance':
        void this.advance(run, hosted, command.epoch, command.to);
        return;
      case 'send':
        hosted.bytesSent += command.message.length;
        transport.publish(SUBJECTS.halo(member.node, nodeAt(command.to), run), command.message);
        return;
      case 'ask': {
        const { epoch, round, to } = command;
        const from = placeOf(hosted.state.record!, member);
        transport.publish(SUBJECTS.ask(member.node, nodeAt(to), run), packCluster({ epoch, round, from }));
        return;
      }
      case 'release':
        this.release(run, hosted, command);
        return;
      case 'hand-in':
        this.handIn(run, hosted, command.handIn).catch((error) => this.settings.report?.(error));
        return;
      case 'fail':
        this.settings.report?.(new Error(`${command.failed.run}: ${command.failed.message}`));
        this.askLeader(command.failed).catch((error) => this.settings.report?.(error));
        return;
    }
  }

  private release(
    run: RunId,
    { host }: Hosted,
    { epoch, round, halos }: Extract<ShardCommand, { type: 'release' }>,
  ): void {
    try {
      host?.release(round, halos);
    } catch (error) {
      this.tell(run, { type: 'failed', epoch, of: 'node', message: messageOf(error) });
    }
  }

  private async prepare(run: RunId, hosted: Hosted, record: RunRecord, self: number): Promise<void> {
    const { device } = this.settings.member;
    const usual = Math.max(device === undefined ? 0 : OF_A_DEVICE.preparing, patienceFor(record));
    const slow = Math.min(PREPARING.mostBefore * usual, Math.round(PREPARING.before * this.longestSilence));
    const asked = { patience: Math.min(PREPARING.most, Math.max(usual, slow)) };
    this.preparing.add(asked);
    this.beat();
    const isCurrent = () => hosted.state.record?.epoch === record.epoch && hosted.state.phase.name === 'preparing';
    try {
      let preparing = this.prepared.get(run);
      if (!preparing) {
        preparing = this.settings.prepare(record);
        this.prepared.set(run, preparing);
      }
      const prepared = await preparing;
      const from = await this.fetchShare(record, self, hosted.lately, isCurrent);
      if (!isCurrent() || this.isStopped) return;
      const host = await ShardHost.start(prepared, record, self, this.settings, from);
      if (!isCurrent() || this.isStopped) {
        await host.close();
        return;
      }
      host.onRound = (round, halos) => this.tell(run, { type: 'begun', epoch: record.epoch, round, halos });
      hosted.host = host;
      const { peers, roundsPerStep } = host;
      this.tell(run, { type: 'prepared', epoch: record.epoch, peers, roundsPerStep });
    } catch (error) {
      this.prepared.delete(run);
      this.tell(run, { type: 'failed', epoch: record.epoch, of: 'node', message: messageOf(error) });
    } finally {
      this.preparing.delete(asked);
    }
  }

  /** The bytes of one's own tiles at the record's cut. */
  private async fetchShare(
    { cut, owners }: RunRecord,
    self: number,
    lately: Hosted['lately'],
    isWanted: () => boolean,
  ): Promise<SavedShare | undefined> {
    if (!cut) return undefined;
    const tiles = new Map<number, Uint8Array>();
    const own = [...owners.keys()].filter((tile) => owners[tile] === self).values();
    const lane = async () => {
      for (const tile of own) {
        const hash = cut.tiles[tile]!;
        const bytes = lately.get(hash) ?? (await this.fetch(hash, isWanted));
        if (!bytes) return;
        tiles.set(tile, bytes);
      }
    };
    await Promise.all(Array.from({ length: TRANSFERS }, lane));
    if (!isWanted()) return undefined;
    return { step: cut.step, tiles };
  }

  /** What is stored under a hash; undefined once nobody waits for it. */
  private async fetch(hash: string, isWanted: () => boolean): Promise<Uint8Array | undefined> {
    for (;;) {
      const reply = await this.insist({ type: 'fetch', hash }, isWanted);
      if (reply?.type !== 'fetched') return undefined;
      if (reply.bytes && this.settings.sha256(reply.bytes) === hash) return reply.bytes;
      // The store has lost it: the leader looks what else, and begins an epoch from what is whole.
      await this.settings.clock.wait(POLL);
    }
  }

  private async advance(run: RunId, hosted: Hosted, epoch: number, to: number): Promise<void> {
    const { host } = hosted;
    if (!host) return;
    try {
      const arrival = await host.advance(to);
      if (hosted.host !== host) return;
      if (arrival.outcome === 'failed') this.tell(run, { type: 'failed', epoch, of: 'run', message: arrival.message });
      if (arrival.outcome !== 'reached') return;
      const { cellUpdates, computeSeconds, waitSeconds } = arrival;
      if (computeSeconds > MEASURABLE)
        this.speed = afterReport(this.speed, { work: cellUpdates, seconds: computeSeconds });
      const report = arrival.report && { hash: this.settings.sha256(arrival.report), bytes: arrival.report };
      hosted.lately = new Map(arrival.tiles.map(({ hash, bytes }) => [hash, bytes]));
      const said = report ? [report] : [];
      const parts = [...arrival.tiles, ...said];
      const unstored = [...unlike(hosted.state.record?.cut, arrival.tiles), ...said];
      hosted.uploads.set(to, { parts, stored: this.storeAll(run, hosted, unstored) });
      const tiles = arrival.tiles.map(({ tile, hash }) => [tile, hash] as const);
      const busy = arrival.tiles.filter(({ isBusy }) => isBusy).map(({ tile }) => tile);
      const { bytesSent, bytesReceived } = hosted;
      hosted.bytesSent = 0;
      hosted.bytesReceived = 0;
      const { threads } = this.settings;
      const work = { threads, computeSeconds, waitSeconds, bytesSent, bytesReceived };
      const reported = report ? { report: report.hash } : {};
      this.tell(run, { type: 'reached', epoch, step: to, tiles, busy, ...reported, work });
    } catch (error) {
      if (hosted.host === host) this.tell(run, { type: 'failed', epoch, of: 'node', message: messageOf(error) });
    }
  }

  /** Whether all of it is stored in the end; false where the epoch has ended before, or it cannot be. */
  private storeAll(run: RunId, hosted: Hosted, parts: readonly Part[]): Promise<boolean> {
    const { host } = hosted;
    const { epoch } = hosted.state.record!;
    return this.upload(parts, () => hosted.host === host).catch((error) => {
      this.tell(run, { type: 'failed', epoch, of: 'node', message: messageOf(error) });
      return false;
    });
  }

  private async upload(parts: readonly Part[], isWanted: () => boolean): Promise<boolean> {
    const queue = parts.values();
    let stored = 0;
    const lane = async () => {
      for (const { hash, bytes } of queue)
        if ((await this.insist({ type: 'store', hash, bytes }, isWanted))?.type === 'stored') stored++;
    };
    await Promise.all(Array.from({ length: TRANSFERS }, lane));
    return stored === parts.length;
  }

  private async handIn(run: RunId, hosted: Hosted, handIn: HandIn): Promise<void> {
    const { step } = handIn;
    if (hosted.handingIn.has(step)) return;
    hosted.handingIn.add(step);
    // Nothing is handed in that is not stored: a node may be ended in the middle.
    const isStored = await hosted.uploads.get(step)?.stored;
    const reply = isStored && !this.isStopped ? await this.askLeader(handIn) : undefined;
    hosted.handingIn.delete(step);
    if (reply?.type === 'taken') this.tell(run, reply);
    const upload = hosted.uploads.get(step);
    if (reply?.type !== 'missing' || !upload || reply.epoch !== hosted.state.record?.epoch) return;
    const missing = new Set(reply.hashes);
    const parts = upload.parts.filter(({ hash }) => missing.has(hash));
    hosted.uploads.set(step, { ...upload, stored: this.storeAll(run, hosted, parts) });
  }
}

/** How long a node may be silent while it prepares a run [ms]: longer, the more cells it has. */
function patienceFor(record: RunRecord): number {
  const { least, perCell, most } = PREPARING;
  return Math.min(most, Math.round(least + perCell * cellsOf(record)));
}

const cellsOf = ({ shape }: RunRecord): number => shape.panels * shape.cellsX * shape.cellsY;

/** Tiles whose state the ledger's last cut has not: that of the others is in the store, and stays while cuts have it. */
const unlike = (cut: Cut | undefined, tiles: readonly TileState[]): TileState[] =>
  tiles.filter(({ tile, hash }) => cut?.tiles[tile] !== hash);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
