import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../workers/store/provenance.ts';
import { startBroker } from '../workers/transport/broker.ts';

const PROGRAM = join(packageRoot(), 'dist/workers/cli/main.js');

/** A way to a port that takes so long in either direction [ms]. */
async function slowWay(port: number, milliseconds: number): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), milliseconds));
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const begin = (...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [PROGRAM, ...words, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });

export interface ClusterToTime {
  /** Nodes of one thread each, processes on this machine. */
  readonly nodes: number;
  /** Steps between cuts. */
  readonly cutEvery: number;
  /** Added latency of a message, either way between a node and the broker [ms]; 0 connects them as usual. */
  readonly latency?: number;
}

/** A cut that the coordinator told of. */
export interface TimedCut {
  readonly step: number;
  /** Changes where tiles moved. */
  readonly epoch: number;
  /** [s] of a clock of its own. */
  readonly at: number;
}

/**
 * A run on a cluster of processes: broker, coordinator and nodes on this machine, ended again after it. Gives back its cuts and the hash
 * of its last state. Throws Error where it does not finish.
 */
export async function timeCluster(
  run: readonly string[],
  { nodes, cutEvery, latency = 0 }: ClusterToTime,
): Promise<{ readonly cuts: readonly TimedCut[]; readonly stateHash: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-timed-'));
  const broker = await startBroker({ directory });
  const way = latency > 0 ? await slowWay(broker.port, latency) : undefined;
  const here = ['--nats', broker.url];
  const there = way ? ['--nats', `nats://127.0.0.1:${way.port}`] : here;
  const processes = [
    begin('coordinator', ...here),
    ...Array.from({ length: nodes }, (_, k) => begin('node', '--name', `node-${k}`, '--threads', '1', ...there)),
  ];
  // What they say is not asked for, and must not fill their pipes.
  for (const { stdout } of processes) stdout!.resume();
  try {
    const cuts: TimedCut[] = [];
    let stateHash: string | undefined;
    const client = begin('submit', ...run, '--cut-every', String(cutEvery), ...here);
    processes.push(client);
    for await (const line of createInterface({ input: client.stdout! })) {
      const { event, step, epoch, ...more } = JSON.parse(line) as Partial<TimedCut> & {
        readonly event: string;
        readonly stateHash?: string;
      };
      stateHash = more.stateHash ?? stateHash;
      if (event === 'progress' && step !== undefined && step > 0 && cuts.at(-1)?.step !== step)
        cuts.push({ step, epoch: epoch!, at: performance.now() / 1000 });
    }
    if (stateHash === undefined) throw new Error(`the cluster has not finished ${run.join(' ')}`);
    return { cuts, stateHash };
  } finally {
    for (const one of processes) one.kill('SIGKILL');
    way?.close();
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
