import { describe, expect, test } from 'vitest';
import { type Delivery, ledgerOver, memoryLedger, memoryNetwork } from '../../../workers/transport/memory.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A network whose messages wait until somebody hands them over, and whose clock somebody turns. */
function handTurned() {
  const underWay: Delivery[] = [];
  const alarms: { at: number; act: () => void }[] = [];
  let now = 0;
  const network = memoryNetwork({
    schedule: (delivery) => underWay.push(delivery),
    after: (milliseconds, act) => {
      const alarm = { at: now + milliseconds, act };
      alarms.push(alarm);
      return () => alarms.splice(alarms.indexOf(alarm), 1);
    },
  });
  const turn = (milliseconds: number) => {
    now += milliseconds;
    for (const alarm of alarms.filter(({ at }) => at <= now)) alarm.act();
  };
  return { network, underWay, turn, now: () => now };
}

describe('the memory network', () => {
  test('lets its owner reorder, delay and lose what is under way', () => {
    const { network, underWay } = handTurned();
    const [a, b] = [network.transport('a'), network.transport('b')];
    const heard: number[] = [];
    b.subscribe('x', ({ bytes: [value] }) => heard.push(value!));
    for (let k = 0; k < 4; k++) a.publish('x', bytes(k));
    expect(heard).toEqual([]);
    expect(underWay.map(({ from, to, subject, bytes: [value] }) => [from, to, subject, value])).toEqual(
      [0, 1, 2, 3].map((k) => ['a', 'b', 'x', k]),
    );
    underWay[3]!.deliver();
    underWay[0]!.deliver();
    underWay[0]!.deliver();
    expect(heard).toEqual([3, 0]);
    b.cut();
    b.mend();
    underWay[2]!.deliver();
    expect(heard).toEqual([3, 0]);
    a.publish('x', bytes(4));
    underWay[4]!.deliver();
    expect(heard).toEqual([3, 0, 4]);
  });

  test('delivers later than it publishes, whoever listens', async () => {
    const network = memoryNetwork();
    const a = network.transport();
    const heard: string[] = [];
    a.subscribe('x', () => heard.push('came'));
    a.publish('x', bytes(1));
    heard.push('sent');
    await Promise.resolve();
    expect(heard).toEqual(['sent', 'came']);
  });

  test('times requests by the clock it is given', async () => {
    const { network, underWay, turn } = handTurned();
    const [a, b] = [network.transport('a'), network.transport('b')];
    b.subscribe('slow', ({ respond }) => respond?.(bytes(5)));
    const late = a.request('slow', bytes(1), 100);
    const inTime = a.request('slow', bytes(1), 200);
    await Promise.resolve();
    turn(100);
    await expect(late).rejects.toThrow(/^NoAnswer: request slow: nothing came within 100 ms/);
    for (let k = 0; k < underWay.length; k++) underWay[k]!.deliver();
    expect([...(await inTime)]).toEqual([5]);
    turn(1000);
  });

  test('fails with nobody there when all who listen are cut off', async () => {
    const network = memoryNetwork();
    const [a, b] = [network.transport(), network.transport()];
    b.subscribe('x', ({ respond }) => respond?.(bytes(1)));
    b.cut();
    await expect(a.request('x', bytes(), 60_000)).rejects.toMatchObject({ tag: 'NoAnswer' });
    b.mend();
    expect([...(await a.request('x', bytes(), 60_000))]).toEqual([1]);
  });
});

describe('a memory ledger', () => {
  test('forgets by the clock it is given', async () => {
    let now = 0;
    const ledger = memoryLedger({ ttlMilliseconds: 2000, now: () => now });
    const revision = (await ledger.create('leader', bytes(1)))!;
    now = 1999;
    expect(await ledger.create('leader', bytes(2))).toBeUndefined();
    const renewed = (await ledger.update('leader', bytes(1), revision))!;
    now = 3998;
    expect((await ledger.get('leader'))?.revision).toBe(renewed);
    now = 3999;
    expect(await ledger.keys()).toEqual([]);
    expect(await ledger.create('leader', bytes(2))).toBeGreaterThan(renewed);
  });

  test('seen over a link that was down tells afterwards what was missed, the last of it', async () => {
    const network = memoryNetwork();
    const [a, b] = [network.transport(), network.transport()];
    const ledger = memoryLedger();
    const [ours, theirs] = [ledgerOver(a, ledger), ledgerOver(b, ledger)];
    const heard: (number | undefined)[] = [];
    await theirs.watch('run', (entry) => heard.push(entry?.bytes[0]));
    b.cut();
    const revision = (await ours.create('run', bytes(1)))!;
    await ours.update('run', bytes(2), revision);
    await Promise.resolve();
    expect(heard).toEqual([]);
    b.mend();
    expect(heard).toEqual([2]);
  });
});
