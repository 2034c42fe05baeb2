import { beforeAll, describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import type { Grid } from '../../../engine/grid/grid.ts';
import { cellAt } from '../../../engine/grid/nearest-cell.ts';
import { makePlane } from '../../../engine/grid/plane.ts';
import { averageOntoCells } from '../../../scenarios/bathymetry/average-onto-cells.ts';
import { type ElevationGrid, makeElevationGrid } from '../../../scenarios/bathymetry/elevation-grid.ts';
import { readElevation } from '../../../scenarios/bathymetry/read-elevation.ts';
import { EARTH, globe, gridOf, radians } from './grids.ts';
import { sequence } from './temporary-files.ts';

const sphere = (cells: number, tile = cells): Grid => makeCubedSphere({ cells, tile, radius: EARTH, halo: 3 });

/** Area-weighted mean of a function of (value, panel, cell) over the globe. */
function globalMean(grid: Grid, panels: readonly Float64Array[], of: (value: number) => number = (value) => value) {
  let sum = 0;
  let total = 0;
  for (const [panel, values] of panels.entries()) {
    const { area } = grid.geometry(panel);
    for (const [cell, value] of values.entries()) {
      sum += area[cell]! * of(value);
      total += area[cell]!;
    }
  }
  return sum / total;
}

/** Exact mean of a node-registered global grid, every value standing for the box around its point. */
function boxMean(patch: ElevationGrid): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < patch.rows; row++) {
    const latitude = patch.latitude0 + row * patch.spacingLatitude;
    const half = patch.spacingLatitude / 2;
    const band = Math.sin(radians(Math.min(90, latitude + half))) - Math.sin(radians(Math.max(-90, latitude - half)));
    for (let column = 0; column < patch.columns; column++) sum += band * patch.elevation[row * patch.columns + column]!;
    total += band * patch.columns;
  }
  return sum / total;
}

/** Largest difference from a function at the centres, over all cells. */
function worst(grid: Grid, panels: readonly Float64Array[], value: (longitude: number, latitude: number) => number) {
  let largest = 0;
  for (const [panel, values] of panels.entries()) {
    const { longitude, latitude } = grid.geometry(panel);
    for (const [cell, mean] of values.entries()) {
      largest = Math.max(largest, Math.abs(mean - value(longitude[cell]!, latitude[cell]!)));
    }
  }
  return largest;
}

describe('averages of simple fields', () => {
  it.each([8, 9, 45])('a constant stays constant to the bit, poles and date line included (%i cells)', (cells) => {
    for (const registration of ['node', 'cell'] as const) {
      const bed = averageOntoCells(sphere(cells), [gridOf(globe(5, registration), () => -3701.7)]);
      expect(new Set(bed.flatMap((panel) => [...panel]))).toEqual(new Set([Math.fround(-3701.7)]));
    }
  });

  // A first harmonic's mean over a small cell differs from its centre's value by Δ²/12 of it.
  const harmonics: [string, (longitude: number, latitude: number) => number][] = [
    ['x', (longitude, latitude) => 1000 * Math.cos(radians(latitude)) * Math.cos(radians(longitude))],
    ['y', (longitude, latitude) => 1000 * Math.cos(radians(latitude)) * Math.sin(radians(longitude))],
    ['z', (_, latitude) => 1000 * Math.sin(radians(latitude))],
  ];
  it.each(harmonics)('the harmonic %s of 1000 m comes back within 0.5 m on cells of 2°', (_, harmonic) => {
    for (const registration of ['node', 'cell'] as const) {
      const grid = sphere(45);
      const bed = averageOntoCells(grid, [gridOf(globe(1, registration), harmonic)]);
      expect(worst(grid, bed, harmonic)).toBeLessThan(0.5);
      expect(Math.abs(globalMean(grid, bed))).toBeLessThan(0.02);
    }
  });

  it.each(harmonics)('the error for %s falls with the square of the cell, poles included', (_, harmonic) => {
    const patch = gridOf(globe(1, 'cell'), harmonic);
    const errors = [16, 32].map((cells) => worst(sphere(cells), averageOntoCells(sphere(cells), [patch]), harmonic));
    expect(errors[0]! / errors[1]!).toBeGreaterThan(3.5);
  });

  it('data coarser than the cells are interpolated, not stepped', () => {
    const [, , [, harmonic]] = harmonics as [unknown, unknown, [string, (x: number, y: number) => number]];
    const grid = sphere(60);
    const bed = averageOntoCells(grid, [gridOf(globe(6, 'node'), harmonic)]);
    // A chord of 6° lies 1000 m · (6°)²/8 = 1.4 m under the arc.
    expect(worst(grid, bed, harmonic)).toBeLessThan(1.6);
  });

  it('the mean over the globe is that of the boxes around the points of a rough field', () => {
    const random = sequence(5);
    // Noise as rough in every direction: points crowd towards the poles.
    const noise = (latitude: number) => 3000 * (random() - 0.5) * Math.cos(radians(latitude));
    const rough = gridOf(globe(1, 'node'), (_, latitude) => -2500 + noise(latitude));
    for (const cells of [20, 45, 90]) {
      const grid = sphere(cells);
      expect(Math.abs(globalMean(grid, averageOntoCells(grid, [rough])) / boxMean(rough) - 1)).toBeLessThan(1e-4);
    }
  });

  it('the mean over a cell of many points is that of the points within', () => {
    const random = sequence(6);
    const rough = gridOf(globe(0.5, 'node'), () => -4000 + 3000 * random());
    const grid = sphere(10);
    const bed = averageOntoCells(grid, [rough]);
    const sums = bed.map((panel) => panel.map(() => 0));
    const weights = bed.map((panel) => panel.map(() => 0));
    for (let row = 1; row < rough.rows - 1; row++) {
      for (let column = 0; column < rough.columns; column++) {
        const latitude = -90 + row / 2;
        const cell = cellAt(grid, column / 2, latitude)!;
        const weight = Math.cos(radians(latitude));
        weights[cell.panel]![cell.j * 10 + cell.i]! += weight;
        sums[cell.panel]![cell.j * 10 + cell.i]! += weight * rough.elevation[row * rough.columns + column]!;
      }
    }
    let squares = 0;
    for (const [panel, means] of bed.entries()) {
      for (const [cell, mean] of means.entries()) {
        squares += (mean - sums[panel]![cell]! / weights[panel]![cell]!) ** 2;
      }
    }
    // Of some 320 points the 70 astride an edge count by half, each 870 m rms from the mean: 10 m rms of the difference.
    expect(Math.sqrt(squares / 600)).toBeLessThan(15);
  });
});

describe('independence', () => {
  const random = sequence(7);
  const rough = gridOf(globe(2, 'node'), () => -4000 + 3000 * random());

  it('of the tile size, to the bit', () => {
    const beds = [6, 12, 24].map((tile) => averageOntoCells(sphere(24, tile), [rough]));
    expect(beds[1]).toEqual(beds[0]);
    expect(beds[2]).toEqual(beds[0]);
  });

  it('of the branch that a regional grid counts its longitudes on', () => {
    const lattice = { west: 170, south: -10, spacing: 0.5, columns: 41, rows: 41, registration: 'node' as const };
    const ripple = (longitude: number, latitude: number) => -100 * Math.sin(longitude) * Math.cos(latitude);
    const grid = sphere(36);
    const east = averageOntoCells(grid, [rough, gridOf(lattice, ripple)]);
    const west = averageOntoCells(grid, [rough, gridOf({ ...lattice, west: -190 }, (x, y) => ripple(x + 360, y))]);
    expect(east).not.toEqual(averageOntoCells(grid, [rough]));
    for (const [panel, values] of east.entries()) {
      for (const [cell, value] of values.entries()) expect(west[panel]![cell]).toBeCloseTo(value, 6);
    }
  });
});

describe('nested patches', () => {
  const grid = sphere(45);
  const coarse = gridOf(globe(1, 'node'), () => -4000);
  const box = { west: 140, south: 30, spacing: 0.25, columns: 41, rows: 41, registration: 'node' as const };
  const fine = gridOf(box, () => -100);

  it('the finest wins where it covers, in whatever order they are named', () => {
    const bed = averageOntoCells(grid, [coarse, fine]);
    expect(averageOntoCells(grid, [fine, coarse])).toEqual(bed);
    const at = (longitude: number, latitude: number) => {
      const cell = cellAt(grid, longitude, latitude)!;
      return bed[cell.panel]![cell.j * 45 + cell.i];
    };
    expect(at(145, 35)).toBe(-100);
    expect(at(155, 35)).toBe(-4000);
    expect(at(-35, 35)).toBe(-4000);
  });

  it('a cell partly covered mixes them by area: the whole is conserved', () => {
    const bed = averageOntoCells(grid, [coarse, fine]);
    const part = (radians(10) * (Math.sin(radians(40)) - Math.sin(radians(30)))) / (4 * Math.PI);
    expect(globalMean(grid, bed, (value) => (value + 4000) / 3900) / part).toBeCloseTo(1, 2);
    const mixed = bed.flatMap((panel) => [...panel]).filter((value) => value > -3999 && value < -101);
    expect(mixed.length).toBeGreaterThan(10);
  });

  it('missing points of the finer show the coarser', () => {
    const holed = makeElevationGrid({ ...fine, elevation: fine.elevation.map((v, k) => (k % 41 > 20 ? NaN : v)) });
    const bed = averageOntoCells(grid, [coarse, holed]);
    const at = (longitude: number) => {
      const cell = cellAt(grid, longitude, 35)!;
      return bed[cell.panel]![cell.j * 45 + cell.i];
    };
    expect([at(142.5), at(148.5)]).toEqual([-100, -4000]);
  });

  it('of equal spacing the one named later wins', () => {
    const other = gridOf(box, () => -200);
    const values = (patches: ElevationGrid[]) =>
      new Set(averageOntoCells(grid, patches).flatMap((panel) => [...panel]));
    expect(values([coarse, fine, other]).has(-200)).toBe(true);
    expect(values([coarse, fine, other]).has(-100)).toBe(false);
  });

  it('cells that nothing covers are an error that says where', () => {
    expect(() => averageOntoCells(grid, [fine])).toThrow(/NotCovered.*2025 of 2025 cells of panel 0.*etopo5/);
  });
});

describe('a plane', () => {
  it('averages metres, and refuses degrees', () => {
    const plane = makePlane({
      cellsX: 10,
      cellsY: 8,
      tileX: 10,
      tileY: 8,
      sizeX: 100,
      sizeY: 80,
      halo: 3,
      boundary: { x: 'wall', y: 'wall' },
    });
    const slope = makeElevationGrid({
      coordinates: 'plane',
      longitude0: 0,
      latitude0: 0,
      spacingLongitude: 4,
      spacingLatitude: 4,
      columns: 26,
      rows: 21,
      registration: 'node',
      elevation: Float32Array.from({ length: 26 * 21 }, (_, k) => 4 * (k % 26) - 8 * Math.floor(k / 26)),
    });
    const [bed] = averageOntoCells(plane, [slope]);
    const { longitude, latitude } = plane.geometry(0);
    for (const [cell, value] of bed!.entries()) expect(value).toBeCloseTo(longitude[cell]! - 2 * latitude[cell]!, 10);
    expect(() => averageOntoCells(plane, [gridOf(globe(5, 'node'), () => 1)])).toThrow(/WrongCoordinates.*degrees/);
    expect(() => averageOntoCells(sphere(8), [slope])).toThrow(/WrongCoordinates.*metres/);
  });
});

describe('the Earth at 20′', () => {
  const grid = sphere(270, 90);
  let earth: ElevationGrid;
  let bed: Float64Array[];
  beforeAll(async () => {
    earth = await readElevation('scenarios/data/topo/etopo5.nc');
    const japan = await readElevation('scenarios/data/topo/etopo1-japan.nc');
    bed = averageOntoCells(grid, [earth, japan]);
  });

  it('is 71 % sea, 3.7 km deep on average', () => {
    const sea = globalMean(grid, bed, (value) => (value < 0 ? 1 : 0));
    const water = globalMean(grid, bed, (value) => Math.max(0, -value));
    expect(sea).toBeGreaterThan(0.705);
    expect(sea).toBeLessThan(0.717);
    expect(water / sea).toBeGreaterThan(3600);
    expect(water / sea).toBeLessThan(3750);
  });

  it('keeps the mean elevation of the data to 1e-4', () => {
    expect(Math.abs(globalMean(grid, bed) / boxMean(earth) - 1)).toBeLessThan(1e-4);
  });

  it('has the Challenger Deep, Mount Everest’s massif, and the Japan Trench', () => {
    const within = (west: number, east: number, south: number, north: number) => {
      const found: number[] = [];
      for (const [panel, values] of bed.entries()) {
        const { longitude, latitude } = grid.geometry(panel);
        for (const [cell, value] of values.entries()) {
          const x = longitude[cell]!;
          const y = latitude[cell]!;
          if (x > west && x < east && y > south && y < north) found.push(value);
        }
      }
      return found;
    };
    expect(Math.min(...within(141, 143.5, 10.8, 12))).toBeLessThan(-9000);
    expect(Math.max(...within(86, 88, 27, 29))).toBeGreaterThan(5000);
    expect(Math.min(...within(143, 145, 36, 40))).toBeLessThan(-7000);
  });
});
