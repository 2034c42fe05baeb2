import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

/** The page is the test: its code blocks are written to files as it says, and the tests among them are run. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = 'docs/adding-a-model.md';
// One place a process, so that two test runs do not meet.
const GENERATED = join(ROOT, `test/.generated/adding-a-model-${process.pid}`);

/** The page's files by path: blocks that follow a line with nothing but a file's name, joined in order. */
function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [, path, code] of page.matchAll(/^`([\w./-]+)`\n\n```ts\n(.*?)^```$/gms)) {
    files.set(path!, `${files.has(path!) ? `${files.get(path!)}\n` : ''}${code}`);
  }
  return files;
}

/** Where a file of the page is written; its tests under a name that vitest does not look for. */
const placeOf = (path: string) => join(GENERATED, path.replace(/\.test\.ts$/, '.ts'));

/** A file with its imports as seen from there: the page's own files are its neighbours, all others the real ones. */
function redirected(path: string, code: string, files: ReadonlyMap<string, string>): string {
  return code.replace(/(?<=from ')\.[^']+(?=')/g, (specifier) => {
    const target = relative(ROOT, resolve(ROOT, dirname(path), specifier));
    const to = relative(dirname(placeOf(path)), files.has(target) ? placeOf(target) : join(ROOT, target));
    return to.startsWith('.') ? to : `./${to}`;
  });
}

const page = readFileSync(join(ROOT, PAGE), 'utf8');
const files = filesOf(page);
for (const [path, code] of files) {
  mkdirSync(dirname(placeOf(path)), { recursive: true });
  writeFileSync(placeOf(path), redirected(path, code, files));
}
afterAll(() => rmSync(GENERATED, { recursive: true, force: true }));

describe(PAGE, () => {
  it('leaves no block of TypeScript out of its files', () => {
    const blocks = page.match(/^```(?:ts|typescript)\b/gm)!;
    const inFiles = page.match(/^`[\w./-]+`\n\n```ts$/gm)!;
    expect(inFiles.length).toBe(blocks.length);
    expect([...files.keys()]).toEqual([
      'engine/models/linear-advection.ts',
      'test/engine/models/linear-advection.test.ts',
    ]);
  });

  it('passes the type checker as strictly as the engine does', () => {
    const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (problem) => {
        throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
      },
    } as ts.ParseConfigFileHost)!;
    const sources = [...files.keys()].map(placeOf);
    const program = ts.createProgram(sources, config.options);
    const problems = sources.flatMap((source) => {
      const file = program.getSourceFile(source)!;
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });
});

// What these files declare are the page's own tests.
for (const path of files.keys()) {
  if (path.endsWith('.test.ts')) await import(pathToFileURL(placeOf(path)).href);
}
