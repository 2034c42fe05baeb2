import { nearest, type Place, type Problem } from './problems.ts';
import type { Located } from './source-tree.ts';
import { bareNumber, type Dimension, exampleOf, formatQuantity, parseQuantity, parseUtc } from './units.ts';

/**
 * The vocabulary that the schema is written in. A field reads one value of the tree, reports whatever is wrong with it,
 * and knows its own JSON Schema, so that loader, messages and published schema cannot disagree.
 */
export interface Field<T> {
  /** The value, or undefined where a problem was reported. */
  readonly read: (node: Located, at: Reading) => T | undefined;
  readonly json: JsonSchema;
}

export type JsonSchema = { readonly [key: string]: unknown };

/** Where the reader is, and where its problems go. */
export interface Reading {
  readonly path: string;
  readonly report: (problem: Problem) => void;
  /** On a plane, positions are x and y. */
  readonly plane: boolean;
  /** Names of the scenario's tracers, as they are written. */
  readonly tracers: readonly string[];
  /** Start of the run, UTC, if it is stated rightly. */
  readonly start: string | undefined;
  /** A file named at a place, as a path from where the program stands; noted, to be looked for. */
  readonly file: (written: string, place: Place, path: string) => string;
  /** A file of the library that ships with the program. */
  readonly libraryFile: (name: string, place: Place, path: string) => string;
  /** Where a DART buoy was moored at a time [ms since 1970]. */
  readonly dart: (id: string, time: number) => DartLookup;
}

export type DartLookup =
  | { readonly ok: true; readonly longitude: number; readonly latitude: number }
  | { readonly ok: false; readonly cure: string };

export const inside = (at: Reading, key: string): Reading => ({
  ...at,
  path: at.path === '' ? key : `${at.path}.${key}`,
});
export const item = (at: Reading, index: number): Reading => ({ ...at, path: `${at.path}[${index}]` });

/** Reports a problem at a node and returns undefined, to be the reader's answer. */
export function wrong(at: Reading, place: Place, message: string, cure: string): undefined {
  const { file, line, column } = place;
  at.report({ file, line, column, path: at.path, message, cure });
  return undefined;
}

export function show(node: Located): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a block of keys' : 'a list';
  if (node.value === null) return 'nothing';
  const text = node.text.replace(/\s+/g, ' ');
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}

/** A text; numbers are taken as they are written, so that `dart: 21413` needs no quotes. */
export function text(
  options: { readonly pattern?: RegExp; readonly hint?: string; readonly most?: number } = {},
): Field<string> {
  const { pattern, hint = 'write a text', most = 10_000 } = options;
  return {
    json: { type: 'string', ...(pattern && { pattern: pattern.source }) },
    read: (node, at) => {
      if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean')
        return wrong(at, node.place, `${show(node)} is no text`, hint);
      const value = node.text.trim();
      if (value === '') return wrong(at, node.place, 'the text is empty', hint);
      if (value.length > most)
        return wrong(at, node.place, `the text has ${value.length} characters`, `write at most ${most}`);
      if (pattern && !pattern.test(value)) return wrong(at, node.place, `${show(node)} does not fit here`, hint);
      return value;
    },
  };
}

export const truth: Field<boolean> = {
  json: { type: 'boolean' },
  read: (node, at) =>
    node.kind === 'scalar' && typeof node.value === 'boolean'
      ? node.value
      : wrong(at, node.place, `${show(node)} is neither true nor false`, 'write true or false'),
};

export interface Range {
  readonly least?: number;
  readonly most?: number;
  /** The value must be greater than this. */
  readonly above?: number;
}

function outOfRange(value: number, { least, most, above }: Range, dimension: Dimension): string | undefined {
  const written = (bound: number): string => formatQuantity(bound, dimension);
  if (above !== undefined && !(value > above)) return `more than ${written(above)}`;
  if (least !== undefined && value < least)
    return most === undefined ? `at least ${written(least)}` : `${written(least)} to ${written(most)}`;
  if (most !== undefined && value > most)
    return least === undefined ? `at most ${written(most)}` : `${written(least)} to ${written(most)}`;
  return undefined;
}

const jsonRange = ({ least, most, above }: Range): JsonSchema => ({
  ...(least !== undefined && { minimum: least }),
  ...(most !== undefined && { maximum: most }),
  ...(above !== undefined && { exclusiveMinimum: above }),
});

/** A number without a unit. */
export function number(range: Range = {}, whole = false): Field<number> {
  return {
    json: { type: whole ? 'integer' : 'number', ...jsonRange(range) },
    read: (node, at) => {
      if (node.kind !== 'scalar' || typeof node.value !== 'number')
        return wrong(
          at,
          node.place,
          `${show(node)} is no ${whole ? 'whole ' : ''}number`,
          'write a plain number, without a unit and without quotes',
        );
      if (!Number.isFinite(node.value))
        return wrong(at, node.place, `${show(node)} is not finite`, 'write a finite number');
      if (whole && !Number.isSafeInteger(node.value))
        return wrong(at, node.place, `${show(node)} is no whole number`, 'write a whole number');
      const bounds = outOfRange(node.value, range, 'none');
      return bounds ? wrong(at, node.place, `${node.value} is out of range`, `write ${bounds}`) : node.value + 0;
    },
  };
}

/** A number with a unit of the given dimension, in SI; angles may be bare degrees. */
export function quantity(dimension: Dimension, range: Range = {}): Field<number> {
  const example = exampleOf(dimension);
  const bare = dimension === 'angle' || dimension === 'none';
  const asText = {
    type: 'string',
    pattern: dimension === 'time' ? '^\\s*(P|[-+−.0-9])' : '^\\s*[-+−.0-9]',
    examples: [example],
  };
  return {
    json: bare ? { anyOf: [{ type: 'number', ...jsonRange(range) }, asText] } : asText,
    read: (node, at) => {
      if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean')
        return wrong(at, node.place, `${show(node)} is no quantity`, `write for example ${example}`);
      if (typeof node.value === 'number' && !Number.isFinite(node.value))
        return wrong(at, node.place, `${show(node)} is not finite`, `write for example ${example}`);
      const parsed =
        typeof node.value === 'number' && !bare
          ? bareNumber(String(node.value), dimension)
          : parseQuantity(node.text, dimension);
      if (!parsed.ok) return wrong(at, node.place, parsed.message, parsed.cure);
      const bounds = outOfRange(parsed.value, range, dimension);
      return bounds ? wrong(at, node.place, `${show(node)} is out of range`, `write ${bounds}`) : parsed.value;
    },
  };
}

export const utc: Field<string> = {
  json: {
    type: 'string',
    pattern: '^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?Z$',
    examples: ['2011-03-11T05:46:18Z'],
  },
  read: (node, at) => {
    const parsed = parseUtc(node.kind === 'scalar' ? node.text : '');
    if (node.kind !== 'scalar' || !parsed.ok)
      return wrong(at, node.place, parsed.ok ? '' : parsed.message, parsed.ok ? '' : parsed.cure);
    return new Date(parsed.value).toISOString().replace('.000Z', 'Z');
  },
};

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Field<T> {
  return {
    json: { enum: words },
    read: (node, at) => {
      const word = node.kind === 'scalar' ? node.text.trim() : '';
      const found = words.find((candidate) => candidate === word);
      if (found !== undefined) return found;
      const near = nearest(word, words);
      const known = words.length === 1 ? `is only ${words[0]}` : `are ${words.join(', ')}`;
      return wrong(at, node.place, `${show(node)} is not known here; known ${known}`, `write ${near ?? words[0]}`);
    },
  };
}

export function list<T>(field: Field<T>, least = 0): Field<readonly T[]> {
  return {
    json: { type: 'array', items: field.json, ...(least > 0 && { minItems: least }) },
    read: (node, at) => {
      if (node.kind !== 'list')
        return wrong(at, node.place, `${show(node)} is no list`, 'write [ … ], or lines that start with "- "');
      if (node.items.length < least)
        return wrong(at, node.place, `the list has ${node.items.length} items`, `write at least ${least}`);
      const values = node.items.map((child, index) => field.read(child, item(at, index)));
      return values.every((value) => value !== undefined) ? (values as T[]) : undefined;
    },
  };
}

/** A list of exactly two. */
export function pair<T>(field: Field<T>): Field<readonly [T, T]> {
  const both = list(field, 2);
  return {
    json: { type: 'array', items: field.json, minItems: 2, maxItems: 2 },
    read: (node, at) => {
      if (node.kind === 'list' && node.items.length > 2)
        return wrong(at, node.place, `the list has ${node.items.length} items`, 'write exactly two');
      return both.read(node, at) as readonly [T, T] | undefined;
    },
  };
}
