import { expect, test } from 'vitest';
import { GATHERS, sharesOnWebgpu } from '../../bench/gpu-shares.ts';
import { stepOnDevice } from '../../engine/backends/webgpu/step-on-device.ts';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { loadNamed } from '../../workers/cli/load.ts';
import { trialOptions } from '../../workers/gpu/trial.ts';
import { prepareRun } from '../../workers/run/prepare.ts';
import { openDevice, webgpuTier } from '../engine/backends/webgpu/device.ts';

async function optionsOf(scenario: string) {
  const set = ['model.precision=float32', 'grid.cells=12', 'grid.tile=12'];
  const loaded = await loadNamed(scenario, { small: true, set });
  const settings = { threads: 1, form: 'wasm', skipRest: false, cache: undefined } as const;
  return trialOptions((await prepareRun(loaded.scenario, settings)).options, 'wgsl');
}

webgpuTier('where the time of a device goes', () => {
  test('upload, compute, ghosts and readback are all of it, and kernels are most where the processor draws', async () => {
    const { upload, compute, ghosts, readback } = await sharesOnWebgpu(
      await optionsOf('williamson-1'),
      await openDevice(),
    );
    // Upload and ghosts are differences of times, which a busy machine may make nothing of.
    expect(readback).toBeGreaterThan(0);
    expect(compute).toBeGreaterThan(0.2);
    expect(upload + compute + ghosts + readback).toBeCloseTo(1, 10);
  });

  test('ghosts are all that gathers from other tiles and panels', async () => {
    const device = await openDevice();
    const labels: string[] = [];
    const simulation = await Simulation.start(await optionsOf('williamson-2'), (run) =>
      stepOnDevice(run, device, {
        onLaidOut: ({ step }) => {
          labels.push(...step.map(({ program }) => program.pipeline.label));
        },
      }),
    );
    await simulation.close();
    const kinds = (chosen: readonly string[]) => new Set(chosen.map((label) => label.replace(/ of stage \d+$/, '')));
    const gathers = labels.filter((label) => GATHERS.test(label));
    expect(kinds(gathers)).toEqual(new Set(['margins', 'ghosts', 'own lines', "partners' lines"]));
    expect(labels.filter((label) => / of stage \d+$/.test(label))).toEqual(gathers);
  });
});
