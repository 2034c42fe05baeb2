import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import {
  beginRun,
  boardOf,
  removeDirectories,
  type SmallLive,
  serve,
  stateHash,
} from '../workers/gateway/small-gateway.ts';
import { browserTier, builtViewer, openBrowser, openViewer } from './browser.ts';

browserTier('a run computed in the page', () => {
  let browser: Browser;
  let runs: SmallLive[];
  let gateway: Gateway;

  beforeAll(async () => {
    runs = [await beginRun('tohoku-2011'), await beginRun('williamson-2')];
    await Promise.all(runs.map(stateHash));
    gateway = await serve(boardOf(...runs), { viewer: builtViewer() });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    removeDirectories();
  });

  it.each([1, 2])('has the bits of Node with %d threads', async (threads) => {
    const { page, complaints } = await openViewer(browser, `http://127.0.0.1:${gateway.port}/`);
    for (const run of runs) {
      const t = Date.now();
      const found = (await page.evaluate(
        `globalThis.terrella.computeForTest(${JSON.stringify(run.live.id)}, ${threads})`,
      )) as { stateHash: string };
      console.log(run.live.id, Date.now() - t, JSON.stringify(found), await stateHash(run));
      expect(found.stateHash).toBe(await stateHash(run));
    }
    expect(complaints).toEqual([]);
  });
});
