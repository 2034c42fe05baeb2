import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { loadNamed } from '../workers/cli/load.ts';
import { openGateway } from '../workers/gateway/gateway.ts';
import { LiveRun } from '../workers/gateway/live-run.ts';
import { RunBoard } from '../workers/gateway/run-board.ts';
import { storedFieldsAt } from '../workers/gateway/stored-fields-at.ts';
import { kernelHash } from '../workers/run/kernel-hash.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import { runScenario } from '../workers/run/run-scenario.ts';
import { packageRoot } from '../workers/store/provenance.ts';
import { memoryStore } from '../workers/store/store.ts';
import { timeWatched } from './ten-viewers.ts';

/**
 * `npm run bench:viewer`: what a frame costs from the engine to the screen, in Debian's Chromium without a graphics card.
 * --minutes N watches the page's memory for so long (default 1).
 */
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1] || 1) || 1;
const homes: string[] = [];
/** Pairs of runs with and without viewers; their median is reported. */
const TURNS = 5;

async function begin(name: string, set: readonly string[], threads: number) {
  const { scenario, identity, inputs } = await loadNamed(name, { set });
  const prepared = await prepareRun(scenario, {
    threads,
    ownThreads: true,
    form: 'wasm',
    skipRest: false,
    cache: memoryStore(),
  });
  const directory = mkdtempSync(join(tmpdir(), 'terrella-bench-'));
  homes.push(directory);
  const live = new LiveRun(scenario.name, { name: scenario.name, title: scenario.title });
  await live.begin({ prepared, identity, inputs, stored: storedFieldsAt(join(directory, 'run.zarr')) });
  let stopping = false;
  const run = () =>
    runScenario({
      prepared,
      identity,
      inputs,
      kernelHash: kernelHash(prepared.model, prepared.options.scheme, prepared.options.precision),
      directory,
      replace: true,
      interrupted: () => stopping || live.stopAsked,
      watcher: live,
      startedAt: performance.now(),
    }).then((end) => live.ended(end));
  const board = new RunBoard();
  board.add(live);
  const gateway = await openGateway({
    board,
    engine: 'bench',
    viewer: join(packageRoot(), 'dist', 'viewer'),
    port: 0,
  });
  return { run, gateway, stop: () => (stopping = true) };
}

const show = (what: string, value: string) => process.stdout.write(`${what.padEnd(58)} ${value}\n`);
const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;
const milliseconds = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5).toFixed(1)} ms, 95 % ${quantile(values, 0.95).toFixed(1)} ms, ${values.length} times`;

async function openPage(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(address);
  const end = Date.now() + 60_000;
  while (!(await page.evaluate('globalThis.terrella?.state.shown.value !== undefined'))) {
    if (Date.now() > end)
      throw new Error('BenchFailed: no frame came within a minute. Run the tests of the viewer first.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return page;
}

const browser = await chromium.launch({
  executablePath: PROGRAM,
  args: [
    '--no-sandbox',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--enable-precise-memory-info',
    '--js-flags=--expose-gc',
  ],
});
try {
  {
    const { run, gateway } = await begin(
      'gaussian-hump',
      ['grid.cells=512', 'grid.tile=256', 'time.duration=20 min', 'model.precision=float32'],
      2,
    );
    await run();
    const opened = performance.now();
    const page = await openPage(browser, `${gateway.url}&t=0`);
    show('from opening the page to its first frame', `${(performance.now() - opened).toFixed(0)} ms`);
    const { decoding, drawing, drawn } = (await page.evaluate(`(async () => {
      const { state, director, session } = globalThis.terrella;
      state.playing.value = false;
      state.layers.value = { ...state.layers.value, stations: false };
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const gl = director.scene.renderer.getContext();
      const finish = () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
      const { run, field } = { run: state.run.value.id, field: state.field.value.name };
      const [decoding, drawing, drawn] = [[], [], []];
      for (let k = 0; k < 30; k++) {
        const frame = await session.stream.frame({ run, field, level: 0 });
        if (k > 4) decoding.push(frame.decoding);
        finish();
        const began = performance.now();
        director.scene.field.show(frame);
        director.scene.draw(director.look());
        finish();
        if (k > 4) drawing.push(performance.now() - began);
        const again = performance.now();
        director.scene.draw(director.look());
        finish();
        if (k > 4) drawn.push(performance.now() - again);
      }
      return { decoding, drawing, drawn };
    })()`)) as { decoding: number[]; drawing: number[]; drawn: number[] };
    show('24 tiles of 256²: decoding in the worker', milliseconds(decoding));
    show('24 tiles of 256²: upload and draw', milliseconds(drawing));
    show('draw alone', milliseconds(drawn));
    await page.close();
    await gateway.close();
  }
  {
    const { run, gateway, stop } = await begin(
      'gaussian-hump',
      ['grid.cells=128', 'grid.tile=64', 'time.duration=200 d', 'model.precision=float32'],
      1,
    );
    const running = run();
    const page = await openPage(browser, gateway.url);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const heap = () => page.evaluate('(globalThis.gc?.(), performance.memory.usedJSHeapSize)') as Promise<number>;
    await page.evaluate(`(() => {
      const { state } = globalThis.terrella;
      const latencies = (globalThis.latencies = []);
      let step;
      state.shown.subscribe((shown) => {
        if (shown && shown.step !== step) latencies.push(shown.latency);
        step = shown?.step;
      });
    })()`);
    const before = await heap();
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    const after = await heap();
    const latencies = (await page.evaluate('globalThis.latencies')) as number[];
    show('from the engine to the screen, live, engine on one core', milliseconds(latencies));
    show('frames a second', (latencies.length / (60 * minutes)).toFixed(1));
    show(
      `heap of the page before and after ${minutes} min`,
      `${(before / 2 ** 20).toFixed(1)} and ${(after / 2 ** 20).toFixed(1)} MiB`,
    );
    stop();
    await running;
    await page.close();
    await gateway.close();
  }
  await browser.close();
  {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-bench-'));
    homes.push(directory);
    const [alone, watched, shares]: [number[], number[], number[]] = [[], [], []];
    const hashes = new Set<string>();
    let frames = 0;
    // In turns, so that a machine that grows slower or faster meanwhile does so to both.
    for (let turn = 0; turn < TURNS; turn++) {
      const [without, withTen] = [await timeWatched(0, directory), await timeWatched(10, directory)];
      alone.push(without.seconds);
      watched.push(withTen.seconds);
      shares.push(withTen.seconds / without.seconds);
      for (const { stateHash } of [without, withTen]) hashes.add(stateHash);
      frames = withTen.framesEach;
    }
    if (hashes.size !== 1) throw new Error(`BenchFailed: viewers changed the bits: ${[...hashes].join(', ')}.`);
    const seconds = (values: readonly number[]) => quantile(values, 0.5).toFixed(2);
    show(
      'tohoku-2011 at 20′, 6 h, two threads on all cores',
      `${seconds(alone)} s alone, ${seconds(watched)} s with ten viewers`,
    );
    show(
      'ten viewers take',
      `${(100 * (quantile(shares, 0.5) - 1)).toFixed(1)} % (${shares.map((share) => (100 * (share - 1)).toFixed(1)).join(', ')}), ${frames.toFixed(0)} frames each`,
    );
  }
} finally {
  await browser.close();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
}
