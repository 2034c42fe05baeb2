import { join, resolve } from 'node:path';
import { type LoadedScenario, loadNamed } from '../load.ts';
import { execute } from '../run-command.ts';
import { RunLine } from '../run-line.ts';
import { keepServing, openServing, type ServingOptions } from '../serving.ts';
import { openStored } from '../stored-runs.ts';
import { loadVisitorsScenario } from '../visitors-scenario.ts';
import type { RunOptions } from './run.ts';

export interface StartOptions extends RunOptions, ServingOptions {
  readonly headless: boolean;
  /** Run directories to play back. */
  readonly store: readonly string[];
}

const DEFAULT_SCENARIO = 'tohoku-2011';

/** Runs a scenario and shows it while it runs; or shows runs that are there. */
export async function startCommand(name: string | undefined, options: StartOptions): Promise<void> {
  const playback = options.store.length > 0;
  const named = name ?? (playback ? undefined : DEFAULT_SCENARIO);
  const loaded = named === undefined ? undefined : await loadNamed(named, options);
  const flags = { ...options, replace: true, plots: !options.headless };
  const directoryOf = ({ scenario }: LoadedScenario) => resolve(options.output ?? join('output', scenario.name));
  if (options.headless && loaded) {
    process.exitCode = await execute(loaded, directoryOf(loaded), flags);
    return;
  }
  const { gateway, board } = await openServing(options, async (text) => line.add(await loadVisitorsScenario(text)).id);
  const line = new RunLine(board, ({ loaded, directory, live }) => execute(loaded, directory, { ...flags, live }));
  try {
    for (const directory of options.store) board.add(await openStored(directory, (id) => !board.has(id)));
    if (loaded) {
      process.exitCode = await line.add(loaded, { directory: directoryOf(loaded) }).status;
    }
    await keepServing(gateway, options, () => line.busy);
  } finally {
    await gateway.close();
  }
}
