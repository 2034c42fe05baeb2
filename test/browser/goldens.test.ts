import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
import { readPng } from '../workers/plot/read-png.ts';
import { browserTier, builtViewer, inViewer, type OpenPage, openBrowser, openViewer, until } from './browser.ts';

/**
 * Pictures as they were when somebody looked at them and found them right. TERRELLA_GOLDENS=write makes them anew: look at
 * each before it is committed, and say why it changed.
 */
const GOLDENS = fileURLToPath(new URL('./goldens/', import.meta.url));
/** Pictures are held against each other in squares of so many pixels, so that a letter's edge does not count. */
const SQUARE = 8;

const SIZE = { width: 960, height: 600 };
const PHONE = { width: 390, height: 844 };
const PICTURES = [
  ['globe', 'layers=field,coast,graticule', SIZE],
  ['map', 'layers=field,coast,graticule,stations&view=equirectangular', SIZE],
  ['legend', 'view=globe&layers=field,coast&panel=colours', SIZE],
  ['panels', 'view=globe&layers=field,coast&panel=layers', SIZE],
  ['operations-map', 'view=globe&layers=field,coast,tiles&panel=operations', SIZE],
  ['phone', 'view=globe&layers=field,coast&panel=layers', PHONE],
] as const;

browserTier('pictures of the viewer', () => {
  let browser: Browser;
  let run: SmallLive;
  let gateway: Gateway;

  beforeAll(async () => {
    run = await beginRun('gaussian-hump', { set: ['time.duration=3 h'] });
    await stateHash(run);
    gateway = await serve(boardOf(run), { viewer: builtViewer() });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    removeDirectories();
  });

  /** One page for all pictures of a size, which follows one link after the other. */
  const opened = new Map<object, Promise<OpenPage>>();

  it.each(PICTURES)('%s', async (name, link, viewport) => {
    const hash = `#at=40,15,1&t=0&limits=-0.3,0.3&${link}`;
    const known = opened.get(viewport) ?? openViewer(browser, `http://127.0.0.1:${gateway.port}/${hash}`, { viewport });
    opened.set(viewport, known);
    const { page } = await known;
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await inViewer(page, 'state.playing.value = false; state.seconds.value = undefined;');
    await until(page, 'state.shown.value.seconds === 10800 && document.fonts.status === "loaded"');
    // Shores, labels and the panel's own chunk come a little later.
    await page.waitForTimeout(2500);
    const png = await page.screenshot();
    const file = `${GOLDENS}${name}.png`;
    if (process.env.TERRELLA_GOLDENS === 'write') writeFileSync(file, png);
    if (!existsSync(file)) throw new Error(`${file} is missing. Make it with TERRELLA_GOLDENS=write and look at it.`);
    const [found, golden] = [readPng(png), readPng(readFileSync(file))];
    expect([found.width, found.height]).toEqual([golden.width, golden.height]);
    let [far, squares] = [0, 0];
    for (let y = 0; y + SQUARE <= golden.height; y += SQUARE)
      for (let x = 0; x + SQUARE <= golden.width; x += SQUARE) {
        const difference = [0, 1, 2].map((channel) => {
          let sum = 0;
          for (let dy = 0; dy < SQUARE; dy++)
            for (let dx = 0; dx < SQUARE; dx++)
              sum += found.at(x + dx, y + dy)[channel]! - golden.at(x + dx, y + dy)[channel]!;
          return Math.abs(sum) / (SQUARE * SQUARE);
        });
        squares++;
        if (Math.max(...difference) > 12) far++;
      }
    expect(far / squares).toBeLessThan(0.01);
  });
});
