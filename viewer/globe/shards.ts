import { PANEL_AXES } from '../../engine/grid/panels.ts';
import type { WatchedNode, WatchedRun } from '../../workers/protocol/operations.ts';
import { colourOfSlot, SILENT_COLOUR } from '../node-colours.ts';
import type { Place } from '../state.ts';
import { directionOf, placeOf, type Vector } from './projection.ts';

/** Colours of a run's tiles, four bytes each, six panels of rows from the south: the last is how strongly it is painted. */
export interface Shards {
  readonly across: number;
  readonly up: number;
  readonly bytes: Uint8Array;
}

const STRENGTH = { usual: 148, fresh: 225, silent: 70, others: 34, chosen: 190 } as const;

const tilesAcross = ({ grid }: Pick<WatchedRun, 'grid'>): readonly [number, number] => [
  Math.max(1, Math.round(grid.cellsX / grid.tileX)),
  Math.max(1, Math.round(grid.cellsY / grid.tileY)),
];

/** How a run's shards are painted; undefined where it has none, or is on no globe. */
export function shardsOf(
  run: WatchedRun | undefined,
  nodes: ReadonlyMap<string, WatchedNode>,
  chosen: string | undefined,
  /** Nodes that have just been given tiles. */
  fresh: ReadonlySet<string>,
): Shards | undefined {
  if (run?.grid.panels !== 6 || run.owners.length === 0) return undefined;
  const [across, up] = tilesAcross(run);
  const bytes = new Uint8Array(4 * 6 * across * up);
  if (run.owners.length !== bytes.length / 4) return undefined;
  run.owners.forEach((owner, tile) => {
    const node = nodes.get(run.members[owner]!);
    const isSilent = !node || node.state === 'silent';
    const colour = isSilent ? SILENT_COLOUR : colourOfSlot(node.slot);
    bytes.set(colour, 4 * tile);
    bytes[4 * tile + 3] =
      chosen !== undefined && nodes.has(chosen)
        ? node?.name === chosen
          ? STRENGTH.chosen
          : STRENGTH.others
        : isSilent
          ? STRENGTH.silent
          : node && fresh.has(node.name)
            ? STRENGTH.fresh
            : STRENGTH.usual;
  });
  return { across, up, bytes };
}

/** Tile of a run at a place. */
export function tileAt(run: Pick<WatchedRun, 'grid'>, place: Place): number {
  const [across, up] = tilesAcross(run);
  const r = directionOf(place);
  const depth = (panel: number) => dot(PANEL_AXES[panel]![0], r);
  const panel = [0, 1, 2, 3, 4, 5].reduce((best, one) => (depth(one) > depth(best) ? one : best));
  const [, alongI, alongJ] = PANEL_AXES[panel]!;
  const within = (along: readonly [number, number, number], count: number) => {
    const share = Math.atan(dot(along, r) / depth(panel)) / (Math.PI / 2) + 0.5;
    return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  };
  return (panel * up + within(alongJ, up)) * across + within(alongI, across);
}

/** Unit vector to the middle of a tile. */
function middleOf(run: Pick<WatchedRun, 'grid'>, tile: number): Vector {
  const [across, up] = tilesAcross(run);
  const [centre, alongI, alongJ] = PANEL_AXES[Math.floor(tile / (across * up))]!;
  const [i, j] = [tile % across, Math.floor(tile / across) % up];
  const X = Math.tan(((i + 0.5) / across - 0.5) * (Math.PI / 2));
  const Y = Math.tan(((j + 0.5) / up - 0.5) * (Math.PI / 2));
  const size = Math.sqrt(1 + X * X + Y * Y);
  const component = (k: 0 | 1 | 2) => (centre[k] + X * alongI[k] + Y * alongJ[k]) / size;
  return [component(0), component(1), component(2)];
}

/** Where a node is drawn. */
export interface NodeMark {
  readonly node: WatchedNode;
  readonly place: Place;
  /** Otherwise it is in the middle of its tiles. */
  readonly isDeclared: boolean;
}

/** Nodes that can be drawn: where they say that they stand, else amid the tiles that they have in a run. */
export function marksOf(nodes: readonly WatchedNode[], run: WatchedRun | undefined): readonly NodeMark[] {
  const sums = new Map<string, [number, number, number]>();
  if (run?.grid.panels === 6)
    run.owners.forEach((owner, tile) => {
      const name = run.members[owner]!;
      const sum = sums.get(name) ?? [0, 0, 0];
      middleOf(run, tile).forEach((x, k) => {
        sum[k]! += x;
      });
      sums.set(name, sum);
    });
  return nodes.flatMap((node): NodeMark[] => {
    if (node.place) return [{ node, place: node.place, isDeclared: true }];
    const sum = sums.get(node.name);
    // Tiles all around the globe have no middle.
    if (!sum || Math.sqrt(dot(sum, sum)) < 1e-6) return [];
    return [{ node, place: placeOf(sum), isDeclared: false }];
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
