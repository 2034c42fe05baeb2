import { createGraph, type Graph, transplant } from './graph.ts';
import type { Override, TileLayout } from './pipeline.ts';
import { type Output, type RangedStage, readsOf } from './plan.ts';
import { orderRows } from './wavefront.ts';

/**
 * Joins neighbours in the list that work on the same cells at the same time and hand values on within the cell: the
 * second takes them from registers. Bits are as before: the operations are the same.
 */
export function fuseStages(
  stages: readonly RangedStage[],
  layout: TileLayout,
  overrides: readonly Override[],
): readonly RangedStage[] {
  const delays = orderRows(stages, layout);
  const joined: { stage: RangedStage; delay: number }[] = [];
  stages.forEach((stage, k) => {
    const last = joined[joined.length - 1];
    const delay = delays[k]!;
    if (last && last.delay === delay && mayJoin(last.stage, stage, layout, overrides))
      joined[joined.length - 1] = { stage: join(last.stage, stage, stages.slice(k + 1), layout), delay };
    else joined.push({ stage, delay });
  });
  return joined.map(({ stage }) => stage);
}

function mayJoin(first: RangedStage, second: RangedStage, layout: TileLayout, overrides: readonly Override[]): boolean {
  const { box: a } = first;
  const { box: b } = second;
  if (a.x0 !== b.x0 || a.x1 !== b.x1 || a.y0 !== b.y0 || a.y1 !== b.y1) return false;
  // A largest value is found of what has been stored.
  if (first.maximum || second.maximum) return false;
  const handedOn = new Set(first.outputs.map(({ field }) => field));
  const overridden = new Set(overrides.map(({ transient }) => transient));
  const secondReads = readsOf(second);
  // Joining stages that share nothing saves nothing.
  if (!secondReads.some(({ name }) => handedOn.has(name))) return false;
  const inCell = secondReads.every(
    ({ name, di, dj }) => !handedOn.has(name) || (di === 0 && dj === 0 && !overridden.has(name)),
  );
  const overwritten = new Set(second.outputs.map(({ field }) => field).filter((field) => layout.fields.has(field)));
  const keepsOld = readsOf(first).every(({ name, di, dj }) => !overwritten.has(name) || (di === 0 && dj === 0));
  return inCell && keepsOld;
}

function join(first: RangedStage, second: RangedStage, later: readonly RangedStage[], layout: TileLayout): RangedStage {
  const graph: Graph = createGraph(layout.precision);
  const own = rootsOf(first);
  const moved = transplant(own, graph, () => undefined);
  const results = new Map(first.outputs.map(({ field }, k) => [field, moved[k]!]));
  const theirs = rootsOf(second);
  const taken = transplant(theirs, graph, (node) =>
    node.op === 'read' && node.di === 0 && node.dj === 0 ? results.get(node.name) : undefined,
  );
  const rewritten = new Set(second.outputs.map(({ field }) => field));
  const wanted = new Set(later.flatMap((stage) => readsOf(stage).map(({ name }) => name)));
  const outputs: Output[] = [
    ...first.outputs
      .map(({ field }, k): Output => ({ field, node: moved[k]! }))
      .filter(({ field }) => (layout.fields.has(field) ? !rewritten.has(field) : wanted.has(field))),
    ...second.outputs.map(({ field }, k): Output => ({ field, node: taken[k]! })),
  ];
  return {
    name: `${first.name} + ${second.name}`,
    origin: [...first.origin, ...second.origin],
    graph,
    outputs,
    box: first.box,
  };
}

const rootsOf = ({ outputs }: RangedStage) => outputs.map(({ node }) => node);
