import {
  type ComputingNode,
  moves,
  type NodeId,
  type Owners,
  placeTiles,
  stepTime,
  type WeightedTile,
  worthMoving,
} from '../../../workers/coordinator/placement.ts';
import { afterReport, declaredSpeed, type SpeedEstimate } from '../../../workers/coordinator/speed.ts';
import { sequence } from '../../engine/grid/sequence.ts';

export interface Migration {
  /** [s] */
  readonly at: number;
  readonly tiles: number;
}

/** A run on nodes that report what they measure, with a coordinator that decides once a second. Its time is its own. */
export class SimulatedCluster {
  time = 0;
  readonly migrations: Migration[] = [];
  private readonly estimates = new Map<NodeId, SpeedEstimate>();
  private owners: Owners = new Map();
  private loads = new Map<NodeId, number>();
  private decided = 0;
  private readonly random = sequence(20110311);
  private readonly tiles: readonly WeightedTile[];
  private readonly noise: number;
  private nodes: readonly ComputingNode[] = [];
  private readonly horizon = 60;
  private readonly moveCost = 0.02;

  /** `noise`: reported seconds differ from the true ones by up to this share. */
  constructor(tiles: readonly WeightedTile[], nodes: readonly ComputingNode[], noise: number) {
    this.tiles = tiles;
    this.noise = noise;
    this.change(nodes);
    this.assign(placeTiles(tiles, this.believed()));
  }

  /** The true nodes from now on. Newcomers declare their true speed; nobody is told when it changes. */
  change(nodes: readonly ComputingNode[]): void {
    this.nodes = nodes;
    for (const { id, speed } of nodes) if (!this.estimates.has(id)) this.estimates.set(id, declaredSpeed(speed));
  }

  run(seconds: number): void {
    const end = this.time + seconds;
    while (this.time < end) {
      if (this.time - this.decided >= 1) this.decide();
      this.step();
    }
  }

  /** True time of a step over what it were if work could be shared to the last grain. */
  excess(): number {
    const work = this.tiles.reduce((sum, { weight }) => sum + weight, 0);
    const rate = this.nodes.reduce((sum, { speed, availability }) => sum + speed * availability, 0);
    return stepTime(this.tiles, this.owners, this.nodes) / (work / rate);
  }

  count(node: NodeId): number {
    return [...this.owners.values()].filter((owner) => owner === node).length;
  }

  private believed(): readonly ComputingNode[] {
    return this.nodes.map((node) => ({ ...node, speed: this.estimates.get(node.id)!.speed }));
  }

  decide(): void {
    this.decided = this.time;
    const nodes = this.believed();
    const planned = placeTiles(this.tiles, nodes, { present: this.owners });
    const stakes = { tiles: this.tiles, nodes, horizon: this.horizon, moveCost: this.moveCost };
    if (!worthMoving(this.owners, planned, stakes)) return;
    const moved = moves(this.owners, planned).length;
    this.migrations.push({ at: this.time, tiles: moved });
    this.time += moved * this.moveCost;
    this.assign(planned);
  }

  private assign(owners: Owners): void {
    this.owners = owners;
    this.loads = new Map();
    for (const { id, weight } of this.tiles) {
      const owner = owners.get(id)!;
      this.loads.set(owner, (this.loads.get(owner) ?? 0) + weight);
    }
  }

  private step(): void {
    let longest = 0;
    for (const { id, speed } of this.nodes) {
      const work = this.loads.get(id) ?? 0;
      const seconds = (work / speed) * (1 + this.noise * (2 * this.random() - 1));
      longest = Math.max(longest, seconds);
      this.estimates.set(id, afterReport(this.estimates.get(id)!, { work, seconds }));
    }
    this.time += longest;
  }
}
