/** What the last stage of a step reports of a cell, see `Model.activity`; the largest over a tile is the tile's. */
export const AT_REST = 0;
export const MOVING = 1;
export const FAILED = 2;
