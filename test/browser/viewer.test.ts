import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { project, unproject, type View } from '../../viewer/globe/projection.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import { isColourMapName } from '../../workers/plot/colour-maps.ts';
import { colourOf, colourScale } from '../../workers/plot/colour-scale.ts';
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
  seriousFaults,
  until,
} from './browser.ts';

/** Places at sea, some on the edges and a corner of panels. */
const PLACES = [
  [30, 20],
  [45, 20],
  [45, 35.264],
  [0, 0],
  [20, -30],
  [-30, 5],
  [70, 10],
  [60, -40],
  [35, 44],
  [-10, -20],
] as const;
const VIEWS =
  process.env.TERRELLA_DEPTH === 'deep'
    ? (['globe', 'equirectangular', 'mercator', 'mollweide', 'polar'] as const)
    : (['globe'] as const);

browserTier('the viewer in a browser', () => {
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

  const open = (hash = '', options = {}) =>
    openViewer(browser, `http://127.0.0.1:${gateway.port}/#token=${gateway.token}&${hash}`, options);

  it.each(VIEWS)('shows at ten places the colours of the engine’s values: %s', async (view) => {
    const { page, complaints } = await open(`view=${view}&at=25,30,1.2&t=0&layers=field&limits=-0.3,0.3`);
    // The present of a run that is over is its end.
    await inViewer(page, 'state.playing.value = false; state.seconds.value = undefined;');
    await until(page, 'state.shown.value.seconds === 10800');
    const where = await inViewer<View>(page, 'return director.view();');
    const seen = PLACES.flatMap(([longitude, latitude]) => {
      const near = project(where, { longitude, latitude });
      if (!near) return [];
      // A pixel shows the place of its middle.
      const at = { x: Math.floor(near.x) + 0.5, y: Math.floor(near.y) + 0.5 };
      return [{ ...unproject(where, at.x, at.y)!, ...at }];
    });
    expect(seen.length).toBeGreaterThanOrEqual(9);
    // What the engine has there, by the gateway's probe: the arithmetic of stations.
    const values = await inViewer<number[]>(
      page,
      `const found = [];
       for (const place of ${JSON.stringify(seen)}) {
         actions.addPin(place);
         const { id } = state.pins.value.at(-1);
         while (!state.probes.value.has(id)) await new Promise((resolve) => setTimeout(resolve, 20));
         found.push(state.probes.value.get(id).value);
         actions.removePin(id);
       }
       return found;`,
    );
    const { map, limits } = await inViewer<{ map: string; limits: [number, number] }>(
      page,
      'return state.colouring.value;',
    );
    if (!isColourMapName(map)) throw new Error(map);
    const scale = colourScale(map, limits);
    const found = await pixelsOf(page, seen);
    const worst = seen.map((_, k) =>
      Math.max(...colourOf(scale, values[k]!).map((channel, c) => Math.abs(channel - found[k]![c]!))),
    );
    expect(worst.filter((difference) => difference > 3)).toEqual([]);
    // The ring is there, so the colours are not all that of rest.
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.05);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('keeps its whole state in the address, and finds it there again', async () => {
    const hash =
      'field=maximum_amplitude&view=mollweide&at=12.5,-20,2.5&layers=field,coast,daylight&colours=viridis&limits=0.1,0.7&log=1&pins=10,20;-30.5,5&panel=layers';
    // Daylight takes its time at every pixel.
    const small = { viewport: { width: 900, height: 560 } };
    const first = await open(hash, small);
    const wanted = `({ field: state.fieldName.value, projection: state.projection.value, camera: state.camera.value,
      layers: state.layers.value, colours: state.colours.value, panel: state.panel.value,
      pins: state.pins.value.map(({ longitude, latitude }) => [longitude, latitude]) })`;
    const before = await inViewer(first.page, `return ${wanted};`);
    expect(before).toMatchObject({
      field: 'maximum_amplitude',
      projection: 'mollweide',
      camera: { longitude: 12.5, latitude: -20, zoom: 2.5 },
      colours: { map: 'viridis', limits: [0.1, 0.7], logarithmic: true },
      pins: [
        [10, 20],
        [-30.5, 5],
      ],
    });
    await inViewer(first.page, 'state.camera.value = { longitude: 40, latitude: 10, zoom: 3 };');
    await until(first.page, "location.hash.includes('at=40')");
    const address = await first.page.evaluate('location.href');
    // A link that is passed on may look, and change nothing.
    expect(address).not.toContain(gateway.token);
    const second = await openViewer(browser, String(address), small);
    const after = await inViewer(second.page, `return { ...${wanted}, token: state.token.value };`);
    expect(after).toEqual({
      ...(before as object),
      camera: { longitude: 40, latitude: 10, zoom: 3 },
      token: undefined,
    });
    await Promise.all([first, second].map(({ page }) => page.context().close()));
  });

  it('turns, zooms, asks and plays by the keyboard alone', async () => {
    const { page } = await open('at=0,0,1', { reducedMotion: 'no-preference' });
    const camera = () =>
      inViewer<{ longitude: number; latitude: number; zoom: number }>(page, 'return state.camera.value;');
    await page.focus('#globe');
    await page.keyboard.press('ArrowRight');
    expect((await camera()).longitude).toBeGreaterThan(2);
    await page.keyboard.press('ArrowUp');
    expect((await camera()).latitude).toBeGreaterThan(2);
    await page.keyboard.press('+');
    expect((await camera()).zoom).toBeGreaterThan(1.1);
    await page.keyboard.press('Enter');
    await until(page, 'state.probes.value.size === 1');
    expect(await inViewer(page, 'return state.panel.value;')).toBe('probe');
    await page.keyboard.press('Escape');
    expect(await inViewer(page, 'return state.panel.value ?? null;')).toBeNull();
    await page.keyboard.press('2');
    expect(await inViewer(page, 'return state.projection.value;')).toBe('equirectangular');
    // Everything that can be pressed can be reached.
    const reached = new Set<string>();
    for (let press = 0; press < 120; press++) {
      await page.keyboard.press('Tab');
      reached.add(
        String(
          await page.evaluate(
            "(() => { const e = document.activeElement; return e?.getAttribute('aria-label') ?? e?.textContent ?? ''; })()",
          ),
        ),
      );
    }
    const names = await page.evaluate(
      "[...document.querySelectorAll('button:not([disabled]), select, input')].filter((e) => e.offsetParent).map((e) => e.getAttribute('aria-label') ?? e.textContent ?? '')",
    );
    expect((names as string[]).filter((name) => name !== '' && !reached.has(name))).toEqual([]);
    await page.context().close();
  });

  it('draws the same again after its drawing context was lost', async () => {
    const { page } = await open('at=25,20,1.2&t=5400&layers=field,coast');
    await until(page, 'state.shown.value.seconds > 5000');
    const points = [
      { x: 640, y: 300 },
      { x: 700, y: 250 },
      { x: 560, y: 350 },
    ];
    const before = await pixelsOf(page, points);
    await inViewer(
      page,
      `const extension = director.scene.renderer.getContext().getExtension('WEBGL_lose_context');
       const canvas = document.getElementById('globe');
       const lost = new Promise((resolve) => canvas.addEventListener('webglcontextlost', resolve, { once: true }));
       extension.loseContext();
       await lost;
       await new Promise((resolve) => setTimeout(resolve, 100));
       const restored = new Promise((resolve) => canvas.addEventListener('webglcontextrestored', resolve, { once: true }));
       extension.restoreContext();
       await restored;
       await new Promise((resolve) => setTimeout(resolve, 300));`,
    );
    expect(await pixelsOf(page, points)).toEqual(before);
    await page.context().close();
  });

  it('says that the gateway is gone, and goes on when it is back', async () => {
    const first = await serve(boardOf(run), { viewer: builtViewer() });
    const { page } = await openViewer(browser, `http://127.0.0.1:${first.port}/`);
    const { port } = first;
    await first.close();
    await until(page, "state.connection.value.phase === 'lost'");
    await page
      .getByText(/connection/i)
      .first()
      .waitFor();
    const second = await serve(boardOf(run), { viewer: builtViewer(), port });
    await until(page, "state.connection.value.phase === 'open'");
    await inViewer(page, 'state.playing.value = false; state.seconds.value = 1800;');
    await until(page, 'Math.abs(state.shown.value.seconds - 1800) < 300');
    await page.context().close();
    await second.close();
  });

  describe('for everybody', () => {
    const PANELS = [
      'layers',
      'colours',
      'stations',
      'probe',
      'operations',
      'what-if',
      'compare',
      'about',
      'help',
      'share',
    ];

    // One page for what asks it one thing after the other.
    let shared: Promise<OpenPage> | undefined;
    const sharedPage = async () => {
      shared ??= open('pins=10,20');
      return (await shared).page;
    };

    it('moves nothing by itself where motion is reduced', async () => {
      const page = await sharedPage();
      expect(await inViewer(page, 'return [state.reducedMotion.value, state.playing.value];')).toEqual([true, false]);
      await inViewer(page, 'actions.flyTo({ longitude: -100, latitude: 10 });');
      expect(await inViewer(page, 'return state.camera.value.longitude;')).toBe(-100);
    });

    it('has no serious fault that axe finds, whatever panel is open', async () => {
      const page = await sharedPage();
      for (const panel of ['', ...PANELS]) {
        await inViewer(page, `state.panel.value = ${panel ? JSON.stringify(panel) : 'undefined'};`);
        await page.waitForTimeout(400);
        expect(await seriousFaults(page), panel).toEqual([]);
      }
    });

    it.each([
      [1280, 720],
      [1000, 640],
      [1600, 720],
      [390, 844],
    ])('lays nothing over anything else at %d × %d', async (width, height) => {
      const page = await sharedPage();
      // With a button for a run of the page's own.
      await inViewer(page, 'state.panel.value = undefined; state.isHere.value = true;');
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(300);
      const overlaps = await page.evaluate(`(() => {
        const boxes = [...document.querySelectorAll('#panels .glass, #panels section, #panels nav, #panels footer, #panels header')]
          .filter((e) => e.offsetParent !== null || getComputedStyle(e).position === 'fixed')
          .map((e) => ({ name: e.className || e.tagName, e, box: e.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 4 && box.height > 4);
        const found = [];
        for (const a of boxes) for (const b of boxes) {
          if (a === b || a.e.contains(b.e) || b.e.contains(a.e)) continue;
          const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (x > 1 && y > 1) found.push(a.name + ' over ' + b.name);
        }
        const dock = document.querySelector('.dock');
        return { found, boxes: boxes.length, scrolled: dock.scrollHeight - dock.clientHeight };
      })()`);
      expect((overlaps as { boxes: number }).boxes).toBeGreaterThan(3);
      expect((overlaps as { scrolled: number }).scrolled).toBe(0);
      expect((overlaps as { found: string[] }).found).toEqual([]);
    });
  });
});
