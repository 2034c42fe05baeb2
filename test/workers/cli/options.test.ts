import { describe, expect, test } from 'vitest';
import { place } from '../../../workers/cli/options.ts';

describe('a place', () => {
  test('is a longitude and a latitude', () => {
    expect(place('13.4,52.5')).toEqual({ longitude: 13.4, latitude: 52.5 });
    expect(place(' -180 , -90')).toEqual({ longitude: -180, latitude: -90 });
  });

  test.each([
    '',
    '13.4',
    '13.4,',
    ',52',
    '13.4,52.5,100',
    '181,0',
    '0,90.1',
    'Berlin',
    '13°,52°',
    'NaN,0',
    'Infinity,0',
  ])('is not "%s"', (text) => expect(() => place(text)).toThrow('such as 13.4,52.5'));
});
