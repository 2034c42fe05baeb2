import { join, resolve } from 'node:path';
import type { AskedBackend, ResultClass } from '../../run/form.ts';
import type { LinkOptions } from '../cluster-link.ts';
import { loadToRun } from '../on-cluster.ts';
import { execute } from '../run-command.ts';

export interface RunOptions extends Partial<LinkOptions> {
  readonly set: readonly string[];
  readonly small: boolean;
  readonly threads?: number;
  readonly backend: AskedBackend;
  readonly skip: boolean;
  readonly output?: string;
  readonly class?: ResultClass;
  readonly json: boolean;
  readonly replace?: boolean;
  readonly force: boolean;
}

const directoryOf = (name: string, { output }: RunOptions) => resolve(output ?? join('output', name));

export async function runCommand(name: string, options: RunOptions): Promise<void> {
  const { loaded, cluster } = await loadToRun(name, options);
  process.exitCode = await execute(loaded, directoryOf(loaded.scenario.name, options), {
    ...options,
    replace: options.replace ?? false,
    cluster,
  });
}
