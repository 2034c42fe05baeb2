import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Simulation } from '../../../engine/simulation/simulation.ts';
import { CoordinatorProcess } from '../../../workers/coordinator/coordinator-process.ts';
import { tilesAlongCurve } from '../../../workers/coordinator/curve.ts';
import { type Gateway, openGateway } from '../../../workers/gateway/gateway.ts';
import { RunBoard } from '../../../workers/gateway/run-board.ts';
import { wallClock } from '../../../workers/node/clock.ts';
import { NodeProcess } from '../../../workers/node/node-process.ts';
import type { Member, RunRecord } from '../../../workers/protocol/cluster.ts';
import { packCluster } from '../../../workers/protocol/cluster-messages.ts';
import { SUBJECTS } from '../../../workers/protocol/cluster-subjects.ts';
import {
  type FromPage,
  HOSTING_CLOSE,
  HOSTING_PATH,
  HOSTING_SUBPROTOCOL,
  packHosting,
} from '../../../workers/protocol/hosting.ts';
import { NO_HISTORY } from '../../../workers/protocol/metering.ts';
import type { PreparedRun } from '../../../workers/run/prepare.ts';
import { sha256Hex } from '../../../workers/store/state-hash.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { startThreads } from '../../../workers/threads/thread-pool.ts';
import { memoryLedger, memoryNetwork } from '../../../workers/transport/memory.ts';
import { connectHosting, type SocketLike } from '../../../workers/transport/socket.ts';
import { prepareSmall, writeSmallOcean } from '../run/small-ocean.ts';

const file = writeSmallOcean();
const STEPS = 60;
const JOB = '{}';
let prepared: PreparedRun;
let alone: string;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=32', 'grid.tile=8'], { form: 'wasm' }));
  const simulation = await Simulation.start(prepared.options);
  await simulation.advanceTo(STEPS);
  alone = simulation.hash();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** A gateway on a network of this process, on which so many pages may host shards. */
async function open(most: number, largestMessage?: number) {
  const network = memoryNetwork(largestMessage === undefined ? {} : { largestMessage });
  let pages = 0;
  const gateway = await openGateway({
    board: new RunBoard({}),
    engine: 'test',
    viewer: '/nowhere',
    port: 0,
    hosting: {
      most,
      recipe: (job) => Promise.reject(new Error(`RecipeMissing: ${job === JOB ? 'not here' : 'another'}`)),
      files: new Map(),
      open: async () => {
        const node = `page-${++pages}`;
        const transport = network.transport(node);
        return { node, incarnation: 1, transport, close: () => transport.close() };
      },
    },
  });
  ends.push(() => gateway.close());
  return { network, gateway };
}

const addressOf = ({ port }: Gateway): string => `ws://127.0.0.1:${port}${HOSTING_PATH}`;

/** A page: its link, and what closes its tab. */
async function page(gateway: Gateway) {
  let socket!: WebSocket;
  const link = await connectHosting((subprotocol) => {
    socket = new WebSocket(addressOf(gateway), subprotocol);
    return socket as unknown as SocketLike;
  });
  ends.push(() => socket.terminate());
  return { ...link, close: () => socket.terminate() };
}

function node(name: string, transport: ConstructorParameters<typeof NodeProcess>[0]['transport']) {
  const errors: unknown[] = [];
  const process = new NodeProcess({
    member: { node: name, incarnation: 1 },
    transport,
    clock: wallClock,
    sha256: sha256Hex,
    startStepper: startThreads,
    prepare: async () => prepared,
    speed: 1e6,
    threads: 1,
    report: (error) => errors.push(error),
  });
  ends.push(() => process.stop());
  return { process, errors };
}

/** Submits the run to a coordinator that has heard so many nodes; gives what is known of it last. */
async function submit(network: ReturnType<typeof memoryNetwork>, nodes: number) {
  const coordinator = new CoordinatorProcess({
    name: 'first',
    transport: network.transport('first'),
    clock: wallClock,
    ledger: memoryLedger(),
    store: memoryStore(),
  });
  ends.push(() => coordinator.stop());
  const { panels, cellsX, cellsY, tileX, tileY } = prepared.grid;
  const count = (wanted: string) => prepared.model.fields.filter(({ role }) => role === wanted).length;
  const record: RunRecord = {
    ...{ run: 'the-run', owner: 'scientist', job: JOB, state: 'queued', steps: STEPS, cutEvery: 5, operations: 100 },
    shape: {
      ...{ panels, cellsX, cellsY, tileX, tileY, width: 4 },
      hashed: count('prognostic'),
      others: count('diagnostic'),
    },
    ...{ curve: tilesAlongCurve(prepared.grid), epoch: 0, members: [], owners: [], history: NO_HISTORY },
  };
  let latest = record;
  coordinator.onRecord((told) => {
    latest = told;
  });
  const scientist = network.transport('scientist');
  const subject = SUBJECTS.toLeader('scientist', 'scientist');
  await until(() => coordinator.leads && coordinator.nodes().length === nodes);
  await scientist.request(subject, packCluster({ type: 'submit', record }), 2000);
  return { latest: () => latest };
}

async function until(holds: () => boolean, patience = 30_000): Promise<void> {
  const end = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${patience} ms: ${holds}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

describe('a page that hosts shards by way of the gateway', () => {
  test('computes tiles of a run with the bits of one process', async () => {
    const { network, gateway } = await open(2);
    const [one, two] = [await page(gateway), await page(gateway)];
    expect([one.node, two.node]).toEqual(['page-1', 'page-2']);
    expect(gateway.hosts()).toBe(2);
    const hosts = [node(one.node, one.transport), node(two.node, two.transport)];
    const { latest } = await submit(network, 2);
    await until(() => latest().stateHash !== undefined);
    expect(latest()).toMatchObject({ state: 'finished', stateHash: alone, epoch: 1 });
    expect(latest().members.map((member) => member.node)).toEqual(['page-1', 'page-2']);
    for (const { errors } of hosts) expect(errors).toEqual([]);
  });

  test('and is closed in the middle leaves its tiles to others, and the run its bits', async () => {
    const { network, gateway } = await open(1);
    const { node: name, transport, close } = await page(gateway);
    const { process } = node(name, transport);
    node('steady', network.transport('steady'));
    const { latest } = await submit(network, 2);
    await until(() => (latest().cut?.step ?? 0) > 0);
    expect(latest().members.map((member) => member.node)).toContain(name);
    close();
    await process.stop();
    await until(() => gateway.hosts() === 0);
    await until(() => latest().stateHash !== undefined);
    expect(latest()).toMatchObject({ state: 'finished', stateHash: alone });
    expect(latest().members.map((member) => member.node)).toEqual(['steady']);
    expect(latest().history.segments[0]!.ended!.reason).toMatch(/page-1 was silent/);
  });
});

describe('the gateway', () => {
  const refused = (gateway: Gateway): Promise<unknown> =>
    page(gateway)
      .then(() => undefined)
      .catch(String);
  /** How a page ends that sends this. */
  async function endOf(gateway: Gateway, bytes: Uint8Array): Promise<number> {
    const socket = new WebSocket(addressOf(gateway), HOSTING_SUBPROTOCOL);
    const closed = new Promise<number>((done) => socket.on('close', done));
    await new Promise((done) => socket.once('message', done));
    socket.send(bytes);
    return closed;
  }
  const said = (message: FromPage): Uint8Array => packHosting(message);
  const beat = (subject: string, member: Partial<Member> = {}): Uint8Array =>
    said({
      ...{ type: 'publish', subject },
      bytes: packCluster({
        ...{ type: 'heartbeat', speed: 1, draining: false, patience: 0, runs: [], session: { threads: 1 } },
        member: { node: 'page-1', incarnation: 1, ...member },
      }),
    });

  test('lets no more pages host shards than may, and none where none may', async () => {
    const { gateway } = await open(1);
    const first = await page(gateway);
    expect(await refused(gateway)).toMatch(/Unreachable: .*1 pages host shards already, as many as may/);
    first.close();
    await until(() => gateway.hosts() === 0);
    expect((await page(gateway)).node).toBe('page-2');
    const none = await openGateway({
      board: new RunBoard({}),
      ...{ engine: 'test', viewer: '/nowhere', port: 0 },
    });
    ends.push(() => none.close());
    expect(await refused(none)).toMatch(/Unreachable/);
  });

  test.each<[string, Uint8Array, number]>([
    ['bytes that are no message', new Uint8Array([1, 2, 3]), HOSTING_CLOSE.protocol],
    [
      'a halo of another node',
      said({ type: 'publish', subject: SUBJECTS.halo('steady', 'page-1', 'run'), bytes: new Uint8Array(8) }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a heartbeat of another node',
      said({ type: 'publish', subject: SUBJECTS.heartbeat('steady'), bytes: new Uint8Array(8) }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a record',
      said({ type: 'publish', subject: SUBJECTS.record('run'), bytes: new Uint8Array(8) }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a request as an admin',
      said({
        type: 'request',
        id: 1,
        subject: SUBJECTS.toLeader('admin', 'page-1'),
        bytes: new Uint8Array(8),
        timeout: 9,
      }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a request to the store of the broker',
      said({ type: 'request', id: 1, subject: '$JS.API.INFO', bytes: new Uint8Array(8), timeout: 9 }),
      HOSTING_CLOSE.protocol,
    ],
    ...['a b', '*', '.', '\n', '€'.repeat(100)].map((word): [string, Uint8Array, number] => [
      `a halo to ${JSON.stringify(word.slice(0, 3))}`,
      said({ type: 'publish', subject: `${SUBJECTS.halo('page-1', word, 'run')} `, bytes: new Uint8Array(8) }),
      HOSTING_CLOSE.protocol,
    ]),
    [
      'words that make a reason longer than a web socket takes',
      said({ type: 'publish', subject: '€'.repeat(100), bytes: new Uint8Array(8) }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a heartbeat of a process to come',
      beat(SUBJECTS.heartbeat('page-1'), { incarnation: Number.MAX_SAFE_INTEGER }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a heartbeat of a graphics device',
      beat(SUBJECTS.heartbeat('page-1'), { device: 'a card' }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'a request to another node',
      said({
        type: 'request',
        id: 1,
        subject: SUBJECTS.halo('page-1', 'steady', 'run'),
        bytes: new Uint8Array(8),
        timeout: 9,
      }),
      HOSTING_CLOSE.protocol,
    ],
    [
      'more than a message may have',
      said({ type: 'publish', subject: SUBJECTS.heartbeat('page-1'), bytes: new Uint8Array(2000) }),
      HOSTING_CLOSE.tooLarge,
    ],
  ])('ends a page that sends %s, and passes nothing on', async (_, bytes, code) => {
    const { network, gateway } = await open(1, 1024);
    const heard: string[] = [];
    network.transport('all').subscribe('>', ({ subject }) => heard.push(subject));
    expect(await endOf(gateway, bytes)).toBe(code);
    expect(heard).toEqual([]);
    await until(() => gateway.hosts() === 0);
  });

  test('ends a page that sends more messages than any node', async () => {
    const { gateway } = await open(1);
    const socket = new WebSocket(addressOf(gateway), HOSTING_SUBPROTOCOL);
    const closed = new Promise<number>((done) => socket.on('close', done));
    await new Promise((done) => socket.once('message', done));
    const heartbeat = beat(SUBJECTS.heartbeat('page-1'));
    for (let k = 0; k < 60_000 && socket.readyState === WebSocket.OPEN; k++) socket.send(heartbeat);
    expect(await closed).toBe(HOSTING_CLOSE.tooManyMessages);
  });

  test('ends a page that sends more bytes than any node', async () => {
    const { gateway } = await open(1);
    const socket = new WebSocket(addressOf(gateway), HOSTING_SUBPROTOCOL);
    const closed = new Promise<number>((done) => socket.on('close', done));
    await new Promise((done) => socket.once('message', done));
    const large = said({
      ...{ type: 'publish', subject: SUBJECTS.halo('page-1', 'steady', 'run') },
      bytes: new Uint8Array(6 << 20),
    });
    for (let k = 0; k < 100 && socket.readyState === WebSocket.OPEN; k++) {
      socket.send(large);
      await new Promise((done) => setImmediate(done));
    }
    expect(await closed).toBe(HOSTING_CLOSE.tooManyMessages);
  });

  test('refuses connections beyond twice the pages that may host shards', async () => {
    const { gateway } = await open(1);
    await page(gateway);
    // Refused ones that do not answer the goodbye stay for a while.
    const deaf = new WebSocket(addressOf(gateway), HOSTING_SUBPROTOCOL);
    ends.push(() => deaf.terminate());
    await new Promise((done) => deaf.once('open', done));
    (deaf as unknown as { _socket: { pause(): void } })._socket.pause();
    const status = await new Promise<number | undefined>((done) => {
      const third = new WebSocket(addressOf(gateway), HOSTING_SUBPROTOCOL);
      third.on('error', () => {});
      third.on('unexpected-response', (_request, response) => done(response.statusCode));
      third.on('open', () => done(undefined));
      ends.push(() => third.terminate());
    });
    expect(status).toBe(503);
  });

  test('tells a page what a run of the cluster is made from, or why it cannot, and of no other job', async () => {
    const { network, gateway } = await open(1);
    const { node: name, transport, recipe } = await page(gateway);
    node(name, transport);
    await submit(network, 1);
    await until(() => gateway.hosts() === 1);
    let told = '';
    const asked = async (job: string): Promise<string> => String(await recipe(job).catch((error) => error));
    await until(() => {
      void asked(JOB).then((found) => {
        told = found;
      });
      return /TransportFailed: RecipeMissing: not here$/.test(told);
    });
    expect(await asked('{"set":["grid.bathymetry=/etc/passwd"]}')).toMatch(/RecipeMissing: no run of the cluster has/);
  });

  test('tells a page of requests that nobody answers, and of its own end', async () => {
    const { gateway } = await open(1);
    const { node: name, transport, ended } = await page(gateway);
    const ask = transport.request(SUBJECTS.toLeader('node', name), new Uint8Array(8), 200);
    await expect(ask).rejects.toThrow(/NoAnswer/);
    await gateway.close();
    expect(await ended).toBe('the gateway ends');
    expect(transport.link).toBe('down');
    await expect(transport.request(SUBJECTS.toLeader('node', name), new Uint8Array(8), 200)).rejects.toThrow(
      /Disconnected/,
    );
  });
});
