import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { displacementSeries } from '../../../engine/sources/displacement.ts';
import type { Subfault } from '../../../engine/sources/subfault.ts';
import { bedSlopes } from '../../../scenarios/bathymetry/slopes.ts';
import { nodeInputFiles } from '../../../scenarios/node-input-files.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { prepareSources } from '../../../workers/run/sources.ts';

const grid = makeCubedSphere({ cells: 36, tile: 18, radius: 6.371e6, halo: 3 });
const joined = (panels: readonly Float64Array[]) => Float64Array.from(panels.flatMap((panel) => [...panel]));
const bed = Array.from({ length: grid.panels }, (_, panel) =>
  Float64Array.from(grid.geometry(panel).longitude, (x, cell) => -4000 + 10 * x + 20 * (cell % 36)),
);

const thrust = (longitude: number, latitude: number, slip: number): Subfault => ({
  name: 'thrust',
  ...{ longitude, latitude, depth: 30e3, reference: 'centroid' },
  ...{ length: 400e3, width: 150e3, strike: 30, dip: 15, rake: 90 },
  slip: [{ start: 0, rise: 0, slip }],
});

describe('an earthquake moves the same cells by the same bits as if all panels were asked', () => {
  test.each([
    ['within a panel', [thrust(0, 0, 20)]],
    ['at an edge', [thrust(45, 3, 20)]],
    ['at a corner', [thrust(-135, 35.26, 20)]],
    ['at a pole', [thrust(10, -89, 20)]],
    ['of a gentle one beyond an edge', [thrust(43, 0, 0.5)]],
    ['of two on either side of the globe', [thrust(0, 0, 20), thrust(180, 0, 20)]],
    ['of none that slips', [thrust(0, 0, 0)]],
  ])('%s', async (_, subfaults) => {
    const source = { type: 'earthquake', scale: 1, begin: 0, horizontal: true, faults: { kind: 'inline', subfaults } };
    const { disturbances } = await prepareSources({
      scenario: { sources: [source] } as unknown as Scenario,
      grid,
      bed,
      timeStep: 60,
      files: nodeInputFiles(),
    });
    const slopes = bedSlopes(grid, bed);
    const all = Array.from({ length: grid.panels }, (_, panel) => grid.geometry(panel));
    const floor = {
      longitude: joined(all.map(({ longitude }) => longitude)),
      latitude: joined(all.map(({ latitude }) => latitude)),
      slopeEast: joined(slopes.east),
      slopeNorth: joined(slopes.north),
    };
    const { cells, increments } = displacementSeries(subfaults, floor, [-1, 1]);
    const change = disturbances[0]!.at(0);
    expect(change !== undefined).toBe(subfaults[0]!.slip[0]!.slip > 0);
    if (change) {
      expect(change.cells).toEqual(cells);
      expect(change.amounts).toEqual(increments[0]);
    }
  });
});
