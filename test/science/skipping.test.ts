import { describe, expect, it } from 'vitest';
import type { KernelForm, Precision } from '../../engine/compiler/pipeline.ts';
import { advance, laboratory, realBed, sphere } from './laboratory.ts';
import { angleFrom, direction } from './zonal-waves.ts';

const AXIS = direction(150, 35);
const DEGREES = Math.PI / 180;

/** A hump of 5 m off Japan over the real bed. */
async function ocean(cells: number, tile: number, precision: Precision, form: KernelForm, skipRest: boolean) {
  const bed = await realBed(cells);
  const angle = angleFrom(AXIS);
  const rest = (ground: number) => Math.max(0, ground);
  const grid = sphere(cells, tile);
  const surface = bed.map((panel, p) => {
    const { longitude, latitude } = grid.geometry(p);
    return panel.map((ground, cell) => {
      const theta = angle(direction(longitude[cell]!, latitude[cell]!));
      // Cut off, so that the far ocean is at rest.
      return ground < 0 && theta < 12 * DEGREES ? 5 * Math.exp(-((theta / (4 * DEGREES)) ** 2)) : rest(ground);
    });
  });
  return laboratory({
    grid,
    bed,
    surface,
    precision,
    form,
    skipRest,
    settings: { rotation: 7.292e-5, manning: 0.025 },
  });
}

/** Everything that a run leaves behind: the hash of its state, and its extremes. */
async function remains(run: Awaited<ReturnType<typeof ocean>>, steps: number) {
  await advance(run, steps);
  const extremes = ['maximumAmplitude', 'arrivalTime', 'maximumSpeed'].map((field) =>
    run.run.read(field).map((panel) => Buffer.from(panel.buffer.slice(0)).toString('base64')),
  );
  return { hash: run.hash(), extremes };
}

const STEPS = 24;

describe('the bits of a tsunami on the globe', () => {
  for (const precision of ['float64', 'float32'] as const) {
    it(`${precision}: are the same whether tiles at rest are skipped or not, and at least a third of the work is saved`, async () => {
      const [skipping, computing] = [
        await ocean(96, 24, precision, 'wasm', true),
        await ocean(96, 24, precision, 'wasm', false),
      ];
      expect(await remains(skipping, STEPS)).toEqual(await remains(computing, STEPS));
      expect(computing.work.computed).toBe(computing.work.offered);
      const gain = skipping.work.offered / skipping.work.computed;
      expect(gain).toBeGreaterThan(1.5);
    });

    it(`${precision}: are the same for tiles of 24, 32, 48 and 96 cells`, async () => {
      const found = [];
      for (const tile of [24, 32, 48, 96])
        found.push(await remains(await ocean(96, tile, precision, 'wasm', true), STEPS));
      for (const other of found.slice(1)) expect(other).toEqual(found[0]);
    });

    it(`${precision}: are the same from WebAssembly, from JavaScript, and from the kernels as they are written`, async () => {
      const found = [];
      for (const form of ['wasm', 'js'] as const)
        found.push(await remains(await ocean(48, 24, precision, form, true), STEPS));
      expect(found[1]).toEqual(found[0]);
      const [compiled, written] = [
        await remains(await ocean(24, 24, precision, 'wasm', true), 3),
        await remains(await ocean(24, 24, precision, 'reference', true), 3),
      ];
      expect(written).toEqual(compiled);
    });
  }
});
