import { beginRound, CONTROL } from './barrier.ts';
import type { CpuRun } from './cpu-run.ts';
import type { ExchangePlan, PeerExchange, RoundPlan } from './exchange-plan.ts';

/** A round that none is. */
const STOPPED = -2;

/** What is exchanged with a peer, with its cells as elements of the memory instead of bytes. */
interface Peer extends Omit<PeerExchange, 'outgoing' | 'incoming'> {
  readonly outgoing: Uint32Array;
  readonly incoming: Uint32Array;
}

/** What a peer knows of the cells that go there: of each array that is exchanged, the values as they were sent last. */
type Known = ReadonlyMap<number, { readonly bytes: Uint8Array; readonly isSent: Uint8Array }>;

/**
 * The halos of a run of which this process computes a share: packs what others read of its cells, and puts theirs where its
 * own tiles read them. A round is one phase of a step; rounds count on from step 0, as many a step as the plan has.
 *
 * A message holds for each array of the round, tile by tile, the values of its cells in the run's precision and little-endian;
 * then in a step's first round the Int32 activity of its tiles; then for each array and tile a byte: 0 where the values are
 * left out, since they are, bit by bit, those that were sent last. Tiles at rest send nothing.
 */
export class Shard {
  readonly plan: ExchangePlan;
  private readonly control: Int32Array;
  private readonly activity: Int32Array;
  private readonly values: Float32Array | Float64Array;
  private readonly peers: ReadonlyMap<number, Peer>;
  private readonly known: ReadonlyMap<number, Known>;

  constructor({ exchangePlan, plan, memory, options }: CpuRun) {
    if (!exchangePlan) throw new Error('NotAShard: the run computes all of its tiles. Give its options an ownership.');
    const { buffer } = memory;
    this.plan = exchangePlan;
    this.control = new Int32Array(buffer, plan.control, CONTROL.cells);
    this.activity = new Int32Array(buffer, plan.activity, plan.tiles.length);
    this.values = options.precision === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
    const width = this.values.BYTES_PER_ELEMENT;
    const elements = (addresses: Uint32Array) => addresses.map((address) => address / width);
    this.peers = new Map(
      exchangePlan.peers.map((peer) => [
        peer.peer,
        { ...peer, outgoing: elements(peer.outgoing), incoming: elements(peer.incoming) },
      ]),
    );
    const arrays = new Set(exchangePlan.rounds.flatMap(({ offsets }) => offsets));
    this.known = new Map(
      exchangePlan.peers.map(({ peer, outgoing, outgoingEnds }) => [
        peer,
        new Map(
          Array.from(arrays, (offset) => [
            offset,
            { bytes: new Uint8Array(outgoing.length * width), isSent: new Uint8Array(outgoingEnds.length) },
          ]),
        ),
      ]),
    );
  }

  private kindOf(round: number): RoundPlan {
    return this.plan.rounds[round % this.plan.rounds.length]!;
  }

  /** Bytes that a peer is sent in a round, at most. */
  largestHalo(peer: number, round: number): number {
    const { outgoing, outgoingTiles, outgoingEnds } = this.peers.get(peer)!;
    const { offsets, withActivity } = this.kindOf(round);
    const cells = offsets.length * outgoing.length * this.values.BYTES_PER_ELEMENT;
    return cells + (withActivity ? 4 * outgoingTiles.length : 0) + offsets.length * outgoingEnds.length;
  }

  /**
   * Writes what a peer reads of this shard in a round, which its threads must have begun, into bytes that are aligned to 8
   * and have room for `largestHalo`; gives back the length. Every round is to be packed once, in order.
   */
  pack(peer: number, round: number, bytes: Uint8Array): number {
    const { outgoing, outgoingTiles, outgoingEnds } = this.peers.get(peer)!;
    const { offsets, withActivity } = this.kindOf(round);
    const { values } = this;
    const width = values.BYTES_PER_ELEMENT;
    const { buffer, byteOffset } = bytes;
    const room = offsets.length * outgoing.length;
    const out = width === 4 ? new Float32Array(buffer, byteOffset, room) : new Float64Array(buffer, byteOffset, room);
    const isIncluded = new Uint8Array(offsets.length * outgoingEnds.length);
    let to = 0;
    offsets.forEach((offset, array) => {
      const known = this.known.get(peer)!.get(offset)!;
      const origin = offset / width;
      for (let part = 0, k = 0; part < outgoingEnds.length; part++) {
        const from = k;
        const end = outgoingEnds[part]!;
        for (; k < end; k++) out[to + k - from] = values[outgoing[k]! + origin]!;
        const fresh = bytes.subarray(to * width, (to + end - from) * width);
        const last = known.bytes.subarray(from * width, end * width);
        if (known.isSent[part] === 1 && areEqual(fresh, last)) continue;
        known.isSent[part] = 1;
        last.set(fresh);
        isIncluded[array * outgoingEnds.length + part] = 1;
        to += end - from;
      }
    });
    let length = to * width;
    if (withActivity) {
      const tiles = new Int32Array(buffer, byteOffset + length, outgoingTiles.length);
      outgoingTiles.forEach((tile, k) => {
        tiles[k] = this.activity[tile]!;
      });
      length += tiles.byteLength;
    }
    bytes.set(isIncluded, length);
    return length + isIncluded.length;
  }

  /** Puts a peer's message where the round reads it; `bytes` are aligned to 8. Throws BadHalo where they are not of its size. */
  unpack(peer: number, round: number, bytes: Uint8Array): void {
    const { incoming, incomingTiles, incomingEnds } = this.peers.get(peer)!;
    const { offsets, withActivity } = this.kindOf(round);
    const { values } = this;
    const width = values.BYTES_PER_ELEMENT;
    const { buffer, byteOffset } = bytes;
    const flags = offsets.length * incomingEnds.length;
    const isIncluded = bytes.subarray(Math.max(0, bytes.length - flags));
    let count = 0;
    for (let k = 0; k < isIncluded.length; k++) {
      const part = k % incomingEnds.length;
      if (isIncluded[k] === 1) count += incomingEnds[part]! - (part === 0 ? 0 : incomingEnds[part - 1]!);
    }
    const due = count * width + (withActivity ? 4 * incomingTiles.length : 0) + flags;
    if (bytes.length !== due)
      throw new Error(
        `BadHalo: node ${peer} sent ${bytes.length} bytes for round ${round}, where ${due} are due. Run the same engine on all nodes.`,
      );
    const from =
      width === 4 ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count);
    let at = 0;
    offsets.forEach((offset, array) => {
      const origin = offset / width;
      for (let part = 0, k = 0; part < incomingEnds.length; part++) {
        const end = incomingEnds[part]!;
        if (isIncluded[array * incomingEnds.length + part] !== 1) k = end;
        for (; k < end; k++) values[incoming[k]! + origin] = from[at++]!;
      }
    });
    if (withActivity) {
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

/** Bit by bit: −0 is not 0. Of equal length. */
function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  const words = a.length >> 2;
  const x = new Int32Array(a.buffer, a.byteOffset, words);
  const y = new Int32Array(b.buffer, b.byteOffset, words);
  for (let k = 0; k < words; k++) if (x[k] !== y[k]) return false;
  return true;
}
