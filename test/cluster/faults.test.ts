import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Simulation } from '../../engine/simulation/simulation.ts';
import { hashOf } from '../../workers/node/shard-host.ts';
import type { PreparedRun } from '../../workers/run/prepare.ts';
import { prepareSmall, writeSmallOcean } from '../workers/run/small-ocean.ts';
import { CALM, SimulatedCluster } from './simulated-cluster.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

const STEPS = 40;
const CUT_EVERY = 8;
let prepared: PreparedRun;
let expected: readonly string[];

beforeAll(async () => {
  ({ prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'js' }));
  const alone = await Simulation.start(prepared.options);
  await alone.advanceTo(STEPS);
  expected = prepared.grid.tiles.map(({ id }) => hashOf(alone.saveTile(id)));
});

describe('a run on a cluster has the bits of one process', () => {
  test.each([1, 2, 4, 6])('with %i nodes', async (nodes) => {
    const cluster = new SimulatedCluster(prepared, nodes, CALM);
    cluster.addCoordinator('first');
    for (let k = 0; k < nodes; k++) cluster.addNode(`node-${k}`);
    await cluster.submit(STEPS, CUT_EVERY);
    const record = await cluster.untilOver();
    expect(record).toMatchObject({ state: 'finished', epoch: 1 });
    expect(record.cut).toEqual({ step: STEPS, tiles: expected });
    expect(cluster.errors).toEqual([]);
    await cluster.close();
  });
});
