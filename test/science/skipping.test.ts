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

const STEPS = 20;
/** A trace runs at most this many cells in a step: smaller tiles are never skipped. */
const SMALLEST = 24;

describe.each(['float64', 'float32'] as const)('the bits of a tsunami on the globe, %s', (precision) => {
  it('are the same whatever the tiles, and whether those at rest are skipped; a third of the work or more is saved', async () => {
    const computing = await ocean(96, SMALLEST, precision, 'wasm', false);
    const expected = await remains(computing, STEPS);
    expect(computing.work.computed).toBe(computing.work.offered);
    for (const tile of [SMALLEST, 32, 48, 96]) {
      const skipping = await ocean(96, tile, precision, 'wasm', true);
      expect(await remains(skipping, STEPS), `tiles of ${tile}`).toEqual(expected);
      if (tile === SMALLEST) expect(skipping.work.offered / skipping.work.computed).toBeGreaterThan(1.5);
    }
  });

  it('are the same from WebAssembly and from JavaScript', async () => {
    const [wasm, js] = [await ocean(48, 24, precision, 'wasm', true), await ocean(48, 24, precision, 'js', true)];
    expect(await remains(js, STEPS)).toEqual(await remains(wasm, STEPS));
  });
});

it('zeros of either sign at the start make no difference: −0 would tell a skipped tile from a computed one', async () => {
  const hashAfter = async (tile: number, skipRest: boolean) => {
    const grid = sphere(48, tile);
    const far = (longitude: number) => Math.abs(longitude) > 60;
    const hump = (longitude: number, latitude: number) =>
      far(longitude) ? -0 : Math.exp(-((longitude / 10) ** 2) - (latitude / 10) ** 2);
    const sea = await laboratory({
      grid,
      bed: () => -4000,
      surface: hump,
      momentumX: () => -0,
      momentumY: () => -0,
      momentumZ: () => -0,
      skipRest,
    });
    await advance(sea, 6);
    if (skipRest && tile === SMALLEST) expect(sea.work.computed).toBeLessThan(sea.work.offered);
    return sea.hash();
  };
  const expected = await hashAfter(SMALLEST, true);
  expect(await hashAfter(SMALLEST, false)).toBe(expected);
  expect(await hashAfter(48, true)).toBe(expected);
});
