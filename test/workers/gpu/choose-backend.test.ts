import { expect, test } from 'vitest';
import { type Candidate, chooseBackend, describeCandidate } from '../../../workers/gpu/choose-backend.ts';

const measured = (name: string, millionCellStagesPerSecond: number, shareOfBound?: number): Candidate => ({
  name,
  outcome: 'measured',
  millionCellStagesPerSecond,
  ...(shareOfBound === undefined
    ? {}
    : { parity: { agrees: shareOfBound <= 1, steps: 4, worst: 'surface', shareOfBound } }),
});
const processor = measured('cpu-wasm', 40);

test('the fastest that agrees is taken, whatever the order', () => {
  const devices = [measured('webgpu: a', 300, 0.1), measured('webgpu: b', 900, 0.2), measured('webgpu: c', 500, 0)];
  for (const some of [devices, [...devices].reverse()])
    expect(chooseBackend(processor, some)).toMatchObject({
      backend: 'webgpu',
      chosen: 'webgpu: b',
      why: '22.5 times as fast as cpu-wasm, and within the bounds',
    });
});

test('one that does not agree is not taken, however fast', () => {
  const wrong = measured('webgpu: wrong', 9000, 1.001);
  expect(chooseBackend(processor, [wrong])).toMatchObject({ backend: 'wasm', why: 'no device agrees with it' });
  expect(chooseBackend(processor, [wrong, measured('webgpu: right', 41, 1)]).chosen).toBe('webgpu: right');
  expect(chooseBackend(processor, [measured('webgpu: NaN', 9000, Number.POSITIVE_INFINITY)]).backend).toBe('wasm');
  expect(describeCandidate(wrong)).toMatch(/DOES NOT AGREE with the processor after 4 steps \(surface at 1\.0 of/);
});

test('one that nobody has compared is not taken', () => {
  expect(chooseBackend(processor, [measured('webgpu: unknown', 9000)]).backend).toBe('wasm');
});

test('the processor stays where it is as fast, where no device was measured, and where its own trial failed', () => {
  expect(chooseBackend(processor, [measured('webgpu: a', 40, 0)])).toMatchObject({
    backend: 'wasm',
    chosen: 'cpu-wasm',
    why: '40.0 million cell-stages a second, webgpu: a 40.0 million cell-stages a second',
  });
  const renderer: Candidate = { name: 'webgpu: r', outcome: 'left-out', why: 'it draws on the processor' };
  expect(chooseBackend(processor, [renderer])).toMatchObject({
    backend: 'wasm',
    why: 'no device could be measured against it',
    candidates: [processor, renderer],
  });
  const failed: Candidate = { name: 'cpu-wasm', outcome: 'left-out', why: 'its own trial failed' };
  expect(chooseBackend(failed, [measured('webgpu: a', 900, 0)])).toMatchObject({ backend: 'wasm', why: failed.why });
});
