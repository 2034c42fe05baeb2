import { describe, expect, it } from 'vitest';
import { judge, parseMetric } from '../../scenarios/metrics.ts';
import { loaded, MINIMAL } from './library.ts';

describe('expectations', () => {
  it('are judged in SI, with bounds that are strict but for between and equals', async () => {
    const scenario =
      await loaded(`${MINIMAL}observations: [{ station: St. Helena, longitude: -5.7, latitude: -15.9, file: data/dart/stations.csv }]
expect:
  - { metric: mass.relativeDrift, below: 1e-6 }
  - { metric: maximumSpeed, equals: 0 m/s }
  - { metric: maximumAmplitude, above: 50 cm }
  - { metric: stations.St. Helena.arrivalSeconds, between: [1 h, 2 h] }
  - { metric: stations.St. Helena.correlation, above: 0.9 }
`);
    const figures: Record<string, number> = {
      'mass.relativeDrift': 1e-6,
      maximumSpeed: 0,
      maximumAmplitude: 0.6,
      'stations.St. Helena.arrivalSeconds': 7200,
    };
    const judged = judge(scenario, (metric) => figures[metric]);
    expect(judged.map((one) => one.pass)).toEqual([false, true, true, true, false]);
    expect(judged.map((one) => one.text)).toEqual([
      'mass.relativeDrift = 0.000001, expected below 0.000001',
      'maximumSpeed = 0 m/s, expected exactly 0 m/s',
      'maximumAmplitude = 0.6 m, expected above 0.5 m',
      'stations.St. Helena.arrivalSeconds = 7200 s, expected 3600 s to 7200 s',
      'stations.St. Helena.correlation = not in the result, expected above 0.9',
    ]);
  });

  it('a figure that is not a number meets none', async () => {
    const scenario = await loaded(
      `${MINIMAL}expect: [{ metric: maximumSpeed, below: 1 m/s }, { metric: maximumSpeed, above: 1 m/s }, { metric: maximumSpeed, between: [0 m/s, 1 m/s] }]`,
    );
    expect(judge(scenario, () => Number.NaN).map((one) => one.pass)).toEqual([false, false, false]);
  });

  it.each(['stateHash', 'statehash', 'toString', 'stations.x', 'stations.x.toString', 'stations..firstPeak', ''])(
    '%j is no metric',
    (name) => {
      expect(parseMetric(name).ok).toBe(false);
    },
  );
});
