import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Place, Problem } from './problems.ts';

/** YAML as plain data in which every key and value knows where it was written. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, { readonly keyPlace: Place; readonly value: Located }>;
}
export interface LocatedList {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Located[];
}
export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes. */
  readonly text: string;
}

/** A scenario is read by people: what exceeds these was not written by one. */
export const LIMITS = { characters: 64_000, nodes: 20_000, depth: 40, problems: 200 } as const;

const SYNTAX_CURES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent the lines of one block by the same number of spaces',
  MISSING_CHAR: 'close the quote or bracket, or put a space after the colon',
  MULTILINE_IMPLICIT_KEY: 'put the key and its colon on one line',
  BLOCK_AS_IMPLICIT_KEY: 'write one "key: value" a line; quote a value that contains ": "',
  BLOCK_IN_FLOW: 'inside [ ] and { } write everything in one style, separated by commas',
  BAD_ALIAS: 'write the value out instead of *naming it',
  TAG_RESOLVE_FAILED: 'write a plain value without a !tag',
  MULTIPLE_DOCS: 'keep one scenario in a file: remove the lines "---" and "..."',
  BAD_DIRECTIVE: 'remove the line that starts with %',
  BAD_SCALAR_START: 'put the value in quotes',
  UNEXPECTED_TOKEN: 'check colons, commas, quotes and brackets here',
};
const DEFAULT_CURE = 'check indentation, colons, quotes and brackets here';

export interface SourceTree {
  readonly tree: Located | undefined;
  readonly problems: readonly Problem[];
}

/** Parses YAML. Never throws; a problem for everything that is not a plain tree of maps, lists, texts and numbers. */
export function parseTree(text: string, file: string): SourceTree {
  const top: Place = { file, line: 1, column: 1 };
  const fail = (message: string, cure: string, place = top): SourceTree => ({
    tree: undefined,
    problems: [{ ...place, path: '', message, cure }],
  });
  if (text.length > LIMITS.characters) {
    return fail(
      `the file has ${text.length} characters; a scenario may have ${LIMITS.characters}`,
      'keep tables (faults, observations) in files of their own and name them',
    );
  }
  const deep = deepestBracket(text);
  if (deep.depth > LIMITS.depth) {
    return fail(`brackets are nested ${deep.depth} deep; ${LIMITS.depth} is the limit`, 'close the brackets', {
      ...top,
      ...positionOf(text, deep.offset),
    });
  }
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    // Uniqueness of keys is checked below: the parser's own check takes quadratic time.
    const document = withoutStackTraces(() =>
      parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' }),
    );
    const problems: Problem[] = [...document.errors, ...document.warnings].slice(0, LIMITS.problems).map((error) => ({
      ...place(error.pos[0]),
      path: '',
      message: `this is no valid YAML: ${error.message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 200)}`,
      cure: SYNTAX_CURES[error.code] ?? DEFAULT_CURE,
    }));
    const version = document.directives?.yaml.version;
    if (problems.length === 0 && version !== undefined && version !== '1.2')
      return fail(`YAML ${version} is asked for`, 'remove the line that starts with %YAML: scenarios are YAML 1.2');
    if (problems.length > 0) return { tree: undefined, problems };
    if (document.contents === null)
      return fail('the file is empty', 'start from a scenario that is there, e.g. write "extends: tohoku-2011"');
    return convertTree(document.contents, place);
  } catch (error) {
    if (error instanceof NotATree) return fail(error.message, error.cure, error.place);
    // The parser is recursive: what exhausts its stack is nested beyond any scenario.
    return fail('this is no valid YAML: it is nested too deep', 'write it out flat');
  }
}

/** The parser makes an error for each mistake and throws none of them: of ten thousand, the stack traces take most of the time. */
function withoutStackTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

class NotATree extends Error {
  readonly place: Place;
  readonly cure: string;
  constructor(message: string, cure: string, place: Place) {
    super(message);
    this.place = place;
    this.cure = cure;
  }
}

function convertTree(root: Node, place: (offset: number) => Place): SourceTree {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let nodes = 0;
  const placeOf = (node: Node): Place => place(node.range?.[0] ?? 0);
  const report = (node: Node, path: string, message: string, cure: string): void => {
    if (problems.length < LIMITS.problems) problems.push({ ...placeOf(node), path, message, cure });
  };

  function convert(node: Node, depth: number, path: string): Located {
    nodes++;
    if (nodes > LIMITS.nodes)
      throw new NotATree(
        `the file has more than ${LIMITS.nodes} values`,
        'write it out without aliases',
        placeOf(node),
      );
    if (depth > LIMITS.depth)
      throw new NotATree(`values are nested more than ${LIMITS.depth} deep`, 'write it out flat', placeOf(node));
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target && !open.has(target)) return convert(target, depth + 1, path);
      report(node, path, `the alias *${node.source} stands for nothing before it`, 'write the value out');
      return { kind: 'scalar', place: placeOf(node), value: null, text: '' };
    }
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) anchors.set(anchor, node);
    open.add(node);
    try {
      if (isMap(node)) return convertMap(node, depth, path);
      if (isSeq(node)) {
        const items = node.items.map((item, index) => convert(item as Node, depth + 1, `${path}[${index}]`));
        return { kind: 'list', place: placeOf(node), items };
      }
      return convertScalar(node as Scalar, path);
    } finally {
      open.delete(node);
    }
  }

  function convertMap(node: YAMLMap, depth: number, path: string): LocatedMap {
    const entries = new Map<string, { keyPlace: Place; value: Located }>();
    for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
      nodes++;
      const keyText = isScalar(key) && key.value !== null ? (key.source ?? String(key.value)) : undefined;
      if (keyText === undefined) {
        report(key ?? node, path, 'a key is not a word', 'write "key: value"');
        continue;
      }
      const child = path === '' ? keyText : `${path}.${keyText}`;
      const before = entries.get(keyText);
      if (before) {
        report(key, child, `the key is there twice, first in line ${before.keyPlace.line}`, 'keep one of the two');
        continue;
      }
      const missing: Located = { kind: 'scalar', place: placeOf(key), value: null, text: '' };
      entries.set(keyText, { keyPlace: placeOf(key), value: value ? convert(value, depth + 1, child) : missing });
    }
    return { kind: 'map', place: placeOf(node), entries };
  }

  function convertScalar(node: Scalar, path: string): LocatedScalar {
    const { value } = node;
    const text = node.source ?? String(value);
    const plain =
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!plain) report(node, path, 'the value is no text, number, true or false', 'put it in quotes');
    return { kind: 'scalar', place: placeOf(node), value: plain ? value : null, text };
  }

  return { tree: convert(root, 0, ''), problems };
}

/** The deepest nesting of brackets outside quotes and comments is bounded by this simple count. */
function deepestBracket(text: string): { readonly depth: number; readonly offset: number } {
  let depth = 0;
  let deepest = { depth: 0, offset: 0 };
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x5b || code === 0x7b) {
      depth++;
      if (depth > deepest.depth) deepest = { depth, offset };
    } else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
  }
  return deepest;
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}
