import { join } from 'node:path';
import type { Backend, Form } from '../../run/form.ts';
import { RUN_PARTS } from '../../run/run-scenario.ts';
import { type Checkpoint, latestGoodCheckpoint, listCheckpoints } from '../../store/checkpoints.ts';
import { engineIdentity } from '../../store/provenance.ts';
import type { LinkOptions } from '../cluster-link.ts';
import { CliError, EXIT } from '../errors.ts';
import { clusterRunOf, namesCluster, onCluster } from '../on-cluster.ts';
import { execute } from '../run-command.ts';
import { applyLayout, openCheckpoints, openRun, type RunDirectory, withInputs } from '../run-directory.ts';
import { printEvent, say } from '../terminal.ts';

export interface LayoutOptions {
  readonly set: readonly string[];
  readonly threads?: number;
  readonly backend: Form;
  readonly skip: boolean;
  readonly json: boolean;
}

export interface ResumeOptions extends Omit<LayoutOptions, 'backend'>, Partial<LinkOptions> {
  readonly backend?: Backend;
  readonly force: boolean;
}

export async function resumeCommand(path: string, options: ResumeOptions): Promise<void> {
  const run = await openRun(path);
  const { scenario: recorded, identity, inputs, directory, result, begunOn, backendChoice } = run;
  const backend = options.backend ?? (begunOn === undefined ? 'wasm' : 'webgpu');
  if (result) {
    say(
      options.json,
      `${recorded.name} has finished already: ${result.steps} steps${result.stateHash ? `, state hash ${result.stateHash}` : ''}`,
    );
    if (options.json) printEvent(result);
    return;
  }
  const scenario = applyLayout(await withInputs(run), options.set);
  const checkpoint = await newestCheckpoint(run, options);
  if (checkpoint) say(options.json, `going on from step ${checkpoint.step} (${minutes(checkpoint.seconds)})`);
  else say(options.json, 'no checkpoint had been written yet: beginning again');
  process.exitCode = await execute(
    { scenario, identity, inputs, recorded, backendChoice, begunOn: options.backend ? undefined : begunOn },
    directory,
    {
      ...options,
      backend,
      replace: checkpoint === undefined,
      cluster: namesCluster(options)
        ? onCluster(await clusterRunOf(directory), { ...options, set: [], small: false })
        : undefined,
    },
    checkpoint,
  );
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;

/** Says which checkpoints it passed over. Throws CliError or StoreError where none that is there can be used. */
async function newestCheckpoint(
  run: RunDirectory,
  { force, json }: Pick<ResumeOptions, 'force' | 'json'>,
): Promise<Checkpoint | undefined> {
  const store = await openCheckpoints(run);
  const { found, damaged } = await latestGoodCheckpoint(store, {
    engineVersion: engineIdentity().version,
    scenario: run.identity,
    force,
  });
  for (const { key, error } of damaged) {
    if (json) printEvent({ event: 'warning', severity: 'warning', tag: error.tag, path: key, message: error.message });
    say(true, `warning: passed over ${error.message}`);
  }
  if (!found) {
    const keys = await listCheckpoints(store);
    if (keys.length === 0) return undefined;
    throw new CliError(
      'CheckpointDamaged',
      `all ${keys.length} checkpoints in ${join(run.directory, RUN_PARTS.checkpoints)} are damaged. Run the scenario again with --replace.`,
      EXIT.failed,
    );
  }
  return found.checkpoint;
}
