import { describe, expect, it } from 'vitest';
import { placeOf } from '../../viewer/globe/projection.ts';
import { sunAt } from '../../viewer/globe/sun.ts';

const overhead = (time: string) => placeOf(sunAt(new Date(time)));

describe('the sun', () => {
  // Equinoxes and solstices of the almanac.
  it.each([
    ['2011-03-20T23:21:00Z', 0],
    ['2011-06-21T17:16:00Z', 23.439],
    ['2011-09-23T09:05:00Z', 0],
    ['2011-12-22T05:30:00Z', -23.439],
    ['1960-03-20T14:43:00Z', 0],
    ['2004-12-21T12:42:00Z', -23.439],
    ['2025-03-20T09:01:00Z', 0],
  ])('at %s is overhead at latitude %d', (time, latitude) => {
    expect(Math.abs(overhead(time).latitude - latitude)).toBeLessThan(0.015);
  });

  it('is highest at the solstice, within the hour', () => {
    const at = (hours: number) => overhead(new Date(Date.UTC(2011, 5, 21, 17, 16) + 3_600_000 * hours).toISOString());
    for (const hours of [-96, -48, 48, 96]) expect(at(hours).latitude).toBeLessThan(at(0).latitude);
    expect(at(-48).latitude).toBeCloseTo(at(48).latitude, 2);
  });

  // Equation of time [minutes], apparent less mean: the sun is that much ahead of the clock.
  it.each([
    ['2011-02-11', -14.2],
    ['2011-04-16', 0.1],
    ['2011-05-14', 3.7],
    ['2011-06-13', 0],
    ['2011-07-26', -6.5],
    ['2011-09-01', 0],
    ['2011-11-03', 16.4],
    ['2011-12-25', 0],
  ])('on %s is ahead of the clock by %d minutes', (day, minutes) => {
    const { longitude } = overhead(`${day}T12:00:00Z`);
    expect(Math.abs(longitude + minutes / 4)).toBeLessThan(0.1);
    // A quarter of a turn to the west six hours later, within half a minute of time.
    const later = overhead(`${day}T18:00:00Z`);
    expect(Math.abs(later.longitude - longitude + 90)).toBeLessThan(0.15);
  });

  it('stands over the Americas in their noon, and is down in Japan’s night', () => {
    // The earthquake of 11 March 2011 struck Japan in the afternoon, 14:46 of its clock.
    expect(overhead('2011-03-11T05:46:18Z').longitude).toBeGreaterThan(90);
    expect(overhead('2011-03-11T05:46:18Z').longitude).toBeLessThan(100);
  });

  it('is a direction: of length one, at any time', () => {
    for (let year = 1900; year < 2100; year += 7)
      expect(Math.hypot(...sunAt(new Date(Date.UTC(year, year % 12, 1 + (year % 28), year % 24))))).toBeCloseTo(1, 12);
  });
});
