import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunRecord } from '../../../workers/protocol/cluster.ts';
import { NO_HISTORY } from '../../../workers/protocol/metering.ts';
import { checkWork, workOf } from '../../../workers/run/job-work.ts';
import { prepareSmall, writeSmallOcean } from '../run/small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

test('a node computes nothing for a record that states other work than its job is', async () => {
  const { prepared } = await prepareSmall(file, ['grid.cells=16', 'grid.tile=8']);
  const record: RunRecord = {
    ...{ run: 'r', owner: 'me', job: '{}', state: 'running', cutEvery: 10, epoch: 0, history: NO_HISTORY },
    ...{ curve: [], members: [], owners: [], ...workOf(prepared) },
  };
  expect(() => checkWork(record, prepared)).not.toThrow();
  for (const lie of [
    { operations: 10 * record.operations },
    { steps: record.steps + 1 },
    { shape: { ...record.shape, tileX: 16, tileY: 4 } },
  ])
    expect(() => checkWork({ ...record, ...lie }, prepared)).toThrow(/^OtherWork: .* Submit it again/);
});
