import { crossings, cubedSphereGeometry, panelLines } from './cubed-sphere-geometry.ts';
import { GridError, requirePositive, requireWhole } from './errors.ts';
import { gridFingerprint } from './fingerprint.ts';
import type { Grid, Side } from './grid.ts';
import { cubedSphereLinks } from './links.ts';
import { locateOnPanels } from './locate.ts';
import { panelCoordinates } from './panel-coordinates.ts';
import { PANELS } from './panels.ts';
import { cutTiles, requireDivisor, tileAt } from './tiles.ts';

export interface CubedSphereOptions {
  /** Cells across a panel, at least 8. */
  readonly cells: number;
  /** Cells across a tile; divides `cells`. */
  readonly tile: number;
  /** Radius of the globe [m]. */
  readonly radius: number;
  /** Ghost cells around a tile. */
  readonly halo: number;
  /** Points of the ghosts' interpolation across panel edges; 6 unless told. */
  readonly ghostPoints?: 4 | 6;
}

export interface CubedSphere extends Grid {
  readonly kind: 'cubed-sphere';
  /** [m] */
  readonly radius: number;
}

/** Fewest cells across a panel: six sources beside a panel corner, and panels whose halos do not meet. */
const FEWEST_CELLS = 8;

function validate(options: CubedSphereOptions): void {
  const { cells, tile, radius, halo, ghostPoints = 6 } = options;
  requireWhole('cells', cells, 1);
  if (cells < FEWEST_CELLS)
    throw new GridError(
      'TooFewCells',
      `${cells} cells across a panel are fewer than ${FEWEST_CELLS}, which ghosts across panel edges need. Use cells: ${FEWEST_CELLS} or more.`,
    );
  requireDivisor('tile', tile, cells);
  requirePositive('radius', radius, 'm');
  requireWhole('halo', halo, 0);
  if (halo > cells / 2)
    throw new GridError('InvalidOption', `halo = ${halo} exceeds half of ${cells} cells. Use a smaller halo.`);
  if (ghostPoints !== 4 && ghostPoints !== 6)
    throw new GridError('InvalidOption', `ghostPoints = ${ghostPoints} is not 4 or 6. Leave it out to have 6.`);
}

/**
 * The equiangular gnomonic cubed sphere, Ronchi et al. (1996), its panels as in `PANEL_AXES`. Geometry is computed at
 * first use. Throws GridError (TooFewCells, TileDoesNotDivide, InvalidOption).
 */
export function makeCubedSphere(options: CubedSphereOptions): CubedSphere {
  validate(options);
  const { cells, tile, radius, halo, ghostPoints = 6 } = options;
  const lines = panelLines(cells);
  const geometries = cubedSphereGeometry(lines, radius);
  const cornersOf = crossings(lines.edgeTangent);
  const tiles = cutTiles(PANELS, cells, cells, tile, tile);

  const geometry = (panel: number) => {
    const found = geometries[panel];
    if (found === undefined) throw new GridError('OutOfRange', `panel ${panel} is none of 0 … 5. Use one of them.`);
    return found;
  };

  const outwardNormal = (panel: number, side: Side): readonly [number, number, number] => {
    const { normalX, normalY } = geometry(panel);
    const [x, y, z] = side === 'west' || side === 'east' ? normalX : normalY;
    const growing = side === 'east' || side === 'north';
    const line = growing ? cells : 0;
    return growing ? [x[line]!, y[line]!, z[line]!] : [0 - x[line]!, 0 - y[line]!, 0 - z[line]!];
  };

  const links = cubedSphereLinks({
    cells,
    tile,
    halo,
    ghostPoints,
    centreTangent: lines.centreTangent,
    outwardNormal,
  });

  return {
    kind: 'cubed-sphere',
    radius,
    panels: PANELS,
    cellsX: cells,
    cellsY: cells,
    tileX: tile,
    tileY: tile,
    halo,
    tiles,
    fingerprint: gridFingerprint('cubed-sphere', { cells, radius, halo, ghostPoints }),
    geometry,
    corners: (panel) => {
      geometry(panel);
      return cornersOf(panel);
    },
    fills: (id, { corners = false } = {}) => links.fills(tileAt(tiles, id), corners),
    margins: (id, points) => links.margins(tileAt(tiles, id), points),
    panelEdges: (id, { reach = 0, beyond = 2 } = {}) => links.panelEdges(tileAt(tiles, id), reach, beyond),
    coordinates: (panel, beyond) => {
      geometry(panel);
      return panelCoordinates(panel, cells, beyond);
    },
    locate: (longitude, latitude) => locateOnPanels(cells, longitude, latitude),
  };
}
