import type { ClusterJob, RunRecord, TileShape } from '../protocol/cluster.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import { kernelHash } from '../run/kernel-hash.ts';
import { kernelOperations } from '../run/kernel-operations.ts';
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

/** What follows from the job of a run, for all who look: how much work it is. */
export function workOf({
  grid,
  model,
  options,
  steps,
}: PreparedRun): Pick<RunRecord, 'shape' | 'steps' | 'operations'> {
  const { scheme, precision } = options;
  const count = (wanted: string) => model.fields.filter(({ role }) => role === wanted).length;
  const { panels, cellsX, cellsY, tileX, tileY } = grid;
  const shape: TileShape = {
    ...{ panels, cellsX, cellsY, tileX, tileY },
    width: precision === 'float32' ? 4 : 8,
    hashed: count('prognostic'),
    others: count('diagnostic'),
  };
  return { shape, steps, operations: kernelOperations(model, scheme, precision) };
}

/** Checks that a record states the work that its job is. Throws OtherWork. */
export function checkWork({ shape, steps, operations }: RunRecord, prepared: PreparedRun): void {
  const here = workOf(prepared);
  const facts = (work: typeof here): string =>
    `${work.steps} steps of ${work.operations} operations a cell on ${Object.values(work.shape).join('×')}`;
  const stated = facts({ shape: { ...here.shape, ...shape }, steps, operations });
  if (stated !== facts(here))
    throw new Error(
      `OtherWork: the record states ${stated}, and the job is ${facts(here)}. Submit it again with this Terrella.`,
    );
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
