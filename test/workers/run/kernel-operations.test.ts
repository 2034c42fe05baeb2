import { expect, test } from 'vitest';
import { shallowWater } from '../../../engine/models/shallow-water.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../../engine/models/tsunami.ts';
import { rungeKutta4, wickerSkamarock3 } from '../../../engine/timesteppers/runge-kutta.ts';
import { kernelOperations } from '../../../workers/run/kernel-operations.ts';

test('kernel operations of a cell and step are a property of the equations and the scheme', () => {
  const sea = tsunami(TSUNAMI_DEFAULTS);
  const air = shallowWater({ gravity: 9.8, rotation: [0, 0, 7e-5], planeCoriolis: 0, radius: 6e6, hyperdiffusion: 0 });
  const counts = [
    kernelOperations(sea, rungeKutta4, 'float64'),
    kernelOperations(sea, rungeKutta4, 'float32'),
    kernelOperations(sea, wickerSkamarock3, 'float64'),
    kernelOperations(air, rungeKutta4, 'float64'),
  ];
  // A change of these changes what work is credited: say so in the changelog.
  expect(counts).toEqual([5374, 5374, 4063, 3442]);
  expect(kernelOperations(tsunami(TSUNAMI_DEFAULTS), rungeKutta4, 'float64')).toBe(counts[0]);
});
