import { timeCluster } from './timed-cluster.ts';
import { stepSeconds, type WideAreaCluster } from './wide-area-model.ts';

/** Half a day of a coarse globe, without cuts on the way: steps alone are to be timed. */
const RUN = ['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=12 h'];
const STEPS = Math.ceil((12 * 3600) / 220);
const CUTS = 4;
const NODES = 2;
/** Rounds of halos a step of the tsunami has: one a stage. */
const ROUNDS = 4;

/** Seconds a step between the first cut and the last, of nodes that reach the broker in so long [ms]. */
async function measure(latency: number): Promise<number> {
  const { cuts } = await timeCluster(RUN, { nodes: NODES, cutEvery: Math.ceil(STEPS / CUTS), latency });
  const last = cuts.at(-1);
  // Moves between nodes are no part of a step.
  const first = cuts.find(({ epoch }) => epoch === last?.epoch);
  if (!first || !last || last.step === first.step) throw new Error('the run was moved too often to be timed');
  return (last.at - first.at) / (last.step - first.step);
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
