import type { Side } from '../engine/grid/grid.ts';
import { AXIS_OF, type PlaneBoundary } from '../engine/grid/plane.ts';
import { SIDES } from '../engine/models/open-sides.ts';
import { block, byForm, checked, defaulting, optional, placeOf, quietly, required, turned } from './blocks.ts';
import { choice, type Field, inside, list, number, pair, quantity, type Reading, show, text, wrong } from './fields.ts';
import type { Bathymetry, BathymetryLayer, GridSettings } from './scenario.ts';
import type { Located } from './source-tree.ts';

/** Bathymetry that ships with the program, by name: paths in the library. */
export const NAMED_BATHYMETRY: Readonly<Record<string, string>> = {
  etopo5: 'data/topo/etopo5.nc',
  'etopo1-japan': 'data/topo/etopo1-japan.nc',
};

const COMMON_TILE = 90;

/** The largest divisor of `cells` that is at most `most`. */
export function largestTile(cells: number, most = COMMON_TILE): number {
  for (let tile = Math.min(cells, most); tile > 1; tile--) if (cells % tile === 0) return tile;
  return 1;
}

export const path: Field<string> = turned(
  text({ hint: 'write the path of a file, from the folder of this one', most: 1000 }),
  (value, node, at) => at.file(value, node.place, at.path),
);

const layerNamed: Field<BathymetryLayer> = {
  json: { anyOf: [{ enum: Object.keys(NAMED_BATHYMETRY) }, { type: 'string' }] },
  read: (node, at) => {
    const value = text({ hint: 'write a name or the path of a file' }).read(node, at);
    if (value === undefined) return undefined;
    if (Object.hasOwn(NAMED_BATHYMETRY, value))
      return { file: at.libraryFile(NAMED_BATHYMETRY[value]!, node.place, at.path) };
    if (!/[./\\]/.test(value)) {
      const known = Object.keys(NAMED_BATHYMETRY).join(', ');
      return wrong(
        at,
        node.place,
        `no bathymetry is called ${show(node)}`,
        `write one of ${known}, or the path of a file`,
      );
    }
    return { file: at.file(value, node.place, at.path) };
  },
};

const NO_BED = 'none';

const layerBlock: Field<BathymetryLayer> = turned(
  block({
    file: required(layerNamed, 'name or path of a NetCDF file of elevation'),
    variable: optional(text(), 'variable of the file; found by its role unless told'),
  }),
  ({ file, variable }) => ({ file: file.file, variable }),
);

const layer: Field<BathymetryLayer> = byForm(
  { scalar: layerNamed, map: layerBlock },
  'write a name, a path, or { file: … }',
);

const positive = quantity('length', { above: 0 });

const analytic = block({
  constant: optional(positive, 'depth of a flat bed, e.g. 4 km'),
  slope: optional(
    block({
      depth: required(positive, 'depth of the flat part, e.g. 1 m'),
      toe: required(quantity('length'), 'where the beach begins, x, e.g. 19.85 m'),
      gradient: required(number({ above: 0, most: 10 }), 'rise over run, e.g. 0.05038'),
      rises: defaulting(choice('east', 'west'), 'east', 'the side that the beach rises to'),
    }),
    'a flat bed and a plane beach, for laboratory cases',
  ),
  profile: optional(
    list(pair(quantity('length')), 2),
    'a bed along x, straight between points [x, height], e.g. [[0 m, -1 m], [20 m, -1 m], [30 m, 50 cm]]',
  ),
  cone: optional(
    block({
      depth: required(positive, 'depth of the flat part, e.g. 0.32 m'),
      x: required(quantity('length'), 'centre, e.g. 12.96 m'),
      y: required(quantity('length'), 'centre, e.g. 13.8 m'),
      baseRadius: required(positive, 'radius at the bed, e.g. 3.6 m'),
      topRadius: required(quantity('length', { least: 0 }), 'radius of the flat top, e.g. 1.1 m'),
      height: required(positive, 'height above the bed, e.g. 0.625 m'),
    }),
    'a flat bed and a conical island, for laboratory cases',
  ),
  file: optional(layerNamed, 'name or path of a NetCDF file of elevation'),
  variable: optional(text(), 'variable of the file; found by its role unless told'),
});

const analyticBathymetry: Field<Bathymetry> = turned(analytic, (value, node, at): Bathymetry | undefined => {
  const { constant, slope, profile, cone, file, variable } = value;
  const given = (['constant', 'slope', 'profile', 'cone', 'file'] as const).filter((key) => value[key] !== undefined);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'no bed is described' : `${given.join(' and ')} describe two beds`;
    return wrong(at, node.place, what, 'write one of constant, slope, profile, cone and file');
  }
  if ((slope || profile || cone) && !at.plane)
    return wrong(
      at,
      node.place,
      `${given[0]} is measured in metres, and this grid is a sphere`,
      'add kind: plane to the grid, or write constant or file',
    );
  if (cone && cone.topRadius >= cone.baseRadius)
    return wrong(
      at,
      placeOf(node, 'cone', 'topRadius'),
      `the top (${cone.topRadius} m) is as wide as the base (${cone.baseRadius} m)`,
      'write a smaller topRadius',
    );
  if (constant !== undefined) return { type: 'constant', depth: constant };
  if (slope) return { type: 'slope', ...slope };
  if (profile) {
    const back = profile.findIndex(([x], k) => k > 0 && !(x > profile[k - 1]![0]));
    if (back > 0)
      return wrong(
        at,
        placeOf(node, 'profile'),
        `x = ${profile[back]![0]} m of point ${back + 1} does not lie beyond x = ${profile[back - 1]![0]} m`,
        'write the points in ascending x, each x once; a wall is the end of the plane',
      );
    return { type: 'profile', points: profile };
  }
  if (cone) return { type: 'cone', ...cone };
  return { type: 'layers', layers: [{ file: file!.file, variable }] };
});

const asLayers = (field: Field<readonly BathymetryLayer[]>): Field<Bathymetry> =>
  turned(field, (layers): Bathymetry => ({ type: 'layers', layers }));

const named = asLayers(turned(layer, (one) => [one]));
const namedBathymetry: Field<Bathymetry> = {
  json: { anyOf: [{ const: NO_BED }, named.json] },
  read: (node, at) => (node.kind === 'scalar' && node.text.trim() === NO_BED ? { type: 'none' } : named.read(node, at)),
};

export const bathymetry: Field<Bathymetry> = byForm<Bathymetry>(
  {
    scalar: namedBathymetry,
    list: asLayers(list(layer, 1)),
    map: analyticBathymetry,
  },
  'write a name, a path, a list of them from coarse to fine, or { constant: 4 km }',
);

const whole = (least: number, most: number): Field<number> => number({ least, most }, true);

const cells = whole(8, 21600);
const cellsOfPlane = whole(1, 100_000);
const tileOfSphere = whole(4, 2048);
const tileOfPlane = byForm(
  { scalar: turned(whole(1, 4096), (n): readonly [number, number] => [n, n]), list: pair(whole(1, 4096)) },
  'write 50 or [50, 10]',
);

const sphere: Field<GridSettings> = turned(
  checked(
    block({
      kind: defaulting(choice('cubed-sphere'), 'cubed-sphere', 'a cubed sphere or a plane'),
      cells: required(cells, 'cells across a panel, a quarter of the equator: 540 is 10′'),
      tile: optional(tileOfSphere, 'cells across a tile; must divide cells. The largest divisor up to 90 unless told'),
      bathymetry: required(
        bathymetry,
        'a name (etopo5), a path, a list of them from coarse to fine, or { constant: 4 km }',
      ),
    }),
    (node, at) => divides(node, quietly(node, 'tile', tileOfSphere, at), 'cells', cells, at),
  ),
  ({ kind, cells: across, tile, bathymetry: bed }) => ({
    kind,
    cells: across,
    tile: tile ?? largestTile(across),
    bathymetry: bed,
  }),
);

const boundaryWord = choice('wall', 'periodic');
const sideWord = choice(...SIDES);

interface Ends {
  readonly x: PlaneBoundary;
  readonly y: PlaneBoundary;
  readonly open?: readonly Side[] | undefined;
}

const boundary = byForm<Ends>(
  {
    scalar: turned(boundaryWord, (word) => ({ x: word, y: word })),
    map: turned(
      block({
        x: defaulting(boundaryWord, 'wall', 'at the smallest and the largest x'),
        y: defaulting(boundaryWord, 'wall', 'at the smallest and the largest y'),
        open: optional(list(sideWord, 1), 'sides where waves leave and may come in, in place of a wall, e.g. [west]'),
      }),
      ({ open, ...axes }, node, at): Ends | undefined => {
        const closed = open?.find((side) => axes[AXIS_OF[side]] === 'periodic');
        if (closed !== undefined)
          return wrong(
            inside(at, 'open'),
            placeOf(node, 'open'),
            `${closed} is open, and the plane goes on for ever along ${AXIS_OF[closed]}`,
            `write ${AXIS_OF[closed]}: wall, or take ${closed} out of open`,
          );
        // In one order, so that the identity does not depend on how it was written.
        return open === undefined ? axes : { ...axes, open: SIDES.filter((side) => open.includes(side)) };
      },
    ),
  },
  'write wall, periodic, or { x: wall, y: periodic, open: [west] }',
);

const plane: Field<GridSettings> = turned(
  checked(
    block({
      kind: defaulting(choice('plane'), 'plane', 'a cubed sphere or a plane'),
      cellsX: required(cellsOfPlane, 'cells along x'),
      cellsY: required(cellsOfPlane, 'cells along y'),
      tile: optional(tileOfPlane, 'cells across a tile, or [along x, along y]; must divide the cells'),
      size: required(pair(positive), 'extent [along x, along y], e.g. [50 m, 1 m]'),
      boundary: defaulting(boundary, { x: 'wall', y: 'wall' } as const, 'wall or periodic, or { x: …, y: …, open: … }'),
      bathymetry: required(bathymetry, 'a path, { constant: 1 m }, { slope: … } or { cone: … }'),
    }),
    (node, at) => {
      const [tileX, tileY] = quietly(node, 'tile', tileOfPlane, at) ?? [];
      divides(node, tileX, 'cellsX', cellsOfPlane, at);
      divides(node, tileY, 'cellsY', cellsOfPlane, at);
    },
  ),
  ({ kind, cellsX, cellsY, tile, size, boundary: ends, bathymetry: bed }) => {
    const [tileX, tileY] = tile ?? [largestTile(cellsX), largestTile(cellsY)];
    const [sizeX, sizeY] = size;
    const { open, ...axes } = ends;
    const opened = open === undefined ? {} : { open };
    return { kind, cellsX, cellsY, tileX, tileY, sizeX, sizeY, boundary: axes, ...opened, bathymetry: bed };
  },
);

function divides(node: Located, tile: number | undefined, key: string, field: Field<number>, at: Reading): void {
  const count = quietly(node, key, field, at);
  if (tile === undefined || count === undefined || count % tile === 0) return;
  const divisors = Array.from({ length: Math.min(count, 4096) }, (_, n) => n + 1).filter((n) => count % n === 0);
  const near = [divisors.filter((n) => n < tile).at(-1), divisors.find((n) => n > tile)].filter((n) => n !== undefined);
  const message = `a tile of ${tile} cells does not divide ${key}: ${count}`;
  const multiple = Math.max(1, Math.round(count / tile)) * tile;
  wrong(inside(at, 'tile'), placeOf(node, 'tile'), message, `write tile: ${near.join(' or ')}, or ${key}: ${multiple}`);
}

/** Whether the tree describes a plane: it says so, or it has a plane's keys. */
export function describesPlane(tree: Located): boolean {
  const grid = tree.kind === 'map' ? tree.entries.get('grid')?.value : undefined;
  if (grid?.kind !== 'map') return false;
  const kind = grid.entries.get('kind')?.value;
  if (kind?.kind === 'scalar' && kind.value !== null) return kind.text.trim() === 'plane';
  return !grid.entries.has('cells') && ['cellsX', 'cellsY', 'size'].some((key) => grid.entries.has(key));
}

export const grid: Field<GridSettings> = {
  json: { anyOf: [sphere.json, plane.json] },
  read: (node, at) => {
    const kind = node.kind === 'map' ? node.entries.get('kind')?.value : undefined;
    if (kind?.kind === 'scalar' && kind.value !== null) {
      const word = choice('cubed-sphere', 'plane').read(kind, { ...at, path: `${at.path}.kind` });
      if (word === undefined) return undefined;
    }
    return (at.plane ? plane : sphere).read(node, at);
  },
};
