import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadedScenario, loadNamed } from '../../../workers/cli/load.ts';
import { finishedEvent } from '../../../workers/cli/result.ts';
import { type Gateway, type GatewaySettings, openGateway } from '../../../workers/gateway/gateway.ts';
import { LiveRun } from '../../../workers/gateway/live-run.ts';
import { RunBoard } from '../../../workers/gateway/run-board.ts';
import { storedFieldsAt } from '../../../workers/gateway/stored-fields-at.ts';
import { kernelHash } from '../../../workers/run/kernel-hash.ts';
import { type PreparedRun, prepareRun } from '../../../workers/run/prepare.ts';
import { RUN_PARTS, type RunEnd, type RunResult, runScenario } from '../../../workers/run/run-scenario.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { encodeJson } from '../../../workers/store/zarr-arrays.ts';

export const SEA = 'sea_surface_height_above_mean_sea_level';
export const TOKEN = 'a-token-for-the-tests';

const beds = memoryStore();
const homes: string[] = [];

/** A directory that `removeDirectories` takes away. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'terrella-gateway-'));
  homes.push(directory);
  return directory;
}

export function removeDirectories(): void {
  for (const directory of homes) rmSync(directory, { recursive: true, force: true });
}

/** The path of a file with a scenario's text, in a directory of its own. */
export function writeYaml(text: string): string {
  const file = join(newDirectory(), 'started.yaml');
  writeFileSync(file, text);
  return file;
}

/** Writes what `terrella run` leaves beside the outputs of a run that has ended; gives its result. */
export async function keepResult({ loaded, prepared, directory, end }: SmallLive): Promise<RunResult> {
  const found = await end;
  if (found.outcome !== 'finished') throw new Error(found.outcome);
  const { scenario, identity, inputs } = loaded;
  const files = await openFileStore(directory);
  await files.set(RUN_PARTS.scenario, encodeJson({ scenario, identity, inputs }));
  const { threads } = prepared.options;
  const facts = { scenario, identity, backend: 'cpu-wasm', threads, nodes: 1, output: directory };
  await files.set(RUN_PARTS.result, encodeJson(finishedEvent(facts, found.result)));
  return found.result;
}

export interface SmallLive {
  readonly live: LiveRun;
  readonly loaded: LoadedScenario;
  readonly prepared: PreparedRun;
  readonly directory: string;
  readonly end: Promise<RunEnd>;
}

/** Begins a run of a built-in scenario's small version that is watched; held before its first step where `paused`. */
export async function beginRun(
  name: string,
  { set = [], paused = false, watched = true }: { set?: readonly string[]; paused?: boolean; watched?: boolean } = {},
): Promise<SmallLive> {
  const loaded = await loadNamed(name, { small: true, set });
  const prepared = await prepareRun(loaded.scenario, {
    threads: 1,
    ownThreads: true,
    form: 'wasm',
    skipRest: true,
    cache: beds,
  });
  const directory = newDirectory();
  const { scenario, identity, inputs } = loaded;
  const live = new LiveRun(scenario.name, { name: scenario.name, title: scenario.title });
  if (paused) live.control.pause();
  await live.begin({ prepared, identity, inputs, stored: storedFieldsAt(join(directory, 'run.zarr')) });
  const end = runScenario({
    prepared,
    identity,
    inputs,
    kernelHash: kernelHash(prepared.model, prepared.options.scheme, prepared.options.precision),
    directory,
    replace: true,
    interrupted: () => live.stopAsked,
    watcher: watched ? live : undefined,
    startedAt: performance.now(),
  }).then((found) => {
    live.ended(found);
    return found;
  });
  return { live, loaded, prepared, directory, end };
}

export async function stateHash({ end }: SmallLive): Promise<string> {
  const found = await end;
  if (found.outcome !== 'finished') throw new Error(`the run ended as ${JSON.stringify(found)}`);
  return found.result.stateHash!;
}

/** A gateway on a free port of the loopback. */
export function serve(board: RunBoard, settings: Partial<GatewaySettings> = {}): Promise<Gateway> {
  const viewer = join(newDirectory(), 'no-viewer');
  return openGateway({ board, engine: 'Terrella of the tests', viewer, port: 0, token: TOKEN, ...settings });
}

export function boardOf(...runs: readonly { readonly live: LiveRun }[]): RunBoard {
  const board = new RunBoard();
  for (const { live } of runs) board.add(live);
  return board;
}
