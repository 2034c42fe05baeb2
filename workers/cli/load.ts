import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { hashInputs, scenarioIdentity } from '../../scenarios/identity.ts';
import { loadScenario } from '../../scenarios/loader.ts';
import { fileExists, MOST_BYTES, readFile } from '../../scenarios/node-files.ts';
import { bytes as formatBytes } from '../../scenarios/prediction.ts';
import { formatProblems, nearest } from '../../scenarios/problems.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { BackendChoice } from '../gpu/choose-backend.ts';
import { openFileStore } from '../store/file-store.ts';
import { type InputHash, packageRoot } from '../store/provenance.ts';
import type { Store } from '../store/store.ts';
import { CliError, EXIT } from './errors.ts';

export const LIBRARY = join(packageRoot(), 'scenarios');

/** A scenario that can be run, and what it is made of. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly identity: string;
  readonly inputs: readonly InputHash[];
  /** The scenario as the run began, where a resumed one is cut into other tiles. */
  readonly recorded?: Scenario;
  /** Name of the device that a resumed run was begun on, where it goes on there; what `--backend auto` knew then. */
  readonly begunOn?: string | undefined;
  readonly backendChoice?: BackendChoice | undefined;
}

/** Names of the scenarios that ship with the program. */
export async function builtinScenarios(): Promise<string[]> {
  const files = await readdir(LIBRARY);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What stands where a file should be; undefined where there is nothing. */
function whatLiesAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a FIFO';
  return found.isSocket() ? 'a socket' : 'a device';
}

/** The file of a scenario named by path or by the name of a built-in one. Throws CliError. */
export async function scenarioFile(nameOrPath: string): Promise<string> {
  if (/\.ya?ml$|[/\\]/.test(nameOrPath)) {
    if (isFile(nameOrPath)) return resolve(nameOrPath);
    const other = whatLiesAt(nameOrPath);
    throw new CliError(
      'ScenarioMissing',
      `${other ? `${nameOrPath} is no regular file but ${other}` : `there is no file ${nameOrPath}`}. Give the path of a scenario, or one of: ${(await builtinScenarios()).join(', ')}.`,
      2,
    );
  }
  const builtin = join(LIBRARY, `${nameOrPath}.yaml`);
  if (existsSync(builtin)) return builtin;
  const names = await builtinScenarios();
  const close = nearest(nameOrPath, names);
  throw new CliError(
    'ScenarioMissing',
    `there is no scenario ${nameOrPath}. ${close ? `Did you mean ${close}? ` : ''}Built in: ${names.join(', ')}; or give the path of a .yaml file.`,
    2,
  );
}

/** Loads, checks and hashes a scenario. Throws CliError with every problem. */
export async function loadNamed(
  nameOrPath: string,
  options: { readonly set?: readonly string[]; readonly small?: boolean } = {},
): Promise<LoadedScenario> {
  const fileName = await scenarioFile(nameOrPath);
  const bytes = await readFile(fileName);
  if (!bytes) {
    throw new CliError(
      'ScenarioUnreadable',
      `${fileName} cannot be read. See whether it is a file that you may read.`,
      2,
    );
  }
  const text = new TextDecoder().decode(bytes);
  const loaded = await loadScenario(text, {
    fileName,
    readFile,
    fileExists,
    library: LIBRARY,
    overrides: options.set ?? [],
    variant: options.small ? 'small' : 'full',
  });
  if (!loaded.ok)
    throw new CliError('ScenarioInvalid', `\n${formatProblems(loaded.problems)}`, 2, { problems: loaded.problems });
  const { scenario } = loaded;
  const hashed = await hashInputs(scenario, readFile);
  if (!hashed.ok) {
    const large = hashed.missing.map((file) => [file, sizeOf(file)] as const).filter(([, size]) => size > MOST_BYTES);
    if (large.length > 0) {
      const sizes = large.map(([file, size]) => `${file} (${formatBytes(size)})`).join(', ');
      throw new CliError(
        'InputTooLarge',
        `${nameOrPath} names files of more than ${formatBytes(MOST_BYTES + 1)}, which is the most that is read: ${sizes}. Cut out the part that the run needs, or take a coarser file.`,
        EXIT.usage,
        { files: large.map(([file, size]) => ({ file, bytes: size })) },
      );
    }
    throw new CliError(
      'InputMissing',
      `${nameOrPath} names files that cannot be read: ${hashed.missing.join(', ')}. Put them there, or name others.`,
      2,
    );
  }
  return {
    scenario,
    identity: scenarioIdentity(scenario, hashed.hashes),
    inputs: [...hashed.hashes].map(([name, sha256]) => ({ name, sha256 })),
  };
}

/** Where averaged bathymetry is kept between runs. */
export const cacheDirectory = (): string =>
  process.env.TERRELLA_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'terrella');

/** The cache, or undefined where nothing can be written. */
export async function openCache(): Promise<Store | undefined> {
  try {
    return await openFileStore(cacheDirectory());
  } catch {
    // A run without a cache takes a few seconds longer, and is otherwise the same.
    return undefined;
  }
}
