import { beforeAll, describe, expect, it } from 'vitest';
import type { CellChange } from '../../engine/backends/cpu/cpu-run.ts';
import type { Precision } from '../../engine/compiler/pipeline.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { loadNamed } from '../../workers/cli/load.ts';
import { type PreparedRun, prepareRun } from '../../workers/run/prepare.ts';
import { memoryStore } from '../../workers/store/store.ts';
import { advance, DEEP, laboratory, largest, realBed, shallowest, sphere } from './laboratory.ts';

/** Largest change of the water's volume, against what was displaced. */
const TOLERANCE: Readonly<Record<Precision, number>> = { float64: 1e-12, float32: 1e-6 };
const PRECISIONS = ['float64', 'float32'] as const;

/** Walks a run step by step; the least depth [m] met on the way, of all cells. */
async function walk(simulation: Simulation, steps: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let step = 1; step <= steps; step++) {
    await advance(simulation, step);
    least = Math.min(least, shallowest(simulation));
  }
  return least;
}

describe.each(DEEP ? [1, 6] : [6])('tohoku-2011 with its source times %d, ten hours on a coarse globe', (scale) => {
  let prepared: PreparedRun;

  beforeAll(async () => {
    const cells = DEEP ? 180 : 60;
    const { scenario } = await loadNamed('tohoku-2011', {
      set: [`grid.cells=${cells}`, `grid.tile=${cells / 2}`, 'time.duration=10 h'],
    });
    const sources = scenario.sources.map((source) => (source.type === 'earthquake' ? { ...source, scale } : source));
    const settings = { threads: 1, form: 'wasm', skipRest: true, cache: memoryStore() } as const;
    prepared = await prepareRun({ ...scenario, sources }, settings);
  });

  for (const precision of PRECISIONS)
    it(`${precision}: stable, no water lost, and nowhere less than none`, async () => {
      const run = await Simulation.start({ ...prepared.options, precision });
      expect(await walk(run, prepared.steps)).toBe(0);
      expect(Math.abs(run.massRelativeDrift())).toBeLessThan(TOLERANCE[precision]);
      expect(largest(run.run.read('maximumSpeed'))).toBeLessThan(10);
      const highest = largest(run.run.read('maximumAmplitude'));
      expect(highest).toBeGreaterThan(1.5 * scale);
      expect(highest).toBeLessThan((DEEP ? 6 : 3) * scale);
    });
});

describe('fifty metres of water let go over a sixth of the globe, across panel edges, corners and coasts', () => {
  const cells = DEEP ? 180 : 36;
  const raised = 50;

  for (const precision of PRECISIONS)
    it(`${precision}: floods the land, loses no water, and leaves nowhere less than none`, async () => {
      const bed = await realBed(cells);
      const perPanel = cells * cells;
      const amounts = bed[1]!.map((ground) => Math.max(0, raised - Math.max(0, ground)));
      const release: CellChange = { cells: Uint32Array.from(amounts, (_, cell) => perPanel + cell), amounts };
      const flood = await laboratory({
        grid: sphere(cells, cells / 2),
        bed,
        precision,
        settings: { rotation: 7.292e-5, manning: 0.025 },
        disturbances: [{ fields: ['surface'], lastStep: 0, at: (step) => (step === 0 ? release : undefined) }],
      });
      expect(await walk(flood, DEEP ? 600 : 100)).toBe(0);
      expect(Math.abs(flood.massRelativeDrift())).toBeLessThan(TOLERANCE[precision]);
      const flooded = flood.run
        .read('maximumAmplitude')
        .map((panel, p) => panel.filter((depth, cell) => depth > 0.1 && p !== 1 && bed[p]![cell]! > 0).length);
      expect(Math.max(...flooded)).toBeGreaterThan(3);
      expect(largest(flood.run.read('maximumSpeed'))).toBeLessThan(100);
    });
});

it('a trough deeper than the sea takes the water that there is, no more', async () => {
  const grid = sphere(24);
  const cells = Uint32Array.from({ length: 40 }, (_, k) => 24 * 11 + k);
  const change: CellChange = { cells, amounts: new Float64Array(40).fill(-30) };
  const sea = await laboratory({
    grid,
    bed: () => -20,
    disturbances: [{ fields: ['surface'], lastStep: 0, at: (step) => (step === 0 ? change : undefined) }],
  });
  expect(shallowest(sea)).toBe(0);
  expect(await walk(sea, 20)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(sea.massRelativeDrift())).toBeLessThan(TOLERANCE.float64);
});
