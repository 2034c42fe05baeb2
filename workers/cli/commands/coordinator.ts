import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { CoordinatorProcess } from '../../coordinator/coordinator-process.ts';
import { serveMetrics } from '../../coordinator/metrics-server.ts';
import { wallClock } from '../../node/clock.ts';
import { promisedHash } from '../../protocol/cluster.ts';
import { LEDGER, TILES } from '../../protocol/cluster-subjects.ts';
import { openFileStore } from '../../store/file-store.ts';
import { type LinkOptions, linkTo, nameOfProcess, speakerOf } from '../cluster-link.ts';
import { collectRarely } from '../collect-rarely.ts';
import { CliError, EXIT } from '../errors.ts';
import { printEvent, say } from '../terminal.ts';
import { untilSignal } from '../until-signal.ts';

export interface CoordinatorOptions extends LinkOptions {
  readonly name?: string;
  /** Directory for tiles' states that all coordinators reach; the server's object store unless told. */
  readonly store?: string;
  /** Port of figures for Prometheus; none unless told. */
  readonly metrics?: number;
  readonly metricsHost: string;
  readonly json: boolean;
}

/** Leads a cluster, or waits to take over. */
export async function coordinatorCommand(options: CoordinatorOptions): Promise<void> {
  const name = options.name ?? nameOfProcess('coordinator');
  collectRarely();
  const link = await linkTo(options, name, await speakerOf(options, ['coordinator']));
  const store = options.store ? await openFileStore(options.store) : await link.objects(TILES);
  const coordinator = new CoordinatorProcess({
    name,
    transport: link.transport,
    ledger: await link.ledger(LEDGER),
    store,
    ...(options.store ? { copies: { store, place: resolve(options.store), newCluster: randomUUID() } } : {}),
    clock: wallClock,
    report: (error) => say(true, `warning: ${error instanceof Error ? error.message : error}`),
    putBack: (keys) => say(true, `the ledger lacked ${keys.join(', ')}: put back from ${options.store}`),
  });
  const metrics = await metricsOf(coordinator, options).catch(async (error) => {
    coordinator.stop();
    await link.close();
    throw error;
  });
  if (options.json) printEvent({ event: 'coordinating', name, server: options.nats, metrics: metrics?.url });
  else say(false, `${name} coordinates at ${options.nats}. Ctrl-C ends it; runs go on.`);
  if (metrics) say(options.json, `figures at ${metrics.url}`);
  const stopTelling = coordinator.onRecord((record) => {
    const { run, state, epoch, members, cut, steps, message } = record;
    const stateHash = promisedHash(record);
    const nodes = members.map(({ node }) => node);
    const step = cut?.step ?? 0;
    if (options.json) printEvent({ event: 'record', run, state, epoch, nodes, step, steps, stateHash, message });
    else say(false, `${run}: ${state}, epoch ${epoch} on ${nodes.length} nodes, step ${step} of ${steps}`);
  });
  await untilSignal();
  stopTelling();
  coordinator.stop();
  await metrics?.close();
  await link.close();
}

/** Throws CliError (NoMetrics). */
async function metricsOf(coordinator: CoordinatorProcess, { metrics, metricsHost }: CoordinatorOptions) {
  if (metrics === undefined) return undefined;
  try {
    return await serveMetrics(coordinator, metrics, metricsHost);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(
      'NoMetrics',
      `${metricsHost} port ${metrics} is not to be had (${code}). Give another --metrics or --metrics-host.`,
      EXIT.usage,
    );
  }
}
