import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { StationRecorder } from '../../../workers/run/station-recorder.ts';
import type { OutputField } from '../../../workers/store/cf-metadata.ts';
import type { Provenance } from '../../../workers/store/provenance.ts';
import type { StationSeries } from '../../../workers/store/station-series.ts';
import type { Store } from '../../../workers/store/store.ts';
import type { FloatArray } from '../../../workers/store/zarr-arrays.ts';
import type { Panels, RunDescription, RunStore } from '../../../workers/store/zarr-output.ts';

/** A run small enough to be stopped at every one of its writes. */
export const grid = makeCubedSphere({ cells: 8, tile: 4, radius: 6_371_220, halo: 3 });

export const fields: readonly OutputField[] = [
  {
    name: 'sea_surface_height',
    longName: 'sea surface height',
    standardName: 'sea_surface_height_above_mean_sea_level',
    units: 'm',
    precision: 'float32',
    extent: 'time',
  },
  { name: 'speed', longName: 'speed of the water', units: 'm s-1', precision: 'float64', extent: 'time' },
  { name: 'maximum_amplitude', longName: 'largest amplitude', units: 'm', precision: 'float32', extent: 'static' },
];

export const latitude = Float64Array.from({ length: 9 }, (_, row) => -80 + 20 * row);
export const longitude = Float64Array.from({ length: 18 }, (_, column) => 10 + 20 * column);

/** Nearest cell. */
export function sample(panels: readonly FloatArray[]): FloatArray {
  const values =
    (panels[0] as FloatArray).slice(0, 0).constructor === Float32Array ? new Float32Array(162) : new Float64Array(162);
  for (let row = 0; row < 9; row++) {
    for (let column = 0; column < 18; column++) {
      const point = grid.locate(longitude[column] as number, latitude[row] as number);
      if (!point) throw new Error('every point of the globe lies in a panel');
      const [i, j] = [Math.min(7, Math.floor(point.i)), Math.min(7, Math.floor(point.j))];
      values[row * 18 + column] = panels[point.panel]?.[j * 8 + i] as number;
    }
  }
  return values;
}

export const start = new Date('2011-03-11T05:46:18Z');
export const description: RunDescription = {
  grid,
  fields,
  start,
  latLon: { latitude, longitude, sample },
  attributes: { title: 'A small run', references: 'none' },
};

/** A field with quiet tiles (zeros), land (NaN) and waves, different in each frame. */
export function state(name: string, frame: number): Panels {
  const wide = name === 'speed';
  return Array.from({ length: 6 }, (_, panel) => {
    const values = wide ? new Float64Array(64) : new Float32Array(64);
    if (panel === 5) return values.fill(Number.NaN);
    for (let at = 0; at < 64 && panel > 1; at++) {
      values[at] = at % 13 === 5 ? Number.NaN : (panel + at / 7) * (frame + 1) * (wide ? 1e-3 : 1) - at / 3;
    }
    return values;
  });
}

export const FRAMES = 3;
export const seconds = (frame: number): number => 300.25 * frame;
export const frameValues = (frame: number): Record<string, Panels> => ({
  sea_surface_height: state('sea_surface_height', frame),
  speed: state('speed', frame),
});

export const station = { id: '21413', name: 'South-east of Tokyo, "DART"', longitude: 152.1, latitude: 30.5 };
export const heightAt = (time: number): number => Math.sin(time / 100);

export const provenance: Provenance = {
  engine: { version: '0.1.0', commit: null, modified: null },
  scenario: { name: 'small', identity: 'aa', resolved: { terrella: 1 } },
  kernelHash: 'bb',
  gridFingerprint: grid.fingerprint,
  inputs: [{ name: 'etopo5', sha256: 'cc' }],
  backend: 'wasm',
  precision: 'float32',
  class: 'bitwise',
  stateHashChain: null,
  threads: 2,
  nodes: 1,
  host: { processor: 'p', cores: 2, memoryMiB: 1, platform: 'linux', node: 'v20' },
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  wallSeconds: null,
};

/**
 * The run's life once `from` frames are written: steps, four a frame, the state recorded at each; frames, stations, a
 * maximum, provenance. A run that goes on stands at its checkpoint: the step of its last frame, restored.
 */
export async function live(
  run: RunStore,
  from: number,
  resume?: StationSeries,
  onCheckpoint: (frames: number) => void = () => {},
): Promise<void> {
  const recorder = new StationRecorder(
    [{ ...station, every: 60, moved: undefined }],
    seconds(1 / 4),
    resume && [resume],
  );
  for (let step = Math.max(0, 4 * (from - 1)); step <= 4 * (FRAMES - 1); step++) {
    const time = seconds(step / 4);
    recorder.record(step, Float64Array.of(heightAt(time)));
    const frame = step / 4;
    if (!Number.isInteger(frame) || frame < from) continue;
    await run.writeFrame(frame, seconds(frame), frameValues(frame));
    await run.writeStations(recorder.series.map((series) => ({ ...series, station })));
    await run.flush();
    onCheckpoint(frame + 1);
  }
  await run.writeStatic('maximum_amplitude', state('maximum_amplitude', 9));
  await run.writeProvenance({ ...provenance, finishedAt: '2026-01-01T00:01:00.000Z', wallSeconds: 60 });
  await run.flush();
}

export interface Operation {
  readonly key: string;
  apply(map: Map<string, Uint8Array>): void;
}

/** A store that also writes down what was done to it, so that a run can be stopped after any of its operations. */
export function recordingStore(inner: Store, operations: Operation[]): Store {
  return {
    ...inner,
    async set(key, bytes, options) {
      const copy = bytes.slice();
      operations.push({ key, apply: (map) => void map.set(key, copy) });
      await inner.set(key, bytes, options);
    },
    async delete(key) {
      operations.push({ key, apply: (map) => void map.delete(key) });
      await inner.delete(key);
    },
  };
}
