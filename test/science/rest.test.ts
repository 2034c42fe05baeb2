import { describe, expect, it } from 'vitest';
import type { Precision } from '../../engine/compiler/pipeline.ts';
import { advance, DEEP, laboratory, largest, realBed, sphere } from './laboratory.ts';

/**
 * A level that is not the model's own rest level: no wet cell counts as still, so no flux is left out, and what is found
 * is the scheme's own balance of pressure and bed.
 */
const LEVEL = 1.2345;

async function stillSea(cells: number, tile: number, precision: Precision) {
  const exact = precision === 'float32' ? Math.fround : (x: number) => x;
  const bed = await realBed(cells);
  const surface = bed.map((panel) => panel.map((ground) => Math.max(exact(LEVEL), exact(ground))));
  const sea = await laboratory({
    grid: sphere(cells, tile),
    bed,
    surface,
    precision,
    settings: { rotation: 7.292e-5 },
  });
  return { sea, surface };
}

const DAY = 86400;

describe('a still sea over the real bed, with all its coasts, stays still to the last bit', () => {
  const cases: [number, number, Precision, number][] = [
    [48, 24, 'float64', 60],
    [48, 48, 'float32', 60],
    [96, 32, 'float64', 12],
    [96, 96, 'float32', 12],
  ];
  const days: [number, number, Precision, number][] = [
    [180, 90, 'float64', Number.POSITIVE_INFINITY],
    [540, 90, 'float32', Number.POSITIVE_INFINITY],
    [540, 90, 'float64', Number.POSITIVE_INFINITY],
  ];
  it.each(DEEP ? [...cases, ...days] : cases)(
    '%i cells across a panel in tiles of %i, %s, %d steps (a day, where without end)',
    async (cells, tile, precision, steps) => {
      const { sea, surface } = await stillSea(cells, tile, precision);
      await advance(sea, Math.min(steps, Math.ceil(DAY / sea.options.timeStep)));
      expect(largest(sea.run.read('maximumSpeed'))).toBe(0);
      expect(largest(sea.run.read('surface'), surface)).toBe(0);
      for (const axis of ['X', 'Y', 'Z']) expect(largest(sea.run.read(`momentum${axis}`))).toBe(0);
      expect(sea.massRelativeDrift()).toBe(0);
      expect(sea.work.computed).toBe(sea.work.offered);
    },
    DEEP ? 7_200_000 : 60_000,
  );

  it('further from a drop of water than a step can carry a trace, twelve cells', async () => {
    const { sea, surface } = await stillSea(48, 24, 'float64');
    const bed = await realBed(48);
    const across = 48;
    const isMiddle = (cell: number) => [cell % across, Math.floor(cell / across)].every((k) => k >= 13 && k < 35);
    const drop = bed[3]!.findIndex((ground, cell) => isMiddle(cell) && ground < -3000);
    expect(drop).toBeGreaterThan(0);
    const disturbed = surface.map((panel) => Float64Array.from(panel));
    disturbed[3]![drop] = LEVEL + 1;
    sea.run.write('surface', disturbed);
    await advance(sea, 1);
    const moved = sea.run.read('surface');
    const change = moved.map((panel, p) => Float64Array.from(panel, (eta, cell) => eta - surface[p]![cell]!));
    expect(largest(change)).toBeGreaterThan(0.01);
    const isNear = (cell: number) =>
      Math.abs((cell % across) - (drop % across)) <= 12 &&
      Math.abs(Math.floor(cell / across) - Math.floor(drop / across)) <= 12;
    const far = change.map((panel, p) => panel.filter((_, cell) => p !== 3 || !isNear(cell)));
    expect(largest(far)).toBe(0);
  });
});
