import { atan2 } from '../../engine/math/index.ts';
import type { TestState } from '../states/state.ts';
import { balancedHeight, type Planet, streamfunctionOf, windOf } from './balance.ts';
import type { Weather } from './read-weather.ts';
import {
  analyse,
  analyseVectors,
  gradient,
  inverseLaplacian,
  type LatLonPoints,
  largestTruncation,
  latitudes,
  longitudes,
  synthesise,
  type Vectors,
} from './spherical-harmonics.ts';

/** Beyond this, 1°-data, weather of one layer gains nothing. */
const MOST_WAVES = 85;
/** Points of the table that is interpolated, to a wave of the wind's truncation. */
const POINTS_A_WAVE = 16;

/**
 * Weather as a start: its wind without divergence and the height in balance with it, whose mean is that of the data; or,
 * not balanced, wind and height as they are, up to the same truncation. What it gives is a smooth function of position, whatever the grid.
 */
export function weatherState(weather: Weather, planet: Planet, balanced: boolean): Pick<TestState, 'flow'> {
  const truncation = Math.min(MOST_WAVES, largestTruncation(weather));
  const points = { rows: 0.5 * POINTS_A_WAVE * truncation + 1, columns: POINTS_A_WAVE * truncation };
  const height = analyse(weather.height, weather, truncation);
  if (!balanced) return interpolated(synthesise(height, points), wholeWind(weather, truncation, points), points);
  const streamfunction = streamfunctionOf(weather, weather, truncation);
  const level = balancedHeight(streamfunction, planet);
  level.cosine[0] = height.cosine[0]!;
  return interpolated(synthesise(level, points), windOf(streamfunction, points), points);
}

/** The wind with its divergence. */
function wholeWind(weather: Weather, truncation: number, points: LatLonPoints): Vectors {
  const { vorticity, divergence } = analyseVectors(weather, weather, truncation);
  const turning = windOf(inverseLaplacian(vorticity), points);
  const outward = gradient(inverseLaplacian(divergence), points);
  const sum = (a: Float64Array, b: Float64Array) => a.map((value, k) => value + b[k]!);
  return {
    eastward: sum(turning.eastward, outward.eastward),
    northward: sum(turning.northward, outward.northward),
  };
}

/** Points on either side that a value is made of: sixth order. */
const REACH = 3;
const WIDTH = 2 * REACH;

/** Height and the wind's Cartesian components between points: all four are smooth across the poles. */
function interpolated(height: Float64Array, wind: Vectors, { rows, columns }: LatLonPoints): Pick<TestState, 'flow'> {
  const { z, c } = latitudes(rows);
  const east = longitudes(columns);
  const wide = columns + WIDTH;
  const table = new Float64Array(4 * wide * (rows + WIDTH));
  for (let j = -REACH; j < rows + REACH; j++)
    for (let i = -REACH; i < columns + REACH; i++) {
      // Beyond a pole lie the rows before it, half-way round.
      const over = j < 0 || j >= rows;
      const row = j < 0 ? 0 - j : j >= rows ? 2 * (rows - 1) - j : j;
      const column = (i + (over ? columns + columns / 2 : columns)) % columns;
      const at = row * columns + column;
      const [u, v] = [wind.eastward[at]!, wind.northward[at]!];
      const [cosine, sine] = [east.cosine[column]!, east.sine[column]!];
      const to = 4 * ((j + REACH) * wide + i + REACH);
      table[to] = height[at]!;
      table[to + 1] = 0 - (u * sine + v * (z[row]! * cosine));
      table[to + 2] = u * cosine - v * (z[row]! * sine);
      table[to + 3] = v * c[row]!;
    }
  const [alongI, alongJ] = [new Float64Array(WIDTH), new Float64Array(WIDTH)];
  const flow: TestState['flow'] = (x, y, up, out) => {
    const angle = atan2(y, x) / (2 * Math.PI);
    const i = (angle < 0 ? angle + 1 : angle) * columns;
    const j = (0.5 - atan2(up, Math.sqrt(x * x + y * y)) / Math.PI) * (rows - 1);
    const [i0, j0] = [Math.min(columns - 1, Math.floor(i)), Math.min(rows - 2, Math.floor(j))];
    lagrange(i - i0, alongI);
    lagrange(j - j0, alongJ);
    let [h, mx, my, mz] = [0, 0, 0, 0];
    for (let b = 0; b < WIDTH; b++)
      for (let a = 0; a < WIDTH; a++) {
        const weight = alongJ[b]! * alongI[a]!;
        const at = 4 * ((j0 + b + 1) * wide + i0 + a + 1);
        h += weight * table[at]!;
        mx += weight * table[at + 1]!;
        my += weight * table[at + 2]!;
        mz += weight * table[at + 3]!;
      }
    out[0] = h;
    out[1] = mx;
    out[2] = my;
    out[3] = mz;
  };
  return { flow };
}

const FACTORS = Float64Array.from({ length: WIDTH }, (_, k) => {
  let product = 1;
  for (let other = 0; other < WIDTH; other++) if (other !== k) product *= k - other;
  return product;
});

/** Lagrange's weights of points −2 … 3 at a place between 0 and 1. */
function lagrange(at: number, out: Float64Array): void {
  for (let k = 0; k < WIDTH; k++) {
    let product = 1;
    for (let other = 0; other < WIDTH; other++) if (other !== k) product *= at + (REACH - 1) - other;
    out[k] = product / FACTORS[k]!;
  }
}
