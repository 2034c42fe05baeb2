import { describe, expect, it } from 'vitest';
import { readObservation, secondsAfterStart } from '../../scenarios/observations.ts';

const problems = (text: string): readonly string[] => {
  const result = readObservation(text, 'record.csv');
  return result.ok ? [] : result.problems.map(({ line, message }) => `${line}: ${message}`);
};

describe('records of water level', () => {
  it('hold seconds and metres, and say when they begin', () => {
    const result = readObservation(
      '# a comment\n# station: 21413\n# origin: 2011-03-11T05:46:24Z\nseconds,metres\n-60, 0.5\n0,-1e-3\n',
      'record.csv',
    );
    expect(result).toEqual({
      ok: true,
      observation: {
        station: '21413',
        origin: '2011-03-11T05:46:24Z',
        seconds: Float64Array.of(-60, 0),
        metres: Float64Array.of(0.5, -0.001),
      },
    });
    if (result.ok)
      expect(secondsAfterStart(result.observation, '2011-03-11T05:46:18Z')).toEqual(Float64Array.of(-54, 6));
  });

  it('list everything that is wrong', () => {
    expect(problems('# origin: yesterday\ntime,level\n1,2\n1,2\nx,3\n3\n4,5,6\n7,9999\n8,\n')).toEqual([
      '1: origin: "yesterday" is no ISO 8601 time',
      '2: the columns are "time,level"',
      '4: the time 1 does not come after 1',
      '5: "x,3" is no pair of numbers',
      '6: "3" is no pair of numbers',
      '7: "4,5,6" is no pair of numbers',
      '8: a level of 9999 m is no wave',
      '9: "8," is no pair of numbers',
    ]);
    expect(problems('')).toEqual(['1: there are no rows']);
    expect(problems('x\n'.repeat(10_000))).toHaveLength(50);
  });
});
