import type { TileId } from '../../engine/grid/grid.ts';

export type NodeId = string;
export type Owners = ReadonlyMap<TileId, NodeId>;

export interface WeightedTile {
  readonly id: TileId;
  /** Work of a step: 1 for an ordinary tile, less for one at rest. */
  readonly weight: number;
}

export interface ComputingNode {
  readonly id: NodeId;
  /** Tile-weights a second while it computes. */
  readonly speed: number;
  /** Share of the time in which it may compute, 0 … 1; 0 while it drains. */
  readonly availability: number;
}

export type PlacementErrorTag = 'NoNodeComputes' | 'InvalidWeight' | 'InvalidNode';

/** What was wrong, the value, and the cure. */
export class PlacementError extends Error {
  readonly tag: PlacementErrorTag;
  constructor(tag: PlacementErrorTag, message: string) {
    super(`${tag}: ${message}`);
    this.name = tag;
    this.tag = tag;
  }
}

interface Worker {
  readonly id: NodeId;
  /** Tile-weights a second, all told. */
  readonly rate: number;
}

const rateOf = ({ speed, availability }: ComputingNode): number => speed * availability;

/** Nodes that can compute, by id. Throws InvalidNode, NoNodeComputes. */
function workersOf(nodes: readonly ComputingNode[]): Worker[] {
  for (const { id, speed, availability } of nodes) {
    if (!(Number.isFinite(speed) && speed >= 0))
      throw new PlacementError(
        'InvalidNode',
        `speed of ${id} = ${speed} is no number ≥ 0. Give tile-weights a second.`,
      );
    if (!(availability >= 0 && availability <= 1))
      throw new PlacementError('InvalidNode', `availability of ${id} = ${availability}. Give a share, 0 … 1.`);
  }
  const workers = nodes.map((node) => ({ id: node.id, rate: rateOf(node) })).filter(({ rate }) => rate > 0);
  workers.sort((a, b) => (a.id < b.id ? -1 : 1));
  const twice = workers.find(({ id }, k) => workers[k + 1]?.id === id);
  if (twice) throw new PlacementError('InvalidNode', `node ${twice.id} is listed twice. List each once.`);
  if (workers.length === 0)
    throw new PlacementError(
      'NoNodeComputes',
      `none of ${nodes.length} nodes has speed and availability above 0. Wait for one that has.`,
    );
  return workers;
}

/** Work of the first 0, 1, … tiles; tiles without any work count alike. Throws InvalidWeight. */
function workUpTo(tiles: readonly WeightedTile[]): Float64Array {
  const bad = tiles.find(({ weight }) => !(Number.isFinite(weight) && weight >= 0));
  if (bad) throw new PlacementError('InvalidWeight', `weight of tile ${bad.id} = ${bad.weight}. Give a number ≥ 0.`);
  const idle = tiles.every(({ weight }) => weight === 0);
  const sums = new Float64Array(tiles.length + 1);
  tiles.forEach(({ weight }, place) => {
    sums[place + 1] = sums[place]! + (idle ? 1 : weight);
  });
  return sums;
}

/**
 * Workers along the curve: those with tiles in the order of their tiles' mean place, so that pieces stay where they are;
 * each newcomer then where half of the rate lies on either side, which shifts the other pieces least: a cut at the share x
 * of the curve moves by x or 1 − x of the newcomer's share. With nobody's tiles known, by id.
 */
function alongCurve(workers: readonly Worker[], tiles: readonly WeightedTile[], present: Owners): Worker[] {
  const places = new Map<NodeId, { sum: number; count: number }>();
  tiles.forEach(({ id }, place) => {
    const owner = present.get(id);
    if (owner === undefined) return;
    const { sum, count } = places.get(owner) ?? { sum: 0, count: 0 };
    places.set(owner, { sum: sum + place, count: count + 1 });
  });
  const mean = ({ id }: Worker): number => places.get(id)!.sum / places.get(id)!.count;
  const order = workers.filter(({ id }) => places.has(id)).sort((a, b) => mean(a) - mean(b));
  if (order.length === 0) return [...workers];
  for (const newcomer of workers.filter(({ id }) => !places.has(id))) {
    const half = order.reduce((sum, { rate }) => sum + rate, 0) / 2;
    let [best, nearest, before] = [0, half, 0];
    order.forEach(({ rate }, k) => {
      before += rate;
      if (Math.abs(before - half) >= nearest) return;
      nearest = Math.abs(before - half);
      best = k + 1;
    });
    order.splice(best, 0, newcomer);
  }
  return order;
}

/** Where pieces end if each worker takes as many tiles as it can in a time; the longest time of a piece. */
function probe(
  work: Float64Array,
  order: readonly Worker[],
  time: number,
): { readonly end: number; readonly longest: number } {
  let [end, longest] = [0, 0];
  for (const { rate } of order) {
    const start = end;
    const fits = (place: number): boolean => (work[place]! - work[start]!) / rate <= time;
    let beyond = work.length;
    while (beyond - end > 1) {
      const middle = (end + beyond) >>> 1;
      if (fits(middle)) end = middle;
      else beyond = middle;
    }
    longest = Math.max(longest, (work[end]! - work[start]!) / rate);
  }
  return { end, longest };
}

/** The least time in which every piece can be done, workers in this order; to the last bit. */
function leastTime(work: Float64Array, order: readonly Worker[]): number {
  const last = work.length - 1;
  let impossible = 0;
  let possible = work[last]! / order.reduce((most, { rate }) => Math.max(most, rate), 0);
  for (;;) {
    const time = (impossible + possible) / 2;
    if (time <= impossible || time >= possible) return possible;
    const { end, longest } = probe(work, order, time);
    if (end === last) possible = longest;
    else impossible = time;
  }
}

/**
 * Where each worker's piece ends: of all cuts whose pieces take no longer than `time`, those that move fewest tiles, and of
 * these the nearest to shares by rate. Dynamic programming over workers and places: a piece from s to e moves
 * (e − s) less the worker's own tiles among them, so the best s is the least of a function of s alone in a sliding window.
 */
function cutsWithFewestMoves(
  work: Float64Array,
  order: readonly Worker[],
  time: number,
  present: readonly (NodeId | undefined)[],
): number[] {
  const places = work.length;
  const total = order.reduce((sum, { rate }) => sum + rate, 0);
  let best = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  let share = 0;
  const starts = order.map(({ id, rate }) => {
    share += rate / total;
    const from = new Int32Array(places);
    const next = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
    // Starts that may yet be best, their costs growing: a deque from `first`.
    const window: number[] = [];
    const costs = new Float64Array(places);
    let first = 0;
    let foreign = 0;
    for (let end = 0; end < places; end++) {
      if (end > 0 && present[end - 1] !== id) foreign++;
      const cost = best[end]! - foreign;
      while (window.length > first && costs[window[window.length - 1]!]! > cost) window.pop();
      if (cost < Number.POSITIVE_INFINITY) {
        costs[end] = cost;
        window.push(end);
      }
      while (first < window.length && (work[end]! - work[window[first]!]!) / rate > time) first++;
      const start = window[first];
      if (start === undefined) continue;
      // Distances from the shares add up to less than one tile.
      const distance = Math.abs(work[end]! / work[places - 1]! - share) / (order.length + 1);
      next[end] = costs[start]! + foreign + distance;
      from[end] = start;
    }
    best = next;
    return from;
  });
  const ends: number[] = [];
  let end = places - 1;
  for (const from of starts.reverse()) {
    ends.unshift(end);
    end = from[end]!;
  }
  return ends;
}

export interface PlacementOptions {
  /** Who has the tiles now: keeps the order of the nodes along the curve, and moves as few tiles as can be. */
  readonly present?: Owners;
  /** How much longer than the least time a step may take, as a share of it, so that fewer tiles move; 0 unless told. */
  readonly slack?: number;
}

/**
 * The owner of each tile: one piece of the curve a node, possibly none, such that the longest time of a piece, weight /
 * (speed · availability), is the least there is for the nodes' order along the curve. Of all such placements it
 * moves the fewest tiles; equal input gives equal output, whatever the order of the nodes. Tiles come in the order of the curve.
 * Least time by parametric search with a greedy probe: Pınar, Tabak & Aykanat (2008), doi:10.1016/j.jpdc.2008.07.005, who
 * show that the best order of the nodes is NP-hard to find. Throws PlacementError (NoNodeComputes, InvalidWeight, InvalidNode).
 */
export function placeTiles(
  tiles: readonly WeightedTile[],
  nodes: readonly ComputingNode[],
  { present = new Map(), slack = 0 }: PlacementOptions = {},
): Owners {
  const work = workUpTo(tiles);
  const order = alongCurve(workersOf(nodes), tiles, present);
  const time = leastTime(work, order) * (1 + slack);
  const ends = cutsWithFewestMoves(
    work,
    order,
    time,
    tiles.map(({ id }) => present.get(id)),
  );
  return new Map(
    order.flatMap(({ id }, k) => tiles.slice(ends[k - 1] ?? 0, ends[k]).map((tile) => [tile.id, id] as const)),
  );
}

/** Time of a step [s]: that of the node that takes longest. Infinite while a tile has no owner that computes. */
export function stepTime(tiles: readonly WeightedTile[], owners: Owners, nodes: readonly ComputingNode[]): number {
  const loads = new Map<NodeId | undefined, number>();
  for (const { id, weight } of tiles) loads.set(owners.get(id), (loads.get(owners.get(id)) ?? 0) + weight);
  const rates = new Map<NodeId | undefined, number>(nodes.map((node) => [node.id, rateOf(node)]));
  let longest = 0;
  for (const [owner, load] of loads) {
    const rate = rates.get(owner) ?? 0;
    longest = Math.max(longest, rate > 0 ? load / rate : Number.POSITIVE_INFINITY);
  }
  return longest;
}

export interface Move {
  readonly tile: TileId;
  /** Undefined for a tile that had no owner. */
  readonly from: NodeId | undefined;
  readonly to: NodeId;
}

/** What changes hands, in the order of `after`. */
export const moves = (before: Owners, after: Owners): Move[] =>
  Array.from(after, ([tile, to]) => ({ tile, from: before.get(tile), to })).filter(({ from, to }) => from !== to);

export interface Stakes {
  readonly tiles: readonly WeightedTile[];
  readonly nodes: readonly ComputingNode[];
  /** How long speeds are expected to stay as they are [s]. */
  readonly horizon: number;
  /** Time for which moving one tile holds up the run [s]. */
  readonly moveCost: number;
}

/** Gains below this share of the horizon are noise. */
const LEAST_GAIN = 0.05;

/** Time saved on what would take the horizon [s], before the cost of moving; infinite where `before` cannot go on at all. */
export function gainOfMoving(before: Owners, after: Owners, { tiles, nodes, horizon }: Stakes): number {
  const [present, planned] = [stepTime(tiles, before, nodes), stepTime(tiles, after, nodes)];
  if (!Number.isFinite(planned)) return 0;
  return Number.isFinite(present) ? horizon * (1 - planned / present) : Number.POSITIVE_INFINITY;
}

/** Whether moving gains more than it costs and 5 % of the horizon: less would move tiles to and fro. */
export const worthMoving = (before: Owners, after: Owners, stakes: Stakes): boolean =>
  gainOfMoving(before, after, stakes) > moves(before, after).length * stakes.moveCost + LEAST_GAIN * stakes.horizon;
