import { describe, expect, test } from 'vitest';
import { clusterMetrics, type MetricsSource } from '../../../workers/coordinator/metrics.ts';
import { serveMetrics } from '../../../workers/coordinator/metrics-server.ts';
import { prometheusText } from '../../../workers/coordinator/prometheus.ts';
import type { NodeStatus, RunRecord } from '../../../workers/protocol/cluster.ts';
import { nodeStatus } from './node-status.ts';

const claimed = { computeSeconds: 30, threadSeconds: 60, waitSeconds: 10, bytesSent: 5, bytesReceived: 7 };
const record: RunRecord = {
  run: 'the-run',
  owner: 'scientist',
  job: '{}',
  state: 'running',
  shape: { panels: 1, cellsX: 2000, cellsY: 1000, tileX: 1000, tileY: 1000, width: 4, hashed: 3, others: 1 },
  steps: 100,
  cutEvery: 10,
  operations: 2000,
  curve: [0, 1],
  epoch: 1,
  members: [
    { node: 'a', incarnation: 1 },
    { node: 'b', incarnation: 1 },
  ],
  owners: [0, 1],
  cut: { step: 50, tiles: ['ab'.repeat(32), 'ab'.repeat(32)] },
  firstAccepted: 2.5,
  history: {
    carried: { epochs: 0, to: 0, shares: [] },
    segments: [
      {
        ...{ epoch: 1, from: 0, to: 50 },
        shares: ['a', 'b'].map((node) => ({ node, incarnation: 1, tiles: 1, claimed })),
      },
    ],
  },
};
const node = (name: string, more: Partial<NodeStatus> = {}): NodeStatus =>
  nodeStatus(name, { session: { threads: 2, roundTrip: { p50: 1, p95: 20 } }, ...more });
const source: MetricsSource = {
  leads: true,
  ledgerWrites: { taken: 12, refused: 1, unknown: 0 },
  malformed: new Map([['bad "sender"\\\n', 3]]),
  nodes: () => [node('a'), node('b', { silent: 5000 })],
  records: () => [record],
};

/** Reads the text format by its own grammar: each sample under its HELP and TYPE, each name once. */
function parse(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  let name: string | undefined;
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/.exec(line);
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/.exec(line);
    if (help) {
      expect(types.has(help[1]!), help[1]).toBe(false);
      name = help[1]!;
    } else if (type) {
      expect(type[1]).toBe(name);
      types.set(name!, type[2]!);
      expect(type[2] === 'counter', name).toBe(name!.endsWith('_total'));
    } else {
      expect(sample, line).not.toBeNull();
      const [, of, labels, value] = sample!;
      expect(of).toBe(name);
      const key = labels ? `${of}{${labels}}` : of!;
      expect(values.has(key), key).toBe(false);
      expect(Number.isFinite(Number(value)), line).toBe(true);
      values.set(key, Number(value));
    }
  }
  return values;
}

describe('figures for Prometheus', () => {
  test('are those of the records, under their names', () => {
    const found = parse(prometheusText(clusterMetrics(source)));
    expect(found.get('terrella_nodes{state="earning"}')).toBe(1);
    expect(found.get('terrella_nodes{state="silent"}')).toBe(1);
    expect(found.get('terrella_runs{state="running"}')).toBe(1);
    expect(found.get('terrella_run_epochs_total{run="the-run"}')).toBe(1);
    expect(found.get('terrella_run_first_accepted_seconds{run="the-run"}')).toBe(2.5);
    expect(found.get('terrella_accepted_cell_updates_total{node="a",run="the-run"}')).toBe(5e7);
    expect(found.get('terrella_credits_total{node="a",run="the-run"}')).toBe(0.1);
    expect(found.get('terrella_node_utilisation_ratio{node="a"}')).toBe(0.5);
    expect(found.get('terrella_node_halo_wait_ratio{node="a"}')).toBe(0.25);
    expect(found.get('terrella_node_round_trip_seconds{node="a",quantile="0.95"}')).toBe(0.02);
    expect(found.get('terrella_ledger_writes_total{outcome="taken"}')).toBe(12);
    expect(found.get('terrella_malformed_messages_total{sender="bad \\"sender\\"\\\\\\n"}')).toBe(3);
  });

  test('of the cluster come from the coordinator that leads alone', () => {
    const found = parse(prometheusText(clusterMetrics({ ...source, leads: false })));
    expect(found.get('terrella_coordinator_leads')).toBe(0);
    expect([...found.keys()].filter((key) => /credits|nodes|runs/.test(key))).toEqual([]);
  });

  test('are fetched at /metrics, and nothing else is', async () => {
    const server = await serveMetrics(source, 0, '127.0.0.1');
    try {
      const response = await fetch(server.url);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(parse(await response.text()).get('terrella_coordinator_leads')).toBe(1);
      expect((await fetch(new URL('/', server.url))).status).toBe(404);
      expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    } finally {
      await server.close();
    }
  });
});
