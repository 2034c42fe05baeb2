import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { tilesAlongCurve } from '../../../workers/coordinator/curve.ts';
import {
  type ComputingNode,
  gainOfMoving,
  moves,
  type Owners,
  PlacementError,
  placeTiles,
  stepTime,
  type WeightedTile,
  worthMoving,
} from '../../../workers/coordinator/placement.ts';
import { sequence } from '../../engine/grid/sequence.ts';
import { cutEdges, equalPieces, tileEdges } from './tile-edges.ts';

const grid = makeCubedSphere({ cells: 64, tile: 8, radius: 1, halo: 3 });
const edges = tileEdges(grid);
const TILES: readonly WeightedTile[] = tilesAlongCurve(grid).map((id) => ({ id, weight: 1 }));

const node = (id: string, speed: number, availability = 1): ComputingNode => ({ id, speed, availability });
/** Eight nodes of speeds 1 … 8, in no order. */
const EIGHT = [3, 7, 1, 8, 5, 2, 6, 4].map((speed, k) => node(`node-${k}`, speed));

const workOf = (tiles: readonly WeightedTile[]): number => tiles.reduce((sum, { weight }) => sum + weight, 0);
const rateOf = (nodes: readonly ComputingNode[]): number =>
  nodes.reduce((sum, { speed, availability }) => sum + speed * availability, 0);
/** Time of a step over that of work shared to the last grain. */
const excess = (tiles: readonly WeightedTile[], owners: Owners, nodes: readonly ComputingNode[]): number =>
  stepTime(tiles, owners, nodes) / (workOf(tiles) / rateOf(nodes));
const count = (owners: Owners, id: string): number => [...owners.values()].filter((owner) => owner === id).length;

/** Pieces of a placement: how often the owner changes along the curve, and one. */
const pieces = (tiles: readonly WeightedTile[], owners: Owners): number =>
  tiles.filter(({ id }, place) => place === 0 || owners.get(id) !== owners.get(tiles[place - 1]!.id)).length;

/** Every way to cut the tiles into one piece a node, in the order of the nodes. */
function* everyPlacement(
  tiles: readonly WeightedTile[],
  nodes: readonly ComputingNode[],
): Generator<readonly (readonly [number, string])[]> {
  const [first, ...others] = nodes;
  for (let end = others.length === 0 ? tiles.length : 0; end <= tiles.length; end++) {
    const piece = tiles.slice(0, end).map(({ id }) => [id, first!.id] as const);
    if (others.length === 0) yield piece;
    else for (const rest of everyPlacement(tiles.slice(end), others)) yield [...piece, ...rest];
  }
}

describe('placement along the curve', () => {
  test('a step takes at most 1.05 of the ideal on eight nodes of speeds 1 to 8, where equal pieces take 4.5', () => {
    const placed = placeTiles(TILES, EIGHT);
    const equal = new Map(
      Array.from(
        equalPieces(
          TILES.map(({ id }) => id),
          8,
        ),
        ([tile, piece]) => [tile, `node-${piece}`],
      ),
    );
    expect(excess(TILES, placed, EIGHT)).toBeLessThan(1.05);
    expect(excess(TILES, equal, EIGHT)).toBeCloseTo(4.5, 12);
    expect(cutEdges(edges, placed)).toBeLessThan(1.3 * 2 * Math.sqrt(384 * 8));
  });

  test('no cut of the curve makes shorter steps, and none as short moves fewer tiles', () => {
    const random = sequence(7);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let trial = 0; trial < 300; trial++) {
      const tiles = Array.from({ length: 3 + below(7) }, (_, id) => ({ id, weight: below(9) / 4 }));
      const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id, 0.25 + below(8), 0.25 * (1 + below(4))));
      // Those who have tiles keep their order along the curve: with one for each at least, it is that of their ids.
      const cuts = [0, 1, 2].map(() => below(tiles.length)).sort((a, b) => a - b);
      const present: Owners = new Map(tiles.map(({ id }) => [id, 'abcd'[cuts.filter((cut) => cut <= id).length]!]));
      const known = new Set(present.values()).size === 4 ? present : undefined;
      const placed = placeTiles(tiles, nodes, known ? { present: known } : {});
      const all = [...everyPlacement(tiles, nodes)].map((owners) => new Map(owners));
      const least = Math.min(...all.map((owners) => stepTime(tiles, owners, nodes)));
      if (workOf(tiles) > 0) expect(stepTime(tiles, placed, nodes)).toBe(least);
      if (known === undefined || workOf(tiles) === 0) continue;
      const asShort = all.filter((owners) => stepTime(tiles, owners, nodes) === least);
      const fewest = Math.min(...asShort.map((owners) => moves(known, owners).length));
      expect(moves(known, placed).length).toBe(fewest);
    }
  });

  test('every tile has one owner, every node one piece at most, whatever the weights', () => {
    const random = sequence(11);
    for (let trial = 0; trial < 50; trial++) {
      const tiles = TILES.map(({ id }) => ({ id, weight: random() < 0.3 ? 0 : random() }));
      const nodes = Array.from({ length: 1 + (trial % 20) }, (_, k) => node(`n${k}`, 0.1 + random(), random()));
      const placed = placeTiles(tiles, nodes);
      expect(new Set(placed.keys())).toEqual(new Set(TILES.map(({ id }) => id)));
      expect(pieces(tiles, placed)).toBe(new Set(placed.values()).size);
    }
  });

  test('is the same for the same nodes in any order', () => {
    const present = placeTiles(TILES, EIGHT.slice(2));
    for (const nodes of [[...EIGHT].reverse(), [...EIGHT.slice(3), ...EIGHT.slice(0, 3)]]) {
      expect([...placeTiles(TILES, nodes)]).toEqual([...placeTiles(TILES, EIGHT)]);
      expect([...placeTiles(TILES, nodes, { present })]).toEqual([...placeTiles(TILES, EIGHT, { present })]);
    }
  });

  test('moves nothing when nothing has changed', () => {
    const present = placeTiles(TILES, EIGHT);
    expect(moves(present, placeTiles(TILES, EIGHT, { present }))).toEqual([]);
  });

  test('availability counts like speed', () => {
    const whole = placeTiles(TILES, [node('a', 2), node('b', 4)]);
    const half = placeTiles(TILES, [node('a', 4, 0.5), node('b', 16, 0.25)]);
    expect([...half]).toEqual([...whole]);
  });

  test('a node too slow to help gets no tile', () => {
    const placed = placeTiles(TILES, [...EIGHT, node('slow', 0.05)]);
    expect(count(placed, 'slow')).toBe(0);
    expect(excess(TILES, placed, EIGHT)).toBeLessThan(1.05);
  });

  test('a node that drains gets no tile, and is relieved whatever moving costs', () => {
    const present = placeTiles(TILES, EIGHT);
    const nodes = EIGHT.map((each) => (each.id === 'node-3' ? { ...each, availability: 0 } : each));
    const placed = placeTiles(TILES, nodes, { present });
    expect(count(placed, 'node-3')).toBe(0);
    expect(worthMoving(present, placed, { tiles: TILES, nodes, horizon: 60, moveCost: 10 })).toBe(true);
  });

  test('a node that joins gets its share, and the others pass on few tiles', () => {
    const present = placeTiles(TILES, EIGHT);
    for (const speed of [2, 5, 12]) {
      const nodes = [...EIGHT, node('new', speed)];
      const placed = placeTiles(TILES, nodes, { present });
      const share = (384 * speed) / rateOf(nodes);
      expect(Math.abs(count(placed, 'new') - share)).toBeLessThan(1 + 0.05 * share);
      const others = moves(present, placed).filter(({ to }) => to !== 'new');
      // With so many nodes of one speed, a newcomer in the middle shifts the others' cuts by twice its share in all.
      expect(others.length).toBeLessThan(2 * share);
      expect(excess(TILES, placed, nodes)).toBeLessThan(1.05);
    }
  });

  test('tiles of a lost node go to the others, and fewer of theirs move the longer a step may take', () => {
    const present = placeTiles(TILES, EIGHT);
    for (const lost of EIGHT) {
      const nodes = EIGHT.filter(({ id }) => id !== lost.id);
      const others = [0, 0.05, 0.2].map((slack) => {
        const placed = placeTiles(TILES, nodes, { present, slack });
        expect(count(placed, lost.id)).toBe(0);
        expect(excess(TILES, placed, nodes)).toBeLessThan(1.05 * (1 + slack));
        const moved = moves(present, placed);
        expect(moved.filter(({ from }) => from === lost.id).length).toBe(count(present, lost.id));
        return moved.filter(({ from }) => from !== lost.id).length;
      });
      expect(others[0]).toBeLessThan(384 / 3);
      expect(others[1]).toBeLessThan(384 / 4);
      expect(others[2]).toBeLessThan(384 / 10);
    }
  });

  test('a move is worth it only for more than its cost and 5 % of the horizon', () => {
    const tiles = Array.from({ length: 100 }, (_, id) => ({ id, weight: 1 }));
    const nodes = [node('a', 1), node('b', 1)];
    const split = (atA: number): Owners => new Map(tiles.map(({ id }) => [id, id < atA ? 'a' : 'b']));
    const worth = (from: number, moveCost: number) =>
      worthMoving(split(from), split(50), { tiles, nodes, horizon: 100, moveCost });
    // 52 tiles to 50: 3.8 % shorter steps. 55 to 50: 9.1 s of 100, less 5 s.
    expect(worth(52, 0)).toBe(false);
    expect(worth(55, 0.8)).toBe(true);
    expect(worth(55, 0.9)).toBe(false);
    expect(worth(50, 0)).toBe(false);
    expect(gainOfMoving(split(55), split(50), { tiles, nodes, horizon: 100, moveCost: 0 })).toBeCloseTo(100 / 11, 12);
  });

  test('refuses what has no answer, and says what is wrong', () => {
    const refusal = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        if (error instanceof PlacementError) return error.message;
      }
      return 'none';
    };
    expect(refusal(() => placeTiles(TILES, [node('a', 1, 0), node('b', 0)]))).toMatch(/^NoNodeComputes: none of 2/);
    expect(refusal(() => placeTiles(TILES, [node('a', Number.NaN)]))).toMatch(/^InvalidNode: speed of a = NaN/);
    expect(refusal(() => placeTiles(TILES, [node('a', 1, 1.5)]))).toMatch(/^InvalidNode: availability of a = 1.5/);
    expect(refusal(() => placeTiles(TILES, [node('a', 1), node('a', 2)]))).toMatch(/^InvalidNode: node a is listed/);
    expect(refusal(() => placeTiles([{ id: 3, weight: -1 }], EIGHT))).toMatch(/^InvalidWeight: weight of tile 3 = -1/);
  });
});
