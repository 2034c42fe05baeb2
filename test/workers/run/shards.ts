import type { CpuRun } from '../../../engine/backends/cpu/cpu-run.ts';
import { Shard } from '../../../engine/backends/cpu/shard.ts';
import type { Exchange, Stepper } from '../../../engine/backends/cpu/stepper.ts';
import { type SavedShare, Simulation, type SimulationOptions } from '../../../engine/simulation/simulation.ts';
import { startThreads } from '../../../workers/threads/thread-pool.ts';

/** Halos by receiver, sender and round, and who waits for them. */
export class Mailbox {
  private readonly letters = new Map<string, Uint8Array>();
  private readonly waiting = new Map<string, (bytes: Uint8Array) => void>();
  /** Bytes that were sent in each round. */
  readonly sent: number[] = [];

  send(to: number, from: number, round: number, bytes: Uint8Array): void {
    this.sent[round] = (this.sent[round] ?? 0) + bytes.length;
    const key = `${to} ${from} ${round}`;
    const wake = this.waiting.get(key);
    if (wake) wake(bytes);
    else this.letters.set(key, bytes);
  }

  take(to: number, from: number, round: number): Promise<Uint8Array> {
    const key = `${to} ${from} ${round}`;
    const there = this.letters.get(key);
    this.letters.delete(key);
    return there ? Promise.resolve(there) : new Promise((resolve) => this.waiting.set(key, resolve));
  }
}

export interface Sharing {
  readonly mail?: Mailbox;
  /** What steps a share. */
  readonly begin?: (run: CpuRun, exchange: Exchange) => Promise<Stepper>;
  readonly formOf?: (self: number) => SimulationOptions['form'];
}

/** Starts a share of a run for each owner; they exchange halos by a mailbox. */
export async function startShards(
  options: SimulationOptions,
  owners: readonly number[],
  from?: SavedShare,
  { mail = new Mailbox(), begin = startThreads, formOf = () => options.form }: Sharing = {},
): Promise<Simulation[]> {
  return Promise.all(
    [...new Set(owners)].sort().map((self) => {
      let shard: Shard;
      const exchange: Exchange = async (round) => {
        for (const { peer } of shard.plan.peers) {
          const bytes = new Uint8Array(shard.largestHalo(peer, round));
          mail.send(peer, self, round, bytes.subarray(0, shard.pack(peer, round, bytes)));
        }
        for (const { peer } of shard.plan.peers) shard.unpack(peer, round, await mail.take(self, peer, round));
        return true;
      };
      return Simulation.start(
        { ...options, form: formOf(self), ownership: { owners, self } },
        (run) => {
          shard = new Shard(run);
          return begin(run, exchange);
        },
        from && { ...from, tiles: new Map([...from.tiles].filter(([tile]) => owners[tile] === self)) },
      );
    }),
  );
}

/** Values of every prognostic and diagnostic field, of each cell as its tile's owner has them. */
export function together(shards: readonly Simulation[], owners: readonly number[]) {
  const { model, grid } = shards[0]!.options;
  const across = grid.cellsX / grid.tileX;
  return model.fields
    .filter(({ role }) => role === 'prognostic' || role === 'diagnostic')
    .map(({ name }) => {
      const all = shards.map(({ run }) => run.read(name));
      return all[0]!.map((panel, p) =>
        panel.map((_, cell) => {
          const [i, j] = [cell % grid.cellsX, Math.floor(cell / grid.cellsX)];
          const tile =
            p * across * (grid.cellsY / grid.tileY) + Math.floor(j / grid.tileY) * across + Math.floor(i / grid.tileX);
          return all[owners[tile]!]![p]![cell]!;
        }),
      );
    });
}

export const whole = (simulation: Simulation) =>
  together(
    [simulation],
    simulation.options.grid.tiles.map(() => 0),
  );

export const scattered = (tiles: number, nodes: number) =>
  Array.from(
    { length: tiles },
    (_, tile) => (tile < nodes ? tile : (Math.imul(tile + 7, 2654435761) % nodes) >>> 0) % nodes,
  );
