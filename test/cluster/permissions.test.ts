import { once } from 'node:events';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CoordinatorProcess } from '../../workers/coordinator/coordinator-process.ts';
import { addUser, renewCertificate } from '../../workers/credentials/authority.ts';
import { keyOfSeed, newUserKey, readClaims, signClaims } from '../../workers/credentials/claims.ts';
import { credentialsText } from '../../workers/credentials/credentials-file.ts';
import { userClaims } from '../../workers/credentials/permissions.ts';
import { wallClock } from '../../workers/node/clock.ts';
import type { RunRecord } from '../../workers/protocol/cluster.ts';
import {
  type LeaderReply,
  type LeaderRequest,
  packCluster,
  readLeaderReply,
} from '../../workers/protocol/cluster-messages.ts';
import { LEDGER, type Role, SUBJECTS, TILES } from '../../workers/protocol/cluster-subjects.ts';
import { NO_HISTORY } from '../../workers/protocol/metering.ts';
import { memoryStore } from '../../workers/store/store.ts';
import { connectNats } from '../../workers/transport/nats.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { type Connected, eventually, SecuredBroker } from './secured-broker.ts';

const USERS = ['alice', 'bob', 'carol', 'dave', 'admin', 'coordinator'] as const;
type Name = (typeof USERS)[number];
const RUN = 'the-run';
const some = Uint8Array.of(1, 2, 3);
const HASH = 'ab'.repeat(32);
const WORK = { threads: 1, computeSeconds: 1, waitSeconds: 1, bytesSent: 1, bytesReceived: 1 };

natsTier('a broker with the permissions that are made for it', () => {
  let secured: SecuredBroker;
  const links = {} as Record<Name, Connected>;
  beforeAll(async () => {
    secured = await SecuredBroker.start(['alice', 'bob'], ['carol', 'dave']);
    for (const user of USERS) links[user] = await secured.connect(user);
    await links.coordinator.ledger(LEDGER);
    await links.coordinator.objects(TILES);
  });
  afterAll(() => secured?.end());

  /** Whether what one says is heard by another, and what the server says of it. */
  async function speech(from: Name, subject: string, to: Name, pattern: string) {
    let isHeard = false;
    const listener = links[to].transport;
    const stop = listener.subscribe(pattern, (message) => {
      isHeard ||= message.subject === subject;
    });
    await listener.flush();
    const { transport, warnings } = links[from];
    const before = warnings.length;
    transport.publish(subject, some);
    await transport.flush();
    await eventually(`news of ${subject}`, () => isHeard || warnings.length > before);
    await listener.flush();
    stop();
    return { isHeard, said: warnings.slice(before) };
  }

  describe('lets through what is said by', () => {
    test.each<[what: string, may: Name, mayNot: readonly Name[], subject: string, to: Name, pattern: string]>([
      [
        'heartbeats',
        'alice',
        ['bob', 'carol', 'admin'],
        SUBJECTS.heartbeat('alice'),
        'coordinator',
        SUBJECTS.heartbeats,
      ],
      ['halos', 'alice', ['carol', 'coordinator'], SUBJECTS.halo('alice', 'bob', RUN), 'bob', SUBJECTS.halosTo('bob')],
      ['halos', 'bob', ['alice'], SUBJECTS.halo('bob', 'alice', RUN), 'alice', SUBJECTS.halosTo('alice')],
      ['asks', 'alice', ['carol', 'admin'], SUBJECTS.ask('alice', 'bob', RUN), 'bob', SUBJECTS.asksTo('bob')],
      ['records', 'coordinator', ['alice', 'carol', 'admin'], SUBJECTS.record(RUN), 'bob', SUBJECTS.records],
      [
        'requests of a node',
        'alice',
        ['bob', 'carol', 'admin'],
        SUBJECTS.toLeader('node', 'alice'),
        'coordinator',
        SUBJECTS.allToLeader,
      ],
      [
        'requests of a scientist',
        'carol',
        ['dave', 'alice', 'admin'],
        SUBJECTS.toLeader('scientist', 'carol'),
        'coordinator',
        SUBJECTS.allToLeader,
      ],
      [
        'requests of an admin',
        'admin',
        ['alice', 'carol'],
        SUBJECTS.toLeader('admin', 'admin'),
        'coordinator',
        SUBJECTS.allToLeader,
      ],
    ])('who may alone: %s of %s, not of %j', async (_, may, mayNot, subject, to, pattern) => {
      expect(await speech(may, subject, to, pattern)).toEqual({ isHeard: true, said: [] });
      for (const other of mayNot)
        expect(await speech(other, subject, to, pattern), other).toEqual({
          isHeard: false,
          said: [`NATS does not permit publish of ${subject}`],
        });
    });
  });

  describe('lets hear', () => {
    test.each<[pattern: string, may: Name, mayNot: readonly Name[], subject: string, from: Name]>([
      [SUBJECTS.halosTo('bob'), 'bob', ['alice', 'carol', 'coordinator'], SUBJECTS.halo('alice', 'bob', RUN), 'alice'],
      [SUBJECTS.asksTo('bob'), 'bob', ['alice', 'carol'], SUBJECTS.ask('alice', 'bob', RUN), 'alice'],
      [SUBJECTS.allToLeader, 'coordinator', ['alice', 'carol', 'admin'], SUBJECTS.toLeader('node', 'bob'), 'bob'],
      [SUBJECTS.records, 'bob', ['carol', 'admin'], SUBJECTS.record(RUN), 'coordinator'],
    ])('%s only %s, not %j', async (pattern, may, mayNot, subject, from) => {
      expect(await speech(from, subject, may, pattern)).toEqual({ isHeard: true, said: [] });
      for (const wish of [pattern, 'terrella.>', '>', '_INBOX_bob.>', '$SYS.>', '$JS.>'])
        for (const other of mayNot) {
          if (other === 'coordinator' && wish === '>') continue;
          const { transport, warnings } = links[other];
          const before = warnings.length;
          let heard = 0;
          const stop = transport.subscribe(wish, () => heard++);
          await transport.flush();
          await eventually('a refusal', () => warnings.length > before);
          expect(warnings.slice(before), other).toEqual([`NATS does not permit subscription of ${wish}`]);
          links[from].transport.publish(subject, some);
          await links[from].transport.flush();
          await transport.flush();
          stop();
          expect(heard).toBe(0);
        }
    });
  });

  describe('lets answer', () => {
    test('whom it was asked by, once, and nobody else', async () => {
      const { coordinator, alice, bob } = links;
      const stop = coordinator.transport.subscribe(SUBJECTS.allToLeader, ({ respond }) => {
        respond?.(Uint8Array.of(7));
        respond?.(Uint8Array.of(8));
      });
      await coordinator.transport.flush();
      const before = coordinator.warnings.length;
      expect([...(await alice.transport.request(SUBJECTS.toLeader('node', 'alice'), some, 2000))]).toEqual([7]);
      await eventually('the refusal of a second answer', () => coordinator.warnings.length > before);
      stop();
      let stolen = 0;
      const inbox = '_INBOX_bob.unasked';
      const end = bob.transport.subscribe(inbox, () => stolen++);
      await bob.transport.flush();
      for (const user of ['alice', 'carol', 'coordinator'] as const) {
        const { transport, warnings } = links[user];
        const had = warnings.length;
        transport.publish(inbox, some);
        await eventually('a refusal', () => warnings.length > had);
      }
      await bob.transport.flush();
      end();
      expect(stolen).toBe(0);
    });
  });

  describe('keeps JetStream for coordinators', () => {
    const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const said = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as { error?: object };
    const consumer = {
      stream_name: `KV_${LEDGER}`,
      config: { deliver_subject: '_INBOX_coordinator.spy', deliver_policy: 'all', ack_policy: 'none' },
    };

    test.each<[string, string, object | undefined]>([
      ['tell of the account', '$JS.API.INFO', undefined],
      ['tell of a stream', `$JS.API.STREAM.INFO.KV_${LEDGER}`, undefined],
      ['make a consumer', `$JS.API.CONSUMER.CREATE.KV_${LEDGER}`, consumer],
      ['read a message', `$JS.API.STREAM.MSG.GET.KV_${LEDGER}`, { last_by_subj: `$KV.${LEDGER}.here` }],
      ['make a stream', '$JS.API.STREAM.CREATE.other', { name: 'other', subjects: ['other.>'] }],
      ['delete a stream', '$JS.API.STREAM.DELETE.other', undefined],
    ])('to %s', async (_, subject, body) => {
      const bytes = body ? json(body) : new Uint8Array();
      const ledger = await links.coordinator.ledger(LEDGER);
      await ledger.create('here', some);
      for (const user of ['alice', 'carol', 'admin'] as const)
        await expect(links[user].transport.request(subject, bytes, 2000), user).rejects.toMatchObject({
          tag: 'NotPermitted',
        });
      expect(said(await links.coordinator.transport.request(subject, bytes, 2000)).error).toBeUndefined();
    });

    test('to write the lease and a record', async () => {
      const ledger = await links.coordinator.ledger(LEDGER);
      const revision = await ledger.create('leader', some);
      await ledger.create('run.x', some);
      for (const user of ['alice', 'carol', 'admin'] as const) {
        const { transport, warnings, ledger: open, objects } = links[user];
        for (const key of ['leader', 'run.x']) {
          const before = warnings.length;
          transport.publish(`$KV.${LEDGER}.${key}`, Uint8Array.of(9));
          await transport.flush();
          await eventually('a refusal', () => warnings.length > before);
        }
        await expect(open(LEDGER)).rejects.toMatchObject({ tag: 'NotPermitted' });
        await expect(objects(TILES)).rejects.toMatchObject({ tag: 'NotPermitted' });
      }
      for (const key of ['leader', 'run.x']) expect((await ledger.get(key))?.bytes).toEqual(some);
      expect(await ledger.update('leader', Uint8Array.of(9), revision!)).toBeGreaterThan(revision!);
      const store = await links.coordinator.objects(TILES);
      await store.set('tiles/x', some);
      expect(await store.get('tiles/x')).toEqual(some);
    });
  });

  describe('keeps accounts apart', () => {
    test('whoever hears all of the system’s account hears nothing of the runs’', async () => {
      const system = keyOfSeed(readFileSync(join(secured.keys, 'secrets', 'system.nk'), 'utf8'));
      const key = newUserKey();
      const { pub, sub, ...rest } = userClaims('system', 'spy');
      const token = signClaims(system, { name: 'spy', sub: key.getPublicKey(), nats: { ...rest, pub: {}, sub: {} } });
      expect([pub, sub]).not.toEqual([{}, {}]);
      const file = join(secured.directory, 'spy.creds');
      writeFileSync(file, credentialsText(token, key));
      const spy = await secured.connect('spy', file);
      const heard: string[] = [];
      spy.transport.subscribe('>', ({ subject }) => heard.push(subject));
      await spy.transport.flush();
      links.alice.transport.publish(SUBJECTS.heartbeat('alice'), some);
      await links.alice.transport.flush();
      // What it may hear: somebody comes.
      const visitor = await secured.connect('bob');
      await eventually('news of the visitor', () => heard.some((subject) => subject.endsWith('.CONNECT')));
      await visitor.close();
      expect(heard.filter((subject) => !subject.startsWith('$SYS.') && !subject.startsWith('_INBOX'))).toEqual([]);
    });

    test('the system’s user pushes accounts, and neither reads nor writes anything else', async () => {
      const system = await secured.connect('system');
      system.transport.subscribe('$SYS.>', () => {});
      system.transport.subscribe('terrella.>', () => {});
      system.transport.publish(SUBJECTS.record(RUN), some);
      await system.transport.flush();
      await eventually('three refusals', () => system.warnings.length === 3);
      await expect(links.admin.transport.request('$SYS.REQ.CLAIMS.UPDATE', some, 2000)).rejects.toMatchObject({
        tag: 'NotPermitted',
      });
    });
  });

  describe('takes credentials', () => {
    const refused = async (file: string) =>
      expect(secured.connect('alice', file)).rejects.toMatchObject({ tag: 'NotAuthorized' });
    const write = (name: string, text: string): string => {
      const file = join(secured.directory, name);
      writeFileSync(file, text);
      return file;
    };
    const honest = () => readFileSync(secured.credentialsOf('alice'), 'utf8');

    test('of its own authority alone', async () => {
      const other = await SecuredBroker.start(['alice'], []);
      const file = other.credentialsOf('alice');
      await (await other.connect('alice')).close();
      await refused(file);
      await other.end();
      await (await secured.connect('alice')).close();
    });

    test('with the seed that goes with the token', async () => {
      const seed = /SU[A-Z2-7]{56}/;
      const theirs = seed.exec(readFileSync(secured.credentialsOf('bob'), 'utf8'))![0];
      await (await secured.connect('alice', write('same.creds', honest()))).close();
      await refused(write('stolen.creds', honest().replace(seed, theirs)));
    });

    test('as they were signed', async () => {
      const token = /\n(ey\S+)\n/.exec(honest())![1]!;
      const [head, , signature] = token.split('.');
      const claims = readClaims(token)!;
      const wider = { ...claims, nats: { ...claims.nats, ...userClaims('coordinator', 'alice') } };
      const forged = [head, Buffer.from(JSON.stringify(wider)).toString('base64url'), signature].join('.');
      await refused(write('forged.creds', honest().replace(token, forged)));
    });

    test('through TLS, and shows a certificate of its own authority', async () => {
      const credentials = { credsFile: secured.credentialsOf('alice') };
      const other = await SecuredBroker.start([], []);
      const attempt = (servers: string, tls?: { caFile: string }) =>
        connectNats({ servers, name: 'alice', credentials, ...(tls ? { tls } : {}) });
      const { close } = await attempt(secured.url, { caFile: secured.authority });
      await close();
      await expect(attempt(secured.url)).rejects.toThrow(/certificate/);
      await expect(attempt(secured.url, { caFile: other.authority })).rejects.toThrow(/certificate|self-signed/);
      await other.end();
    });
  });

  describe('and a coordinator', () => {
    let coordinator: CoordinatorProcess;
    beforeAll(async () => {
      const { transport, ledger: open } = await secured.connect('coordinator');
      const ledger = await open(LEDGER);
      for (const key of await ledger.keys()) await ledger.delete(key);
      coordinator = new CoordinatorProcess({
        name: 'first',
        transport,
        ledger,
        store: memoryStore(),
        clock: wallClock,
      });
    });
    afterAll(() => coordinator?.stop());

    const record = (run: string, owner: string): RunRecord => ({
      run,
      owner,
      job: '{}',
      state: 'queued',
      shape: { panels: 1, cellsX: 16, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
      steps: 100,
      cutEvery: 10,
      curve: [0, 1, 3, 2],
      epoch: 0,
      members: [],
      owners: [],
      operations: 1000,
      history: NO_HISTORY,
    });
    const roles: Readonly<Record<string, Role>> = { alice: 'node', bob: 'node', admin: 'admin' };
    /** The answer, as soon as somebody leads. */
    async function ask(user: Name, request: LeaderRequest): Promise<LeaderReply> {
      const subject = SUBJECTS.toLeader(roles[user] ?? 'scientist', user);
      for (let tries = 0; ; tries++)
        try {
          return readLeaderReply(await links[user].transport.request(subject, packCluster(request), 500))!;
        } catch (error) {
          if (tries === 20 || !(error instanceof Error && error.message.startsWith('NoAnswer'))) throw error;
        }
    }
    const stateOf = (run: string) => coordinator.records().find((one) => one.run === run)?.state;

    test('take runs of scientists in their own names', async () => {
      expect(await ask('carol', { type: 'submit', record: record('mine', 'carol') })).toEqual({ type: 'submitted' });
      expect(await ask('carol', { type: 'submit', record: record('theirs', 'dave') })).toMatchObject({
        type: 'refused',
        message: expect.stringContaining('in the name of dave'),
      });
      expect(await ask('dave', { type: 'submit', record: record('mine', 'dave') })).toMatchObject({ type: 'refused' });
      expect(await ask('alice', { type: 'submit', record: record('mine', 'alice') })).toMatchObject({
        type: 'refused',
        message: expect.stringContaining('alice is a node'),
      });
      expect(await ask('admin', { type: 'submit', record: record('given', 'dave') })).toEqual({ type: 'submitted' });
    });

    test('cancel a run for its owner and for an admin', async () => {
      for (const run of ['one', 'two']) await ask('carol', { type: 'submit', record: record(run, 'carol') });
      expect(await ask('dave', { type: 'cancel', run: 'one' })).toMatchObject({
        type: 'refused',
        message: 'one is a run of carol. Ask carol or an admin to cancel it.',
      });
      expect(await ask('alice', { type: 'cancel', run: 'one' })).toMatchObject({ type: 'refused' });
      expect(stateOf('one')).toBe('queued');
      expect(await ask('carol', { type: 'cancel', run: 'one' })).toEqual({ type: 'done' });
      expect(await ask('admin', { type: 'cancel', run: 'two' })).toEqual({ type: 'done' });
      await eventually('both ends', () => ['one', 'two'].every((run) => stateOf(run) === 'cancelled'));
    });

    test('drain a node for an admin', async () => {
      const heartbeat = packCluster({
        type: 'heartbeat',
        member: { node: 'alice', incarnation: 1 },
        ...{ speed: 1, draining: false, patience: 60_000, runs: [], session: { threads: 1 } },
      });
      links.alice.transport.publish(SUBJECTS.heartbeat('alice'), heartbeat);
      await eventually('alice', () => coordinator.nodes().length > 0);
      for (const user of ['carol', 'bob'] as const)
        expect(await ask(user, { type: 'drain', node: 'alice' })).toMatchObject({ type: 'refused' });
      expect(coordinator.nodes()[0]!.draining).toBe(false);
      expect(await ask('admin', { type: 'drain', node: 'alice' })).toEqual({ type: 'done' });
      expect(coordinator.nodes()[0]!.draining).toBe(true);
    });

    test('take nothing of nodes from others, and tell all what there is', async () => {
      const member = { node: 'carol', incarnation: 1 };
      const work: readonly LeaderRequest[] = [
        { type: 'hand-in', run: 'mine', epoch: 1, member, step: 10, tiles: [[0, HASH]], busy: [0], work: WORK },
        { type: 'failed', of: 'run', run: 'mine', epoch: 1, member, message: 'so there' },
      ];
      for (const request of work)
        expect(await ask('carol', request)).toMatchObject({
          type: 'refused',
          message: expect.stringContaining('carol is a scientist'),
        });
      for (const user of ['alice', 'carol'] as const)
        expect(await ask(user, { type: 'fetch', hash: HASH })).toEqual({ type: 'fetched' });
      for (const user of ['carol', 'admin'] as const)
        expect(await ask(user, { type: 'status' })).toMatchObject({ type: 'status' });
      expect(await ask('alice', { type: 'status' })).toMatchObject({ type: 'refused' });
    });
  });
});

natsTier('a certificate that is renewed', () => {
  test('is shown once the broker reads its configuration again, and nobody is thrown out', async () => {
    const secured = await SecuredBroker.start(['alice', 'bob'], []);
    /** Of the certificate that the broker shows. */
    const serialNumber = async (): Promise<string> => {
      const plain = connect(secured.broker.port, '127.0.0.1');
      // NATS greets in clear.
      await once(plain, 'data');
      const socket = connectTls({ socket: plain, ca: readFileSync(secured.authority), host: '127.0.0.1' });
      await once(socket, 'secureConnect');
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const alice = await secured.connect('alice');
    const before = await serialNumber();
    await renewCertificate(secured.keys, []);
    expect(await serialNumber()).toBe(before);
    process.kill(secured.broker.pid, 'SIGHUP');
    let shown = before;
    for (let tries = 0; shown === before && tries < 100; tries++) {
      await wallClock.wait(20);
      shown = await serialNumber();
    }
    expect(shown).not.toBe(before);
    await alice.transport.flush();
    expect([alice.transport.link, alice.warnings]).toEqual(['up', []]);
    await (await secured.connect('bob')).transport.flush();
    await secured.end();
  });
});

natsTier('a user that is revoked', () => {
  test('is out within a second and stays out; nobody else notices', async () => {
    const secured = await SecuredBroker.start(['alice', 'bob', 'erin'], []);
    const old = join(secured.directory, 'backup');
    cpSync(secured.keys, old, { recursive: true });
    const [alice, bob] = [await secured.connect('alice'), await secured.connect('bob')];
    const theirs = readFileSync(secured.credentialsOf('bob'), 'utf8');
    const kept = join(secured.directory, 'kept.creds');
    writeFileSync(kept, theirs);
    let fell = 0;
    bob.transport.onLink((link) => {
      if (link === 'down') fell = performance.now();
    });
    const refused = () => expect(secured.connect('bob', kept)).rejects.toMatchObject({ tag: 'NotAuthorized' });
    await bob.transport.flush();
    const began = performance.now();
    await secured.revoke('bob');
    await eventually('the fall of the link', () => fell > 0);
    console.log(`out after ${(fell - began).toFixed(0)} ms, the connection for the push included`);
    expect(fell - began).toBeLessThan(1000);
    await refused();
    await eventually('the refusal of the reconnection', () => bob.warnings.some((said) => /revoked/.test(said)));
    expect(bob.transport.link).toBe('down');
    expect(alice.transport.link).toBe('up');
    await alice.transport.flush();

    // Whoever revokes somebody else from an old backup of the keys lets nobody in again.
    await secured.revoke('erin', old);
    await refused();
    await secured.restart();
    await refused();
    await eventually('the return of alice', () => alice.transport.link === 'up');

    // A new user may have the name.
    const file = await addUser(secured.keys, { name: 'bob', role: 'node' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await (await secured.connect('bob')).transport.flush();
    await refused();
    await secured.end();
  });
});
