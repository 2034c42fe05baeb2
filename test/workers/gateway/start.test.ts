import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CLOSE } from '../../../workers/protocol/viewing.ts';
import { webgpuTier } from '../../engine/backends/webgpu/device.ts';
import { MAIN, workplace } from '../cli/terrella.ts';
import { lastCheckpoint } from '../run/small-ocean.ts';
import { SEA } from './small-gateway.ts';
import { connect } from './viewer.ts';

const cwd = workplace();
const children: ChildProcess[] = [];
afterAll(() => {
  // One whose test failed is still there.
  for (const child of children) child.kill('SIGKILL');
  rmSync(cwd, { recursive: true, force: true });
});

/** Starts `terrella start …` with a viewer on any free port, and waits until it says where. */
async function start(words: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'start', ...words, '--port', '0', '--json'], {
    cwd,
    env: { ...process.env, TERRELLA_CACHE: join(cwd, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [output, errors] = ['', ''];
  child.stderr.on('data', (part) => {
    errors += part;
  });
  const ended = new Promise<number | null>((done) => child.on('close', (status) => done(status)));
  const serving = await new Promise<{ url: string; port: number }>((done, fail) => {
    child.stdout.on('data', (part) => {
      output += part;
      const line = output.split('\n').find((text) => text.includes('"serving"') && text.endsWith('}'));
      if (line) done(JSON.parse(line));
    });
    child.on('close', () => fail(new Error(`it ended: ${errors}`)));
  });
  return { child, ended, ...serving, token: /#token=(.+)$/.exec(serving.url)![1]!, errors: () => errors };
}

/** What a visitor sends: an hour of an ocean without land. */
const ofVisitor = (name: string) => `terrella: 1
name: ${name}
title: Mine
model: { equations: tsunami, precision: float32 }
grid: { cells: 24, tile: 12, bathymetry: { constant: 4 km } }
time: { start: 2000-01-01T00:00:00Z, duration: 1 h, courant: 1.4 }
sources: [{ type: gaussian, longitude: 30, latitude: 20, height: 1 m, radius: 900 km }]
output: { fields: [], format: none }
`;

it('shows a run from its start; Ctrl-C leaves a checkpoint, says goodbye, and ends the process', async () => {
  // Long enough that nobody waits for its end.
  const started = await start([
    'ring.yaml',
    '--set',
    'time.duration=600 h',
    '--set',
    'output.checkpoints={}',
    '--serve',
  ]);
  const viewer = await connect(started.port).catch(() => Promise.reject(new Error(started.errors())));
  const { shown, runs } = await viewer.next('welcome');
  expect([shown, runs[0]!.live]).toEqual(['ring', true]);
  viewer.say({ type: 'open', run: 'ring' });
  await viewer.next('run');
  viewer.say({ type: 'watch', id: 1, run: 'ring', field: SEA, level: 0, credits: 1 });
  expect((await viewer.nextFrame()).header.run).toBe('ring');
  viewer.say({ type: 'control', id: 2, token: started.token, run: 'ring', action: 'pause' });
  await viewer.next('progress', ({ progress }) => progress.state === 'paused');
  started.child.kill('SIGINT');
  expect((await viewer.closed).code).toBe(CLOSE.goingAway);
  expect(await started.ended).toBe(130);
  expect((await lastCheckpoint(join(cwd, 'output/ring')))?.step).toBeGreaterThan(0);
  if (existsSync('/proc')) expect(existsSync(`/proc/${started.child.pid}`)).toBe(false);
});

it('plays back what is there, and starts what a viewer with the token sends', async () => {
  writeFileSync(join(cwd, 'token'), 'chosen-by-the-host-0123\n');
  const started = await start(['--store', 'output/ring', '--token-file', 'token', '--serve']);
  expect(started.token).toBe('chosen-by-the-host-0123');
  const viewer = await connect(started.port);
  const { runs, scenarios } = await viewer.next('welcome');
  expect(runs).toMatchObject([{ id: 'ring', live: false, state: 'interrupted' }]);
  expect(scenarios.find(({ name }) => name === 'tohoku-2011')?.title).toMatch(/11 March 2011/);
  const scenario = ofVisitor('mine');
  viewer.say({ type: 'start', id: 1, token: started.token, scenario });
  expect((await viewer.next('started')).run).toBe('mine');
  viewer.say({ type: 'start', id: 2, token: started.token, scenario, variantOf: 'mine' });
  viewer.say({ type: 'start', id: 3, token: started.token, scenario, variantOf: 'nowhere' });
  expect(await viewer.next('refused')).toMatchObject({ id: 3, code: 'unknown-run' });
  expect((await viewer.next('started')).run).toBe('mine-2');
  const { runs: all } = await viewer.next(
    'runs',
    (reply) => reply.runs.filter(({ live, state }) => live && state === 'finished').length === 2,
  );
  expect(all.map(({ id, variantOf }) => [id, variantOf])).toEqual([
    ['ring', undefined],
    ['mine', undefined],
    ['mine-2', 'mine'],
  ]);
  for (const run of ['mine', 'mine-2']) {
    viewer.say({ type: 'frame', id: 3, run, field: SEA, level: 0 });
    expect((await viewer.nextFrame()).header).toMatchObject({ run, seconds: 3600 });
  }
  started.child.kill('SIGTERM');
  expect((await viewer.closed).code).toBe(CLOSE.goingAway);
  expect(await started.ended).toBe(0);
});

webgpuTier('on a graphics device', () => {
  const result = (directory: string) => JSON.parse(readFileSync(join(cwd, directory, 'result.json'), 'utf8'));
  const begun = (directory: string) => JSON.parse(readFileSync(join(cwd, directory, 'scenario.json'), 'utf8'));
  const quiet = ['output.fields=[]', 'output.format=none', 'output.checkpoints={}'].flatMap((one) => ['--set', one]);

  it.each([
    ['webgpu', { class: 'tolerance', backend: expect.stringMatching(/^webgpu/) }, []],
    // The device of these tests is the processor in disguise.
    ['auto', { class: 'bitwise', backend: 'cpu-wasm' }, ['a-visitors']],
  ])('--backend %s computes what is named, and what visitors start', async (backend, expected, visitors) => {
    const named = `ring-${backend}`;
    const started = await start(['ring.yaml', '--output', named, '--backend', backend, ...quiet, '--serve']);
    const viewer = await connect(started.port).catch(() => Promise.reject(new Error(started.errors())));
    await viewer.next('welcome');
    for (const name of visitors) {
      viewer.say({ type: 'start', id: 1, token: started.token, scenario: ofVisitor(name) });
      expect((await viewer.next('started')).run).toBe(name);
    }
    const runs = [['ring', named, 21600], ...visitors.map((name) => [name, `output/${name}`, 3600] as const)] as const;
    await viewer.next('runs', (told) => told.runs.filter(({ state }) => state === 'finished').length === runs.length);
    for (const [run, directory, seconds] of runs) {
      expect(result(directory)).toMatchObject(expected);
      expect('backendChoice' in begun(directory)).toBe(backend === 'auto');
      viewer.say({ type: 'frame', id: 2, run, field: SEA, level: 0 });
      expect((await viewer.nextFrame()).header).toMatchObject({ run, seconds });
    }
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });
});
