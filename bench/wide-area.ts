import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../workers/store/provenance.ts';
import { startBroker } from '../workers/transport/broker.ts';
import { stepSeconds, type WideAreaCluster } from './wide-area-model.ts';

const PROGRAM = join(packageRoot(), 'dist/workers/cli/main.js');
/** Half a day of a coarse globe, without cuts on the way: steps alone are to be timed. */
const RUN = ['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=12 h'];
const CUTS = 4;
const NODES = 2;
/** Rounds of halos a step of the tsunami has: one a stage. */
const ROUNDS = 4;

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

/** Seconds a step between the first cut and the last, of nodes that reach the broker in so long [ms]. */
async function measure(milliseconds: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-wide-'));
  const broker = await startBroker({ directory });
  const way = await slowWay(broker.port, milliseconds);
  const here = ['--nats', broker.url];
  const there = ['--nats', `nats://127.0.0.1:${way.port}`];
  const processes = [
    begin('coordinator', ...here),
    ...Array.from({ length: NODES }, (_, k) => begin('node', '--name', `node-${k}`, '--threads', '1', ...there)),
  ];
  try {
    const cuts: { readonly step: number; readonly at: number }[] = [];
    let epoch = 0;
    const steps = Math.ceil((12 * 3600) / 220);
    const client = begin('submit', ...RUN, '--cut-every', String(Math.ceil(steps / CUTS)), ...here);
    for await (const line of createInterface({ input: client.stdout! })) {
      const event = JSON.parse(line) as { event: string; epoch?: number; step?: number };
      if (event.event !== 'progress' || event.step === undefined) continue;
      // Moves between nodes are no part of a step.
      if (event.epoch !== epoch) cuts.length = 0;
      epoch = event.epoch!;
      if (cuts.at(-1)?.step !== event.step && event.step > 0) cuts.push({ step: event.step, at: performance.now() });
    }
    const [first, last] = [cuts[0], cuts.at(-1)];
    if (!first || !last || last.step === first.step) throw new Error('the run was moved too often to be timed');
    return (last.at - first.at) / 1000 / (last.step - first.step);
  } finally {
    for (const one of processes) one.kill('SIGKILL');
    way.close();
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const say = (figure: string, seconds: number, more: object): void =>
  console.log(
    process.argv.includes('--json')
      ? JSON.stringify({ event: 'bench', figure, value: seconds, unit: 's', ...more })
      : `${figure}: ${(1000 * seconds).toPrecision(3)} ms a step  ${JSON.stringify(more)}`,
  );

const near = await measure(0);
say('step on two nodes, no latency added', near, { nodes: NODES });
for (const milliseconds of [5, 25]) {
  const far = await measure(milliseconds);
  const predicted = near + ROUNDS * 2 * (milliseconds / 1000);
  say(`step on two nodes, ${2 * milliseconds} ms from node to node`, far, { nodes: NODES, predicted });
}

/** A thread that computes as many cell-stages a second as `terrella bench` finds here, and lines of 1 Gbit/s. */
const HOUSEHOLD: Omit<WideAreaCluster, 'nodes' | 'cells'> = {
  rounds: ROUNDS,
  cellStagesPerSecond: 20e6,
  latency: 0.05,
  bytesPerSecond: 125e6,
  bytesPerCell: 3 * 4,
};
for (const nodes of [100, 1000])
  for (const [grid, cells] of [
    ['2′', 6 * 2700 ** 2],
    ['30″', 6 * 10_800 ** 2],
  ] as const) {
    const { seconds, share } = stepSeconds({ ...HOUSEHOLD, nodes, cells });
    say(`model: step at ${grid} on ${nodes} nodes 50 ms apart`, seconds, {
      ofPerfectSpeed: Number(share.toFixed(2)),
    });
  }
