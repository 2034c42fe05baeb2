import type { ClusterJob, RunRecord } from '../protocol/cluster.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import { kernelHash } from '../run/kernel-hash.ts';
import { type PreparedRun, prepareRun, type RunSettings } from '../run/prepare.ts';
import { type LoadedScenario, loadNamed, openCache } from './load.ts';
import { isLibraryName, loadVisitorsScenario } from './visitors-scenario.ts';

/** Loads what a job names, and checks that it is the very same here. Throws OtherScenario, OtherEngine. */
async function prepareJob(job: ClusterJob, settings: Omit<RunSettings, 'cache'>): Promise<PreparedRun> {
  const { scenario, set, small, identity } = job;
  const loaded: LoadedScenario = isLibraryName(scenario)
    ? await loadNamed(scenario, { set, small })
    : await loadVisitorsScenario(scenario);
  if (loaded.identity !== identity)
    throw new Error(
      `OtherScenario: ${loaded.scenario.name} is ${loaded.identity.slice(0, 12)} here and ${identity.slice(0, 12)} where it was submitted. Use the same version of Terrella everywhere.`,
    );
  const prepared = await prepareRun(loaded.scenario, { ...settings, cache: await openCache() });
  const here = kernelHash(prepared.model, prepared.options.scheme, prepared.options.precision);
  if (here !== job.kernelHash)
    throw new Error(
      `OtherEngine: kernels are ${here.slice(0, 12)} here and ${job.kernelHash.slice(0, 12)} where the run was submitted. Use the same version of Terrella everywhere.`,
    );
  return prepared;
}

/** Prepares runs from their records, each once. */
export function recordPreparer(settings: Omit<RunSettings, 'cache'>): (record: RunRecord) => Promise<PreparedRun> {
  const known = new Map<string, Promise<PreparedRun>>();
  return (record) => {
    let preparing = known.get(record.job);
    if (!preparing) {
      preparing = prepareJob(readJob(record), settings);
      known.set(record.job, preparing);
      // What failed once may go well later: a file may be put there.
      preparing.catch(() => known.delete(record.job));
    }
    return preparing;
  };
}
