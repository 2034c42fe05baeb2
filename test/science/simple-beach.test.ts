import { describe, expect, it } from 'vitest';
import { makePlane } from '../../engine/grid/plane.ts';
import { advance, DEEP, laboratory, readTable } from './laboratory.ts';

/**
 * NTHMP benchmark problem 1, Synolakis (1987): a solitary wave runs up a plane beach of 1:19.85. Everything scales with
 * the depth d; here d = 1 m, as in the flume, so that the thresholds of thin and dry water are tried at its scale too.
 */
const DEPTH = 1;
const GRAVITY = 9.80616;
const SLOPE = 1 / 19.85;
const TOE = 19.85 * DEPTH;
const TIME = Math.sqrt(DEPTH / GRAVITY);
/** Water under 1 % of the depth is at the shore. From 0.1 % to 3 % all give the same run-up within a percent. */
const THIN = 0.01 * DEPTH;
/** The tongue thins out to nothing: its tip is where it is a ten-thousandth of the depth. */
const TIP = 1e-4 * DEPTH;

async function runUp(height: number, cellsPerDepth: number) {
  const steepness = Math.sqrt((3 * height) / (4 * DEPTH)) / DEPTH;
  const crest = TOE + Math.acosh(Math.sqrt(20)) / steepness;
  const beachTop = 5 * DEPTH;
  const width = DEPTH / cellsPerDepth;
  const cells = Math.round((beachTop + crest + Math.acosh(Math.sqrt(1e4)) / steepness) * cellsPerDepth);
  const shore = (x: number) => x - beachTop;
  const bed = (x: number) => Math.max(-DEPTH, -shore(x) * SLOPE);
  const wave = (x: number) => height / Math.cosh(steepness * (shore(x) - crest)) ** 2;
  const surface = (x: number) => Math.max(bed(x), wave(x));
  const steps = Math.ceil((5 * TIME * Math.sqrt(GRAVITY * (DEPTH + height))) / (0.7 * width));
  const flume = await laboratory({
    grid: makePlane({
      cellsX: cells,
      cellsY: 1,
      tileX: cells,
      tileY: 1,
      sizeX: cells * width,
      // As wide as long, so that only the cells' length limits the step.
      sizeY: cells * width,
      boundary: { x: 'wall', y: 'periodic' },
      halo: 3,
    }),
    bed,
    surface,
    momentumX: (x) => -(surface(x) - bed(x)) * wave(x) * Math.sqrt(GRAVITY / DEPTH),
    timeStep: (5 * TIME) / steps,
    settings: { thinDepth: THIN },
  });
  const ground = flume.run.read('bed')[0]!;
  const profiles = new Map<number, (x: number) => number>();
  let highest = 0;
  for (let step = 1; step <= 14 * steps; step++) {
    if (step % 8 > 0 && step % steps > 0) continue;
    await advance(flume, step);
    const eta = flume.run.read('surface')[0]!;
    const tip = eta.findIndex((level, i) => level - ground[i]! > TIP);
    highest = Math.max(highest, eta[tip]!);
    if (step % steps > 0) continue;
    profiles.set((5 * step) / steps, (x) => {
      const at = (x * DEPTH + beachTop) / width - 0.5;
      const i = Math.floor(at);
      const dry = eta[i]! - ground[i]! < TIP;
      return dry ? Number.NaN : (eta[i]! + (at - i) * (eta[i + 1]! - eta[i]!)) / DEPTH;
    });
  }
  const flooded = flume.run.read('maximumAmplitude')[0]!.findIndex((depth) => depth > TIP);
  return { highest: highest / DEPTH, highestWetBed: ground[flooded]! / DEPTH, rise: width * SLOPE, profiles, flume };
}

describe('a solitary wave on a simple beach', () => {
  const table = readTable('simple-beach-profiles.txt');
  const times = [35, 40, 45, 50, 55, 60, 65, 70];

  it.each(DEEP ? [8, 16, 32] : [8])(
    'of 0.019 d runs up 0.0909 d, with the analytic profiles all the way, at %i cells a depth',
    async (cellsPerDepth) => {
      const { highest, highestWetBed, rise, profiles, flume } = await runUp(0.019 * DEPTH, cellsPerDepth);
      // The highest level in the analytic profiles, at t = 55.
      expect(Math.abs(highest / 0.0909 - 1)).toBeLessThan(0.03);
      expect(Math.abs(highest - highestWetBed)).toBeLessThan(rise);
      for (const [column, time] of times.entries()) {
        const level = profiles.get(time)!;
        const errors = table.map((row) => level(row[0]!) - row[column + 1]!).filter((error) => !Number.isNaN(error));
        expect(errors.length).toBeGreaterThan(80);
        const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
        expect(rms, `at t = ${time}`).toBeLessThan(5.5e-4);
      }
      expect(Math.abs(flume.massRelativeDrift())).toBeLessThan(1e-12);
    },
    300_000,
  );

  it('of 0.0185 d, the flume’s, runs up as Synolakis’ law says, 2.831 √cot β (H/d)^(5/4)', async () => {
    const { highest } = await runUp(0.0185 * DEPTH, 8);
    expect(Math.abs(highest / (2.831 * Math.sqrt(1 / SLOPE) * 0.0185 ** 1.25) - 1)).toBeLessThan(0.05);
  });
});
