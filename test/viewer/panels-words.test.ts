import { describe, expect, it } from 'vitest';
import { energyInWords, magnitudeInWords } from '../../viewer/panels/magnitude-words.ts';
import { eastward, groundInWords, parseDegrees, placeInWords } from '../../viewer/panels/place-words.ts';
import { stateInWords } from '../../viewer/panels/run-state.ts';
import { scoreInWords } from '../../viewer/panels/station-words.ts';
import { clockTime, dateInWords, durationInWords, isoTime, sinceInWords } from '../../viewer/panels/time-words.ts';
import { displayOf, quantity, unitsInWords, valueInWords } from '../../viewer/panels/units.ts';

const START = '2011-03-11T05:46:18Z';
const EARTHQUAKE = { events: [{ longitude: 142, latitude: 38, magnitude: 9, title: 'Earthquake, magnitude 9.0' }] };

describe('times', () => {
  it('are UTC, whatever the clock of the machine', () => {
    expect(clockTime(START, 12_000)).toBe('09:06');
    expect(clockTime(START, 12_000, true)).toBe('09:06:18');
    expect(dateInWords(START, 12_000)).toBe('11 March 2011');
    expect(dateInWords(START, 86_400)).toBe('12 March 2011');
    expect(isoTime(START, 12_000)).toBe('2011-03-11T09:06:18Z');
  });

  it.each([
    [0, '0 s'],
    [2.54, '2.5 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [3599, '1 h'],
    [12_000, '3 h 20 min'],
    [36_000, '10 h'],
    [47.99 * 3600, '47 h 59 min'],
    [48 * 3600, '2 d'],
    [52 * 3600, '2 d 4 h'],
    [-300, '−5 min'],
  ])('%d s lasts %s', (seconds, words) => expect(durationInWords(seconds)).toBe(words));

  it('count from what happened', () => {
    expect(sinceInWords(EARTHQUAKE, 12_000)).toBe('3 h 20 min after the earthquake');
    expect(sinceInWords({ events: [] }, 12_000)).toBe('3 h 20 min after the start');
    expect(sinceInWords(EARTHQUAKE, 0)).toBe('at the earthquake');
  });
});

describe('units', () => {
  it.each([
    ['m', 'm'],
    ['m s-1', 'm/s'],
    ['s-1', 's⁻¹'],
    ['m-1 s-1', 'm⁻¹ s⁻¹'],
    ['m2 s-2', 'm²/s²'],
    ['1', ''],
  ])('%s is written %s', (units, words) => expect(unitsInWords(units)).toBe(words));

  it('times of arrival are in hours', () => {
    expect(quantity(30_000, displayOf({ units: 's', kind: 'lasting' }))).toBe('8.33 h');
    expect(displayOf({ units: 's', kind: 'moving' }).factor).toBe(1);
  });

  it.each([
    [0, '0'],
    [0.2345, '0.234'],
    [-1.5, '−1.50'],
    [12.34, '12.3'],
    [4213.4, '4213'],
    [0.000_012, '1.2 × 10⁻⁵'],
    [-2_500_000, '−2.5 × 10⁶'],
  ])('%d has three digits: %s', (value, words) => expect(valueInWords(value)).toBe(words));
});

describe('places', () => {
  it('have sides, not signs', () => {
    expect(placeInWords({ latitude: -33.02, longitude: 288.37 })).toBe('33.0° S, 71.6° W');
    expect(placeInWords({ latitude: 0, longitude: 180 })).toBe('0°, 180.0° E');
  });

  it('are the same a turn further', () => {
    for (const longitude of [-180, -71.6, 0, 12.3, 180])
      for (const turn of [-720, -360, 360]) expect(eastward(longitude + turn)).toBeCloseTo(eastward(longitude), 9);
  });

  it.each([
    ['38.3', 38.3],
    ['−38,3', -38.3],
    ['38.3 N', 38.3],
    ["38° 30' S", -38.5],
    ['-38° 30′ S', 38.5],
    ['0', 0],
    ['91', undefined],
    ['north', undefined],
    ['', undefined],
  ])('latitude “%s” is %s', (text, value) => expect(parseDegrees(text, 90)).toBe(value));

  it('lie on a ground', () => {
    expect(groundInWords(-4213.4)).toBe('4\u202f213 m deep');
    expect(groundInWords(3.25)).toBe('3.3 m above the sea');
  });
});

describe('magnitudes', () => {
  it('a whole one is 32 times the energy', () => {
    expect(energyInWords(8)).toBe('1/32 of the energy of the earthquake off Japan in 2011');
    expect(energyInWords(9)).toBe('the energy of the earthquake off Japan in 2011');
    expect(energyInWords(9.5)).toBe('5.6 times the energy of the earthquake off Japan in 2011');
  });

  it('all have a meaning', () => {
    for (let magnitude = 6.5; magnitude <= 9.5; magnitude += 0.1) expect(magnitudeInWords(magnitude)).not.toBe('');
  });
});

describe('state', () => {
  it('is live only where the newest picture of a running run is on show', () => {
    const open = { phase: 'open' } as const;
    expect(stateInWords(open, { state: 'running' }, undefined).kind).toBe('live');
    expect(stateInWords(open, { state: 'running' }, 300).kind).not.toBe('live');
    expect(stateInWords(open, { state: 'finished' }, undefined).text).toBe('Finished');
    expect(stateInWords({ phase: 'site' }, { state: 'finished' }, 0).text).toBe('Played back');
    expect(stateInWords({ phase: 'connecting' }, undefined, undefined).text).toBe('Connecting');
  });
});

describe('scores', () => {
  it('say by how much the model is off', () => {
    const [arrival, crest, shape] = scoreInWords({
      arrival: { model: 4380, observed: 4500 },
      firstPeak: { model: 0.66, observed: 0.77 },
      correlation: 0.91,
    });
    expect(arrival).toContain('2 min too early');
    expect(crest).toContain('14 % too low');
    expect(shape).toContain('agree well');
  });

  it('pass over what is not known', () => {
    const nothing = { model: null, observed: null };
    expect(scoreInWords({ arrival: nothing, firstPeak: nothing, correlation: null })).toEqual([]);
    expect(scoreInWords({ arrival: { model: null, observed: 60 }, firstPeak: nothing, correlation: null })).toEqual([
      'The first wave: 1 min after the start in the record; not yet in the model.',
    ]);
  });
});
