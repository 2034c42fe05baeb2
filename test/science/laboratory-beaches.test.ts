import { describe, expect, it } from 'vitest';
import { makePlane } from '../../engine/grid/plane.ts';
import { analyticElevation } from '../../scenarios/analytic-bed.ts';
import { runUpOf } from '../../scenarios/run-up.ts';
import { advance, DEEP, laboratory } from './laboratory.ts';
import { GRAVITY, incidentWave, misfit, nthmpTable, record } from './nthmp.ts';

/** Flumes along x, as wide as long, so that only the cells' length limits the step. */
const flume = (cells: number, length: number, open: readonly 'west'[] = []) =>
  makePlane({
    cellsX: cells,
    cellsY: 1,
    tileX: cells,
    tileY: 1,
    sizeX: length,
    sizeY: length,
    boundary: { x: 'wall', y: 'periodic' },
    open,
    halo: 3,
  });

/** Manning's n of a smooth flume of glass and steel [s m^-1/3]. */
const SMOOTH = 0.008;

/**
 * NTHMP benchmark problem 2, Kânoğlu & Synolakis (1998): slopes of 1:53, 1:150 and 1:13 before a vertical wall, in water of
 * 21.8 cm. The west side is gauge 4, where the incident part of its record comes in and what the beach reflects leaves.
 */
const COMPOSITE_DEPTH = 0.218;
const FLAT = { a: 2.4, b: 0.98, c: 0.64 } as const;
/** Gauges 4 to 10 and the wall, by distance from the toe [m]. */
const GAUGES = [undefined, 0, 2.18, 4.36, 5.825, 7.29, 7.74, 8.19];

async function compositeBeach(kase: keyof typeof FLAT, cellsPerDecimetre: number, scale: number) {
  const toe = FLAT[kase];
  const length = toe + 8.19;
  const cells = Math.round(length * 10 * cellsPerDecimetre);
  const first = -COMPOSITE_DEPTH + 4.36 / 53;
  const second = first + 2.93 / 150;
  const every = 0.05;
  const steps = Math.ceil((every * Math.sqrt(GRAVITY * 2 * COMPOSITE_DEPTH) * cells) / length);
  const run = await laboratory({
    grid: flume(cells, length, ['west']),
    bed: analyticElevation({
      type: 'profile',
      points: [
        [toe, -COMPOSITE_DEPTH],
        [toe + 4.36, first],
        [toe + 7.29, second],
        [toe + 8.19, second + 0.9 / 13],
      ],
    })!,
    settings: { thinDepth: 2e-3, manning: scale < 1 ? 0 : SMOOTH },
    waves: { west: incidentWave(`bp02-${kase}-incident.csv`, scale) },
    timeStep: every / steps,
  });
  const gauges = GAUGES.map((distance) => ({ x: distance === undefined ? 0 : toe + distance, y: 0 }));
  const series = await record(run, gauges, { every, steps, duration: 25 });
  return { ...series, rows: series.rows.map((row) => row.map((height) => height / scale)) };
}

describe('solitary waves on a composite beach', () => {
  const perDecimetre = DEEP ? 10 : 2;

  // At gauges 4 to 9 and at the wall; gauge 10, on the last slope, is where its published series is worst.
  it.each([
    ['a', 0.02],
    ['b', 0.04],
    ['c', 0.08],
  ] as const)('of small height follow the linear solution there and back, case %s', async (kase, bar) => {
    const series = await compositeBeach(kase, perDecimetre, 0.01);
    const solution = nthmpTable(`bp02-${kase}-analytic.txt`);
    const times = solution.map(([time]) => time!);
    for (const gauge of [0, 1, 2, 3, 4, 5, 7]) {
      const heights = solution.map((row) => row[gauge + 1]!);
      expect(misfit(series, gauge, times, heights).rms, `gauge ${gauge + 4}`).toBeLessThan(bar);
    }
  });

  it.each([
    ['a', 0.18],
    ['b', 0.14],
    ['c', 0.15],
  ] as const)('of full height pass the gauges as in the flume, case %s', async (kase, bar) => {
    const series = await compositeBeach(kase, perDecimetre, 1);
    const measured = nthmpTable(`bp02-${kase}-laboratory.txt`);
    const times = measured.map(([time]) => time!);
    for (let gauge = 0; gauge < 7; gauge++) {
      const heights = measured.map((row) => row[gauge + 1]!);
      expect(misfit(series, gauge, times, heights).rms, `gauge ${gauge + 4}`).toBeLessThan(bar);
    }
  });
});

/** NTHMP benchmark problem 4, Synolakis (1987): the flume of problem 1, with what was measured in it. */
const COT_BETA = 19.85;

interface Climb {
  readonly depth: number;
  readonly steepness: number;
  /** Dry beach [depths]. */
  readonly top: number;
  readonly last: number;
}

async function climb(kase: 'a' | 'c', { depth, steepness: ratio, top, last }: Climb, cellsPerDepth: number) {
  const height = ratio * depth;
  const steepness = Math.sqrt(0.75 * ratio) / depth;
  const shore = top * depth;
  const crest = shore + COT_BETA * depth + Math.acosh(Math.sqrt(20)) / steepness;
  const cells = Math.round((crest / depth + Math.acosh(100) / (steepness * depth)) * cellsPerDepth);
  const width = depth / cellsPerDepth;
  const time = Math.sqrt(depth / GRAVITY);
  const bed = (x: number) => Math.max(-depth, (shore - x) / COT_BETA);
  const wave = (x: number) => height / Math.cosh(steepness * (x - crest)) ** 2;
  const surface = (x: number) => Math.max(bed(x), wave(x));
  const steps = Math.ceil((1 + 2 * ratio) * (cellsPerDepth / 0.7));
  const run = await laboratory({
    grid: flume(cells, cells * width),
    bed,
    surface,
    momentumX: (x) => -(surface(x) - bed(x)) * wave(x) * Math.sqrt(GRAVITY / depth),
    timeStep: time / steps,
    settings: { thinDepth: 0.01 * depth, manning: SMOOTH },
  });
  const measured = nthmpTable(`bp04-${kase}-profiles.txt`);
  const profiles = new Map<number, number>();
  for (let t = 1; t <= last; t++) {
    await advance(run, t * steps);
    const here = measured.filter(([at]) => at === t);
    if (here.length === 0) continue;
    const eta = run.run.read('surface')[0]!;
    const errors = here.map(([, x, level]) => {
      const at = (x! * depth + shore) / width - 0.5;
      const i = Math.floor(at);
      return (eta[i]! + (at - i) * (eta[i + 1]! - eta[i]!)) / depth - level!;
    });
    profiles.set(t, Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length));
  }
  const { longitude: x, latitude: y } = run.options.grid.geometry(0);
  const flooding = { x, y, ground: run.run.read('bed')[0]!, depth: run.run.read('maximumAmplitude')[0]! };
  const highest = runUpOf(flooding, { seaLevel: 0, threshold: 1e-3 * depth })!;
  return { runUp: highest.ground / depth, profiles, drift: run.massRelativeDrift() };
}

/** Run-up measured at a height of the wave, both in depths: the mean of what lies within 4 % of it, scaled to it. */
function measuredRunUp(ratio: number, power: number): number {
  const near = nthmpTable('bp04-runup.txt').filter(([h]) => Math.abs(h! / ratio - 1) < 0.04);
  return near.reduce((sum, [h, r]) => sum + r! * (ratio / h!) ** power, 0) / near.length;
}

describe('solitary waves in Synolakis’ flume', () => {
  it('measured: 0.076 depths by a wave of 0.0185 depths, 0.55 by one of 0.30', () => {
    // Powers of Synolakis' laws for waves that do not break (3.1) and that do (his figure 11).
    expect(measuredRunUp(0.0185, 1.25)).toBeCloseTo(0.0757, 3);
    expect(measuredRunUp(0.3, 0.606)).toBeCloseTo(0.55, 1);
  });

  const resolutions = DEEP ? [8, 16, 32] : [8];

  it.each(resolutions)(
    'of 0.0185 d, which does not break, runs up within a twentieth of the flume’s, at %i cells a depth',
    async (cellsPerDepth) => {
      const { runUp, profiles, drift } = await climb(
        'a',
        { depth: 0.3, steepness: 0.0185, top: 5, last: 72 },
        cellsPerDepth,
      );
      expect(Math.abs(runUp / measuredRunUp(0.0185, 1.25) - 1)).toBeLessThan(0.05);
      for (const [time, rms] of profiles) expect(rms, `at t = ${time}`).toBeLessThan(0.006);
      expect(Math.abs(drift)).toBeLessThan(1e-12);
    },
    300_000,
  );

  it.each(resolutions)(
    'of 0.30 d, which breaks, runs up within a tenth of the flume’s, at %i cells a depth',
    async (cellsPerDepth) => {
      const { runUp, profiles, drift } = await climb(
        'c',
        { depth: 0.1562, steepness: 0.3, top: 16, last: 50 },
        cellsPerDepth,
      );
      expect(Math.abs(runUp / measuredRunUp(0.3, 0.606) - 1)).toBeLessThan(0.1);
      // Before it breaks, at 15 and 20, the model's bore is ahead of the flume's wave, which dispersion holds together.
      for (const [time, rms] of profiles) expect(rms, `at t = ${time}`).toBeLessThan(time < 25 ? 0.08 : 0.02);
      expect(Math.abs(drift)).toBeLessThan(1e-12);
    },
    300_000,
  );
});
