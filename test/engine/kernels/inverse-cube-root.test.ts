import { expect, it } from 'vitest';
import { inverseCubeRoot } from '../../../engine/kernels/inverse-cube-root.ts';
import { cbrt } from '../../../engine/math/index.ts';

it('x^(−1/3) is within 1e-8 over all depths that water can have', () => {
  let worst = 0;
  for (let exponent = -6; exponent <= 5; exponent += 1 / 64) {
    const x = 10 ** exponent;
    worst = Math.max(worst, Math.abs(inverseCubeRoot(x) * cbrt(x) - 1));
  }
  expect(worst).toBeLessThan(1e-8);
  expect(worst).toBeGreaterThan(0);
});
