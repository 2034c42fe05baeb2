import { expect, it } from 'vitest';
import { analyticElevation } from '../../scenarios/analytic-bed.ts';

it('a slope is flat to its toe and rises by its gradient beyond', () => {
  const bed = { type: 'slope', depth: 1, toe: 20, gradient: 0.05 } as const;
  const east = analyticElevation({ ...bed, rises: 'east' })!;
  expect([0, 20, 30, 40, 60].map((x) => east(x, 3))).toEqual([-1, -1, -0.5, 0, 1]);
  const west = analyticElevation({ ...bed, rises: 'west' })!;
  expect([40, 20, 10, 0].map((x) => west(x, 3))).toEqual([-1, -1, -0.5, 0]);
});

it('a cone has its base, its flank and its flat top, the same all round', () => {
  const cone = analyticElevation({
    type: 'cone',
    depth: 0.32,
    x: 12,
    y: 14,
    baseRadius: 3.6,
    topRadius: 1.1,
    height: 0.625,
  })!;
  const at = (radius: number) => [
    cone(12 + radius, 14),
    cone(12, 14 + radius),
    cone(12 - 0.6 * radius, 14 - 0.8 * radius),
  ];
  for (const [radius, elevation] of [
    [5, -0.32],
    [3.6, -0.32],
    [2.35, -0.0075],
    [1.1, 0.305],
    [0, 0.305],
  ] as const)
    for (const found of at(radius)) expect(found).toBeCloseTo(elevation, 12);
});

it('a flat bed is flat, and a bed in files is no formula', () => {
  expect(analyticElevation({ type: 'constant', depth: 4000 })!(1, 2)).toBe(-4000);
  expect(analyticElevation({ type: 'layers', layers: [{ file: 'a.nc' }] })).toBeUndefined();
});
