import type { LatLonField } from '../../../workers/plot/lat-lon-field.ts';

export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A global field sampled at cell centres, `step` degrees wide, from `west`. */
export function globalField(
  step: number,
  value: (longitude: number, latitude: number) => number,
  west = -180,
): LatLonField & { values: Float32Array; longitudes: Float64Array; latitudes: Float64Array } {
  const [rows, columns] = [180 / step, 360 / step];
  const latitudes = Float64Array.from({ length: rows }, (_, j) => -90 + (j + 0.5) * step);
  const longitudes = Float64Array.from({ length: columns }, (_, i) => west + (i + 0.5) * step);
  const values = new Float32Array(rows * columns);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) values[j * columns + i] = value(longitudes[i]!, latitudes[j]!);
  return { rows, columns, latitudes, longitudes, values };
}
