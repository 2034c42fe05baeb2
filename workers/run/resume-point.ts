import type { SavedState } from '../../engine/simulation/simulation.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import { StoreError } from '../store/errors.ts';
import type { StationSeries } from '../store/station-series.ts';
import type { PreparedRun } from './prepare.ts';

/** Kept with a checkpoint beside the state. */
export interface CheckpointExtra {
  readonly conserved: SavedState['conserved'];
  /** Link of the chain before this checkpoint's own, which exists only if the schedule asks for it. */
  readonly chain: string;
  readonly frames: number;
  /** Model time [s] up to which stations have recorded; a little more than the state's, as the recorder allows. */
  readonly seconds: number;
  readonly kernelHash: string;
  /** Where a device has had a part in the state; what goes on from it has no bits that others could reproduce. */
  readonly class?: 'tolerance';
  /** What stations have recorded, where no output keeps it. */
  readonly stations?: readonly StationSeries[];
}

interface ResumeContext {
  readonly prepared: Pick<PreparedRun, 'grid' | 'model' | 'timeStep' | 'steps' | 'options'>;
  readonly identity: string;
  readonly kernelHash: string;
  /** Accept what other kernels have computed. */
  readonly force?: boolean;
  /** Whether the schedule has a checkpoint at a step, and so a link of the chain. */
  readonly isScheduled: (step: number) => boolean;
}

/**
 * The state of a checkpoint as a run goes on from it. Throws CheckpointFromOtherScenario, CheckpointFromOtherVersion,
 * CheckpointDamaged where it does not fit: a field of another size would otherwise be read as something else.
 */
export function resumePoint(checkpoint: Checkpoint, context: ResumeContext): SavedState & { extra: CheckpointExtra } {
  const { prepared, identity, kernelHash } = context;
  const { grid, model, timeStep, steps, options } = prepared;
  const extra = checkpoint.extra as CheckpointExtra;
  const other = (what: string, its: unknown, wanted: unknown): never => {
    throw new StoreError(
      'CheckpointFromOtherScenario',
      `the checkpoint of step ${checkpoint.step} has ${what} ${its}, this run ${wanted}. Resume with the scenario that wrote it; to change it, start another run.`,
    );
  };
  if (checkpoint.scenario !== identity) other('scenario', checkpoint.scenario, identity);
  const cells = `${grid.cellsX} × ${grid.cellsY}`;
  const itsCells = `${checkpoint.cellsX} × ${checkpoint.cellsY}`;
  if (itsCells !== cells) other('panels of', itsCells, cells);
  if (checkpoint.gridFingerprint !== grid.fingerprint) other('grid', checkpoint.gridFingerprint, grid.fingerprint);
  if (checkpoint.precision !== options.precision) other('precision', checkpoint.precision, options.precision);
  if (checkpoint.timeStep !== timeStep) other('a time step [s] of', checkpoint.timeStep, timeStep);
  if (checkpoint.step > steps) other('step', checkpoint.step, `only ${steps}`);
  if (extra.kernelHash !== kernelHash && !context.force) {
    throw new StoreError(
      'CheckpointFromOtherVersion',
      `the checkpoint of step ${checkpoint.step} was computed by kernels ${extra.kernelHash}, this build has ${kernelHash}: resuming would mix two engines' bits in one result. Use the build that wrote it, or --force.`,
    );
  }
  const fields = [...checkpoint.prognostic, ...checkpoint.auxiliary];
  const damaged = (what: string): never => {
    throw new StoreError(
      'CheckpointDamaged',
      `the checkpoint of step ${checkpoint.step} ${what}. Resume from another one, or start again.`,
    );
  };
  for (const { name, role } of model.fields) {
    if ((role === 'prognostic' || role === 'diagnostic') && !fields.some((field) => field.name === name))
      damaged(`lacks ${name}`);
  }
  for (const { name, panels } of fields) {
    if (!model.fields.some((field) => field.name === name)) other('a field', name, 'none of that name');
    const wrong = panels.length !== grid.panels || panels.some(({ length }) => length !== grid.cellsX * grid.cellsY);
    if (wrong) damaged(`has not ${grid.panels} panels of ${cells} values in ${name}`);
  }
  return {
    step: checkpoint.step,
    fields,
    conserved: extra.conserved,
    chain: context.isScheduled(checkpoint.step) ? checkpoint.chain : extra.chain,
    extra,
  };
}
