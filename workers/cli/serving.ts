import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import type { ClusterSource } from '../gateway/cluster-watch.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { PageHosting } from '../gateway/page-host.ts';
import { RunBoard, type Starter } from '../gateway/run-board.ts';
import { packageRoot } from '../store/provenance.ts';
import { CliError, EXIT } from './errors.ts';
import { builtinScenarios, LIBRARY } from './load.ts';
import { engineName } from './run-directory.ts';
import { openStored } from './stored-runs.ts';
import { printEvent, say } from './terminal.ts';

export interface ServingOptions {
  readonly port: number;
  readonly host: string;
  readonly allowOrigin: readonly string[];
  readonly tokenFile?: string;
  /** true: for ever; false: not beyond the run; undefined: as long as somebody is there. */
  readonly serve?: boolean;
  readonly json: boolean;
}

/** How long a gateway without a terminal waits for viewers once its runs are over [ms]. */
const LINGER = 60_000;

const TOKEN = /^[A-Za-z0-9_-]{16,200}$/;

/** The token that the host has chosen, if there is one. Throws CliError (TokenUnfit). */
async function chosenToken({ tokenFile }: ServingOptions): Promise<string | undefined> {
  const from = tokenFile === undefined ? 'TERRELLA_TOKEN' : tokenFile;
  const text = tokenFile === undefined ? process.env.TERRELLA_TOKEN : await readFile(tokenFile, 'utf8').catch(() => '');
  if (text === undefined || (tokenFile === undefined && text === '')) return undefined;
  if (TOKEN.test(text.trim())) return text.trim();
  throw new CliError(
    'TokenUnfit',
    `${from} holds no token of 16 to 200 letters, digits, dashes and underscores. Put one there, or leave it out to have one made.`,
    EXIT.usage,
  );
}

/** Names and titles of the scenarios that ship with the program. */
async function library(): Promise<readonly { readonly name: string; readonly title: string }[]> {
  const names = await builtinScenarios();
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(join(LIBRARY, `${name}.yaml`), 'utf8');
      return { name, title: /^title: *(.+)$/m.exec(text)?.[1]?.replace(/^["']|["']$/g, '') ?? name };
    }),
  );
}

/** Opens the gateway, with the runs of some directories to begin with and perhaps a cluster, and says where it is. */
export async function openServing(
  options: ServingOptions,
  directories: readonly string[],
  starter?: Starter,
  cluster?: ClusterSource,
  hosting?: PageHosting,
): Promise<{ readonly gateway: Gateway; readonly board: RunBoard }> {
  const faults = { file: join(LIBRARY, 'data/sources/sift-unit-sources.csv'), files: nodeInputFiles() };
  const board = new RunBoard({ scenarios: await library(), starter, faults });
  for (const directory of directories) board.add(await openStored(directory, (id) => !board.has(id)));
  const token = await chosenToken(options);
  const gateway = await openGateway({
    board,
    cluster,
    hosting,
    engine: engineName(),
    viewer: join(packageRoot(), 'dist', 'viewer'),
    host: options.host,
    port: options.port,
    nextFree: true,
    origins: options.allowOrigin,
    token,
    report: (error) =>
      say(true, `warning: a viewer was not answered: ${error instanceof Error ? error.message : error}`),
  });
  if (options.json) printEvent({ event: 'serving', url: gateway.url, host: gateway.host, port: gateway.port });
  say(options.json, `\n  Look at it: ${gateway.url}\n`);
  return { gateway, board };
}

/**
 * Keeps the gateway open after the runs: in a terminal until Ctrl-C, elsewhere while a viewer is there or may come.
 * `busy` says whether a run goes on.
 */
export async function keepServing(
  gateway: Gateway,
  { serve, json }: ServingOptions,
  busy: () => boolean,
): Promise<void> {
  if (serve === false) return;
  const forEver = serve ?? process.stdout.isTTY === true;
  if (forEver) say(json, `Still showing it at ${gateway.url} until Ctrl-C.`);
  let since = performance.now();
  await new Promise<void>((done) => {
    const end = () => {
      clearInterval(timer);
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      done();
    };
    const timer = setInterval(() => {
      if (busy()) since = performance.now();
      else if (!forEver && Math.min(gateway.idleFor(), performance.now() - since) > LINGER) end();
    }, 250);
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
  });
}
