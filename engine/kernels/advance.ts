import { type Kernel, kernel } from './kernel.ts';

/** The three combinations of a Runge–Kutta scheme, see `engine/timesteppers`. `weight` is the stage's, a constant. */

export const advanceFirst = (weight: number): Kernel =>
  kernel({
    name: 'advanceFirst',
    reads: ['start', 'rate'],
    writes: ['value', 'sum'],
    params: ['stageStep'],
    uses: () => ({ weight }),
    body: ({ start, rate }, { stageStep }) => ({
      value: start(0, 0) + stageStep * rate(0, 0),
      sum: weight * rate(0, 0),
    }),
  });

export const advanceMiddle = (weight: number): Kernel =>
  kernel({
    name: 'advanceMiddle',
    reads: ['start', 'rate', 'sum'],
    writes: ['value', 'sum'],
    params: ['stageStep'],
    uses: () => ({ weight }),
    body: ({ start, rate, sum }, { stageStep }) => ({
      value: start(0, 0) + stageStep * rate(0, 0),
      sum: sum(0, 0) + weight * rate(0, 0),
    }),
  });

export const advanceLast = (weight: number): Kernel =>
  kernel({
    name: 'advanceLast',
    reads: ['start', 'rate', 'sum'],
    writes: ['value'],
    params: ['finalStep'],
    uses: () => ({ weight }),
    body: ({ start, rate, sum }, { finalStep }) => ({
      value: start(0, 0) + finalStep * (sum(0, 0) + weight * rate(0, 0)),
    }),
  });

export const copyCell = kernel({
  name: 'copyCell',
  reads: ['from'],
  writes: ['to'],
  params: [],
  body: ({ from }) => ({ to: from(0, 0) }),
});
