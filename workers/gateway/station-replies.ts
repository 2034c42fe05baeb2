import type { Scenario } from '../../scenarios/scenario.ts';
import type { StationReply } from '../protocol/viewing.ts';
import { type Observed, type ScoredStation, scoreStations } from '../run/scores.ts';
import { SEA_SURFACE_HEIGHT, type StationSeries } from '../store/station-series.ts';

/** Records so far, what was observed there, and how well they agree. */
export async function stationReplies(
  scenario: Scenario,
  records: readonly StationSeries[],
  observations: ReadonlyMap<string, Observed>,
): Promise<StationReply['stations']> {
  // A record that has hardly begun cannot be scored.
  const scores = await scoreStations(scenario, records, observations).catch((): ScoredStation[] => []);
  return records.map(({ station, seconds, values }) => {
    const observed = observations.get(station.name);
    const score = scores.find(({ id }) => id === station.name);
    return {
      id: station.id,
      model: { seconds: [...seconds], values: [...values[SEA_SURFACE_HEIGHT.name]!] },
      ...(observed
        ? {
            observed: { seconds: Array.from(observed.seconds), values: Array.from(observed.values) },
            maskedUntil: observed.mask,
          }
        : {}),
      ...(score
        ? {
            score: {
              arrival: pair(score.arrivalSeconds),
              firstPeak: pair(score.firstPeak),
              correlation: score.correlation,
            },
          }
        : {}),
    };
  });
}

type Compared = { readonly model: number | null; readonly observed?: number | null };

const pair = ({ model, observed = null }: Compared) => ({ model, observed });
