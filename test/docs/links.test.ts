import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The heading's anchor as forges make it: lower case, no punctuation, hyphens for spaces. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

function documents(): string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', 'CHANGELOG.md', ...below.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
}

it('every link from one of our documents to another file, picture or heading leads somewhere', () => {
  const links = documents().flatMap((document) =>
    [...readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target]) => ({
      document,
      target: target!,
    })),
  );
  const dead = links.filter(({ document, target }) => {
    const [path, anchor] = target.split('#') as [string, string?];
    const file = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path);
    return !existsSync(file) || (anchor !== undefined && !anchorsIn(file).includes(anchor));
  });
  expect(dead).toEqual([]);
  expect(links.length).toBeGreaterThan(20);
});
