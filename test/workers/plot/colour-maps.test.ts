import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { colourMap, colourMapKind, colourMapNames, UnknownColourMap } from '../../../workers/plot/colour-maps.ts';

/** CIE L*a*b* (D65) of an entry. */
function lab(table: Uint8Array, entry: number): [number, number, number] {
  const [r, g, b] = [0, 1, 2].map((c) => {
    const value = table[3 * entry + c]! / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
}

describe('colour maps', () => {
  test.each(colourMapNames)('%s has 256 entries, of which none repeats far away from itself', (name) => {
    const table = colourMap(name);
    expect(table).toBeInstanceOf(Uint8Array);
    expect(table.length).toBe(768);
    const last = colourMapKind(name) === 'cyclic' ? 200 : 255;
    expect(distance(lab(table, 0), lab(table, last))).toBeGreaterThan(20);
  });

  test('published ends are kept', () => {
    expect([...colourMap('viridis').slice(0, 3)]).toEqual([68, 1, 84]);
    expect([...colourMap('viridis').slice(765)]).toEqual([253, 231, 37]);
    expect([...colourMap('vik').slice(0, 3)]).toEqual([0, 18, 97]);
    expect([...colourMap('balance').slice(765)]).toEqual([60, 9, 18]);
  });

  test.each(colourMapNames)('%s is perceptually even: no part runs more than thrice as fast as the whole', (name) => {
    const table = colourMap(name);
    const steps = Array.from({ length: 15 }, (_, k) => distance(lab(table, 17 * k), lab(table, 17 * k + 17)));
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    expect(Math.max(...steps)).toBeLessThan(3 * mean);
    expect(Math.min(...steps)).toBeGreaterThan(mean / 4);
  });

  test.each(colourMapNames.filter((name) => colourMapKind(name) === 'sequential'))(
    '%s only grows lighter, or only darker',
    (name) => {
      const lightness = Array.from({ length: 256 }, (_, entry) => lab(colourMap(name), entry)[0]);
      const direction = Math.sign(lightness[255]! - lightness[0]!);
      for (let entry = 4; entry < 256; entry++)
        expect(direction * (lightness[entry]! - lightness[entry - 4]!)).toBeGreaterThan(-0.3);
    },
  );

  test.each(['balance', 'vik'] as const)(
    '%s is as light at −x as at +x, lightest and least coloured at zero',
    (name) => {
      const table = colourMap(name);
      for (let entry = 0; entry < 128; entry++)
        expect(Math.abs(lab(table, entry)[0] - lab(table, 255 - entry)[0])).toBeLessThan(9);
      const lightness = Array.from({ length: 256 }, (_, entry) => lab(table, entry)[0]);
      expect(Math.abs(lightness.indexOf(Math.max(...lightness)) - 127.5)).toBeLessThan(6);
      expect(distance(lab(table, 127), lab(table, 128))).toBeLessThan(2);
      expect(Math.hypot(lab(table, 127)[1], lab(table, 127)[2])).toBeLessThan(6);
      // The two signs differ in hue: red is warmer than blue by far.
      expect(lab(table, 200)[2] - lab(table, 55)[2]).toBeGreaterThan(30);
    },
  );

  test('tide is as light at −x as at +x, darkest and least coloured at zero, for fields on a dark globe', () => {
    const table = colourMap('tide');
    const lightness = Array.from({ length: 256 }, (_, entry) => lab(table, entry)[0]);
    for (let entry = 0; entry < 128; entry++)
      expect(Math.abs(lightness[entry]! - lightness[255 - entry]!)).toBeLessThan(5);
    expect(Math.abs(lightness.indexOf(Math.min(...lightness)) - 127.5)).toBeLessThan(6);
    for (let entry = 132; entry < 256; entry++) expect(lightness[entry]! - lightness[entry - 4]!).toBeGreaterThan(-0.3);
    expect(Math.hypot(lab(table, 127)[1], lab(table, 127)[2])).toBeLessThan(6);
    expect(lab(table, 200)[2] - lab(table, 55)[2]).toBeGreaterThan(30);
  });

  test('the ends of a cyclic map meet', () => {
    const table = colourMap('phase');
    expect(distance(lab(table, 0), lab(table, 255))).toBeLessThan(3);
  });

  test('a table is a copy: changing it changes nobody else’s', () => {
    colourMap('magma').fill(7);
    expect([...colourMap('magma').slice(0, 3)]).toEqual([0, 0, 4]);
  });

  test('an unknown name is refused, with the names there are', () => {
    expect(() => colourMap('jet' as 'magma')).toThrow(UnknownColourMap);
    expect(() => colourMap('jet' as 'magma')).toThrow(/balance/);
  });

  test('a page can use them: no Node API and no import but the tables', () => {
    for (const file of ['colour-maps.ts', 'colour-map-tables.ts']) {
      const source = readFileSync(new URL(`../../../workers/plot/${file}`, import.meta.url), 'utf8');
      expect(source).not.toMatch(/node:|Buffer|process\.|require\(/);
      for (const [, target] of source.matchAll(/from '([^']+)'/g)) expect(target).toBe('./colour-map-tables.ts');
    }
  });
});
