import type { StationSeries } from '../store/station-series.ts';
import { SEA_SURFACE_HEIGHT } from '../store/station-series.ts';
import type { RecordedStation } from './preparation.ts';

/**
 * Time series at each station's own cadence, linear between the model's steps. It keeps the last step's sample only, so
 * a run resumed at any step goes on with the same numbers.
 */
export class StationRecorder {
  readonly series: readonly (StationSeries & { seconds: number[]; values: Record<string, number[]> })[];
  private readonly stations: readonly RecordedStation[];
  private readonly timeStep: number;
  private before: { readonly step: number; readonly values: Float64Array } | undefined;

  constructor(stations: readonly RecordedStation[], timeStep: number, kept: readonly StationSeries[] = []) {
    this.stations = stations;
    this.timeStep = timeStep;
    this.series = stations.map(({ id, name, longitude, latitude }) => {
      const old = kept.find(({ station }) => station.name === name);
      return {
        station: { id, name, longitude, latitude },
        variables: [SEA_SURFACE_HEIGHT],
        seconds: [...(old?.seconds ?? [])],
        values: { [SEA_SURFACE_HEIGHT.name]: [...(old?.values[SEA_SURFACE_HEIGHT.name] ?? [])] },
      };
    });
  }

  /** Takes the samples of one step; steps come in order, the first one of a resumed run being its checkpoint's. */
  record(step: number, values: Float64Array): void {
    const { before, timeStep } = this;
    if (before && step <= before.step) return;
    this.series.forEach(({ seconds, values: recorded }, index) => {
      const heights = recorded[SEA_SURFACE_HEIGHT.name]!;
      const { every } = this.stations[index]!;
      const now = step * timeStep;
      for (let k = seconds.length; k * every <= now * (1 + 1e-12); k++) {
        const time = k * every;
        const from = before?.values[index] ?? values[index]!;
        const fraction = before ? Math.min(1, time / timeStep - before.step) : 1;
        seconds.push(time);
        heights.push(from + fraction * (values[index]! - from));
      }
    });
    this.before = { step, values: values.slice() };
  }
}
