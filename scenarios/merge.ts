import { nearest, type Place, type Problem } from './problems.ts';
import { type Located, type LocatedList, type LocatedMap, parseTree } from './source-tree.ts';

/** Keys whose value is one thing: a map that is laid over another replaces it whole. */
const WHOLE = new Set(['grid.bathymetry']);

/** Of these, what is laid over displaces what was there: one says the same as the other. */
const RIVALS: readonly (readonly string[])[] = [['time.step', 'time.courant']];

/** The same rules hold inside `small`. */
const plain = (path: string): string => path.replace(/^small\./, '');
const rivalsOf = (path: string): readonly string[] =>
  (RIVALS.find((group) => group.includes(plain(path))) ?? []).filter((other) => other !== plain(path));
const lastKey = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/**
 * Lays one tree over another: maps key by key, anything else replaces what was there, and null takes it away.
 * This is how `extends`, `small` and `--set` work.
 */
export function layOver(base: Located, over: Located, path = ''): Located {
  if (base.kind !== 'map' || over.kind !== 'map' || WHOLE.has(plain(path))) return over;
  const entries = new Map(base.entries);
  for (const [key, { keyPlace, value }] of over.entries) {
    const child = path === '' ? key : `${path}.${key}`;
    for (const rival of rivalsOf(child)) entries.delete(lastKey(rival));
    const below = entries.get(key);
    if (value.kind === 'scalar' && value.value === null) entries.delete(key);
    else entries.set(key, { keyPlace, value: below ? layOver(below.value, value, child) : value });
  }
  return { kind: 'map', place: over.place, entries };
}

/** A map without some of its keys. */
export function withoutKeys(tree: Located, keys: readonly string[]): Located {
  if (tree.kind !== 'map') return tree;
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => !keys.includes(key))) };
}

export interface Overridden {
  readonly tree: Located;
  readonly problems: readonly Problem[];
}

/** Applies one `--set key=value`, e.g. `grid.cells=270` or `sources[0].scale=2`. The value is YAML. */
export function override(tree: Located, setting: string): Overridden {
  const equals = setting.indexOf('=');
  const key = (equals < 0 ? setting : setting.slice(0, equals)).trim();
  const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key;
  const place: Place = { file: `--set ${shown}`, line: 1, column: 1 };
  const fail = (message: string, cure: string): Overridden => ({
    tree,
    problems: [{ ...place, path: shown, message, cure }],
  });
  if (equals < 0) return fail('there is no value', `write --set ${shown}=VALUE`);
  const steps = /^[^.[\]=\s]+(\.[^.[\]=\s]+|\[\d{1,4}\])*$/.test(key) ? key.match(/[^.[\]]+/g)! : undefined;
  if (!steps || steps.length > 12) return fail('this names no key', 'write for example --set grid.cells=270');
  if (setting.slice(equals + 1).trim() === '')
    return fail('there is no value', `write --set ${shown}=VALUE, or =null to take the key away`);
  const parsed = parseTree(setting.slice(equals + 1), place.file);
  if (!parsed.tree || parsed.problems.length > 0) {
    const cure = `write for example --set ${shown}="1 h"`;
    return { tree, problems: parsed.problems.map((problem) => ({ ...problem, path: shown, cure })) };
  }
  // Places count from the start of the whole setting.
  const value = shift(parsed.tree, equals + 1);
  const problems: Problem[] = [];
  const report = (message: string, cure: string): void => void problems.push({ ...place, path: shown, message, cure });
  const changed = setAt(tree, steps, value, place, '', report);
  return { tree: changed, problems };
}

function setAt(
  tree: Located,
  steps: readonly string[],
  value: Located,
  place: Place,
  path: string,
  report: (message: string, cure: string) => void,
): Located {
  if (steps.length === 0) return layOver(tree, value, path);
  const [step, ...rest] = steps as [string, ...string[]];
  if (tree.kind === 'list') return setInList(tree, step, rest, value, place, path, report);
  const child = path === '' ? step : `${path}.${step}`;
  // What stands in the way of a key, as a name does of `grid.bathymetry.constant`, gives way.
  const kept = tree.kind === 'map' && (!WHOLE.has(plain(path)) || tree.entries.has(step));
  const map: LocatedMap = kept ? tree : { kind: 'map', place, entries: new Map() };
  const entries = new Map(map.entries);
  for (const rival of rivalsOf(child)) entries.delete(lastKey(rival));
  const below = entries.get(step)?.value;
  if (rest.length === 0 && value.kind === 'scalar' && value.value === null) entries.delete(step);
  else {
    const empty: LocatedMap = { kind: 'map', place, entries: new Map() };
    const next = below ?? (rest.length === 0 ? value : empty);
    entries.set(step, { keyPlace: place, value: setAt(next, rest, value, place, child, report) });
  }
  return { kind: 'map', place: map.place, entries };
}

function setInList(
  list: LocatedList,
  step: string,
  rest: readonly string[],
  value: Located,
  place: Place,
  path: string,
  report: (message: string, cure: string) => void,
): LocatedList {
  const index = /^\d+$/.test(step) ? Number(step) : list.items.findIndex((item) => nameOf(item) === step);
  const below = list.items[index];
  if (!below) {
    const names = list.items.map(nameOf).filter((name) => name !== undefined);
    const near = nearest(step, names) ?? names[0] ?? '0';
    report(
      `${path} has ${list.items.length} items and no "${step}"`,
      `write a number as in ${path}[0], or an item's name as in ${path}.${near}`,
    );
    return list;
  }
  const items = [...list.items];
  items[index] = setAt(below, rest, value, place, `${path}[${index}]`, report);
  return { ...list, items };
}

const nameOf = (item: Located): string | undefined => {
  if (item.kind !== 'map') return undefined;
  const name = (item.entries.get('name') ?? item.entries.get('dart'))?.value;
  return name?.kind === 'scalar' ? name.text : undefined;
};

const moved = (place: Place, columns: number): Place =>
  place.line === 1 ? { ...place, column: place.column + columns } : place;

function shift(tree: Located, columns: number): Located {
  const place = moved(tree.place, columns);
  if (tree.kind === 'scalar') return { ...tree, place };
  if (tree.kind === 'list') return { ...tree, place, items: tree.items.map((item) => shift(item, columns)) };
  const entries = [...tree.entries].map(
    ([key, entry]) => [key, { keyPlace: moved(entry.keyPlace, columns), value: shift(entry.value, columns) }] as const,
  );
  return { kind: 'map', place, entries: new Map(entries) };
}
