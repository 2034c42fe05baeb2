import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webgpuTier } from '../engine/backends/webgpu/device.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { hashAlone, ProcessCluster } from './process-cluster.ts';

const RUN = ['tohoku-2011', '--small', '--set', 'grid.cells=24', '--set', 'grid.tile=12', '--set', 'time.duration=1 h'];

interface Facts {
  readonly [fact: string]: unknown;
}

const readJson = (...path: readonly string[]): Facts => JSON.parse(readFileSync(join(...path), 'utf8')) as Facts;

// A node's process finds the renderer by the variable that the tier has set.
webgpuTier('a node on a graphics device', () => {
  natsTier('of a cluster on a real broker', () => {
    let cluster: ProcessCluster;
    let alone: Promise<string>;
    beforeAll(async () => {
      alone = hashAlone(...RUN);
      cluster = await ProcessCluster.start();
    });
    afterAll(() => cluster?.close());

    test('has its part in runs of class tolerance, and none in others', async () => {
      const expected = await alone;
      cluster.coordinator('coordinator');
      cluster.node('processor');
      const card = cluster.begin('card', 'node', '--name', 'card', '--backend', 'webgpu');
      const joined = await cluster.until('a device', () => card.events.find(({ event }) => event === 'joined'));
      expect(joined.device).toMatch(/swiftshader/i);
      await cluster.until('a device that hosts', () =>
        card.complaints.some((line) => line.includes('which draws on the processor')) ? true : undefined,
      );

      const output = join(cluster.directory, 'together');
      const tolerant = cluster.begin('tolerant', 'run', ...RUN, '--class', 'tolerance', '--output', output);
      await cluster.until('its end', () => tolerant.child.exitCode ?? undefined, 120_000);
      const finished = tolerant.events.find(({ event }) => event === 'finished')!;
      expect(finished).toMatchObject({ class: 'tolerance', nodes: 2 });
      expect(finished.backend).toBe(`cpu-wasm and webgpu: ${joined.device}`);
      expect(finished).not.toHaveProperty('stateHash');
      const provenance = readJson(output, 'run.zarr', 'provenance.json');
      expect(provenance).toMatchObject({ class: 'tolerance', stateHashChain: null, backend: finished.backend });

      const bitwise = cluster.submit(...RUN, '--name', 'bits');
      await cluster.until('its end', () => bitwise.child.exitCode ?? undefined, 120_000);
      const result = bitwise.events.find(({ event }) => event === 'finished')!;
      expect(result).toMatchObject({ class: 'bitwise', stateHash: expected });

      const credits = await cluster.said('credits');
      const runsOf = (node: string) =>
        credits.filter((one) => one.event === 'earned' && one.node === node).map(({ run }) => run as string);
      expect(runsOf('processor').map((run) => run.replace(/-.*/, ''))).toEqual(['bits', 'tohoku']);
      expect(runsOf('card').map((run) => run.replace(/-.*/, ''))).toEqual(['tohoku']);
      const nodes = await cluster.said('nodes');
      expect(nodes.find(({ node }) => node === 'card')).toMatchObject({ device: joined.device });
      const runs = await cluster.said('runs');
      expect(runs.find(({ run }) => run === 'bits')).toMatchObject({ stateHash: expected });
      expect(runs.find(({ run }) => run !== 'bits')).toMatchObject({ devices: [joined.device] });
      expect(runs.find(({ run }) => run !== 'bits')).not.toHaveProperty('stateHash');
      expect(existsSync(join(output, 'result.json'))).toBe(true);
    }, 180_000);
  });
});
