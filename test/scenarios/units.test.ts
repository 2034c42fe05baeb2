import { describe, expect, it } from 'vitest';
import { type Dimension, formatQuantity, parseQuantity, parseUtc } from '../../scenarios/units.ts';

const value = (text: string, dimension: Dimension): number => {
  const parsed = parseQuantity(text, dimension);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  return parsed.value;
};
const refusal = (text: string, dimension: Dimension): string => {
  const parsed = parseQuantity(text, dimension);
  return parsed.ok ? `read as ${parsed.value}` : `${parsed.message} → ${parsed.cure}`;
};

describe('quantities with units', () => {
  it.each<[string, Dimension, number]>([
    ['15 m', 'length', 15],
    ['15m', 'length', 15],
    ['450 km', 'length', 450_000],
    ['-8 cm', 'length', -0.08],
    ['−8 cm', 'length', -0.08],
    ['1e-3 km', 'length', 1],
    ['1.5 nmi', 'length', 2778],
    ['0.025 s m^-1/3', 'friction', 0.025],
    ['0.025 s·m^(-1/3)', 'friction', 0.025],
    ['0.025 s/m^1/3', 'friction', 0.025],
    ['10 h', 'time', 36_000],
    ['10 hours', 'time', 36_000],
    ['36.9 s', 'time', 36.9],
    ['PT9H', 'time', 32_400],
    ['PT1H30M', 'time', 5400],
    ['P1D', 'time', 86_400],
    ['P2DT6H', 'time', 194_400],
    ['P1W', 'time', 604_800],
    ['PT36.9S', 'time', 36.9],
    ['7 h 30 min', 'time', 27_000],
    ['10′', 'angle', 10 / 60],
    ["10'", 'angle', 10 / 60],
    ['12° 30′', 'angle', 12.5],
    ['-12° 30′', 'angle', -12.5],
    ['12°30′', 'angle', 12.5],
    ['30″', 'angle', 30 / 3600],
    ['0.25', 'angle', 0.25],
    ['1 m/s', 'speed', 1],
    ['1 m s^-1', 'speed', 1],
    ['1 m s-1', 'speed', 1],
    ['1 m s⁻¹', 'speed', 1],
    ['3.6 km/h', 'speed', 1],
    ['36 kn', 'speed', (36 * 1852) / 3600],
    ['9.81 m/s^2', 'acceleration', 9.81],
    ['9.81 m s⁻²', 'acceleration', 9.81],
    ['40 GPa', 'pressure', 40e9],
    ['1e9 N/m^2', 'pressure', 1e9],
    ['7.292e-5 rad/s', 'frequency', 7.292e-5],
    ['1e-4 s^-1', 'frequency', 1e-4],
  ])('%s as a %s', (text, dimension, expected) => {
    expect(value(text, dimension)).toBeCloseTo(expected, 12 - Math.ceil(Math.log10(Math.abs(expected))));
  });

  it('are the same number to the bit whichever power of ten their unit has', () => {
    for (let n = 1; n < 2000; n++) {
      expect(value(`${n} mm`, 'length')).toBe(Number(`${n}e-3`));
      expect(value(`${n / 10} cm`, 'length')).toBe(Number(`${n / 10}e-2`));
      expect(value(`${n} km`, 'length')).toBe(n * 1000);
    }
  });

  it('come back from their text', () => {
    const dimensions: Dimension[] = [
      'length',
      'time',
      'speed',
      'acceleration',
      'pressure',
      'angle',
      'frequency',
      'friction',
      'none',
    ];
    for (const dimension of dimensions)
      for (const number of [0, 1, -2.5, 1e-7, 123456.789, 6.02e23])
        expect(value(formatQuantity(number, dimension), dimension)).toBe(number);
  });

  it('give no negative zero', () => {
    expect(Object.is(value('-0 m', 'length'), 0)).toBe(true);
  });
});

describe('what is no quantity', () => {
  it('a bare number is refused, and the cure is the number with its unit', () => {
    expect(refusal('15', 'length')).toBe('15 is a bare number where a length is needed → write 15 m');
    expect(refusal('36000', 'time')).toContain('write 36000 s');
  });
  it.each<[string, Dimension, string]>([
    ['10 h', 'length', 'a length is needed and "10 h" is a time'],
    ['10 m', 'speed', 'a speed is needed and "10 m" is a length'],
    ['10 m', 'angle', 'an angle is needed'],
    ['ten m', 'length', 'does not start with a number'],
    ['10 meterz', 'length', 'the unit "meterz" is not known → did you mean m'],
    ['10 constructor', 'length', 'the unit "constructor" is not known'],
    ['1e999 m', 'length', 'too large'],
    ['P1M', 'time', 'months or years'],
    ['P1Y', 'time', 'months or years'],
    ['PT', 'time', 'no ISO 8601 duration'],
    ['P1D2H', 'time', 'no ISO 8601 duration'],
    ['3 m^1/2', 'length', 'not a whole number or a number of thirds'],
    ['3 km^1/3', 'length', 'in SI units'],
    ['3 m!', 'length', 'is no unit'],
    ['', 'length', 'does not start with a number'],
  ])('%s as a %s', (text, dimension, message) => {
    expect(refusal(text, dimension)).toContain(message);
  });
});

describe('times', () => {
  const refused = (text: string): string => {
    const parsed = parseUtc(text);
    return parsed.ok ? `read as ${parsed.value}` : `${parsed.message} → ${parsed.cure}`;
  };
  it('are UTC', () => {
    expect(parseUtc('2011-03-11T05:46:18Z')).toEqual({ ok: true, value: Date.UTC(2011, 2, 11, 5, 46, 18) });
    expect(parseUtc('2004-12-26 00:58:53.4Z')).toEqual({ ok: true, value: Date.UTC(2004, 11, 26, 0, 58, 53, 400) });
  });
  it('in another zone are refused with the UTC to write', () => {
    expect(refused('2011-03-11T14:46:18+09:00')).toContain('write 2011-03-11T05:46:18Z');
    expect(refused('2011-03-11T00:46:18-05:00')).toContain('write 2011-03-11T05:46:18Z');
  });
  it.each([
    ['2011-03-11T05:46:18', 'if it is, write 2011-03-11T05:46:18Z'],
    ['2011-03-11', 'no time of day'],
    ['2011-02-29T00:00:00Z', 'no time of the calendar'],
    ['2011-03-11T25:00:00Z', 'no time of the calendar'],
    ['yesterday', 'no ISO 8601 time'],
  ])('%s is refused', (text, message) => {
    expect(refused(text)).toContain(message);
  });
});
