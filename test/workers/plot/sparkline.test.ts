import { expect, test } from 'vitest';
import { sparkline } from '../../../workers/plot/sparkline.ts';

test('a ramp climbs through the eight blocks', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
});

test('a crest narrower than a character is kept', () => {
  const values = new Float32Array(1000).map((_, k) => (k === 503 ? 1 : k === 800 ? -1 : 0));
  const line = sparkline(values, 20);
  expect([...line].length).toBe(20);
  expect(line[10]).toBe('█');
  expect(line[16]).toBe('▁');
});

test('missing values leave a gap, and nothing makes nothing', () => {
  expect(sparkline([0, NaN, 1], 3)).toBe('▁ █');
  expect(sparkline([NaN, NaN], 2)).toBe('  ');
  expect(sparkline([], 10)).toBe('');
  expect(sparkline([3, 3, 3], 10)).toBe('▁▁▁');
});

test('a short series is not stretched, a long one fits', () => {
  expect([...sparkline([1, 2, 3], 80)].length).toBe(3);
  expect(
    [
      ...sparkline(
        Array.from({ length: 999 }, (_, k) => k),
        80,
      ),
    ].length,
  ).toBe(80);
});
