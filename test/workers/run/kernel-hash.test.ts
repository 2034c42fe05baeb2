import { expect, test } from 'vitest';
import { shallowWater } from '../../../engine/models/shallow-water.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../../engine/models/tsunami.ts';
import { rungeKutta4 } from '../../../engine/timesteppers/runge-kutta.ts';
import { kernelHash } from '../../../workers/run/kernel-hash.ts';

test('whatever makes bits changes the kernel hash: edges, derived fields, parameters, precision', () => {
  const sea = tsunami(TSUNAMI_DEFAULTS);
  const air = shallowWater({ gravity: 9.8, rotation: [0, 0, 7e-5], planeCoriolis: 0, radius: 6e6, hyperdiffusion: 0 });
  const hash = (model: typeof sea, precision: 'float32' | 'float64' = 'float64') =>
    kernelHash(model, rungeKutta4, precision);
  const { edge: _, ...withoutEdge } = sea;
  const { derive, ...rest } = air;
  const hashes = [
    hash(sea),
    hash(sea, 'float32'),
    hash(withoutEdge),
    hash({ ...sea, edge: { ...sea.edge!, overrides: sea.edge!.overrides.slice(1) } }),
    hash({ ...sea, edge: { ...sea.edge!, lines: [...sea.edge!.lines].reverse() } }),
    hash({ ...sea, parameters: { ...sea.parameters, dryDepth: 5 } }),
    hash({ ...sea, stepParameters: () => ({ crossingSpeed: 1, friction: 0 }) }),
    hash(air),
    hash({ ...rest, derive: [{ ...derive![0]!, bind: { ...derive![0]!.bind, mx: 'momentumY' } }] }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hash(tsunami(TSUNAMI_DEFAULTS))).toBe(hashes[0]);
});
