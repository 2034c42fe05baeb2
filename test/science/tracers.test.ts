import { describe, expect, it } from 'vitest';
import type { Precision } from '../../engine/compiler/pipeline.ts';
import type { Simulation } from '../../engine/simulation/simulation.ts';
import {
  advance,
  DEEP,
  EARTH_RADIUS,
  laboratory,
  range,
  realBed,
  rootMeanSquare,
  shallowest,
  sphere,
} from './laboratory.ts';
import { angleFrom, cellAverages, direction, PLACES, type Vector } from './zonal-waves.ts';

/** ∫ h q over the globe. */
function amount({ run, options }: Simulation, tracer: string): number {
  const [surface, bed, q] = [run.read('surface'), run.read('bed'), run.read(tracer)];
  let sum = 0;
  for (let panel = 0; panel < 6; panel++) {
    const { area } = options.grid.geometry(panel);
    area.forEach((a, cell) => {
      sum += a * (surface[panel]![cell]! - bed[panel]![cell]!) * q[panel]![cell]!;
    });
  }
  return sum;
}

describe('tracers in a globe of water that turns as one body, 60 m/s at its equator', () => {
  const speed = 60;
  const level = 3000;
  const axis = direction(17, 5);
  /** A third of the way round, from one corner of the cube over edges and past others. */
  const turn = (DEEP ? 2 : 2 / 3) * Math.PI;

  async function carousel(cells: number, precision: Precision = 'float64') {
    const grid = sphere(cells, cells / 2);
    const along = (r: Vector) => axis[0] * r[0] + axis[1] * r[1] + axis[2] * r[2];
    const cross = (r: Vector): Vector => [
      axis[1] * r[2] - axis[2] * r[1],
      axis[2] * r[0] - axis[0] * r[2],
      axis[0] * r[1] - axis[1] * r[0],
    ];
    const depth = (r: Vector) => level - (0.5 * speed * speed * along(r) ** 2) / 9.80616;
    const momentum = (k: 0 | 1 | 2) => cellAverages(grid, (r) => depth(r) * speed * cross(r)[k]);
    const hillAt = (r: Vector) => {
      const angle = angleFrom(r);
      return cellAverages(grid, (s) => Math.exp(-((angle(s) / 0.35) ** 2)));
    };
    const from = angleFrom(PLACES.corner);
    const disc = cellAverages(grid, (r) => (from(r) < 0.35 ? 1 : 0)).map((panel) => panel.map(Math.round));
    const globe = await laboratory({
      grid,
      bed: () => -level,
      surface: cellAverages(grid, (r) => depth(r) - level),
      momentumX: momentum(0),
      momentumY: momentum(1),
      momentumZ: momentum(2),
      tracers: { even: () => 0.3, disc, hill: hillAt(PLACES.corner) },
      precision,
    });
    const steps = Math.round((turn * EARTH_RADIUS) / speed / globe.options.timeStep);
    // Rodrigues' rotation of the corner.
    const angle = (steps * globe.options.timeStep * speed) / EARTH_RADIUS;
    const [c, s, k] = [Math.cos(angle), Math.sin(angle), along(PLACES.corner) * (1 - Math.cos(angle))];
    const across = cross(PLACES.corner);
    const [x, y, z] = [0, 1, 2].map((i) => PLACES.corner[i]! * c + across[i]! * s + axis[i]! * k);
    return { grid, globe, exact: hillAt([x!, y!, z!]), steps };
  }

  it('the even stays even to the bit, nothing is lost, and bounds hold', async () => {
    const { grid, globe, exact, steps } = await carousel(24);
    const before = { disc: amount(globe, 'disc'), hill: amount(globe, 'hill') };
    await advance(globe, steps);
    expect(range(globe.run.read('even'))).toEqual([0.3, 0.3]);
    for (const tracer of ['disc', 'hill'] as const)
      expect(Math.abs(amount(globe, tracer) / before[tracer] - 1)).toBeLessThan(1e-12);
    const [low, high] = range(globe.run.read('disc'));
    expect(low).toBeGreaterThan(-1e-12);
    expect(high).toBeLessThan(1 + 1e-12);
    expect(high).toBeGreaterThan(0.95);
    const error = globe.run.read('hill').map((panel, p) => Float64Array.from(panel, (q, cell) => q - exact[p]![cell]!));
    expect(rootMeanSquare(grid, error) / rootMeanSquare(grid, exact)).toBeLessThan(0.05);
  });

  it('in float32 the even stays even to the bit too', async () => {
    const { globe } = await carousel(24, 'float32');
    await advance(globe, 60);
    expect(range(globe.run.read('even'))).toEqual([Math.fround(0.3), Math.fround(0.3)]);
  });
});

describe('tracers in a flood over real coasts', () => {
  it('stay even to the bit, are not lost, and stay within bounds', async () => {
    const bed = await realBed(36);
    const surface = bed.map((panel, p) => panel.map((ground) => Math.max(p === 1 ? 20 : 0, ground)));
    const flood = await laboratory({
      grid: sphere(36, 18),
      bed,
      surface,
      settings: { rotation: 7.292e-5, manning: 0.025 },
      tracers: {
        even: () => 0.7,
        marked: (longitude, latitude) => (Math.abs(longitude - 90) < 40 && Math.abs(latitude) < 40 ? 1 : 0),
      },
    });
    const before = { even: amount(flood, 'even'), marked: amount(flood, 'marked') };
    for (let step = 1; step <= 80; step++) {
      await advance(flood, step);
      const [least, most] = range(flood.run.read('marked'));
      expect(least).toBeGreaterThan(-1e-12);
      expect(most).toBeLessThan(1 + 1e-12);
    }
    expect(range(flood.run.read('even'))).toEqual([0.7, 0.7]);
    expect(shallowest(flood)).toBe(0);
    for (const tracer of ['even', 'marked'] as const)
      expect(Math.abs(amount(flood, tracer) / before[tracer] - 1), tracer).toBeLessThan(1e-12);
  });
});
