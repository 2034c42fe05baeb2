import type { Side } from '../../engine/grid/grid.ts';
import type { IncidentWave } from '../../engine/models/open-sides.ts';
import { recordInTime, solitaryInTime } from '../../scenarios/incident-wave.ts';
import { readObservation, secondsAfterStart } from '../../scenarios/observations.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import type { IncidentWaveSource, Scenario } from '../../scenarios/scenario.ts';
import { readInputFile } from './input-file.ts';

export type IncidentWaves = Partial<Record<Side, IncidentWave>>;

/** Sides of a scenario's plane where waves come in and leave; a sphere has none. */
export const openSidesOf = ({ grid }: Scenario): readonly Side[] => (grid.kind === 'plane' ? (grid.open ?? []) : []);

/** What comes in at each side, by seconds after the start. Throws InputUnreadable, IncidentWaveUnreadable. */
export async function incidentWaves(scenario: Scenario): Promise<IncidentWaves> {
  const waves: IncidentWaves = {};
  for (const source of scenario.sources)
    if (source.type === 'incident-wave') waves[source.side] = await waveOf(source, scenario);
  return waves;
}

async function waveOf({ wave }: IncidentWaveSource, scenario: Scenario): Promise<IncidentWave> {
  if (wave.kind === 'solitary')
    return solitaryInTime(wave.height, wave.depth, wave.crest, scenario.model.parameters.gravity);
  const { file, delay, scale } = wave;
  const read = readObservation((await readInputFile(file)).toString(), file);
  if (!read.ok) throw new Error(`IncidentWaveUnreadable: ${formatProblems(read.problems)}`);
  const { observation } = read;
  const recorded = recordInTime(secondsAfterStart(observation, scenario.time.start), observation.metres);
  return (seconds) => scale * recorded(seconds - delay);
}
