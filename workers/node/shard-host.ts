import { Shard } from '../../engine/backends/cpu/shard.ts';
import type { Exchange } from '../../engine/backends/cpu/stepper.ts';
import { type SavedShare, Simulation } from '../../engine/simulation/simulation.ts';
import type { RunRecord } from '../protocol/cluster.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { sha256Hex } from '../store/state-hash.ts';
import { startThreads } from '../threads/thread-pool.ts';
import type { Clock } from './clock.ts';

type Halos = ReadonlyMap<number, Uint8Array>;

export interface TileState {
  readonly tile: number;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** How an advance ended. */
export type Arrival =
  | {
      readonly outcome: 'reached';
      readonly tiles: readonly TileState[];
      readonly cellUpdates: number;
      /** Without the time spent waiting for halos. */
      readonly computeSeconds: number;
      /** From the beginning of rounds to their last halo. */
      readonly waitSeconds: number;
    }
  | { readonly outcome: 'failed'; readonly message: string }
  | { readonly outcome: 'abandoned' };

/** One epoch of a run on this machine: its memory and threads. It lives until it is closed. */
export class ShardHost {
  /** Told when the threads begin a round, with what others read in it. */
  onRound: (round: number, halos: Halos) => void = () => {};
  readonly peers: readonly number[];
  readonly roundsPerStep: number;
  private readonly simulation: Simulation;
  private readonly shard: Shard;
  private arrive: ((there: boolean) => void) | undefined;
  private readonly clock: Clock;
  /** When the threads last had all they needed. */
  private released: number | undefined;
  /** When the round began that waits for halos. */
  private begun = 0;
  private computeSeconds = 0;
  private waitSeconds = 0;
  private isClosed = false;

  private constructor(simulation: Simulation, shard: Shard, clock: Clock) {
    this.clock = clock;
    this.simulation = simulation;
    this.shard = shard;
    this.peers = shard.plan.peers.map(({ peer }) => peer);
    this.roundsPerStep = shard.plan.rounds.length;
  }

  /** Lays out the share of a member in the record's epoch. */
  static async start(
    { options }: PreparedRun,
    { owners }: RunRecord,
    self: number,
    clock: Clock,
    from?: SavedShare,
  ): Promise<ShardHost> {
    let host: ShardHost | undefined;
    let shard: Shard | undefined;
    const exchange: Exchange = (round) => host!.exchange(round);
    const simulation = await Simulation.start(
      { ...options, ownership: { owners, self } },
      (run) => {
        shard = new Shard(run);
        return startThreads(run, exchange);
      },
      from,
    );
    host = new ShardHost(simulation, shard!, clock);
    return host;
  }

  private exchange(round: number): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false);
    this.pauseWatch();
    this.begun = this.clock.now();
    const halos = new Map(this.peers.map((peer) => [peer, this.shard.pack(peer, round)]));
    return new Promise((arrive) => {
      this.arrive = arrive;
      this.onRound(round, halos);
    });
  }

  /** Brings the halos of the round that waits for them. Throws BadHalo. */
  release(round: number, halos: Halos): void {
    for (const [peer, bytes] of halos) this.shard.unpack(peer, round, bytes);
    this.released = this.clock.now();
    this.waitSeconds += (this.released - this.begun) / 1000;
    this.arrive?.(true);
  }

  /** Computes to a step, and takes the state of its tiles there. */
  async advance(to: number): Promise<Arrival> {
    const { simulation } = this;
    const before = simulation.work.computed;
    this.computeSeconds = 0;
    this.waitSeconds = 0;
    const progress = await simulation.advanceTo(to);
    this.pauseWatch();
    switch (progress.outcome) {
      case 'abandoned':
        return { outcome: 'abandoned' };
      case 'failed': {
        const { failure } = progress;
        return { outcome: 'failed', message: `a cell failed: ${JSON.stringify(failure)}` };
      }
      case 'done': {
        const { owned } = this.shard.plan;
        const tiles = [...owned.keys()]
          .filter((tile) => owned[tile] === 1)
          .map((tile) => {
            const bytes = simulation.saveTile(tile);
            return { tile, hash: sha256Hex(bytes), bytes };
          });
        const { tileX, tileY } = simulation.options.grid;
        const cellUpdates = (simulation.work.computed - before) * tileX * tileY;
        const { computeSeconds, waitSeconds } = this;
        return { outcome: 'reached', tiles, cellUpdates, computeSeconds, waitSeconds };
      }
    }
  }

  private pauseWatch(): void {
    if (this.released !== undefined) this.computeSeconds += (this.clock.now() - this.released) / 1000;
    this.released = undefined;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.arrive?.(false);
    await this.simulation.close();
  }
}
