import { readObservation, secondsAfterStart } from '../../scenarios/observations.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { type Heights, type StationScore, scoreStation } from '../store/station-score.ts';
import { SEA_SURFACE_HEIGHT, type StationSeries } from '../store/station-series.ts';
import { readInputFile } from './input-file.ts';

export interface ScoredStation extends StationScore {
  readonly role: 'verify' | 'show';
}

/** A record of the sea surface at a station, in seconds after the scenario's start. */
export interface Observed extends Heights {
  /** Nothing before this is scored or believed [s]: seismic waves. */
  readonly mask: number;
}

/** The scenario's observations by station name. Throws InputUnreadable, ObservationUnreadable. */
export async function readObservations(scenario: Scenario): Promise<ReadonlyMap<string, Observed>> {
  const found = new Map<string, Observed>();
  for (const { name, file, mask } of scenario.observations) {
    const read = readObservation((await readInputFile(file)).toString(), file);
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

/** Scores every observed station of a run; a run that has its observations already hands them on. */
export async function scoreStations(
  scenario: Scenario,
  series: readonly StationSeries[],
  known?: ReadonlyMap<string, Observed>,
): Promise<ScoredStation[]> {
  const observations = known ?? (await readObservations(scenario));
  return scenario.observations.flatMap(({ name, role }) => {
    const model = series.find(({ station }) => station.name === name);
    const observed = observations.get(name);
    if (!model || !observed) return [];
    const heights = { seconds: model.seconds, values: model.values[SEA_SURFACE_HEIGHT.name]! };
    return [{ ...scoreStation(name, heights, observed, { maskUntil: observed.mask }), role }];
  });
}
