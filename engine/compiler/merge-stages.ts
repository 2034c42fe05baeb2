import { checkNeighbours } from './emit-wgsl.ts';
import { createGraph, transplant } from './graph.ts';
import { type Output, type Plan, readsOf, type SweepStage } from './plan.ts';

/**
 * The same work in fewer stages, for a device whose stages all read what was there before: stages on the same cells that take
 * nothing from each other become one. Bits are as before: the operations are the same.
 * Throws KernelError where a stage overwrites what its neighbours have still to read.
 */
export function mergeStages(plan: Plan): Plan {
  for (const stage of plan.sweep) checkNeighbours(plan, stage);
  const turns = new Map<string, SweepStage[]>();
  const wrote = new Map<string, number>();
  const readers: { readonly name: string; readonly turn: number; readonly cells: string }[] = [];
  for (const stage of plan.sweep) {
    const reads = new Set(readsOf(stage).map(({ name }) => name));
    const writes = new Set(stage.outputs.map(({ field }) => field));
    const { x0, x1, y0, y1 } = stage.box;
    const cells = `${x0} ${x1} ${y0} ${y1}`;
    let turn = 0;
    for (const name of [...reads, ...writes]) turn = Math.max(turn, (wrote.get(name) ?? -1) + 1);
    // What an earlier stage reads may be overwritten by its own turn, but not before.
    for (const reader of readers)
      if (writes.has(reader.name)) turn = Math.max(turn, reader.turn + (reader.cells === cells ? 0 : 1));
    for (const name of reads) readers.push({ name, turn, cells });
    for (const name of writes) wrote.set(name, turn);
    const together = turns.get(`${turn} ${cells}`);
    if (together) together.push(stage);
    else turns.set(`${turn} ${cells}`, [stage]);
  }
  const turnOf = (key: string): number => Number(key.split(' ')[0]);
  const order = [...turns].sort(([a], [b]) => turnOf(a) - turnOf(b));
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
