import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { project, type View } from '../../viewer/globe/projection.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import {
  beginRun,
  boardOf,
  removeDirectories,
  type SmallLive,
  serve,
  stateHash,
} from '../workers/gateway/small-gateway.ts';
import {
  browserTier,
  builtViewer,
  inViewer,
  type OpenPage,
  openBrowser,
  openViewer,
  pixelsOf,
  readingOf,
  until,
} from './browser.ts';

/** All on every map that is seen from 25° E on the equator, from where no pole is seen to open. */
const PLACES = [
  [30, 20],
  [45, 20],
  [45, 35.264],
  [0, 0],
  [20, -10],
  [-30, 25],
  [70, 10],
  [35, 44],
  [-10, -5],
  [60, 60],
] as const;
const WAYS = [
  ['globe', 'equirectangular'],
  ['globe', 'mercator'],
  ['mollweide', 'globe'],
  ['mercator', 'mollweide'],
  ['equirectangular', 'polar'],
] as const;

browserTier('a map that becomes another', () => {
  let browser: Browser;
  let run: SmallLive;
  let gateway: Gateway;

  beforeAll(async () => {
    run = await beginRun('gaussian-hump', { set: ['grid.cells=48', 'grid.tile=24', 'time.duration=3 h'] });
    await stateHash(run);
    gateway = await serve(boardOf(run), { viewer: builtViewer() });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    removeDirectories();
  });

  /** Bright where there is anything, so that a hole shows the night. */
  const open = async (options = {}) => {
    const opened = await openViewer(
      browser,
      `http://127.0.0.1:${gateway.port}/#at=25,0,1&layers=field&colours=viridis&limits=-0.3,0.3`,
      options,
    );
    await inViewer(opened.page, 'state.playing.value = false; state.seconds.value = undefined;');
    await until(opened.page, 'state.shown.value.seconds === 10800');
    return opened;
  };

  const settledPixels = async (page: Page, projection: string) => {
    await inViewer(page, `state.projection.value = '${projection}';`);
    const where = await inViewer<View>(page, 'return director.view();');
    const points = PLACES.map(([longitude, latitude]) => project(where, { longitude, latitude })!);
    return { points, pixels: await pixelsOf(page, points) };
  };

  const bend = (from: string, to: string, share: number) => `{ from: '${from}', to: '${to}', share: ${share} }`;

  let shared: Promise<OpenPage> | undefined;

  it.each(process.env.TERRELLA_DEPTH === 'deep' ? WAYS : WAYS.slice(0, 3))(
    '%s → %s begins and ends with the colours of the two, and has no hole between',
    async (from, to) => {
      shared ??= open();
      const { page, complaints } = await shared;
      const first = await settledPixels(page, from);
      const second = await settledPixels(page, to);
      for (const [share, { points, pixels }] of [
        [0, first],
        [1, second],
      ] as const) {
        const found = await pixelsOf(page, points, bend(from, to, share));
        const worst = found.map((colour, k) =>
          Math.max(...colour.map((channel, c) => Math.abs(channel - pixels[k]![c]!))),
        );
        expect(Math.max(...worst), `at ${share}`).toBeLessThanOrEqual(6);
      }
      const { holes, lit, differ } = await inViewer<{ holes: number; lit: number; differ: number[] }>(
        page,
        `const gl = director.scene.renderer.getContext();
       const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
       const pictures = [0, 0.5, 1].map((share) => {
         director.draw({ from: '${from}', to: '${to}', share });
         const pixels = new Uint8Array(4 * width * height);
         gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
         return Uint8Array.from({ length: width * height }, (_, k) => Math.max(pixels[4 * k], pixels[4 * k + 1], pixels[4 * k + 2]));
       });
       const isLit = (k) => pictures[1][k] > 24;
       // A hole has something on all four sides.
       const spans = (count, length, at) => Array.from({ length: count }, (_, line) => {
         const found = Array.from({ length }, (_, k) => k).filter((k) => isLit(at(line, k)));
         return [found[0] ?? length, found.at(-1) ?? -1];
       });
       const rows = spans(height, width, (y, x) => y * width + x);
       const columns = spans(width, height, (x, y) => y * width + x);
       let [holes, lit] = [0, 0];
       for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
         if (isLit(y * width + x)) lit++;
         else if (x > rows[y][0] && x < rows[y][1] && y > columns[x][0] && y < columns[x][1]) holes++;
       }
       const differ = [0, 2].map((other) => pictures[1].reduce((sum, value, k) => sum + (Math.abs(value - pictures[other][k]) > 20), 0));
       return { holes, lit, differ };`,
      );
      expect(holes).toBe(0);
      expect(lit).toBeGreaterThan(40_000);
      expect(Math.min(...differ)).toBeGreaterThan(5_000);
      expect(complaints).toEqual([]);
    },
  );

  it('bends by itself, and then shows what it would have shown at once', async () => {
    const { page, complaints } = await open({ reducedMotion: 'no-preference' });
    const { points } = await settledPixels(page, 'mollweide');
    await settledPixels(page, 'globe');
    const { pictures, last } = await inViewer<{ pictures: number; last: number[][] }>(
      page,
      `const read = () => ${readingOf(points)};
       state.projection.value = 'mollweide';
       const seen = [];
       do {
         await new Promise(requestAnimationFrame);
         seen.push(JSON.stringify(read()));
       } while (seen.length < 2 || director.isBending);
       await new Promise(requestAnimationFrame);
       return { pictures: new Set(seen).size, last: read() };`,
    );
    expect(pictures).toBeGreaterThan(3);
    expect(last).toEqual((await settledPixels(page, 'mollweide')).pixels);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('does not bend where motion is reduced', async () => {
    shared ??= open();
    const { page } = await shared;
    const wanted = await settledPixels(page, 'polar');
    await settledPixels(page, 'globe');
    const found = await inViewer<number[][]>(
      page,
      `state.projection.value = 'polar';
       await new Promise(requestAnimationFrame);
       await new Promise(requestAnimationFrame);
       return ${readingOf(wanted.points)};`,
    );
    expect(found).toEqual(wanted.pixels);
  });
});
