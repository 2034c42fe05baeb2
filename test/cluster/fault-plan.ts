import type { Simulation } from '../../engine/simulation/simulation.ts';
import { creditsOf } from '../../workers/coordinator/credits.ts';
import type { RunRecord } from '../../workers/protocol/cluster.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { SimulatedCluster } from './simulated-cluster.ts';
import { seeded } from './virtual-time.ts';

export interface PlanEnd {
  readonly state: string;
  readonly tiles: readonly string[] | undefined;
  readonly epochs: number;
  readonly milliseconds: number;
  readonly story: readonly string[];
  readonly errors: readonly unknown[];
  /** What somebody has who followed the run through the same faults; undefined where nobody did. */
  readonly collected: ReturnType<Simulation['save']> | undefined;
  readonly record: RunRecord;
  /** What the one that leads at the end says that each node has earned. */
  readonly shown: ReturnType<typeof creditsOf>;
}

/** Steps of the run, and between cuts. */
export interface PlanShape {
  readonly steps: number;
  readonly cutEvery: number;
  /** Steps at which whoever follows the run wants its state, in every other plan. */
  readonly due: readonly number[];
}

/** Whose disk is lost in the middle of it all. */
export type LostDisk = 'ledger' | 'store';

/** A run through the faults that a seed deals out. The same seed gives the same story, message by message. */
export async function runPlan(
  prepared: PreparedRun,
  seed: number,
  shape: PlanShape,
  lostDisk?: LostDisk,
): Promise<PlanEnd> {
  const { steps, cutEvery } = shape;
  const random = seeded(seed ^ 0x5eed);
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  const least = whole(1, 4);
  const cluster = new SimulatedCluster(prepared, seed, {
    loss: 0.03 * random() * whole(0, 1),
    twice: 0.05 * random() * whole(0, 1),
    delay: [least, least + whole(2, 30)],
  });
  let named = 0;
  const join = () => {
    const name = `node-${named++}`;
    cluster.tell(`${name} joins`);
    cluster.addNode(name, 1000 * whole(1, 8));
  };
  let coordinators = 0;
  const coordinate = () => cluster.addCoordinator(`coordinator-${coordinators++}`);
  for (let k = whole(2, 5); k > 0; k--) join();
  for (let k = whole(1, 2); k > 0; k--) coordinate();
  const isFollowed = seed % 2 === 0;
  await cluster.submit(steps, cutEvery, isFollowed ? shape.due : undefined);
  const collecting = isFollowed ? cluster.follow(steps) : undefined;

  const restartNode = (name: string) => {
    cluster.tell(`${name} is started again`);
    cluster.addNode(name, 1000 * whole(1, 8));
  };
  const killNode = (name: string | undefined) => {
    if (name === undefined) return;
    cluster.kill(name);
    // Somebody must be left to end the run.
    if (cluster.nodes.size === 0 || random() < 0.5) cluster.time.after(whole(50, 3000), () => restartNode(name));
  };
  const killLeader = () => {
    const name = cluster.leader();
    if (name === undefined) return;
    cluster.kill(name);
    if (cluster.coordinators.size === 0 || random() < 0.3) cluster.time.after(whole(50, 3000), coordinate);
  };
  const faults: readonly (() => void)[] = [
    () => killNode(one([...cluster.nodes.keys()])),
    () => {
      killNode(one([...cluster.nodes.keys()]));
      killLeader();
    },
    killLeader,
    () => {
      const name = one([...cluster.nodes.keys()])!;
      cluster.end(name);
      if (cluster.nodes.size === 0) cluster.time.after(whole(50, 3000), () => restartNode(name));
    },
    () => cluster.freeze(one([...cluster.nodes.keys()])!, whole(100, 4000)),
    () => {
      const name = cluster.leader();
      if (name) cluster.freeze(name, whole(100, 5000));
    },
    () => {
      const all = [...cluster.nodes.keys(), ...cluster.coordinators.keys()];
      const apart = all.filter(() => random() < 0.4);
      cluster.part(apart, whole(100, 4000));
    },
    () => cluster.outage(whole(50, 5000)),
    join,
    () => {
      const name = one([...cluster.nodes.keys()]);
      if (name === undefined) return;
      cluster.tell(`${name} drains`);
      cluster.nodes.get(name)!.node.draining = true;
    },
  ];
  for (let k = whole(1, 5); k > 0; k--)
    cluster.time.after(whole(0, 4000), () => {
      if (cluster.nodes.size > 0) one(faults)!();
    });
  // Dealt out apart, so that the other faults of a seed are the same with a lost disk and without.
  const fate = seeded(seed ^ 0xd15c);
  if (lostDisk)
    cluster.time.after(4000 * fate(), () => {
      if (lostDisk === 'ledger') return cluster.loseLedger(50 + 3000 * fate());
      cluster.loseStore(fate() < 0.5 ? 1 : fate());
      const name = [...cluster.nodes.keys()][0];
      // An epoch that begins before the next cut needs what is lost.
      if (name === undefined || fate() < 0.5) return;
      cluster.kill(name);
      cluster.time.after(50 + 3000 * fate(), () => restartNode(name));
    });
  try {
    await cluster.untilOver();
    const collected = await cluster.until(collecting);
    const shown = creditsOf((await cluster.shown()).records[0]!);
    const record = (await cluster.ledgerRecord())!;
    return {
      state: record.state,
      tiles: record.cut?.tiles,
      epochs: record.epoch,
      milliseconds: cluster.time.now,
      story: cluster.story,
      errors: cluster.errors,
      collected: collected?.save(),
      record,
      shown,
    };
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`plan ${seed}: ${message}\n${cluster.story.join('\n')}`);
  } finally {
    await cluster.close();
  }
}
