import { join, resolve } from 'node:path';
import { CliError, EXIT } from '../errors.ts';
import type { LoadedScenario } from '../load.ts';
import { loadToRun, namesCluster } from '../on-cluster.ts';
import { type PageHostingOptions, pageHosting } from '../page-hosting.ts';
import { execute } from '../run-command.ts';
import { RunLine } from '../run-line.ts';
import { keepServing, openServing, type ServingOptions } from '../serving.ts';
import { loadVisitorsScenario } from '../visitors-scenario.ts';
import { watchCluster } from '../watching.ts';
import type { RunOptions } from './run.ts';

export interface StartOptions extends RunOptions, ServingOptions, Omit<PageHostingOptions, 'nats'> {
  readonly headless: boolean;
  /** Run directories to play back. */
  readonly store: readonly string[];
}

const DEFAULT_SCENARIO = 'tohoku-2011';
/** Settings of the default scenario, where a visitor names none: so coarse that the picture moves at once, at 20′. */
const AT_ONCE = ['grid.cells=270', 'grid.tile=90', 'output.latitudeLongitude=0.5'];

/** Runs a scenario and shows it while it runs; or shows runs that are there. */
export async function startCommand(name: string | undefined, options: StartOptions): Promise<void> {
  const playback = options.store.length > 0;
  const named = name ?? (playback ? undefined : DEFAULT_SCENARIO);
  const set = name === undefined ? [...AT_ONCE, ...options.set] : options.set;
  const toRun = named === undefined ? undefined : await loadToRun(named, { ...options, set });
  const { loaded, cluster } = toRun ?? {};
  const flags = { ...options, replace: true, plots: !options.headless };
  const directoryOf = ({ scenario }: LoadedScenario) => resolve(options.output ?? join('output', scenario.name));
  if (options.headless && loaded) {
    process.exitCode = await execute(loaded, directoryOf(loaded), { ...flags, cluster });
    return;
  }
  const hosting = await hostingOf(options);
  const watching = namesCluster(options) ? await watchCluster(options) : undefined;
  const { gateway, board } = await openServing(
    options,
    options.store,
    async (text, variantOf) =>
      line.add(await loadVisitorsScenario(text), variantOf === undefined ? {} : { variantOf }).live.id,
    watching?.watch,
    hosting,
  );
  // What visitors start later runs here: a cluster takes runs of those alone who may submit.
  const line = new RunLine(board, (one) =>
    execute(one.loaded, one.directory, {
      ...flags,
      live: one.live,
      cluster: one.loaded === loaded ? cluster : undefined,
    }),
  );
  try {
    if (loaded) {
      const { status } = line.add(loaded, { directory: directoryOf(loaded) });
      process.exitCode = await status;
      if (line.isStopped) return;
    }
    await keepServing(gateway, options, () => line.busy);
  } finally {
    line.stop();
    await gateway.close();
    await watching?.close();
  }
}

/** Throws CliError (CredentialsMissing) where there is no cluster whose shards a page could host. */
async function hostingOf(options: StartOptions): ReturnType<typeof pageHosting> {
  if (namesCluster(options)) return pageHosting(options);
  if ((options.pages ?? 0) === 0 && (options.pageCreds ?? []).length === 0) return undefined;
  throw new CliError(
    'NoCluster',
    '--pages lets pages compute shares of a cluster’s runs, and no cluster is named. Name its server with --nats, or leave --pages out.',
    EXIT.usage,
  );
}
