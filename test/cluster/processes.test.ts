import { spawn } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadNamed } from '../../workers/cli/load.ts';
import { makeGrid } from '../../workers/run/prepare.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { anotherEngine, hashAlone, PROGRAM, ProcessCluster } from './process-cluster.ts';

/** Some seconds of work for three nodes. */
const LONG = ['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=6 h'];

/** More of the same, which `npm run soak` takes its time for. */
const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const inDepth = <T>(...cases: readonly T[]): readonly T[] => (DEEP ? cases : []);

natsTier('processes on a real broker', () => {
  let cluster: ProcessCluster | undefined;
  afterEach(() => cluster?.close());

  const start = async (nodes: number, threads = 1, coordinators = 1): Promise<ProcessCluster> => {
    const running = await ProcessCluster.start();
    cluster = running;
    for (let k = 0; k < coordinators; k++) running.coordinator(`coordinator-${k}`);
    const told = Array.from({ length: nodes }, (_, k) => running.node(`node-${k}`, threads));
    // On busy cores a short run would be over, or given up, before a node that is late.
    for (const { events } of told) await running.until('a node', () => events.find(({ event }) => event === 'joined'));
    return running;
  };

  describe('find the hash of one process', () => {
    test.each<readonly [scenario: string, nodes: number, threads: number]>([
      ['tohoku-2011', 1, 1],
      ['williamson-2', 2, 3],
      ...inDepth<readonly [string, number, number]>(['tohoku-2011', 4, 1], ['williamson-2', 6, 1]),
    ])('%s on %i nodes of %i threads', async (scenario, nodes, threads) => {
      const alone = hashAlone(scenario, '--small');
      const running = await start(nodes, threads);
      running.submit(scenario, '--small');
      expect((await running.finished()).stateHash).toBe(await alone);
    });
  });

  test('say what they have earned, all of it and exactly, and when they began to', async () => {
    cluster = await ProcessCluster.start();
    const { events } = cluster.coordinator('coordinator', '--metrics', '0');
    for (const name of ['node-0', 'node-1']) {
      const { events: told } = cluster.node(name);
      await cluster.until('a node', () => told.find(({ event }) => event === 'joined'));
    }
    cluster.submit('tohoku-2011', '--small');
    const { run } = await cluster.finished();
    for (const name of ['node-0', 'node-1']) {
      const { events: said } = cluster.processes.get(name)!;
      const told = await cluster.until('its word', () => said.find(({ event }) => event === 'earning'));
      expect(told, name).toMatchObject({ node: name, run, step: expect.any(Number) });
    }
    const record = cluster.record()!;
    const earned = (await cluster.said('credits')).filter(({ event }) => event === 'earned');
    const { scenario } = await loadNamed('tohoku-2011', { set: [], small: true });
    const { panels, cellsX, cellsY } = makeGrid(scenario);
    const updates = earned.reduce((sum, one) => sum + BigInt(one.cellUpdates as string), 0n);
    expect(updates).toBe(BigInt((record.steps as number) * panels * cellsX * cellsY));
    const nodes = await cluster.said('nodes');
    const credits = (list: readonly Readonly<Record<string, unknown>>[]) =>
      list.reduce((sum, one) => sum + (one.credits as number), 0);
    expect(credits(nodes)).toBeCloseTo(credits(earned), 12);
    for (const node of nodes) expect(node.utilisation).toBeGreaterThan(0);
    const { metrics } = events.find(({ event }) => event === 'coordinating')!;
    const text = await (await fetch(metrics as string)).text();
    const shown = [...text.matchAll(/^terrella_credits_total\{.*\} (\S+)$/gm)].map(([, value]) => Number(value));
    expect(shown.reduce((sum, value) => sum + value, 0)).toBeCloseTo(credits(earned), 12);
    expect(text).toContain('terrella_nodes{state="silent"} 0');
  });

  test('of a trial cluster end with it: Ctrl-C leaves none behind', async () => {
    const trial = spawn(process.execPath, [PROGRAM, 'cluster', ...LONG, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise((done) => trial.once('exit', done));
    let pids: readonly number[] = [];
    for await (const line of createInterface({ input: trial.stdout! })) {
      const event = JSON.parse(line) as { event: string; pids?: readonly number[]; state?: string };
      if (event.pids) pids = event.pids;
      if (event.state === 'running') trial.kill('SIGINT');
    }
    expect(await ended).toBe(130);
    expect(pids.length).toBe(3);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  describe('and find it', () => {
    let alone: string;
    beforeAll(async () => {
      alone = await hashAlone(...LONG);
    });

    /** Once the run has come this far. */
    const underWay = (running: ProcessCluster, share = 0.2) =>
      running.until('a fifth of the run', () => {
        const record = running.record();
        return record && (record.step as number) > share * (record.steps as number) ? record : undefined;
      });
    const leaderOf = (running: ProcessCluster) =>
      [...running.processes].find(([, { events }]) => events.some(({ event }) => event === 'record'))![0];

    test.each([
      ...inDepth<readonly [string, (running: ProcessCluster) => void]>(
        ['a node', (running) => running.signal('node-1', 'SIGKILL')],
        ['the leader', (running) => running.signal(leaderOf(running), 'SIGKILL')],
      ),
      [
        'a node and the leader together',
        (running: ProcessCluster) => {
          running.signal(leaderOf(running), 'SIGKILL');
          running.signal('node-2', 'SIGKILL');
        },
      ],
    ] as const)('when %s is killed', async (_, kill) => {
      const running = await start(3, 1, 2);
      running.submit(...LONG, '--cut-every', '20');
      const before = await underWay(running);
      kill(running);
      const { stateHash, epoch, at } = await running.finished();
      expect(stateHash).toBe(alone);
      console.log(
        `epochs ${before.epoch} → ${epoch}, ${((at - before.at) / 1000).toFixed(1)} s from the kill to the end`,
      );
    });

    test.each([300, ...inDepth(5000)])('when the broker is killed and comes back after %i ms', async (milliseconds) => {
      const running = await start(3);
      running.submit(...LONG, '--cut-every', '20');
      await underWay(running);
      await running.restartBroker(milliseconds);
      expect((await running.finished()).stateHash).toBe(alone);
    });

    test.runIf(DEEP)('when a node stands still for three seconds', async () => {
      const running = await start(3);
      running.submit(...LONG, '--cut-every', '20');
      await underWay(running);
      running.signal('node-0', 'SIGSTOP');
      await new Promise((done) => setTimeout(done, 3000));
      running.signal('node-0', 'SIGCONT');
      expect((await running.finished()).stateHash).toBe(alone);
    });

    test.runIf(DEEP)('when there is no room for its states, and then there is', async () => {
      cluster = await ProcessCluster.startWithin(4 << 20);
      const { complaints } = cluster.coordinator('coordinator');
      for (const name of ['node-0', 'node-1']) cluster.node(name);
      cluster.submit(...LONG, '--cut-every', '10');
      await cluster.until('a word of it', () => complaints.find((line) => /insufficient|resource|maximum/.test(line)));
      const { step } = cluster.record()!;
      await new Promise((done) => setTimeout(done, 1000));
      await cluster.restartBroker(100);
      expect((await cluster.finished()).stateHash).toBe(alone);
      expect(step).toBeLessThan(cluster.record()!.steps as number);
    });

    test.runIf(DEEP)('when all of it is killed and started again from what the broker has stored', async () => {
      const running = await start(2);
      running.submit(...LONG, '--cut-every', '10');
      await underWay(running);
      for (const name of ['coordinator-0', 'node-0', 'node-1']) running.signal(name, 'SIGKILL');
      await running.restartBroker(500);
      running.coordinator('coordinator-later');
      running.node('node-later');
      expect((await running.finished()).stateHash).toBe(alone);
    });

    describe('though a disk is lost:', () => {
      /** With tiles and copies of records in a directory. */
      const startOnFiles = async (nodes: number, coordinators: number) => {
        cluster = await ProcessCluster.start();
        const files = join(cluster.directory, 'files');
        for (let k = 0; k < coordinators; k++) cluster.coordinator(`coordinator-${k}`, '--store', files);
        for (let k = 0; k < nodes; k++) cluster.node(`node-${k}`);
        cluster.submit(...LONG, '--cut-every', '10');
        return { running: cluster, files };
      };
      /** At one moment, whatever is being written. */
      const lose = (files: string): void => {
        renameSync(files, `${files}-lost`);
        rmSync(`${files}-lost`, { recursive: true });
      };
      /** How the epochs ended that ended for this reason. */
      const ends = async (running: ProcessCluster, reason: RegExp) =>
        (await running.said('credits'))
          .filter(({ event }) => event === 'segment')
          .map(({ ended }) => ended as { readonly reason: string; readonly lost: number })
          .filter((ended) => reason.test(ended.reason));

      test.runIf(DEEP)('the broker’s, and nothing is started again but the broker', async () => {
        const { running } = await startOnFiles(2, 2);
        const before = await underWay(running);
        await running.restartBroker(300, 'lost');
        const back = performance.now();
        const accepted = await running.until('a cut after that', () => {
          const record = running.record()!;
          return record.at > back && (record.step as number) > (before.step as number) ? record : undefined;
        });
        expect((await running.finished()).stateHash).toBe(alone);
        const told = await ends(running, /the ledger was lost/);
        console.log(`${((accepted.at - back) / 1000).toFixed(1)} s from the broker's return to the next accepted cut`);
        // Nodes that are all heard in time go on to the next cut, and nothing is computed twice; on busy cores no more than the
        // two cuts of 10 steps that may be on their way. At the end there is no next epoch.
        for (const { lost } of told) expect(lost).toBeLessThanOrEqual(20);
        for (const what of [/the ledger terrella-runs was gone from the NATS server/, /put back from/])
          expect(
            ['coordinator-0', 'coordinator-1'].some((name) => running.complaintOf(name, what)),
            `${what}`,
          ).toBe(true);
      });

      test('the broker’s, with everything killed at once, from the directory', async () => {
        const { running, files } = await startOnFiles(2, 1);
        const before = await underWay(running);
        for (const name of ['coordinator-0', 'node-0', 'node-1']) running.signal(name, 'SIGKILL');
        await running.restartBroker(0, 'lost');
        running.coordinator('coordinator-later', '--store', files);
        running.node('node-later');
        const { events } = running.processes.get('coordinator-later')!;
        const first = await running.until('a record', () => events.find(({ event }) => event === 'record'));
        // It goes on from the last cut that anybody was told of.
        expect(first.step).toBeGreaterThanOrEqual(before.step as number);
        expect(first.epoch).toBeGreaterThan(1_000_000);
        expect((await running.finished()).stateHash).toBe(alone);
        expect((await ends(running, /the ledger was lost/)).length).toBeGreaterThan(0);
      });

      test.each(inDepth('all'))('that of the directory, and %s is there again with the next cut', async () => {
        const { running, files } = await startOnFiles(2, 1);
        await underWay(running);
        lose(files);
        const { step } = running.record()!;
        await running.until('the next cut', () =>
          (running.record()!.step as number) > (step as number) ? true : undefined,
        );
        running.signal('node-0', 'SIGKILL');
        expect((await running.finished()).stateHash).toBe(alone);
        expect(await ends(running, /the store has lost/)).toEqual([]);
      });

      test.each(inDepth('a node'))(
        'that of the directory, and with it %s, which cannot send its tiles again',
        async () => {
          const { running, files } = await startOnFiles(2, 1);
          await underWay(running);
          running.signal('node-0', 'SIGKILL');
          lose(files);
          expect((await running.finished()).stateHash).toBe(alone);
          const [told] = await ends(running, /the store has lost/);
          expect(told?.reason).toMatch(/from the start again/);
        },
      );
    });

    test('where a node has another engine, which is told so and left out', async () => {
      const running = await start(1);
      const program = anotherEngine(running.directory);
      const { complaints, events } = running.beginWith(program, 'stranger', 'node', '--name', 'stranger');
      await running.until('the stranger', () => events.find(({ event }) => event === 'joined'));
      running.submit(...LONG, '--cut-every', '10');
      expect((await running.finished()).stateHash).toBe(alone);
      expect(complaints.join('\n')).toMatch(/OtherEngine: kernels are .* here and .* where the run was submitted/);
      expect(running.record()!.epoch).toBeGreaterThan(1);
    });

    test('when a node joins and another is asked to go', async () => {
      const running = await start(2);
      running.submit(...LONG, '--cut-every', '20');
      await underWay(running, 0.1);
      running.node('node-2');
      running.signal('node-0', 'SIGTERM');
      expect((await running.finished()).stateHash).toBe(alone);
      const { child } = running.processes.get('node-0')!;
      await running.until('the end of the node that was asked to go', () => child.exitCode ?? undefined);
      expect(child.exitCode).toBe(0);
    });
  });
});
