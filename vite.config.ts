import { defineConfig } from 'vitest/config';

/** Tests of one module each, which share nothing but what they import: they need no process of their own. */
const UNITS = [
  ...['math', 'grid', 'kernels', 'compiler', 'models', 'sources', 'timesteppers'].map((layer) => `engine/${layer}`),
  ...['protocol', 'coordinator', 'plot', 'store', 'node'].map((part) => `workers/${part}`),
  ...['scenarios', 'science', 'viewer'],
].map((directory) => `test/${directory}/**/*.test.ts`);

export default defineConfig({
  root: 'viewer',
  // Works from any folder of any host.
  base: './',
  // Preact's own JSX.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: { outDir: '../dist/viewer', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 800 },
  test: {
    root: '.',
    projects: [
      { extends: true, test: { name: 'units', include: UNITS, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: UNITS } },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers than cores only make timings worse.
    maxWorkers: 2,
    reporters: ['default', './test/closing-line-reporter.ts'],
  },
});
