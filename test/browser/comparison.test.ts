import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import { unproject, type View } from '../../viewer/globe/projection.ts';
import type { Place } from '../../viewer/state.ts';
import { LIBRARY } from '../../workers/cli/load.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import { RunBoard } from '../../workers/gateway/run-board.ts';
import { type ColourMapName, isColourMapName } from '../../workers/plot/colour-maps.ts';
import { colourOf, colourScale } from '../../workers/plot/colour-scale.ts';
import { beginRun, newDirectory, removeDirectories, SEA, serve, stateHash } from '../workers/gateway/small-gateway.ts';
import { connect, type TestViewer } from '../workers/gateway/viewer.ts';
import {
  browserTier,
  builtViewer,
  inViewer,
  type OpenPage,
  openBrowser,
  openViewer,
  pixelsOf,
  until,
} from './browser.ts';

const [HIGH, LOW] = ['hump-high', 'hump-low'];
const SIZE = ['grid.cells=48', 'grid.tile=24'];

browserTier('two runs held against each other', () => {
  let browser: Browser;
  let gateway: Gateway;
  let asking: TestViewer;

  beforeAll(async () => {
    const hump = (longitude: number, height: string) =>
      `sources=[{ type: gaussian, longitude: ${longitude}, latitude: 20, height: ${height}, radius: 900 km }]`;
    const first = await beginRun('gaussian-hump', {
      set: [...SIZE, 'time.duration=2 h', `name=${HIGH}`, hump(30, '1 m')],
    });
    const second = await beginRun('gaussian-hump', {
      set: [...SIZE, 'time.duration=2 h', `name=${LOW}`, hump(42, '0.6 m')],
    });
    // An earthquake may be thought up on it; what a visitor starts runs here, a few steps of it.
    const ocean = await beginRun('tohoku-2011', { set: [...SIZE, 'time.duration=10 min'] });
    await Promise.all([first, second, ocean].map(stateHash));
    const board = new RunBoard({
      faults: { file: join(LIBRARY, 'data/sources/sift-unit-sources.csv'), files: nodeInputFiles() },
      starter: async (text) => {
        const file = join(newDirectory(), 'started.yaml');
        writeFileSync(file, text);
        const run = await beginRun(file);
        board.add(run.live);
        return run.live.id;
      },
    });
    for (const { live } of [first, second, ocean]) board.add(live);
    gateway = await serve(board, { viewer: builtViewer() });
    asking = await connect(gateway.port);
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await asking?.close();
    await gateway?.close();
    removeDirectories();
  });

  const open = (hash: string, options = {}) =>
    openViewer(browser, `http://127.0.0.1:${gateway.port}/#${hash}`, options);

  /** What the engine has at places at the end of a run. */
  let lastProbe = 0;
  const valuesOf = async (run: string, places: readonly Place[]): Promise<number[]> => {
    const values: number[] = [];
    for (const { longitude, latitude } of places) {
      const id = ++lastProbe;
      asking.say({ type: 'probe', id, run, field: SEA, longitude, latitude });
      values.push((await asking.next('probe', (reply) => reply.id === id)).value!);
    }
    return values;
  };

  /** Shows the end of the first run with the second beside it, on one page for all, and waits until both are there. */
  let compared: Promise<OpenPage> | undefined;
  const compare = async (mode: 'swipe' | 'difference', view = 'globe') => {
    compared ??= open(`run=${HIGH}&at=35,20,1.2&layers=field&limits=-0.3,0.3`);
    const { page, complaints } = await compared;
    await inViewer(
      page,
      `state.playing.value = false;
       state.seconds.value = undefined;
       state.projection.value = '${view}';
       state.comparison.value = { mode: '${mode}', at: 0.5, run: '${LOW}' };`,
    );
    await until(page, `state.shown.value.seconds === 7200 && state.otherRun.value?.id === '${LOW}'`);
    await until(
      page,
      `(() => { const { frame } = globalThis.terrella.director.scene.other; return frame?.run === '${LOW}' && frame.seconds === 7200; })()`,
    );
    return { page, complaints };
  };

  /** Middles of pixels on both sides of the middle of the picture, none near it. */
  const points = [-230, -160, -90, -45, 45, 90, 160, 230].flatMap((dx) =>
    [-120, -20, 90].map((dy) => ({ x: 640.5 + dx, y: 304.5 + dy })),
  );
  const pixels = (page: Page) => pixelsOf(page, points);
  const placesOn = async (page: Page) => {
    const where = await inViewer<View>(page, 'return director.view();');
    return points.map(({ x, y }) => unproject(where, x, y)!);
  };
  /** Points whose pixel is not the colour of their value. */
  const wrong = (found: readonly number[][], map: ColourMapName, values: readonly number[]) => {
    const scale = colourScale(map, [-0.3, 0.3]);
    return values.flatMap((value, k) => {
      const wanted = colourOf(scale, value);
      const worst = Math.max(...wanted.map((channel, c) => Math.abs(channel - found[k]![c]!)));
      return worst > 3 ? [{ ...points[k]!, value, wanted, found: found[k] }] : [];
    });
  };
  const mapOf = async (page: Page) => {
    const map = await inViewer<string>(page, 'return state.colouring.value.map;');
    if (!isColourMapName(map)) throw new Error(map);
    return map;
  };

  it('left of the swipe is the first run, right of it the second, wherever keys and hand move it', async () => {
    const { page, complaints } = await compare('swipe');
    const places = await placesOn(page);
    const [first, second] = [await valuesOf(HIGH, places), await valuesOf(LOW, places)];
    // The two are so unlike that one does not pass for the other.
    expect(Math.max(...first.map((value, k) => Math.abs(value - second[k]!)))).toBeGreaterThan(0.1);
    const map = await mapOf(page);
    const expectAt = async (share: number) => {
      expect(await inViewer<number>(page, 'return state.comparison.value.at;')).toBeCloseTo(share, 2);
      const wanted = points.map(({ x }, k) => (x < share * 1280 ? first[k]! : second[k]!));
      expect(wrong(await pixels(page), map, wanted), `swipe at ${share}`).toEqual([]);
    };
    await expectAt(0.5);
    const slider = page.getByRole('slider', { name: /first run ends/ });
    await slider.focus();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowLeft');
    await expectAt(0.38);
    expect(await slider.getAttribute('aria-valuenow')).toBe('38');
    await page.keyboard.press('End');
    await expectAt(1);
    await page.keyboard.press('Home');
    await expectAt(0);
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowRight');
    await expectAt(0.12);
    // The keys moved the line, and not the globe.
    expect(await inViewer(page, 'return state.camera.value;')).toEqual({ longitude: 35, latitude: 20, zoom: 1.2 });
    const box = (await slider.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(500, 300);
    await page.mouse.move(832, 300);
    await page.mouse.up();
    await expectAt(0.65);
    expect(complaints).toEqual([]);
  });

  it.each(process.env.TERRELLA_DEPTH === 'deep' ? ['globe', 'mollweide'] : ['globe'])(
    'the difference is the first less the second, in colours about zero: %s',
    async (view) => {
      const { page, complaints } = await compare('difference', view);
      const places = await placesOn(page);
      const [first, second] = [await valuesOf(HIGH, places), await valuesOf(LOW, places)];
      const difference = first.map((value, k) => value - second[k]!);
      expect(Math.min(...difference)).toBeLessThan(-0.05);
      expect(Math.max(...difference)).toBeGreaterThan(0.05);
      expect(wrong(await pixels(page), await mapOf(page), difference)).toEqual([]);
      expect(await inViewer(page, 'return state.colouring.value.limits;')).toEqual([-0.3, 0.3]);
      // Without the other, it is the first again.
      await inViewer(page, 'state.comparison.value = undefined;');
      expect(wrong(await pixels(page), await mapOf(page), first)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  const EPICENTRE = { longitude: 143.2, latitude: 37.6, magnitude: 8.4 };
  const imagine = async (page: Page) => {
    await inViewer(page, `state.epicentre.value = ${JSON.stringify(EPICENTRE)};`);
    await until(page, 'state.whatIf.value !== undefined');
    await page.getByText('The scenario, as the computation reads it').click();
  };

  it.runIf(process.env.TERRELLA_DEPTH === 'deep')(
    'a link for looking may think up an earthquake and read why, and is told why it may not run it',
    async () => {
      const { page, complaints } = await open('run=tohoku-2011&panel=what-if&at=143,37,3');
      // A click sets it, where one clicked.
      await page.mouse.click(640, 304);
      await until(page, 'state.epicentre.value !== undefined && state.whatIf.value !== undefined');
      const { longitude, latitude } = await inViewer<Place>(page, 'return state.epicentre.value;');
      expect(longitude).toBeCloseTo(143, 0);
      expect(latitude).toBeCloseTo(37, 0);
      await inViewer(page, 'state.whatIf.value = undefined;');
      await imagine(page);
      const yaml = await page.locator('.scenario pre').textContent();
      expect(yaml).toMatch(/^terrella: 1\nname: what-if-m8-4-/);
      expect(yaml).toContain('magnitude: 8.4');
      expect(yaml).toContain('grid: { cells: 48, tile: 24');
      const reasons = await page.locator('.sentences li').allTextContents();
      expect(reasons[0]).toMatch(/unit source kisz.*Japan/);
      expect(reasons.length).toBeGreaterThan(3);
      const button = page.getByRole('button', { name: 'Run it' });
      expect(await button.isDisabled()).toBe(true);
      expect(await page.locator(`#${await button.getAttribute('aria-describedby')}`).textContent()).toMatch(
        /for looking/,
      );
      // Another magnitude is another rupture.
      await inViewer(page, 'state.epicentre.value = { ...state.epicentre.value, magnitude: 9 };');
      await until(page, "state.whatIf.value.yaml.includes('magnitude: 9\\n')");
      await inViewer(page, 'state.epicentre.value = { longitude: 100, latitude: 50, magnitude: 8 };');
      await page.getByText(/there is land at this place/).waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it('a link with the token runs it: the run is on the list, and on the screen', async () => {
    const { page, complaints } = await open(`token=${gateway.token}&run=tohoku-2011&panel=what-if`);
    await imagine(page);
    const before = await inViewer<number>(page, 'return state.runs.value.length;');
    await page.getByRole('button', { name: 'Run it' }).click();
    await until(page, "state.run.value?.id.startsWith('what-if-m8-4-')");
    const { ids, run } = await inViewer<{ ids: string[]; run: string }>(
      page,
      'return { ids: state.runs.value.map(({ id }) => id), run: state.run.value.id };',
    );
    expect(ids.length).toBe(before + 1);
    expect(ids).toContain(run);
    await until(page, 'state.progress.value?.state === "finished" && state.shown.value?.seconds === 600');
    await page.getByRole('heading', { level: 1, name: /magnitude 8.4/ }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
