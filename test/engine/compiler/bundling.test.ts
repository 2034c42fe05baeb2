import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, describe, expect, test } from 'vitest';
import { pipelineFingerprint } from '../../../engine/compiler/fingerprint.ts';
import { layOutTile, type Pipeline, type TileLayout } from '../../../engine/compiler/pipeline.ts';
import type { Kernel } from '../../../engine/kernels/kernel.ts';
import * as tracer from '../../../engine/kernels/tracer.ts';
import * as tsunami from '../../../engine/kernels/tsunami.ts';
import { mulberry32, wildNumber } from './tile-in-memory.ts';

/** What kernels are made for that are not there ready-made. */
const RANGE = { low: -0.5, high: 2 };

const engine = (path: string) => JSON.stringify(resolve(import.meta.dirname, '../../../engine', path));

const entry = (file: string) => `
  import * as kernels from ${engine(file)};
  import { pipelineFingerprint } from ${engine('compiler/fingerprint.ts')};
  export const kernelOf = (name) =>
    typeof kernels[name] === 'function' ? kernels[name](${JSON.stringify(RANGE)}) : kernels[name];
  export const fingerprint = (name, layout) =>
    pipelineFingerprint({ name, stages: [{ kernel: kernelOf(name) }] }, layout);`;

/** Two entries, so that the bundler puts what they share into a chunk of its own. */
const ENTRIES: Readonly<Record<string, string>> = {
  tsunami: entry('kernels/tsunami.ts'),
  tracer: entry('kernels/tracer.ts'),
};
const CASES = [
  ['tsunami', tsunami, ['velocity', 'fluxX', 'fluxY', 'edgeFlux', 'tendency', 'settle', 'extremes']],
  ['tracer', tracer, ['allowanceX', 'edgeAllowance', 'tracerFluxX', 'edgeTracerFlux', 'tracerTendency']],
] as const;

interface Bundled {
  readonly kernelOf: (name: string) => Kernel;
  readonly fingerprint: (name: string, layout: TileLayout) => string;
}

const layoutOf = ({ stages }: Pipeline) =>
  layOutTile(
    'float64',
    8,
    8,
    3,
    [...new Set(stages.flatMap(({ kernel }) => [...kernel.reads, ...kernel.writes]))].map((name) => ({
      name,
      shape: 'cell',
    })),
  );

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** Bundles the entries; `compress` lets the minifier rewrite expressions, not only names. */
async function bundle(compress: boolean): Promise<(entryName: string) => Promise<Bundled>> {
  const folder = await mkdtemp(join(tmpdir(), 'terrella-bundle-'));
  folders.push(folder);
  await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entries',
        resolveId: (id) => (ENTRIES[id] ? `\0${id}` : undefined),
        load: (id) => (id.startsWith('\0') ? ENTRIES[id.slice(1)] : undefined),
      },
    ],
    build: {
      outDir: folder,
      target: 'es2022',
      rolldownOptions: {
        input: { tsunami: 'tsunami', tracer: 'tracer' },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', minify: { compress, mangle: true } },
      },
    },
  });
  return (entryName) => import(/* @vite-ignore */ pathToFileURL(join(folder, `${entryName}.js`)).href);
}

function sourceOf(kernels: object, name: string): Kernel {
  const found = (kernels as Readonly<Record<string, Kernel | ((range: typeof RANGE) => Kernel)>>)[name]!;
  return typeof found === 'function' ? found(RANGE) : found;
}

describe('kernels survive bundling', () => {
  test('with names shortened and chunks split, fingerprints are those of the sources', async () => {
    const load = await bundle(false);
    for (const [entryName, kernels, names] of CASES) {
      const bundled = await load(entryName);
      for (const name of names) {
        const kernel = sourceOf(kernels, name);
        const pipeline: Pipeline = { name, stages: [{ kernel }] };
        const layout = layoutOf(pipeline);
        const text = String(bundled.kernelOf(name).body);
        expect(text).not.toBe(String(kernel.body));
        expect(bundled.fingerprint(name, layout), name).toBe(pipelineFingerprint(pipeline, layout));
      }
    }
  });

  test('with expressions rewritten too, they compile and give the bits of the sources', async () => {
    const load = await bundle(true);
    for (const [entryName, kernels, names] of CASES) {
      const bundled = await load(entryName);
      for (const name of names) {
        const kernel = sourceOf(kernels, name);
        // Compiles it, and so checks the graph against the bundled function.
        expect(bundled.fingerprint(name, layoutOf({ name, stages: [{ kernel }] }))).toMatch(/^[0-9a-f]{64}$/);
        for (let seed = 1; seed < 40; seed++) {
          const known = new Map<string, number>();
          const random = mulberry32(seed);
          const at = (place: string) => {
            if (!known.has(place)) known.set(place, wildNumber(random, 0.05));
            return known.get(place)!;
          };
          const fields = Object.fromEntries(
            kernel.reads.map((field) => [field, (di: number, dj: number) => at(`${field} ${di + 0} ${dj + 0}`)]),
          );
          const params = Object.fromEntries(kernel.params.map((param) => [param, at(param)]));
          expect(bundled.kernelOf(name).body(fields, params)).toEqual(kernel.body(fields, params));
        }
      }
    }
  });
});
