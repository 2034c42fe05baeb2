import { describe, expect, it } from 'vitest';
import type { KernelForm, Precision } from '../../engine/compiler/pipeline.ts';
import { cellAverages } from '../../engine/grid/cell-averages.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { makePlane } from '../../engine/grid/plane.ts';
import { exactSum } from '../../engine/math/index.ts';
import { transport } from '../../engine/models/transport.ts';
import { type PrescribedWind, windFields } from '../../engine/models/wind.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { simulationOptions } from '../../engine/simulation/simulation-options.ts';
import {
  correlated,
  gaussianHills,
  type MixingRatio,
  NAIR_LAURITZEN_TRACERS,
  nairLauritzenWind,
  TURNING_STRENGTH,
  TWELVE_DAYS,
} from '../../scenarios/states/nair-lauritzen.ts';
import { cosineBell, solidBodyWind } from '../../scenarios/states/williamson-1.ts';
import {
  advance,
  DEEP,
  EARTH_RADIUS,
  largest,
  type Panels,
  range,
  rootMeanSquare,
  sequence,
  sphere,
} from './laboratory.ts';

interface Carried {
  /** Mixing ratio at the start: everywhere, by place, or as averages over cells. */
  readonly at: MixingRatio | number | Panels;
  readonly range?: { readonly low: number; readonly high: number };
}

interface Voyage {
  readonly grid: Grid;
  readonly wind: PrescribedWind;
  readonly tracers: Readonly<Record<string, Carried>>;
  /** Of the outflow, the largest of the period. */
  readonly courant?: number;
  readonly seconds?: number;
  readonly form?: KernelForm;
  readonly precision?: Precision;
}

const GLOBE = { radius: EARTH_RADIUS, period: TWELVE_DAYS };

const averages = (grid: Grid, at: MixingRatio): Panels =>
  cellAverages(grid, 1, (x, y, z, out) => {
    out[0] = at(x, y, z);
  })[0]!;

/** Largest share of a cell that leaves it in a second, over a period. */
function outflow(grid: Grid, wind: PrescribedWind, fields: Readonly<Record<string, Panels>>, seconds: number): number {
  const { cellsX, cellsY } = grid;
  let largest = 0;
  for (let when = 0; when <= 24; when++) {
    const amplitudes = wind.amplitudes((seconds * when) / 24);
    for (let panel = 0; panel < grid.panels; panel++) {
      const { area } = grid.geometry(panel);
      const through = (axis: 'X' | 'Y', face: number) =>
        amplitudes.reduce((sum, a, k) => sum + a * fields[`through${k + 1}${axis}`]![panel]![face]!, 0);
      for (let j = 0; j < cellsY; j++)
        for (let i = 0; i < cellsX; i++) {
          const west = j * (cellsX + 1) + i;
          const south = j * cellsX + i;
          const leaving = [
            -through('X', west),
            through('X', west + 1),
            -through('Y', south),
            through('Y', south + cellsX),
          ];
          largest = Math.max(largest, leaving.reduce((sum, flux) => sum + Math.max(0, flux), 0) / area[south]!);
        }
    }
  }
  return largest;
}

function startOf(grid: Grid, at: Carried['at']): Panels {
  if (typeof at === 'function') return averages(grid, at);
  if (typeof at !== 'number') return at;
  return Array.from({ length: grid.panels }, () => new Float64Array(grid.cellsX * grid.cellsY).fill(at));
}

async function embark({ grid, wind, tracers, courant = 0.8, seconds = TWELVE_DAYS, ...options }: Voyage) {
  const statics = windFields(grid, grid.kind === 'plane' ? Number.POSITIVE_INFINITY : EARTH_RADIUS, wind.parts);
  const start: Record<string, Panels> = {};
  for (const [name, { at }] of Object.entries(tracers)) start[name] = startOf(grid, at);
  const steps = Math.ceil((seconds * outflow(grid, wind, statics, seconds)) / courant);
  const model = transport({
    wind,
    tracers: Object.entries(tracers).map(([name, { range: bounds }]) => ({
      name,
      ...(bounds ? { range: bounds } : {}),
    })),
  });
  const simulation = await Simulation.start(
    simulationOptions({ grid, model, timeStep: seconds / steps, fields: { ...statics, ...start }, ...options }),
  );
  return { grid, simulation, start, steps };
}

type Run = Awaited<ReturnType<typeof embark>>;

async function travel(voyage: Voyage): Promise<Run> {
  const run = await embark(voyage);
  await advance(run.simulation, run.steps);
  return run;
}

/** ∫ ρ q over the grid. */
function amount({ grid, simulation }: Run, q: readonly ArrayLike<number>[]): number {
  const air = simulation.run.read('air');
  return exactSum(
    Float64Array.from(
      q.flatMap((panel, p) => {
        const { area } = grid.geometry(p);
        return Array.from(panel, (value, cell) => area[cell]! * air[p]![cell]! * value);
      }),
    ),
  );
}

/** ℓ₂ of Williamson et al. (1992) eq. 83. */
function relativeError({ grid, simulation, start }: Run, tracer: string, exact = start[tracer]!): number {
  const wrong = simulation.run
    .read(tracer)
    .map((panel, p) => Float64Array.from(panel, (value, cell) => value - exact[p]![cell]!));
  return rootMeanSquare(grid, wrong) / rootMeanSquare(grid, exact);
}

/** How far beyond its range a tracer has gone; below 0 within it. */
function excess({ simulation }: Run, tracer: string, { low, high }: { readonly low: number; readonly high: number }) {
  const [least, most] = range(simulation.run.read(tracer));
  return Math.max(low - least, most - high);
}

const hills: Carried = { at: gaussianHills(4) };
const tracer = (name: keyof typeof NAIR_LAURITZEN_TRACERS, which: 3 | 4): Required<Carried> => ({
  at: NAIR_LAURITZEN_TRACERS[name].of(which),
  range: NAIR_LAURITZEN_TRACERS[name].range,
});

describe('a wind through faces', () => {
  it('is the same from its stream function and from its velocity, and what flows into a cell flows out', () => {
    const grid = sphere(12);
    const angle = 0.7;
    const { parts } = solidBodyWind({ ...GLOBE, angle });
    const turn = (2 * Math.PI * EARTH_RADIUS) / TWELVE_DAYS;
    const [a, c] = [-Math.sin(angle), Math.cos(angle)];
    const velocity = (x: number, y: number, z: number, out: Float64Array) => {
      out.set([-c * y * turn, (c * x - a * z) * turn, a * y * turn]);
    };
    const given = windFields(grid, EARTH_RADIUS, [...parts, { velocity }]);
    const scale = EARTH_RADIUS * turn;
    for (const axis of ['X', 'Y'] as const)
      for (const kind of ['through', 'shear'] as const)
        given[`${kind}1${axis}`]!.forEach((panel, p) => {
          panel.forEach((flux, face) => {
            expect(Math.abs(flux - given[`${kind}2${axis}`]![p]![face]!)).toBeLessThan(1e-9 * scale);
          });
        });
    const [x, y] = [given.through1X!, given.through1Y!];
    for (let panel = 0; panel < 6; panel++)
      for (let cell = 0; cell < 144; cell++) {
        const west = cell + Math.floor(cell / 12);
        const net = x[panel]![west + 1]! - x[panel]![west]! + y[panel]![cell + 12]! - y[panel]![cell]!;
        expect(Math.abs(net)).toBeLessThan(1e-15 * scale);
      }
  });
});

describe('tracers in the winds of Nair & Lauritzen (2010)', () => {
  it('smooth hills that are drawn apart and brought back converge, the faster the finer the grid', async () => {
    const wind = nairLauritzenWind(4, { ...GLOBE, strength: TURNING_STRENGTH });
    const cells = DEEP ? [16, 32, 64, 128] : [16, 32];
    const errors: number[] = [];
    for (const n of cells)
      errors.push(relativeError(await travel({ grid: sphere(n), wind, tracers: { hills }, courant: 1.2 }), 'hills'));
    const order = (k: number) => Math.log(errors[k - 1]! / errors[k]!) / Math.log(cells[k]! / cells[k - 1]!);
    expect(order(1)).toBeGreaterThan(2.3);
    expect(errors[1]!).toBeLessThan(2.8e-2);
    if (DEEP) {
      expect(order(2)).toBeGreaterThan(3.6);
      expect(order(3)).toBeGreaterThan(4);
      expect(errors[2]!).toBeLessThan(2.0e-3);
      expect(errors[3]!).toBeLessThan(1.0e-4);
    }
  });

  it('cylinders keep their range in every step, and everything its amount', async () => {
    const wind = nairLauritzenWind(4, GLOBE);
    const bounded = {
      cylinders: tracer('slotted-cylinders', 4),
      bells: tracer('cosine-bells', 4),
      correlated: tracer('correlated-bells', 4),
    };
    const run = await embark({
      grid: sphere(24),
      wind,
      tracers: { ...bounded, free: { at: bounded.cylinders.at } },
      // As far apart as they come, but for long runs.
      seconds: TWELVE_DAYS / (DEEP ? 1 : 2),
    });
    const before = Object.entries(run.start).map(([name, q]) => [name, amount(run, q)] as const);
    for (let step = 1; step <= run.steps; step += 1 + Math.floor(run.steps / 100)) {
      await advance(run.simulation, step);
      for (const [name, { range: bounds }] of Object.entries(bounded))
        expect(excess(run, name, bounds), `${name}, step ${step}`).toBeLessThan(1e-12);
    }
    await advance(run.simulation, run.steps);
    expect(excess(run, 'free', bounded.cylinders.range)).toBeGreaterThan(0.01);
    for (const [name, was] of before)
      expect(Math.abs(amount(run, run.simulation.run.read(name)) / was - 1), name).toBeLessThan(1e-13);
    expect(Math.abs(run.simulation.massRelativeDrift())).toBeLessThan(1e-13);
    // ξ = −0.8 q² + 0.9 at the start, and nearly so after.
    const [q, xi] = [run.simulation.run.read('bells'), run.simulation.run.read('correlated')];
    const apart = q.map((panel, p) => Float64Array.from(panel, (value, cell) => xi[p]![cell]! - correlated(value)));
    expect(rootMeanSquare(run.grid, apart)).toBeLessThan(0.02);
  });

  it('in a wind that diverges the even stays even to the bit, bounds hold, nothing is lost', async () => {
    const wind = nairLauritzenWind(3, GLOBE);
    const run = await embark({
      grid: sphere(20),
      wind,
      tracers: {
        even: { at: 0.3 },
        ranged: { at: 1, range: { low: 0, high: 1.5 } },
        hills: { at: gaussianHills(3) },
        cylinders: tracer('slotted-cylinders', 3),
      },
    });
    const before = Object.entries(run.start).map(([name, q]) => [name, amount(run, q)] as const);
    await advance(run.simulation, Math.round(run.steps / 2));
    const [thinnest, densest] = range(run.simulation.run.read('air'));
    expect(densest - thinnest).toBeGreaterThan(0.5);
    await advance(run.simulation, run.steps);
    expect(range(run.simulation.run.read('even'))).toEqual([0.3, 0.3]);
    expect(range(run.simulation.run.read('ranged'))).toEqual([1, 1]);
    expect(excess(run, 'cylinders', { low: 0.1, high: 1 })).toBeLessThan(1e-12);
    for (const [name, was] of before)
      expect(Math.abs(amount(run, run.simulation.run.read(name)) / was - 1), name).toBeLessThan(1e-13);
    expect(
      relativeError(
        run,
        'air',
        run.start.even!.map((panel) => panel.map(() => 1)),
      ),
    ).toBeLessThan(5e-3);
    expect(relativeError(run, 'hills')).toBeLessThan(5e-2);
  });
});

describe('the cosine bell of Williamson et al. (1992), case 1', () => {
  for (const degrees of [0, 45, 90])
    it(`goes round at ${degrees}° to the equator without leaving its range`, async () => {
      const body = { ...GLOBE, angle: (degrees * Math.PI) / 180 };
      const range = { low: 0, high: 1 };
      const free = { at: cosineBell(body) };
      const run = await travel({
        grid: sphere(20),
        wind: solidBodyWind(body),
        tracers: { free, ranged: { ...free, range } },
        courant: 0.6,
      });
      expect(excess(run, 'ranged', range)).toBeLessThan(1e-12);
      expect(relativeError(run, 'free')).toBeLessThan(0.16);
      expect(relativeError(run, 'ranged')).toBeLessThan(0.15);
    });

  it('carries a smooth hill over panel edges and corners with order 4 or more', async () => {
    const body = { ...GLOBE, angle: Math.PI / 4 };
    const seconds = TWELVE_DAYS / 2;
    const wind = solidBodyWind(body);
    // A hill about where the bell is, of its centre's own motion.
    const hillAt = (when: number): MixingRatio => {
      const turn = (2 * Math.PI * when) / TWELVE_DAYS;
      const [a, b, c] = [Math.cos(body.angle) * Math.sin(turn), -Math.cos(turn), Math.sin(body.angle) * Math.sin(turn)];
      return (x, y, z) => Math.exp(-5 * ((x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2));
    };
    const errors: number[] = [];
    for (const n of [16, 32]) {
      const grid = sphere(n);
      const run = await travel({ grid, wind, tracers: { hill: { at: hillAt(0) } }, courant: 1.2, seconds });
      errors.push(relativeError(run, 'hill', averages(grid, hillAt(seconds))));
    }
    expect(Math.log2(errors[0]! / errors[1]!)).toBeGreaterThan(4);
    expect(errors[1]!).toBeLessThan(1e-3);
  });
});

describe('noise', () => {
  it('does not grow where the wind blows along panel edges', async () => {
    const random = sequence(7);
    const noise = Array.from({ length: 6 }, () => Float64Array.from({ length: 16 * 16 }, () => random() - 0.5));
    for (const angle of [0, Math.PI / 4]) {
      const wind = solidBodyWind({ ...GLOBE, angle });
      const run = await travel({
        grid: sphere(16),
        wind,
        tracers: { noise: { at: noise } },
        courant: 1.2,
        seconds: 2 * TWELVE_DAYS,
      });
      expect(largest(run.simulation.run.read('noise'))).toBeLessThan(0.5);
    }
  });
});

describe('the bits of a state', () => {
  it('do not depend on how the globe is cut or how kernels run', async () => {
    const wind = nairLauritzenWind(4, GLOBE);
    const tracers = { hills, cylinders: tracer('slotted-cylinders', 4) };
    const hashOf = async (tile: number, form: KernelForm, seconds: number, cells = 12) => {
      const { simulation } = await travel({ wind, tracers, seconds, grid: sphere(cells, tile), form });
      return simulation.hash();
    };
    const day = await hashOf(12, 'wasm', 86400);
    for (const tile of [6, 4]) expect(await hashOf(tile, 'wasm', 86400)).toBe(day);
    expect(await hashOf(6, 'js', 86400)).toBe(day);
    expect(await hashOf(8, 'reference', 1800, 8)).toBe(await hashOf(4, 'wasm', 1800, 8));
  });

  it('in float32 the even stays even too', async () => {
    const wind = nairLauritzenWind(3, GLOBE);
    const { simulation } = await travel({
      grid: sphere(16),
      wind,
      tracers: { even: { at: 0.3 } },
      seconds: 86400,
      precision: 'float32',
    });
    expect(range(simulation.run.read('even'))).toEqual([Math.fround(0.3), Math.fround(0.3)]);
  });
});

describe('tracers on a periodic plane', () => {
  it('a smooth hill carried aslant comes back with order 4 or more', async () => {
    const size = 1000;
    const [u, v] = [1, 0.5];
    const wind: PrescribedWind = {
      parts: [{ streamfunction: (x, y) => v * x - u * y }],
      amplitudes: () => [1],
      fastest: 1.2,
    };
    const wave = (at: number) => Math.sin((2 * Math.PI * at) / size);
    const errors: number[] = [];
    for (const n of [16, 32]) {
      const grid = makePlane({
        cellsX: n,
        cellsY: n,
        tileX: n / 2,
        tileY: n,
        sizeX: size,
        sizeY: size,
        boundary: { x: 'periodic', y: 'periodic' },
        halo: 3,
      });
      const hill: Carried = { at: (x, y) => Math.exp(wave(x) + wave(y)) };
      errors.push(relativeError(await travel({ grid, wind, tracers: { hill }, seconds: 2 * size }), 'hill'));
    }
    expect(Math.log2(errors[0]! / errors[1]!)).toBeGreaterThan(4);
    expect(errors[1]!).toBeLessThan(2e-3);
  });
});
