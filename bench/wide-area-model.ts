/** Nodes of equal speed that share a globe, all of it at work, over lines of equal speed. */
export interface WideAreaCluster {
  readonly nodes: number;
  /** Cells of the globe. */
  readonly cells: number;
  /** Exchanges of halos a step. */
  readonly rounds: number;
  /** Cells that a node advances by one stage in a second. */
  readonly cellStagesPerSecond: number;
  /** From node to node [s]. */
  readonly latency: number;
  readonly bytesPerSecond: number;
  /** Bytes of a halo's cell in one round. */
  readonly bytesPerCell: number;
}

/** Cells of a halo's depth. */
const DEPTH = 3;

/**
 * Wall time of a step [s], and the share of the speed that the nodes would have with no network between them. A node has
 * the cells of a square, 4·√(cells ∕ nodes) along its edge, three deep. In each round the cells that need no halo are
 * computed while halos travel: of a square with n cells a side and tiles of t, those not in the outer tiles.
 */
export function stepSeconds(cluster: WideAreaCluster, tile = 60): { readonly seconds: number; readonly share: number } {
  const { nodes, cells, rounds, cellStagesPerSecond, latency, bytesPerSecond, bytesPerCell } = cluster;
  const own = cells / nodes;
  const side = Math.sqrt(own);
  const inner = Math.max(0, side - 2 * tile) ** 2;
  const travel = latency + (4 * side * DEPTH * bytesPerCell) / bytesPerSecond;
  const compute = own / cellStagesPerSecond;
  const round = Math.max(travel, inner / cellStagesPerSecond) + (own - inner) / cellStagesPerSecond;
  return { seconds: rounds * round, share: compute / round };
}
