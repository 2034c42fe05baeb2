import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileSha256 } from '../../scenarios/bathymetry/file-hash.ts';
import { mapFiles, scenarioIdentity } from '../../scenarios/identity.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { BackendChoice } from '../gpu/choose-backend.ts';
import { RUN_PARTS } from '../run/run-scenario.ts';
import { openFileStore } from '../store/file-store.ts';
import { engineIdentity, type InputHash, type Provenance } from '../store/provenance.ts';
import type { Store } from '../store/store.ts';
import { CliError, EXIT } from './errors.ts';
import { LIBRARY } from './load.ts';

/** What a run left behind. */
export interface RunDirectory {
  readonly directory: string;
  /** As the run began: defaults filled in, paths resolved. */
  readonly scenario: Scenario;
  readonly identity: string;
  readonly inputs: readonly InputHash[];
  /** The device that it was begun on, and what `--backend auto` knew, if either was. */
  readonly begunOn?: string | undefined;
  readonly backendChoice?: BackendChoice | undefined;
  /** The last line of the run, once it has finished. */
  readonly result: FinishedRun | undefined;
}

/** What later commands read of a run's `finished` line. */
export interface FinishedRun {
  readonly event: 'finished';
  /** Of results whose bits anybody can reproduce. */
  readonly stateHash?: string;
  readonly chain?: string;
  readonly steps: number;
  readonly [key: string]: unknown;
}

const shown = (directory: string): string => relative(process.cwd(), directory) || '.';

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(
      'RunDamaged',
      `${path} is no JSON (${error instanceof Error ? error.message : error}). Run the scenario again into another --output.`,
      EXIT.usage,
    );
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what a run is of, and proves that nobody has changed it since. Throws CliError (RunMissing, RunDamaged). */
export async function openRun(path: string): Promise<RunDirectory> {
  const directory = resolve(path);
  if (!existsSync(directory)) {
    throw new CliError(
      'RunMissing',
      `there is no directory ${path}. Give the one that terrella run wrote, such as output/tohoku-2011.`,
      EXIT.usage,
    );
  }
  const file = join(directory, RUN_PARTS.scenario);
  const kept = await readJson(file);
  if (kept === undefined) {
    const within = basename(directory) === RUN_PARTS.zarr ? ` Did you mean ${shown(join(directory, '..'))}?` : '';
    throw new CliError(
      'RunMissing',
      `${path} holds no run: there is no ${RUN_PARTS.scenario} in it.${within} Give the directory that terrella run wrote.`,
      EXIT.usage,
    );
  }
  const damaged = (what: string): CliError =>
    new CliError('RunDamaged', `${file}: ${what}. Run the scenario again with --replace.`, EXIT.usage);
  if (!isRecord(kept) || !isRecord(kept.scenario) || !Array.isArray(kept.inputs))
    throw damaged('it does not describe a run');
  const { scenario, identity, inputs, begunOn, backendChoice } = kept as unknown as RunDirectory;
  if (identityOf(scenario, inputs) !== identity)
    throw damaged('the scenario in it is not the one of its identity, so somebody has changed it since the run began');
  const result = (await readJson(join(directory, RUN_PARTS.result))) as FinishedRun | undefined;
  return { directory, scenario, identity, inputs, begunOn, backendChoice, result };
}

function identityOf(scenario: Scenario, inputs: readonly InputHash[]): string | undefined {
  try {
    return scenarioIdentity(scenario, new Map(inputs.map(({ name, sha256 }) => [name, sha256])));
  } catch {
    return undefined;
  }
}

/**
 * The scenario with the files it reads found again: where they were, or among those that ship with the program, if the
 * run was made elsewhere. Throws CliError (InputChanged, InputMissing), which names every file.
 */
export async function withInputs({ scenario, inputs }: RunDirectory): Promise<Scenario> {
  const places = new Map<string, string>();
  const changed: string[] = [];
  const missing: string[] = [];
  for (const { name, sha256 } of inputs) {
    const shipped = /[\\/]scenarios[\\/](.+)$/.exec(name)?.[1];
    const candidates = [name, ...(shipped ? [join(LIBRARY, shipped)] : [])].filter((path) => existsSync(path));
    const hashes = await Promise.all(candidates.map((path) => fileSha256(path)));
    const found = hashes.indexOf(sha256);
    if (found >= 0) places.set(name, candidates[found]!);
    else if (candidates.length > 0) changed.push(`${name} (SHA-256 ${short(hashes[0]!)}, was ${short(sha256)})`);
    else missing.push(name);
  }
  if (changed.length > 0) {
    throw new CliError(
      'InputChanged',
      `since the run began these files have changed: ${changed.join(', ')}. Put the old ones back, or run the scenario anew.`,
      EXIT.usage,
    );
  }
  if (missing.length > 0) {
    throw new CliError(
      'InputMissing',
      `files that the run reads are gone: ${missing.join(', ')}. Put them back where they were.`,
      EXIT.usage,
    );
  }
  return mapFiles(scenario, (file) => places.get(file) ?? file) as Scenario;
}

/** First characters of a hash, enough to tell two apart. */
export const short = (hash: string): string => hash.slice(0, 12);

export const openCheckpoints = ({ directory }: RunDirectory): Promise<Store> =>
  openFileStore(join(directory, RUN_PARTS.checkpoints), { readOnly: true });

/** The run's Zarr store, or undefined where the scenario writes none. Throws CliError (OutputMismatch). */
export async function openOutput(run: RunDirectory): Promise<Store | undefined> {
  const path = join(run.directory, RUN_PARTS.zarr);
  if (!existsSync(join(path, 'zarr.json'))) return undefined;
  const written = (await readProvenance(run))?.scenario?.identity;
  if (written !== undefined && written !== run.identity) {
    throw new CliError(
      'OutputMismatch',
      `${shown(path)} is the output of scenario ${short(written)}, and the run beside it is of ${short(run.identity)}. Run the scenario again with --replace.`,
      EXIT.usage,
    );
  }
  return openFileStore(path, { readOnly: true });
}

/** Provenance that a run's output carries, if it has one. */
export async function readProvenance({ directory }: RunDirectory): Promise<Provenance | undefined> {
  const root = await readJson(join(directory, RUN_PARTS.zarr, 'zarr.json'));
  const attributes = isRecord(root) && isRecord(root.attributes) ? root.attributes : {};
  return attributes.terrella_provenance as Provenance | undefined;
}

/** `Terrella 0.1.0 (006f51c)`. */
export function engineName(engine: Pick<ReturnType<typeof engineIdentity>, 'version' | 'commit'> = engineIdentity()) {
  return `Terrella ${engine.version}${engine.commit ? ` (${engine.commit.slice(0, 7)})` : ''}`;
}

/** Cells across a tile may differ from those of the first run: bits do not depend on them. */
export function withTile(scenario: Scenario, tile: { readonly x: number; readonly y: number }): Scenario {
  const { grid } = scenario;
  return grid.kind === 'plane'
    ? { ...scenario, grid: { ...grid, tileX: tile.x, tileY: tile.y } }
    : { ...scenario, grid: { ...grid, tile: tile.x } };
}

/** Cells across a tile, least and most, as the schema has them. */
const SPHERE_TILES = [4, 2048] as const;
const PLANE_TILES = [1, 4096] as const;

/** Reads `grid.tile=45` or, for a plane, `grid.tile=[50, 10]`; nothing else of a run can change. Throws CliError. */
export function applyLayout(scenario: Scenario, settings: readonly string[]): Scenario {
  let changed = scenario;
  for (const setting of settings) {
    const match = /^\s*grid\.tile\s*=\s*(?:(\d+)|\[\s*(\d+)\s*,\s*(\d+)\s*\])\s*$/.exec(setting);
    if (!match) {
      throw new CliError(
        'RunIsFixed',
        `--set ${setting} cannot be applied to a run that is there. Only its layout may change, as --set grid.tile=45; for anything else start another run.`,
        EXIT.usage,
      );
    }
    const [x, y] = match[1] ? [Number(match[1]), Number(match[1])] : [Number(match[2]), Number(match[3])];
    const { grid } = scenario;
    const cells = grid.kind === 'plane' ? ([grid.cellsX, grid.cellsY] as const) : ([grid.cells, grid.cells] as const);
    const isPlane = grid.kind === 'plane';
    const [least, most] = isPlane ? PLANE_TILES : SPHERE_TILES;
    const fits = (tile: number, across: number): boolean => tile >= least && tile <= most && across % tile === 0;
    if ((!isPlane && x !== y) || !fits(x, cells[0]) || !fits(y, cells[1])) {
      const divisors = (across: number): string =>
        Array.from({ length: across }, (_, n) => n + 1)
          .filter((n) => fits(n, across))
          .join(', ');
      const cure = isPlane
        ? `Along x, use one of ${divisors(cells[0])}; along y, one of ${divisors(cells[1])}`
        : `Tiles are square; across, use one of ${divisors(cells[0])}`;
      throw new CliError(
        'TileDoesNotDivide',
        `--set ${setting}: tiles of ${x} × ${y} cells do not fit ${isPlane ? 'a plane' : 'a panel'} of ${cells.join(' × ')}. ${cure}.`,
        EXIT.usage,
      );
    }
    changed = withTile(changed, { x, y });
  }
  return changed;
}
