import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../workers/store/provenance.ts';

/** What the viewer is made of. */
const SOURCES = ['viewer', 'engine', 'scenarios', 'workers', 'package-lock.json', 'vite.config.ts'];

const root = packageRoot();

function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  const below = statSync(path).isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
  return Math.max(mtimeMs, ...below);
}

function builtAt(): number {
  try {
    return statSync(join(root, 'dist', 'viewer', 'index.html')).mtimeMs;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

// Bundling takes seconds that somebody who starts a run would wait for.
if (Math.max(...SOURCES.map((path) => newest(join(root, path)))) > builtAt()) {
  const { build } = await import('vite');
  await build({ logLevel: 'warn' });
}
