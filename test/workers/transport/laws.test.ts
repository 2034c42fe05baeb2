import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Incoming, Link } from '../../../workers/transport/transport.ts';
import { natsTier } from './nats-tier.ts';
import { eventually, memoryRig, natsRig, type Rig } from './rigs.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Bytes that repeat only after a long while. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, k) => (k * 31 + (k >> 8) * 17) & 255);

const networks: [string, (name: string, suite: () => void) => void, () => Promise<Rig>][] = [
  ['memory', describe, memoryRig],
  ['NATS', natsTier, natsRig],
];

for (const [network, suite, open] of networks) {
  suite(`messages over ${network}`, () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig?.end());

    test('reach every subscription that stands for their subject, in order, the sender among them', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      const patterns = ['order.one', 'order.*', 'order.>', '*.one', '>', 'order.one.*', 'order', 'other.one'];
      const heard = new Map<string, number[]>(patterns.map((one) => [one, []]));
      const ends = patterns.map((one) =>
        b.subscribe(one, ({ subject, bytes: [value] }) => subject.startsWith('order') && heard.get(one)?.push(value!)),
      );
      const echo: number[] = [];
      a.subscribe('order.one', ({ bytes: [value] }) => echo.push(value!));
      await Promise.all([a.flush(), b.flush()]);
      for (let k = 0; k < 100; k++) a.publish('order.one', bytes(k));
      a.publish('order.one.deep', bytes(200));
      a.publish('order', bytes(201));
      await eventually(() => heard.get('>')?.length === 102);
      const all = [...bytes(...Array(100).keys())];
      expect(Object.fromEntries(heard)).toEqual({
        'order.one': all,
        'order.*': all,
        'order.>': [...all, 200],
        '*.one': all,
        '>': [...all, 200, 201],
        'order.one.*': [200],
        order: [201],
        'other.one': [],
      });
      expect(echo).toEqual(all);
      for (const end of ends) end();
      await b.flush();
    });

    test('belong to their receiver: a copy, aligned, whatever the sender does next', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      const [first, second]: Incoming[][] = [[], []];
      b.subscribe('own.it', (message) => first!.push(message));
      b.subscribe('own.*', (message) => second!.push(message));
      await b.flush();
      const mine = pattern(1003).subarray(3);
      for (let k = 0; k < 50; k++) {
        mine.fill(k);
        a.publish('own.it', mine);
        await setImmediate();
        mine.fill(255);
      }
      await eventually(() => first!.length === 50 && second!.length === 50);
      first!.forEach((message, k) => {
        expect(message.bytes.length).toBe(1000);
        expect(message.bytes.every((value) => value === k)).toBe(true);
        expect(message.bytes.byteOffset % 8).toBe(0);
        expect(message.bytes.buffer.byteLength).toBe(1000);
        message.bytes.fill(99);
        expect(second![k]!.bytes.every((value) => value === k)).toBe(true);
        expect(message.respond).toBeUndefined();
      });
      expect(new Float32Array(first![0]!.bytes.buffer).length).toBe(250);
    });

    test('come no more once the subscription has ended', async () => {
      const { transport } = await rig.client();
      const heard: string[] = [];
      const end = transport.subscribe('ending', () => heard.push('first'));
      transport.subscribe('ending', () => heard.push('second'));
      transport.publish('ending', bytes(1));
      await eventually(() => heard.length === 2);
      end();
      end();
      transport.publish('ending', bytes(1));
      await eventually(() => heard.length === 3);
      expect(heard.at(-1)).toBe('second');
    });

    test('may be as large as the limit and no larger; empty is fine', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      const heard: Uint8Array[] = [];
      b.subscribe('large', (message) => heard.push(message.bytes));
      await b.flush();
      expect(a.largestMessage).toBe(8 * 1024 * 1024);
      const whole = pattern(a.largestMessage);
      a.publish('large', whole);
      a.publish('large', bytes());
      await eventually(() => heard.length === 2);
      expect(Buffer.compare(heard[0]!, whole)).toBe(0);
      expect(heard[1]!.length).toBe(0);
      const over = new Uint8Array(a.largestMessage + 1);
      const refusal = /^MessageTooLarge: 8388609 bytes to large, more than the 8388608 .* in parts/;
      expect(() => a.publish('large', over)).toThrow(refusal);
      await expect(a.request('large', over, 100)).rejects.toThrow(refusal);
    });

    test('go to subjects and nowhere else', async () => {
      const { transport } = await rig.client();
      for (const bad of ['', 'a b', 'a..b', '.a', 'a.', 'a.*', 'a.>', 'a\r\nPUB x 0\r\n', 'a\tb']) {
        expect(() => transport.publish(bad, bytes(1))).toThrow(/^BadSubject: /);
        await expect(transport.request(bad, bytes(1), 100)).rejects.toMatchObject({ tag: 'BadSubject' });
      }
      for (const bad of ['', 'a b', 'a.>.b', 'a.*b', '>.a', 'a>']) {
        expect(() => transport.subscribe(bad, () => {})).toThrow(/^BadSubject: /);
      }
    });

    test('that ask get the first answer, each its own', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      b.subscribe('ask.double', ({ bytes: [value], respond }) => {
        respond?.(new Uint8Array(9).fill(2 * value!));
        respond?.(new Uint8Array(9));
      });
      b.subscribe('ask.nothing', ({ respond }) => respond?.(bytes()));
      await b.flush();
      const answers = await Promise.all(Array.from({ length: 40 }, (_, k) => a.request('ask.double', bytes(k), 5000)));
      expect(answers.map((one) => one[8])).toEqual(Array.from({ length: 40 }, (_, k) => 2 * k));
      expect(answers.every((one) => one.byteOffset % 8 === 0)).toBe(true);
      expect((await a.request('ask.nothing', bytes(), 5000)).length).toBe(0);
    });

    test('that ask say at once that nobody listens, and in time that nobody answers', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      b.subscribe('ask.silent', () => {});
      await b.flush();
      const before = Date.now();
      await expect(a.request('ask.nobody', bytes(1), 60_000)).rejects.toThrow(
        /^NoAnswer: request ask.nobody: nobody listens there\. Ask again/,
      );
      expect(Date.now() - before).toBeLessThan(10_000);
      await expect(a.request('ask.silent', bytes(1), 30)).rejects.toThrow(
        /^NoAnswer: request ask.silent: nothing came/,
      );
    });
  });

  suite(`a ledger over ${network}`, () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig?.end());

    test('creates what is not there and changes what has not changed', async () => {
      const ledger = await (await rig.client()).ledger('simple');
      expect(await ledger.get('run')).toBeUndefined();
      expect(await ledger.keys()).toEqual([]);
      const mine = bytes(1);
      const first = await ledger.create('run', mine);
      mine[0] = 9;
      expect(first).toBeGreaterThan(0);
      expect(await ledger.get('run')).toEqual({ bytes: bytes(1), revision: first });
      expect(await ledger.create('run', bytes(2))).toBeUndefined();
      expect(await ledger.update('run', bytes(2), first! + 1)).toBeUndefined();
      expect(await ledger.update('run', bytes(2), 0)).toBeUndefined();
      expect(await ledger.update('other', bytes(2), first!)).toBeUndefined();
      const second = await ledger.update('run', bytes(3), first!);
      expect(second).toBeGreaterThan(first!);
      expect(await ledger.update('run', bytes(4), first!)).toBeUndefined();
      expect(await ledger.get('run')).toEqual({ bytes: bytes(3), revision: second });
      await ledger.create('a/b.c-d', bytes());
      expect(await ledger.keys()).toEqual(['a/b.c-d', 'run']);
      await ledger.delete('run');
      expect(await ledger.get('run')).toBeUndefined();
      expect(await ledger.update('run', bytes(5), second!)).toBeUndefined();
      expect(await ledger.keys()).toEqual(['a/b.c-d']);
      expect(await ledger.create('run', bytes(6))).toBeGreaterThan(second!);
      for (const bad of ['', 'a b', 'a..b', 'a*', '>', '.a', 'ä']) {
        await expect(ledger.create(bad, bytes())).rejects.toMatchObject({ tag: 'InvalidKey' });
        await expect(ledger.get(bad)).rejects.toMatchObject({ tag: 'InvalidKey' });
      }
    });

    test('lets exactly one of those win who write at once', async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => rig.client()));
      const ledgers = await Promise.all(clients.map((client) => client.ledger('race')));
      for (let round = 0; round < 20; round++) {
        const key = `key-${round}`;
        const created = await Promise.all(ledgers.map((ledger, k) => ledger.create(key, bytes(k))));
        expect(created.filter((revision) => revision !== undefined)).toHaveLength(1);
        const revision = created.find((one) => one !== undefined)!;
        expect((await ledgers[0]!.get(key))?.bytes).toEqual(bytes(created.indexOf(revision)));
        const updated = await Promise.all(ledgers.map((ledger, k) => ledger.update(key, bytes(10 + k), revision)));
        const winner = updated.findIndex((one) => one !== undefined);
        expect(updated.filter((one) => one !== undefined)).toHaveLength(1);
        expect(await ledgers[3]!.get(key)).toEqual({ bytes: bytes(10 + winner), revision: updated[winner] });
      }
    });

    test('tells those who watch what is there and what becomes of it', async () => {
      const [a, b] = [await (await rig.client()).ledger('watched'), await (await rig.client()).ledger('watched')];
      const first = (await a.create('run', bytes(1)))!;
      const heard: (number | undefined)[] = [];
      const end = await b.watch('run', (entry) => heard.push(entry?.bytes[0]));
      await eventually(() => heard.length === 1);
      const second = (await a.update('run', bytes(2), first))!;
      await a.create('another', bytes(7));
      await eventually(() => heard.length === 2);
      await a.update('run', bytes(3), second);
      await eventually(() => heard.length === 3);
      await a.delete('run');
      await eventually(() => heard.length === 4);
      await a.create('run', bytes(4));
      await eventually(() => heard.length === 5);
      expect(heard).toEqual([1, 2, 3, undefined, 4]);
      end();
      await a.delete('run');
      await a.get('run');
      expect(heard).toHaveLength(5);
    });

    test('forgets what is not renewed, and then anybody may create it', async () => {
      const ledger = await (await rig.client()).ledger('lease', { ttlMilliseconds: 2000 });
      let revision = (await ledger.create('leader', bytes(1)))!;
      for (let k = 0; k < 3; k++) {
        await new Promise((resolve) => setTimeout(resolve, 800));
        revision = (await ledger.update('leader', bytes(1), revision))!;
        expect(revision).toBeDefined();
      }
      expect(await ledger.create('leader', bytes(2))).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 2600));
      expect(await ledger.get('leader')).toBeUndefined();
      expect(await ledger.update('leader', bytes(1), revision)).toBeUndefined();
      expect(await ledger.create('leader', bytes(2))).toBeGreaterThan(revision);
    });
  });

  suite(`a store over ${network}`, () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig?.end());

    test('gives back 5 MB to another client, the newest, and nothing once deleted', async () => {
      const [a, b] = [await (await rig.client()).store('blobs'), await (await rig.client()).store('blobs')];
      const blob = pattern(5_000_003);
      await a.set('state/ümlaut 1', blob);
      const came = (await b.get('state/ümlaut 1'))!;
      expect(Buffer.compare(came, blob)).toBe(0);
      expect(came.byteOffset % 8).toBe(0);
      await b.set('state/ümlaut 1', bytes(1, 2, 3));
      expect([...(await a.get('state/ümlaut 1'))!]).toEqual([1, 2, 3]);
      await a.set('state/empty', bytes());
      expect((await b.get('state/empty'))!.length).toBe(0);
      await a.delete('state/ümlaut 1');
      await a.delete('state/ümlaut 1');
      await a.delete('never');
      expect(await b.get('state/ümlaut 1')).toBeUndefined();
      expect(await b.get('never')).toBeUndefined();
    });

    test('lists keys by prefix, sorted, and keeps its bytes when the caller reuses theirs', async () => {
      const store = await (await rig.client()).store('listed');
      expect(await store.list('')).toEqual([]);
      const mine = bytes(1);
      for (const key of ['z', 'a/c/2', 'a/c/10', 'a/b', 'ab', 'gone']) await store.set(key, mine);
      mine[0] = 9;
      await store.delete('gone');
      await store.flush();
      expect(await store.list('a/')).toEqual(['a/b', 'a/c/10', 'a/c/2', 'ab'].slice(0, 3));
      expect((await store.list('')).length).toBe(5);
      expect([...(await store.get('a/b'))!]).toEqual([1]);
      for (const key of ['../x', '/x', 'a//b', '']) {
        await expect(store.set(key, bytes(1))).rejects.toMatchObject({ tag: 'InvalidKey' });
      }
    });
  });

  suite(`an outage of ${network}`, () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await open();
    });
    afterAll(() => rig?.end());

    test('is told, fails what waits, drops what is sent, and leaves subscriptions, ledgers and stores as they were', async () => {
      const [a, b] = [await rig.client(), await rig.client()];
      const links: Link[] = [];
      const endOfLink = a.transport.onLink((link) => links.push(link));
      const heard: number[] = [];
      b.transport.subscribe('alive.>', ({ bytes: [value], respond }) => {
        heard.push(value!);
        respond?.(bytes(value! + 1));
      });
      const ended = b.transport.subscribe('alive.>', () => heard.push(-1));
      b.transport.subscribe('silent', () => {});
      await b.transport.flush();
      const [ledger, others] = [await a.ledger('kept'), await b.ledger('kept')];
      const store = await a.store('kept');
      const revision = (await ledger.create('run', bytes(1)))!;
      await ledger.create('steady', bytes(5));
      await store.set('blob', pattern(100_000));
      const news: (number | undefined)[] = [];
      const steady: (number | undefined)[] = [];
      await others.watch('run', (entry) => news.push(entry?.bytes[0]));
      const endOfWatch = await others.watch('steady', (entry) => steady.push(entry?.bytes[0]));
      await eventually(() => news.length === 1 && steady.length === 1);

      const waiting = a.transport.request('silent', bytes(1), 60_000);
      const outcome = expect(waiting).rejects.toMatchObject({ tag: 'Disconnected' });
      await a.transport.flush();
      await rig.interrupt();
      await outcome;
      await eventually(() => a.transport.link === 'down' && b.transport.link === 'down');
      ended();
      for (let k = 0; k < 10; k++) a.transport.publish('alive.lost', bytes(k));
      expect(a.transport.dropped).toBe(10);
      await expect(a.transport.request('alive.now', bytes(1), 1000)).rejects.toThrow(
        /^Disconnected: request alive.now: the link is down/,
      );
      for (const attempt of [ledger.get('run'), ledger.create('x', bytes()), ledger.keys(), a.transport.flush()]) {
        await expect(attempt).rejects.toMatchObject({ tag: 'Disconnected' });
      }
      b.transport.subscribe('late', ({ respond }) => respond?.(bytes(42)));

      await rig.resume();
      await eventually(() => a.transport.link === 'up' && b.transport.link === 'up');
      expect(links).toEqual(['down', 'up']);
      await b.transport.flush();
      expect([...(await a.transport.request('alive.again', bytes(7), 5000))]).toEqual([8]);
      expect([...(await a.transport.request('late', bytes(7), 5000))]).toEqual([42]);
      expect(heard).toEqual([7]);

      expect(await ledger.get('run')).toEqual({ bytes: bytes(1), revision });
      expect(Buffer.compare((await store.get('blob'))!, pattern(100_000))).toBe(0);
      expect(await ledger.update('run', bytes(2), revision)).toBeGreaterThan(revision);
      await eventually(() => news.length === 2);
      expect(news).toEqual([1, 2]);
      expect(steady).toEqual([5]);
      endOfWatch();
      endOfLink();

      await rig.interrupt();
      await eventually(() => b.transport.link === 'down');
      await rig.resume();
      await eventually(() => a.transport.link === 'up' && b.transport.link === 'up');
      expect([...(await a.transport.request('alive.twice', bytes(9), 5000))]).toEqual([10]);
      expect(links).toEqual(['down', 'up']);
    });

    test('does not matter to those who have closed', async () => {
      const [a, b] = [(await rig.client()).transport, (await rig.client()).transport];
      const heard: number[] = [];
      b.subscribe('last', ({ bytes: [value] }) => heard.push(value!));
      await b.flush();
      a.publish('last', bytes(1));
      await a.close();
      await eventually(() => heard.length === 1);
      a.publish('last', bytes(2));
      expect(a.dropped).toBe(1);
      expect(a.link).toBe('down');
      await expect(a.request('last', bytes(), 100)).rejects.toMatchObject({ tag: 'Disconnected' });
      expect(() => a.subscribe('last', () => {})).toThrow(/^Disconnected: /);
      await a.close();
    });
  });
}
