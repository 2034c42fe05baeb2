import type { ClusterJob, RunRecord, TileShape } from '../protocol/cluster.ts';
import { kernelHash } from './kernel-hash.ts';
import { kernelOperations } from './kernel-operations.ts';
import type { PreparedRun } from './preparation.ts';

/** Checks that a scenario is the one that was submitted. Throws OtherScenario. */
export function checkIdentity(name: string, identity: string, job: ClusterJob): void {
  if (identity !== job.identity)
    throw new Error(
      `OtherScenario: ${name} is ${identity.slice(0, 12)} here and ${job.identity.slice(0, 12)} where it was submitted. Use the same version of Terrella everywhere.`,
    );
}

/** Checks that kernels are those of whoever submitted the run. Throws OtherEngine. */
export function checkKernels({ model, options }: PreparedRun, job: ClusterJob): void {
  const here = kernelHash(model, options.scheme, options.precision);
  if (here !== job.kernelHash)
    throw new Error(
      `OtherEngine: kernels are ${here.slice(0, 12)} here and ${job.kernelHash.slice(0, 12)} where the run was submitted. Use the same version of Terrella everywhere.`,
    );
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
