import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { browserTier } from '../../../browser/browser.ts';
import { bundle, type DevicePage, openDeviceBrowser, openDevicePage } from '../../../browser/device-page.ts';
import type { ExperimentName } from '../experiments.ts';
import { MODELS } from '../webgpu/models.ts';
import type { DevicePageApi } from './page.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

/** SwiftShader's arithmetic is IEEE's; a device that contracts and approximates as GLSL allows is to stay below. */
const ULPS = 16;

/** After 100 steps, in units of the largest departure of a field from its start. */
const FURTHEST = 1e-4;
const ROOT_MEAN_SQUARE = 2e-6;
const MASS = 1e-6;

browserTier('gpu.js on WebGL2 in a page', () => {
  let browser: Browser;
  let opened: DevicePage;

  const call = <K extends keyof DevicePageApi>(
    name: K,
    ...args: Parameters<DevicePageApi[K]>
  ): Promise<Awaited<ReturnType<DevicePageApi[K]>>> =>
    opened.page.evaluate(`page.${name}(...${JSON.stringify(args)})`) as Promise<Awaited<ReturnType<DevicePageApi[K]>>>;

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
      const findings = await call('kernels', model);
      for (const { pipeline, field, furthest, changed, largest } of findings) {
        expect(furthest, `${pipeline}: ${field}`).toBeLessThanOrEqual(ULPS);
        // What nothing wrote would agree in any case.
        expect(changed).toBeGreaterThanOrEqual(4);
        expect(largest[0], pipeline).toBe(largest[1]);
      }
      expect(await call('modes')).toEqual(['gpu']);
      console.log(`${name}: at most ${Math.max(...findings.map(({ furthest }) => furthest))} ulp`);
    },
  );

  test.each<ExperimentName>(['continents', 'bowl', 'zonalFlow', 'carried'])('%s: 100 steps', async (name) => {
    const { fields, mass, wetted, dried, work } = await call('run', name, 100);
    for (const { name: field, moved, furthest, rms } of fields) {
      // On a plane nothing moves along the third axis.
      if (name === 'bowl' && field === 'momentumZ') expect(moved).toBe(0);
      else expect(moved, field).toBeGreaterThan(0);
      expect(furthest, field).toBeLessThan(FURTHEST);
      expect(rms, field).toBeLessThan(ROOT_MEAN_SQUARE);
    }
    expect(Math.abs(mass)).toBeLessThan(MASS);
    expect(work.computed).toBe(work.offered);
    if (name === 'continents' || name === 'bowl') expect(wetted).toBeGreaterThan(10);
    if (name === 'bowl') expect(dried).toBeGreaterThan(10);
    const said = fields.map(({ name: field, furthest }) => `${field} ${furthest.toPrecision(2)}`);
    console.log(`${name}: largest differences ${said.join(', ')}; mass ${mass.toExponential(1)}`);
  });

  test('a sea at rest over land and depths stays at rest, exactly', async () => {
    const { fields } = await call('run', 'rest', 10);
    for (const { name, moved, furthest } of fields) {
      if (name === 'surface' || name.startsWith('momentum') || name === 'maximumSpeed') expect(moved, name).toBe(0);
      expect(furthest, name).toBe(0);
    }
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
      const { expected, found } = await opened.page.evaluate<Awaited<ReturnType<DevicePageApi['fault']>>>(
        `page.fault(${amount})`,
      );
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
      /^TooLargeForDevice: 24 strips of panel edges of 24 × 7 values do not fit in a texture of 64 × 64, .* Use fewer cells, or the processor\.$/,
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
