import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { Fill, Grid, Side } from '../../../engine/grid/grid.ts';
import { PANEL_AXES, PANEL_NEIGHBOURS, SIDES } from '../../../engine/grid/panels.ts';

const sphere = (cells: number, tile: number, ghostPoints: 4 | 6 = 6) =>
  makeCubedSphere({ cells, tile, radius: 1, halo: 3, ghostPoints });

type Source = readonly [panel: number, i: number, j: number, weight: number];
const sourcesOf = (fill: Fill, target: number): Source[] =>
  Array.from({ length: fill.width }, (_, k) => {
    const s = target * fill.width + k;
    return [fill.sourcePanel[s]!, fill.sourceI[s]!, fill.sourceJ[s]!, fill.weights[s]!] as const;
  });

/** The value of a target, as the contract of Fill has it. */
function filled(fill: Fill, target: number, value: (panel: number, i: number, j: number) => number): number {
  const sources = sourcesOf(fill, target);
  const [panel, i, j] = sources[fill.nearest[target]!]!;
  const nearest = value(panel, i, j);
  return sources.reduce((sum, [p, a, b, weight]) => sum + weight * (value(p, a, b) - nearest), nearest);
}

const tangent = (cells: number, index: number) => Math.tan((2 * index + 1 - cells) * (Math.PI / 4 / cells));
/** Direction of a cell's centre; the panel's coordinates go on beyond its edges. */
function centre(cells: number, panel: number, i: number, j: number): number[] {
  const [e1, e2, e3] = PANEL_AXES[panel]!;
  const [x, y] = [tangent(cells, i), tangent(cells, j)];
  return [0, 1, 2].map((c) => (e1[c]! + x * e2[c]! + y * e3[c]!) / Math.sqrt(1 + x * x + y * y));
}
const smooth = ([x, y, z]: number[]) => Math.sin(2 * x! + 0.3) * Math.cos(1.7 * y! - 0.2) + Math.exp(z!) * x! * y!;

const outside = (cells: number, index: number) => index < 0 || index >= cells;

/** Every ghost of every tile: its fill, its place in it, and its panel coordinates. */
function* ghosts(grid: Grid) {
  for (const tile of grid.tiles)
    for (const fill of grid.fills(tile.id))
      for (let t = 0; t < fill.count; t++)
        yield { tile, fill, t, i: tile.i0 + fill.targetI[t]!, j: tile.j0 + fill.targetJ[t]! };
}

describe('ghosts of the cubed sphere', () => {
  test('every ghost of a tile is filled once, and nothing else', () => {
    const grid = sphere(16, 8);
    for (const tile of grid.tiles) {
      const targets = new Set<string>();
      let count = 0;
      for (const fill of grid.fills(tile.id)) {
        count += fill.count;
        for (let t = 0; t < fill.count; t++) {
          const [i, j] = [fill.targetI[t]!, fill.targetJ[t]!];
          expect(i >= 0 && i < 8 && j >= 0 && j < 8).toBe(false);
          expect(Math.min(i, j) >= -3 && Math.max(i, j) < 11).toBe(true);
          targets.add(`${i} ${j}`);
        }
      }
      expect(count).toBe(14 * 14 - 64);
      expect(targets.size).toBe(count);
    }
  });

  test('all sources are real cells, of one neighbour, and weights add up to one', () => {
    for (const cells of [8, 9, 30])
      for (const { fill, t, tile, i, j } of ghosts(sphere(cells, cells))) {
        const sources = sourcesOf(fill, t);
        const real = sources.every(([p, a, b]) => p === sources[0]![0] && !outside(cells, a) && !outside(cells, b));
        expect(real).toBe(true);
        expect(sources.reduce((sum, source) => sum + source[3], 0)).toBeCloseTo(1, 13);
        expect(fill.nearest[t]!).toBeLessThan(fill.width);
        expect(fill.kind === 'copy').toBe(sources[0]![0] === tile.panel);
        if (fill.kind === 'interpolate') expect(outside(cells, i) !== outside(cells, j)).toBe(true);
      }
  });

  test('the nearest source is the nearest on the globe', () => {
    const cells = 12;
    for (const { fill, t, tile, i, j } of ghosts(sphere(cells, 12))) {
      if (fill.kind !== 'interpolate') continue;
      const here = centre(cells, tile.panel, i, j);
      const distances = sourcesOf(fill, t).map(([panel, a, b]) =>
        Math.hypot(...centre(cells, panel, a, b).map((value, x) => value - here[x]!)),
      );
      expect(distances[fill.nearest[t]!]! - Math.min(...distances)).toBeLessThan(1e-3 / cells);
    }
  });

  test('copies inside a panel copy the cell itself; beyond two sides, the nearest cell of the panel', () => {
    const grid = sphere(16, 8);
    for (const { fill, t, tile, i, j } of ghosts(grid)) {
      if (fill.kind !== 'copy') continue;
      const clamp = (index: number) => Math.max(0, Math.min(15, index));
      expect(sourcesOf(fill, t)).toEqual([[tile.panel, clamp(i), clamp(j), 1]]);
    }
  });

  test('a constant stays constant to the bit', () => {
    for (const constant of [1.2345, 1 / 3, 6371220.7])
      for (const { fill, t } of ghosts(sphere(15, 5))) expect(filled(fill, t, () => constant)).toBe(constant);
  });

  test('interpolation is of order six (four with four points) on every panel, corners included', () => {
    const errors = (cells: number, points: 4 | 6) => {
      const worst = new Float64Array(6);
      for (const { fill, t, tile, i, j } of ghosts(sphere(cells, cells, points))) {
        if (fill.kind !== 'interpolate') continue;
        const value = filled(fill, t, (panel, a, b) => smooth(centre(cells, panel, a, b)));
        worst[tile.panel] = Math.max(worst[tile.panel]!, Math.abs(value - smooth(centre(cells, tile.panel, i, j))));
      }
      return worst;
    };
    for (const [points, order] of [
      [6, 5.5],
      [4, 3.7],
    ] as const) {
      const [coarse, middle, fine] = [errors(32, points), errors(64, points), errors(128, points)];
      for (let panel = 0; panel < 6; panel++) {
        expect(Math.log2(coarse[panel]! / middle[panel]!)).toBeGreaterThan(order - 0.5);
        expect(Math.log2(middle[panel]! / fine[panel]!)).toBeGreaterThan(order);
      }
    }
  });

  test('a ghost is filled alike whatever the tiles: 45 and 90 across', () => {
    const recipes = (tile: number) => {
      const found = new Map<string, string>();
      for (const { fill, t, tile: at, i, j } of ghosts(sphere(90, tile))) {
        if (!outside(90, i) && !outside(90, j)) continue;
        const recipe = `${fill.kind} ${fill.nearest[t]} ${sourcesOf(fill, t).join(';')}`;
        const place = `${at.panel} ${i} ${j}`;
        expect(found.get(place) ?? recipe).toBe(recipe);
        found.set(place, recipe);
      }
      return found;
    };
    const small = recipes(45);
    const large = recipes(90);
    expect(large.size).toBe(6 * (96 * 96 - 90 * 90));
    expect(small).toEqual(large);
  });
});

/** Sources of the target of some fills that lies at a place, and which is nearest. */
function recipeAt(fills: readonly Fill[], i: number, j: number) {
  for (const fill of fills)
    for (let t = 0; t < fill.count; t++)
      if (fill.targetI[t] === i && fill.targetJ[t] === j)
        return { sources: sourcesOf(fill, t), nearest: fill.nearest[t]! };
  throw new Error(`no fill has a target (${i}, ${j})`);
}

describe('panel edges', () => {
  const tilesOn = (grid: Grid, panel: number, side: Side) =>
    grid.tiles.filter((tile) => tile.panel === panel && grid.panelEdges(tile.id).some((edge) => edge.side === side));

  test('both tiles of each of the twelve edges see the same ten numbers and opposite normals', () => {
    const [cells, tile] = [24, 8];
    const grid = sphere(cells, tile);
    let reversedEdges = 0;
    for (let panel = 0; panel < 6; panel++)
      for (const side of SIDES) {
        const beyond = PANEL_NEIGHBOURS[panel]![side];
        if (beyond.reversed) reversedEdges++;
        const facesOf = (p: number, s: Side) =>
          tilesOn(grid, p, s).flatMap((at) => {
            const edge = grid.panelEdges(at.id).find((candidate) => candidate.side === s)!;
            const start = s === 'west' || s === 'east' ? at.j0 : at.i0;
            return Array.from({ length: edge.cells }, (_, face) => ({ along: start + face, edge, face }));
          });
        const mine = facesOf(panel, side);
        const theirs = facesOf(beyond.panel, beyond.side);
        expect(mine).toHaveLength(cells);
        for (const { along, edge, face } of mine) {
          const partnerAlong = beyond.reversed ? cells - 1 - along : along;
          const other = theirs.find((candidate) => candidate.along === partnerAlong)!;
          for (let distance = -2; distance <= 2; distance++) {
            const at = (fills: readonly Fill[], position: number) => recipeAt(fills, position, distance);
            expect(at(edge.own, face)).toEqual(at(other.edge.partner, other.face));
            expect(at(edge.partner, face)).toEqual(at(other.edge.own, other.face));
          }
          expect(other.edge.normal).toEqual(edge.normal.map((component) => 0 - component));
        }
      }
    expect(reversedEdges).toBeGreaterThan(0);
  });

  test('own cells are the line away from the face, its ghosts filled as the tile fills them', () => {
    const cells = 16;
    const grid = sphere(cells, 8);
    for (const tile of grid.tiles) {
      const recipes = new Map<string, string>();
      for (const fill of grid.fills(tile.id))
        for (let t = 0; t < fill.count; t++)
          recipes.set(`${fill.targetI[t]} ${fill.targetJ[t]}`, sourcesOf(fill, t).join(';'));
      for (const { side, own } of grid.panelEdges(tile.id))
        for (let face = 0; face < 8; face++)
          for (let index = 0; index < 5; index++) {
            const distance = index - 2;
            const inward = side === 'west' || side === 'south' ? distance : 7 - distance;
            const [i, j] = side === 'west' || side === 'east' ? [inward, face] : [face, inward];
            const expected =
              distance < 0 ? recipes.get(`${i} ${j}`) : [tile.panel, tile.i0 + i, tile.j0 + j, 1].join(',');
            expect(recipeAt(own, face, distance).sources.join(';')).toBe(expected);
          }
    }
  });

  test('the partner at distance 0 shares the face: the two centres are mirror images in it', () => {
    const cells = 12;
    const grid = sphere(cells, 12);
    for (const tile of grid.tiles) {
      const edges = grid.panelEdges(tile.id);
      expect(edges.map((edge) => edge.side)).toEqual(SIDES);
      for (const { own, partner, normal } of edges)
        for (let face = 0; face < cells; face++) {
          const [[panel, i, j], [otherPanel, a, b]] = [own, partner].map(
            (side) => recipeAt(side, face, 0).sources[0]!,
          ) as [Source, Source];
          const here = centre(cells, panel, i, j);
          const there = centre(cells, otherPanel, a, b);
          const outward = here.reduce((sum, value, x) => sum + value * normal[x]!, 0);
          expect(outward).toBeLessThan(0);
          for (let x = 0; x < 3; x++) expect(here[x]! - 2 * outward * normal[x]!).toBeCloseTo(there[x]!, 14);
        }
    }
  });

  test('a tile inside a panel has no panel edge', () => {
    const grid = sphere(24, 8);
    expect(grid.panelEdges(4)).toEqual([]);
    expect(grid.tiles.reduce((sum, tile) => sum + grid.panelEdges(tile.id).length, 0)).toBe(6 * 4 * 3);
  });
});
