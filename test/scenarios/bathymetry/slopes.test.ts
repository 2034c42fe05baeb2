import { describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { bedSlopes } from '../../../scenarios/bathymetry/slopes.ts';
import { EARTH, radians } from './grids.ts';
import { sequence } from './temporary-files.ts';

const sphere = (cells: number, tile = cells) => makeCubedSphere({ cells, tile, radius: EARTH, halo: 3 });
const height = 4000;

/** A bed of the harmonics x, y and z, and its slopes. */
const bed = (longitude: number, latitude: number) =>
  height * (Math.cos(latitude) * (Math.cos(longitude) + 0.5 * Math.sin(longitude)) + 0.25 * Math.sin(latitude));
const east = (longitude: number) => (height * (-Math.sin(longitude) + 0.5 * Math.cos(longitude))) / EARTH;
const north = (longitude: number, latitude: number) =>
  (height * (-Math.sin(latitude) * (Math.cos(longitude) + 0.5 * Math.sin(longitude)) + 0.25 * Math.cos(latitude))) /
  EARTH;

function errors(cells: number): { largest: number; largestAtEdges: number } {
  const grid = sphere(cells);
  const panels = Array.from({ length: 6 }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    return Float64Array.from(longitude, (x, k) => bed(radians(x), radians(latitude[k]!)));
  });
  const slopes = bedSlopes(grid, panels);
  let largest = 0;
  let largestAtEdges = 0;
  for (let panel = 0; panel < 6; panel++) {
    const { longitude, latitude } = grid.geometry(panel);
    for (let k = 0; k < cells * cells; k++) {
      const x = radians(longitude[k]!);
      const y = radians(latitude[k]!);
      const error = Math.max(
        Math.abs(slopes.east[panel]![k]! - east(x)),
        Math.abs(slopes.north[panel]![k]! - north(x, y)),
      );
      const i = k % cells;
      const j = (k - i) / cells;
      largest = Math.max(largest, error);
      if (i === 0 || j === 0 || i === cells - 1 || j === cells - 1) largestAtEdges = Math.max(largestAtEdges, error);
    }
  }
  return { largest: largest / (height / EARTH), largestAtEdges: largestAtEdges / (height / EARTH) };
}

describe('slopes of the bed', () => {
  it('converge to the gradient with order two, panel edges and poles included', () => {
    const [coarse, fine] = [errors(24), errors(48)];
    expect(fine.largest).toBeLessThan(2e-3);
    expect(coarse.largest / fine.largest).toBeGreaterThan(3.7);
    expect(coarse.largestAtEdges / fine.largestAtEdges).toBeGreaterThan(3.7);
  });

  it('are finite where a cell is centred on a pole', () => {
    const grid = sphere(25);
    const z = Array.from({ length: 6 }, (_, panel) =>
      Float64Array.from(grid.geometry(panel).latitude, (y) => height * Math.sin(radians(y))),
    );
    const slopes = bedSlopes(grid, z);
    for (const panel of [4, 5]) {
      expect(slopes.east[panel]![12 * 25 + 12]).toBeCloseTo(0, 12);
      expect(slopes.north[panel]![12 * 25 + 12]).toBeCloseTo(0, 12);
    }
  });

  it('of a flat bed are exactly zero', () => {
    const flat = Array.from({ length: 6 }, () => new Float64Array(24 * 24).fill(-1234.5));
    const slopes = bedSlopes(sphere(24), flat);
    for (const values of [...slopes.east, ...slopes.north]) expect(values.every((value) => value === 0)).toBe(true);
  });

  it('do not depend on the tiles, to the bit', () => {
    const random = sequence(3);
    const rough = Array.from({ length: 6 }, () => Float64Array.from({ length: 576 }, () => -5000 * random()));
    const whole = bedSlopes(sphere(24, 24), rough);
    expect(bedSlopes(sphere(24, 8), rough)).toEqual(whole);
    expect(bedSlopes(sphere(24, 4), rough)).toEqual(whole);
  });

  it('on a plane are those of a plane bed, away from its walls', () => {
    const grid = makePlane({
      cellsX: 8,
      cellsY: 6,
      tileX: 4,
      tileY: 3,
      sizeX: 80,
      sizeY: 30,
      halo: 3,
      boundary: { x: 'wall', y: 'wall' },
    });
    const { longitude, latitude } = grid.geometry(0);
    const slopes = bedSlopes(grid, [Float64Array.from(longitude, (x, k) => 0.5 * x - 0.25 * latitude[k]!)]);
    for (let j = 1; j < 5; j++) {
      for (let i = 1; i < 7; i++) {
        expect(slopes.east[0]![j * 8 + i]).toBeCloseTo(0.5, 12);
        expect(slopes.north[0]![j * 8 + i]).toBeCloseTo(-0.25, 12);
      }
    }
  });
});
