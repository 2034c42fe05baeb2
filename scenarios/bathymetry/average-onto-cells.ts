import type { Grid } from '../../engine/grid/grid.ts';
import { cos } from '../../engine/math/index.ts';
import { type CellShape, flatMean, reach, roundMean } from './cell-quadrature.ts';
import type { ElevationGrid } from './elevation-grid.ts';
import { BathymetryError } from './errors.ts';
import { nestingOrder, touchesBox } from './nesting.ts';

/** Part of every cache key: change it with anything that changes a bit of the result. */
export const AVERAGING_METHOD = 'midpoint-bilinear-1';

/** Cells that reach beyond this latitude, or span more degrees, are integrated on the sphere itself. */
const POLAR_LATITUDE = 80;
const WIDEST_FLAT_CELL = 1.5;

/**
 * Bed elevation of each cell [m, positive up]: the area-weighted mean over the cell of the patches' bilinear
 * interpolants, the finest patch that covers a point giving its value there. One array a panel, row-major.
 *
 * Quadrature is by the midpoint rule on m × m′ points a cell (2 to 128 each way): half a spacing of the finest patch
 * apart in longitude and in latitude, or one spacing where a cell spans more than 16 of them. Points lie bilinearly
 * between the corners in longitude and latitude, which displaces them by at most Δ²/8 · tan φ (Δ the cell's angle: 12 m
 * at 10′ and 60° N, and never more than 0.15′); towards the poles and in cells wider than 1.5° they lie bilinearly
 * between the corners in space. The mean over the globe is the data's own to 3e-6 for ETOPO5 and to 1e-4 for white noise. Bits
 * depend on the grid's corners and the patches only, not on tiles, threads or machines.
 *
 * Throws BathymetryError: NotCovered for cells outside every patch, WrongCoordinates for degrees on a plane or metres
 * on a globe.
 */
export function averageOntoCells(grid: Grid, patches: readonly ElevationGrid[]): Float64Array[] {
  return Array.from({ length: grid.panels }, (_, panel) => averageOntoPanel(grid, patches, panel));
}

/** One panel of `averageOntoCells`, for work shared between threads. */
export function averageOntoPanel(grid: Grid, patches: readonly ElevationGrid[], panel: number): Float64Array {
  for (const patch of patches) checkCoordinates(grid, patch);
  const nested = nestingOrder(patches);
  const { cellsX, cellsY } = grid;
  const { longitude, latitude } = grid.corners(panel);
  const spherical = grid.kind === 'cubed-sphere';
  const cosine = new Float64Array(latitude.length).fill(1);
  if (spherical) for (let k = 0; k < latitude.length; k++) cosine[k] = cos(latitude[k] * (Math.PI / 180));

  const bed = new Float64Array(cellsX * cellsY);
  const cell: CellShape = { x: new Float64Array(4), y: new Float64Array(4), cosine: new Float64Array(4) };
  const active = nested.map(({ patch }) => patch);
  let uncovered = 0;
  let example = -1;
  for (let j = 0; j < cellsY; j++) {
    for (let i = 0; i < cellsX; i++) {
      const southWest = j * (cellsX + 1) + i;
      for (let corner = 0; corner < 4; corner++) {
        const at = southWest + (corner & 1) + (corner >> 1) * (cellsX + 1);
        cell.x[corner] = spherical ? branchNear(longitude[at], longitude[southWest]) : longitude[at];
        cell.y[corner] = latitude[at];
        cell.cosine[corner] = cosine[at];
      }
      const west = least(cell.x);
      const east = greatest(cell.x);
      const south = least(cell.y);
      const north = greatest(cell.y);
      const polar = spherical && (north > POLAR_LATITUDE || south < -POLAR_LATITUDE);
      const round = polar || (spherical && (north - south > WIDEST_FLAT_CELL || east - west > WIDEST_FLAT_CELL));
      let count = nested.length;
      if (count > 1) {
        count = 0;
        // A great-circle edge bows beyond its corners' latitudes, and a cell at a pole reaches every longitude.
        const bow = round ? reach(cell) : 0;
        const from = polar ? -180 : west;
        const to = polar ? 180 : east;
        for (let k = 0; k < nested.length; k++) {
          if (touchesBox(nested[k], from, to, south - bow, north + bow)) active[count++] = nested[k].patch;
        }
      }
      const value = count === 0 ? NaN : round ? roundMean(cell, active, count) : flatMean(cell, active, count);
      bed[j * cellsX + i] = value;
      if (Number.isNaN(value)) {
        if (uncovered === 0) example = j * cellsX + i;
        uncovered++;
      }
    }
  }
  if (uncovered > 0) throw notCovered(grid, panel, example, uncovered);
  return bed;
}

/** The branch of a longitude within half a turn of another. */
function branchNear(longitude: number, other: number): number {
  const difference = longitude - other;
  return difference > 180 ? longitude - 360 : difference < -180 ? longitude + 360 : longitude;
}

const least = (four: Float64Array) => Math.min(Math.min(four[0], four[1]), Math.min(four[2], four[3]));
const greatest = (four: Float64Array) => Math.max(Math.max(four[0], four[1]), Math.max(four[2], four[3]));

/** Throws BathymetryError (WrongCoordinates) where a field in degrees meets a plane, or one in metres a globe. */
export function checkCoordinates(grid: Grid, patch: ElevationGrid): void {
  const needed = grid.kind === 'plane' ? 'plane' : 'geographic';
  if (patch.coordinates === needed) return;
  throw new BathymetryError({
    tag: 'WrongCoordinates',
    file: patch.name,
    problem: `its coordinates are ${patch.coordinates === 'plane' ? 'metres' : 'degrees'}, the model's grid is a ${grid.kind}.`,
    cure: `Read it with coordinates: ${needed} if that is what its numbers are; else use another grid.`,
  });
}

function notCovered(grid: Grid, panel: number, example: number, uncovered: number): BathymetryError {
  const { longitude, latitude } = grid.geometry(panel);
  const place = `${longitude[example].toFixed(3)}, ${latitude[example].toFixed(3)}`;
  return new BathymetryError({
    tag: 'NotCovered',
    problem: `${uncovered} of ${grid.cellsX * grid.cellsY} cells of panel ${panel} lie outside all bathymetry, the first at ${place}.`,
    cure: 'List a grid that covers everything first, such as etopo5, and finer ones after it.',
  });
}
