import { Simulation } from '../../engine/simulation/simulation.ts';
import { CoordinatorProcess } from '../../workers/coordinator/coordinator-process.ts';
import { creditsOfAll } from '../../workers/coordinator/credits.ts';
import { tilesAlongCurve } from '../../workers/coordinator/curve.ts';
import { type ClusterStatus, wholeStatus } from '../../workers/coordinator/whole-status.ts';
import { FollowedRun } from '../../workers/follower/follow-run.ts';
import { NodeProcess } from '../../workers/node/node-process.ts';
import { type Member, placeOf, type RunRecord } from '../../workers/protocol/cluster.ts';
import {
  type LeaderReply,
  type LeaderRequest,
  packCluster,
  readLeaderReply,
  readNodeEntry,
  readRecord,
} from '../../workers/protocol/cluster-messages.ts';
import { SUBJECTS } from '../../workers/protocol/cluster-subjects.ts';
import { NO_HISTORY, type NodeEntry } from '../../workers/protocol/metering.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { sha256Hex } from '../../workers/store/state-hash.ts';
import { memoryStore } from '../../workers/store/store.ts';
import { startThreads } from '../../workers/threads/thread-pool.ts';
import {
  type Delivery,
  ledgerOver,
  type MemoryNetwork,
  type MemoryTransport,
  memoryLedger,
  memoryNetwork,
} from '../../workers/transport/memory.ts';
import { LARGEST_MESSAGE } from '../../workers/transport/transport.ts';
import { ProcessClock, seeded, VirtualTime } from './virtual-time.ts';

export const RUN = 'the-run';
/** A made-up weight, which makes sums that no float64 holds. */
export const OPERATIONS = 987_654_321_987;

/** How the network treats messages. */
export interface Weather {
  /** Shares of messages that are lost, and that come twice. */
  readonly loss: number;
  readonly twice: number;
  /** Least and most time on the way [ms]; the order of messages follows from it. */
  readonly delay: readonly [number, number];
}

export const CALM: Weather = { loss: 0, twice: 0, delay: [2, 6] };

interface Process {
  readonly transport: MemoryTransport;
  readonly clock: ProcessClock;
  stop(): void | Promise<void>;
}

export interface SimulatedNode extends Process {
  readonly node: NodeProcess;
  readonly member: Member;
}

export interface SimulatedCoordinator extends Process {
  readonly coordinator: CoordinatorProcess;
}

/** A whole cluster in this process: the machines and all that carries out their commands, on a network and clocks of our own. */
export class SimulatedCluster {
  readonly time = new VirtualTime();
  readonly nodes = new Map<string, SimulatedNode>();
  readonly coordinators = new Map<string, SimulatedCoordinator>();
  /** What went wrong with processes, and is not their business to go wrong. */
  readonly errors: unknown[] = [];
  /** What happened, for whoever looks into a plan that failed. */
  readonly story: string[] = [];
  weather: Weather;
  /** Names that do not hear each other's side at present. */
  private cutOff: ReadonlySet<string> = new Set();
  /** For how long nodes are held up when they lay out a share [ms]. */
  readonly layingOut = new Map<string, number>();
  private readonly prepared: PreparedRun;
  private readonly random: () => number;
  private readonly entries: NonNullable<Parameters<typeof memoryLedger>[0]>['records'] & object = new Map();
  private readonly ledger = memoryLedger({ now: () => this.time.now, records: this.entries });
  /** What a directory would hold: tiles' states, and copies of the ledger's entries. */
  private readonly files = new Map<string, Uint8Array>();
  private readonly store = memoryStore(this.files);
  private incarnations = 0;
  private readonly network: MemoryNetwork;
  private latest: RunRecord | undefined;

  constructor(prepared: PreparedRun, seed: number, weather = CALM, largestMessage = LARGEST_MESSAGE) {
    this.network = memoryNetwork({
      schedule: (delivery) => this.send(delivery),
      after: (milliseconds, act) => this.time.after(milliseconds, act),
      largestMessage,
    });
    this.prepared = prepared;
    this.random = seeded(seed);
    this.weather = weather;
  }

  private send({ from, to, deliver }: Delivery): void {
    const { loss, twice, delay } = this.weather;
    if (this.cutOff.has(from) !== this.cutOff.has(to) || this.random() < loss) return;
    const clock = (this.nodes.get(to) ?? this.coordinators.get(to))?.clock;
    const once = () => {
      const way = delay[0] + this.random() * (delay[1] - delay[0]);
      this.time.after(way, () => (clock ? clock.awake(deliver) : deliver()));
    };
    once();
    if (this.random() < twice) once();
  }

  private process(name: string): { readonly transport: MemoryTransport; readonly clock: ProcessClock } {
    return {
      transport: this.network.transport(name),
      clock: new ProcessClock(this.time, 0.98 + 0.04 * this.random()),
    };
  }

  /** The link of somebody who is no process of the cluster. */
  stranger(name: string): MemoryTransport {
    return this.network.transport(name);
  }

  addNode(name: string, speed = 1000): SimulatedNode {
    const { transport, clock } = this.process(name);
    const member = { node: name, incarnation: ++this.incarnations };
    const node = new NodeProcess({
      member,
      transport,
      clock,
      sha256: sha256Hex,
      startStepper: (...run) => {
        const heldUp = this.layingOut.get(name);
        if (heldUp !== undefined) this.freeze(name, heldUp);
        return startThreads(...run);
      },
      prepare: async () => this.prepared,
      speed,
      threads: 1,
      earning: () => this.tell(`${name} earns`),
      report: (error) => this.errors.push(error),
    });
    const simulated = { transport, clock, node, member, stop: () => node.stop() };
    this.nodes.set(name, simulated);
    return simulated;
  }

  addCoordinator(name: string): SimulatedCoordinator {
    const { transport, clock } = this.process(name);
    const coordinator = new CoordinatorProcess({
      name,
      transport,
      clock,
      ledger: ledgerOver(transport, this.ledger),
      store: this.store,
      copies: { store: this.store, place: 'the-store', newCluster: name },
      putBack: (keys) => this.tell(`${name} puts back ${keys.join(', ')}`),
      report: (error) => this.errors.push(error),
    });
    const simulated = { transport, clock, coordinator, stop: () => coordinator.stop() };
    this.coordinators.set(name, simulated);
    return simulated;
  }

  kill(name: string): void {
    this.tell(`${name} is killed`);
    const process = this.nodes.get(name) ?? this.coordinators.get(name);
    if (!process) return;
    process.transport.cut();
    void process.stop();
    this.nodes.delete(name);
    this.coordinators.delete(name);
  }

  /** A node that does not wait for others to take its tiles; its link lives a little longer. */
  end(name: string): void {
    this.tell(`${name} ends`);
    const process = this.nodes.get(name);
    if (!process) return;
    void process.stop();
    this.nodes.delete(name);
    this.time.after(500, () => process.transport.cut());
  }

  freeze(name: string, milliseconds: number): void {
    this.tell(`${name} is frozen for ${milliseconds.toFixed(0)} ms`);
    const process = this.nodes.get(name) ?? this.coordinators.get(name);
    if (process) process.clock.frozenUntil = this.time.now + milliseconds;
  }

  /** The named ones and the others hear nothing of each other for a time. */
  part(names: readonly string[], milliseconds: number): void {
    this.tell(`${names.join(', ')} are cut off for ${milliseconds.toFixed(0)} ms`);
    this.cutOff = new Set(names);
    this.time.after(milliseconds, () => {
      this.cutOff = new Set();
    });
  }

  /** The broker is gone for a time: nobody hears anybody, and the ledger does not answer. */
  outage(milliseconds: number): void {
    this.tell(`the broker is gone for ${milliseconds.toFixed(0)} ms`);
    const all = [...this.nodes.values(), ...this.coordinators.values()];
    for (const { transport } of all) transport.cut();
    this.time.after(milliseconds, () => {
      for (const { transport } of all) transport.mend();
    });
  }

  /** The broker is gone for a time, and with its disk the ledger. */
  loseLedger(milliseconds: number): void {
    this.outage(milliseconds);
    this.tell('and its disk is lost');
    this.entries.clear();
  }

  /** Everything in the store is gone, or a share of it. */
  loseStore(share = 1): void {
    this.tell(`${(100 * share).toFixed(0)} % of the store are lost`);
    for (const key of [...this.files.keys()]) if (share === 1 || this.random() < share) this.files.delete(key);
  }

  /** Of the copies of the run's record the newest is cut short. */
  damageNewestCopy(): void {
    const newest = [...this.files.keys()]
      .filter((key) => key.startsWith(`ledger/entries/run.${RUN}/`))
      .sort()
      .at(-1)!;
    this.tell(`${newest} is damaged`);
    this.files.set(newest, this.files.get(newest)!.subarray(0, 50));
  }

  /** A byte of everything that is stored of tiles is another. */
  damageStore(): void {
    this.tell('the store is damaged');
    for (const [key, bytes] of this.files)
      if (key.startsWith('tiles/'))
        this.files.set(
          key,
          Uint8Array.from(bytes, (byte, k) => (k === 0 ? byte ^ 1 : byte)),
        );
  }

  tell(what: string): void {
    this.story.push(`${this.time.now.toFixed(0)} ms: ${what}`);
  }

  leader(): string | undefined {
    return [...this.coordinators].find(([, { coordinator }]) => coordinator.leads)?.[0];
  }

  /** `due`: steps at which whoever follows the run wants its state; `shape`: what the record states of it in place of the truth. */
  async submit(
    steps: number,
    cutEvery: number,
    due?: readonly number[],
    shape: Partial<RunRecord['shape']> = {},
  ): Promise<void> {
    const { scenario, grid, model } = this.prepared;
    const count = (wanted: string) => model.fields.filter(({ role }) => role === wanted).length;
    const { panels, cellsX, cellsY, tileX, tileY } = grid;
    const record: RunRecord = {
      run: RUN,
      owner: 'scientist',
      job: JSON.stringify(scenario),
      state: 'queued',
      shape: {
        ...{ panels, cellsX, cellsY, tileX, tileY },
        width: 4,
        hashed: count('prognostic'),
        others: count('diagnostic'),
        ...shape,
      },
      steps,
      cutEvery,
      ...(due ? { followed: { due, trail: [] } } : {}),
      operations: OPERATIONS,
      curve: tilesAlongCurve(grid),
      epoch: 0,
      members: [],
      owners: [],
      history: NO_HISTORY,
    };
    const client = this.network.transport('scientist');
    let isIn = false;
    const say = async (): Promise<void> => {
      const answer = client.request(
        SUBJECTS.toLeader('scientist', 'scientist'),
        packCluster({ type: 'submit', record }),
        2000,
      );
      await answer.then(
        () => {
          isIn = true;
        },
        () => {},
      );
    };
    const again = () => {
      if (isIn) return;
      void say();
      this.time.after(600, again);
    };
    again();
    if (!(await this.time.runUntil(() => isIn, this.time.now + 60_000)))
      throw new Error('nobody took the run within a minute');
  }

  /** Turns time on until the run is over; its record then. */
  async untilOver(latest = 180_000): Promise<RunRecord> {
    const stop = this.watch();
    const isOver = () => this.latest !== undefined && this.latest.state !== 'queued' && this.latest.state !== 'running';
    const ended = await this.time.runUntil(isOver, latest);
    stop();
    if (!ended)
      throw new Error(`the run has not ended after ${latest} ms: ${JSON.stringify({ ...this.latest, job: '' })}`);
    return this.latest!;
  }

  /** Follows the ledger itself, whoever leads. */
  private watch(): () => void {
    let isOver = false;
    const look = () => {
      if (isOver) return;
      void this.ledger.get(`run.${RUN}`).then((entry) => {
        const record = entry && readRecord(entry.bytes);
        if (record && record.epoch !== this.latest?.epoch)
          this.tell(
            `epoch ${record.epoch} from step ${record.cut?.step ?? 0}: ${record.members.map(({ node }) => node)}`,
          );
        // At every moment just what the ledger's cut holds is credited, or what was before a cut was lost.
        const credited = record && creditsOfAll(record).tileSteps;
        const accepted = record?.accepted ?? record?.cut?.step ?? 0;
        if (record && credited !== accepted * record.curve.length)
          this.errors.push(new Error(`${credited} tile-steps are credited at step ${accepted}`));
        this.latest = record;
      });
      this.time.after(20, look);
    };
    look();
    return () => {
      isOver = true;
    };
  }

  /** Somebody who collects the run from another place, through the same faults, while time is turned. */
  follow(steps: number): Promise<Simulation> {
    const { transport, clock } = this.process('follower');
    const ask = async (request: LeaderRequest): Promise<LeaderReply> => {
      for (;;) {
        const bytes = await transport
          .request(SUBJECTS.toLeader('scientist', 'scientist'), packCluster(request), 2000)
          .catch(() => undefined);
        const reply = bytes && readLeaderReply(bytes);
        if (reply && reply.type !== 'refused') return reply;
        await clock.wait(100);
      }
    };
    const { options } = this.prepared;
    const following = new FollowedRun({ run: RUN, points: options.samples.length, clock, ask, check: () => {} });
    const collect = async (): Promise<Simulation> => {
      const simulation = await Simulation.follow(options, following);
      while (simulation.step < steps) {
        await simulation.advanceTo(steps);
        await following.stored(simulation.step);
      }
      return simulation;
    };
    return collect();
  }

  /** What comes of something that goes on while time is turned. */
  async until<T>(promise: Promise<T> | undefined, latest = 60_000): Promise<T | undefined> {
    let isSettled = !promise;
    const settle = () => {
      isSettled = true;
    };
    promise?.then(settle, settle);
    if (!(await this.time.runUntil(() => isSettled, this.time.now + latest)))
      throw new Error(`it has not come after ${latest} ms`);
    return promise;
  }

  /** What whoever leads says to a client, which asks until it is told. */
  async ask(request: LeaderRequest, name = 'client'): Promise<NonNullable<ReturnType<typeof readLeaderReply>>> {
    const client = this.network.transport(name);
    let reply: ReturnType<typeof readLeaderReply>;
    const say = async (): Promise<void> => {
      const bytes = await client
        .request(SUBJECTS.toLeader('admin', name), packCluster(request), 2000)
        .catch(() => undefined);
      if (bytes) reply ??= readLeaderReply(bytes);
      else this.time.after(100, () => void say());
    };
    void say();
    if (!(await this.time.runUntil(() => reply !== undefined, this.time.now + 60_000)))
      throw new Error(`nobody answers ${request.type} within a minute`);
    return reply!;
  }

  /** All nodes and runs as a client is shown them, page by page. */
  shown(): Promise<ClusterStatus> {
    return wholeStatus((request) => this.ask(request));
  }

  /** The ledger's own record, whatever processes believe. */
  async ledgerRecord(): Promise<RunRecord | undefined> {
    const entry = await this.ledger.get(`run.${RUN}`);
    return entry && readRecord(entry.bytes);
  }

  /** What the ledger keeps of a node. */
  async ledgerNode(name: string): Promise<NodeEntry | undefined> {
    const entry = await this.ledger.get(`node.${name}`);
    return entry && readNodeEntry(entry.bytes);
  }

  /** Turns time on for so long. */
  async pass(milliseconds: number): Promise<void> {
    let isOver = false;
    this.time.after(milliseconds, () => {
      isOver = true;
    });
    await this.time.runUntil(() => isOver, Number.POSITIVE_INFINITY);
  }

  /** Hashes of the tiles' states that are kept. */
  async storedTiles(): Promise<readonly string[]> {
    return (await this.store.list('tiles/')).map((key) => key.slice('tiles/'.length));
  }

  /** The record as it was seen last. */
  get record(): RunRecord | undefined {
    return this.latest;
  }

  isMember(name: string): boolean {
    const member = this.nodes.get(name)?.member;
    return this.latest !== undefined && member !== undefined && placeOf(this.latest, member) >= 0;
  }

  async close(): Promise<void> {
    for (const name of [...this.nodes.keys(), ...this.coordinators.keys()]) this.kill(name);
    await new Promise(setImmediate);
  }
}
