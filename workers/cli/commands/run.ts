import { join, resolve } from 'node:path';
import type { Form } from '../../run/form.ts';
import { loadForCluster, type SubmissionOptions } from '../cluster-submission.ts';
import { loadNamed } from '../load.ts';
import { namesCluster, onCluster } from '../on-cluster.ts';
import { execute } from '../run-command.ts';

export interface RunOptions extends Partial<SubmissionOptions> {
  readonly set: readonly string[];
  readonly small: boolean;
  readonly threads?: number;
  readonly backend: Form;
  readonly skip: boolean;
  readonly output?: string;
  readonly json: boolean;
  readonly replace?: boolean;
  readonly force: boolean;
}

const directoryOf = (name: string, { output }: RunOptions) => resolve(output ?? join('output', name));

export async function runCommand(name: string, options: RunOptions): Promise<void> {
  const submission = namesCluster(options) ? await loadForCluster(name, options) : undefined;
  const loaded = submission?.loaded ?? (await loadNamed(name, options));
  process.exitCode = await execute(loaded, directoryOf(loaded.scenario.name, options), {
    ...options,
    replace: options.replace ?? false,
    cluster: submission && namesCluster(options) ? onCluster(submission, options) : undefined,
  });
}
