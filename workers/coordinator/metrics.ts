import type { ClusterRunState, NodeStatus, RunRecord } from '../protocol/cluster.ts';
import { type NodeState, reportNodes } from './cluster-report.ts';
import type { LedgerWrites } from './coordinator-process.ts';
import { creditsOf } from './credits.ts';
import type { Metric, Sample } from './prometheus.ts';

/** What a coordinator knows; one that follows gives its own figures alone, so that no sum over all counts a cluster twice. */
export interface MetricsSource {
  readonly leads: boolean;
  readonly ledgerWrites: LedgerWrites;
  readonly malformed: ReadonlyMap<string, number>;
  nodes(): readonly NodeStatus[];
  records(): readonly RunRecord[];
}

const NODE_STATES: readonly NodeState[] = ['earning', 'working', 'preparing', 'idle', 'draining', 'silent'];
const RUN_STATES: readonly ClusterRunState[] = ['queued', 'running', 'finished', 'failed', 'cancelled'];

const counted = <S extends string>(states: readonly S[], found: readonly S[]): Sample[] =>
  states.map((state) => ({ labels: { state }, value: found.filter((one) => one === state).length }));

/** A coordinator's figures. Those of a cluster come from the ledger's records, and go on where another leads. */
export function clusterMetrics(source: MetricsSource): readonly Metric[] {
  const { leads, ledgerWrites, malformed } = source;
  const own: Metric[] = [
    {
      ...{ name: 'terrella_coordinator_leads', type: 'gauge', samples: [{ value: leads ? 1 : 0 }] },
      help: 'Whether this coordinator leads; figures of the cluster come from the one that does.',
    },
    {
      ...{ name: 'terrella_ledger_writes_total', type: 'counter' },
      help: 'Writes of runs and nodes to the ledger by this coordinator, by how they ended; unknown: no answer came.',
      samples: Object.entries(ledgerWrites).map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    {
      ...{ name: 'terrella_malformed_messages_total', type: 'counter' },
      help: 'Messages that this coordinator could not read or believe, by sender.',
      samples: [...malformed].map(([sender, value]) => ({ labels: { sender }, value })),
    },
  ];
  return leads ? [...own, ...ofCluster(source.nodes(), source.records())] : own;
}

function ofCluster(nodes: readonly NodeStatus[], records: readonly RunRecord[]): Metric[] {
  const reports = reportNodes(nodes, records);
  const metric = (type: Metric['type'], name: string, help: string, samples: readonly Sample[]): Metric => ({
    ...{ name: `terrella_${name}`, help, type, samples },
  });
  const ofRuns = (value: (record: RunRecord) => number | undefined): Sample[] =>
    records.flatMap((record) => {
      const found = value(record);
      return found === undefined ? [] : [{ labels: { run: record.run }, value: found }];
    });
  const ofNodes = (value: (report: (typeof reports)[number]) => number | undefined): Sample[] =>
    reports.flatMap((report) => {
      const found = value(report);
      return found === undefined ? [] : [{ labels: { node: report.node }, value: found }];
    });
  const earned = records.flatMap((record) => creditsOf(record).map((earnings) => ({ record, ...earnings })));
  const ofEarned = (value: (earnings: (typeof earned)[number]) => number): Sample[] =>
    earned.map((earnings) => ({
      labels: { node: earnings.node, run: earnings.record.run },
      value: value(earnings),
    }));
  return [
    metric(
      'gauge',
      'nodes',
      'Nodes heard of in the last ten minutes; earning: work of the present epoch is accepted.',
      counted(
        NODE_STATES,
        reports.map(({ state }) => state),
      ),
    ),
    metric(
      'gauge',
      'runs',
      'Runs by state.',
      counted(
        RUN_STATES,
        records.map(({ state }) => state),
      ),
    ),
    metric(
      'counter',
      'run_epochs_total',
      'Changes of members or owners of a run.',
      ofRuns(({ epoch }) => epoch),
    ),
    metric(
      'gauge',
      'run_steps',
      'Steps that a run has in all.',
      ofRuns(({ steps }) => steps),
    ),
    metric(
      'counter',
      'run_accepted_steps_total',
      'Steps up to the last cut.',
      ofRuns(({ cut }) => cut?.step ?? 0),
    ),
    metric(
      'gauge',
      'run_first_accepted_seconds',
      'From submission to the first accepted cut.',
      ofRuns(({ firstAccepted }) => firstAccepted),
    ),
    metric(
      'counter',
      'accepted_cell_updates_total',
      'Cells times steps that the ledger holds.',
      ofEarned(({ cellUpdates }) => Number(cellUpdates)),
    ),
    metric(
      'counter',
      'credits_total',
      'Accepted kernel operations, in units of 10^12.',
      ofEarned(({ credits }) => credits),
    ),
    metric(
      'counter',
      'claimed_compute_thread_seconds_total',
      'Thread-seconds that accepted work took, by the node’s own word.',
      ofEarned(({ claimed }) => claimed.threadSeconds),
    ),
    metric(
      'counter',
      'claimed_halo_wait_seconds_total',
      'Wall time of accepted work with nothing to do until halos came, by the node’s own word.',
      ofEarned(({ claimed }) => claimed.waitSeconds),
    ),
    metric(
      'counter',
      'claimed_halo_sent_bytes_total',
      'Bytes of halos sent for accepted work, by the node’s own word.',
      ofEarned(({ claimed }) => claimed.bytesSent),
    ),
    metric(
      'counter',
      'claimed_halo_received_bytes_total',
      'Bytes of halos received for accepted work, by the node’s own word.',
      ofEarned(({ claimed }) => claimed.bytesReceived),
    ),
    metric(
      'gauge',
      'node_offered_thread_seconds',
      'Time that the leader heard of a node, times its threads; a new leader may begin some seconds lower.',
      ofNodes(({ offeredSeconds }) => offeredSeconds),
    ),
    metric(
      'gauge',
      'node_utilisation_ratio',
      'Thread-seconds of accepted work over those offered.',
      ofNodes(({ utilisation }) => utilisation),
    ),
    metric(
      'gauge',
      'node_halo_wait_ratio',
      'Share of waiting for halos.',
      ofNodes(({ waitShare }) => waitShare),
    ),
    metric(
      'gauge',
      'node_threads',
      'Threads of a node, by its own word.',
      ofNodes(({ threads }) => threads),
    ),
    metric(
      'gauge',
      'node_tiles',
      'Tiles of running runs on a node.',
      ofNodes(({ tiles }) => tiles),
    ),
    metric(
      'gauge',
      'node_round_trip_seconds',
      'Round trips of a node’s latest requests to the leader, by its own word.',
      reports.flatMap(({ node, roundTrip }) =>
        roundTrip
          ? [
              { labels: { node, quantile: '0.5' }, value: roundTrip.p50 / 1000 },
              { labels: { node, quantile: '0.95' }, value: roundTrip.p95 / 1000 },
            ]
          : [],
      ),
    ),
  ];
}
