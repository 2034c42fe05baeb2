import type { Clock } from '../node/clock.ts';
import { countMalformed } from '../node/malformed.ts';
import { type HandIn, isGoingOn, type NodeStatus, type RunRecord } from '../protocol/cluster.ts';
import {
  forNodes,
  isNewRecord,
  type LeaderReply,
  packCluster,
  readHeartbeat,
  readLeaderRequest,
  readNodeEntry,
  readRecord,
  withoutShares,
} from '../protocol/cluster-messages.ts';
import { askerOf, SUBJECTS } from '../protocol/cluster-subjects.ts';
import { sha256Hex } from '../store/state-hash.ts';
import type { Store } from '../store/store.ts';
import { TransportError } from '../transport/errors.ts';
import type { Incoming, Ledger, Transport } from '../transport/transport.ts';
import {
  type CoordinatorCommand,
  type CoordinatorEvent,
  type CoordinatorState,
  newCoordinator,
  onCoordinatorEvent,
  type StoredRecord,
} from './coordinator-machine.ts';
import { hashOfCut } from './cut-hash.ts';
import { mayAsk, refusalOf } from './entitlement.ts';
import { KeptCuts } from './kept-cuts.ts';
import { isKeyOfNode, isKeyOfRun, KeptRecords, type KeptRecordsSettings, keyOfNode, keyOfRun } from './kept-records.ts';
import { type LeaseCommand, type LeaseEvent, type LeaseState, leads, newLease, onLeaseEvent } from './lease-machine.ts';
import {
  newSessions,
  offeredBy,
  onSessionsEvent,
  type SessionsCommand,
  type SessionsEvent,
  type SessionsState,
  type StoredEntry,
} from './node-sessions.ts';
import { type Listed, pageOf } from './pages.ts';

const TICK = 50;
const LEASE = 'leader';
/** Time after which a leader that is silent loses its lead [ms]; what a ledger on one server allows. */
const TERM = 2000;
/** How often it is looked for what is outdated in the store [ms]. */
const SWEEP_EVERY = 30_000;
/** How often the hash of a finished run is tried [ms]. */
const HASH_EVERY = 2000;
/** Pause between looks at what the store has lost [ms]. */
const EXAMINE_EVERY = 1000;
/** Hashes that a member is told of at one time: the rest when it hands in again. */
const MOST_MISSING = 10_000;
/** Pause after a write that failed [ms]. */
const AFTER_FAILURE = 250;
/** Share of a message that a page of things may take: names and lengths need some too. */
const ROOM = 0.75;
/** Those who wait for the ledger to hold what they asked for, of each run or node; further ones ask again. */
const MOST_WAITING = 100;

type Reply = (message: LeaderReply) => void;

/** How writes to the ledger ended. */
export interface LedgerWrites {
  taken: number;
  /** Somebody else was first. */
  refused: number;
  /** No answer came. */
  unknown: number;
}

export interface CoordinatorSettings {
  readonly name: string;
  readonly transport: Transport;
  readonly ledger: Ledger;
  /** Where the state of tiles is kept. */
  readonly store: Store;
  /** Where copies of the ledger's entries are kept; nowhere unless told. */
  readonly copies?: Omit<KeptRecordsSettings, 'report'>;
  readonly clock: Clock;
  readonly term?: number;
  readonly report?: (error: unknown) => void;
  /** Told which entries the ledger lacked and were put back. */
  readonly putBack?: (keys: readonly string[]) => void;
}

/** A coordinator: follows, or leads, and then answers nodes and decides who computes what. */
export class CoordinatorProcess {
  /** Malformed messages by sender. */
  readonly malformed = new Map<string, number>();
  readonly ledgerWrites: LedgerWrites = { taken: 0, refused: 0, unknown: 0 };
  private readonly settings: CoordinatorSettings;
  private state: CoordinatorState = newCoordinator();
  private sessions: SessionsState = newSessions();
  private lease: LeaseState;
  private readonly stops: (() => void)[] = [];
  private readonly waiting = new Map<string, Reply>();
  /** Of what was handed in, hashes that the store had no longer when the cut was whole. */
  private readonly lacking = new Map<string, readonly string[]>();
  /** Who waits until the ledger holds a run's end, or that a node is to drain. */
  private readonly cancelling = new Map<string, Reply[]>();
  private readonly draining = new Map<string, Reply[]>();
  private readonly listeners = new Set<(record: RunRecord) => void>();
  private isStopped = false;
  private isLoading = false;
  private hashed = Number.NEGATIVE_INFINITY;
  private readonly hashing = new Set<string>();
  private readonly kept: KeptCuts;
  private readonly copies: KeptRecords | undefined;
  private isCopying = false;
  /** When it was last looked what a run has lost. */
  private readonly examined = new Map<string, number>();

  constructor(settings: CoordinatorSettings) {
    this.settings = settings;
    this.lease = newLease(settings.term ?? TERM);
    const report = (error: unknown) => settings.report?.(error);
    this.kept = new KeptCuts(settings.store, settings.clock, report);
    this.copies = settings.copies && new KeptRecords({ ...settings.copies, report });
    const { transport, clock } = settings;
    this.stops.push(
      transport.subscribe(SUBJECTS.heartbeats, ({ subject, bytes }) => {
        const heartbeat = readHeartbeat(bytes);
        const sender = subject.split('.')[2]!;
        if (heartbeat?.member.node === sender) {
          this.tell(heartbeat);
          this.tellSessions(heartbeat);
        } else this.blame(sender);
      }),
      transport.subscribe(SUBJECTS.allToLeader, (message) => void this.answer(message)),
      clock.every(TICK, () => this.tick()),
      clock.every(SWEEP_EVERY, () => {
        if (!this.leads) return;
        void this.kept.sweep(this.handedIn());
        // Their directory may have been lost.
        void this.copy([...this.state.runs.values()]);
      }),
    );
    this.tick();
  }

  get leads(): boolean {
    return this.state.leads && leads(this.lease);
  }

  records(): readonly RunRecord[] {
    return [...this.state.runs.values()].map(({ record }) => record);
  }

  nodes(): readonly NodeStatus[] {
    const { nodes, drained } = this.state;
    const now = this.settings.clock.now();
    return [...nodes.values()].map(({ member, heard, patience, speed, draining, session, runs }) => ({
      ...{ member, silent: now - heard, patience, speed, session },
      prepares: runs.some(({ prepares }) => prepares),
      offeredSeconds: offeredBy(this.sessions, member.node),
      draining: draining || drained.get(member.node) === member.incarnation,
    }));
  }

  /** Hears of every record that this coordinator publishes; gives back what ends that. */
  onRecord(listener: (record: RunRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.isStopped = true;
    for (const stop of this.stops) stop();
  }

  private computes(node: string): boolean {
    return this.records().some(
      ({ state, members }) => state === 'running' && members.some((member) => member.node === node),
    );
  }

  private blame(sender: string): void {
    countMalformed(this.malformed, sender);
  }

  private tick(): void {
    const now = this.settings.clock.now();
    this.tellLease({ type: 'tick', now });
    this.tell({ type: 'tick', now });
    this.tellSessions({ type: 'tick', now });
    // What failed at first, while the store was out of reach, say, is tried again.
    if (this.leads && now - this.hashed > HASH_EVERY) {
      this.hashed = now;
      for (const record of this.records()) void this.hash(record);
    }
  }

  private tell(event: CoordinatorEvent): void {
    if (this.isStopped) return;
    const [state, commands] = onCoordinatorEvent(this.state, event);
    this.state = state;
    for (const command of commands) this.carryOut(command);
  }

  private carryOut(command: CoordinatorCommand): void {
    switch (command.type) {
      case 'write':
        // Past its lease it would only be refused.
        if (leads(this.lease)) void this.write(command.record, command.revision);
        else this.follow();
        return;
      case 'read':
        void this.read(command.run);
        return;
      case 'publish':
        this.settings.transport.publish(SUBJECTS.record(command.record.run), packCluster(forNodes(command.record)));
        if (!isGoingOn(command.record)) this.answerAll(this.cancelling, command.record.run, ended(command.record));
        for (const listener of this.listeners) listener(command.record);
        void this.hash(command.record);
        this.kept.note(command.record);
        this.forgetLacking(command.record);
        void this.kept.sweep(this.handedIn());
        return;
      case 'take': {
        const key = waitingKey(command.handIn);
        const { run, epoch, step } = command.handIn;
        this.waiting.get(key)?.({ type: 'taken', run, epoch, step });
        this.waiting.delete(key);
        return;
      }
    }
  }

  private async write(record: RunRecord, revision: number): Promise<void> {
    const { ledger } = this.settings;
    const key = keyOfRun(record.run);
    const bytes = packCluster(record);
    const places = await this.lackingIn(record).catch((error) => {
      this.settings.report?.(error);
      return undefined;
    });
    if (!places) {
      await this.settings.clock.wait(AFTER_FAILURE);
      return this.tell({ type: 'unwritten', run: record.run });
    }
    if (places.length > 0) return this.tell({ type: 'incomplete', run: record.run, step: record.cut!.step, places });
    const outcome = await this.written(async () => {
      await this.kept.storeMark(record);
      return ledger.update(key, bytes, revision);
    });
    if (outcome === 'unknown') this.tell({ type: 'unwritten', run: record.run });
    else if (outcome === 'refused') await this.read(record.run);
    else {
      await this.keep(key, bytes, outcome);
      this.tell({ type: 'written', run: record.run, revision: outcome });
    }
  }

  /**
   * Keeps a copy of what the ledger holds, before anybody is told of it: what was said is not lost with the ledger. Waits
   * for room; another leader copies all that it finds.
   */
  private async keep(key: string, bytes: Uint8Array, revision: number): Promise<void> {
    while (this.copies && !this.isStopped && leads(this.lease)) {
      try {
        return await this.copies.keep(key, bytes, revision);
      } catch (error) {
        this.settings.report?.(error);
        await this.settings.clock.wait(AFTER_FAILURE);
      }
    }
  }

  /** The revision of a write; or how else it ended, after a pause where it may have been done all the same. */
  private async written(write: () => Promise<number | undefined>): Promise<number | 'refused' | 'unknown'> {
    try {
      const revision = await write();
      this.ledgerWrites[revision === undefined ? 'refused' : 'taken']++;
      return revision ?? 'refused';
    } catch (error) {
      // Down, or full. A ledger in need is not to be pressed.
      this.ledgerWrites.unknown++;
      if (!(error instanceof TransportError && error.tag === 'Disconnected')) this.settings.report?.(error);
      await this.settings.clock.wait(AFTER_FAILURE);
      return 'unknown';
    }
  }

  /** Copies what is not copied yet. */
  private async copy(entries: readonly (StoredRecord | StoredEntry)[]): Promise<void> {
    if (!this.copies || this.isCopying) return;
    this.isCopying = true;
    for (const stored of entries) {
      const [key, thing] =
        'record' in stored
          ? [keyOfRun(stored.record.run), stored.record]
          : [keyOfNode(stored.entry.node), stored.entry];
      await this.keep(key, packCluster(thing), stored.revision);
    }
    this.isCopying = false;
  }

  private async read(run: string): Promise<void> {
    const stored = await this.stored(keyOfRun(run)).catch(() => undefined);
    if (stored) await this.keep(keyOfRun(run), packCluster(stored.record), stored.revision);
    if (stored) this.tell({ type: 'conflict', ...stored });
    else if (!this.isStopped) {
      await this.settings.clock.wait(TICK);
      this.tell({ type: 'unwritten', run });
    }
  }

  private async stored(key: string): Promise<StoredRecord | undefined> {
    const entry = await this.settings.ledger.get(key);
    const record = entry && readRecord(entry.bytes);
    return record && { record, revision: entry.revision };
  }

  /** What members have handed in for cuts that are not whole yet. */
  private handedIn(): readonly Pick<HandIn, 'tiles' | 'report'>[] {
    return [...this.state.runs.values()].flatMap(({ handIns }) =>
      [...handIns.values()].flatMap((byPlace) => [...byPlace.values()]),
    );
  }

  /** Finds the hash of a finished run's state, from its last cut. */
  private async hash(record: RunRecord): Promise<void> {
    if (record.state !== 'finished' || record.stateHash !== undefined || this.hashing.has(record.run)) return;
    this.hashing.add(record.run);
    try {
      const stateHash = await hashOfCut(record.shape, record.cut!, (hash) => this.kept.fetch(hash));
      this.tell({ type: 'hashed', run: record.run, stateHash });
    } catch (error) {
      this.settings.report?.(error);
      void this.examine(({ run }) => run === record.run);
    } finally {
      this.hashing.delete(record.run);
    }
  }

  /** Looks what runs have lost, once something of theirs was not in the store. The others hand theirs in again at the next cut. */
  private async examine(isConcerned: (record: RunRecord) => boolean): Promise<void> {
    const now = this.settings.clock.now();
    const isDue = ({ run }: RunRecord) => now - (this.examined.get(run) ?? Number.NEGATIVE_INFINITY) >= EXAMINE_EVERY;
    const concerned = this.records().filter((record) => isConcerned(record) && isDue(record));
    for (const { run } of concerned) this.examined.set(run, now);
    try {
      for (const record of concerned) {
        const lost = await this.kept.lossOf(record);
        if (lost) this.tell({ type: 'cut-lost', ...lost });
      }
    } catch (error) {
      // A store that does not answer has not lost anything yet.
      this.settings.report?.(error);
    }
  }

  /** Whose hand-ins a new cut lacks parts of, which the store has lost since they were stored. Throws what the store does. */
  private async lackingIn({ run, cut }: RunRecord): Promise<readonly number[]> {
    const facts = this.state.runs.get(run);
    if (!cut || !facts || cut.step <= (facts.record.cut?.step ?? 0)) return [];
    const missing = new Set(await this.kept.missing([...cut.tiles, ...(cut.reports ?? [])]));
    if (missing.size === 0) return [];
    const places: number[] = [];
    for (const [place, { tiles, report }] of facts.handIns.get(cut.step) ?? []) {
      const hashes = [...tiles.map(([, hash]) => hash), ...(report === undefined ? [] : [report])];
      const lacking = hashes.filter((hash) => missing.has(hash));
      if (lacking.length === 0) continue;
      places.push(place);
      this.lacking.set(
        waitingKey({ run, epoch: facts.record.epoch, step: cut.step, member: facts.record.members[place]! }),
        lacking,
      );
    }
    return places;
  }

  /** Nothing is handed in any more of an epoch that is over. */
  private forgetLacking({ run, epoch }: RunRecord): void {
    for (const key of this.lacking.keys())
      if (key.startsWith(`${run} `) && !key.startsWith(`${run} ${epoch} `)) this.lacking.delete(key);
  }

  // Nodes in the ledger.

  private tellSessions(event: SessionsEvent): void {
    if (this.isStopped) return;
    const [sessions, commands] = onSessionsEvent(this.sessions, event);
    this.sessions = sessions;
    for (const command of commands) void this.carryOutSessions(command);
  }

  private async carryOutSessions(command: SessionsCommand): Promise<void> {
    switch (command.type) {
      case 'drained':
        this.tell({ ...command, type: 'drain' });
        this.answerAll(this.draining, command.node, { type: 'done' });
        return;
      case 'read':
        await this.readEntry(command.node);
        return;
      case 'write': {
        const { ledger } = this.settings;
        const { entry, revision } = command;
        const key = keyOfNode(entry.node);
        const bytes = packCluster(entry);
        // Past its lease it would add to what the next leader counts.
        if (!leads(this.lease)) return this.follow();
        const outcome = await this.written(() =>
          revision === undefined ? ledger.create(key, bytes) : ledger.update(key, bytes, revision),
        );
        if (typeof outcome === 'number') {
          await this.keep(key, bytes, outcome);
          this.tellSessions({ type: 'written', node: entry.node, revision: outcome });
          if (entry.drained) await this.carryOutSessions({ ...entry, type: 'drained' });
        } else await this.readEntry(entry.node);
      }
    }
  }

  private async readEntry(node: string): Promise<void> {
    try {
      this.tellSessions({ type: 'found', node, stored: await this.storedEntry(keyOfNode(node)) });
    } catch {
      await this.settings.clock.wait(AFTER_FAILURE);
      this.tellSessions({ type: 'unwritten', node });
    }
  }

  private async storedEntry(key: string): Promise<StoredEntry | undefined> {
    const found = await this.settings.ledger.get(key);
    const entry = found && readNodeEntry(found.bytes);
    return entry && { entry, revision: found.revision };
  }

  private answerAll(waiting: Map<string, Reply[]>, name: string, message: LeaderReply): void {
    const replies = waiting.get(name) ?? [];
    waiting.delete(name);
    for (const reply of replies) reply(message);
  }

  private waitFor(waiting: Map<string, Reply[]>, name: string, reply: Reply): void {
    const known = waiting.get(name) ?? [];
    if (known.length < MOST_WAITING) waiting.set(name, [...known, reply]);
  }

  // The lease.

  private tellLease(event: LeaseEvent): void {
    if (this.isStopped) return;
    const [lease, commands] = onLeaseEvent(this.lease, event);
    this.lease = lease;
    for (const command of commands) void this.carryOutLease(command);
    if (!leads(lease) && this.state.leads) this.follow();
    if (leads(lease) && !this.state.leads) void this.load();
  }

  private follow(): void {
    this.tell({ type: 'following' });
    this.tellSessions({ type: 'following' });
    this.lacking.clear();
    // They ask again, whoever leads then.
    this.cancelling.clear();
    this.draining.clear();
  }

  private async carryOutLease(command: LeaseCommand): Promise<void> {
    const { ledger, name } = this.settings;
    const { asked } = command;
    const bytes = new TextEncoder().encode(name);
    try {
      if (command.type === 'look') {
        this.tellLease({ type: 'found', asked, revision: (await ledger.get(LEASE))?.revision });
        return;
      }
      const revision =
        command.type === 'create'
          ? await ledger.create(LEASE, bytes)
          : await ledger.update(LEASE, bytes, command.revision);
      this.tellLease(revision === undefined ? { type: 'lost', asked } : { type: 'won', asked, revision });
    } catch {
      this.tellLease({ type: 'unknown', asked });
    }
  }

  private async load(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      const { ledger } = this.settings;
      const found = await ledger.keys();
      const nothing = { put: [], there: found };
      const { put, there } = (await this.copies?.putBack(ledger, found, () => leads(this.lease))) ?? nothing;
      if (put.length > 0) this.settings.putBack?.(put);
      const keys = [...there];
      const [runs, nodes] = await Promise.all([
        Promise.all(keys.filter(isKeyOfRun).map((key) => this.stored(key))),
        Promise.all(keys.filter(isKeyOfNode).map((key) => this.storedEntry(key))),
      ]);
      const records = runs.filter((one) => one !== undefined);
      const entries = nodes.filter((one) => one !== undefined);
      await this.copy([...records, ...entries]);
      if (!leads(this.lease)) return;
      // Who is to drain is known before any tile is placed.
      this.tellSessions({ type: 'leading', entries });
      await Promise.all(records.map(({ record }) => this.kept.recall(record)));
      if (!leads(this.lease)) return;
      this.tell({ type: 'leading', records });
      for (const { record } of records) void this.hash(record);
    } catch (error) {
      this.settings.report?.(error);
    } finally {
      this.isLoading = false;
    }
  }

  // Requests.

  private get room(): number {
    return ROOM * this.settings.transport.largestMessage;
  }

  private statusAfter(after: string | undefined): LeaderReply {
    const listed = [
      ...this.nodes().map((node) => listedAs<NodeStatus | RunRecord>(`node/${node.member.node}`, node)),
      ...this.records().map((record) => listedAs<NodeStatus | RunRecord>(`run/${record.run}`, record)),
    ];
    const { things, next } = pageOf(listed, after, this.room);
    const isNode = (thing: NodeStatus | RunRecord): thing is NodeStatus => 'member' in thing;
    return {
      type: 'status',
      nodes: things.filter(isNode),
      records: things.filter((thing): thing is RunRecord => !isNode(thing)),
      ...(next === undefined ? {} : { next }),
    };
  }

  private async takeHandIn(handIn: HandIn, reply: Reply): Promise<void> {
    const key = waitingKey(handIn);
    const lacking = this.lacking.get(key);
    if (lacking) {
      const { run, epoch, step } = handIn;
      const hashes = (await this.kept.missing(lacking)).slice(0, MOST_MISSING);
      if (hashes.length > 0) return reply({ type: 'missing', run, epoch, step, hashes });
      this.lacking.delete(key);
    }
    this.waiting.set(key, reply);
    this.tell(handIn);
    this.waiting.delete(key);
  }

  private async answer({ subject, bytes, respond }: Incoming): Promise<void> {
    const { role, from: sender } = askerOf(subject);
    const request = readLeaderRequest(bytes);
    if (!request || !role) return this.blame(sender);
    if (!respond || !this.leads) return;
    const reply = (message: LeaderReply) => respond(packCluster(message));
    const refusal = refusalOf(role, sender, request, (run) => this.state.runs.get(run)?.record);
    if (refusal !== undefined) {
      if (!mayAsk(role, request)) this.blame(sender);
      return reply({ type: 'refused', message: refusal });
    }
    try {
      switch (request.type) {
        case 'hand-in':
          if (request.member.node !== sender) return this.blame(sender);
          return await this.takeHandIn(request, reply);
        case 'failed':
          if (request.member.node !== sender) return this.blame(sender);
          return this.tell(request);
        case 'store':
          if (sha256Hex(request.bytes) !== request.hash) return this.blame(sender);
          if (!this.computes(sender))
            return reply({ type: 'refused', message: `${sender} computes no run now, and has nothing to store.` });
          await this.kept.store(request.hash, request.bytes);
          return reply({ type: 'stored' });
        case 'fetch': {
          const found = await this.kept.fetch(request.hash);
          if (!found)
            void this.examine(({ members, cut, followed }) =>
              role === 'node'
                ? members.some(({ node }) => node === sender) && cut?.tiles.includes(request.hash) === true
                : followed !== undefined && followed.trail.length > 0,
            );
          return reply({ type: 'fetched', ...(found ? { bytes: found } : {}) });
        }
        case 'records': {
          const named = new Set(request.runs);
          // Who computes nothing hears of what it names alone.
          const isHeard = ({ run, state }: RunRecord) => named.has(run) || (role === 'node' && state === 'running');
          const records = this.records().filter(isHeard);
          const told = role === 'node' ? forNodes : withoutShares;
          const listed = records.map(told).map((record) => listedAs(record.run, record));
          const { things, next } = pageOf(listed, request.after, this.room);
          return reply({ type: 'records', records: things, ...(next === undefined ? {} : { next }) });
        }
        case 'submit': {
          const { record } = request;
          if (!isNewRecord(record))
            return reply({
              type: 'refused',
              message: 'the record is not that of a new run. Use one version everywhere.',
            });
          const key = keyOfRun(record.run);
          const revision = await this.settings.ledger.create(key, packCluster(record));
          const stored = revision === undefined ? await this.stored(key) : { record, revision };
          // Said twice it is still one run; another of its name is refused.
          if (!stored || !isSameSubmission(stored.record, record))
            return reply({
              type: 'refused',
              message: `there is a run ${record.run} already. Give this one another name.`,
            });
          await this.keep(key, packCluster(stored.record), stored.revision);
          // Another may lead by now, which has not seen it: whoever submits says it again.
          if (!this.leads) return;
          this.tell({ type: 'submitted', ...stored });
          return reply({ type: 'submitted' });
        }
        case 'collected':
          if (!this.state.runs.has(request.run)) return reply(unknown('run', request.run, this.state.runs.keys()));
          this.tell(request);
          return reply({ type: 'done' });
        case 'cancel': {
          const facts = this.state.runs.get(request.run);
          if (!facts) return reply(unknown('run', request.run, this.state.runs.keys()));
          if (!isGoingOn(facts.record)) return reply(ended(facts.record));
          this.waitFor(this.cancelling, request.run, reply);
          this.tell(request);
          return;
        }
        case 'drain':
          if (!this.state.nodes.has(request.node)) return reply(unknown('node', request.node, this.state.nodes.keys()));
          this.waitFor(this.draining, request.node, reply);
          this.tellSessions(request);
          return;
        case 'status':
          return reply(this.statusAfter(request.after));
      }
    } catch (error) {
      this.settings.report?.(error);
      reply({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** What is said of a run that was to be cancelled, once it is over. */
const ended = ({ run, state }: RunRecord): LeaderReply =>
  state === 'cancelled'
    ? { type: 'done' }
    : { type: 'refused', message: `${run} has ${state} before. There is nothing to cancel.` };

/** Whether two records are of one submission, however far either has come. */
const isSameSubmission = (a: RunRecord, b: RunRecord): boolean =>
  a.job === b.job &&
  a.owner === b.owner &&
  (a.tolerance === undefined) === (b.tolerance === undefined) &&
  (a.followed === undefined) === (b.followed === undefined);

const listedAs = <T extends RunRecord | NodeStatus>(key: string, thing: T): Listed<T> => ({
  key,
  thing,
  bytes: () => packCluster(thing).length,
});

const unknown = (what: string, name: string, known: Iterable<string>): LeaderReply => ({
  type: 'refused',
  message: `there is no ${what} ${name}. Known: ${[...known].join(', ') || 'none'}.`,
});

const waitingKey = ({ run, epoch, step, member }: Pick<HandIn, 'run' | 'epoch' | 'step' | 'member'>): string =>
  `${run} ${epoch} ${step} ${member.node}`;
