import { afterEach, expect, test } from 'vitest';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { hashAlone, ProcessCluster } from './process-cluster.ts';

natsTier('a cluster with TLS, credentials and permissions', () => {
  let cluster: ProcessCluster | undefined;
  afterEach(() => cluster?.close());

  test('finds the hash of one process', async () => {
    const alone = hashAlone('tohoku-2011', '--small');
    cluster = await ProcessCluster.startSecured(['alice', 'bob'], ['carol']);
    cluster.beginAs('coordinator', 'coordinator', 'coordinator');
    for (const name of ['alice', 'bob']) cluster.beginAs(name, name, 'node', '--threads', '1');
    cluster.beginAs('carol', 'client', 'submit', 'tohoku-2011', '--small', '--name', 'tohoku');
    expect((await cluster.finished()).stateHash).toBe(await alone);
    for (const [name, { complaints }] of cluster.processes) expect(complaints, name).toEqual([]);
  });
});
