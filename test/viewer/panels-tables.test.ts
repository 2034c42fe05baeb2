import { describe, expect, it } from 'vitest';
import { csv, seriesRows } from '../../viewer/panels/csv.ts';
import { findPlaces, parsePlace } from '../../viewer/panels/place-search.ts';
import { PLACES } from '../../viewer/panels/places.ts';
import { speedsFor, suitableSpeed } from '../../viewer/panels/playback-speeds.ts';
import { keptBefore, keptFrom, nearestKept } from '../../viewer/panels/timeline.ts';

describe('CSV', () => {
  it('quotes what would break a row, and leaves out what is no number', () => {
    const text = csv(
      ['place', 'value'],
      [
        ['Kochi, India', 1.5],
        ['a "quoted" one', undefined],
        ['dry', Number.NaN],
      ],
    );
    expect(text).toBe('place,value\r\n"Kochi, India",1.5\r\n"a ""quoted"" one",\r\ndry,\r\n');
  });

  it('brings series with times of their own into one table', () => {
    const rows = seriesRows([
      { seconds: [0, 60, 120], values: [1, 2, 3] },
      { seconds: [60, 90], values: [20, 30] },
    ]);
    expect(rows).toEqual([
      [0, 1, undefined],
      [60, 2, 20],
      [90, undefined, 30],
      [120, 3, undefined],
    ]);
  });
});

describe('speeds of playing', () => {
  it.each([8, 22.5, 600, 36_000, 864_000, 1_209_600])('show a run of %d s in seconds to minutes', (duration) => {
    for (const speed of [0.25, 1800, 43_200]) {
      const taken = duration / suitableSpeed(duration, speed);
      expect(taken).toBeGreaterThan(3);
      expect(taken).toBeLessThan(360);
    }
    expect(speedsFor(duration).length).toBeGreaterThan(2);
  });

  it('stay what they are where they suit', () => expect(suitableSpeed(36_000, 1800)).toBe(1800));
});

describe('timeline', () => {
  const times = [0, 300, 600, 900];

  it('finds the picture at or before a time', () => {
    expect([-5, 0, 299, 300, 899, 5000].map((time) => keptBefore(times, time))).toEqual([0, 0, 0, 1, 2, 3]);
    expect(nearestKept(times, 449)).toBe(300);
    expect(nearestKept(times, 451)).toBe(600);
    expect(nearestKept([], 451)).toBe(451);
  });

  it('steps from picture to picture, and stays within', () => {
    expect(keptFrom(times, 300, 1)).toBe(600);
    expect(keptFrom(times, 300, -1)).toBe(0);
    expect(keptFrom(times, 0, -1)).toBe(0);
    expect(keptFrom(times, 900, 10)).toBe(900);
    expect(keptFrom([], 300, 1)).toBeUndefined();
  });

  it('steps back from between two pictures to the one behind', () => {
    expect(keptFrom(times, 450, -1)).toBe(300);
    expect(keptFrom(times, 450, 1)).toBe(600);
  });
});

describe('places', () => {
  it('lie on the globe, each once', () => {
    for (const { longitude, latitude, rank } of PLACES) {
      expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      expect([1, 2, 3, 4, 5]).toContain(rank);
    }
    expect(new Set(PLACES.map(({ name }) => name)).size).toBe(PLACES.length);
    expect(PLACES.length).toBeGreaterThan(150);
  });

  it('are found without accents, by any word, better known ones first', () => {
    expect(findPlaces('valparaiso')[0]?.name).toBe('Valparaíso');
    expect(findPlaces('nukualofa')[0]?.name).toBe('Nukuʻalofa');
    expect(findPlaces('21413')[0]?.name).toBe('DART 21413');
    expect(findPlaces('san').map(({ name }) => name)).toContain('Santiago');
    expect(findPlaces('kamchatsky')).toHaveLength(1);
    expect(findPlaces('s', undefined, 3)).toHaveLength(3);
    expect(findPlaces('  ')).toEqual([]);
    expect(findPlaces('nowhere at all')).toEqual([]);
  });

  it.each([
    ['38.3 N 142.4 E', { latitude: 38.3, longitude: 142.4 }],
    ['38.3, 142.4', { latitude: 38.3, longitude: 142.4 }],
    ['38.3 142.4', { latitude: 38.3, longitude: 142.4 }],
    ['-33.02,-71.63', { latitude: -33.02, longitude: -71.63 }],
    ['33° S, 71.6° W', { latitude: -33, longitude: -71.6 }],
    ["33° 30' S 71° 45' W", { latitude: -33.5, longitude: -71.75 }],
    ['33,5 -71,6', { latitude: 33.5, longitude: -71.6 }],
    ['95, 10', undefined],
    ['Hilo', undefined],
    ['12', undefined],
  ])('“%s” is a place by its coordinates', (text, place) => expect(parsePlace(text)).toEqual(place));
});
