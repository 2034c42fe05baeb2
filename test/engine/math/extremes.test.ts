import { describe, expect, it } from 'vitest';
import { maximum, minimum } from '../../../engine/math/index.ts';
import { anySize, generator } from './samples.ts';

describe('maximum and minimum', () => {
  it('are elements, bound all others, and forget order', () => {
    const random = generator(21);
    for (let trial = 0; trial < 100; trial++) {
      const values = Float64Array.from({ length: 1 + Math.floor(random() * 50) }, () => anySize(-1074, 1023)(random));
      const [largest, smallest] = [maximum(values), minimum(values)];
      expect(values).toContain(largest);
      expect(values).toContain(smallest);
      expect(values.every((x) => smallest <= x && x <= largest)).toBe(true);
      values.reverse();
      expect([maximum(values), minimum(values)]).toEqual([largest, smallest]);
    }
  });

  it('are NaN if any value is NaN, wherever it stands', () => {
    for (let place = 0; place < 5; place++) {
      const values = Float32Array.of(1, -Infinity, Infinity, 2, 3);
      values[place] = NaN;
      expect(maximum(values)).toBe(NaN);
      expect(minimum(values)).toBe(NaN);
    }
  });

  it('order the zeros, and of nothing are the infinities', () => {
    expect(maximum([-0, 0])).toBe(0);
    expect(maximum([0, -0])).toBe(0);
    expect(minimum([-0, 0])).toBe(-0);
    expect(minimum([0, -0])).toBe(-0);
    expect(maximum([-0, -0])).toBe(-0);
    expect(maximum([])).toBe(-Infinity);
    expect(minimum([])).toBe(Infinity);
  });
});
