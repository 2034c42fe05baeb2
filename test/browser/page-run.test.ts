import type { Browser, Page } from 'playwright-core';
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
import { browserTier, builtViewer, inViewer, openBrowser, openViewer, seriousFaults, until } from './browser.ts';

interface Reached {
  readonly phase: string;
  readonly result?: { readonly stateHash: string; readonly chain: string; readonly threads: number };
}

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

  const ended = async (page: Page): Promise<Reached> => {
    await until(page, "globalThis.terrella.computation.computation.value.phase !== 'busy'");
    return inViewer<Reached>(page, 'return globalThis.terrella.computation.computation.value;');
  };

  it('has the bits of Node, with threads and without, and says so', async () => {
    const { page, complaints } = await openViewer(browser, `http://127.0.0.1:${gateway.port}/#run=tohoku-2011`);
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    for (const run of runs) {
      const { live, end } = run;
      const found = await end;
      if (found.outcome !== 'finished') throw new Error(found.outcome);
      await inViewer(page, `actions.openRun('${live.id}'); state.panel.value = 'compute';`);
      await until(page, `state.run.value?.id === '${live.id}'`);
      for (const threads of [2, 1]) {
        await inViewer(page, `globalThis.terrella.computation.threads.value = ${threads};`);
        await page.getByRole('button', { name: /^Compute it/ }).click();
        const { stateHash, chain } = found.result;
        expect(await ended(page)).toMatchObject({ phase: 'done', result: { stateHash, chain, threads } });
        await page.getByText('The same bits.').waitFor();
      }
    }
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
