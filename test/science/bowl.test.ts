import { describe, expect, it } from 'vitest';
import { makePlane } from '../../engine/grid/plane.ts';
import { advance, DEEP, laboratory, shallowest } from './laboratory.ts';

/** Thacker (1981): a plane surface circles in a bowl of parabolic section without changing its form. */
const GRAVITY = 9.80616;
const RADIUS = 1000;
const DEPTH = 100;
const SWAY = 500;
const SIZE = 4000;
const OMEGA = Math.sqrt(2 * GRAVITY * DEPTH) / RADIUS;
const PERIOD = (2 * Math.PI) / OMEGA;

const bed = (x: number, y: number) => -DEPTH * (1 - ((x - SIZE / 2) ** 2 + (y - SIZE / 2) ** 2) / RADIUS ** 2);
const plane = (time: number) => (x: number, y: number) =>
  ((SWAY * DEPTH) / RADIUS ** 2) *
  (2 * (x - SIZE / 2) * Math.cos(OMEGA * time) + 2 * (y - SIZE / 2) * Math.sin(OMEGA * time) - SWAY);
const depthAt = (time: number) => (x: number, y: number) => Math.max(0, plane(time)(x, y) - bed(x, y));

/** Two periods on a square of cells. */
async function circle(cells: number) {
  const start = depthAt(0);
  const width = SIZE / cells;
  const fastest = Math.sqrt(GRAVITY * DEPTH) + SWAY * OMEGA;
  const steps = Math.ceil((2 * PERIOD * 2 * fastest) / (0.7 * width));
  const grid = makePlane({
    cellsX: cells,
    cellsY: cells,
    tileX: cells,
    tileY: cells,
    sizeX: SIZE,
    sizeY: SIZE,
    boundary: { x: 'wall', y: 'wall' },
    halo: 3,
  });
  const bowl = await laboratory({
    grid,
    bed,
    surface: (x, y) => bed(x, y) + start(x, y),
    momentumY: (x, y) => start(x, y) * SWAY * OMEGA,
    timeStep: (2 * PERIOD) / steps,
    settings: { thinDepth: 0.01 * DEPTH },
  });
  let least = 0;
  for (let step = 1; step <= steps; step++) {
    await advance(bowl, step);
    if (step % 10 === 0) least = Math.min(least, shallowest(bowl));
  }
  const { longitude, latitude } = grid.geometry(0);
  const surface = bowl.run.read('surface')[0]!;
  const exact = depthAt(2 * PERIOD);
  const sums = { error: 0, whole: 0, x: 0, y: 0, wrong: 0, wet: 0 };
  surface.forEach((eta, cell) => {
    const [x, y] = [longitude[cell]!, latitude[cell]!];
    const h = eta - bed(x, y);
    const expected = exact(x, y);
    sums.error += Math.abs(h - expected);
    sums.whole += expected;
    sums.x += h * (x - SIZE / 2);
    sums.y += h * (y - SIZE / 2);
    const isWet = expected > 0.01 * DEPTH;
    if (isWet) sums.wet++;
    if (isWet !== h > 0.01 * DEPTH) sums.wrong++;
  });
  return {
    error: sums.error / sums.whole,
    /** Cells on the wrong side of the shoreline, of those under water. */
    misplaced: sums.wrong / sums.wet,
    sway: Math.hypot(sums.x, sums.y) / sums.whole / SWAY,
    phase: Math.atan2(sums.y, sums.x) / (2 * Math.PI),
    least,
    drift: Math.abs(bowl.massRelativeDrift()),
  };
}

describe('water circling in a parabolic bowl, after two rounds', () => {
  it('has its depth within 4 %, its sway within 1 %, and its shoreline in place, at 25 cells a radius of the lake', async () => {
    const { error, misplaced, sway, phase, least, drift } = await circle(50);
    expect(error).toBeLessThan(0.04);
    expect(misplaced).toBeLessThan(0.06);
    expect(Math.abs(sway - 1)).toBeLessThan(0.01);
    expect(Math.abs(phase)).toBeLessThan(0.01);
    expect(least).toBe(0);
    expect(drift).toBeLessThan(1e-13);
  });

  it('converges: the error falls by more than two and a half with twice the cells', async () => {
    const [coarse, fine] = DEEP ? [await circle(100), await circle(200)] : [await circle(30), await circle(60)];
    expect(coarse.error / fine.error).toBeGreaterThan(2.5);
    expect(fine.misplaced).toBeLessThan(coarse.misplaced);
  }, 600_000);
});
