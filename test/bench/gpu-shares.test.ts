import { expect, test } from 'vitest';
import { sharesOnWebgpu } from '../../bench/gpu-shares.ts';
import { loadNamed } from '../../workers/cli/load.ts';
import { trialOptions } from '../../workers/gpu/trial.ts';
import { prepareRun } from '../../workers/run/prepare.ts';
import { openDevice, webgpuTier } from '../engine/backends/webgpu/device.ts';

webgpuTier('where the time of a device goes', () => {
  test('is told of steps that are made: upload, compute, ghosts and readback are all of it', async () => {
    const set = ['model.precision=float32', 'grid.cells=12', 'grid.tile=12'];
    const { scenario } = await loadNamed('williamson-1', { small: true, set });
    const { options } = await prepareRun(scenario, { threads: 1, form: 'wasm', skipRest: false, cache: undefined });
    const { upload, compute, ghosts, readback } = await sharesOnWebgpu(
      trialOptions(options, 'wgsl'),
      await openDevice(),
    );
    for (const share of [upload, compute, ghosts, readback]) expect(share).toBeGreaterThan(0);
    expect(upload + compute + ghosts + readback).toBeCloseTo(1, 10);
    // On the processor that draws for a card the kernels are most of it.
    expect(compute).toBeGreaterThan(0.2);
  });
});
