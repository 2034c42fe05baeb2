import { spawn, spawnSync } from 'node:child_process';
import { createHash, Hash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nkeys } from 'nats';
import digests from 'nats/lib/nats-base-client/js-sha256.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../../workers/transport/broker.ts';
import { connectNats } from '../../../workers/transport/nats.ts';
import { natsTier } from './nats-tier.ts';
import { eventually, type NatsRig, natsRig } from './rigs.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Other processes run built JavaScript. */
const built = (name: string): string => pathToFileURL(join(ROOT, `dist/workers/transport/${name}.js`)).href;

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terrella-broker-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('connecting to NATS', () => {
  test('says which address is wrong, and never a password', async () => {
    for (const servers of ['http://localhost', 'nats://', 'nats://127.0.0.1:99999', 'nats://a b', '']) {
      await expect(connectNats({ servers, name: 'x' })).rejects.toThrow(/^BadAddress: ".*" is no address of a NATS/);
    }
    await expect(connectNats({ servers: [], name: 'x' })).rejects.toMatchObject({ tag: 'BadAddress' });
    const error = await connectNats({ servers: 'nats://me:secret@127.0.0.1', name: 'x' }).catch(String);
    expect(error).toMatch(/BadAddress: "nats:\/\/…@127\.0\.0\.1"/);
  });

  test('says that nobody is there, and how to start a server', async () => {
    const free = await new Promise<number>((settle) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => settle(port));
      });
    });
    await expect(connectNats({ servers: `nats://127.0.0.1:${free}`, name: 'x' })).rejects.toThrow(
      new RegExp(
        `^Unreachable: no NATS server at 127\\.0\\.0\\.1:${free} .*nats-server -a 127\\.0\\.0\\.1 -js -sd DIR`,
      ),
    );
  });

  test('says that something else is there', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    const { port } = server.address() as { port: number };
    await expect(connectNats({ servers: `127.0.0.1:${port}`, name: 'x' })).rejects.toThrow(
      /^Unreachable: .*unexpected response/,
    );
    server.close();
  });

  test('says what is wrong with credentials before it connects', async () => {
    const servers = 'nats://127.0.0.1:1';
    await expect(connectNats({ servers, name: 'x', credentials: { nkeySeed: 'SUsecret' } })).rejects.toThrow(
      /^BadCredentials: the nkey seed is none: it begins with SU and has 58 characters\.$/,
    );
    const credsFile = join(directory, 'none.creds');
    await expect(connectNats({ servers, name: 'x', credentials: { credsFile } })).rejects.toThrow(
      /none\.creds.*ENOENT/,
    );
    await writeFile(credsFile, 'nothing');
    await expect(connectNats({ servers, name: 'x', credentials: { credsFile } })).rejects.toMatchObject({
      tag: 'BadCredentials',
    });
  });

  test('is the business of few files', async () => {
    const files = (await readdir(ROOT, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter(
        ({ parentPath, name }) =>
          /^(engine|scenarios|workers|viewer|bench)/.test(parentPath.slice(ROOT.length)) && /\.tsx?$/.test(name),
      )
      .map(({ parentPath, name }) => join(parentPath, name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const importing = files.filter((_, k) => /from '(nats|nats\/.*|nkeys\.js|@nats-io\/.*)'/.test(texts[k]!));
    expect(importing.map((file) => file.slice(ROOT.length)).sort()).toEqual([
      'workers/credentials/claims.ts',
      'workers/transport/nats-digest.ts',
      'workers/transport/nats.ts',
    ]);
  });
});

natsTier('a NATS server', () => {
  let rig: NatsRig;
  beforeAll(async () => {
    rig = await natsRig();
  });
  afterAll(() => rig?.end());

  test('gets blobs in parts of less than 1 MiB', async () => {
    const { transport, store } = await rig.client();
    const sizes: number[] = [];
    const blobs = await store('parts');
    transport.subscribe('$O.parts.C.>', (message) => sizes.push(message.bytes.length));
    await transport.flush();
    await blobs.set('big', new Uint8Array(3_000_000));
    await eventually(() => sizes.reduce((sum, size) => sum + size, 0) === 3_000_000);
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024 - 4096);
  });

  test('is told the digests of blobs, by Node’s SHA-256', async () => {
    const { transport, store } = await rig.client();
    const told: string[] = [];
    const blobs = await store('digests');
    transport.subscribe('$O.digests.M.>', (message) =>
      told.push(JSON.parse(Buffer.from(message.bytes).toString()).digest),
    );
    await transport.flush();
    const blob = randomBytes(1_500_000);
    await blobs.set('random', blob);
    await eventually(() => told.length === 1);
    const digest = createHash('sha256').update(blob).digest('base64url');
    expect(told).toEqual([`SHA-256=${digest}=`]);
    expect(await blobs.get('random')).toEqual(new Uint8Array(blob));
    expect(digests.sha256.create()).toBeInstanceOf(Hash);
  });

  test('does not give a ledger with another time to live than asked for', async () => {
    const client = await rig.client();
    await client.ledger('lease', { ttlMilliseconds: 2000 });
    await client.ledger('lease', { ttlMilliseconds: 2000 });
    await expect(client.ledger('lease')).rejects.toThrow(
      /^LedgerMismatch: the ledger lease is there, with a time to live of 2000 ms, not 0 ms/,
    );
  });

  test('begins ledger and store anew where its disk was lost, and no revision of before counts again', async () => {
    const [a, b] = [await rig.client(), await rig.client()];
    const [ledger, others, store] = [await a.ledger('lost'), await b.ledger('lost'), await a.store('lost')];
    const blob = new Uint8Array(1000).fill(7);
    await store.set('blob', blob);
    const before = (await ledger.create('run', blob))!;
    await rig.loseDisk();
    await eventually(() => a.transport.link === 'up' && b.transport.link === 'up');
    // Whoever asks first is not answered; what is there then is empty.
    const outcomes = await Promise.allSettled([
      ledger.update('run', blob, before),
      others.keys(),
      store.set('blob', blob),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await ledger.update('run', blob, before)).toBeUndefined();
    expect(await others.keys()).toEqual([]);
    const after = (await others.create('run', blob))!;
    expect(after).toBeGreaterThan(before);
    expect(await ledger.update('run', blob, before)).toBeUndefined();
    expect(await ledger.update('run', blob, after)).toBeGreaterThan(after);
    expect(await store.has('blob')).toBe(false);
    await store.set('blob', blob);
    expect(await store.has('blob')).toBe(true);
    expect(await store.get('blob')).toEqual(blob);
    expect(rig.warnings).toEqual(
      expect.arrayContaining([
        'the ledger lost was gone from the NATS server, and is begun anew, empty',
        'the store lost was gone from the NATS server, and is begun anew, empty',
      ]),
    );
  });

  test('outlives a subscriber that throws: the error is the process’s, the link goes on', () => {
    const script = `
      import { connectNats } from ${JSON.stringify(built('nats'))};
      let caught = 0;
      process.on('uncaughtException', () => caught++);
      const { transport, close } = await connectNats({ servers: ${JSON.stringify(rig.broker.url)}, name: 'x' });
      transport.subscribe('throws', () => { throw new Error('mine'); });
      transport.subscribe('fine', ({ respond }) => respond(new Uint8Array([caught])));
      transport.publish('throws', new Uint8Array(1));
      transport.publish('throws', new Uint8Array(1));
      await transport.flush();
      console.log((await transport.request('fine', new Uint8Array(1), 5000))[0]);
      await close();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('2');
  });
});

natsTier('permissions of a NATS server', () => {
  test('nkeys are asked for, and what they do not allow is said', async () => {
    const [node, stranger] = [nkeys.createUser(), nkeys.createUser()];
    const broker = await startBroker({
      directory: join(directory, 'permitted'),
      jetStream: false,
      config: `authorization: { users: [ {
        nkey: ${node.getPublicKey()}
        permissions: { publish: ["halo.mine", "_INBOX.me.>"], subscribe: ["halo.>", "_INBOX.me.>"] }
      } ] }`,
    });
    const seedOf = (pair: typeof node) => ({ nkeySeed: new TextDecoder().decode(pair.getSeed()) });
    try {
      for (const credentials of [undefined, seedOf(stranger)]) {
        const attempt = connectNats({ servers: broker.url, name: 'x', ...(credentials ? { credentials } : {}) });
        await expect(attempt).rejects.toThrow(/^NotAuthorized: the NATS server at 127\.0\.0\.1:\d+ refuses these/);
      }
      const warnings: string[] = [];
      const { transport, ledger, objects, close } = await connectNats({
        servers: broker.url,
        name: 'x',
        credentials: seedOf(node),
        inboxPrefix: '_INBOX.me',
        warn: (message) => warnings.push(message),
      });
      transport.subscribe('halo.mine', ({ respond }) => respond?.(bytes(3)));
      expect([...(await transport.request('halo.mine', bytes(1), 5000))]).toEqual([3]);
      transport.publish('halo.theirs', bytes(1));
      transport.subscribe('secret', () => {});
      await eventually(() => warnings.length === 2);
      expect(warnings).toEqual([
        'NATS does not permit publish of halo.theirs',
        'NATS does not permit subscription of secret',
      ]);
      await expect(transport.request('halo.theirs', bytes(1), 5000)).rejects.toMatchObject({ tag: 'NotPermitted' });
      await expect(ledger('x')).rejects.toMatchObject({ tag: 'NotPermitted' });
      await expect(objects('x')).rejects.toMatchObject({ tag: 'NotPermitted' });
      await close();
    } finally {
      await broker.stop();
    }
  });
});

natsTier('a broker', () => {
  const running: Broker[] = [];
  const start = async (...options: Parameters<typeof startBroker>) => {
    const broker = await startBroker(...options);
    running.push(broker);
    return broker;
  };
  afterEach(() => Promise.all(running.splice(0).map((broker) => broker.kill())));
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('listens on loopback alone, at a port of its own, and keeps nothing unless told to', async () => {
    const [a, b] = await Promise.all(
      ['first', 'second'].map((name) => start({ directory: join(directory, name), jetStream: false })),
    );
    expect(a!.url).toBe(`nats://127.0.0.1:${a!.port}`);
    expect(a!.port).not.toBe(b!.port);
    const link = await connectNats({ servers: a!.url, name: 'x' });
    await expect(link.ledger('x')).rejects.toThrow(/^JetStreamMissing: .*Give it JetStream with -js -sd DIR/);
    await expect(link.objects('x')).rejects.toMatchObject({ tag: 'JetStreamMissing' });
    await link.close();
    await a!.stop();
    await a!.ended;
    await a!.stop();
    expect([isAlive(a!.pid), isAlive(b!.pid)]).toEqual([false, true]);
  });

  test('says why it cannot start', async () => {
    const { port } = await start({ directory: join(directory, 'taken') });
    await expect(start({ directory: join(directory, 'other'), port })).rejects.toThrow(
      new RegExp(`^BrokerFailed: nats-server did not start on port ${port} \\(.*address already in use`),
    );
    await expect(start({ directory: join(directory, 'wrong'), config: 'nonsense: {' })).rejects.toThrow(
      /^BrokerFailed: .*Parse error on line 12.*nats-server\.conf/,
    );
  });

  test('ends with the process that started it, even one that is killed', async () => {
    const script = `
      import { startBroker } from ${JSON.stringify(built('broker'))};
      const { pid } = await startBroker({ directory: process.argv[1] });
      console.log(pid);
      if (process.argv[2] === 'wait') setInterval(() => {}, 1000);`;
    const child = (...extra: string[]) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, join(directory, `of-${extra}`), ...extra], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    for (const end of ['by itself', 'SIGTERM', 'SIGKILL'] as const) {
      const parent = child(...(end === 'by itself' ? [] : ['wait', end]));
      const pid = Number(await new Promise((settle) => parent.stdout.once('data', settle)));
      const over = new Promise((settle) => parent.once('exit', settle));
      if (end !== 'by itself') parent.kill(end);
      await over;
      await eventually(() => !isAlive(pid));
    }
  });
});
