import type { ClusterJob, RunRecord } from '../protocol/cluster.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import { checkIdentity, checkKernels, checkWork } from '../run/job-work.ts';
import { type PreparedRun, prepareRun, type RunSettings } from '../run/prepare.ts';
import { type LoadedScenario, loadNamed, openCache } from './load.ts';
import { isLibraryName, loadVisitorsScenario } from './visitors-scenario.ts';

/** What a job names, as it is here. */
export const loadJob = ({ scenario, set, small }: ClusterJob): Promise<LoadedScenario> =>
  isLibraryName(scenario) ? loadNamed(scenario, { set, small }) : loadVisitorsScenario(scenario);

/** Loads what a job names, and checks that it is the very same here. Throws OtherScenario, OtherEngine. */
async function prepareJob(job: ClusterJob, settings: Omit<RunSettings, 'cache'>): Promise<PreparedRun> {
  const loaded = await loadJob(job);
  checkIdentity(loaded.scenario.name, loaded.identity, job);
  const prepared = await prepareRun(loaded.scenario, { ...settings, cache: await openCache() });
  checkKernels(prepared, job);
  return prepared;
}

/** Jobs that stay prepared: those of runs that go on at one time, and as many more. */
const MOST_PREPARED = 8;

/** Prepares runs from their records, each once. */
export function recordPreparer(settings: Omit<RunSettings, 'cache'>): (record: RunRecord) => Promise<PreparedRun> {
  const known = new Map<string, Promise<PreparedRun>>();
  return async (record) => {
    let preparing = known.get(record.job);
    if (!preparing) {
      preparing = prepareJob(readJob(record), settings);
      known.set(record.job, preparing);
      // What failed once may go well later: a file may be put there.
      preparing.catch(() => known.delete(record.job));
    } else {
      // The least recently asked for is the first to go.
      known.delete(record.job);
      known.set(record.job, preparing);
    }
    if (known.size > MOST_PREPARED) known.delete(known.keys().next().value!);
    const prepared = await preparing;
    checkWork(record, prepared);
    return prepared;
  };
}
