import { relative, resolve, sep } from 'node:path';
import { hashInputs, scenarioIdentity } from '../../scenarios/identity.ts';
import { loadScenario } from '../../scenarios/loader.ts';
import { fileExists, readFile } from '../../scenarios/node-files.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import { Refusal } from '../gateway/refusal.ts';
import { builtinScenarios, LIBRARY, type LoadedScenario, loadNamed } from './load.ts';

/** Whether a path is that of a scenario of the library, or of its data. */
export function isOfLibrary(path: string): boolean {
  const [first, ...rest] = relative(LIBRARY, resolve(path)).split(sep);
  return rest.length === 0 ? /\.ya?ml$/.test(first ?? '') : first === 'data';
}

const readOwn = async (path: string, most?: number) => (isOfLibrary(path) ? readFile(path, most) : undefined);
const ownExists = async (path: string) => isOfLibrary(path) && fileExists(path);

/** Whether it is a name, such as the library has, and no YAML. */
export const isLibraryName = (text: string): boolean => /^[a-z0-9-]+$/i.test(text);

/**
 * A scenario that came from a viewer: a name of the library, or YAML that reads no files but the library's. Throws
 * Refusal with every problem.
 */
export async function loadVisitorsScenario(text: string): Promise<LoadedScenario> {
  if (isLibraryName(text)) {
    const names = await builtinScenarios();
    if (names.includes(text)) return loadNamed(text);
    throw new Refusal('bad-scenario', `there is no scenario ${text}. Use one of ${names.join(', ')}.`);
  }
  const loaded = await loadScenario(text, {
    fileName: resolve(LIBRARY, 'visitor.yaml'),
    readFile: readOwn,
    fileExists: ownExists,
    library: LIBRARY,
  });
  if (!loaded.ok) throw new Refusal('bad-scenario', withoutLibrary(formatProblems(loaded.problems)));
  const { scenario } = loaded;
  const hashed = await hashInputs(scenario, readOwn);
  if (!hashed.ok)
    throw new Refusal(
      'bad-scenario',
      withoutLibrary(`it names files that are not there: ${hashed.missing.join(', ')}.`),
    );
  return {
    scenario,
    identity: scenarioIdentity(scenario, hashed.hashes),
    inputs: [...hashed.hashes].map(([name, sha256]) => ({ name, sha256 })),
  };
}

/** Where the program lies on its host is no viewer's business. */
const withoutLibrary = (text: string): string => text.replaceAll(`${LIBRARY}${sep}`, '');
