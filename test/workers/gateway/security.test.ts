import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadVisitorsScenario } from '../../../workers/cli/visitors-scenario.ts';
import { type Gateway, originAllowed } from '../../../workers/gateway/gateway.ts';
import { packMessage } from '../../../workers/protocol/frame.ts';
import { CLOSE, LARGEST_REQUEST, type Request } from '../../../workers/protocol/viewing.ts';
import { sequence } from '../run/small-ocean.ts';
import {
  beginRun,
  boardOf,
  newDirectory,
  removeDirectories,
  SEA,
  type SmallLive,
  serve,
  TOKEN,
} from './small-gateway.ts';
import { connect, type TestViewer } from './viewer.ts';

const RUN = 'gaussian-hump';
const isDeep = process.env.TERRELLA_DEPTH === 'deep';
let run: SmallLive;
let gateway: Gateway;
const viewers: TestViewer[] = [];

/** A built viewer with a page, and something beside it that is nobody's business. */
function builtViewer(): string {
  const home = newDirectory();
  mkdirSync(join(home, 'viewer', 'assets'), { recursive: true });
  writeFileSync(join(home, 'viewer', 'index.html'), '<!doctype html><title>Terrella</title>');
  writeFileSync(join(home, 'viewer', 'assets', 'main.js'), 'export {};');
  writeFileSync(join(home, 'viewer', '.hidden'), 'hidden');
  writeFileSync(join(home, 'package.json'), '{"secret":true}');
  return join(home, 'viewer');
}

beforeAll(async () => {
  const set = ['output.format=none', 'output.checkpoints={}', 'time.duration="4000 h"'];
  run = await beginRun(RUN, { set, paused: true });
  gateway = await serve(boardOf(run), { viewer: builtViewer(), mostViewers: 4, origins: ['https://twin.example'] });
});
afterEach(async () => {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
});
afterAll(async () => {
  run.live.control.stop();
  await run.end;
  await gateway.close();
  removeDirectories();
});

async function visit(): Promise<TestViewer> {
  const viewer = await connect(gateway.port);
  viewers.push(viewer);
  await viewer.next('welcome');
  return viewer;
}

/** An HTTP request, its path sent as it is written. */
function get(
  path: string,
  method = 'GET',
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((done, fail) => {
    const asked = request({ host: '127.0.0.1', port: gateway.port, path, method }, (response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => done({ status: response.statusCode!, body, headers: response.headers }));
    });
    asked.on('error', fail);
    asked.end();
  });
}

describe('without the token', () => {
  it('nothing changes', async () => {
    const viewer = await visit();
    viewer.say({ type: 'open', run: RUN });
    await viewer.next('run');
    const before = run.live.progress();
    for (const [id, token] of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1), undefined].entries()) {
      const asked = [
        { type: 'control', id, run: RUN, action: 'resume', token },
        { type: 'control', id, run: RUN, action: 'stop', token },
        { type: 'speed', id, run: RUN, limit: 1, token },
        { type: 'start', id, scenario: 'gaussian-hump', token },
      ] as Request[];
      for (const one of asked) {
        viewer.say(one);
        expect(await viewer.next('refused')).toMatchObject({ id, code: 'no-token' });
      }
    }
    expect(run.live.progress()).toEqual(before);
    expect(run.live.stopAsked).toBe(false);
  });

  it('a control with it works', async () => {
    const viewer = await visit();
    viewer.say({ type: 'speed', id: 1, token: TOKEN, run: RUN, limit: 60 });
    await viewer.next('done', ({ id }) => id === 1);
    expect(run.live.progress().speedLimit).toBe(60);
    viewer.say({ type: 'speed', id: 2, token: TOKEN, run: RUN });
    await viewer.next('done', ({ id }) => id === 2);
    expect(run.live.progress().speedLimit).toBeUndefined();
  });
});

describe('scenarios from viewers', () => {
  const yaml = (bathymetry: string) => `terrella: 1
name: mine
title: Mine
model: { equations: tsunami, precision: float32 }
grid: { cells: 24, tile: 12, bathymetry: ${bathymetry} }
time: { start: 2000-01-01T00:00:00Z, duration: 1 h, courant: 1.4 }
output: { fields: [], format: none }
`;

  it('read files of the library and no others', async () => {
    expect((await loadVisitorsScenario(yaml('{ constant: 4 km }'))).scenario.name).toBe('mine');
    expect((await loadVisitorsScenario(yaml('etopo5'))).inputs).toHaveLength(1);
    const home = newDirectory();
    writeFileSync(join(home, 'mine.asc'), 'ncols 1');
    for (const file of [
      join(home, 'mine.asc'),
      '../package.json',
      'data/../../package.json',
      '/etc/passwd',
      'loader.ts',
    ])
      await expect(loadVisitorsScenario(yaml(`{ layers: [${file}] }`)), file).rejects.toMatchObject({
        code: 'bad-scenario',
      });
    const parent = `extends: ${home}/parent.yaml\n${yaml('{ constant: 4 km }')}`;
    writeFileSync(join(home, 'parent.yaml'), yaml('{ constant: 1 km }'));
    await expect(loadVisitorsScenario(parent)).rejects.toMatchObject({ code: 'bad-scenario' });
    await expect(loadVisitorsScenario('nowhere-1999')).rejects.toMatchObject({ code: 'bad-scenario' });
  });
});

describe('pages', () => {
  it('are the viewer’s, with headers that keep them to themselves', async () => {
    const { status, body, headers } = await get('/');
    expect([status, body]).toEqual([200, '<!doctype html><title>Terrella</title>']);
    expect(headers['content-security-policy']).toMatch(/default-src 'self'; script-src 'self' 'wasm-unsafe-eval'/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    expect((await get('/assets/main.js')).status).toBe(200);
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '/assets/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/%00',
    '/%',
    '/.hidden',
    '/package.json',
  ])('are nothing else: %s', async (path) => {
    const { status, body } = await get(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toMatch(/secret|hidden|root:/);
  });

  it('take no other method, and survive what is no HTTP', async () => {
    expect((await get('/', 'POST')).status).toBe(405);
    await new Promise<void>((done) => {
      const socket = connectTcp(gateway.port, '127.0.0.1', () => socket.write('\u0000\u0001 nonsense\r\n\r\n'));
      socket.on('close', () => done());
      socket.on('error', () => {});
      socket.resume();
    });
    expect((await get('/')).status).toBe(200);
  });
});

describe('connections', () => {
  it.each([
    [{ protocol: 'terrella.viewing.99' }, 400],
    [{ protocol: 'chat' }, 400],
    [{ path: '/elsewhere' }, 404],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost.evil.example' }, 403],
  ])('%o are refused with %i', async (options, status) => {
    await expect(connect(gateway.port, options)).rejects.toThrow(`refused with ${status}`);
  });

  it.each([undefined, 'http://localhost:5173', 'https://twin.example'])('of origin %s are let in', async (origin) => {
    const viewer = await connect(gateway.port, origin === undefined ? {} : { origin });
    viewers.push(viewer);
    expect(await viewer.next('welcome')).toMatchObject({ version: 1 });
  });

  it.each([
    ['http://192.168.1.5:8137', '192.168.1.5:8137', '0.0.0.0', true],
    ['http://[fe80::1]:8137', '[fe80::1]:8137', '::', true],
    ['http://localhost:8137', 'localhost:8137', '0.0.0.0', true],
    ['http://Twin.lan:8137', 'twin.lan:8137', 'twin.lan', true],
    ['http://rebound.example:8137', 'rebound.example:8137', '0.0.0.0', false],
    ['http://rebound.example:8137', 'rebound.example:8137', 'twin.lan', false],
    ['http://rebound.example:8137', '192.168.1.5:8137', '0.0.0.0', false],
    ['https://twin.example', 'twin.example', '0.0.0.0', true],
  ])('of origin %s to host %s, bound to %s: %s', (origin, host, bound, allowed) => {
    expect(originAllowed(origin, host, { bound, origins: ['https://twin.example'] })).toBe(allowed);
  });

  it('beyond the most are closed with a code of their own', async () => {
    for (let k = 0; k < 4; k++) await visit();
    const late = await connect(gateway.port);
    expect((await late.closed).code).toBe(CLOSE.tooManyViewers);
  });

  it('that send too much at once are closed', async () => {
    const viewer = await visit();
    viewer.socket.send(new Uint8Array(LARGEST_REQUEST + 1));
    expect((await viewer.closed).code).toBe(CLOSE.tooLarge);
  });

  it('that send too many messages are closed', async () => {
    const viewer = await visit();
    for (let k = 0; k < 2000; k++) viewer.say({ type: 'unwatch', id: 1 });
    expect((await viewer.closed).code).toBe(CLOSE.tooManyMessages);
  });

  it('may send fewer messages that make work', async () => {
    const viewer = await visit();
    for (let k = 0; k < 400; k++) viewer.say({ type: 'stations', run: RUN });
    expect((await viewer.closed).code).toBe(CLOSE.tooManyMessages);
  });

  it('that go on sending nonsense are told what is wrong, and closed', async () => {
    const viewer = await visit();
    viewer.socket.send('text');
    expect(await viewer.next('refused')).toMatchObject({ code: 'bad-message' });
    viewer.say({ type: 'sing', id: 3 } as unknown as Request);
    expect(await viewer.next('refused')).toMatchObject({ id: 3, message: expect.stringContaining('Use one of open') });
    viewer.say({ type: 'watch', id: 4, run: RUN, field: 5, level: -1 } as unknown as Request);
    expect(await viewer.next('refused')).toMatchObject({ message: expect.stringContaining('field, level, credits') });
    for (let k = 0; k < 20; k++) viewer.socket.send(Uint8Array.of(0, 0xc1));
    expect((await viewer.closed).code).toBe(CLOSE.protocol);
  });

  it('ask for what is not there, and are told so', async () => {
    const viewer = await visit();
    viewer.say({ type: 'open', run: 'nowhere' });
    expect(await viewer.next('refused')).toMatchObject({ code: 'unknown-run' });
    viewer.say({ type: 'watch', id: 1, run: RUN, field: 'constructor', level: 0, credits: 1 });
    expect(await viewer.next('refused')).toMatchObject({ id: 1, code: 'unknown-field' });
    for (let id = 0; id < 17; id++) viewer.say({ type: 'watch', id, run: RUN, field: SEA, level: 0, credits: 0 });
    expect(await viewer.next('refused')).toMatchObject({ id: 16, code: 'too-many' });
  });
});

it.each(['frame', 'watch'] as const)('tiles of a %s come once each, in order, and are there', async (type) => {
  const viewer = await visit();
  const ask = (tiles: readonly number[]) =>
    viewer.say({ type, id: 1, run: RUN, field: SEA, level: 0, credits: 1, tiles } as Request);
  for (const tiles of [Array(20_000).fill(0), [0, 1, 1], [1, 0], [-1], [0.5], [0, 6], [999_999]]) {
    ask(tiles);
    expect(await viewer.next('refused'), String(tiles.slice(0, 3))).toMatchObject({ id: 1, code: 'bad-message' });
  }
  ask([1, 3, 5]);
  expect((await viewer.nextFrame()).header.tiles).toEqual([1, 3, 5]);
});

it('random messages end no gateway, start nothing and leave no memory behind', async () => {
  const random = sequence(2011);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const types = [
    'open',
    'watch',
    'credit',
    'unwatch',
    'frame',
    'probe',
    'stations',
    'control',
    'speed',
    'start',
    'what-if',
  ];
  const keys = [
    'id',
    'run',
    'field',
    'level',
    'credits',
    'frames',
    'tiles',
    'seconds',
    'longitude',
    'latitude',
    'token',
  ];
  const values: readonly unknown[] = [
    ...[0, 1, -1, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, '', RUN, SEA, 'resume', '__proto__'],
    ...[
      null,
      true,
      [],
      [0, 1, 2],
      Array(20_000).fill(0),
      Array.from({ length: 20_000 }, (_, k) => k % 6),
      {},
      { toString: 1 },
      new Uint8Array(3),
      'x'.repeat(300),
      5,
      170,
      -95,
      42,
    ],
  ];
  const message = (): Uint8Array => {
    if (random() < 0.1) return Uint8Array.from({ length: random() * 40 }, () => random() * 256);
    const parts: Record<string, unknown> = { type: random() < 0.95 ? pick(types) : pick(values) };
    const plausible = { id: 1, run: RUN, field: SEA, level: 0, credits: 3, frames: 1, longitude: 5, latitude: 5 };
    if (random() < 0.7) Object.assign(parts, plausible, { magnitude: 8, action: 'stop', scenario: RUN });
    for (let k = 0; k < 3; k++) if (random() < 0.5) parts[pick(keys)] = pick(values);
    const bytes = packMessage(parts);
    if (random() < 0.05) bytes[Math.floor(random() * bytes.length)] = random() * 256;
    return bytes;
  };
  const count = isDeep ? 100_000 : 2000;
  const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  let [before, most] = [0, 0];
  for (let sent = 0; sent < count; ) {
    const viewer = await connect(gateway.port);
    for (let k = 0; k < 60 && sent < count; k++, sent++) viewer.socket.send(message());
    // Whatever came of it, the answers are on their way before the connection ends.
    await Promise.race([viewer.closed, new Promise((done) => viewer.socket.ping(undefined, undefined, done))]);
    most = Math.max(most, held());
    await viewer.close();
    if (before === 0) before = held();
  }
  expect(most - before).toBeLessThan(192 * 2 ** 20);
  expect(held() - before).toBeLessThan(96 * 2 ** 20);
  expect(run.live.stopAsked).toBe(false);
  expect(run.live.progress()).toMatchObject({ state: 'paused', step: 0 });
  const viewer = await visit();
  viewer.say({ type: 'frame', id: 1, run: RUN, field: SEA, level: 0 });
  await viewer.nextFrame();
});

it('says goodbye when it ends, and may come back at the same port', async () => {
  const other = await serve(boardOf(run));
  const viewer = await connect(other.port);
  await viewer.next('welcome');
  await other.close();
  expect((await viewer.closed).code).toBe(CLOSE.goingAway);
  const again = await serve(boardOf(run), { port: other.port });
  expect(again.port).toBe(other.port);
  const back = await connect(again.port);
  await back.next('welcome');
  await expect(serve(boardOf(run), { port: other.port })).rejects.toThrow(/PortTaken/);
  const next = await serve(boardOf(run), { port: other.port, nextFree: true });
  expect(next.port).toBeGreaterThan(other.port);
  await Promise.all([back.close(), again.close(), next.close()]);
});
