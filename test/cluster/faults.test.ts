import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { creditsOf } from '../../workers/coordinator/credits.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { sha256Hex } from '../../workers/store/state-hash.ts';
import { prepareSmall, writeSmallOcean } from '../workers/run/small-ocean.ts';
import { type PlanEnd, runPlan } from './fault-plan.ts';
import { CALM, OPERATIONS, SimulatedCluster } from './simulated-cluster.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

const STEPS = 40;
const CUT_EVERY = 8;
let prepared: PreparedRun;
let expected: readonly string[];
let stateHash: string;
let saved: ReturnType<Simulation['save']>;

beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' }));
  const alone = await Simulation.start(prepared.options);
  await alone.advanceTo(STEPS);
  stateHash = alone.hash();
  saved = alone.save();
  expected = prepared.grid.tiles.map(({ id }) => sha256Hex(alone.saveTile(id)));
});

describe('a run on a cluster has the bits of one process', () => {
  test.each([1, 2, 4, 6])('with %i nodes', async (nodes) => {
    const cluster = new SimulatedCluster(prepared, nodes, CALM);
    cluster.addCoordinator('first');
    for (let k = 0; k < nodes; k++) cluster.addNode(`node-${k}`);
    await cluster.submit(STEPS, CUT_EVERY);
    const record = await cluster.untilOver();
    expect(record).toMatchObject({ state: 'finished', epoch: 1, stateHash });
    expect(record.cut).toEqual({ step: STEPS, tiles: expected });
    // What one says that it has sent the others say they have received, but for what came before they had heard of the run.
    const claims = creditsOf(record).map(({ claimed }) => claimed);
    const [sent, received] = (['bytesSent', 'bytesReceived'] as const).map((bytes) =>
      claims.reduce((sum, claim) => sum + claim[bytes], 0),
    );
    expect(received).toBeLessThanOrEqual(sent!);
    expect(received).toBeGreaterThanOrEqual(0.99 * sent!);
    expect(sent! > 0).toBe(nodes > 1);
    expect(cluster.errors).toEqual([]);
    await cluster.close();
  });
});

test.each([
  [16, 2],
  [1080, 1],
])('a node that is held up for 2 s in a run of %i cells across a panel: epoch %i', async (cells, epoch) => {
  const cluster = new SimulatedCluster(prepared, 1, CALM);
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  const tile = cells / 2;
  await cluster.submit(100 * STEPS, CUT_EVERY, undefined, { cellsX: cells, cellsY: cells, tileX: tile, tileY: tile });
  for (let k = 0; k < 100 && !(await cluster.ledgerRecord())?.cut?.step; k++) await cluster.pass(100);
  // Both have been heard of since they began to compute.
  await cluster.pass(500);
  expect(await cluster.ledgerRecord()).toMatchObject({ state: 'running', epoch: 1, members: [{}, {}] });
  // Whoever asks for patience while it computes prepares nothing.
  for (const node of cluster.coordinators.get('first')!.coordinator.nodes()) {
    expect(node.patience > 800).toBe(epoch === 1);
    expect(node.prepares).toBe(false);
  }
  cluster.freeze('node-0', 2000);
  await cluster.pass(1900);
  expect((await cluster.ledgerRecord())!.epoch).toBe(epoch);
  await cluster.close();
});

test('a node that is silent for longer than anybody knew when it lays out a run is taken for dead once, and then waited for', async () => {
  const cluster = new SimulatedCluster(prepared, 1, CALM);
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  cluster.layingOut.set('node-0', 3500);
  await cluster.submit(25 * STEPS, CUT_EVERY);
  const prepares = () =>
    cluster.coordinators
      .get('first')!
      .coordinator.nodes()
      .filter((node) => node.prepares)
      .map(({ member }) => member.node);
  for (let k = 0; k < 100 && prepares().length === 0; k++) await cluster.pass(20);
  expect(prepares()).toContain('node-0');
  const record = await cluster.untilOver();
  expect(record).toMatchObject({ state: 'finished', members: [{}, {}] });
  await cluster.pass(500);
  expect(prepares()).toEqual([]);
  expect(record.epoch).toBeLessThan(4);
  await cluster.close();
});

test('a run whose tiles are too large for the network fails, and says so', async () => {
  // Room for records and halos, not for the state of a tile.
  const large = await prepareSmall(file, ['grid.cells=16', 'grid.tile=16'], { form: 'wasm' });
  const cluster = new SimulatedCluster(large.prepared, 1, CALM, 4096);
  cluster.addCoordinator('first');
  cluster.addNode('node-0');
  await cluster.submit(STEPS, CUT_EVERY);
  expect(await cluster.untilOver()).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/^node-0: MessageTooLarge: .*4096/),
  });
  await cluster.close();
});

test('tiles of old cuts are let go a minute later, those of the last cut with the run', async () => {
  const cluster = new SimulatedCluster(prepared, 1, { loss: 0, twice: 0, delay: [300, 350] });
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  await cluster.submit(3 * STEPS, CUT_EVERY);
  const stored = new Set<string>();
  let most = 0;
  let looks = 0;
  const look = () => {
    void Promise.all([cluster.ledgerRecord(), cluster.storedTiles()]).then(([record, tiles]) => {
      for (const hash of tiles) stored.add(hash);
      most = Math.max(most, tiles.length);
      if (record?.state !== 'running' || !record.cut) return;
      looks++;
      expect(tiles).toEqual(expect.arrayContaining([...record.cut.tiles]));
    });
    cluster.time.after(1000, look);
  };
  look();
  await cluster.untilOver(600_000);
  expect(looks).toBeGreaterThan(60);
  expect(most).toBeLessThan(0.7 * stored.size);
  await cluster.pass(150_000);
  expect(await cluster.storedTiles()).toEqual([]);
  expect(cluster.errors).toEqual([]);
  await cluster.close();
});

test('a lost ledger whose newest copy of a run is damaged too goes on from the copy before', async () => {
  const cluster = new SimulatedCluster(prepared, 5, { loss: 0, twice: 0, delay: [10, 12] });
  cluster.addCoordinator('first');
  for (const name of ['node-0', 'node-1']) cluster.addNode(name);
  await cluster.submit(STEPS, CUT_EVERY);
  const cutAt = async (): Promise<number> => (await cluster.ledgerRecord())?.cut?.step ?? 0;
  while ((await cutAt()) < 2 * CUT_EVERY) await cluster.pass(20);
  cluster.damageNewestCopy();
  cluster.loseLedger(100);
  const { state, stateHash: hash, history } = await cluster.untilOver(120_000);
  expect({ state, stateHash: hash }).toEqual({ state: 'finished', stateHash });
  expect(history.segments.at(0)!.ended!.reason).toMatch(/the ledger was lost/);
  expect(cluster.errors.map(String)).toEqual([expect.stringMatching(/RecordDamaged: .* the copy before it is used/)]);
  await cluster.close();
});

describe('a store that has lost', () => {
  /** A run that is followed or not, under way, of two nodes. */
  const begun = async (due?: readonly number[]) => {
    const cluster = new SimulatedCluster(prepared, 3, { loss: 0, twice: 0, delay: [10, 12] });
    cluster.addCoordinator('first');
    for (const name of ['node-0', 'node-1']) cluster.addNode(name);
    await cluster.submit(STEPS, CUT_EVERY, due);
    const found = async (): Promise<boolean> => ((await cluster.ledgerRecord())?.cut?.step ?? 0) >= 16;
    for (let k = 0; k < 100 && !(await found()); k++) await cluster.pass(100);
    return cluster;
  };
  const reasons = async (cluster: SimulatedCluster) =>
    (await cluster.ledgerRecord())!.history.segments.map(({ ended }) => ended!);

  test('everything, with nodes that live, is whole with the next cut: nothing is computed twice', async () => {
    const cluster = await begun();
    cluster.loseStore();
    expect(await cluster.untilOver()).toMatchObject({ state: 'finished', stateHash });
    expect(await cluster.storedTiles()).toEqual(expect.arrayContaining([...expected]));
    expect((await reasons(cluster)).map(({ lost }) => lost)).toEqual([0]);
    expect(cluster.errors).toEqual([]);
    await cluster.close();
  });

  test('and a store that fails when it is asked what it lacks is asked again: the leader lives', async () => {
    const cluster = await begun();
    const [{ coordinator }] = [...cluster.coordinators.values()] as unknown as [
      { coordinator: { kept: { missing: (hashes: Iterable<string>) => unknown }; lacking: Map<string, unknown> } },
    ];
    const { kept, lacking } = coordinator;
    const missing = kept.missing.bind(kept);
    let failures = 0;
    kept.missing = async (hashes) => {
      if (lacking.size > 0 && ++failures <= 3) throw new Error('EIO: i/o error');
      return missing(hashes);
    };
    cluster.loseStore();
    expect(await cluster.untilOver()).toMatchObject({ state: 'finished', stateHash });
    expect(failures).toBeGreaterThan(3);
    expect(cluster.errors.map(String)).toEqual(Array(3).fill('Error: EIO: i/o error'));
    await cluster.close();
  });

  test.each(['lost', 'damaged'] as const)(
    'or whose tiles are %s, with a node that dies, begins again',
    async (what) => {
      const cluster = await begun();
      if (what === 'lost') cluster.loseStore();
      else cluster.damageStore();
      cluster.kill('node-0');
      expect(await cluster.untilOver()).toMatchObject({ state: 'finished', stateHash });
      expect((await reasons(cluster)).filter(({ reason }) => /from the start again/.test(reason))).toHaveLength(1);
      await cluster.close();
    },
  );

  test('what was to be collected computes it again for whoever collects, who sees nothing of it', async () => {
    const cluster = await begun([3, 12, 16, 30]);
    cluster.loseStore();
    const collected = (await cluster.until(cluster.follow(STEPS)))!;
    expect(collected.save()).toEqual(saved);
    expect(cluster.record ?? (await cluster.ledgerRecord())).toMatchObject({ followed: { trail: [] } });
    await cluster.close();
  });
});

test('what nobody has collected of a followed run is kept, through a change of leader, until somebody has', async () => {
  const cluster = new SimulatedCluster(prepared, 2, CALM);
  cluster.addCoordinator('first');
  cluster.addNode('node-0');
  await cluster.submit(STEPS, CUT_EVERY, [3, 12]);
  await cluster.untilOver();
  cluster.kill('first');
  cluster.addCoordinator('second');
  await cluster.pass(150_000);
  const collected = (await cluster.until(cluster.follow(STEPS)))!;
  expect(collected.save()).toEqual(saved);
  await cluster.pass(150_000);
  expect(await cluster.storedTiles()).toEqual([]);
  expect(cluster.errors).toEqual([]);
  await cluster.close();
});

describe('through losses, repetitions, delays, partitions, freezes, kills, joins, drains and outages it ends with the same bits', () => {
  const PLANS = Number(process.env.TERRELLA_PLANS ?? (process.env.TERRELLA_DEPTH === 'deep' ? 1000 : 100));
  /** With a lost disk, so many of each kind. */
  const LOST = Math.ceil(PLANS / 20);
  const FIRST = Number(process.env.TERRELLA_PLAN ?? 1);
  const shape = { steps: STEPS, cutEvery: CUT_EVERY, due: [3, 12, 16, 30] };

  test(`in ${PLANS} plans from ${FIRST} on`, { timeout: 60_000 + 5_000 * PLANS }, async () => {
    let epochs = 0;
    let lost = 0;
    for (let seed = FIRST; seed < FIRST + PLANS; seed++) {
      const end = await runPlan(prepared, seed, shape);
      const told = `plan ${seed}:\n${end.story.join('\n')}`;
      expect(end.state, told).toBe('finished');
      expect(end.tiles, told).toEqual(expected);
      expect(end.errors, told).toEqual([]);
      if (end.collected) expect(isDeepStrictEqual(end.collected, saved), told).toBe(true);
      else expect(seed % 2, told).toBe(1);
      checkCredits(end, told);
      epochs += end.epochs - 1;
      lost += end.record.history.segments.filter(({ ended }) => ended!.lost > 0).length;
    }
    // Faults that change nothing prove nothing.
    expect(epochs).toBeGreaterThan(PLANS / 2);
    expect(lost).toBeGreaterThan(PLANS / 10);
  });

  test.each(['ledger', 'store'] as const)(
    `and with the disk of the %s lost, in ${LOST} plans`,
    { timeout: 60_000 + 5_000 * LOST },
    async (lostDisk) => {
      const sign = lostDisk === 'ledger' ? /puts back .*run\.the-run/ : /^the store has lost the cut/;
      let met = 0;
      for (let seed = FIRST; seed < FIRST + LOST; seed++) {
        const end = await runPlan(prepared, seed, shape, lostDisk);
        const told = `plan ${seed}:\n${end.story.join('\n')}`;
        expect(end.state, told).toBe('finished');
        expect(end.tiles, told).toEqual(expected);
        expect(
          end.errors.filter((error) => !/^CutMissing/.test((error as Error).message)),
          told,
        ).toEqual([]);
        if (end.collected) expect(isDeepStrictEqual(end.collected, saved), told).toBe(true);
        checkCredits(end, told);
        const said = [...end.story, ...end.record.history.segments.map(({ ended }) => ended!.reason)];
        if (said.some((line) => sign.test(line))) met++;
      }
      console.log(`${met} of ${LOST} plans lost what a run still needed of the ${lostDisk}`);
      expect(met).toBeGreaterThan(LOST / 10);
    },
  );

  /** Credits are conserved: all of the work is somebody's, once, and what is shown is what the ledger says. */
  function checkCredits({ record, shown, story }: PlanEnd, told: string): void {
    const earned = creditsOf(record);
    const { tiles, tileX, tileY } = prepared.grid;
    const all = BigInt(STEPS) * BigInt(tiles.length) * BigInt(tileX * tileY) * BigInt(OPERATIONS);
    expect(
      earned.reduce((sum, { operations }) => sum + operations, 0n),
      told,
    ).toBe(all);
    expect(shown, told).toEqual(earned);
    const { segments } = record.history;
    expect(segments.at(-1)!.ended, told).toEqual({ reason: 'the run is finished', lost: 0 });
    for (const { ended } of segments)
      expect(ended!.reason, told).toMatch(
        / was silent | was not heard | was started anew|planned move: |finished|the ledger was lost|the store has lost/,
      );
    // Nobody is told of earnings that are not.
    const paid = new Set(earned.filter(({ tileSteps }) => tileSteps > 0).map(({ node }) => node));
    for (const line of story) {
      const name = /(\S+) earns$/.exec(line)?.[1];
      if (name) expect(paid.has(name), told).toBe(true);
    }
  }

  test('and a plan tells the same story each time', async () => {
    const [first, second] = [await runPlan(prepared, 7, shape), await runPlan(prepared, 7, shape)];
    expect(second).toEqual(first);
  });
});
