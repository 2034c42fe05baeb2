import { afterEach, expect, test } from 'vitest';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { hashAlone, ProcessCluster, type Told } from './process-cluster.ts';

/** Some seconds of work for three nodes. */
const LONG = ['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=6 h'];

natsTier('a cluster with TLS, credentials and permissions', () => {
  let cluster: ProcessCluster | undefined;
  afterEach(() => cluster?.close());

  const start = async (nodes: readonly string[]): Promise<ProcessCluster> => {
    cluster = await ProcessCluster.startSecured(nodes, ['carol', 'dave']);
    // Two with the same credentials: one follows.
    for (const name of ['first', 'second']) cluster.beginAs('coordinator', name, 'coordinator', '--name', name);
    for (const name of nodes) cluster.beginAs(name, name, 'node', '--threads', '1');
    return cluster;
  };
  const statusOf = (running: ProcessCluster, { child }: Told) =>
    running.until('the end of a command', () => child.exitCode ?? undefined);

  test('finds the hash of one process, and nobody wants what is not permitted', async () => {
    const alone = hashAlone('tohoku-2011', '--small');
    const running = await start(['alice', 'bob']);
    running.beginAs('carol', 'client', 'submit', 'tohoku-2011', '--small', '--name', 'tohoku');
    expect((await running.finished()).stateHash).toBe(await alone);
    for (const [name, { complaints }] of running.processes) expect(complaints, name).toEqual([]);
  });

  test('goes on without a node that is revoked in the middle, to the same hash', async () => {
    const alone = hashAlone(...LONG);
    const running = await start(['alice', 'bob', 'erin']);
    running.beginAs('carol', 'client', 'submit', ...LONG, '--cut-every', '20');
    // On busy cores a node may come to the run late.
    const before = await running.until('a fifth of the run, and bob in it', () => {
      const record = running.record();
      const isFar = record && (record.step as number) > 0.2 * (record.steps as number);
      return isFar && (record.nodes as readonly string[]).includes('bob') ? record : undefined;
    });
    const asked = performance.now();
    const revoke = running.begin('revocation', 'cluster', 'revoke', 'bob', running.keys!);
    const out = await running.until('bob’s end', () => running.complaintOf('bob', /refuses these credentials/));
    expect(await statusOf(running, revoke)).toBe(0);
    const without = await running.until('an epoch without bob', () => {
      const record = running.record()!;
      return (record.nodes as readonly string[]).includes('bob') ? undefined : record;
    });
    expect((await running.finished()).stateHash).toBe(await alone);
    console.log(
      `from the command: refused after ${(out - asked).toFixed(0)} ms, an epoch without it after ${(without.at - asked).toFixed(0)} ms`,
    );
    expect(running.record()!.epoch).toBeGreaterThan(before.epoch as number);
  });

  test('says at once where credentials are those of somebody else', async () => {
    const running = await start([]);
    const wrong: readonly (readonly [user: string, error: string, ...words: string[]])[] = [
      ['carol', 'WrongRole', 'node'],
      ['carol', 'WrongRole', 'drain', 'alice'],
      ['coordinator', 'WrongRole', 'submit', 'tohoku-2011', '--small'],
      ['carol', 'WrongName', 'submit', 'tohoku-2011', '--small', '--owner', 'dave'],
    ];
    for (const [user, error, ...words] of wrong) {
      const told = running.beginAs(user, `${user} ${words.join(' ')}`, ...words);
      expect(await statusOf(running, told), words.join(' ')).toBe(2);
      expect(told.events.at(-1)).toMatchObject({ event: 'failed', error });
    }
    const submitted = running.beginAs(
      'carol',
      'client',
      'submit',
      'tohoku-2011',
      '--small',
      '--no-wait',
      '--name',
      'x',
    );
    expect(await statusOf(running, submitted)).toBe(0);
    const foreign = running.beginAs('dave', 'foreign', 'cancel', 'x');
    expect(await statusOf(running, foreign)).toBe(1);
    expect(foreign.events.at(-1)).toMatchObject({ error: 'Refused', message: expect.stringContaining('run of carol') });
    expect(await statusOf(running, running.beginAs('carol', 'own', 'cancel', 'x'))).toBe(0);
    const runs = running.beginAs('dave', 'runs', 'runs');
    expect(await statusOf(running, runs)).toBe(0);
    expect(runs.events).toMatchObject([{ event: 'run', run: 'x', owner: 'carol', state: 'cancelled' }]);
  });

  test('lets a node have no name but that of its credentials', async () => {
    const running = await start(['alice']);
    const other = running.beginAs('alice', 'other', 'node', '--name', 'bob');
    expect(await statusOf(running, other)).toBe(2);
    expect(other.events.at(-1)).toMatchObject({ error: 'WrongName', message: expect.stringContaining('of alice') });
    await running.until('alice', () => running.processes.get('alice')!.events.find(({ node }) => node === 'alice'));
  });
});
