import { readdirSync } from 'node:fs';
import { type LoadOptions, type LoadResult, loadScenario } from '../../scenarios/loader.ts';
import { fileExists, readFile } from '../../scenarios/node-files.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/** The scenarios that ship with the program, from the root of the project, where tests run. */
export const LIBRARY = 'scenarios';

export const scenarioFiles: readonly string[] = readdirSync(LIBRARY)
  .filter((name) => name.endsWith('.yaml'))
  .sort();

/** Loads a text as if it lay among the scenarios, with the files of the library and those given. */
export function load(
  text: string,
  options: Partial<LoadOptions> & { files?: Record<string, string> } = {},
): Promise<LoadResult> {
  const { files = {}, ...rest } = options;
  return loadScenario(text, {
    fileName: `${LIBRARY}/test.yaml`,
    library: LIBRARY,
    readFile: (path, most) => files[path] ?? readFile(path, most),
    fileExists: (path) => Object.hasOwn(files, path) || fileExists(path),
    ...rest,
  });
}

export async function loaded(text: string, options: Parameters<typeof load>[1] = {}): Promise<Scenario> {
  const result = await load(text, options);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.scenario;
}

/** The problems of a text, each as `line:column path: message`. */
export async function problemsOf(text: string, options: Parameters<typeof load>[1] = {}): Promise<readonly string[]> {
  const result = await load(text, options);
  if (result.ok) return [];
  return result.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

/** A scenario without anything that is not needed. */
export const MINIMAL = `terrella: 1
name: minimal
model: { equations: tsunami }
grid: { cells: 36, tile: 18, bathymetry: { constant: 4 km } }
time: { start: 2000-01-01T00:00:00Z, duration: 1 h }
`;

export const minimalPlane = (more = '') => `terrella: 1
name: plane
model: { equations: tsunami }
grid: { kind: plane, cellsX: 100, cellsY: 10, size: [50 m, 5 m], bathymetry: { slope: { depth: 1 m, toe: 20 m, gradient: 0.05 } } }
time: { start: 2000-01-01T00:00:00Z, duration: 1 min }
${more}`;
