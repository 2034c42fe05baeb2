import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStored } from '../../workers/cli/stored-runs.ts';
import { exportSite } from '../../workers/gateway/export-site.ts';
import { beginRun, keepResult, newDirectory, removeDirectories, SEA } from '../workers/gateway/small-gateway.ts';
import { readPng } from '../workers/plot/read-png.ts';
import { writeSmallOcean } from '../workers/run/small-ocean.ts';
import { browserTier, builtViewer, inViewer, openBrowser, openViewer, until } from './browser.ts';
import { serveFiles } from './serve-files.ts';

/** Files lie in a folder of their host, not at its top. */
const FOLDER = '/somewhere/islands/';

/** Pictures of a GIF, by its own blocks. */
function gifFrames(bytes: Buffer): { readonly width: number; readonly height: number; readonly delays: number[] } {
  if (bytes.toString('latin1', 0, 6) !== 'GIF89a') throw new Error('not a GIF');
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const afterBlocks = (at: number): number => (bytes[at] === 0 ? at + 1 : afterBlocks(at + 1 + bytes[at]!));
  const delays: number[] = [];
  let [pictures, delay] = [0, 0];
  let at = 13 + tableBytes(bytes[10]!);
  for (;;) {
    if (bytes[at] === 0x3b) break;
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delay = 10 * bytes.readUInt16LE(at + 4);
      at = afterBlocks(at + 2);
    } else if (bytes[at] === 0x2c) {
      pictures++;
      delays.push(delay);
      at = afterBlocks(at + 11 + tableBytes(bytes[at + 9]!));
    } else throw new Error(`block ${bytes[at]} at ${at} is none of a GIF`);
  }
  if (at !== bytes.length - 1) throw new Error(`${bytes.length - 1 - at} bytes after the end`);
  expect(pictures).toBe(delays.length);
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), delays };
}

browserTier('a run as files on any host', () => {
  let browser: Browser;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    const run = await beginRun(writeSmallOcean(newDirectory()), { watched: false });
    await keepResult(run);
    const site = newDirectory();
    await exportSite(await openStored(run.directory, () => true), {
      viewer: builtViewer(),
      directory: site,
      engine: 'Terrella',
    });
    server = await serveFiles(site, FOLDER);
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${FOLDER}`;
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await new Promise((done) => server?.close(done));
    removeDirectories();
  });

  /** The one thing that goes wrong is that there is no gateway; a browser says so by itself. */
  const unexpected = (complaints: readonly string[]) => complaints.filter((text) => !/WebSocket connection/.test(text));

  /** Bytes of what an expression of the page gives as a Blob. */
  const bytesOf = async (page: Page, blob: string) => {
    const { type, text } = await inViewer<{ type: string; text: string }>(
      page,
      `const blob = await ${blob};
       const bytes = new Uint8Array(await blob.arrayBuffer());
       let text = '';
       for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
       return { type: blob.type, text: btoa(text) };`,
    );
    return { type, bytes: Buffer.from(text, 'base64') };
  };

  it('shows the run, plays it to its end, and has its gauges', async () => {
    const { page, complaints } = await openViewer(browser, address, { reducedMotion: 'no-preference' });
    expect(
      await inViewer(page, 'return [state.connection.value.phase, state.run.value.id, state.progress.value.state];'),
    ).toEqual(['site', 'small-ocean', 'finished']);
    await page.getByText('Islands and two waves').first().waitFor();
    // Nobody has to press anything; but a test need not wait for all of it.
    await until(page, 'state.playing.value && state.shown.value.seconds > 1000');
    await inViewer(page, 'state.playbackSpeed.value = 20000;');
    await until(page, '!state.playing.value && state.seconds.value === state.progress.value.times.at(-1)');
    await until(page, 'state.shown.value.seconds === 10560');

    await inViewer(page, "state.panel.value = 'stations';");
    const gauges = await inViewer<{ id: string; count: number; spread: number }[]>(
      page,
      `return state.stations.value.stations.map(({ id, model }) => ({
         id, count: model.values.length, spread: Math.max(...model.values) - Math.min(...model.values) }));`,
    );
    expect(gauges.map(({ id }) => id)).toEqual(['near', 'far-side']);
    for (const { count, spread } of gauges) {
      expect(count).toBeGreaterThan(20);
      expect(spread).toBeGreaterThan(0.01);
    }
    await page.getByText('far side').first().waitFor();
    expect(await inViewer(page, 'return state.notice.value ?? null;')).toBeNull();
    expect(unexpected(complaints)).toEqual([]);
    await page.context().close();
  });

  it('shows every field, and says why nothing can be changed', async () => {
    const { page, complaints } = await openViewer(browser, `${address}#t=3600`);
    const fields = await inViewer<string[]>(page, 'return state.run.value.fields.map(({ name }) => name);');
    expect(fields).toContain('arrival_time');
    for (const field of fields) {
      await inViewer(page, `state.fieldName.value = '${field}';`);
      await until(
        page,
        `state.shown.value.field === '${field}' && state.shown.value.high > state.shown.value.low`,
        10_000,
      );
    }
    await inViewer(page, "state.fieldName.value = undefined; state.panel.value = 'what-if';");
    await inViewer(page, 'state.epicentre.value = { longitude: 49, latitude: 30, magnitude: 8 };');
    await until(page, `state.shown.value.field === '${SEA}'`);
    expect(unexpected(complaints)).toEqual([]);
    await page.context().close();
  });

  it.runIf(process.env.TERRELLA_DEPTH === 'deep')(
    'saves what is on the screen as a PNG, and a journey through time as a GIF',
    async () => {
      const { page, complaints } = await openViewer(browser, `${address}#at=45,33,1.3&t=3600`, {
        viewport: { width: 900, height: 600 },
      });
      await until(page, 'state.shown.value.seconds === 3600');
      const points = [350, 450, 550].flatMap((x) => [120, 200, 280, 360].map((y) => ({ x, y })));
      // Land comes when it comes: the pixels are read in the same turn.
      const picture = await bytesOf(
        page,
        `(() => {
         const saved = actions.savePicture();
         const gl = director.scene.renderer.getContext();
         globalThis.pixels = ${JSON.stringify(points)}.map(({ x, y }) => {
           const found = new Uint8Array(4);
           gl.readPixels(x, gl.drawingBufferHeight - 1 - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, found);
           return [...found.slice(0, 3)];
         });
         return saved;
       })()`,
      );
      expect(picture.type).toBe('image/png');
      const { width, height, at } = readPng(picture.bytes);
      expect([width, height]).toEqual([900, 600]);
      // Away from title and legend it is what the canvas shows, and that is more than night.
      const shown = await inViewer<number[][]>(page, 'return globalThis.pixels;');
      expect(points.map(({ x, y }) => at(x, y))).toEqual(shown);
      expect(new Set(shown.map((colour) => colour.join())).size).toBeGreaterThan(1);

      const told: number[] = await inViewer(page, 'globalThis.told = []; return globalThis.told;');
      expect(told).toEqual([]);
      const film = await bytesOf(page, 'actions.saveAnimation(0, 7200, 5, (done) => globalThis.told.push(done))');
      expect(film.type).toBe('image/gif');
      expect(gifFrames(film.bytes)).toEqual({ width: 800, height: 533, delays: [80, 80, 80, 80, 80] });
      expect(await page.evaluate('globalThis.told')).toEqual([1, 2, 3, 4, 5]);
      // Afterwards the time is what it was.
      expect(await inViewer(page, 'return [state.seconds.value, state.playing.value];')).toEqual([3600, false]);
      expect(unexpected(complaints)).toEqual([]);
      await page.context().close();
    },
  );
});
