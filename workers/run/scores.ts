import type { InputFiles } from '../../scenarios/input-files.ts';
import { readObservation, secondsAfterStart } from '../../scenarios/observations.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import { recordedStations, type Scenario } from '../../scenarios/scenario.ts';
import { type Heights, measureStation, type StationScore, scoreStation } from '../store/station-score.ts';
import { SEA_SURFACE_HEIGHT, type StationSeries } from '../store/station-series.ts';

export interface ScoredStation extends StationScore {
  readonly role: 'verify' | 'show';
}

/** A record of the sea surface at a station, in seconds after the scenario's start. */
export interface Observed extends Heights {
  /** Nothing before this is scored or believed [s]: seismic waves. */
  readonly mask: number;
}

/** The scenario's observations by station name. Throws InputUnreadable, ObservationUnreadable. */
export async function readObservations(scenario: Scenario, files: InputFiles): Promise<ReadonlyMap<string, Observed>> {
  const found = new Map<string, Observed>();
  for (const { name, file, mask } of scenario.observations) {
    const read = readObservation(new TextDecoder().decode(await files.read(file)), file);
    if (!read.ok) throw new Error(`ObservationUnreadable: ${formatProblems(read.problems)}`);
    const { observation } = read;
    found.set(name, {
      seconds: secondsAfterStart(observation, scenario.time.start),
      values: observation.metres,
      mask,
    });
  }
  return found;
}

/**
 * Arrival and first crest at every station of a run, those with observations scored against them.
 */
export async function scoreStations(
  scenario: Scenario,
  series: readonly StationSeries[],
  observations: ReadonlyMap<string, Observed>,
): Promise<ScoredStation[]> {
  const heightsAt = (name: string): Heights | undefined => {
    const found = series.find(({ station }) => station.name === name);
    return found && { seconds: found.seconds, values: found.values[SEA_SURFACE_HEIGHT.name]! };
  };
  const observed = scenario.observations.flatMap(({ name, role }): ScoredStation[] => {
    const [model, record] = [heightsAt(name), observations.get(name)];
    return model && record ? [{ ...scoreStation(name, model, record, { maskUntil: record.mask }), role }] : [];
  });
  const { arrivalThreshold, seaLevel } = scenario.model.parameters;
  const others = recordedStations(scenario).flatMap(({ name }): ScoredStation[] => {
    const model = observations.has(name) ? undefined : heightsAt(name);
    if (!model) return [];
    const above = { seconds: model.seconds, values: Array.from(model.values, (height) => height - seaLevel) };
    return [{ ...measureStation(name, above, arrivalThreshold), role: 'show' }];
  });
  return [...observed, ...others];
}
