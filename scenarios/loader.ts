import { namesIn, partOf } from './blocks.ts';
import { type DartMooring, findDart, readDartStations } from './dart-stations.ts';
import type { Reading } from './fields.ts';
import { layOver, override, withoutKeys } from './merge.ts';
import { folderOf, joinPath } from './paths.ts';
import type { Place, Problem } from './problems.ts';
import { type Scenario, TRACER_NAME } from './scenario.ts';
import { scenarioField, startOf } from './schema.ts';
import { describesPlane } from './schema-grid.ts';
import { LIMITS, type Located, parseTree } from './source-tree.ts';

/**
 * Reads a file; undefined, or an exception, where it cannot be read or holds more than `most` bytes. It should read
 * regular files only: a scenario may name anything. `node-files.ts` has one.
 */
export type ReadFile = (
  path: string,
  most?: number,
) => Uint8Array | string | undefined | Promise<Uint8Array | string | undefined>;

export interface LoadOptions {
  /** Path of the text; files that it names are looked for from its folder. */
  readonly fileName: string;
  readonly readFile: ReadFile;
  /** Tells whether a file named by the scenario is there, so that all that are missing can be listed. Without it none is looked for. */
  readonly fileExists?: (path: string) => boolean | Promise<boolean>;
  /** Folder of the scenarios and data that ship with the program; that of `fileName` unless told. */
  readonly library?: string;
  /** `key=value` each, as after `--set`. */
  readonly overrides?: readonly string[];
  /** `small` applies the scenario's own changes for tests. */
  readonly variant?: 'full' | 'small';
}

export type LoadResult =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MOST_ANCESTORS = 8;
/** Of a text that is read whole: a scenario, or the table of moorings. */
const MOST_BYTES = 4 * LIMITS.characters;

/** Reads and checks a scenario. Lists every problem at once; never throws, whatever the text. */
export async function loadScenario(text: string, options: LoadOptions): Promise<LoadResult> {
  const { fileName, overrides = [], variant = 'full' } = options;
  const library = options.library ?? folderOf(fileName);
  const problems: Problem[] = [];
  const descended = await parseWithAncestors(text, fileName, {
    options,
    library,
    problems,
    ancestors: [joinPath('', fileName)],
  });
  if (!descended) return failure(problems, fileName);
  if (descended.kind !== 'map') {
    const cure = 'write keys and values, starting with terrella: 1';
    return failure(
      [...problems, { ...descended.place, path: '', message: 'the file is no block of keys', cure }],
      fileName,
    );
  }
  const changes = descended.entries.get('small')?.value;
  const full = withoutKeys(descended, ['small']);
  const small = changes?.kind === 'map' ? layOver(full, changes) : undefined;
  if (changes && !small && !(changes.kind === 'scalar' && changes.value === null))
    problems.push({
      ...changes.place,
      path: 'small',
      message: 'small is no block of keys',
      cure: 'write the keys that differ, e.g. grid: { cells: 36 }',
    });
  const asked = variant === 'small' ? (small ?? full) : full;
  const other = variant === 'small' ? full : small;

  let tree: Located = asked;
  for (const setting of overrides) {
    const changed = override(tree, setting);
    tree = changed.tree;
    problems.push(...changed.problems);
  }
  const moorings = await readMoorings(descended, options.readFile, library);
  const files = new Map<string, { place: Place; path: string }>();
  const orphaned = problems.some(({ path }) => path === 'extends');
  const scenario = readTree(tree, { library, moorings, files, problems });
  // The version not asked for is checked as well: a mistake in `small` would otherwise wait for the day of its test.
  if (other) readTree(other, { library, moorings, files, problems });
  problems.push(...(await missingFiles(files, options.fileExists)));
  // What a parent that cannot be read would have brought is not missing.
  if (orphaned)
    return failure(
      problems.filter(({ message }) => !message.endsWith(' is missing')),
      fileName,
    );
  if (problems.length > 0 || !scenario) return failure(problems, fileName);
  return { ok: true, scenario };
}

function failure(problems: readonly Problem[], fileName: string): LoadResult {
  const seen = new Set<string>();
  const distinct = problems.filter(({ file, line, column, path, message }) => {
    const key = JSON.stringify([file, line, column, path, message]);
    return !seen.has(key) && seen.add(key);
  });
  const order = (problem: Problem): number => (problem.file === fileName ? 0 : 1);
  const sorted = distinct.sort(
    (a, b) => order(a) - order(b) || compare(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
  if (sorted.length <= LIMITS.problems) return { ok: false, problems: sorted };
  const rest = sorted.length - LIMITS.problems;
  const last = sorted[LIMITS.problems]!;
  const more = {
    ...last,
    path: '',
    message: `there are ${rest} or more problems beyond these`,
    cure: 'mend the first ones and try again',
  };
  return { ok: false, problems: [...sorted.slice(0, LIMITS.problems), more] };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Descent {
  readonly options: LoadOptions;
  readonly library: string;
  readonly problems: Problem[];
  readonly ancestors: readonly string[];
}

/** The tree of a text laid over the tree of what it extends. */
async function parseWithAncestors(text: string, file: string, descent: Descent): Promise<Located | undefined> {
  const { problems } = descent;
  const parsed = parseTree(text, file);
  problems.push(...parsed.problems);
  const { tree } = parsed;
  if (tree?.kind !== 'map') return tree;
  const parent = tree.entries.get('extends')?.value;
  const own = withoutKeys(tree, ['extends']);
  if (!parent || (parent.kind === 'scalar' && parent.value === null)) return own;
  const inherited = await parseParent(parent, descent);
  return inherited?.kind === 'map' ? layOver(inherited, own) : own;
}

async function parseParent(parent: Located, descent: Descent): Promise<Located | undefined> {
  const { options, library, problems, ancestors } = descent;
  const report = (message: string, cure: string): undefined => {
    problems.push({ ...parent.place, path: 'extends', message, cure });
  };
  if (parent.kind !== 'scalar' || parent.text.trim() === '' || parent.text.length > 1000)
    return report(
      'extends names no scenario',
      'write the path of one file, or the name of a scenario that ships with the program',
    );
  const written = parent.text.trim();
  const isName = /^[\w-]+$/.test(written);
  const path = isName ? joinPath(library, `${written}.yaml`) : joinPath(folderOf(parent.place.file), written);
  if (ancestors.includes(path))
    return report(
      `extends goes round in a circle: ${[...ancestors, path].join(' → ')}`,
      'take one of these extends away',
    );
  if (ancestors.length > MOST_ANCESTORS) return report(`${MOST_ANCESTORS} files extend one another`, 'extend fewer');
  if (!/\.(ya?ml|json)$/i.test(path)) return report(`${path} is no scenario`, 'write the path of a .yaml file');
  const text = await readText(options.readFile, path);
  if (text === undefined)
    return report(
      `${path} cannot be read`,
      isName ? 'write the path of the file' : `write its path from the folder of ${parent.place.file}`,
    );
  return parseWithAncestors(text, path, { ...descent, ancestors: [...ancestors, path] });
}

/** A file as text; undefined where it cannot be read. */
export async function readText(readFile: ReadFile, path: string): Promise<string | undefined> {
  try {
    const content = await readFile(path, MOST_BYTES);
    return content instanceof Uint8Array ? new TextDecoder().decode(content) : content;
  } catch {
    return undefined;
  }
}

/** The table of moorings, if the scenario names a DART station. */
async function readMoorings(tree: Located, readFile: ReadFile, library: string): Promise<readonly DartMooring[]> {
  const names = (node: Located): boolean =>
    node.kind === 'list'
      ? node.items.some(names)
      : node.kind === 'map' &&
        (node.entries.has('dart') || [...node.entries.values()].some((entry) => names(entry.value)));
  if (!names(tree)) return [];
  return readDartStations((await readText(readFile, joinPath(library, 'data/dart/stations.csv'))) ?? '');
}

interface Surroundings {
  readonly library: string;
  readonly moorings: readonly DartMooring[];
  readonly files: Map<string, { place: Place; path: string }>;
  readonly problems: Problem[];
}

function readTree(tree: Located, { library, moorings, files, problems }: Surroundings): Scenario | undefined {
  const note = (file: string, place: Place, path: string): string => {
    if (!files.has(file)) files.set(file, { place, path });
    return file;
  };
  const reading: Reading = {
    path: '',
    start: undefined,
    plane: describesPlane(tree),
    tracers: namesIn(partOf(tree, 'model', 'tracers'), ['name']).filter((name) => TRACER_NAME.test(name)),
    report: (problem) => {
      if (problems.length <= 2 * LIMITS.problems) problems.push(problem);
    },
    // What is typed after --set is a path from where the program stands.
    file: (written, place, path) =>
      note(joinPath(place.file.startsWith('--set ') ? '' : folderOf(place.file), written), place, path),
    libraryFile: (name, place, path) => note(joinPath(library, name), place, path),
    dart: (id, time) => findDart(moorings, id, time),
  };
  return scenarioField.read(tree, { ...reading, start: startOf(tree, reading) });
}

async function missingFiles(
  files: ReadonlyMap<string, { place: Place; path: string }>,
  fileExists: LoadOptions['fileExists'],
): Promise<Problem[]> {
  if (!fileExists) return [];
  const problems: Problem[] = [];
  for (const [file, { place, path }] of files) {
    if (await fileExists(file)) continue;
    const cure = path.endsWith('.dart')
      ? 'add file: the path of its record, or remove the observation'
      : 'correct the path: it counts from the folder of the file it is written in';
    problems.push({ ...place, path, message: `the file ${file} is not there`, cure });
  }
  return problems;
}
