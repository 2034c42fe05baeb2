import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { loadNamed } from '../workers/cli/load.ts';
import { recipeOf } from '../workers/gateway/recipe.ts';
import { recipePath } from '../workers/protocol/recipe.ts';
import { packageRoot } from '../workers/store/provenance.ts';
import { CASES, type GpuRow, SIZES, settingsOf } from './gpu-cases.ts';

/** A size of a case, and the name of the recipe that has it. */
interface SizedCase {
  readonly cells: number;
  readonly tile: number;
  readonly recipe: string;
}

/** What the page is to measure. */
export interface PageCases {
  readonly cases: readonly {
    readonly model: string;
    readonly sizes: Readonly<Record<'card' | 'software', readonly SizedCase[]>>;
  }[];
  /** How long each back end is timed [s]. */
  readonly seconds: number;
}

export interface BrowserBenchOptions {
  readonly cases?: readonly { readonly model: string; readonly scenario: string }[];
  readonly sizes?: Readonly<Record<'card' | 'software', readonly (readonly [cells: number, tile: number])[]>>;
  readonly seconds?: number;
  readonly onRow: (row: GpuRow) => void;
}

/** What the page says when it is done. */
export interface BrowserBenchEnd {
  /** The browser's own name for itself. */
  readonly browser: string;
  readonly failed?: string;
}

export interface BrowserBench {
  /** Where a browser finds the page. */
  readonly url: string;
  readonly ended: Promise<BrowserBenchEnd>;
  close(): void;
}

/** A message of the page is no longer than this [bytes]. */
const LONGEST = 64 * 1024;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Terrella: how fast is this graphics card?</title>
<link rel="icon" href="data:,">
<style>body { font: 15px/1.5 system-ui; margin: 2rem; } pre { font: 13px/1.6 ui-monospace, monospace; white-space: pre-wrap; }</style>
<h1>How fast is this graphics card?</h1>
<p>The kernels of each model, by WebAssembly, WebGL and WebGPU. It takes some minutes; leave this page in front.</p>
<pre></pre>
<script type="module" src="page.js"></script>
</html>
`;

async function bundlePage(): Promise<string> {
  const made = await build({
    configFile: false,
    root: packageRoot(),
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: 'bench/gpu-page.ts', output: { format: 'es', codeSplitting: false } },
    },
  });
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((each) => ('output' in each ? each.output : []));
  const chunk = outputs.find((each) => each.type === 'chunk');
  if (!chunk) throw new Error('BenchFailed: nothing was made of bench/gpu-page.ts. Run npm ci.');
  return chunk.code;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).length;
    if (bytes > LONGEST) throw new Error(`BadMessage: more than ${LONGEST} bytes.`);
    parts.push(part as Buffer);
  }
  return printable(Buffer.concat(parts).toString());
}

function rowFrom(value: unknown): GpuRow {
  const row = value as GpuRow;
  const isRow =
    row?.event === 'bench-gpu' &&
    [row.model, row.backend, row.on].every((text) => typeof text === 'string') &&
    [row.cells, row.tile, row.millionCellStagesPerSecond].every(Number.isFinite);
  if (!isRow) throw new Error('BadMessage: no row of the bench.');
  return row;
}

/** What a terminal would take for a command is left out of all texts. */
const printable = (text: string): unknown =>
  JSON.parse(text, (_, value) => (typeof value === 'string' ? value.replace(/\p{C}/gu, '') : value));

function endFrom(value: unknown): BrowserBenchEnd {
  const end = value as BrowserBenchEnd;
  if (typeof end?.browser !== 'string') throw new Error('BadMessage: no end of the bench.');
  return end;
}

/** Serves a page on the loopback that measures the graphics device of whatever browser opens it. */
export async function serveBrowserBench({
  cases = CASES,
  sizes = SIZES,
  seconds = 1,
  onRow,
}: BrowserBenchOptions): Promise<BrowserBench> {
  const code = await bundlePage();
  const served = new Map<string, () => Promise<string | Uint8Array>>([
    ['', async () => PAGE],
    ['page.js', async () => code],
  ]);
  const offer = async (scenario: string, cells: number, tile: number): Promise<SizedCase> => {
    const recipe = `${scenario}-${cells}-${tile}`;
    const loaded = await loadNamed(scenario, { set: settingsOf(cells, tile), small: false });
    const made = await recipeOf(loaded);
    if (!made) throw new Error(`BenchFailed: the files of ${scenario} are not there. Run npm ci in a fresh clone.`);
    served.set(recipePath(recipe), async () => JSON.stringify(made.recipe));
    for (const [path, file] of made.files) served.set(path, () => readFile(file));
    return { cells, tile, recipe };
  };
  const offered: PageCases['cases'][number][] = [];
  for (const { model, scenario } of cases) {
    const [card, software]: [SizedCase[], SizedCase[]] = [[], []];
    for (const [cells, tile] of sizes.card) card.push(await offer(scenario, cells, tile));
    for (const [cells, tile] of sizes.software) software.push(await offer(scenario, cells, tile));
    offered.push({ model, sizes: { card, software } });
  }
  served.set('cases.json', async () => JSON.stringify({ cases: offered, seconds } satisfies PageCases));

  let end!: (said: BrowserBenchEnd) => void;
  const ended = new Promise<BrowserBenchEnd>((done) => {
    end = done;
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent((request.url ?? '/').slice(1).replace(/\?.*$/, ''));
    if (request.method === 'POST') {
      // Any page that this browser has open may send here.
      const { origin, host } = request.headers;
      if (origin !== undefined && origin !== `http://${host}`) throw new Error('BadMessage: from another page.');
      const body = await bodyOf(request);
      if (path === 'row') onRow(rowFrom(body));
      else if (path === 'end') end(endFrom(body));
      else throw new Error(`BadMessage: nothing takes ${path}.`);
      response.end();
      return;
    }
    const content = served.get(path);
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    const bytes = await content();
    const type = path === '' ? 'text/html' : path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(400);
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ended,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
