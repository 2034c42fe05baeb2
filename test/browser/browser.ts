import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { tier } from '../tiers.ts';

const VIEWER = fileURLToPath(new URL('../../dist/viewer', import.meta.url));
const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
export const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Tests that look at the viewer in a real browser, drawing without a graphics card. */
export const browserTier = tier('chromium', () => existsSync(PROGRAM), 'apt-get install -y chromium');

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: PROGRAM,
    args: [
      ...['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
      // The same text on every machine.
      ...['--force-device-scale-factor=1', '--font-render-hinting=none', '--disable-lcd-text'],
    ],
  });

/** Where the built viewer lies. */
export function builtViewer(): string {
  if (!existsSync(join(VIEWER, 'index.html'))) throw new Error('The viewer is not built. Run: npm run build');
  return VIEWER;
}

export interface OpenPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: string[];
}

/**
 * A page that shows the address, once a frame of a field is on it, or something else of the viewer is so. It plays nothing by
 * itself unless told, as for visitors who want no motion: drawing without a graphics card takes both cores.
 */
export async function openViewer(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  isThere = 'state.shown.value !== undefined',
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(address);
  await until(page, isThere);
  await until(page, 'state.settled.value');
  return { page, complaints };
}

/** Waits until an expression of the viewer's state holds; the page's own policy forbids the browser driver to poll. */
export async function until(page: Page, expression: string, patience = 60_000): Promise<void> {
  const end = Date.now() + patience;
  while (
    !(await page.evaluate(
      `(() => { const { state, cluster } = globalThis.terrella ?? {}; return state && (${expression}); })()`,
    ))
  ) {
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs code in the page with the viewer's state and director; what it returns comes back as data. */
export const inViewer = <T>(page: Page, code: string): Promise<T> =>
  page.evaluate(`(async () => { const { state, director, actions } = globalThis.terrella; ${code} })()`) as Promise<T>;

/** Reads colours of pixels, counted from the upper left, off the canvas as it is: an expression for `inViewer`. */
export const readingOf = (points: readonly { readonly x: number; readonly y: number }[]): string =>
  `${JSON.stringify(points)}.map(({ x, y }) => {
     const found = new Uint8Array(4);
     const gl = director.scene.renderer.getContext();
     gl.readPixels(Math.round(x - 0.5), gl.drawingBufferHeight - 1 - Math.round(y - 0.5), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, found);
     return [...found.slice(0, 3)];
   })`;

/** Colours of pixels, counted from the upper left, of a canvas that is drawn just before; on the way to its map if told. */
export const pixelsOf = (
  page: Page,
  points: readonly { readonly x: number; readonly y: number }[],
  bend = '',
): Promise<number[][]> => inViewer(page, `director.draw(${bend}); return ${readingOf(points)};`);

/** What axe finds on the page that keeps people out: serious or critical. */
export async function seriousFaults(page: Page): Promise<unknown> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  );
}
