import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { StationRecorder } from '../../../workers/run/station-recorder.ts';
import { lowPass } from '../../../workers/store/low-pass.ts';
import { type Heights, measureStation, scoreStation } from '../../../workers/store/station-score.ts';
import { checkSeries, SEA_SURFACE_HEIGHT, stationCsv, truncateSeries } from '../../../workers/store/station-series.ts';
import { heightAt, start, station } from './small-run.ts';

function dart(file: string): { seconds: number[]; values: number[] } {
  const text = readFileSync(new URL(`../../../scenarios/data/dart/${file}.csv`, import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => /^-?\d/.test(line))
    .map((line) => line.split(',').map(Number));
  return { seconds: rows.map((row) => row[0] as number), values: rows.map((row) => row[1] as number) };
}

describe('a station’s record', () => {
  const every = (interval: number) => [{ ...station, every: interval, moved: undefined }];

  test('samples at its own cadence, linearly between the steps', () => {
    const recorder = new StationRecorder(every(60), 36.875);
    for (let step = 0; step <= 20; step++) recorder.record(step, Float64Array.of(2 * step * 36.875 + 1));
    const { seconds, values } = recorder.series[0]!;
    expect(seconds).toEqual(Array.from({ length: 13 }, (_, at) => 60 * at));
    values.sea_surface_height?.forEach((value, at) => {
      expect(value).toBeCloseTo(120 * at + 1, 10);
    });
  });

  test('takes a step’s own value where a sample falls on it, and a step once', () => {
    const recorder = new StationRecorder(every(50), 25);
    for (const step of [0, 1, 2, 2, 3, 4]) recorder.record(step, Float64Array.of(heightAt(step * 25)));
    expect(recorder.series[0]!.seconds).toEqual([0, 50, 100]);
    expect(recorder.series[0]!.values.sea_surface_height).toEqual([0, 50, 100].map(heightAt));
  });

  test('has the same bits after a resume at any step', () => {
    const stations = every(15);
    const sampleAt = (step: number) => Float64Array.of(heightAt(step * 36.875));
    const whole = new StationRecorder(stations, 36.875);
    for (let step = 0; step <= 12; step++) whole.record(step, sampleAt(step));
    for (let checkpoint = 0; checkpoint <= 12; checkpoint++) {
      const kept = truncateSeries(whole.series[0]!, checkpoint * 36.875);
      const resumed = new StationRecorder(stations, 36.875, [kept]);
      for (let step = checkpoint; step <= 12; step++) resumed.record(step, sampleAt(step));
      expect(resumed.series).toEqual(whole.series);
    }
  });

  test('is CSV with units in its header, times in UTC, and empty fields where dry', () => {
    const csv = stationCsv(
      {
        station,
        variables: [SEA_SURFACE_HEIGHT],
        seconds: [0, 60.5],
        values: { sea_surface_height: [0.25, Number.NaN] },
      },
      start,
    );
    expect(csv.split('\n')).toEqual([
      '# station: 21413',
      '# name: South-east of Tokyo, "DART"',
      '# longitude [degrees_east]: 152.1',
      '# latitude [degrees_north]: 30.5',
      '# start: 2011-03-11T05:46:18.000Z',
      'time [UTC],time [s],sea_surface_height [m]',
      '2011-03-11T05:46:18.000Z,0,0.25',
      '2011-03-11T05:47:18.500Z,60.5,',
      '',
    ]);
  });

  test('refuses times that do not grow and values that are missing', () => {
    const series = {
      station,
      variables: [SEA_SURFACE_HEIGHT],
      seconds: [0, 0],
      values: { sea_surface_height: [1, 1] },
    };
    expect(() => checkSeries(series)).toThrow(/SeriesInvalid: station 21413: sample 1 at 0 s does not follow 0 s/);
    expect(() => checkSeries({ ...series, seconds: [0] })).toThrow(/2 values for 1 times/);
  });
});

describe('the first wave of the recorded tsunamis, seismic minutes masked', () => {
  // MacInnes et al. (2013) and the records themselves: crest heights [m] and minutes after the origin.
  test.each([
    ['21413-2011-03-11', 0.774, 80.7, 75.3],
    ['21418-2011-03-11', 1.873, 32.7, 28.5],
    ['32412-2010-02-27', 0.235, 196.0, 189.3],
  ])('%s: %d m at %d min, arriving at %d min', (file, height, peakMinutes, arrivalMinutes) => {
    const observed = dart(file);
    const { firstPeak, arrivalSeconds } = scoreStation(file, observed, observed);
    expect(firstPeak.observed).toBeCloseTo(height, 3);
    expect(Math.abs((firstPeak.observedSeconds as number) / 60 - peakMinutes)).toBeLessThan(0.6);
    expect(Math.abs((arrivalSeconds.observed as number) / 60 - arrivalMinutes)).toBeLessThan(0.4);
  });

  test('without the mask the Maule record’s seismic spike would pass for it', () => {
    const observed = dart('32412-2010-02-27');
    const { firstPeak } = scoreStation('32412', observed, observed, { maskUntil: 0 });
    expect(firstPeak.observed).toBeGreaterThan(0.25);
    expect((firstPeak.observedSeconds as number) / 3600).toBeLessThan(0.2);
  });
});

/** Two pulses: a first crest of `height` at `crest` seconds, and a larger one an hour later. */
function tsunami(height: number, crest: number, step: number): Heights {
  const seconds = Array.from({ length: Math.ceil(20_000 / step) }, (_, at) => at * step);
  const pulse = (time: number, width: number): number => Math.exp(-((time / width) ** 2));
  const values = seconds.map(
    (time) =>
      height *
      (pulse(time - crest, 300) - 0.4 * pulse(time - crest - 1600, 400) + 1.5 * pulse(time - crest - 3600, 400)),
  );
  return { seconds, values };
}

describe('a score', () => {
  test('of a record against itself is perfect', () => {
    const record = tsunami(1, 6000, 60);
    const score = scoreStation('x', record, record);
    expect(score).toMatchObject({ id: 'x', rms: 0, arrivalErrorSeconds: 0 });
    expect(score.correlation).toBeCloseTo(1, 12);
  });

  test('takes the first crest, not the larger one after it, from series of different cadence', () => {
    const { firstPeak, arrivalSeconds } = scoreStation('x', tsunami(0.8, 5940, 36.875), tsunami(1, 6000, 60));
    // The step nearest to the crest may be half a step away: e^−(18.4/300)² of it is left.
    expect(firstPeak.model).toBeGreaterThan(0.8 * 0.996);
    expect(firstPeak.model).toBeLessThanOrEqual(0.8);
    expect(firstPeak.observed).toBeCloseTo(1, 6);
    expect(Math.abs((firstPeak.modelSeconds as number) - 5940)).toBeLessThan(20);
    expect(firstPeak.observedSeconds).toBe(6000);
    // One threshold, 0.1 m: the pulse e^−(t/300)² passes it at 300 √ln 10 = 455.2 s before the crest.
    expect(Math.abs((arrivalSeconds.observed as number) - (6000 - 455.2))).toBeLessThan(5);
    expect(Math.abs((arrivalSeconds.model as number) - (5940 - 300 * Math.sqrt(Math.log(8))))).toBeLessThan(5);
  });

  test('counts a leading trough as the arrival, and no noise ahead of a quiet sea', () => {
    const { seconds, values } = tsunami(1, 6000, 60);
    const withTrough = Array.from(
      values,
      (value, at) => value - 0.6 * Math.exp(-((((seconds[at] as number) - 5300) / 300) ** 2)),
    );
    const withNoise = Array.from(
      values,
      (value, at) => value + ((seconds[at] as number) < 3600 && at % 7 === 0 ? 0.2 : 0),
    );
    const arrival = (changed: number[]) =>
      scoreStation('x', { seconds, values: changed }, { seconds, values }).arrivalSeconds.model as number;
    expect(arrival(withTrough)).toBeCloseTo(5300 - 300 * Math.sqrt(Math.log(6)), -1.3);
    expect(arrival(withNoise)).toBe(arrival(Array.from(values)));
  });

  test('has the root mean square and the correlation of a shifted, scaled record', () => {
    const observed = tsunami(1, 6000, 60);
    const shifted = { seconds: observed.seconds, values: Array.from(observed.values, (value) => 2 * value + 0.5) };
    const pairs = Array.from(observed.values).filter((_, at) => (observed.seconds[at] as number) >= 1200);
    const expected = Math.sqrt(pairs.reduce((sum, value) => sum + (value + 0.5) ** 2, 0) / pairs.length);
    const { rms, correlation, samples } = scoreStation('x', shifted, observed);
    expect(samples).toBe(pairs.length);
    expect(rms).toBeCloseTo(expected, 12);
    expect(correlation).toBeCloseTo(1, 12);
  });

  test('says null where there is nothing to compare', () => {
    const flat = { seconds: [0, 2000, 4000], values: [0, 0, 0] };
    const score = scoreStation('x', flat, flat);
    expect(score.firstPeak).toEqual({ model: null, observed: null, modelSeconds: null, observedSeconds: null });
    expect(score).toMatchObject({ arrivalSeconds: { model: null, observed: null }, rms: 0, correlation: null });
    expect(scoreStation('x', { seconds: [], values: [] }, flat)).toMatchObject({ rms: null, samples: 0 });
    expect(() => scoreStation('x', { seconds: [60, 0], values: [1, 2] }, flat)).toThrow(/falls in time/);
  });
});

describe('the low-pass', () => {
  const amplitude = (period: number, cutoff: number, step: (at: number) => number): number => {
    const seconds: number[] = [];
    for (let time = 0, at = 0; time < 40_000; time += step(at++)) seconds.push(time);
    const filtered = lowPass(
      seconds,
      seconds.map((time) => Math.cos((2 * Math.PI * time) / period)),
      cutoff,
    );
    let largest = 0;
    seconds.forEach((time, at) => {
      if (time > 10_000 && time < 30_000) largest = Math.max(largest, Math.abs(filtered[at] as number));
    });
    return largest;
  };

  test('keeps 2^−(T/P)² of a wave of period P: half at the cutoff', () => {
    for (const [period, kept] of [
      [600, 0.5],
      [1200, 2 ** -0.25],
      [300, 2 ** -4],
    ] as const) {
      expect(amplitude(period, 600, () => 15)).toBeCloseTo(kept, 3);
    }
  });

  test('keeps a constant, and hardly minds uneven times', () => {
    const seconds = [0, 10, 15, 60, 200, 210, 1000];
    for (const value of lowPass(
      seconds,
      seconds.map(() => 3.5),
      100,
    ))
      expect(value).toBeCloseTo(3.5, 12);
    expect(amplitude(600, 600, (at) => 10 + 10 * (at % 2))).toBeCloseTo(0.5, 2);
  });

  test('leaves gaps as gaps, shares an instant among its samples, and refuses times that fall', () => {
    expect([...lowPass([0, 60, 120], [1, Number.NaN, 1], 600)]).toEqual([1, Number.NaN, 1]);
    expect(lowPass([0, 0], [1, 3], 600)[0]).toBe(2);
    expect(() => lowPass([60, 0], [1, 1], 600)).toThrow(/SeriesInvalid/);
  });
});

test('a station without a gauge has the arrival and first crest of the model alone, from the first second on', () => {
  const seconds = Array.from({ length: 400 }, (_, at) => 15 * at);
  const values = seconds.map((time) => 0.8 * Math.exp(-(((time - 3000) / 300) ** 2)));
  const { arrivalSeconds, firstPeak, rms, correlation } = measureStation('X', { seconds, values }, 0.01);
  expect(firstPeak.model).toBe(0.8);
  expect(firstPeak.modelSeconds).toBe(3000);
  // 0.8 exp(−s²) = 0.01 at s = √ln 80.
  expect(Math.abs((arrivalSeconds.model as number) - (3000 - 300 * Math.sqrt(Math.log(80))))).toBeLessThan(2);
  expect([firstPeak.observed, arrivalSeconds.observed, rms, correlation]).toEqual([null, null, null, null]);
});
