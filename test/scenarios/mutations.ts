/** Ways in which a scenario file comes to be wrong: by accident, by another program, by malice. Every mutation is drawn from a seed. */

/** Uniform numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Mutant {
  readonly kind: string;
  readonly text: string;
  /** Settings for `--set`, mutated too. */
  readonly overrides: readonly string[];
}

type Draw = ReturnType<typeof drawing>;

function drawing(random: () => number) {
  const below = (count: number): number => Math.floor(random() * count);
  return {
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)]!,
    chance: (share: number): boolean => random() < share,
  };
}

const splice = (text: string, start: number, length: number, insert: string): string =>
  text.slice(0, start) + insert + text.slice(start + length);

const VALUES = [
  'null', '~', 'true', 'false', '0', '-0', '-1', '1e999', '-1e308', '.nan', '.inf', '-.inf', '9007199254740993', '0x1F', '0o17', '1_000', '1e-400',
  '""', "''", '[]', '{}', '[[]]', '{ a: 1 }', '[1, 2, 3]', '"text"', '|', '>-', '15', '15 m', '15 kg', '15 m m m', 'm', '1 m^1/7', '1 m^-1/3', 'P1Y', 'PT', 'PT9H', '-PT9H',
  '2011-03-11', '2011-02-30T00:00:00Z', '2011-03-11T05:46:18+09:00', '99999999999999999999999 h', '1e300 km', '-5 km', '91', '361', '10′', '°',
  '!!binary aGk=', '!!set { a }', '!custom x', '*unknown', '&a', '&a [*a]', '<<', '? x', '__proto__', 'constructor', 'toString', '../../../../etc/hosts', '/dev/zero', 'C:\\x', 'http://localhost/x',
  '21413', "'21413'", 'etopo5', 'etopo6', 'tohoku-2011', 'stateHash', 'stations..firstPeak', '\u202e', '\ufeff', '😀', 'é'.repeat(200), 'x'.repeat(5000), '9'.repeat(400),
] as const; // biome-ignore format: a table
const KEYS = [
  'terrella',
  'name',
  'grid',
  'cells',
  'tile',
  'bathymetry',
  'sources',
  'type',
  'faults',
  'small',
  'extends',
  'kind',
  'cellsX',
  'size',
  'step',
  'courant',
  'x',
  'longitude',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '<<',
  '',
  ' ',
  'a.b',
  'a[0]',
  '"',
  '日本',
  '2011',
];
const CONTROLS = [
  '\0',
  '\u0001',
  '\u0007',
  '\b',
  '\t',
  '\v',
  '\f',
  '\r',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\ud800',
  '\u200b',
];
const TOKENS = [
  ':',
  ': ',
  ',',
  '-',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '#',
  '&',
  '*',
  '!',
  '|',
  '>',
  "'",
  '"',
  '%',
  '@',
  '`',
  '?',
  '? ',
  '---\n',
  '...\n',
  '\n',
  '\n\n',
  ' ',
  '  ',
  '\t',
  '&x ',
  '*x ',
  '!!str ',
  '!<',
  '<<: ',
  '\\',
  '%YAML 1.1\n---\n',
];

/** Each takes a text to a wrong one. */
const MUTATIONS: Readonly<Record<string, (text: string, draw: Draw) => string>> = {
  byte: (text, { below }) => splice(text, below(text.length), 1, String.fromCharCode(below(256))),
  bytes: (text, draw) => repeat(1 + draw.below(40), text, (one) => splice(one, draw.below(one.length), draw.below(3), String.fromCharCode(draw.below(draw.chance(0.2) ? 65536 : 256)))),
  control: (text, { below, pick }) => splice(text, below(text.length), below(2), pick(CONTROLS).repeat(1 + below(3))),
  token: (text, { below, pick }) => splice(text, below(text.length), below(4), pick(TOKENS)),
  tokens: (text, draw) => repeat(1 + draw.below(12), text, (one) => splice(one, draw.below(one.length), draw.below(3), draw.pick(TOKENS))),
  'delete line': (text, draw) => lines(text, draw, (_, all, at) => all.toSpliced(at, 1 + draw.below(3))),
  'double line': (text, draw) => lines(text, draw, (line, all, at) => all.toSpliced(at, 0, line)),
  'move line': (text, draw) => lines(text, draw, (line, all, at) => all.toSpliced(at, 1).toSpliced(draw.below(all.length), 0, line)),
  indent: (text, draw) => lines(text, draw, (line, all, at) => all.with(at, draw.chance(0.5) ? `${' '.repeat(1 + draw.below(9))}${line}` : line.slice(1 + draw.below(3)))),
  cut: (text, { below }) => text.slice(0, below(text.length)),
  behead: (text, { below }) => text.slice(below(text.length)),
  value: (text, draw) => replaceMatch(text, /: +([^\s,{}[\]]+( [^\s,{}[\]]+)?)/g, draw, (match) => match.replace(/: +.*/s, `: ${draw.pick(VALUES)}`)),
  values: (text, draw) => repeat(2 + draw.below(10), text, (one) => MUTATIONS.value!(one, draw)),
  key: (text, draw) => replaceMatch(text, /[A-Za-z]+(?=:)/g, draw, () => draw.pick(KEYS)),
  'misspelt key': (text, draw) => replaceMatch(text, /[A-Za-z]{3,}(?=:)/g, draw, (word) => splice(word, draw.below(word.length), draw.below(2), draw.pick(['e', 'x', '', 'ss']))),
  'key type': (text, draw) => replaceMatch(text, /[A-Za-z]+(?=:)/g, draw, () => draw.pick(['[a, b]', '{ a: b }', '? ', 'null', '1', 'true', '*x', '!!int 3', '"\\0"'])),
  number: (text, draw) => replaceMatch(text, /\d+(\.\d+)?/g, draw, () => draw.pick(['0', '-1', '1e308', '1e999', '99999999999999999999', '1.7976931348623157e308', '5e-324', 'NaN', '08', '1e', '0.1.2', '９'])),
  unit: (text, draw) => replaceMatch(text, /(?<=\d )(km|m|h|min|s|cm)\b/g, draw, () => draw.pick(['', 'kg', 'parsec', 'm/s', 's^-1/3', 'M', 'mm^2', '/', '^', 'm^', '·', 'constructor'])),
  'deep list': (text, draw) => `${text}\n${draw.pick(KEYS) || 'a'}: ${'['.repeat(draw.below(3000))}`,
  'deep map': (text, draw) => splice(text, draw.below(text.length), 0, '{a: '.repeat(draw.below(2000))),
  'deep closed': (text, draw) => ((depth) => `${text}\nreferences: ${'['.repeat(depth)}1${']'.repeat(depth)}`)(draw.below(120)),
  'deep blocks': (text, draw) => `${text}\n${Array.from({ length: draw.below(150) }, (_, n) => `${' '.repeat(n)}a:`).join('\n')}`,
  dashes: (text, draw) => `${text}\nsources:\n  ${'- '.repeat(draw.below(5000))}x`,
  'alias bomb': (text, draw) => ((width, levels) => `b0: &b0 [${'x,'.repeat(width)}]\n${Array.from({ length: levels }, (_, n) => `b${n + 1}: &b${n + 1} [${`*b${n},`.repeat(width)}]`).join('\n')}\n${text}\nreferences: *b${levels}`)(1 + draw.below(12), draw.below(12)),
  anchor: (text, draw) => replaceMatch(text, /: (?=\S)/g, draw, () => draw.pick([': &x ', ': *x ', ': &x *x ', ': !!map ', ': !!seq ', ': !!float '])),
  'merge key': (text, draw) => lines(text, draw, (line, all, at) => all.toSpliced(at, 0, `${/^ */.exec(line)![0]}<<: { a: 1 }`)),
  extends: (text, draw) => `extends: ${draw.pick([...VALUES, 'tohoku-2011', 'maule-2010-single-fault', 'tohoku-2011.yaml', './lake-at-rest.yaml', '.'])}\n${text}`,
  'huge text': (text, draw) => text + draw.pick(['#', 'x', ' ', '\n', 'a: b\n', '- 1\n', '"', '\t', '&a ', 'é', ':', '? ', '|\n', '%a\n']).repeat(draw.below(30_000)),
  'line ends': (text, draw) => text.replaceAll('\n', draw.pick(['\r\n', '\r', '\u0085', '\u2028', '\n\n'])),
  'one line': (text) => text.replaceAll('\n', ' '),
  shuffle: (text, { below }) => text.split('\n').map((line) => ({ line, order: below(1e9) })).sort((a, b) => a.order - b.order).map(({ line }) => line).join('\n'),
  'only tokens': (_, draw) => Array.from({ length: draw.below(200) }, () => draw.pick([...TOKENS, ...KEYS, ...VALUES])).join(''),
  noise: (_, { below }) => Array.from({ length: below(400) }, () => String.fromCharCode(below(65536))).join(''),
  untouched: (text) => text,
}; // biome-ignore format: a table

function repeat(times: number, text: string, change: (text: string) => string): string {
  let changed = text;
  for (let n = 0; n < times; n++) changed = change(changed);
  return changed;
}

function lines(
  text: string,
  draw: Draw,
  change: (line: string, all: readonly string[], at: number) => readonly string[],
): string {
  const all = text.split('\n');
  const at = draw.below(all.length);
  return change(all[at]!, all, at).join('\n');
}

function replaceMatch(text: string, pattern: RegExp, draw: Draw, change: (match: string) => string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const match = draw.pick(matches);
  return splice(text, match.index, match[0].length, change(match[0]));
}

const SETTINGS = [
  'grid.cells',
  'grid.tile',
  'grid.bathymetry',
  'grid.bathymetry.constant',
  'time.duration',
  'time.step',
  'time.courant',
  'model.precision',
  'model.parameters.manning',
  'sources[0].scale',
  'sources[0].faults',
  'sources[99].x',
  'sources.0.type',
  'output.stations[0].name',
  'output.stations.Hilo.every',
  'name',
  'extends',
  'small',
  'terrella',
  'a.b.c.d.e.f',
  '',
  '.',
  '[0]',
  'a[b]',
  '__proto__.x',
  'constructor.prototype.x',
  'grid',
  'sources',
  'expect',
];

/** An endless row of mutants of the given texts, the same for the same seed. One to three mutations each. */
export function* mutants(texts: readonly string[], seed: number): Generator<Mutant> {
  const draw = drawing(seededRandom(seed));
  const kinds = Object.keys(MUTATIONS);
  for (;;) {
    let text = draw.pick(texts);
    const chosen = Array.from({ length: 1 + draw.below(3) }, () => draw.pick(kinds));
    for (const kind of chosen) text = MUTATIONS[kind]!(text === '' ? ' ' : text, draw);
    const overrides = draw.chance(0.25)
      ? Array.from(
          { length: 1 + draw.below(3) },
          () => `${draw.pick(SETTINGS)}${draw.pick(['=', '=', '=', '', '=='])}${draw.pick(VALUES)}`,
        )
      : [];
    yield { kind: chosen.join(' + '), text, overrides };
  }
}
