import { describe, expect, test } from 'vitest';
import { withEpoch } from '../../../workers/coordinator/history.ts';
import { KeptRecords, keyOfNode, keyOfRun } from '../../../workers/coordinator/kept-records.ts';
import type { RunRecord } from '../../../workers/protocol/cluster.ts';
import { packCluster, readNodeEntry, readRecord } from '../../../workers/protocol/cluster-messages.ts';
import { NO_HISTORY } from '../../../workers/protocol/metering.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { memoryLedger } from '../../../workers/transport/memory.ts';

const recordOf = (run: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{ run, owner: 'scientist', job: '{}', state: 'queued', steps: 40, cutEvery: 10, operations: 100 },
  shape: { panels: 1, cellsX: 32, cellsY: 16, tileX: 8, tileY: 8, width: 4, hashed: 3, others: 1 },
  ...{ curve: [0, 1, 2, 3, 7, 6, 5, 4], epoch: 0, members: [], owners: [], history: NO_HISTORY },
  ...more,
});
const ended = recordOf('over', { state: 'cancelled' });
const entry = { node: 'a', incarnation: 3, threads: 2, offeredSeconds: 1000, drained: true };

/** A directory, what is in it, and what was reported. */
function directory(files = new Map<string, Uint8Array>(), newCluster = 'one') {
  const reports: string[] = [];
  const copies = new KeptRecords({
    ...{ store: memoryStore(files), place: '/srv/terrella', newCluster },
    report: (error) => reports.push((error as Error).message),
  });
  const putBack = async (ledger = memoryLedger()) => {
    const { put, there } = await copies.putBack(ledger, await ledger.keys(), () => true);
    return { put, there, ledger };
  };
  return { files, copies, reports, putBack };
}

/** A directory with copies of three entries, written for a ledger that is lost then. */
async function written() {
  const made = directory();
  await made.putBack();
  await made.copies.keep(keyOfRun('late'), packCluster(recordOf('late')), 9);
  await made.copies.keep(keyOfRun('early'), packCluster(recordOf('early')), 7);
  await made.copies.keep(keyOfRun('over'), packCluster(ended), 8);
  await made.copies.keep(keyOfNode('a'), packCluster(entry), 5);
  return made;
}

describe('copies of the ledger', () => {
  test('are put back into one that is empty, who waited first before the others, beyond every epoch that was', async () => {
    const { files } = await written();
    const { put, ledger } = await directory(files, 'two').putBack();
    expect(put).toEqual(['node.a', 'run.early', 'run.over', 'run.late']);
    const revisions = await Promise.all(
      ['run.early', 'run.late'].map(async (key) => (await ledger.get(key))!.revision),
    );
    expect(revisions[0]).toBeLessThan(revisions[1]!);
    expect(readNodeEntry((await ledger.get('node.a'))!.bytes)).toEqual(entry);
    const over = readRecord((await ledger.get('run.over'))!.bytes)!;
    expect(over.state).toBe('cancelled');
    expect(over.fence).toBeGreaterThan(100_000);
  });

  test('never change an entry that is there, and of two who put back at once one is first', async () => {
    const { files } = await written();
    const ledger = memoryLedger();
    const newer = packCluster(recordOf('late', { state: 'failed', message: 'newer' }));
    await ledger.create('run.late', newer);
    const all = await Promise.all([directory(files, 'two').putBack(ledger), directory(files, 'three').putBack(ledger)]);
    expect((await ledger.get('run.late'))!.bytes).toEqual(newer);
    expect(all.flatMap(({ put }) => put).sort()).toEqual(['node.a', 'run.early', 'run.over']);
    // Whoever was second knows them all the same.
    for (const { there } of all)
      expect([...there]).toEqual(expect.arrayContaining(['node.a', 'run.early', 'run.over']));
  });

  test('stay the newest two, whatever a leader that was deposed still writes', async () => {
    const { files, copies, putBack } = await written();
    for (const revision of [20, 30, 40])
      await copies.keep('run.late', packCluster(recordOf('late', { message: `${revision}` })), revision);
    // It won its compare-and-set at 25, stood still, and copies only now.
    await copies.keep('run.late', packCluster(recordOf('late', { message: '25' })), 25);
    expect(
      [...files.keys()].filter((key) => key.includes('run.late')).map((key) => Number(key.split('/').at(-1))),
    ).toEqual([30, 40]);
    const { ledger } = await putBack();
    expect(readRecord((await ledger.get('run.late'))!.bytes)!.message).toBe('40');
  });

  test('that are damaged are named and left out: the one before is used, and the others are put back', async () => {
    const { files, copies } = await written();
    await copies.keep('run.late', packCluster(recordOf('late', { message: 'newer' })), 10);
    const key = (run: string, revision: number) => `ledger/entries/run.${run}/${String(revision).padStart(16, '0')}`;
    files.set(key('late', 10), files.get(key('late', 10))!.subarray(0, 50));
    files.set(key('early', 7), files.get(key('late', 9))!);
    const { reports, putBack } = directory(files);
    const { put, ledger } = await putBack();
    expect(put).toEqual(['node.a', 'run.over', 'run.late']);
    expect(readRecord((await ledger.get('run.late'))!.bytes)!.message).toBeUndefined();
    expect(reports).toEqual([
      `RecordDamaged: /srv/terrella/${key('early', 7)} is damaged and left out; run.early is lost with it. Remove the file, or put it back from a backup and start the coordinator again.`,
      `RecordDamaged: /srv/terrella/${key('late', 10)} is damaged and left out; the copy before it is used. Remove the file.`,
    ]);
  });

  test('of a run under way that are not the newest tell that their epoch is over', async () => {
    const { files, copies } = await written();
    const members = [{ node: 'a', incarnation: 3 }];
    const running = withEpoch(recordOf('late', { state: 'running', epoch: 3, members, owners: Array(8).fill(0) }));
    for (const revision of [10, 11]) await copies.keep('run.late', packCluster(running), revision);
    const putLate = async () => readRecord((await (await directory(files).putBack()).ledger.get('run.late'))!.bytes)!;
    expect(await putLate()).toEqual({ ...running, fence: 1_000_003 });
    files.set('ledger/entries/run.late/0000000000000011', new Uint8Array(50));
    expect((await putLate()).history.segments).toMatchObject([
      { epoch: 3, ended: { reason: expect.stringMatching(/copy of the record is damaged/) } },
    ]);
  });

  test('of another cluster are neither used nor changed', async () => {
    const { files } = await written();
    const { ledger } = await directory(new Map(), 'another').putBack();
    const before = new Map(files);
    const { copies, reports, putBack } = directory(files);
    expect((await putBack(ledger)).put).toEqual([]);
    await copies.keep('run.late', packCluster(recordOf('late')), 11);
    expect(files).toEqual(before);
    expect(reports).toEqual([
      expect.stringMatching(/^OtherCluster: \/srv\/terrella keeps the records of another cluster/),
    ]);
    // Its own ledger is known again, and one that was lost takes its name from the directory.
    expect((await directory(files, 'two').putBack()).put.length).toBe(4);
  });

  test('are not put back while the ledger does not answer', async () => {
    const { files } = await written();
    const down = { ...memoryLedger(), get: () => Promise.reject(new Error('down')) };
    await expect(directory(files).copies.putBack(down, [], () => true)).rejects.toThrow('down');
  });
});
