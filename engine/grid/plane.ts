import { GridError, requirePositive, requireWhole } from './errors.ts';
import { FillList, forEachGhost, ghostCount } from './fill.ts';
import { gridFingerprint } from './fingerprint.ts';
import type { Fill, Grid, PanelCoordinates, PanelGeometry, PanelPoint, Side, Tile } from './grid.ts';
import { cutTiles, requireDivisor, tileAt } from './tiles.ts';

export type PlaneBoundary = 'wall' | 'periodic';

export interface PlaneOptions {
  /** Cells of the plane along x and y. */
  readonly cellsX: number;
  readonly cellsY: number;
  /** Cells of a tile; each divides the plane's. */
  readonly tileX: number;
  readonly tileY: number;
  /** Extent [m]; the origin is the south-west corner. */
  readonly sizeX: number;
  readonly sizeY: number;
  readonly boundary: { readonly x: PlaneBoundary; readonly y: PlaneBoundary };
  /** Sides that are no wall though their axis has walls: ghosts beyond them copy the nearest cell. */
  readonly open?: readonly Side[];
  /** Ghost cells around a tile. */
  readonly halo: number;
}

export interface Plane extends Grid {
  readonly kind: 'plane';
  readonly sizeX: number;
  readonly sizeY: number;
  readonly boundary: { readonly x: PlaneBoundary; readonly y: PlaneBoundary };
  readonly open: readonly Side[];
}

export const AXIS_OF: Readonly<Record<Side, 'x' | 'y'>> = { west: 'x', east: 'x', south: 'y', north: 'y' };

/** The real index that a ghost index stands for, and whether an odd number of walls lies between. */
interface Reflection {
  readonly index: number;
  readonly mirrored: boolean;
}

const modulo = (value: number, period: number): number => value - period * Math.floor(value / period);

/** Folds any index on to the plane; with fewer cells than the halo it may wrap or reflect more than once. */
function fold(index: number, cells: number, boundary: PlaneBoundary): Reflection {
  if (boundary === 'periodic') return { index: modulo(index, cells), mirrored: false };
  const unfolded = modulo(index, 2 * cells);
  const mirrored = unfolded >= cells;
  return { index: mirrored ? 2 * cells - 1 - unfolded : unfolded, mirrored };
}

function planeFills(options: PlaneOptions, tile: Tile): readonly Fill[] {
  const { cellsX, cellsY, tileX, tileY, halo, boundary, open = [] } = options;
  const room = ghostCount(tileX, tileY, halo);
  const copies = new FillList('copy', 1, room);
  const mirrorsX = new FillList('mirror-x', 1, room);
  const mirrorsY = new FillList('mirror-y', 1, room);

  const beyondWall = (index: number, cells: number, kind: PlaneBoundary): boolean =>
    kind === 'wall' && (index < 0 || index >= cells);
  const clamp = (index: number, cells: number): number => Math.max(0, Math.min(cells - 1, index));

  const across = (index: number, cells: number, kind: PlaneBoundary, before: Side, behind: Side): Reflection =>
    (index < 0 && open.includes(before)) || (index >= cells && open.includes(behind))
      ? { index: clamp(index, cells), mirrored: false }
      : fold(index, cells, kind);

  forEachGhost(tileX, tileY, halo, (ghostI, ghostJ) => {
    const i = tile.i0 + ghostI;
    const j = tile.j0 + ghostJ;
    if (beyondWall(i, cellsX, boundary.x) && beyondWall(j, cellsY, boundary.y)) {
      copies.addCopy(ghostI, ghostJ, 0, clamp(i, cellsX), clamp(j, cellsY));
      return;
    }
    const x = across(i, cellsX, boundary.x, 'west', 'east');
    const y = across(j, cellsY, boundary.y, 'south', 'north');
    const list = x.mirrored ? mirrorsX : y.mirrored ? mirrorsY : copies;
    list.addCopy(ghostI, ghostJ, 0, x.index, y.index);
  });
  return [copies.finish(), mirrorsX.finish(), mirrorsY.finish()].filter((fill) => fill.count > 0);
}

/** Points (x, y) [m] of a lattice of columns × rows, the first at `offset` cells from the origin. */
function lattice(options: PlaneOptions, columns: number, rows: number, offset: number) {
  const { cellsX, cellsY, sizeX, sizeY } = options;
  const longitude = new Float64Array(columns * rows);
  const latitude = new Float64Array(columns * rows);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      longitude[j * columns + i] = ((i + offset) * sizeX) / cellsX;
      latitude[j * columns + i] = ((j + offset) * sizeY) / cellsY;
    }
  return { longitude, latitude };
}

function planeGeometry(options: PlaneOptions): PanelGeometry {
  const { cellsX, cellsY, sizeX, sizeY } = options;
  const cells = cellsX * cellsY;
  const constant = (count: number, value: number): Float64Array => new Float64Array(count).fill(value);
  const vector = (count: number, x: number, y: number, z: number) =>
    [constant(count, x), constant(count, y), constant(count, z)] as const;
  return {
    area: constant(cells, (sizeX / cellsX) * (sizeY / cellsY)),
    lengthX: constant(cellsY * (cellsX + 1), sizeY / cellsY),
    lengthY: constant((cellsY + 1) * cellsX, sizeX / cellsX),
    up: vector(cells, 0, 0, 1),
    normalX: vector(cellsX + 1, 1, 0, 0),
    normalY: vector(cellsY + 1, 0, 1, 0),
    ...lattice(options, cellsX, cellsY, 0.5),
  };
}

/** On a plane every centre looks up, and no coordinate stretches. */
function flatCoordinates(cellsX: number, cellsY: number, halo: number): PanelCoordinates {
  const centres = (cellsX + 2 * halo) * (cellsY + 2 * halo);
  return {
    centre: [new Float64Array(centres), new Float64Array(centres), new Float64Array(centres).fill(1)],
    stretchX: new Float64Array(cellsX * cellsY),
    stretchY: new Float64Array(cellsX * cellsY),
    faceStretchX: new Float64Array((cellsX + 1) * cellsY),
    faceStretchY: new Float64Array(cellsX * (cellsY + 1)),
  };
}

/** Coordinate in cells; periodic planes go on for ever, walled ones end. */
function position(metres: number, size: number, cells: number, boundary: PlaneBoundary): number | undefined {
  const inside = boundary === 'periodic' ? modulo(metres, size) : metres;
  return inside >= 0 && inside <= size ? (inside / size) * cells : undefined;
}

function validate(options: PlaneOptions): void {
  requireWhole('cellsX', options.cellsX, 1);
  requireWhole('cellsY', options.cellsY, 1);
  requireDivisor('tileX', options.tileX, options.cellsX);
  requireDivisor('tileY', options.tileY, options.cellsY);
  requirePositive('sizeX', options.sizeX, 'm');
  requirePositive('sizeY', options.sizeY, 'm');
  requireWhole('halo', options.halo, 0);
  for (const axis of ['x', 'y'] as const) {
    const kind = options.boundary[axis];
    if (kind !== 'wall' && kind !== 'periodic')
      throw new GridError('InvalidOption', `boundary.${axis} = ${kind} is unknown. Use wall or periodic.`);
  }
  for (const side of options.open ?? []) {
    const axis = AXIS_OF[side];
    if (axis === undefined)
      throw new GridError('InvalidOption', `open: ${side} is no side. Use west, east, south or north.`);
    if (options.boundary[axis] === 'periodic')
      throw new GridError(
        'InvalidOption',
        `open: ${side} lies on the periodic axis ${axis}. Use boundary.${axis} = wall.`,
      );
  }
}

/**
 * A rectangle with walls or periodic sides: one panel, x and y [m] in place of longitude and latitude. Ghosts beyond a
 * wall are mirror images; those beyond two walls or an open side copy the nearest cell. Any number of cells will do, be it fewer than
 * the halo. Throws GridError (TileDoesNotDivide, InvalidOption).
 */
export function makePlane(options: PlaneOptions): Plane {
  validate(options);
  const { cellsX, cellsY, tileX, tileY, sizeX, sizeY, boundary, open = [], halo } = options;
  const tiles = cutTiles(1, cellsX, cellsY, tileX, tileY);
  const geometry = planeGeometry(options);
  const requirePanel = (panel: number): void => {
    if (panel !== 0) throw new GridError('OutOfRange', `panel ${panel} is not on a plane. Use 0.`);
  };
  return {
    kind: 'plane',
    panels: 1,
    cellsX,
    cellsY,
    tileX,
    tileY,
    sizeX,
    sizeY,
    boundary,
    open,
    halo,
    tiles,
    fingerprint: gridFingerprint('plane', {
      cellsX,
      cellsY,
      sizeX,
      sizeY,
      boundaryX: boundary.x,
      boundaryY: boundary.y,
      ...(open.length > 0 ? { open: [...open].sort().join(' ') } : {}),
      halo,
    }),
    geometry: (panel) => {
      requirePanel(panel);
      return geometry;
    },
    corners: (panel) => {
      requirePanel(panel);
      return lattice(options, cellsX + 1, cellsY + 1, 0);
    },
    fills: (id) => planeFills(options, tileAt(tiles, id)),
    margins: (id) => planeFills({ ...options, halo: 2 }, tileAt(tiles, id)),
    coordinates: (panel, beyond) => {
      requirePanel(panel);
      return flatCoordinates(cellsX, cellsY, beyond);
    },
    panelEdges: (id) => {
      tileAt(tiles, id);
      return [];
    },
    locate: (x, y): PanelPoint | undefined => {
      const i = position(x, sizeX, cellsX, boundary.x);
      const j = position(y, sizeY, cellsY, boundary.y);
      return i === undefined || j === undefined ? undefined : { panel: 0, i, j };
    },
  };
}
