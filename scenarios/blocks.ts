import { choice, type Field, inside, item, type JsonSchema, type Reading, show, wrong } from './fields.ts';
import { nearest, type Place, type Problem } from './problems.ts';
import { LIMITS, type Located, type LocatedMap, type LocatedScalar } from './source-tree.ts';

/** A key of a block: what it holds, whether it must be there, and what it is for. */
export interface Key<T> {
  readonly field: Field<T>;
  readonly need: 'required' | 'optional' | 'default';
  readonly value?: T;
  readonly about: string;
}

export const required = <T>(field: Field<T>, about: string): Key<T> => ({ field, need: 'required', about });
export const optional = <T>(field: Field<T>, about: string): Key<T | undefined> => ({ field, need: 'optional', about });
export const defaulting = <T>(field: Field<T>, value: T, about: string): Key<T> => ({
  field,
  need: 'default',
  value,
  about,
});

// biome-ignore lint/suspicious/noExplicitAny: keys of every type stand side by side
export type Keys = Readonly<Record<string, Key<any>>>;
export type Block<K extends Keys> = { readonly [Name in keyof K]: K[Name] extends Key<infer T> ? T : never };

const isAbsent = (node: Located | undefined): boolean => !node || (node.kind === 'scalar' && node.value === null);

/**
 * Reads a block of keys. `notYet` names keys that are meant to come: they are refused, and told apart from mistakes.
 * `elsewhere` names keys that were taken away before, to be offered to who misspelt them.
 */
export function block<const K extends Keys>(
  keys: K,
  notYet: Readonly<Record<string, string>> = {},
  elsewhere: readonly string[] = [],
): Field<Block<K>> {
  const names = Object.keys(keys);
  return {
    json: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(names.map((name) => [name, describe(keys[name]!)])),
      ...(names.some((name) => keys[name]!.need === 'required') && {
        required: names.filter((name) => keys[name]!.need === 'required'),
      }),
    },
    read: (node, at) => {
      if (node.kind !== 'map')
        return wrong(
          at,
          node.place,
          `${show(node)} is no block of keys`,
          `write keys: ${names.slice(0, 6).join(', ')} …`,
        );
      let whole = reportUnknownKeys(node, [...names, ...elsewhere], names, notYet, at);
      const values: Record<string, unknown> = {};
      for (const name of names) {
        const { field, need, value } = keys[name]!;
        const found = node.entries.get(name)?.value;
        if (found && !isAbsent(found)) {
          values[name] = field.read(found, inside(at, name));
          if (values[name] === undefined) whole = false;
        } else if (need === 'required') {
          whole = false;
          wrong(inside(at, name), node.place, `"${name}" is missing`, `add ${name}: ${keys[name]!.about}`);
        } else values[name] = value;
      }
      return whole ? (values as Block<K>) : undefined;
    },
  };
}

const describe = ({ field, need, value, about }: Key<unknown>): JsonSchema => ({
  ...field.json,
  description: about,
  ...(need === 'default' && (typeof value !== 'object' || value === null) && jsonDefault(field, value)),
});

/** Defaults are kept in SI; where the file would say "15 m", a bare 15 is no default to show. */
const jsonDefault = (field: Field<unknown>, value: unknown): JsonSchema =>
  typeof value === 'number' && field.json.type === 'string' ? {} : { default: value };

function reportUnknownKeys(
  node: LocatedMap,
  offered: readonly string[],
  names: readonly string[],
  notYet: Readonly<Record<string, string>>,
  at: Reading,
): boolean {
  let strange = 0;
  for (const [key, { keyPlace }] of node.entries) {
    if (names.includes(key)) continue;
    if (++strange > LIMITS.problems) break;
    const shown = key.length > 40 ? `${key.slice(0, 40)}…` : key;
    const here = inside(at, shown);
    if (Object.hasOwn(notYet, key)) wrong(here, keyPlace, `"${key}" is not supported yet`, notYet[key]!);
    else {
      const near = nearest(key.trim(), offered);
      const known = `here are known: ${offered.join(', ')}`;
      const cure = near === undefined ? `remove it; ${known}` : `did you mean "${near}"? If not, remove it; ${known}`;
      wrong(here, keyPlace, `the key "${shown}" is not known`, cure);
    }
  }
  return strange === 0;
}

/** Blocks told apart by the word under `type`. */
export function oneOf<T>(tag: string, variants: Readonly<Record<string, Field<T>>>): Field<T> {
  const words = Object.keys(variants);
  const withTag = (word: string): JsonSchema => {
    const { json } = variants[word]!;
    const properties = { [tag]: { const: word }, ...(json.properties as object) };
    return { ...json, properties, required: [tag, ...((json.required as string[] | undefined) ?? [])] };
  };
  return {
    json: { oneOf: words.map(withTag) },
    read: (node, at) => {
      if (node.kind !== 'map')
        return wrong(at, node.place, `${show(node)} is no block of keys`, `write { ${tag}: ${words[0]}, … }`);
      const chosen = node.entries.get(tag)?.value;
      if (!chosen || isAbsent(chosen))
        return wrong(inside(at, tag), node.place, `"${tag}" is missing`, `add ${tag}: one of ${words.join(', ')}`);
      const word = choice(...words).read(chosen, inside(at, tag));
      if (word === undefined) return undefined;
      const rest = new Map([...node.entries].filter(([key]) => key !== tag));
      return variants[word]!.read({ ...node, entries: rest }, at);
    },
  };
}

/** Whichever form the node has: text, list or block. */
export function byForm<T>(forms: { readonly [Form in Located['kind']]?: Field<T> }, hint: string): Field<T> {
  return {
    json: { anyOf: Object.values(forms).map((field) => field.json) },
    read: (node, at) =>
      forms[node.kind]?.read(node, at) ??
      (forms[node.kind] ? undefined : wrong(at, node.place, `${show(node)} does not fit here`, hint)),
  };
}

/** A field whose value is turned into another; `turn` may report and return undefined. */
export function turned<T, U>(field: Field<T>, turn: (value: T, node: Located, at: Reading) => U | undefined): Field<U> {
  return {
    json: field.json,
    read: (node, at) => {
      const value = field.read(node, at);
      return value === undefined ? undefined : turn(value, node, at);
    },
  };
}

/**
 * A field with a check of how its parts go together. The check looks at the node, not at the value, so that it speaks even
 * where some part is wrong; it reads what it needs with `quietly`.
 */
export function checked<T>(field: Field<T>, check: (node: LocatedMap, at: Reading) => void): Field<T> {
  return {
    json: field.json,
    read: (node, at) => {
      const value = field.read(node, at);
      if (node.kind !== 'map') return value;
      let sound = true;
      const report = (problem: Problem): void => {
        sound = false;
        at.report(problem);
      };
      check(node, { ...at, report });
      return sound ? value : undefined;
    },
  };
}

/** What a key of a block holds, or undefined where it is absent or wrong, without a word. */
export function quietly<T>(node: Located, key: string, field: Field<T>, at: Reading): T | undefined {
  const child = partOf(node, key);
  return child && !isAbsent(child) ? field.read(child, { ...at, report: () => undefined }) : undefined;
}

/** A part of a node: a key of a block, or an item of a list by its number. */
export function partOf(node: Located | undefined, ...keys: readonly string[]): Located | undefined {
  const [key, ...rest] = keys;
  if (!node || key === undefined) return node;
  if (node.kind === 'list') return partOf(node.items[Number(key)], ...rest);
  return node.kind === 'map' ? partOf(node.entries.get(key)?.value, ...rest) : undefined;
}

/** The keys of these that a block has. */
export const present = <const T extends string>(node: LocatedMap, keys: readonly T[]): readonly T[] =>
  keys.filter((key) => !isAbsent(node.entries.get(key)?.value));

/** The place of a key's value inside a node, for checks that look at several keys. */
export function placeOf(node: Located, ...keys: readonly string[]): Place {
  const [key, ...rest] = keys;
  if (key === undefined) return node.place;
  if (node.kind === 'list') return node.items[Number(key)] ? placeOf(node.items[Number(key)]!, ...rest) : node.place;
  const entry = node.kind === 'map' ? node.entries.get(key) : undefined;
  return entry ? placeOf(entry.value, ...rest) : node.place;
}

/** Reports names of a list that come more than once. */
export function distinct(node: Located | undefined, keys: readonly string[], at: Reading): void {
  const seen = new Set<string>();
  for (const [index, child] of (node?.kind === 'list' ? node.items : []).entries()) {
    const name = nameIn(child, keys);
    if (name !== undefined && seen.has(name.text))
      wrong(item(at, index), name.place, `"${name.text}" is there twice`, 'give each a name of its own');
    if (name !== undefined) seen.add(name.text);
  }
}

/** The first of these keys whose value is a text or number, with its place. */
export function nameIn(node: Located, keys: readonly string[]): LocatedScalar | undefined {
  for (const key of keys) {
    const child = partOf(node, key);
    if (child?.kind === 'scalar' && child.value !== null) return child;
  }
  return undefined;
}

export const itemsOf = (node: Located | undefined): readonly Located[] => (node?.kind === 'list' ? node.items : []);

/** These names of every item of a list that has one. */
export const namesIn = (node: Located | undefined, keys: readonly string[]): readonly string[] =>
  itemsOf(node)
    .map((one) => nameIn(one, keys)?.text)
    .filter((name) => name !== undefined);
