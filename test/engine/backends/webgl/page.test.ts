import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { browserTier } from '../../../browser/browser.ts';
import {
  bundle,
  callPage,
  type DevicePage,
  openDeviceBrowser,
  openDevicePage,
  type PageCall,
} from '../../../browser/device-page.ts';
import type { ExperimentName } from '../experiments.ts';
import { expectKernels, expectRest, expectRun, FURTHEST, ULPS } from '../verdicts.ts';
import { MODELS } from '../webgpu/models.ts';
import type { DevicePageApi } from './page.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

browserTier('gpu.js on WebGL2 in a page', () => {
  let browser: Browser;
  let opened: DevicePage;

  const call: PageCall<DevicePageApi> = (name, ...args) => callPage(opened.page, name, args);

  beforeAll(async () => {
    const code = await bundle('test/engine/backends/webgl/page.ts');
    browser = await openDeviceBrowser([
      ...['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
      '--js-flags=--expose-gc',
    ]);
    opened = await openDevicePage(browser, code);
  });
  afterEach(async () => {
    expect(opened.complaints.splice(0)).toEqual([]);
    expect((await call('modes')).filter((mode) => mode !== 'gpu')).toEqual([]);
  });
  afterAll(() => browser?.close());

  test('the renderer says what it is', async () => {
    const renderer = await call('renderer');
    expect(renderer.name).toMatch(/SwiftShader/);
    expect(renderer.software).toBe(true);
    expect(renderer.textureUnits).toBeGreaterThanOrEqual(16);
    expect(renderer.largestTexture).toBeGreaterThanOrEqual(2048);
  });

  test.each(MODELS.map(([name], model) => [name, model] as const))(
    `%s: all its pipelines give what WebAssembly gives, to ${ULPS} ulp of the largest`,
    async (name, model) => {
      expectKernels(name, await call('kernels', model));
      expect(await call('modes')).toEqual(['gpu']);
    },
  );

  test.each<ExperimentName>(DEEP ? ['continents', 'bowl', 'zonalFlow', 'carried'] : ['bowl'])(
    '%s: 100 steps',
    async (name) => {
      const found = await call('run', name, 100);
      expectRun(name, found);
      expect(found.work.computed).toBe(found.work.offered);
    },
  );

  test('a sea at rest over land and depths stays at rest, exactly', async () => {
    expectRest(await call('run', 'rest', DEEP ? 10 : 3));
  });

  test('disturbances and samples are the processor’s, a pause and a checkpoint in between', async () => {
    const { paused, away, samples, furthestSample, largestSample, fields } = await call('watched');
    expect(paused).toBeGreaterThan(0);
    expect(paused).toBeLessThan(24);
    expect(away).toMatch(/FieldAway: .* is newer on the device .* Fetch it first/);
    expect(samples).toBe(48);
    expect(furthestSample).toBeLessThan(1e-5);
    expect(largestSample).toBeGreaterThan(0.5);
    for (const { name, furthest } of fields) expect(furthest, name).toBeLessThan(FURTHEST);
  });

  test.each([1e5, Number.POSITIVE_INFINITY])(
    'a cell that fails with %d stops the run at the same step, and says the same',
    async (amount) => {
      const { expected, found } = await call('fault', amount);
      expect(expected).toMatchObject({ outcome: 'failed', step: 4 });
      expect(found).toEqual(expected);
    },
  );

  test('a context that is lost is an error with the cure, and the run goes on from its checkpoint', async () => {
    const { said, furthest } = await call('loss');
    for (const each of said) expect(each).toMatch(/^DeviceLost: .*SwiftShader.* Resume from the last checkpoint\.$/);
    expect(furthest).toBe(0);
    // The browser says it too.
    expect(opened.complaints.splice(0).filter((text) => !/CONTEXT_LOST/.test(text))).toEqual([]);
  });

  test('a run that does not fit is refused with the figure, the limit and the cure', async () => {
    expect(await call('tooLarge')).toMatch(
      /^TooLargeForDevice: 6 tiles of 20 × 14 values do not fit in a texture of 40 × 40, .* Use fewer cells, or the processor\.$/,
    );
  });

  test(
    `${DEEP ? 2000 : 40} steps in many calls leave textures and heap as they were`,
    async () => {
      const part = DEEP ? 500 : 10;
      const textures: number[] = [];
      const heap: number[] = [];
      const session = await opened.page.context().newCDPSession(opened.page);
      for (let k = 0; k < 4; k++) {
        textures.push(await call('leak', part));
        await session.send('HeapProfiler.collectGarbage');
        heap.push((await session.send('Runtime.getHeapUsage')).usedSize);
      }
      const left = await call('endLeak');
      console.log(
        `textures ${textures.join(' ')}, then ${left}; heap [KiB] ${heap.map((size) => Math.round(size / 1024)).join(' ')}`,
      );
      expect(textures[0]).toBeGreaterThan(10);
      expect(new Set(textures).size).toBe(1);
      expect(heap[3]! - heap[1]!).toBeLessThan(64 * 1024);
      expect(left).toBeLessThan(textures[0]!);
    },
    DEEP ? 3_600_000 : 60_000,
  );
});
