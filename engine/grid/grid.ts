/**
 * What a grid is to the rest of the engine. Panels are rectangles of cells; tiles cut the panels; links say how a
 * tile's ghost cells are filled from other cells. The solver cannot tell a neighbour in the same panel from a panel edge.
 *
 * Cells have panel coordinates (i, j): i along a row, j across rows, counted from the panel's south-west corner.
 */

export type TileId = number;
export type Side = 'west' | 'east' | 'south' | 'north';

export interface Tile {
  readonly id: TileId;
  readonly panel: number;
  /** Refinement level; 0 today. Links, not tiles, know how to fill ghosts. */
  readonly level: number;
  /** Position of the tile among the tiles of its panel, in tiles. */
  readonly i: number;
  readonly j: number;
  /** Panel coordinates of its first interior cell, in cells. */
  readonly i0: number;
  readonly j0: number;
}

/**
 * Recipes for a list of target cells. Target t takes `width` sources s = t·width … t·width + width − 1; source s is the
 * cell (sourceI, sourceJ) of panel sourcePanel, always a real (interior) cell of that panel.
 * Value = v₀ + Σₖ weight[k] (vₖ − v₀), v₀ the value at the nearest source: a constant stays constant to the bit.
 */
export interface Fill {
  readonly kind: 'copy' | 'interpolate' | 'extrapolate' | 'mirror-x' | 'mirror-y';
  readonly count: number;
  /** Sources for each target: 1 for copy and mirror, 6 for interpolate, 6 (or 6 interpolations) for extrapolate. */
  readonly width: number;
  /** Tile-local coordinates of the targets: ghosts, so negative or ≥ the tile's cells. */
  readonly targetI: Int32Array;
  readonly targetJ: Int32Array;
  /** Index (0 … width − 1) of the nearest source of each target. */
  readonly nearest: Uint8Array;
  readonly sourcePanel: Uint8Array;
  readonly sourceI: Int32Array;
  readonly sourceJ: Int32Array;
  /** Float64, count × width; 1 for copy and mirror (a mirror reverses the vector component normal to the wall). */
  readonly weights: Float64Array;
}

/**
 * The line of faces that a tile shares with another panel. Face e (0 … cells − 1, the tile-local position along the
 * side) separates this tile's cell from its true partner. `own` and `partner` hold five cells each on that side's line
 * away from the face: index 0 … 4 is distance −2, −1, 0, 1, 2 from the cell at the face. Distance 0 is the cell at the
 * face, 1 and 2 lie further inside, −1 and −2 beyond the face: ghosts of that side's own panel, filled by the very
 * weights its tiles use. Both tiles of an edge thus see the same ten numbers, and compute the same flux. With a reach,
 * so many positions beyond either end are filled too, beyond the panel's end by extrapolation along the edge.
 */
export interface PanelEdge {
  readonly side: Side;
  readonly cells: number;
  /** Fills of targets (targetI = e, targetJ = distance from the cell at the face, −2 … 2 unless told). */
  readonly own: readonly Fill[];
  readonly partner: readonly Fill[];
  /** Outward unit normal of the faces, Cartesian, bit for bit the negative of the partner's. */
  readonly normal: readonly [number, number, number];
}

/** How far the lines of a panel edge go: faces beyond either end, ghosts beyond the face; 0 and 2 unless told. */
export interface EdgeExtent {
  readonly reach?: number;
  readonly beyond?: number;
}

/**
 * Geometry of one panel, every number from `engine/math` so that its bits are the same everywhere. SI units; vectors
 * are Cartesian in the globe's frame (x through 0° E, y through 90° E, z through the north pole); row-major, j slow.
 */
export interface PanelGeometry {
  /** Cell areas [m²], cellsY × cellsX. */
  readonly area: Float64Array;
  /** Lengths [m] of faces between cells i − 1 and i: cellsY × (cellsX + 1), at j·(cellsX + 1) + i. */
  readonly lengthX: Float64Array;
  /** Lengths [m] of faces between cells j − 1 and j: (cellsY + 1) × cellsX, at j·cellsX + i. */
  readonly lengthY: Float64Array;
  /** A cell's up, the normalised Σ Lₑ nₑ: 3 arrays of cellsY × cellsX. */
  readonly up: readonly [Float64Array, Float64Array, Float64Array];
  /** Unit normals of the x-faces (towards growing i), constant along a column: 3 arrays of cellsX + 1. */
  readonly normalX: readonly [Float64Array, Float64Array, Float64Array];
  /** Unit normals of the y-faces (towards growing j), constant along a row: 3 arrays of cellsY + 1. */
  readonly normalY: readonly [Float64Array, Float64Array, Float64Array];
  /** Cell centres [degrees]; on a plane grid, x and y [m]. cellsY × cellsX. */
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
}

/**
 * A panel's coordinates α (along i) and β (along j), in steps of a cell Δ: J is the area of a cell Δα Δβ, s the length of
 * a face Δβ (or Δα), both as they vary from point to point. On a plane nothing varies.
 */
export interface PanelCoordinates {
  /** Unit vectors to the centres of cells −halo … cells + halo − 1, ghosts being the panel's own coordinates carried on. */
  readonly centre: readonly [Float64Array, Float64Array, Float64Array];
  /** Δ ∂J/J along α and along β at cell centres, cellsY × cellsX. */
  readonly stretchX: Float64Array;
  readonly stretchY: Float64Array;
  /** Δ ∂s/s along x-faces at their centres, cellsY × (cellsX + 1); and along y-faces, (cellsY + 1) × cellsX. */
  readonly faceStretchX: Float64Array;
  readonly faceStretchY: Float64Array;
}

/** Where a point lies: its panel and fractional panel coordinates (a cell's centre is at i + ½, j + ½). */
export interface PanelPoint {
  readonly panel: number;
  readonly i: number;
  readonly j: number;
}

export interface Grid {
  readonly kind: 'cubed-sphere' | 'plane';
  readonly panels: number;
  /** Cells across a panel. */
  readonly cellsX: number;
  readonly cellsY: number;
  /** Cells across a tile; divides the panel. */
  readonly tileX: number;
  readonly tileY: number;
  /** Ghost cells around a tile. */
  readonly halo: number;
  readonly tiles: readonly Tile[];
  /** SHA-256 of everything the geometry depends on: the same for any tile size. */
  readonly fingerprint: string;
  geometry(panel: number): PanelGeometry;
  /** Corners [degrees] ((cellsY + 1) × (cellsX + 1), row-major), for output and plots; metres on a plane. */
  corners(panel: number): { readonly longitude: Float64Array; readonly latitude: Float64Array };
  /**
   * How to fill every ghost of a tile. Ghosts outside the panel in both directions copy the panel's nearest cell or, with
   * `corners`, are extrapolated from the ghosts beside them.
   */
  fills(tile: TileId, options?: { readonly corners?: boolean }): readonly Fill[];
  /**
   * How to fill two lines of ghosts on each side of a tile with averages over its own panel's coordinates: beyond the panel's edge
   * averages over its coordinates carried on, from the neighbour's averages; or extrapolated from so many of its own cells.
   */
  margins(tile: TileId, points?: number): readonly Fill[];
  /** The sides of a tile that lie on an edge between panels; none on a plane. */
  panelEdges(tile: TileId, extent?: EdgeExtent): readonly PanelEdge[];
  /** What schemes of fourth order know of a panel's coordinates. */
  coordinates(panel: number, halo: number): PanelCoordinates;
  /** The panel and coordinates of a longitude and latitude [degrees] (x and y [m] on a plane; undefined outside it). */
  locate(longitude: number, latitude: number): PanelPoint | undefined;
}
