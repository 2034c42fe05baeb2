import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ClusterWatch } from '../../workers/gateway/cluster-watch.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import { RunBoard } from '../../workers/gateway/run-board.ts';
import { type LeaderReply, packCluster, readLeaderReply } from '../../workers/protocol/cluster-messages.ts';
import { SUBJECTS } from '../../workers/protocol/cluster-subjects.ts';
import { type ClusterView, changed, NOTHING_SEEN, readChange } from '../../workers/protocol/operations.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { removeDirectories, serve } from '../workers/gateway/small-gateway.ts';
import { connect, type TestViewer } from '../workers/gateway/viewer.ts';
import { prepareSmall, writeSmallOcean } from '../workers/run/small-ocean.ts';
import { CALM, RUN, SimulatedCluster } from './simulated-cluster.ts';
import { ProcessClock } from './virtual-time.ts';

const file = writeSmallOcean();
let prepared: PreparedRun;
let gateway: Gateway | undefined;
const viewers: TestViewer[] = [];
beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' }));
});
afterEach(async () => {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
  await gateway?.close();
  gateway = undefined;
});
afterAll(() => {
  rmSync(dirname(file), { recursive: true });
  removeDirectories();
});

/** A watch of a simulated cluster, on its clock and network; asks a leader that does not answer for so long [ms]. */
function watchOf(cluster: SimulatedCluster): ClusterWatch {
  const transport = cluster.stranger('watcher');
  const ask = async (request: Parameters<typeof packCluster>[0]): Promise<LeaderReply> => {
    const bytes = await transport.request(SUBJECTS.toLeader('admin', 'watcher'), packCluster(request), 500);
    const reply = readLeaderReply(bytes);
    if (!reply) throw new Error('not understood');
    return reply;
  };
  return new ClusterWatch({ ask, clock: new ProcessClock(cluster.time, 1), date: () => cluster.time.now });
}

const kinds = ({ happenings }: ClusterView) => happenings.map(({ kind }) => kind);
const ownersIn = ({ runs }: ClusterView) => new Set(runs[0]!.owners.map((owner) => runs[0]!.members[owner]));

test('a node dies, and the watch sees it go and its tiles move; then the leader, and the next is found', async () => {
  const cluster = new SimulatedCluster(prepared, 11, CALM);
  for (const name of ['first', 'second']) cluster.addCoordinator(name);
  for (const name of ['node-0', 'node-1', 'node-2']) cluster.addNode(name);
  await cluster.pass(3000);
  const watch = watchOf(cluster);
  await cluster.pass(2500);
  expect(watch.view().nodes.map(({ name, state, slot }) => [name, state, slot])).toEqual([
    ['node-0', 'idle', 0],
    ['node-1', 'idle', 1],
    ['node-2', 'idle', 2],
  ]);
  expect(kinds(watch.view())).toEqual(['leader-found']);

  await cluster.submit(4000, 40);
  await cluster.pass(4000);
  expect([...ownersIn(watch.view())].sort()).toEqual(['node-0', 'node-1', 'node-2']);
  expect(kinds(watch.view())).toContain('begun');

  cluster.kill('node-1');
  await cluster.pass(4000);
  expect([...ownersIn(watch.view())].sort()).toEqual(['node-0', 'node-2']);
  const { happenings, nodes } = watch.view();
  const gone = happenings.findIndex((what) => what.kind === 'gone' && what.node === 'node-1');
  expect(happenings.slice(gone + 1)).toContainEqual(
    expect.objectContaining({ kind: 'moved', run: RUN, from: 'node-1', isRescue: true }),
  );
  expect(nodes.find(({ name }) => name === 'node-1')).toMatchObject({ state: 'silent', slot: 1 });

  const leader = cluster.leader()!;
  cluster.kill(leader);
  await cluster.pass(1500);
  expect(watch.view().leader).toMatchObject({ state: 'silent' });
  expect(watch.view().nodes.length).toBe(3);
  await cluster.pass(6000);
  expect(watch.view().leader).toEqual({ state: 'answers' });
  // Nobody has joined or died only because another leads.
  const after = kinds(watch.view()).slice(kinds(watch.view()).indexOf('leader-lost'));
  expect(after.filter((kind) => kind === 'gone' || kind === 'joined' || kind === 'back')).toEqual([]);
  expect(after).toContain('leader-found');
  watch.stop();
  await cluster.close();
});

test('viewers of a gateway are told the view, then what has changed; those that do not ask hear nothing', async () => {
  const cluster = new SimulatedCluster(prepared, 12, CALM);
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  await cluster.pass(3000);
  const watch = watchOf(cluster);
  await cluster.pass(2500);
  gateway = await serve(new RunBoard(), { cluster: watch });
  const [asks, silent] = [await connect(gateway.port), await connect(gateway.port)];
  viewers.push(asks, silent);
  expect((await asks.next('welcome')).hasCluster).toBe(true);
  asks.say({ type: 'operations', isWanted: true });
  let shown = NOTHING_SEEN;
  const first = await asks.next('operations');
  expect(first.change.isWhole).toBe(true);
  shown = changed(shown, readChange(first.change));
  expect(shown).toEqual(watch.view());

  await cluster.submit(4000, 40);
  await cluster.pass(3000);
  while (!isDeepStrictEqual(shown, watch.view())) {
    const { change } = await asks.next('operations');
    expect(change.isWhole).toBe(false);
    shown = changed(shown, readChange(change));
  }
  expect(shown.runs[0]!.owners.length).toBe(24);
  expect(silent.replies.some(({ type }) => type === 'operations')).toBe(false);

  asks.say({ type: 'operations', isWanted: false });
  await new Promise((done) => setTimeout(done, 100));
  asks.replies.splice(0);
  await cluster.pass(3000);
  await new Promise((done) => setTimeout(done, 100));
  expect(asks.replies.filter(({ type }) => type === 'operations')).toEqual([]);
  watch.stop();
  await cluster.close();
});

test('a gateway without a cluster says so', async () => {
  gateway = await serve(new RunBoard());
  const viewer = await connect(gateway.port);
  viewers.push(viewer);
  expect((await viewer.next('welcome')).hasCluster).toBeUndefined();
  viewer.say({ type: 'operations', isWanted: true });
  expect(await viewer.next('refused')).toMatchObject({ code: 'not-possible' });
  viewer.say({ type: 'operations', isWanted: 'perhaps' } as never);
  expect(await viewer.next('refused')).toMatchObject({ code: 'bad-message' });
});

test('a viewer that reads late is told of many changes as one', async () => {
  let view: ClusterView = { ...NOTHING_SEEN, leader: { state: 'answers' } };
  const listeners = new Set<() => void>();
  const cluster = {
    view: () => view,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const owners = Array.from({ length: 100_000 }, () => 0);
  const show = (epoch: number) => {
    const run = { id: 'r', title: 'r', owner: 'me', state: 'running', step: epoch, steps: 9, epoch } as const;
    const grid = { panels: 6, cellsX: 8, cellsY: 8, tileX: 8, tileY: 8 };
    view = { ...view, runs: [{ ...run, grid, members: [`n${epoch}`], owners }] };
    for (const listener of listeners) listener();
  };
  gateway = await serve(new RunBoard(), { cluster });
  const viewer = await connect(gateway.port);
  viewers.push(viewer);
  viewer.say({ type: 'operations', isWanted: true });
  await viewer.next('operations');
  viewer.socket.pause();
  for (let epoch = 1; epoch <= 400; epoch++) {
    show(epoch);
    if (epoch % 20 === 0) await new Promise((done) => setTimeout(done, 5));
  }
  viewer.socket.resume();
  let shown = NOTHING_SEEN;
  let told = 0;
  while (shown.runs[0]?.epoch !== 400) {
    shown = changed(shown, readChange((await viewer.next('operations')).change));
    told++;
  }
  expect(told).toBeLessThan(200);
  expect(shown.runs).toEqual(view.runs);
  expect(viewer.socket.readyState).toBe(viewer.socket.OPEN);
});
