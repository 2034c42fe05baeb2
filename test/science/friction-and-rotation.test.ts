import { describe, expect, it } from 'vitest';
import { makePlane } from '../../engine/grid/plane.ts';
import { advance, channel, DEEP, EARTH_RADIUS, laboratory, largest, rootMeanSquare, sphere } from './laboratory.ts';
import { cellAverages, direction, PLACES, type Vector } from './zonal-waves.ts';

const GRAVITY = 9.80616;

describe('a uniform stream slowed by the bed', () => {
  /** u′ = −g n² u² h^(−4/3): u = u₀ / (1 + g n² u₀ h^(−4/3) t). */
  async function slowed(depth: number, speed: number, steps: number) {
    const manning = 0.025;
    const duration = 600;
    const stream = await laboratory({
      grid: channel(8, 8e3, 'periodic'),
      bed: () => -depth,
      momentumX: () => speed * depth,
      timeStep: duration / steps,
      settings: { manning, thinDepth: 0.1 },
    });
    await advance(stream, steps);
    const exact = (speed * depth) / (1 + GRAVITY * manning ** 2 * speed * depth ** (-4 / 3) * duration);
    return stream.run.read('momentumX')[0]![3]! / exact - 1;
  }

  it('follows Manning’s law whatever the step: m / (1 + Δt K m) solves m′ = −K m² exactly', async () => {
    for (const depth of [0.5, 5, 100])
      for (const steps of [1, 20, 60]) expect(Math.abs(await slowed(depth, 2, steps))).toBeLessThan(1e-7);
  });
});

it('friction is left out only where a step would lose less than single precision rounds off', async () => {
  const manning = 0.025;
  const timeStep = 30;
  let leftOut = 0;
  for (const depth of [20, 30, 200, 1500, 4000, 11_000])
    for (const speed of [1e-4, 1e-2, 0.3, 2]) {
      const stream = await laboratory({
        grid: channel(8, 8e3, 'periodic'),
        bed: () => -depth,
        momentumX: () => speed * depth,
        timeStep,
        settings: { manning },
      });
      await advance(stream, 1);
      const loss = 1 - stream.run.read('momentumX')[0]![3]! / (speed * depth);
      const rate = timeStep * GRAVITY * manning ** 2 * speed * depth ** (-4 / 3);
      if (loss === 0) leftOut++;
      else expect(Math.abs(loss / (rate / (1 + rate)) - 1), `${depth} m, ${speed} m/s`).toBeLessThan(1e-6);
      if (loss === 0) expect(rate).toBeLessThan(2 ** -25);
    }
  expect(leftOut).toBeGreaterThan(3);
});

describe('a uniform stream turned by the rotation of a plane', () => {
  it('goes round in 2π/f, clockwise in the north, without loss', async () => {
    const f = 1e-4;
    const steps = 400;
    const stream = await laboratory({
      grid: makePlane({
        cellsX: 8,
        cellsY: 8,
        tileX: 8,
        tileY: 8,
        sizeX: 8e5,
        sizeY: 8e5,
        boundary: { x: 'periodic', y: 'periodic' },
        halo: 3,
      }),
      bed: () => -100,
      momentumX: () => 10,
      timeStep: (2 * Math.PI) / f / steps,
      settings: { planeCoriolis: f },
    });
    const momentum = () => [stream.run.read('momentumX')[0]![27]!, stream.run.read('momentumY')[0]![27]!];
    await advance(stream, steps / 4);
    expect(momentum()).toEqual([expect.closeTo(0, 5), expect.closeTo(-10, 5)]);
    await advance(stream, steps);
    expect(momentum()).toEqual([expect.closeTo(10, 5), expect.closeTo(0, 5)]);
    expect(largest(stream.run.read('surface'))).toBe(0);
  });
});

describe('a globe of water turning as one body, 38.6 m/s at its equator, for five days', () => {
  const speed = (2 * Math.PI * EARTH_RADIUS) / (12 * 86400);
  const level = 2.94e4 / GRAVITY;

  /** Distance from balance (Williamson et al. 1992, case 2), relative to the depth. */
  async function unbalance(axis: Vector, rotation: number, cells: number) {
    const grid = sphere(cells);
    const depth = (r: Vector) => {
      const along = axis[0] * r[0] + axis[1] * r[1] + axis[2] * r[2];
      return level - ((EARTH_RADIUS * rotation * speed + 0.5 * speed * speed) * along ** 2) / GRAVITY;
    };
    const cross = (r: Vector): Vector => [
      axis[1] * r[2] - axis[2] * r[1],
      axis[2] * r[0] - axis[0] * r[2],
      axis[0] * r[1] - axis[1] * r[0],
    ];
    const momentum = (k: 0 | 1 | 2) => cellAverages(grid, (r) => depth(r) * speed * cross(r)[k]);
    const surface = cellAverages(grid, (r) => depth(r) - level);
    const flow = await laboratory({
      grid,
      bed: () => -level,
      surface,
      momentumX: momentum(0),
      momentumY: momentum(1),
      momentumZ: momentum(2),
      settings: { rotation },
    });
    await advance(flow, Math.round((5 * 86400) / flow.options.timeStep));
    const error = flow.run
      .read('surface')
      .map((panel, p) => Float64Array.from(panel, (eta, cell) => eta - surface[p]![cell]!));
    return rootMeanSquare(grid, error) / level;
  }

  const resolutions = DEEP ? [32, 64, 128] : [16, 32];

  // The model's globe turns about its poles only; what crosses edges and corners aslant is the flow without rotation.
  it.each([
    ['about the poles of a turning globe', direction(0, 90), 7.292e-5, 3e-4],
    ['about an axis at 45° through an edge, on a globe at rest', direction(0, 45), 0, 3e-4],
    ['about an axis through a corner, on a globe at rest', PLACES.corner, 0, 3e-4],
  ])(
    '%s stays in balance, at second order',
    async (_, axis, rotation, most) => {
      const found: number[] = [];
      for (const cells of resolutions) found.push(await unbalance(axis, rotation, cells));
      expect(found.at(-1)).toBeLessThan(most);
      found.forEach((error, k) => {
        if (k > 0) expect(Math.log2(found[k - 1]! / error)).toBeGreaterThan(1.8);
      });
    },
    600_000,
  );
});
