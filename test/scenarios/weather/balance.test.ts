import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EARTH, type TestState, testState } from '../../../scenarios/states/index.ts';
import { balancedHeight, streamfunctionOf, windOf } from '../../../scenarios/weather/balance.ts';
import { readWeather, type Weather } from '../../../scenarios/weather/read-weather.ts';
import {
  analyse,
  analyseVectors,
  gradient,
  inverseLaplacian,
  largestTruncation,
  latitudes,
  longitudes,
  synthesise,
} from '../../../scenarios/weather/spherical-harmonics.ts';
import { weatherState } from '../../../scenarios/weather/weather-state.ts';
import { LIBRARY } from '../library.ts';

/** A published state on points of latitude and longitude. */
function sampled({ flow }: Pick<TestState, 'flow'>, rows: number, columns: number): Weather {
  const { z, c } = latitudes(rows);
  const east = longitudes(columns);
  const [height, eastward, northward] = [0, 1, 2].map(() => new Float64Array(rows * columns)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const out = new Float64Array(4);
  for (let k = 0; k < rows * columns; k++) {
    const [sine, cosine] = [z[Math.floor(k / columns)]!, c[Math.floor(k / columns)]!];
    const [x, y] = [east.cosine[k % columns]!, east.sine[k % columns]!];
    flow(cosine * x, cosine * y, sine, out);
    height[k] = out[0]!;
    eastward[k] = out[2]! * x - out[1]! * y;
    northward[k] = out[3]! * cosine - sine * (out[1]! * x + out[2]! * y);
  }
  return { rows, columns, height, eastward, northward };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let found = 0;
  for (let k = 0; k < a.length; k++) found = Math.max(found, Math.abs(a[k]! - b[k]!));
  return found;
};

describe('spherical harmonics on points of latitude and longitude', () => {
  const points = { rows: 25, columns: 26 };
  const truncation = largestTruncation(points);

  it('analysis undoes synthesis, to round-off, at the largest truncation', () => {
    expect(truncation).toBe(12);
    const size = ((truncation + 1) * (truncation + 2)) / 2;
    const spectrum = {
      truncation,
      cosine: Float64Array.from({ length: size }, (_, k) => Math.sin(7 * k + 1)),
      sine: Float64Array.from({ length: size }, (_, k) => Math.cos(5 * k)),
    };
    for (let n = 0; n <= truncation; n++) spectrum.sine[(n * (n + 1)) / 2] = 0;
    const back = analyse(synthesise(spectrum, points), points, truncation);
    expect(largest(back.cosine, spectrum.cosine)).toBeLessThan(1e-13);
    expect(largest(back.sine, spectrum.sine)).toBeLessThan(1e-13);
  });

  it('a gradient has no vorticity and its own Laplacian; a wind of a streamfunction has no divergence', () => {
    const { height } = sampled(testState({ name: 'williamson-6', angle: 0 }), 25, 26);
    const potential = analyse(height, points, truncation);
    const { vorticity, divergence } = analyseVectors(gradient(potential, points), points, truncation);
    const scale = largest(divergence.cosine, new Float64Array(divergence.cosine.length));
    expect(largest(vorticity.cosine, new Float64Array(vorticity.cosine.length))).toBeLessThan(1e-12 * scale);
    const again = inverseLaplacian(divergence);
    again.cosine[0] = potential.cosine[0]!;
    expect(largest(again.cosine, potential.cosine)).toBeLessThan(1e-9);
    const wind = analyseVectors(windOf(potential, points), points, truncation);
    expect(largest(wind.divergence.sine, new Float64Array(wind.divergence.sine.length))).toBeLessThan(1e-12 * scale);
  });
});

describe('the nonlinear balance', () => {
  it.each([
    ['williamson-2', 0],
    ['williamson-2', 45],
    ['williamson-6', 0],
  ] as const)('gives the height of %s (axis at %s°) back from its wind, to round-off', (name, angle) => {
    const state = testState({ name, angle });
    const points = { rows: 25, columns: 48 };
    const weather = sampled(state, points.rows, points.columns);
    const streamfunction = streamfunctionOf(weather, points, 12);
    const wind = windOf(streamfunction, points);
    expect(largest(wind.eastward, weather.eastward)).toBeLessThan(1e-11);
    expect(largest(wind.northward, weather.northward)).toBeLessThan(1e-11);
    const height = balancedHeight(streamfunction, { ...EARTH, rotation: state.rotation });
    height.cosine[0] = analyse(weather.height, points, 12).cosine[0]!;
    // Of 10 km.
    expect(largest(synthesise(height, points), weather.height)).toBeLessThan(1e-8);
  });
});

describe('the balance of weather', () => {
  it('finds the height of the weather that ships from its wind alone, within 20 m of 260 m', () => {
    const file = `${LIBRARY}/data/air/gfs-2011-01-15-500hpa.grib2`;
    const weather = readWeather(new Uint8Array(readFileSync(file)), 50_000, file);
    const truncation = largestTruncation(weather);
    const height = balancedHeight(streamfunctionOf(weather, weather, truncation), {
      ...EARTH,
      rotation: [0, 0, EARTH.rotation],
    });
    height.cosine[0] = analyse(weather.height, weather, truncation).cosine[0]!;
    // ∫ P² dμ = 1, so P(0, 0) is √½.
    const mean = height.cosine[0]! * Math.SQRT1_2;
    expect(mean).toBeCloseTo(5641.6, 1);
    const found = synthesise(height, weather);
    const { c } = latitudes(weather.rows);
    let [wrong, varied, whole] = [0, 0, 0];
    weather.height.forEach((metres, k) => {
      const share = c[Math.floor(k / weather.columns)]!;
      wrong += share * (found[k]! - metres) ** 2;
      varied += share * (metres - mean) ** 2;
      whole += share;
    });
    expect(Math.sqrt(varied / whole)).toBeGreaterThan(250);
    expect(Math.sqrt(wrong / whole)).toBeLessThan(20);
  });
});

describe('a state from weather', () => {
  const exact = testState({ name: 'williamson-6', angle: 0 });
  const planet = { ...EARTH, rotation: exact.rotation };
  /** Largest error of height and wind at places all over the globe, the poles among them. */
  function errors(rows: number): { height: number; wind: number } {
    const { flow } = weatherState(sampled(exact, rows, 2 * rows), planet, true);
    const [found, expected] = [new Float64Array(4), new Float64Array(4)];
    let [height, wind] = [0, 0];
    for (let k = 0; k <= 2000; k++) {
      const z = k / 1000 - 1;
      const c = Math.sqrt(Math.max(0, 1 - z * z));
      flow(c * Math.cos(2.4 * k), c * Math.sin(2.4 * k), z, found);
      exact.flow(c * Math.cos(2.4 * k), c * Math.sin(2.4 * k), z, expected);
      height = Math.max(height, Math.abs(found[0]! - expected[0]!));
      wind = Math.max(wind, largest(found.subarray(1), expected.subarray(1)));
    }
    return { height, wind };
  }

  it('is the weather between its points too, to the sixth order, poles and the meridian of 0° included', () => {
    const [coarse, fine] = [errors(25), errors(49)];
    expect(coarse.height).toBeLessThan(1e-1);
    expect(fine.height).toBeLessThan(2e-3);
    expect(Math.log2(coarse.wind / fine.wind)).toBeGreaterThan(5.7);
    expect(Math.log2(coarse.height / fine.height)).toBeGreaterThan(5.7);
  });

  it('leaves out the divergence of the wind and what of the height is not in balance, or keeps both', () => {
    const still = sampled(exact, 25, 50);
    const { z, c } = latitudes(25);
    // A wind out of the south, cos φ sin φ, has divergence alone; so has the height of a bump nothing to do with the wind.
    const weather = {
      ...still,
      northward: still.northward.map((v, k) => v + 5 * c[Math.floor(k / 50)]! * z[Math.floor(k / 50)]!),
      height: still.height.map((h, k) => h + 100 * (z[Math.floor(k / 50)]! ** 2 - 1 / 3)),
    };
    const [kept, balanced, clean] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
    weatherState(weather, planet, false).flow(0.6, 0, 0.8, kept);
    weatherState(weather, planet, true).flow(0.6, 0, 0.8, balanced);
    weatherState(still, planet, true).flow(0.6, 0, 0.8, clean);
    expect(largest(balanced, clean)).toBeLessThan(1e-8);
    expect(kept[0]! - clean[0]!).toBeCloseTo(100 * (0.64 - 1 / 3), 2);
    expect(kept[3]! - clean[3]!).toBeCloseTo(5 * 0.6 * 0.8 * 0.6, 4);
  });
});
