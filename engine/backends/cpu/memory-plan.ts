import { type GatherEntries, gatherTableBytes } from '../../compiler/gather.ts';
import {
  bytesPerElement,
  elementIndex,
  layOutTile,
  type Precision,
  SIDES,
  type TileLayout,
} from '../../compiler/pipeline.ts';
import type { Fill, Grid, PanelEdge } from '../../grid/grid.ts';
import type { EdgeModel, Model } from '../../models/model.ts';
import { storageOf } from '../../timesteppers/runge-kutta.ts';
import { CONTROL } from './barrier.ts';

/** Ghost rows on either side of a strip's line of faces, enough for three cells inside and three ghosts beyond. */
const STRIP_HALO = 3;

/** A table of the gather form, with what is to be done with it. */
export interface GatherTable {
  readonly address: number;
  readonly count: number;
  readonly width: number;
  /** Axis of the wall that mirrors, where it is one. */
  readonly mirror?: 'wall-x' | 'wall-y';
}

export interface StripPlan extends Pick<PanelEdge, 'side' | 'cells' | 'normal'> {
  readonly base: number;
  readonly own: readonly GatherTable[];
  readonly partner: readonly GatherTable[];
}

export interface TilePlan {
  readonly base: number;
  readonly gathers: readonly GatherTable[];
  /** Two lines of ghosts on each side, from the tile's own panel; of models that derive fields. */
  readonly margins: readonly GatherTable[];
  readonly strips: readonly StripPlan[];
  /** Address of the four strip pointers. */
  readonly stripPointers: number;
  /** Tiles that any ghost of this one is filled from. */
  readonly sources: Int32Array;
}

/** Where everything lies in the memory of a run: plain data, so that every thread can have a copy. */
export interface MemoryPlan {
  readonly layout: TileLayout;
  readonly stripLayout: TileLayout | undefined;
  readonly tiles: readonly TilePlan[];
  readonly control: number;
  /** One Int32 a tile: what the last stage of the last step found there. */
  readonly activity: number;
  readonly bytes: number;
}

/** The first source of each target, or all of them: a target whose sources are not all trusted takes the nearest alone. */
export type TrustSource = (panel: number, i: number, j: number) => boolean;

export interface PlannedMemory {
  readonly plan: MemoryPlan;
  /** Gather tables to be written once the memory is there. */
  readonly tables: readonly GatherEntries[];
  /** Of each tile: the cells of other tiles that it reads, as byte addresses in a field at offset 0, ascending. */
  readonly reads: readonly Uint32Array[];
}

const align = (value: number, to = 64) => Math.ceil(value / to) * to;

/** Panel coordinates → byte address of the cell within a field's array at offset 0. */
function cellAddress(grid: Grid, layout: TileLayout, bases: readonly number[]) {
  const across = grid.cellsX / grid.tileX;
  const perPanel = across * (grid.cellsY / grid.tileY);
  const width = bytesPerElement(layout.precision);
  return (panel: number, i: number, j: number) => {
    const ti = Math.floor(i / grid.tileX);
    const tj = Math.floor(j / grid.tileY);
    const tile = panel * perPanel + tj * across + ti;
    const index = elementIndex(layout, 'cell', i - ti * grid.tileX, j - tj * grid.tileY);
    return { tile, address: bases[tile]! + index * width };
  };
}

/** A fill, with the byte address of each of its targets in a field at offset 0. */
interface AddressedFill {
  readonly fill: Fill;
  readonly addressOf: (index: number) => number;
}

/** Targets that share a table: their fills, and their places in them. */
interface TargetGroup {
  readonly width: number;
  readonly mirror: GatherTable['mirror'];
  readonly fills: { readonly of: AddressedFill; readonly indices: number[] }[];
  count: number;
}

const MIRRORS = {
  copy: undefined,
  interpolate: undefined,
  extrapolate: undefined,
  'mirror-x': 'wall-x',
  'mirror-y': 'wall-y',
} as const;

/** Targets by width and wall. One that interpolates from a source not trusted takes its nearest source alone. */
function groupTargets(fills: readonly AddressedFill[], trust: TrustSource): TargetGroup[] {
  const groups: TargetGroup[] = [];
  for (const of of fills) {
    const { width, kind, count, sourcePanel, sourceI, sourceJ } = of.fill;
    const mirror = MIRRORS[kind];
    const indicesOf = (used: number): { group: TargetGroup; indices: number[] } => {
      let group = groups.find((known) => known.width === used && known.mirror === mirror);
      if (!group) {
        group = { width: used, mirror, fills: [], count: 0 };
        groups.push(group);
      }
      const indices: number[] = [];
      group.fills.push({ of, indices });
      return { group, indices };
    };
    const whole = indicesOf(width);
    const nearestAlone = width === 1 ? whole : indicesOf(1);
    for (let index = 0; index < count; index++) {
      let trusted = true;
      for (let s = index * width; width > 1 && s < (index + 1) * width; s++)
        trusted &&= trust(sourcePanel[s]!, sourceI[s]!, sourceJ[s]!);
      const { group, indices } = trusted ? whole : nearestAlone;
      indices.push(index);
      group.count++;
    }
  }
  return groups.filter(({ count }) => count > 0);
}

/** Arrays of a model's fields in a tile. */
export function tileLayout(
  model: Model,
  precision: Precision,
  cellsX: number,
  cellsY: number,
  halo: number,
): TileLayout {
  const fields = model.fields.flatMap(({ name, role, shape = 'cell' }) =>
    role === 'prognostic' ? storageOf(name).map((part) => ({ name: part, shape })) : [{ name, shape }],
  );
  return layOutTile(precision, cellsX, cellsY, halo, fields);
}

/** Those of a grid's tiles, and of the strips along panel edges where there are any. */
export function layoutsOf(
  { kind, tileX, tileY, halo }: Grid,
  model: Model,
  precision: Precision,
): { readonly layout: TileLayout; readonly stripLayout: TileLayout | undefined } {
  const { edge } = model;
  return {
    layout: tileLayout(model, precision, tileX, tileY, halo),
    stripLayout: edge && kind === 'cubed-sphere' ? stripLayoutOf(edge, precision, tileX) : undefined,
  };
}

/** Arrays of a strip of faces along a panel edge. */
export function stripLayoutOf({ lines, results }: EdgeModel, precision: Precision, faces: number): TileLayout {
  const ofTheEdge = ['length', 'stretch', 'normalX', 'normalY', 'normalZ', 'orientation'];
  const names = [...lines.map(({ field }) => field), ...ofTheEdge, ...results];
  return layOutTile(
    precision,
    faces,
    1,
    STRIP_HALO,
    names.map((name) => ({ name, shape: 'cell' as const })),
  );
}

interface PlannedShare {
  readonly model: Model;
  readonly precision: Precision;
  readonly trust: TrustSource;
  readonly planned: PlannedMemory;
}

/** Of each grid, what was planned last for a share of a run on it. */
const sharesPlanned = new WeakMap<Grid, PlannedShare>();

/**
 * Lays out a run's memory as a process does that computes a share of its tiles, with `reads`: the same for every share, so
 * that it is found again when the process is given other tiles.
 */
export function planShare(grid: Grid, model: Model, precision: Precision, trust: TrustSource): PlannedMemory {
  const known = sharesPlanned.get(grid);
  if (known?.model === model && known.precision === precision && known.trust === trust) return known.planned;
  const planned = planMemory(grid, model, precision, trust, true);
  sharesPlanned.set(grid, { model, precision, trust, planned });
  return planned;
}

/** Lays out a run's memory: control block, tiles, strips, gather tables. */
export function planMemory(
  grid: Grid,
  model: Model,
  precision: Precision,
  trust: TrustSource,
  withReads = false,
): PlannedMemory {
  const { layout, stripLayout } = layoutsOf(grid, model, precision);
  const tableBytes = gatherTableBytes(precision);
  const { edge } = model;
  const derives = model.derive !== undefined;

  let next = 0;
  const allocate = (bytes: number) => {
    const address = next;
    next = align(next + bytes);
    return address;
  };
  // Address 0 means "no strip", so nothing may live there.
  allocate(64);
  const control = allocate(CONTROL.cells * 4);
  const activity = allocate(grid.tiles.length * 4);
  const bases = grid.tiles.map(() => allocate(layout.bytes));
  const addressOf = cellAddress(grid, layout, bases);
  const width = bytesPerElement(precision);
  const tables: GatherEntries[] = [];
  const reads: Uint32Array[] = [];

  const makeTables = (
    fills: readonly AddressedFill[],
    sourceTiles: Set<number>,
    sourceCells: Set<number> | undefined,
  ): GatherTable[] =>
    groupTargets(fills, trust).map(({ width: used, mirror, fills: members, count }) => {
      const table = {
        address: allocate(tableBytes(count, used)),
        width: used,
        targets: new Int32Array(count),
        nearest: new Int32Array(count),
        sources: new Int32Array(count * used),
        weights: new Float64Array(count * used).fill(1),
      };
      let t = 0;
      for (const { of, indices } of members) {
        const { fill, addressOf: targetAddress } = of;
        for (const index of indices) {
          const nearest = fill.nearest[index]!;
          table.targets[t] = targetAddress(index);
          for (let k = 0; k < used; k++) {
            const s = index * fill.width + (used === 1 ? nearest : k);
            const { tile, address } = addressOf(fill.sourcePanel[s]!, fill.sourceI[s]!, fill.sourceJ[s]!);
            sourceTiles.add(tile);
            sourceCells?.add(address);
            table.sources[t * used + k] = address;
            if (used > 1) table.weights[t * used + k] = fill.weights[s]!;
          }
          if (used > 1) table.nearest[t] = nearest;
          t++;
        }
      }
      tables.push(table);
      return { address: table.address, count, width: used, ...(mirror ? { mirror } : {}) };
    });

  const linesOf = (fills: readonly Fill[], base: number): AddressedFill[] =>
    fills.map((fill) => ({
      fill,
      addressOf: (index) =>
        base + elementIndex(stripLayout!, 'cell', fill.targetI[index]!, fill.targetJ[index]!) * width,
    }));

  const planStrip = (
    panelEdge: PanelEdge,
    sourceTiles: Set<number>,
    sourceCells: Set<number> | undefined,
  ): StripPlan => {
    const { side, cells, normal } = panelEdge;
    const base = allocate(stripLayout!.bytes);
    return {
      ...{ side, cells, normal, base },
      own: makeTables(linesOf(panelEdge.own, base), sourceTiles, sourceCells),
      partner: makeTables(linesOf(panelEdge.partner, base), sourceTiles, sourceCells),
    };
  };

  const tiles = grid.tiles.map((tile, id): TilePlan => {
    const base = bases[id]!;
    const sourceTiles = new Set<number>();
    const sourceCells = withReads ? new Set<number>() : undefined;
    const addressed = (fill: Fill): AddressedFill => ({
      fill,
      addressOf: (index: number) =>
        base + elementIndex(layout, 'cell', fill.targetI[index]!, fill.targetJ[index]!) * width,
    });
    const gathers = makeTables(grid.fills(id, { corners: derives }).map(addressed), sourceTiles, sourceCells);
    const margins = derives
      ? makeTables(grid.margins(id, model.marginPoints).map(addressed), sourceTiles, sourceCells)
      : [];
    const strips = stripLayout
      ? grid.panelEdges(tile.id, edge!).map((panelEdge) => planStrip(panelEdge, sourceTiles, sourceCells))
      : [];
    const stripPointers = allocate(SIDES.length * 4);
    sourceTiles.delete(id);
    const isOther = (address: number) => address < base || address >= base + layout.bytes;
    if (sourceCells) reads.push(Uint32Array.from([...sourceCells].filter(isOther)).sort());
    return {
      base,
      gathers,
      margins,
      strips,
      stripPointers,
      sources: Int32Array.from([...sourceTiles].sort((a, b) => a - b)),
    };
  });
  return { plan: { layout, stripLayout, tiles, control, activity, bytes: next }, tables, reads };
}
