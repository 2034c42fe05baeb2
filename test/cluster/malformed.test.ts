import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Simulation } from '../../engine/simulation/simulation.ts';
import type { RunRecord } from '../../workers/protocol/cluster.ts';
import { type LeaderRequest, packCluster, readRecord, SEAL, sealed } from '../../workers/protocol/cluster-messages.ts';
import { SUBJECTS } from '../../workers/protocol/cluster-subjects.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { packHalo } from '../workers/protocol/pack-halo.ts';
import { prepareSmall, writeSmallOcean } from '../workers/run/small-ocean.ts';
import { RUN, SimulatedCluster } from './simulated-cluster.ts';
import { seeded } from './virtual-time.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** Messages on each subject. */
const COUNT = process.env.TERRELLA_DEPTH === 'deep' ? 100_000 : 3000;
const SEED = Number(process.env.TERRELLA_FUZZ_SEED ?? 1);
const STEPS = 40;
const CUT_EVERY = 8;
const HASH = 'ab'.repeat(32);
/** Messages of each subject that come at one moment. */
const BURST = 100;

let prepared: PreparedRun;
let stateHash: string;
beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' }));
  const alone = await Simulation.start(prepared.options);
  await alone.advanceTo(STEPS);
  stateHash = alone.hash();
});

/** All maps, sets and arrays within an object that things may gather in, by path: how many, at most. */
function sizes(root: object): Map<string, number> {
  const found = new Map<string, number>();
  const seen = new Set<unknown>();
  const look = (value: unknown, path: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > 7 || ArrayBuffer.isView(value))
      return;
    seen.add(value);
    // What is given, what computes and the time gather no messages of theirs.
    if (/\.(settings|host|prepared|clock)$/.test(path)) return;
    const entries =
      value instanceof Map
        ? [...value.values()]
        : value instanceof Set || Array.isArray(value)
          ? [...value]
          : undefined;
    if (entries) {
      found.set(path, Math.max(found.get(path) ?? 0, entries.length));
      for (const item of entries) look(item, `${path}[]`, depth + 1);
    } else for (const [key, item] of Object.entries(value)) look(item, `${path}.${key}`, depth + 1);
  };
  look(root, '', 0);
  return found;
}

type Mutation = (honest: Uint8Array) => Uint8Array;

/** Noise, a message cut off or torn, one with bits turned, one with bytes put in. */
function mutations(random: () => number): readonly Mutation[] {
  const below = (most: number) => Math.floor(most * random());
  return [
    () => Uint8Array.from({ length: below(200) }, () => below(256)),
    (honest) => honest.slice(0, below(honest.length)),
    (honest) => honest.slice(1 + below(honest.length - 1)),
    (honest) => {
      const turned = honest.slice();
      for (let k = 1 + below(4); k > 0; k--) turned[below(turned.length)]! ^= 1 << below(8);
      // The same bit turned twice would make it honest again.
      return Buffer.compare(turned, honest) === 0 ? honest.slice(1) : turned;
    },
    (honest) => {
      const at = below(honest.length);
      return Uint8Array.from([...honest.subarray(0, at), below(256), below(256), ...honest.subarray(at)]);
    },
  ];
}

interface Channel {
  readonly subject: (random: () => number) => string;
  readonly honest: readonly Uint8Array[];
}

/** All that processes hear, with what honest ones say there, in the name of a stranger. */
function channels(record: RunRecord, stranger: string): Record<string, Channel> {
  const member = { node: stranger, incarnation: 1 };
  const shared = { run: RUN, epoch: 1, member };
  const work = { threads: 1, computeSeconds: 1, waitSeconds: 1, bytesSent: 1, bytesReceived: 1 };
  const requests: readonly LeaderRequest[] = [
    { type: 'hand-in', ...shared, step: 8, tiles: [[0, HASH]], busy: [0], work },
    { type: 'failed', ...shared, of: 'run', message: 'so there' },
    { type: 'store', hash: HASH, bytes: new Uint8Array(50) },
    { type: 'fetch', hash: HASH },
    { type: 'records', runs: [RUN] },
    { type: 'submit', record },
    { type: 'status' },
  ];
  const halos = [0, 1, 2].map((from) =>
    packHalo({ epoch: 1, round: 3 * from, from, bytes: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) }),
  );
  const nodes = ['node-0', 'node-1'];
  const one = (random: () => number) => nodes[Math.floor(nodes.length * random())]!;
  return {
    heartbeat: {
      subject: () => SUBJECTS.heartbeat(stranger),
      honest: [
        packCluster({
          ...{ type: 'heartbeat', member, speed: 1000, draining: false, patience: 0 },
          runs: [{ run: RUN, epoch: 1, step: 16, prepares: false }],
          session: { threads: 1 },
        }),
      ],
    },
    request: { subject: () => SUBJECTS.toLeader('node', stranger), honest: requests.map(packCluster) },
    record: { subject: () => SUBJECTS.record(RUN), honest: [packCluster(record)] },
    halo: {
      subject: (random) => {
        // By a member: a stranger's would not count, whatever they say.
        const to = one(random);
        return SUBJECTS.halo(to === 'node-0' ? 'node-1' : 'node-0', to, RUN);
      },
      honest: halos,
    },
    ask: {
      subject: (random) => SUBJECTS.ask(stranger, one(random), RUN),
      honest: [0, 1].map((from) => packCluster({ epoch: 1, from, round: 3 })),
    },
  };
}

/** A calm cluster of two nodes and a run on it, once that is under way. */
async function underWay(seed: number): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(prepared, seed);
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  await cluster.submit(STEPS, CUT_EVERY);
  const { node } = cluster.nodes.get('node-0')!;
  expect(await cluster.time.runUntil(() => node.hosted().length > 0, 60_000)).toBe(true);
  return cluster;
}

const processesOf = (cluster: SimulatedCluster) => [
  cluster.coordinators.get('first')!.coordinator,
  ...[...cluster.nodes.values()].map(({ node }) => node),
];

describe(`a run through ${COUNT} malformed messages on a subject ends with the right hash, and nothing throws or grows`, () => {
  test.each(['heartbeat', 'request', 'record', 'halo', 'ask'])('%s', { timeout: 60_000 + COUNT * 10 }, async (name) => {
    const random = seeded(SEED);
    const cluster = await underWay(SEED);
    const coordinator = cluster.coordinators.get('first')!.coordinator;
    const [record] = coordinator.records();
    const { subject, honest } = channels(record!, 'mallory')[name]!;
    const kinds = mutations(random);
    const mallory = cluster.stranger('mallory');
    const most = new Map<string, number>();
    const watch = () => {
      for (const process of processesOf(cluster))
        for (const [path, size] of sizes(process)) most.set(path, Math.max(most.get(path) ?? 0, size));
    };
    let sent = 0;
    const burst = () => {
      for (let k = 0; k < BURST && sent < COUNT; k++) {
        const of = honest[Math.floor(honest.length * random())]!;
        const mutate = kinds[Math.floor(kinds.length * random())]!;
        // Half of them with a checksum that is right, so that what lies behind it is tried too.
        const isSealed = name !== 'halo' && random() < 0.5;
        const bytes = isSealed ? sealed(mutate(of.subarray(0, of.length - SEAL))) : mutate(of);
        // Records bear no mark of who wrote them: one that can be read is believed.
        if (name === 'record' && readRecord(bytes)?.run === RUN) continue;
        sent++;
        const to = subject(random);
        if (name === 'request') void mallory.request(to, bytes, 100).catch(() => {});
        else mallory.publish(to, bytes);
      }
      watch();
      if (sent < COUNT) cluster.time.after(1, burst);
    };
    burst();
    const isOver = cluster.untilOver();
    const { state } = await isOver;
    expect(state).toBe('finished');
    // The rest of them, with the run over or under way.
    expect(await cluster.time.runUntil(() => sent >= COUNT, 600_000)).toBe(true);
    let isLast = false;
    cluster.time.after(1000, () => {
      isLast = true;
    });
    await cluster.time.runUntil(() => isLast, 600_000);
    watch();
    expect(coordinator.records().find(({ run }) => run === RUN)!.stateHash).toBe(stateHash);
    expect(cluster.errors).toEqual([]);
    const blamed = processesOf(cluster).reduce(
      (sum, { malformed }) => sum + [...malformed.values()].reduce((a, b) => a + b, 0),
      0,
    );
    const senders = new Set(processesOf(cluster).flatMap(({ malformed }) => [...malformed.keys()]));
    const named: Record<string, readonly string[]> = { record: [SUBJECTS.record(RUN)], halo: ['node-0', 'node-1'] };
    expect([...senders].sort()).toEqual(named[name] ?? ['mallory']);
    expect(blamed).toBeGreaterThan(COUNT / 2);
    for (const [path, size] of most) expect(size, path).toBeLessThanOrEqual(300);
    await cluster.close();
  });
});

describe('well-formed lies', () => {
  const ended = async (cluster: SimulatedCluster) => {
    const record = await cluster.untilOver();
    expect(record.state).toBe('finished');
    const { coordinator } = cluster.coordinators.get('first')!;
    await cluster.time.runUntil(() => coordinator.records()[0]?.stateHash !== undefined, cluster.time.now + 1000);
    expect(coordinator.records()[0]!.stateHash).toBe(stateHash);
    expect(cluster.errors).toEqual([]);
    await cluster.close();
  };

  test('halos in the names of others, of this epoch and those to come, leave the bits alone', async () => {
    const cluster = await underWay(2);
    const mallory = cluster.stranger('mallory');
    const bytes = new Uint8Array(64).fill(63);
    for (const to of ['node-0', 'node-1'])
      for (const epoch of [1, 2, 3])
        for (let round = 0; round < 150; round++)
          for (const from of [0, 1])
            mallory.publish(SUBJECTS.halo('mallory', to, RUN), packHalo({ epoch, round, from, bytes }));
    let isHeard = false;
    cluster.time.after(20, () => {
      isHeard = true;
    });
    await cluster.time.runUntil(() => isHeard, 60_000);
    for (const { node } of cluster.nodes.values())
      expect([...sizes(node)].find(([path]) => path.endsWith('.early'))![1]).toBe(256);
    // Epoch 2 comes with a node that is started anew.
    cluster.kill('node-1');
    cluster.addNode('node-1');
    await ended(cluster);
  });

  test('a record of one run under the name of another is not believed', async () => {
    const cluster = await underWay(3);
    const [record] = cluster.coordinators.get('first')!.coordinator.records();
    const lie = packCluster({ ...record!, epoch: 1000, state: 'cancelled' });
    cluster.stranger('mallory').publish(SUBJECTS.record('mallory'), lie);
    const nodes = [...cluster.nodes.values()];
    await ended(cluster);
    for (const { node } of nodes) expect([...node.malformed]).toEqual([[SUBJECTS.record('mallory'), 1]]);
  });

  test('by ever new senders are counted, of 1000 by name', async () => {
    const cluster = await underWay(4);
    const crowd = cluster.stranger('crowd');
    for (let k = 0; k < 1500; k++) {
      crowd.publish(SUBJECTS.heartbeat(`x-${k}`), Uint8Array.of(1));
      crowd.publish(SUBJECTS.halo(`x-${k}`, 'node-0', RUN), Uint8Array.of(1));
    }
    const { coordinator } = cluster.coordinators.get('first')!;
    const { node } = cluster.nodes.get('node-0')!;
    await ended(cluster);
    for (const { malformed } of [coordinator, node]) {
      expect(malformed.size).toBe(1001);
      expect(malformed.get('*')).toBe(500);
    }
  });
});
