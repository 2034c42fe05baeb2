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
import { expectKernels, expectRest, expectRun, ULPS } from '../verdicts.ts';
import { MODELS } from './models.ts';
import type { WebgpuPage } from './page.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

browserTier('WGSL in a page', () => {
  let browser: Browser;
  let opened: DevicePage;

  const call: PageCall<WebgpuPage> = (name, ...args) => callPage(opened.page, name, args);

  beforeAll(async () => {
    const code = await bundle('test/engine/backends/webgpu/page.ts');
    browser = await openDeviceBrowser([
      ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
      ...['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    ]);
    opened = await openDevicePage(browser, code);
  });
  afterEach(async () => {
    await call('check');
    expect(opened.complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  test('the adapter is the one that was asked for', async () => {
    const { architecture, software } = await call('adapter');
    expect(architecture).toBe('swiftshader');
    expect(software).toBe(true);
  });

  // In Node the same shaders are all compared by default, see `kernels.test.ts`; the run below has those of the tsunami.
  test.each(MODELS.map(([name], model) => [name, model] as const).filter(([, model]) => DEEP || model === 2))(
    `%s: all its pipelines give what WebAssembly gives, to ${ULPS} ulp of the largest`,
    async (name, model) => {
      expectKernels(name, await call('kernels', model));
    },
  );

  test.each<ExperimentName>(DEEP ? ['continents', 'bowl', 'zonalFlow', 'carried'] : ['bowl'])(
    '%s: 100 steps',
    async (name) => {
      expectRun(name, await call('run', name, 100));
    },
  );

  test('a sea at rest over land and depths stays at rest, exactly', async () => {
    expectRest(await call('run', 'rest', DEEP ? 10 : 3));
  });
});
