import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportNodes } from '../../workers/coordinator/cluster-report.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { prepareSmall, writeSmallOcean } from '../workers/run/small-ocean.ts';
import { CALM, RUN, SimulatedCluster } from './simulated-cluster.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

let prepared: PreparedRun;
beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' }));
});

test('a node that is to drain is so for every leader to come: the answer waits for the ledger', async () => {
  const cluster = new SimulatedCluster(prepared, 1, CALM);
  for (const name of ['first', 'second']) cluster.addCoordinator(name);
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  await cluster.pass(2000);
  expect(await cluster.ask({ type: 'drain', node: 'node-0' })).toEqual({ type: 'done' });
  expect(await cluster.ledgerNode('node-0')).toMatchObject({ drained: true });
  cluster.kill(cluster.leader()!);
  await cluster.submit(40, 8);
  const record = await cluster.untilOver();
  expect(record.history.segments.map(({ shares }) => shares.map(({ node }) => node))).toEqual([['node-1']]);
  // A node of that name that is started again is wanted again.
  cluster.kill('node-0');
  cluster.addNode('node-0');
  await cluster.pass(1000);
  expect((await cluster.shown()).nodes.find(({ member }) => member.node === 'node-0')!.draining).toBe(false);
  expect(cluster.errors).toEqual([]);
  await cluster.close();
});

test('a run that is said to be cancelled is so in the ledger; one that is over is not cancelled any more', async () => {
  const cluster = new SimulatedCluster(prepared, 2, CALM);
  cluster.addCoordinator('first');
  cluster.addNode('node-0');
  await cluster.submit(4000, 8);
  await cluster.pass(3000);
  expect(await cluster.ask({ type: 'cancel', run: RUN })).toEqual({ type: 'done' });
  expect(await cluster.ledgerRecord()).toMatchObject({ state: 'cancelled' });
  expect(await cluster.ask({ type: 'cancel', run: RUN })).toEqual({ type: 'done' });
  await cluster.close();

  const other = new SimulatedCluster(prepared, 3, CALM);
  other.addCoordinator('first');
  other.addNode('node-0');
  await other.submit(8, 8);
  await other.untilOver();
  expect(await other.ask({ type: 'cancel', run: RUN })).toMatchObject({ type: 'refused' });
  await other.close();
});

test('more nodes than a message holds are shown, each once', async () => {
  const cluster = new SimulatedCluster(prepared, 4, CALM, 4096);
  cluster.addCoordinator('first');
  const names = Array.from({ length: 40 }, (_, k) => `node-${k}`);
  for (const name of names) cluster.addNode(name);
  await cluster.pass(2000);
  const { nodes } = await cluster.shown();
  expect(nodes.map(({ member }) => member.node).sort()).toEqual(names.sort());
  expect(cluster.errors).toEqual([]);
  await cluster.close();
});

test('offered time outlives leaders, and is not counted twice', async () => {
  const cluster = new SimulatedCluster(prepared, 5, CALM);
  for (const name of ['first', 'second']) cluster.addCoordinator(name);
  cluster.addNode('node-0');
  await cluster.pass(60_000);
  cluster.kill(cluster.leader()!);
  await cluster.pass(60_000);
  const { nodes, records } = await cluster.shown();
  const [report] = reportNodes(nodes, records);
  // Clocks differ by 2 %; while nobody leads, and since the last write before, nobody counts.
  expect(report!.offeredSeconds).toBeGreaterThan(100);
  expect(report!.offeredSeconds).toBeLessThan(120 * 1.03);
  expect(report).toMatchObject({ state: 'idle', credits: 0, utilisation: 0, roundTrip: { p50: expect.any(Number) } });
  // There and back again, of 2 to 6 ms each.
  expect(report!.roundTrip!.p50).toBeGreaterThan(3.9);
  expect(report!.roundTrip!.p95).toBeLessThan(12.5);
  await cluster.close();
});
