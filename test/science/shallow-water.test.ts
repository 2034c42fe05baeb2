import { describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../engine/grid/cubed-sphere.ts';
import { shallowWater } from '../../engine/models/shallow-water.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { simulationOptions } from '../../engine/simulation/simulation-options.ts';
import { testState } from '../../scenarios/states/index.ts';
import { EARTH } from '../../scenarios/states/state.ts';
import { loadNamed } from '../../workers/cli/load.ts';
import { prepareRun, type RunSettings } from '../../workers/run/prepare.ts';
import { runFigures } from '../../workers/run/run-figures.ts';
import { startThreads } from '../../workers/threads/thread-pool.ts';
import { advance, largest, realBed } from './laboratory.ts';

async function start(name: string, set: readonly string[], settings: Partial<RunSettings> = {}) {
  const { scenario } = await loadNamed(name, { set });
  const prepared = await prepareRun(scenario, {
    threads: 1,
    form: 'wasm',
    skipRest: true,
    cache: undefined,
    ...settings,
  });
  return { prepared, simulation: await Simulation.start(prepared.options, startThreads) };
}

/** Error norms of Williamson 2 after `days`. */
async function steadyError(cells: number, angle: number, days: number) {
  const { prepared, simulation } = await start('williamson-2', [
    `grid.cells=${cells}`,
    `grid.tile=${cells}`,
    `initial.angle=${angle}`,
    `time.duration=${days} d`,
  ]);
  await advance(simulation, prepared.steps);
  const figures = runFigures(simulation.run, prepared);
  const mass = Math.abs(simulation.massRelativeDrift());
  await simulation.close();
  return { ...figures.error!, mass };
}

describe('steady flow round the globe (Williamson 2) stays, to fourth order', () => {
  it.each([0, 45, 90])('at an angle of %d°, over panel edges and corners', async (angle) => {
    const coarse = await steadyError(16, angle, 3);
    const fine = await steadyError(32, angle, 3);
    expect(fine.l2).toBeLessThan(4e-7);
    expect(fine.linf).toBeLessThan(1.5e-6);
    expect(Math.log2(coarse.l2 / fine.l2)).toBeGreaterThan(3.65);
    expect(Math.log2(coarse.linf / fine.linf)).toBeGreaterThan(3.5);
    expect(Math.max(coarse.mass, fine.mass)).toBeLessThan(1e-15);
  });
});

describe('the bits of the air', () => {
  const VARIANTS: Readonly<Record<string, [tile: number, settings: Partial<RunSettings>]>> = {
    'in tiles of 6': [6, {}],
    'in tiles of 8 on 3 threads': [8, { threads: 3 }],
    'from emitted JavaScript, tiles of 12': [12, { form: 'js' }],
    'from the kernels’ own functions': [24, { form: 'reference' }],
  };
  it.each(process.env.TERRELLA_DEPTH === 'deep' ? ['float64', 'float32'] : ['float64'])(
    'are the same for any tiles, threads and forms, over a mountain, in %s',
    async (precision) => {
      const hashAfter = async (tile: number, settings: Partial<RunSettings>) => {
        const { simulation } = await start(
          'williamson-5',
          ['grid.cells=24', `grid.tile=${tile}`, `model.precision=${precision}`],
          settings,
        );
        await advance(simulation, 3);
        const hash = simulation.hash();
        await simulation.close();
        return hash;
      };
      const expected = await hashAfter(24, {});
      for (const [name, [tile, settings]] of Object.entries(VARIANTS))
        expect(await hashAfter(tile, settings), name).toBe(expected);
    },
  );

  it('are the same after a stop at any step', async () => {
    const { prepared, simulation: whole } = await start('galewsky', ['grid.cells=12', 'grid.tile=6']);
    const { simulation: first } = await start('galewsky', ['grid.cells=12', 'grid.tile=6']);
    await advance(whole, 9);
    await advance(first, 4);
    const saved = first.save();
    expect(saved.fields.map(({ name }) => name)).toEqual(['surface', 'momentumX', 'momentumY', 'momentumZ']);
    const resumed = await Simulation.start(prepared.options, startThreads, saved);
    await advance(resumed, 9);
    expect(resumed.hash()).toBe(whole.hash());
    for (const one of [whole, first, resumed]) await one.close();
  });
});

it('hyperdiffusion eats waves of two cells, and leaves long ones alone, on any tiles', async () => {
  const after = async (tile: number, strength: string) => {
    const { prepared, simulation } = await start('williamson-2', [
      'grid.cells=24',
      `grid.tile=${tile}`,
      `model.parameters.hyperdiffusion=${strength}`,
    ]);
    const momentum = prepared.options.fields.momentumZ as readonly Float64Array[];
    const ripple = (cell: number) => ((cell % 24) + Math.floor(cell / 24)) % 2 === 0;
    const rippled = momentum.map((panel) => panel.map((m, cell) => m + (ripple(cell) ? 100 : -100)));
    const run = await Simulation.start({
      ...prepared.options,
      fields: { ...prepared.options.fields, momentumZ: rippled },
    });
    await advance(run, 12);
    let sum = 0;
    run.run.read('momentumZ').forEach((panel, p) => {
      panel.forEach((m, cell) => {
        sum += (m - momentum[p]![cell]!) * (ripple(cell) ? 1 : -1);
      });
    });
    const mean = sum / (6 * 24 * 24);
    const { error } = runFigures(run.run, prepared);
    for (const one of [simulation, run]) await one.close();
    return { mean, l2: error!.l2, hash: run.hash() };
  };
  const without = await after(24, '0 m^4/s');
  const smoothed = await after(24, '1e17 m^4/s');
  // The part of the ripple that points away from the globe stands still.
  expect(smoothed.mean).toBeLessThan(without.mean - 1);
  expect(smoothed.l2).toBeLessThan(0.5 * without.l2);
  expect((await after(8, '1e17 m^4/s')).hash).toBe(smoothed.hash);
});

it('water above real mountains and trenches, 5 km high and 10 deep, stays at rest to the last bit', async () => {
  const grid = makeCubedSphere({ cells: 24, tile: 12, radius: EARTH.radius, halo: 3 });
  const bed = await realBed(24);
  const level = bed.map((panel) => panel.map(() => 6000));
  const model = shallowWater({
    gravity: EARTH.gravity,
    rotation: [0, 0, EARTH.rotation],
    planeCoriolis: 0,
    radius: EARTH.radius,
    hyperdiffusion: 0,
  });
  const sea = await Simulation.start(
    simulationOptions({ grid, model, timeStep: 200, fields: { bed, surface: level } }),
  );
  await advance(sea, 40);
  expect(largest(sea.run.read('surface'), level)).toBe(0);
  for (const axis of ['X', 'Y', 'Z']) expect(largest(sea.run.read(`momentum${axis}`))).toBe(0);
});

it('air that leaves its bed bare is a failure with a place, not a number', async () => {
  const { prepared } = await start('williamson-5', ['grid.cells=12', 'grid.tile=12']);
  const [panel, cell] = [3, 70];
  const surface = (prepared.options.fields.surface as Float64Array[]).map((values) => values.slice());
  surface[panel]![cell] = prepared.bed[panel]![cell]! - 4000;
  const broken = await Simulation.start({ ...prepared.options, fields: { ...prepared.options.fields, surface } });
  const progress = await broken.advanceTo(2);
  expect(progress).toMatchObject({ outcome: 'failed', failure: { step: 1, latitude: expect.any(Number) } });
});

describe('states of the published tests', () => {
  it('the Rossby–Haurwitz wave has wave number four, and no wind at the poles', () => {
    const { flow } = testState({ name: 'williamson-6', angle: 0 });
    const at = (x: number, y: number, z: number) => {
      const out = new Float64Array(4);
      flow(x, y, z, out);
      return [...out];
    };
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const [height, u, v, w] = at(c * 0.8, s * 0.8, 0.6) as [number, number, number, number];
    const [quarter, qu, qv, qw] = at(-s * 0.8, c * 0.8, 0.6) as [number, number, number, number];
    expect(quarter).toBeCloseTo(height, 8);
    expect([qu, qv, qw]).toEqual([expect.closeTo(-v, 10), expect.closeTo(u, 10), expect.closeTo(w, 10)]);
    expect(at(0, 0, 1).slice(1)).toEqual([0, 0, 0]);
    // Williamson et al. (1992) fig. 5.1: between 8 and 10.6 km.
    expect(at(0, 0, 1)[0]).toBeCloseTo(8000, 6);
  });

  it('the balanced jet blows 80 m/s at 45° N, and holds a mean depth of 10 km', () => {
    const { flow } = testState({ name: 'galewsky-unperturbed', angle: 0 });
    const out = new Float64Array(4);
    flow(Math.SQRT1_2, 0, Math.SQRT1_2, out);
    expect([...out.subarray(1)]).toEqual([expect.closeTo(0, 12), expect.closeTo(80, 10), 0]);
    let mean = 0;
    const bands = 4000;
    for (let k = 0; k < bands; k++) {
      const z = -1 + (2 * (k + 0.5)) / bands;
      flow(Math.sqrt(1 - z * z), 0, z, out);
      mean += out[0]! / bands;
    }
    expect(mean).toBeCloseTo(10_000, 1);
  });
});
