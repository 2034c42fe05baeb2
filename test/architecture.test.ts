import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Layers inside `engine`: an import may only point left. */
const ENGINE_LAYERS = [
  'math',
  'grid',
  'kernels',
  'compiler',
  'sources',
  'models',
  'timesteppers',
  'backends',
  'simulation',
];

/** What each root may import of the project. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  engine: ['engine'],
  scenarios: ['scenarios', 'engine'],
  workers: ['workers', 'scenarios', 'engine'],
  bench: ['bench', 'workers', 'scenarios', 'engine'],
  viewer: ['viewer', 'workers', 'engine'],
};

function sourceFiles(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root where the import is relative. */
  readonly to: string | undefined;
}

function importsOf(file: string): Import[] {
  const specifiers = ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);
  return specifiers.map((specifier) => ({
    from: relative(ROOT, file),
    specifier,
    to: specifier.startsWith('.') ? relative(ROOT, resolve(dirname(file), specifier)) : undefined,
  }));
}

/** What is left of a file's imports when it runs: types are gone. */
function runtimeImportsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replace(/^(?:import|export) type\b[^;]*;/gm, '');
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
}

/** What a page computes with, beside the project's own code: nothing of Node. */
const LIBRARIES_OF_A_PAGE = [
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'acorn',
  'comlink',
  'gpu.js',
  'h5wasm',
  'msgpackr',
  'numcodecs/lz4',
  'yaml',
];

const allImports = Object.keys(ALLOWED).flatMap((root) => sourceFiles(root).flatMap(importsOf));

describe('imports point one way', () => {
  it('between the roots', () => {
    const breaches = allImports.filter(({ from, to }) => {
      const allowed = ALLOWED[from.split(sep)[0]!]!;
      return to !== undefined && !allowed.includes(to.split(sep)[0]!);
    });
    expect(breaches).toEqual([]);
    expect(allImports.length).toBeGreaterThan(200);
  });

  it('from what viewers and gateway share to libraries that run in a page, and to nothing else of the project', () => {
    const shared = allImports.filter(({ from }) => from.startsWith(join('workers', 'protocol') + sep));
    const breaches = shared.filter(
      ({ to }) =>
        to !== undefined && !to.startsWith(join('workers', 'protocol') + sep) && !to.startsWith(`engine${sep}`),
    );
    expect(breaches).toEqual([]);
    const libraries = shared.flatMap(({ to, specifier }) => (to === undefined ? [specifier] : []));
    expect([...new Set(libraries)].sort()).toEqual(['msgpackr', 'numcodecs/lz4']);
  });

  it('from the viewer to what it shares with the gateway and to colours, and to nothing else of workers', () => {
    const shared = [
      join('workers', 'protocol'),
      // Made for pages: the engine on a visitor's own machine.
      join('workers', 'page'),
      ...['colour-maps', 'colour-scale', 'ticks'].map((name) => join('workers', 'plot', name)),
    ];
    const breaches = allImports.filter(
      ({ from, to }) =>
        from.startsWith(`viewer${sep}`) &&
        to?.startsWith(`workers${sep}`) &&
        !shared.some((path) => to.startsWith(path)),
    );
    expect(breaches).toEqual([]);
  });

  it('from what a page computes with to nothing that a page has not', () => {
    const seen = new Map<string, string>();
    const walk = (file: string, from: string): void => {
      if (seen.has(file)) return;
      seen.set(file, from);
      for (const specifier of runtimeImportsOf(file)) {
        if (!specifier.startsWith('.')) libraries.add(specifier);
        else walk(resolve(dirname(file), specifier), relative(ROOT, file));
      }
    };
    const libraries = new Set<string>();
    for (const file of sourceFiles(join('workers', 'page'))) walk(file, '');
    expect(seen.size).toBeGreaterThan(100);
    expect([...libraries].sort()).toEqual(LIBRARIES_OF_A_PAGE);
  });

  it('inside the engine: math → grid → kernels → compiler → sources → models → timesteppers → backends → simulation', () => {
    const layer = (path: string) => ENGINE_LAYERS.indexOf(path.split(sep)[1]!);
    const inside = allImports.filter(
      ({ from, to }) => from.startsWith(`engine${sep}`) && to?.startsWith(`engine${sep}`),
    );
    const unknown = inside.filter(({ from, to }) => layer(from) < 0 || layer(to!) < 0);
    const breaches = inside.filter(({ from, to }) => layer(to!) > layer(from));
    expect(unknown).toEqual([]);
    expect(breaches).toEqual([]);
  });

  it('the engine uses no Node API and only libraries that run in a browser tab', () => {
    const libraries = new Set(
      allImports
        .filter(({ from, to }) => from.startsWith(`engine${sep}`) && to === undefined)
        .map(({ specifier }) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect([...libraries].sort()).toEqual(['@noble/hashes', 'acorn']);
  });
});

describe('the engine is pure', () => {
  it('calls no clock, no randomness and no mathematics whose bits differ between machines', () => {
    const forbidden =
      /\b(?:Date\.now|new Date|performance\.|Math\.(?:random|sin|cos|tan|asin|acos|atan2?|exp|expm1|log|log10|log2|log1p|pow|cbrt|sinh|cosh|tanh|hypot)\b|process\.|globalThis\.|console\.)/;
    const breaches = sourceFiles('engine').flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((text, index) => ({
          where: `${relative(ROOT, file)}:${index + 1}`,
          code: text.replace(/\/\/.*|\/?\*.*|'[^']*'|`[^`]*`/g, ''),
        }))
        .filter(({ code }) => forbidden.test(code) || /[\w)\]] \*\* [\w(]/.test(code)),
    );
    expect(breaches).toEqual([]);
  });
});

describe('the machines of a cluster are pure', () => {
  const files = ['node', 'coordinator']
    .flatMap((folder) => sourceFiles(join('workers', folder)))
    .filter((file) => /-machine\.ts$|placement\.ts$|curve\.ts$|speed\.ts$/.test(file));

  it('they import each other, messages and the engine, and no library', () => {
    expect(files.length).toBe(6);
    const allowed = [join('workers', 'node'), join('workers', 'coordinator'), join('workers', 'protocol'), 'engine'];
    const breaches = files
      .flatMap(importsOf)
      .filter(({ to }) => to === undefined || !allowed.some((path) => to.startsWith(path + sep)));
    expect(breaches).toEqual([]);
  });

  it('they await nothing, and ask no clock and no chance: time is an event', () => {
    const forbidden = /\b(?:await|async|setTimeout|setInterval|Date|performance|process|console)\b|Math\.random/;
    const breaches = files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((text, index) => ({ where: `${relative(ROOT, file)}:${index + 1}`, text }))
        .filter(({ text }) => forbidden.test(text.replace(/\/\/.*|\/?\*.*|'[^']*'|`[^`]*`/g, ''))),
    );
    expect(breaches).toEqual([]);
  });
});
