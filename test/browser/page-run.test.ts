import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import { LIBRARY } from '../../workers/cli/load.ts';
import { openStored } from '../../workers/cli/stored-runs.ts';
import { exportSite } from '../../workers/gateway/export-site.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import { whatIf } from '../../workers/gateway/what-if.ts';
import {
  beginRun,
  boardOf,
  keepResult,
  newDirectory,
  removeDirectories,
  type SmallLive,
  serve,
  stateHash,
  writeYaml,
} from '../workers/gateway/small-gateway.ts';
import { browserTier, builtViewer, inViewer, openBrowser, openViewer, seriousFaults, until } from './browser.ts';
import { serveFiles } from './serve-files.ts';

const FAULTS = join(LIBRARY, 'data/sources/sift-unit-sources.csv');
/** Off Chile: longitude, latitude, magnitude. */
const STRUCK = { longitude: -73.91237, latitude: -36.2, magnitude: 8.8 };

/** Without a graphics card every pixel takes time from the run. */
const VIEW = { viewport: { width: 720, height: 480 } } as const;

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

interface Reached {
  readonly phase: string;
  readonly result?: {
    readonly stateHash?: string;
    readonly chain?: string;
    readonly device?: string;
    readonly threads: number;
  };
}

browserTier('a run computed in the page', () => {
  let browser: Browser;
  let runs: SmallLive[];
  let ocean: SmallLive;
  let gateway: Gateway;
  let host: Server;

  beforeAll(async () => {
    runs = [await beginRun('tohoku-2011'), await beginRun('williamson-2')];
    // An ocean that needs no file, so that its page is soon ready.
    ocean = await beginRun('gaussian-hump', { set: ['time.duration=2 h'], watched: false });
    await Promise.all([...runs, ocean].map(stateHash));
    await keepResult(ocean);
    gateway = await serve(boardOf(...runs), { viewer: builtViewer() });
    const site = newDirectory();
    await exportSite(await openStored(ocean.directory, () => true), {
      viewer: builtViewer(),
      directory: site,
      engine: 'Terrella',
      faults: FAULTS,
    });
    // It sends no headers that let a page share memory.
    host = await serveFiles(site, '/earth/');
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await new Promise((done) => host?.close(done));
    removeDirectories();
  });

  const ended = async (page: Page): Promise<Reached> => {
    await until(page, "['done', 'failed'].includes(globalThis.terrella.computation.computation.value.phase)");
    return inViewer<Reached>(page, 'return globalThis.terrella.computation.computation.value;');
  };

  it('has the bits of Node, with threads and without, is shown as it comes, says so, and can be cancelled', async () => {
    const { page, complaints } = await openViewer(
      browser,
      `http://127.0.0.1:${gateway.port}/#run=tohoku-2011&t=0`,
      VIEW,
    );
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    await inViewer(page, "state.panel.value = 'compute';");
    await page.getByRole('button', { name: 'Compute it here' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    expect(await inViewer(page, 'return [state.isHere.value, state.run.value.id];')).toEqual([false, 'tohoku-2011']);
    for (const { live, end, prepared } of runs) {
      const found = await end;
      if (found.outcome !== 'finished') throw new Error(found.outcome);
      const { stateHash: wanted, chain } = found.result;
      await inViewer(page, `actions.openRun('${live.id}'); state.panel.value = 'compute';`);
      await until(page, `state.run.value?.id === '${live.id}' && !state.isHere.value`);
      // By default each way once.
      const ways = DEEP ? [2, 1] : [live === runs[0]!.live ? 2 : 1];
      for (const threads of ways) {
        await inViewer(page, `globalThis.terrella.computation.threads.value = ${threads};`);
        await page.getByRole('button', { name: /^Compute it/ }).click();
        expect(await ended(page)).toMatchObject({ phase: 'done', result: { stateHash: wanted, chain, threads } });
        await page.getByText('The same bits.').waitFor();
      }
      // What is on the globe is the page's own last state.
      await until(page, `state.isHere.value && state.shown.value.step === ${prepared.steps}`);
      expect(await inViewer(page, 'return state.progress.value.stateHash;')).toBe(wanted);
      if (live === runs[0]!.live) expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Show the first run again' }).click();
      await until(page, `!state.isHere.value && state.run.value?.id === '${live.id}'`);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  it('on a graphics card is close, and says that its bits are its own; a renderer on the processor is not offered', async () => {
    const [{ live, end, prepared }] = runs as [SmallLive, ...SmallLive[]];
    await end;
    const { page, complaints } = await openViewer(browser, `http://127.0.0.1:${gateway.port}/#run=${live.id}`, VIEW);
    const last = `state.shown.value.step === ${prepared.steps}`;
    await inViewer(
      page,
      "state.playing.value = false; state.seconds.value = undefined; state.panel.value = 'compute';",
    );
    await until(page, last);
    const range = 'return [state.shown.value.low, state.shown.value.high];';
    const first = await inViewer<number[]>(page, range);
    await until(page, 'globalThis.terrella.computation.graphics.value');
    const found = await inViewer(page, 'return globalThis.terrella.computation.graphics.value;');
    expect(found).toMatchObject({ api: 'webgl', software: true, name: expect.stringMatching(/swiftshader/i) });
    const choice = page.getByRole('radio', { name: 'Graphics card' });
    expect(await choice.count()).toBe(0);

    // As it would be with a card.
    await inViewer(
      page,
      'const { graphics } = globalThis.terrella.computation; graphics.value = { ...graphics.value, software: false };',
    );
    await choice.press(' ');
    await page.getByText('rounds in a way of its own').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Compute it here' }).click();
    const reached = await ended(page);
    expect(reached).toMatchObject({
      phase: 'done',
      result: { device: expect.stringMatching(/^webgl: .*swiftshader/i) },
    });
    expect(reached.result).not.toHaveProperty('stateHash');
    await page.getByText('Done, close to the first run.').waitFor();
    expect(await page.getByText('The same bits.').count()).toBe(0);
    await until(page, `state.isHere.value && ${last}`);
    const own = await inViewer<number[]>(page, range);
    own.forEach((value, k) => {
      expect(Math.abs(value - first[k]!)).toBeLessThan(1e-4 * (first[1]! - first[0]!));
    });
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  it('of an earthquake in a link is the same everywhere, also where memory cannot be shared', async () => {
    const { yaml } = await whatIf(await openStored(ocean.directory, () => true), STRUCK, {
      file: FAULTS,
      files: nodeInputFiles(),
    });
    const wanted = await stateHash(await beginRun(writeYaml(yaml), { watched: false }));

    const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/earth/`;
    const { longitude, latitude, magnitude } = STRUCK;
    const { page } = await openViewer(
      browser,
      `${address}#what-if=${longitude},${latitude},${magnitude}&here=1&hash=${wanted}`,
      VIEW,
    );
    expect(await page.evaluate('crossOriginIsolated')).toBe(false);
    expect(await ended(page)).toMatchObject({ phase: 'done', result: { stateHash: wanted, threads: 1 } });
    await page.getByText('The same bits.').waitFor();
    await until(page, "state.isHere.value && state.run.value?.name.startsWith('what-if')");
    const link = await inViewer<string>(
      page,
      'await new Promise((done) => setTimeout(done, 400)); return location.hash;',
    );
    expect(link).toContain(`what-if=${longitude},${latitude},${magnitude}`);
    expect(link).toContain('run=gaussian-hump');
    expect(link).toContain(`hash=${wanted}`);
    await page.context().close();
  }, 180_000);
});
