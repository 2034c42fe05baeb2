import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { PROGRAM, ProcessCluster, treeOf } from './process-cluster.ts';

/** Some seconds of work for three nodes; a frame every quarter of an hour. */
const LONG = [
  ...['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=6 h'],
  ...['--set', 'output.latitudeLongitude=1'],
  ...['--set', 'output.fields=[{ name: sea_surface_height_above_mean_sea_level, every: 15 min }]'],
];

/** What tells of when and by whom a run was made, and not of the run. */
const ABOUT = /(zarr|provenance|result|cluster)\.json$/;

const CHECKPOINT = /^checkpoints\//;

natsTier('a run on a cluster of real processes', () => {
  let cluster: ProcessCluster;
  let alone: string;
  beforeAll(async () => {
    cluster = await ProcessCluster.start();
    alone = join(cluster.directory, 'alone');
    const words = ['run', ...LONG, '--set', 'output.checkpoints.every=1 h', '--output', alone];
    // So coarse a run does not meet what the scenario expects, and says so by its exit status.
    await promisify(execFile)(process.execPath, [PROGRAM, ...words]).catch(() => undefined);
  }, 120_000);
  afterAll(() => cluster?.close());

  test('has the output of one process, byte for byte, through kills of nodes and of whoever collects it', async () => {
    for (const name of ['first', 'second']) cluster.coordinator(name);
    for (const name of ['node-0', 'node-1', 'node-2']) cluster.node(name);
    const output = join(cluster.directory, 'together');
    const set = ['--set', 'output.checkpoints.every=1 h'];
    const collector = cluster.begin('collector', 'run', ...LONG, ...set, '--output', output);
    const step = (events: typeof collector.events) =>
      events.reduce((most, event) => (event.event === 'progress' ? (event.step as number) : most), 0);
    await cluster.until('some steps', () => step(collector.events) > 20 || undefined);
    cluster.signal('node-1', 'SIGKILL');
    cluster.signal('collector', 'SIGKILL');
    await cluster.until('its end', () => collector.child.signalCode ?? undefined);
    const again = cluster.begin('again', 'resume', output);
    await cluster.until('more steps', () => step(again.events) > step(collector.events) + 20 || undefined);
    cluster.signal('again', 'SIGINT');
    await cluster.until('its end', () => again.child.exitCode ?? undefined);
    expect(again.child.exitCode).toBe(130);
    expect(again.complaints.join('\n')).toContain('The cluster goes on. Collect it with: terrella resume');
    const last = cluster.begin('last', 'resume', output);
    await cluster.until('the end', () => last.child.exitCode ?? undefined);
    const finished = last.events.find(({ event }) => event === 'finished');
    expect(finished).toMatchObject({ nodes: expect.any(Number) });
    // Of the checkpoints before the last, that of the interruption may have taken the place of one.
    const newest = treeOf(alone)
      .filter((path) => CHECKPOINT.test(path))
      .at(-1)!;
    const isHeld = (path: string) => !ABOUT.test(path) && (!CHECKPOINT.test(path) || path === newest);
    const files = treeOf(alone).filter(isHeld);
    expect(files).toContain(newest);
    expect(treeOf(output).filter(isHeld)).toEqual(files);
    expect(files.length).toBeGreaterThan(200);
    for (const path of files)
      expect(readFileSync(join(output, path)).equals(readFileSync(join(alone, path))), path).toBe(true);
    const result = (directory: string) =>
      JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')) as Readonly<Record<string, unknown>>;
    for (const fact of ['stateHash', 'chain', 'massRelativeDrift', 'maximumAmplitude', 'stations'])
      expect(result(output)[fact], fact).toEqual(result(alone)[fact]);
  }, 180_000);
});
