import type { Side } from '../../engine/grid/grid.ts';
import type { IncidentWave } from '../../engine/models/open-sides.ts';
import { recordInTime, solitaryInTime } from '../../scenarios/incident-wave.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { readObservation, secondsAfterStart } from '../../scenarios/observations.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import type { IncidentWaveSource, Scenario } from '../../scenarios/scenario.ts';

export type IncidentWaves = Partial<Record<Side, IncidentWave>>;

/** Sides of a scenario's plane where waves come in and leave; a sphere has none. */
export const openSidesOf = ({ grid }: Scenario): readonly Side[] => (grid.kind === 'plane' ? (grid.open ?? []) : []);

/** What comes in at each side, by seconds after the start. Throws InputUnreadable, IncidentWaveUnreadable. */
export async function incidentWaves(scenario: Scenario, files: InputFiles): Promise<IncidentWaves> {
  const waves: IncidentWaves = {};
  for (const source of scenario.sources)
    if (source.type === 'incident-wave') waves[source.side] = await waveOf(source, scenario, files);
  return waves;
}

async function waveOf({ wave }: IncidentWaveSource, scenario: Scenario, files: InputFiles): Promise<IncidentWave> {
  if (wave.kind === 'solitary')
    return solitaryInTime(wave.height, wave.depth, wave.crest, scenario.model.parameters.gravity);
  const { file, delay, scale } = wave;
  const read = readObservation(new TextDecoder().decode(await files.read(file)), file);
  if (!read.ok) throw new Error(`IncidentWaveUnreadable: ${formatProblems(read.problems)}`);
  const { observation } = read;
  const recorded = recordInTime(secondsAfterStart(observation, scenario.time.start), observation.metres);
  return (seconds) => scale * recorded(seconds - delay);
}
