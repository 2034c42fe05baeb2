import { checkNeighbours } from './emit-wgsl.ts';
import { createGraph, transplant } from './graph.ts';
import { type Output, type Plan, readsOf, type SweepStage } from './plan.ts';

/**
 * The same work in fewer rounds, for a device that reads what was there before a round: stages on the same cells that take
 * nothing from each other become one. Bits are as before: the operations are the same.
 * Throws KernelError where a stage overwrites what its neighbours have still to read.
 */
export function mergeStages(plan: Plan): Plan {
  for (const stage of plan.sweep) checkNeighbours(plan, stage);
  const rounds = new Map<string, SweepStage[]>();
  const wrote = new Map<string, number>();
  const readers: { readonly name: string; readonly round: number; readonly cells: string }[] = [];
  for (const stage of plan.sweep) {
    const reads = new Set(readsOf(stage).map(({ name }) => name));
    const writes = new Set(stage.outputs.map(({ field }) => field));
    const { x0, x1, y0, y1 } = stage.box;
    const cells = `${x0} ${x1} ${y0} ${y1}`;
    let round = 0;
    for (const name of [...reads, ...writes]) round = Math.max(round, (wrote.get(name) ?? -1) + 1);
    // What an earlier stage reads may be overwritten by its own round, but not before.
    for (const reader of readers)
      if (writes.has(reader.name)) round = Math.max(round, reader.round + (reader.cells === cells ? 0 : 1));
    for (const name of reads) readers.push({ name, round, cells });
    for (const name of writes) wrote.set(name, round);
    const together = rounds.get(`${round} ${cells}`);
    if (together) together.push(stage);
    else rounds.set(`${round} ${cells}`, [stage]);
  }
  const roundOf = (key: string): number => Number(key.split(' ')[0]);
  const order = [...rounds].sort(([a], [b]) => roundOf(a) - roundOf(b));
  return { ...plan, sweep: order.map(([, stages]) => (stages.length === 1 ? stages[0]! : join(plan, stages))) };
}

function join(plan: Plan, stages: readonly SweepStage[]): SweepStage {
  const graph = createGraph(plan.layout.precision);
  const outputs = stages.flatMap((stage): Output[] => {
    const roots = transplant(
      stage.outputs.map(({ node }) => node),
      graph,
      () => undefined,
    );
    return stage.outputs.map(({ field }, k) => ({ field, node: roots[k]! }));
  });
  const found = stages.find(({ maximum }) => maximum)?.maximum;
  const [maximum] = found ? transplant([found], graph, () => undefined) : [];
  return {
    ...stages[0]!,
    name: [...new Set(stages.map(({ name }) => name))].join(', '),
    origin: stages.flatMap(({ origin }) => origin),
    graph,
    outputs,
    overrides: stages.flatMap(({ overrides }) => overrides),
    ...(maximum ? { maximum } : {}),
  };
}
