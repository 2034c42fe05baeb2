import { describe, expect, test } from 'vitest';
import {
  automaticLimits,
  BadColourLimits,
  colourFraction,
  colourIndex,
  colourOf,
  colourScale,
  colourTicks,
} from '../../../workers/plot/colour-scale.ts';
import { formatNumber } from '../../../workers/plot/ticks.ts';
import { mulberry32 } from './synthetic-fields.ts';

const parse = (text: string): number => {
  const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹⁻';
  const plain = text.replace('−', '-').replace(/(?:×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, power: string) => {
    const digits = [...power].map((character) => '0123456789-'[superscripts.indexOf(character)]).join('');
    return `e${digits}`;
  });
  return Number(plain.startsWith('e') ? `1${plain}` : plain);
};

describe('colour scales', () => {
  test('ticks lie inside the limits, in order, and their texts are their values', () => {
    const random = mulberry32(1);
    for (let trial = 0; trial < 150; trial++) {
      const low = (random() - 0.5) * 10 ** Math.floor(random() * 9 - 4);
      const high = low + random() * 10 ** Math.floor(random() * 8 - 3) + 1e-9;
      const { major } = colourTicks(colourScale('viridis', [low, high]), 8);
      expect(major.length).toBeGreaterThan(1);
      expect(major.length).toBeLessThan(20);
      const step = major[1]!.value - major[0]!.value;
      for (const [k, { value, text }] of major.entries()) {
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
        if (k > 0) expect(value).toBeGreaterThan(major[k - 1]!.value);
        if (step > 2e-4 && Math.abs(value) < 1e6)
          expect(Math.abs(parse(text) - value)).toBeLessThan(1e-3 * step + 1e-12);
      }
    }
  });

  test('logarithmic ticks lie inside the limits, and their texts are their values', () => {
    const random = mulberry32(2);
    for (let trial = 0; trial < 80; trial++) {
      const low = 10 ** (random() * 8 - 6);
      const high = low * 10 ** (0.8 + random() * 6);
      const { major, minor } = colourTicks(colourScale('amp', [low, high], { logarithmic: true }), 8);
      expect(major.length).toBeGreaterThan(1);
      for (const { value, text } of major) {
        expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-8));
        expect(value).toBeLessThanOrEqual(high * (1 + 1e-8));
        expect(parse(text) / value).toBeCloseTo(1, 6);
      }
      for (const value of minor)
        expect(colourFraction({ ...colourScale('amp', [low, high], { logarithmic: true }) }, value)).toBeLessThan(1);
    }
  });

  test('a signed field gets limits symmetric about zero, and opposite values opposite colours', () => {
    const random = mulberry32(3);
    const values = Float32Array.from({ length: 5000 }, () => random() ** 3 * 4 - 0.7);
    const limits = automaticLimits(values, 'balance');
    expect(limits[0]).toBe(-limits[1]);
    const scale = colourScale('balance', limits);
    for (let k = 1; k < 100; k++) {
      const value = (k / 100 - 1e-6) * limits[1];
      expect(colourIndex(scale, value) + colourIndex(scale, -value)).toBe(255);
    }
  });

  test('the colours of limits and of what lies beyond are the ends of the table', () => {
    const scale = colourScale('amp', [0.01, 2], { logarithmic: true });
    expect(colourIndex(scale, 0)).toBe(0);
    expect(colourIndex(scale, -1)).toBe(0);
    expect(colourIndex(scale, 0.01)).toBe(0);
    expect(colourIndex(scale, 2)).toBe(255);
    expect(colourIndex(scale, 99)).toBe(255);
    expect(colourIndex(scale, Math.sqrt(0.01 * 2) * 1.0001)).toBe(128);
    expect(colourOf(colourScale('viridis', [0, 1], { reversed: true }), 0)).toEqual([253, 231, 37]);
  });

  test('automatic limits hold all but the outermost thousandth, and cope with nothing', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, k) => (k === 77 ? 1e6 : k % 100));
    expect(automaticLimits(values, 'amp')).toEqual([0, 100]);
    expect(automaticLimits([NaN, NaN], 'amp')).toEqual([0, 1]);
    expect(automaticLimits([0, 0, 0], 'balance')).toEqual([-1, 1]);
    const [low, high] = automaticLimits([0, 0, 0], 'amp');
    expect(high).toBeGreaterThan(low);
    expect(automaticLimits(values, 'amp', { logarithmic: true })).toEqual([0.1, 100]);
  });

  test('limits that cannot be are refused', () => {
    expect(() => colourScale('amp', [1, 1])).toThrow(BadColourLimits);
    expect(() => colourScale('amp', [0, 1], { logarithmic: true })).toThrow(/above 0/);
    expect(() => colourScale('amp', [NaN, 1])).toThrow(BadColourLimits);
  });

  test('numbers carry a true minus and no more digits than their step', () => {
    expect(formatNumber(-0.5, 0.5)).toBe('−0.5');
    expect(formatNumber(2, 0.25)).toBe('2.00');
    expect(formatNumber(0, 0.25)).toBe('0');
    expect(formatNumber(3000, 1000)).toBe('3000');
    expect(formatNumber(2e7, 1e7)).toBe('2×10⁷');
  });
});
