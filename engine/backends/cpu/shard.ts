import { beginRound, CONTROL } from './barrier.ts';
import type { CpuRun } from './cpu-run.ts';
import type { ExchangePlan, PeerExchange, RoundPlan } from './exchange-plan.ts';

/** A round that none is. */
const STOPPED = -2;

/**
 * The halos of a run of which this process computes a share: packs what others read of its cells, and puts theirs where its
 * own tiles read them. A round is one phase of a step; rounds count on from step 0, as many a step as the plan has.
 *
 * A message holds for each array of the round the values of its cells, in the run's precision and little-endian, then in a
 * step's first round the Int32 activity of its tiles.
 */
export class Shard {
  readonly plan: ExchangePlan;
  private readonly control: Int32Array;
  private readonly activity: Int32Array;
  private readonly values: Float32Array | Float64Array;
  private readonly peers: ReadonlyMap<number, PeerExchange>;

  constructor({ exchangePlan, plan, memory, options }: CpuRun) {
    if (!exchangePlan) throw new Error('NotAShard: the run computes all of its tiles. Give its options an ownership.');
    const { buffer } = memory;
    this.plan = exchangePlan;
    this.control = new Int32Array(buffer, plan.control, CONTROL.cells);
    this.activity = new Int32Array(buffer, plan.activity, plan.tiles.length);
    this.values = options.precision === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
    this.peers = new Map(exchangePlan.peers.map((peer) => [peer.peer, peer]));
  }

  private kindOf(round: number): RoundPlan {
    return this.plan.rounds[round % this.plan.rounds.length]!;
  }

  /** Bytes of a message with so many cells and tiles. */
  private bytesOf({ offsets, withActivity }: RoundPlan, cells: Int32Array, tiles: Int32Array): number {
    return offsets.length * cells.length * this.values.BYTES_PER_ELEMENT + (withActivity ? 4 * tiles.length : 0);
  }

  /** What a peer reads of this shard in a round, which its threads must have begun. */
  pack(peer: number, round: number): Uint8Array {
    const { outgoing, outgoingTiles } = this.peers.get(peer)!;
    const kind = this.kindOf(round);
    const bytes = new Uint8Array(this.bytesOf(kind, outgoing, outgoingTiles));
    const count = kind.offsets.length * outgoing.length;
    const { values } = this;
    const width = values.BYTES_PER_ELEMENT;
    const out = width === 4 ? new Float32Array(bytes.buffer, 0, count) : new Float64Array(bytes.buffer, 0, count);
    let to = 0;
    for (const offset of kind.offsets)
      for (let k = 0; k < outgoing.length; k++) out[to++] = values[(outgoing[k]! + offset) / width]!;
    if (kind.withActivity) {
      const tiles = new Int32Array(bytes.buffer, count * width, outgoingTiles.length);
      outgoingTiles.forEach((tile, k) => {
        tiles[k] = this.activity[tile]!;
      });
    }
    return bytes;
  }

  /** Puts a peer's message where the round reads it; `bytes` are aligned to 8. Throws BadHalo where they are not of its size. */
  unpack(peer: number, round: number, bytes: Uint8Array): void {
    const { incoming, incomingTiles } = this.peers.get(peer)!;
    const kind = this.kindOf(round);
    const due = this.bytesOf(kind, incoming, incomingTiles);
    if (bytes.length !== due)
      throw new Error(
        `BadHalo: node ${peer} sent ${bytes.length} bytes for round ${round}, where ${due} are due. Run the same engine on all nodes.`,
      );
    const count = kind.offsets.length * incoming.length;
    const { values } = this;
    const width = values.BYTES_PER_ELEMENT;
    const { buffer, byteOffset } = bytes;
    const from =
      width === 4 ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count);
    let at = 0;
    for (const offset of kind.offsets)
      for (let k = 0; k < incoming.length; k++) values[(incoming[k]! + offset) / width] = from[at++]!;
    if (kind.withActivity) {
      const tiles = new Int32Array(buffer, byteOffset + count * width, incomingTiles.length);
      incomingTiles.forEach((tile, k) => {
        this.activity[tile] = tiles[k]!;
      });
    }
  }

  /** Lets the threads read the halos of a round: those of all peers are in. */
  release(round: number): void {
    Atomics.store(this.control, CONTROL.arrivedHalos, round);
    Atomics.notify(this.control, CONTROL.arrivedHalos);
  }

  /** No more halos will come: the threads give up the step that waits for them. */
  abandon(): void {
    Atomics.store(this.control, CONTROL.abandoned, 1);
    Atomics.notify(this.control, CONTROL.arrivedHalos);
  }

  /** To be called before threads advance from a step: nothing is begun there, and no halos are in. */
  expect(step: number): void {
    const last = step * this.plan.rounds.length - 1;
    Atomics.store(this.control, CONTROL.begun, last);
    Atomics.store(this.control, CONTROL.arrivedHalos, last);
  }

  /** The round that the threads have begun last. */
  get begun(): number {
    return Atomics.load(this.control, CONTROL.begun);
  }

  /** Ends a `nextRound` that waits: one that is left behind would keep the whole memory. */
  stopWaiting(): void {
    beginRound(this.control, STOPPED);
  }

  /** Waits until the threads begin another round than this one, or nobody waits any more. */
  async nextRound(known: number): Promise<number> {
    while (this.begun === known) {
      const { async, value } = Atomics.waitAsync(this.control, CONTROL.begun, known);
      if (async) await value;
    }
    return this.begun;
  }
}
