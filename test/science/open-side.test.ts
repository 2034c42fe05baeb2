import { describe, expect, it } from 'vitest';
import type { KernelForm, Precision } from '../../engine/compiler/pipeline.ts';
import type { Side } from '../../engine/grid/grid.ts';
import { makePlane } from '../../engine/grid/plane.ts';
import type { IncidentWave } from '../../engine/models/open-sides.ts';
import { advance, laboratory, largest } from './laboratory.ts';

const GRAVITY = 9.80616;
const DEPTH = 0.3;
const LENGTH = 20;
const CELERITY = Math.sqrt(GRAVITY * DEPTH);

/** A hump [m] that comes in around t = 3 s and is all in after 6 s. */
const hump =
  (height: number): IncidentWave =>
  (seconds) =>
    height * Math.exp(-(((seconds - 3) / 0.8) ** 2));

async function channel(
  along: 'x' | 'y',
  cells: number,
  open: readonly Side[],
  waves: Partial<Record<Side, IncidentWave>>,
) {
  const [cellsX, cellsY] = along === 'x' ? [cells, 2] : [2, cells];
  const steps = Math.ceil((CELERITY * 1.1 * cells) / (0.7 * LENGTH));
  const run = await laboratory({
    grid: makePlane({
      cellsX,
      cellsY,
      tileX: cellsX,
      tileY: cellsY,
      sizeX: LENGTH,
      sizeY: LENGTH,
      boundary: { x: along === 'x' ? 'wall' : 'periodic', y: along === 'x' ? 'periodic' : 'wall' },
      open,
      halo: 3,
    }),
    bed: () => -DEPTH,
    settings: { thinDepth: 3e-3 },
    waves,
    timeStep: 1 / steps,
  });
  const surface = () => run.run.read('surface');
  return { surface, at: (seconds: number) => advance(run, seconds * steps) };
}

describe('an open side', () => {
  it.each([
    ['x', 'west', 'east'],
    ['x', 'east', 'west'],
    ['y', 'south', 'north'],
    ['y', 'north', 'south'],
  ] as const)(
    'lets a small wave in at its height and out without an echo, along %s from %s',
    async (along, from, to) => {
      const height = 1e-3 * DEPTH;
      const { at, surface } = await channel(along, 200, [from, to], { [from]: hump(height) });
      await at(8);
      expect(Math.abs(largest(surface()) / height - 1)).toBeLessThan(0.01);
      // At 3 + 20/c = 14.7 s it is half out, at 18 s it is gone.
      await at(19);
      expect(largest(surface()) / height).toBeLessThan(1e-4);
    },
  );

  it('takes back what a wall at the other end reflects, while it lets a wave in', async () => {
    const height = 1e-3 * DEPTH;
    const twice: IncidentWave = (seconds) => hump(height)(seconds) + hump(height)(seconds - 2 * (LENGTH / CELERITY));
    const { at, surface } = await channel('x', 200, ['west'], { west: twice });
    await at(34);
    // The first is out, the second on its way: as high as the first was, and alone.
    expect(Math.abs(largest(surface()) / height - 1)).toBeLessThan(0.02);
    await at(55);
    expect(largest(surface()) / height).toBeLessThan(1e-3);
  });

  it('lets a steep wave of a tenth of the depth out with an echo below a hundredth', async () => {
    const height = 0.1 * DEPTH;
    const { at, surface } = await channel('x', 200, ['west', 'east'], { west: hump(height) });
    await at(19);
    expect(largest(surface()) / height).toBeLessThan(0.01);
  });

  /** A beach, dry land at two sides and a sloping floor, all four sides open. */
  const bay = (options: {
    readonly tile?: readonly [number, number];
    readonly form?: KernelForm;
    readonly precision?: Precision;
    readonly skipRest?: boolean;
    readonly waves?: Partial<Record<Side, IncidentWave>>;
  }) => {
    const { tile: [tileX, tileY] = [48, 24], waves = {}, ...rest } = options;
    return laboratory({
      grid: makePlane({
        cellsX: 48,
        cellsY: 24,
        tileX,
        tileY,
        sizeX: 12,
        sizeY: 6,
        boundary: { x: 'wall', y: 'wall' },
        open: ['west', 'east', 'south', 'north'],
        halo: 3,
      }),
      bed: (x, y) => -DEPTH + 0.035 * x + 0.02 * Math.sin(3 * y),
      settings: { thinDepth: 3e-3, manning: 0.01 },
      waves,
      courant: 0.8,
      ...rest,
    });
  };

  it.each(['float64', 'float32'] as const)(
    'keeps still water at rest to the bit, with land at the sides, in %s',
    async (precision) => {
      const run = await bay({ precision });
      const before = run.run.read('surface');
      await advance(run, 60);
      expect(run.run.read('surface')).toEqual(before);
      for (const momentum of ['momentumX', 'momentumY', 'momentumZ']) expect(largest(run.run.read(momentum))).toBe(0);
    },
  );

  it('gives the same bits for any tiles, any form of the kernels, and with tiles at rest skipped or not', async () => {
    // The wave is coming in as the run begins.
    const early =
      (height: number): IncidentWave =>
      (seconds) =>
        hump(height)(seconds + 2.5);
    const waves = { west: early(0.01), south: early(0.004) };
    const stateAt = async (step: number, options: Parameters<typeof bay>[0]) => {
      const run = await bay({ ...options, waves });
      await advance(run, step);
      return ['surface', 'momentumX', 'momentumY', 'maximumAmplitude'].map((field) => run.run.read(field));
    };
    const whole = await stateAt(40, {});
    expect(largest(whole[0]!)).toBeGreaterThan(0.005);
    expect(await stateAt(40, { tile: [12, 8] })).toEqual(whole);
    expect(await stateAt(40, { tile: [24, 24], skipRest: true })).toEqual(whole);
    expect(await stateAt(40, { form: 'js' })).toEqual(whole);
    // Kernels as plain functions take their time.
    expect(await stateAt(3, { form: 'reference', tile: [48, 6] })).toEqual(await stateAt(3, {}));
  });
});

describe('a plane with open sides', () => {
  const plane = (open: readonly Side[], x: 'wall' | 'periodic' = 'wall') =>
    makePlane({
      cellsX: 6,
      cellsY: 4,
      tileX: 6,
      tileY: 4,
      sizeX: 6,
      sizeY: 4,
      boundary: { x, y: 'wall' },
      open,
      halo: 3,
    });

  it('copies the nearest cell beyond them, and mirrors beyond its walls', () => {
    const found = new Map<string, string>();
    for (const fill of plane(['west']).fills(0))
      for (let t = 0; t < fill.count; t++)
        found.set(`${fill.targetI[t]} ${fill.targetJ[t]}`, `${fill.kind} ${fill.sourceI[t]} ${fill.sourceJ[t]}`);
    expect(found.get('-3 2')).toBe('copy 0 2');
    expect(found.get('-1 0')).toBe('copy 0 0');
    expect(found.get('6 2')).toBe('mirror-x 5 2');
    expect(found.get('2 -2')).toBe('mirror-y 2 1');
    expect(found.size).toBe(12 * 10 - 24);
  });

  it('is another grid than one with walls', () => {
    expect(plane(['west']).fingerprint).not.toBe(plane([]).fingerprint);
    expect(plane(['west', 'south']).fingerprint).toBe(plane(['south', 'west']).fingerprint);
  });

  it('refuses what is no side, and sides of a periodic axis', () => {
    expect(() => plane(['west'], 'periodic')).toThrow('InvalidOption: open: west lies on the periodic axis x');
    expect(() => plane(['up' as Side])).toThrow('InvalidOption: open: up is no side. Use west, east, south or north.');
  });
});
