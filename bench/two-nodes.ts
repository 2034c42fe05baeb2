import { Simulation } from '../engine/simulation/simulation.ts';
import { loadNamed, openCache } from '../workers/cli/load.ts';
import { prepareRun } from '../workers/run/prepare.ts';
import { startThreads } from '../workers/threads/thread-pool.ts';
import { describeRow, rounded } from './rows.ts';
import { timeCluster } from './timed-cluster.ts';

const NODES = 2;
const TEN_MINUTES = ['grid.cells=540', 'grid.tile=90'];
/** One run whose tiles are all at work, and one where a wave spreads over a sea at rest and tiles move after it. */
const RUNS = [
  { scenario: 'williamson-2', set: [...TEN_MINUTES, 'time.duration=2 h'], cutEvery: 36 },
  { scenario: 'tohoku-2011', set: [...TEN_MINUTES, 'time.duration=6 h'], cutEvery: 59 },
];

/** Seconds from a step to the last one, in one process of as many threads, and the hash of the last state. */
async function alone(scenario: string, set: readonly string[], from: number) {
  const { scenario: loaded } = await loadNamed(scenario, { set, small: false });
  const { options, steps } = await prepareRun(loaded, {
    threads: NODES,
    form: 'wasm',
    skipRest: true,
    cache: await openCache(),
  });
  const simulation = await Simulation.start(options, startThreads);
  try {
    await simulation.advanceTo(from);
    const began = performance.now();
    await simulation.advanceTo(steps);
    return { seconds: (performance.now() - began) / 1000, steps: steps - from, stateHash: simulation.hash() };
  } finally {
    await simulation.close();
  }
}

// Two nodes of one thread each against one process of two threads, on the same cores: steps from the first cut to the end, moves,
// halos and cuts among them. The process writes nothing.
for (const { scenario, set, cutEvery } of RUNS) {
  const words = [scenario, ...set.flatMap((one) => ['--set', one])];
  const { cuts, stateHash } = await timeCluster(words, { nodes: NODES, cutEvery });
  const [first, last] = [cuts[0]!, cuts.at(-1)!];
  const cluster = last.at - first.at;
  const single = await alone(scenario, set, first.step);
  if (single.stateHash !== stateHash || last.step - first.step !== single.steps)
    throw new Error(`the cluster ended ${scenario} with ${stateHash}, one process with ${single.stateHash}`);
  const row = {
    event: 'bench',
    figure: 'two nodes, of one process',
    value: rounded(single.seconds / cluster),
    unit: '',
    scenario,
    cells: 540,
    steps: single.steps,
    cutEvery,
    epochs: last.epoch,
    clusterSeconds: rounded(cluster),
    processSeconds: rounded(single.seconds),
  } as const;
  console.log(process.argv.includes('--json') ? JSON.stringify(row) : describeRow(row));
}
