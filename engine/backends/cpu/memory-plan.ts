import type { GatherEntries } from '../../compiler/gather.ts';
import {
  bytesPerElement,
  elementIndex,
  layOutTile,
  type Precision,
  SIDES,
  type TileLayout,
} from '../../compiler/pipeline.ts';
import type { Fill, Grid, PanelEdge } from '../../grid/grid.ts';
import type { Model } from '../../models/model.ts';
import { storageOf } from '../../timesteppers/runge-kutta.ts';
import { CONTROL } from './barrier.ts';

/** Ghost rows on either side of a strip's line of faces: five cells deep on each side of the panel edge. */
const STRIP_HALO = 2;

/** A table of the gather form, with what is to be done with it. */
export interface GatherTable {
  readonly address: number;
  readonly count: number;
  readonly width: number;
  /** Axis of the wall that mirrors, where it is one. */
  readonly mirror?: 'wall-x' | 'wall-y';
}

export interface StripPlan {
  readonly base: number;
  readonly own: readonly GatherTable[];
  readonly partner: readonly GatherTable[];
}

export interface TilePlan {
  readonly base: number;
  readonly gathers: readonly GatherTable[];
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

interface Entry {
  readonly target: number;
  readonly fill: Fill;
  readonly index: number;
}

/** Lays out a run's memory: control block, tiles, strips, gather tables. */
export function planMemory(
  grid: Grid,
  model: Model,
  precision: Precision,
  trust: TrustSource,
  tableBytes: (count: number, width: number) => number,
): PlannedMemory {
  const fields = model.fields.flatMap(({ name, role, shape = 'cell' }) =>
    role === 'prognostic' ? storageOf(name).map((part) => ({ name: part, shape })) : [{ name, shape }],
  );
  const layout = layOutTile(precision, grid.tileX, grid.tileY, grid.halo, fields);
  const { edge } = model;
  const stripLayout =
    edge && grid.tiles.some((tile) => grid.panelEdges(tile.id).length > 0)
      ? layOutTile(
          precision,
          grid.tileX,
          1,
          STRIP_HALO,
          [
            ...edge.lines.map(({ field }) => field),
            'length',
            'normalX',
            'normalY',
            'normalZ',
            'orientation',
            ...edge.results,
          ].map((name) => ({ name, shape: 'cell' as const })),
        )
      : undefined;

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

  const makeTables = (entries: readonly Entry[], sourceTiles: Set<number>): GatherTable[] => {
    const groups = new Map<string, Entry[]>();
    for (const entry of entries) {
      const { fill, index } = entry;
      let trusted = fill.width === 1;
      if (!trusted) {
        trusted = true;
        for (let k = 0; k < fill.width; k++) {
          const s = index * fill.width + k;
          trusted &&= trust(fill.sourcePanel[s]!, fill.sourceI[s]!, fill.sourceJ[s]!);
        }
      }
      const key = `${trusted ? fill.width : 1} ${fill.kind.startsWith('mirror') ? fill.kind : ''}`;
      let group = groups.get(key);
      if (!group) {
        group = [];
        groups.set(key, group);
      }
      group.push(entry);
    }
    return [...groups].map(([key, group]) => {
      const [widthText, kind] = key.split(' ') as [string, string];
      const used = Number(widthText);
      const count = group.length;
      const pending = {
        address: allocate(tableBytes(count, used)),
        width: used,
        targets: new Int32Array(count),
        nearest: new Int32Array(count),
        sources: new Int32Array(count * used),
        weights: new Float64Array(count * used),
      };
      for (let t = 0; t < count; t++) {
        const { target, fill, index } = group[t]!;
        pending.targets[t] = target;
        const nearest = fill.nearest[index]!;
        for (let k = 0; k < used; k++) {
          const s = index * fill.width + (used === 1 ? nearest : k);
          const { tile, address } = addressOf(fill.sourcePanel[s]!, fill.sourceI[s]!, fill.sourceJ[s]!);
          sourceTiles.add(tile);
          pending.sources[t * used + k] = address;
          pending.weights[t * used + k] = used === 1 ? 1 : fill.weights[s]!;
        }
        pending.nearest[t] = used === 1 ? 0 : nearest;
      }
      tables.push(pending);
      const mirror = kind === 'mirror-x' ? 'wall-x' : kind === 'mirror-y' ? 'wall-y' : undefined;
      return { address: pending.address, count, width: used, ...(mirror ? { mirror } : {}) };
    });
  };

  const lineEntries = (fills: readonly Fill[], base: number): Entry[] =>
    fills.flatMap((fill, distance) =>
      Array.from({ length: fill.count }, (_, index) => ({
        target: base + elementIndex(stripLayout!, 'cell', fill.targetI[index]!, distance - STRIP_HALO) * width,
        fill,
        index,
      })),
    );

  const planStrip = (panelEdge: PanelEdge, sourceTiles: Set<number>): StripPlan => {
    const base = allocate(stripLayout!.bytes);
    return {
      base,
      own: makeTables(lineEntries(panelEdge.own, base), sourceTiles),
      partner: makeTables(lineEntries(panelEdge.partner, base), sourceTiles),
    };
  };

  const tiles = grid.tiles.map((tile, id): TilePlan => {
    const base = bases[id]!;
    const sourceTiles = new Set<number>();
    const entries = grid.fills(id).flatMap((fill) =>
      Array.from({ length: fill.count }, (_, index) => ({
        target: base + elementIndex(layout, 'cell', fill.targetI[index]!, fill.targetJ[index]!) * width,
        fill,
        index,
      })),
    );
    const gathers = makeTables(entries, sourceTiles);
    const strips = stripLayout ? grid.panelEdges(tile.id).map((panelEdge) => planStrip(panelEdge, sourceTiles)) : [];
    const stripPointers = allocate(SIDES.length * 4);
    sourceTiles.delete(id);
    return { base, gathers, strips, stripPointers, sources: Int32Array.from([...sourceTiles].sort((a, b) => a - b)) };
  });
  return { plan: { layout, stripLayout, tiles, control, activity, bytes: next }, tables };
}
