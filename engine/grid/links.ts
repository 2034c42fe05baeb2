import { atan } from '../math/index.ts';
import { FillList, forEachGhost, ghostCount } from './fill.ts';
import { ALONG, AVERAGE_POINTS, ghostAverages } from './ghost-averages.ts';
import type { Fill, PanelEdge, Side, Tile } from './grid.ts';
import { once } from './once.ts';
import { cellAtSide, PANEL_NEIGHBOURS, SIDES } from './panels.ts';

/** Cells inside a panel that traces at its edge use. */
const INSIDE_EDGE = 3;

/** Points that carry a line on beyond its end; with four, Williamson 2 has half as much again of its largest error there. */
const END_POINTS = 6;

/** Lines of a tile's margin. */
const MARGIN = 2;

interface Weighted {
  readonly panel: number;
  readonly i: number;
  readonly j: number;
  readonly weight: number;
}

export interface LinkOptions {
  /** Cells across a panel and across a tile. */
  readonly cells: number;
  readonly tile: number;
  readonly halo: number;
  /** Points of the interpolation along the neighbour's line: 6, or 4. */
  readonly ghostPoints: 4 | 6;
  /** tan α at cell centres. */
  readonly centreTangent: Float64Array;
  /** Outward unit normal of the face line on a panel's side, in the globe's frame. */
  readonly outwardNormal: (panel: number, side: Side) => readonly [number, number, number];
}

export interface Links {
  fills(tile: Tile, corners: boolean): readonly Fill[];
  margins(tile: Tile, points?: number): readonly Fill[];
  panelEdges(tile: Tile, reach: number, beyond: number): readonly PanelEdge[];
}

/** Where ghosts at one distance beyond an edge lie on the neighbour's line: first source and weights for each position. */
interface GhostLine {
  readonly first: Int32Array;
  readonly nearest: Uint8Array;
  readonly weights: Float64Array;
}

/** Lagrange weights at t for the nodes 0, 1, … points − 1. */
export function lagrangeWeights(t: number, points: number): Float64Array {
  const weights = new Float64Array(points);
  for (let m = 0; m < points; m++) {
    let weight = 1;
    for (let n = 0; n < points; n++) if (n !== m) weight *= (t - n) / (m - n);
    weights[m] = weight;
  }
  return weights;
}

/**
 * Ghosts at distance d (0 at the edge) beyond a panel edge, after Chen (2021) and Mouallem et al. (2023). With
 * α = π/4 + δ in the panel's extension, the neighbour sees α′ = −π/4 + δ, its own d-th line, and
 * tan β′ = tan β / tan α, which lies inside it. Sources are the nearest `points` cells of that line, all real.
 */
function ghostLine(cells: number, distance: number, points: number, centreTangent: Float64Array): GhostLine {
  const first = new Int32Array(cells);
  const nearest = new Uint8Array(cells);
  const weights = new Float64Array(cells * points);
  const cotangent = centreTangent[cells - 1 - distance]!;
  for (let along = 0; along < cells; along++) {
    const beta = atan(centreTangent[along]! * cotangent);
    const position = ((beta / (Math.PI / 4) + 1) * cells - 1) / 2;
    const lowest = Math.floor(position) - (points / 2 - 1);
    const start = Math.max(0, Math.min(cells - points, lowest));
    const t = position - start;
    first[along] = start;
    nearest[along] = Math.max(0, Math.min(points - 1, Math.floor(t + 0.5)));
    weights.set(lagrangeWeights(t, points), along * points);
  }
  return { first, nearest, weights };
}

/** Links of a cubed sphere: weights depend on panel coordinates only, so any tiling fills a ghost alike. */
export function cubedSphereLinks(options: LinkOptions): Links {
  const { cells, tile: tileCells, halo, ghostPoints: points, centreTangent, outwardNormal } = options;
  const depth = Math.max(halo, 2);
  const lines: GhostLine[] = [];
  for (let d = 0; d < depth; d++) lines.push(ghostLine(cells, d, points, centreTangent));

  const weightsOf = lines.map(({ weights }) =>
    Array.from({ length: cells }, (_, along) => weights.subarray(along * points, (along + 1) * points)),
  );

  /**
   * Adds the ghost at a distance (0 at the edge) beyond a panel's side; sources in the order of the panel's own
   * positions.
   */
  const addGhost = (
    list: FillList,
    targetI: number,
    targetJ: number,
    panel: number,
    side: Side,
    distance: number,
    along: number,
  ): void => {
    const beyond = PANEL_NEIGHBOURS[panel]![side];
    const { first, nearest } = lines[distance]!;
    const position = first[along]!;
    const there = beyond.reversed ? cells - 1 - position : position;
    const onward = beyond.reversed ? -1 : 1;
    const [i, j] = cellAtSide(cells, beyond.side, distance, there);
    const isColumn = beyond.side === 'west' || beyond.side === 'east';
    const run = [i, j, isColumn ? 0 : onward, isColumn ? onward : 0] as const;
    list.addRun(targetI, targetJ, beyond.panel, run, weightsOf[distance]![along]!, nearest[along]!);
  };

  /** Index 0 … cells − 1 on the panel, or how far beyond which end. */
  const beyondEnd = (index: number): number => (index < 0 ? -1 - index : index - cells);
  const inside = (index: number): boolean => index >= 0 && index < cells;
  const clamp = (index: number): number => Math.max(0, Math.min(cells - 1, index));

  /** Weights of the cells (or ghosts) 0, 1, … steps inwards from a line's end that carry it on to `steps` beyond. */
  const carriedOn = (steps: number, ends: number): readonly number[] => [...lagrangeWeights(-steps, ends)];

  /** Sources of any place that lies beyond at most one of a panel's sides. */
  const sourcesAt = (panel: number, i: number, j: number, scale: number): Weighted[] => {
    if (inside(i) && inside(j)) return [{ panel, i, j, weight: scale }];
    const [side, distance, along] = inside(j)
      ? [i < 0 ? ('west' as const) : ('east' as const), beyondEnd(i), j]
      : [j < 0 ? ('south' as const) : ('north' as const), beyondEnd(j), i];
    const beyond = PANEL_NEIGHBOURS[panel]![side];
    return Array.from({ length: points }, (_, k) => {
      const position = lines[distance]!.first[along]! + k;
      const [a, b] = cellAtSide(cells, beyond.side, distance, beyond.reversed ? cells - 1 - position : position);
      return { panel: beyond.panel, i: a, j: b, weight: scale * weightsOf[distance]![along]![k]! };
    });
  };

  /** Adds a place beyond a line's end from the line's last ones, each a cell or a ghost. */
  const addCarriedOn = (
    list: FillList,
    target: readonly [number, number],
    panel: number,
    steps: number,
    placeAt: (inwards: number) => readonly [number, number],
    ends = END_POINTS,
  ): void => {
    const sources = carriedOn(steps, ends).flatMap((weight, inwards) => sourcesAt(panel, ...placeAt(inwards), weight));
    list.addSources(target[0], target[1], sources, 0);
  };

  const averages = once(() => Array.from({ length: MARGIN }, (_, distance) => ghostAverages(cells, distance)));

  /** Adds the average over a cell of the panel's own coordinates, at a distance beyond a side. */
  const addAverage = (
    list: FillList,
    target: readonly [number, number],
    panel: number,
    side: Side,
    distance: number,
    along: number,
  ): void => {
    const beyond = PANEL_NEIGHBOURS[panel]![side];
    const { line, first, nearest, weights } = averages()[distance]!;
    const sources = Array.from(weights[along]!, (weight, k): Weighted => {
      const position = first[along]! + (k % ALONG);
      const there = beyond.reversed ? cells - 1 - position : position;
      const [i, j] = cellAtSide(cells, beyond.side, line + Math.floor(k / ALONG), there);
      return { panel: beyond.panel, i, j, weight };
    });
    list.addSources(target[0], target[1], sources, nearest[along]!);
  };

  const fills = (tile: Tile, corners: boolean): readonly Fill[] => {
    const { panel } = tile;
    const room = ghostCount(tileCells, tileCells, halo);
    const copies = new FillList('copy', 1, room);
    const interpolations = new FillList('interpolate', points, room);
    const extrapolations = new FillList('extrapolate', END_POINTS * points, corners ? 4 * halo * halo : 0);
    forEachGhost(tileCells, tileCells, halo, (ghostI, ghostJ) => {
      const i = tile.i0 + ghostI;
      const j = tile.j0 + ghostJ;
      const place = [ghostI, ghostJ] as const;
      const onRow = (inwards: number) => [i < 0 ? inwards : cells - 1 - inwards, j] as const;
      const onColumn = (inwards: number) => [i, j < 0 ? inwards : cells - 1 - inwards] as const;
      if (inside(i) && inside(j)) copies.addCopy(ghostI, ghostJ, panel, i, j);
      else if (inside(j)) addGhost(interpolations, ghostI, ghostJ, panel, i < 0 ? 'west' : 'east', beyondEnd(i), j);
      else if (inside(i)) addGhost(interpolations, ghostI, ghostJ, panel, j < 0 ? 'south' : 'north', beyondEnd(j), i);
      else if (corners && beyondEnd(j) <= beyondEnd(i))
        addCarriedOn(extrapolations, place, panel, beyondEnd(i) + 1, onRow);
      else if (corners) addCarriedOn(extrapolations, place, panel, beyondEnd(j) + 1, onColumn);
      else copies.addCopy(ghostI, ghostJ, panel, clamp(i), clamp(j));
    });
    return [copies.finish(), interpolations.finish(), extrapolations.finish()].filter((fill) => fill.count > 0);
  };

  const margins = (tile: Tile, ends?: number): readonly Fill[] => {
    const { panel } = tile;
    const room = 4 * MARGIN * tileCells;
    const copies = new FillList('copy', 1, room);
    const beyondEdges =
      ends === undefined ? new FillList('interpolate', AVERAGE_POINTS, room) : new FillList('extrapolate', ends, room);
    const add = (ghostI: number, ghostJ: number) => {
      const i = tile.i0 + ghostI;
      const j = tile.j0 + ghostJ;
      if (inside(i) && inside(j)) {
        copies.addCopy(ghostI, ghostJ, panel, i, j);
        return;
      }
      const [side, distance, along] = inside(j)
        ? [i < 0 ? ('west' as const) : ('east' as const), beyondEnd(i), j]
        : [j < 0 ? ('south' as const) : ('north' as const), beyondEnd(j), i];
      if (ends === undefined) addAverage(beyondEdges, [ghostI, ghostJ], panel, side, distance, along);
      else
        addCarriedOn(
          beyondEdges,
          [ghostI, ghostJ],
          panel,
          distance + 1,
          (inwards) => cellAtSide(cells, side, inwards, along),
          ends,
        );
    };
    for (let along = 0; along < tileCells; along++)
      for (let distance = 0; distance < MARGIN; distance++) {
        add(-1 - distance, along);
        add(tileCells + distance, along);
        add(along, -1 - distance);
        add(along, tileCells + distance);
      }
    return [copies.finish(), beyondEdges.finish()].filter((fill) => fill.count > 0);
  };

  /** Fills of the lines along a run of positions on a panel's side. */
  const edgeFills = (
    panel: number,
    side: Side,
    reach: number,
    ghosts: number,
    alongOf: (face: number) => number,
  ): readonly Fill[] => {
    const room = (INSIDE_EDGE + ghosts) * (tileCells + 2 * reach);
    const copies = new FillList('copy', 1, room);
    const interpolations = new FillList('interpolate', points, room);
    const realEnds = new FillList('extrapolate', END_POINTS, room);
    const ghostEnds = new FillList('extrapolate', END_POINTS * points, room);
    for (let distance = -ghosts; distance < INSIDE_EDGE; distance++)
      for (let face = -reach; face < tileCells + reach; face++) {
        const along = alongOf(face);
        if (!inside(along)) {
          addCarriedOn(distance < 0 ? ghostEnds : realEnds, [face, distance], panel, beyondEnd(along) + 1, (inwards) =>
            cellAtSide(cells, side, distance, along < 0 ? inwards : cells - 1 - inwards),
          );
        } else if (distance < 0) addGhost(interpolations, face, distance, panel, side, -1 - distance, along);
        else {
          const [i, j] = cellAtSide(cells, side, distance, along);
          copies.addCopy(face, distance, panel, i, j);
        }
      }
    return [copies, interpolations, realEnds, ghostEnds].map((list) => list.finish()).filter(({ count }) => count > 0);
  };

  const panelEdge = (tile: Tile, side: Side, reach: number, ghosts: number): PanelEdge => {
    const beyond = PANEL_NEIGHBOURS[tile.panel]![side];
    const start = side === 'west' || side === 'east' ? tile.j0 : tile.i0;
    const own = (face: number): number => start + face;
    const partner = (face: number): number => (beyond.reversed ? cells - 1 - own(face) : own(face));
    return {
      side,
      cells: tileCells,
      own: edgeFills(tile.panel, side, reach, ghosts, own),
      partner: edgeFills(beyond.panel, beyond.side, reach, ghosts, partner),
      normal: outwardNormal(tile.panel, side),
    };
  };

  const onPanelEdge = (tile: Tile, side: Side): boolean => {
    switch (side) {
      case 'west':
        return tile.i0 === 0;
      case 'east':
        return tile.i0 + tileCells === cells;
      case 'south':
        return tile.j0 === 0;
      case 'north':
        return tile.j0 + tileCells === cells;
    }
  };

  return {
    fills,
    margins,
    panelEdges: (tile, reach, ghosts) =>
      SIDES.filter((side) => onPanelEdge(tile, side)).map((side) => panelEdge(tile, side, reach, ghosts)),
  };
}
