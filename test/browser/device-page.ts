import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { PROGRAM } from './browser.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a module for pages, with all that it imports. */
export async function bundle(entry: string): Promise<string> {
  const made = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rolldownOptions: { input: entry, output: { format: 'es', codeSplitting: false } },
    },
  });
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((each) => ('output' in each ? each.output : []));
  const code = outputs.find((each) => each.type === 'chunk');
  if (!code) throw new Error(`nothing was made of ${entry}`);
  return code.code;
}

/** A browser that draws, and computes, without a graphics card. */
export const openDeviceBrowser = (flags: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', ...flags] });

export interface DevicePage {
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: string[];
}

/** An empty page with a module's code in it, on an address that browsers trust as they do their own. */
export async function openDevicePage(browser: Browser, code: string): Promise<DevicePage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A stall of a read is what a read is.
    if (
      (message.type() === 'error' || message.type() === 'warning') &&
      !/GPU stall due to ReadPixels/.test(message.text())
    )
      complaints.push(message.text());
  });
  await page.route('**/*', (route) =>
    route.request().url().endsWith('/code.js')
      ? route.fulfill({ contentType: 'text/javascript', body: code })
      : route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/code.js"></script>',
        }),
  );
  await page.goto('http://localhost/');
  await page.waitForFunction('globalThis.page !== undefined');
  return { page, complaints };
}

type PageFunctions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Calls a function of `globalThis.page`; numbers that JSON has no word for go along too. */
export type PageCall<P extends PageFunctions> = <K extends keyof P & string>(
  name: K,
  ...args: Parameters<P[K]>
) => Promise<Awaited<ReturnType<P[K]>>>;

export const callPage = <T>(page: Page, name: string, args: readonly (string | number)[]): Promise<T> =>
  page.evaluate(
    `page.${name}(${args.map((arg) => (typeof arg === 'string' ? JSON.stringify(arg) : String(arg))).join(', ')})`,
  );
