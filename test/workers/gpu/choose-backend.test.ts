import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ComputeDevice } from '../../../engine/backends/webgpu/compute-device.ts';
import { chooseBackend, type DeviceCandidate } from '../../../workers/gpu/choose-backend.ts';
import { choiceOf, type Deviation, judge, type Trial } from '../../../workers/run/backend-choice.ts';
import { openAdapter, openDevice, webgpuTier } from '../../engine/backends/webgpu/device.ts';
import { prepareSmall, writeSmallOcean } from '../run/small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

describe('who computes a run', () => {
  const processor: Trial = { backend: 'wasm', on: '2 threads', speed: 10e6 };
  const card: Trial = { backend: 'webgpu', on: 'a card', speed: 50e6 };

  test.each<[string, readonly Trial[], string, RegExp]>([
    ['the fastest', [processor, card], 'a card', /^5\.00 times the next one’s speed$/],
    [
      'the fastest of those that may',
      [processor, { ...card, refused: 'surface is 1 off' }],
      '2 threads',
      /^surface is 1 off$/,
    ],
    [
      'the processor, though a slower card may',
      [processor, { ...card, speed: 4e6 }],
      '2 threads',
      /^2\.50 times the next/,
    ],
    ['the processor, where nothing else is', [processor], '2 threads', /^nothing else is here$/],
    [
      'the processor, where a device is one in disguise',
      [processor, { backend: 'webgpu', on: 'SwiftShader', refused: 'SwiftShader draws on the processor' }],
      '2 threads',
      /draws on the processor/,
    ],
  ])('is %s', (_, trials, on, reason) => {
    const choice = choiceOf(trials);
    expect(choice).toMatchObject({ on, trials });
    expect(choice.reason).toMatch(reason);
  });

  const deviation = (furthest: number, rms: number): Deviation => ({
    ...{ field: 'surface', furthest, rms },
    allowed: { furthest: 1e-4, rms: 2e-6 },
  });
  test.each<[string, Deviation, boolean]>([
    ['nothing at all', deviation(0, 0), true],
    ['what is allowed', deviation(1e-4, 2e-6), true],
    ['one cell too far', deviation(1.1e-4, 1e-7), false],
    ['all cells too far', deviation(5e-5, 2.1e-6), false],
    ['no number', deviation(Number.NaN, 0), false],
    ['something where nothing is allowed', { ...deviation(1e-30, 1e-30), allowed: { furthest: 0, rms: 0 } }, false],
  ])('a device that differs by %s is judged by it', (_, one, isFit) => {
    const judged = judge([deviation(1e-9, 1e-10), one, deviation(1e-8, 1e-9)]);
    expect(judged.refused === undefined).toBe(isFit);
    if (!isFit) expect(judged.deviation).toBe(one);
  });
});

webgpuTier('a trial on the run itself', () => {
  const trial = async (candidates: readonly DeviceCandidate[]) => {
    const { prepared } = await prepareSmall(file, ['grid.cells=12', 'grid.tile=12'], { form: 'wasm' });
    let time = 0;
    // A clock of its own: half a second for each look.
    const now = () => {
      time += 500;
      return time;
    };
    return chooseBackend(prepared.options, prepared.steps, candidates, now);
  };
  // Only its facts are those of a card.
  const asCard = async (open: () => Promise<ComputeDevice>): Promise<DeviceCandidate> => {
    const { adapter } = await openDevice();
    return { adapter: { ...adapter, software: false, description: 'a card' }, open };
  };

  test('compares states and measures both, with all tiles at work', async () => {
    const card = await asCard(async () => ComputeDevice.open(await openAdapter()));
    const { trials } = await trial([card]);
    expect(trials).toHaveLength(2);
    for (const { speed, refused } of trials) {
      expect(refused).toBeUndefined();
      // Four steps on 864 cells, after which the second look finds that a second is over, and the third says how long it was.
      expect(speed).toBe((4 * 864) / 1.5);
    }
    expect(trials[1]!.deviation!.furthest).toBeLessThanOrEqual(trials[1]!.deviation!.allowed.furthest);
  });

  test('leaves out a device that draws on the processor, and never opens it', async () => {
    const { adapter } = await openDevice();
    const open = () => Promise.reject(new Error('it was opened'));
    const { backend, trials } = await trial([{ adapter, open }]);
    expect(backend).toBe('wasm');
    expect(trials[1]).toEqual({
      backend: 'webgpu',
      on: expect.stringMatching(/SwiftShader/),
      refused: expect.stringMatching(/SwiftShader.* draws on the processor$/),
    });
  });

  test('goes on without a device that fails', async () => {
    const card = await asCard(() => Promise.reject(new Error('DeviceRefused: it would not')));
    const { backend, trials } = await trial([card]);
    expect(backend).toBe('wasm');
    expect(trials[1]!.refused).toBe('DeviceRefused: it would not');
  });
});
