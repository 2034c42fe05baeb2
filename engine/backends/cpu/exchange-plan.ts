import type { Model } from '../../models/model.ts';
import { type RungeKutta, stageInput } from '../../timesteppers/runge-kutta.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { SamplePlan } from './tile-runner.ts';

/** Which process computes which tile. */
export interface Ownership {
  /** Owner of each tile. */
  readonly owners: readonly number[];
  readonly self: number;
}

/** What two shards tell each other, the same list on both sides. */
export interface PeerExchange {
  readonly peer: number;
  /** Byte addresses, in a field at offset 0, of the cells that go there and that come from there, ascending. */
  readonly outgoing: Uint32Array;
  readonly incoming: Uint32Array;
  /** Where the cells of one tile end in these lists and those of the next begin: places, ascending. */
  readonly outgoingEnds: Int32Array;
  readonly incomingEnds: Int32Array;
  /** Tiles whose activity goes there and comes from there, ascending. */
  readonly outgoingTiles: Int32Array;
  readonly incomingTiles: Int32Array;
}

/** One exchange of halos: what a phase of a step reads of other shards. */
export interface RoundPlan {
  /** Of the arrays that are exchanged in it, as byte offsets in a tile. */
  readonly offsets: readonly number[];
  /** Whether it says too which tiles were busy: the first of a step. */
  readonly withActivity: boolean;
}

export interface ExchangePlan {
  /** One for each phase of a step, in order. */
  readonly rounds: readonly RoundPlan[];
  readonly peers: readonly PeerExchange[];
  /** 1 for a tile that is computed here, and for one that reads cells of another shard. */
  readonly owned: Uint8Array;
  readonly exposed: Uint8Array;
}

/** The rounds of a step: of a model without derived fields one a stage, otherwise two. */
export function roundsOf({ layout }: MemoryPlan, model: Model, scheme: RungeKutta): RoundPlan[] {
  const offset = (array: string) => layout.fields.get(array)!.offset;
  const named = (role: 'prognostic' | 'derived') => model.fields.filter((field) => field.role === role);
  return scheme.weights.flatMap((_, stage) => {
    const state = named('prognostic').map(({ name }) => offset(stageInput(name, stage)));
    const first = { offsets: state, withActivity: stage === 0 };
    const derived = named('derived').map(({ name }) => offset(name));
    return model.derive ? [first, { offsets: derived, withActivity: false }] : [first];
  });
}

/**
 * Who sends which cells to whom. Memory is laid out alike everywhere, so an address means the same cell to all. `reads` are
 * the cells of other tiles that each tile reads; a point is sampled where its first cell is computed.
 */
export function planExchange(
  plan: MemoryPlan,
  rounds: readonly RoundPlan[],
  reads: readonly Uint32Array[],
  samples: SamplePlan | undefined,
  { owners, self }: Ownership,
): ExchangePlan {
  const { tiles, layout } = plan;
  const first = tiles[0]!.base;
  const pitch = tiles.length > 1 ? tiles[1]!.base - first : layout.bytes;
  const tileAt = (address: number) => Math.floor((address - first) / pitch);
  const nodes = [...new Set(owners)].sort((a, b) => a - b);
  // cells.get(a).get(b): what a needs of b.
  const needs = new Map(nodes.map((node) => [node, new Map<number, Set<number>>()]));
  const need = (node: number, address: number) => {
    const from = owners[tileAt(address)]!;
    if (from === node) return;
    const cells = needs.get(node)!.get(from) ?? new Set<number>();
    needs.get(node)!.set(from, cells);
    cells.add(address);
  };
  reads.forEach((cells, tile) => {
    for (const address of cells) need(owners[tile]!, address);
  });
  for (let point = 0; point < (samples?.points ?? 0); point++) {
    const { cells, width } = samples!;
    for (let k = 1; k < width; k++) need(owners[tileAt(cells[point * width]!)]!, cells[point * width + k]!);
  }
  const sorted = (cells: Iterable<number> | undefined) => Uint32Array.from(cells ?? []).sort();
  const activeTiles = (reader: number, owner: number) =>
    Int32Array.from(
      new Set(
        tiles.flatMap(({ sources }, tile) =>
          owners[tile] === reader ? [...sources].filter((source) => owners[source] === owner) : [],
        ),
      ),
    ).sort();
  const endsOf = (cells: Uint32Array) =>
    Int32Array.from(cells.keys(), (k) => k + 1).filter(
      (end) => end === cells.length || tileAt(cells[end]!) !== tileAt(cells[end - 1]!),
    );
  const peers = nodes
    .filter((peer) => peer !== self)
    .map((peer): PeerExchange => {
      const outgoing = sorted(needs.get(peer)!.get(self));
      const incoming = sorted(needs.get(self)?.get(peer));
      return {
        peer,
        outgoing,
        incoming,
        outgoingEnds: endsOf(outgoing),
        incomingEnds: endsOf(incoming),
        outgoingTiles: activeTiles(peer, self),
        incomingTiles: activeTiles(self, peer),
      };
    })
    .filter(({ outgoing, incoming }) => outgoing.length + incoming.length > 0);
  return {
    rounds,
    peers,
    owned: Uint8Array.from(owners, (owner) => Number(owner === self)),
    exposed: Uint8Array.from(owners, (owner, tile) =>
      Number(owner === self && tiles[tile]!.sources.some((source) => owners[source] !== self)),
    ),
  };
}
