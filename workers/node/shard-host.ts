import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import { Shard } from '../../engine/backends/cpu/shard.ts';
import type { Exchange, Stepper } from '../../engine/backends/cpu/stepper.ts';
import { type SavedShare, Simulation } from '../../engine/simulation/simulation.ts';
import type { RunRecord } from '../protocol/cluster.ts';
import { emptyHalo, numbersOf, sealHalo } from '../protocol/halo-message.ts';
import { packReport } from '../protocol/stretch-report.ts';
import type { PreparedRun } from '../run/prepare.ts';
import type { Clock } from './clock.ts';
import { KEPT_STEPS } from './shard-machine.ts';

type Halos = ReadonlyMap<number, Uint8Array>;

/** What a node computes with, where it runs: Node, or a page. */
export interface Machinery {
  readonly clock: Clock;
  /** SHA-256 of some bytes, hexadecimal. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** What makes the steps of a run: threads, this one, or a device. */
  readonly startStepper: (run: CpuRun, exchange: Exchange, now: () => number) => Promise<Stepper>;
}

export interface TileState {
  readonly tile: number;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** Whether it has work to do: it, or a tile beside it, is not at rest. */
  readonly isBusy: boolean;
}

/** How an advance ended. */
export type Arrival =
  | {
      readonly outcome: 'reached';
      readonly tiles: readonly TileState[];
      /** Of a run that is followed: its `StretchReport`. */
      readonly report: Uint8Array | undefined;
      readonly cellUpdates: number;
      /** Without the time spent waiting for halos. */
      readonly computeSeconds: number;
      /** In which the threads had nothing to do until halos came. */
      readonly waitSeconds: number;
    }
  | { readonly outcome: 'failed'; readonly message: string }
  | { readonly outcome: 'abandoned' };

/** One epoch of a run on this machine: its memory and threads. It lives until it is closed. */
export class ShardHost {
  /** Told when the threads begin a round, with the messages of what others read in it: good for `KEPT_STEPS` steps. */
  onRound: (round: number, halos: Halos) => void = () => {};
  readonly peers: readonly number[];
  readonly roundsPerStep: number;
  private readonly simulation: Simulation;
  private readonly shard: Shard;
  private arrive: ((there: boolean) => void) | undefined;
  private readonly clock: Clock;
  private readonly sha256: Machinery['sha256'];
  private isClosed = false;

  /** Rooms of messages, used in turn, by round and peer: hundreds of new ones a second would keep the collector busy. */
  private readonly rooms: readonly ReadonlyMap<number, Uint8Array>[];
  private readonly epoch: number;
  private readonly self: number;
  /** Of a run that is followed: the samples taken here since the last cut. */
  private readonly samples: { readonly points: readonly number[]; values: number[] } | undefined;

  private constructor(
    simulation: Simulation,
    shard: Shard,
    { clock, sha256 }: Machinery,
    { epoch, self, isFollowed }: { readonly epoch: number; readonly self: number; readonly isFollowed: boolean },
  ) {
    this.clock = clock;
    this.sha256 = sha256;
    this.epoch = epoch;
    this.self = self;
    this.simulation = simulation;
    this.shard = shard;
    if (isFollowed) {
      const points = simulation.run.ownSamples();
      const samples = { points, values: [] as number[] };
      simulation.onSample = (_, values) => {
        for (const point of points) samples.values.push(values[point]!);
      };
      this.samples = samples;
    }
    this.peers = shard.plan.peers.map(({ peer }) => peer);
    this.roundsPerStep = shard.plan.rounds.length;
    this.rooms = Array.from(
      { length: (KEPT_STEPS + 1) * this.roundsPerStep },
      (_, round) => new Map(this.peers.map((peer) => [peer, emptyHalo(shard.largestHalo(peer, round))])),
    );
  }

  /** Lays out the share of a member in the record's epoch. */
  static async start(
    { options }: PreparedRun,
    { owners, epoch, followed }: RunRecord,
    self: number,
    machinery: Machinery,
    from?: SavedShare,
  ): Promise<ShardHost> {
    let host: ShardHost | undefined;
    let shard: Shard | undefined;
    const exchange: Exchange = (round) => host!.exchange(round);
    const simulation = await Simulation.start(
      { ...options, ownership: { owners, self } },
      (run) => {
        shard = new Shard(run);
        return machinery.startStepper(run, exchange, () => machinery.clock.now());
      },
      from,
    );
    host = new ShardHost(simulation, shard!, machinery, { epoch, self, isFollowed: followed !== undefined });
    return host;
  }

  private exchange(round: number): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false);
    const { epoch, self: from } = this;
    const halos = new Map<number, Uint8Array>();
    for (const [peer, room] of this.rooms[round % this.rooms.length]!) {
      const length = this.shard.pack(peer, round, numbersOf(room));
      halos.set(peer, sealHalo(room, length, { epoch, round, from }));
    }
    return new Promise((arrive) => {
      this.arrive = arrive;
      this.onRound(round, halos);
    });
  }

  /** Brings the halos of the round that waits for them. Throws BadHalo. */
  release(round: number, halos: Halos): void {
    for (const [peer, bytes] of halos) this.shard.unpack(peer, round, bytes);
    this.arrive?.(true);
  }

  /** Computes to a step, and takes the state of its tiles there. */
  async advance(to: number): Promise<Arrival> {
    const { simulation } = this;
    const before = { ...simulation.work };
    const began = this.clock.now();
    const progress = await simulation.advanceTo(to);
    const elapsed = this.clock.now() - began;
    switch (progress.outcome) {
      case 'abandoned':
        return { outcome: 'abandoned' };
      case 'failed': {
        const { failure } = progress;
        return { outcome: 'failed', message: `a cell failed: ${JSON.stringify(failure)}` };
      }
      case 'done': {
        // On a device it is newer there.
        await simulation.fetch();
        const { owned } = this.shard.plan;
        const busy = simulation.run.busyTiles();
        const tiles = [...owned.keys()]
          .filter((tile) => owned[tile] === 1)
          .map((tile) => {
            const bytes = simulation.saveTile(tile);
            return { tile, hash: this.sha256(bytes), bytes, isBusy: busy[tile] === 1 };
          });
        const { tileX, tileY } = simulation.options.grid;
        const cellUpdates = (simulation.work.computed - before.computed) * tileX * tileY;
        const waitSeconds = (simulation.work.waited - before.waited) / 1000;
        // Of sums of rounded times: no less than none.
        const computeSeconds = Math.max(0, elapsed / 1000 - waitSeconds);
        const report = this.takeReport(simulation.work.computed - before.computed);
        return { outcome: 'reached', tiles, report, cellUpdates, computeSeconds, waitSeconds };
      }
    }
  }

  /** What it has to say of the stretch since the last cut. */
  private takeReport(computed: number): Uint8Array | undefined {
    const { samples } = this;
    if (!samples) return undefined;
    const values = new Uint8Array(Float64Array.from(samples.values).buffer);
    samples.values = [];
    return packReport({ points: samples.points, samples: values, ...this.simulation.takeBooks(), computed });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.arrive?.(false);
    await this.simulation.close();
  }
}
