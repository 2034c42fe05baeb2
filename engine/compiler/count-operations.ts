import { type Op, reachable } from './graph.ts';
import type { Pipeline, TileLayout } from './pipeline.ts';
import { planPipeline } from './plan.ts';

/** What costs nothing: values that are there, and a mark. */
const FREE: ReadonlySet<Op> = new Set<Op>(['constant', 'boolean', 'param', 'read', 'unlikely']);

/**
 * Operations that a pipeline does on a cell: those of each stage's expressions, equal ones counted once, as the kernels
 * are written and whatever they are compiled to. A tile's ghosts and the overrides of its sides are left out.
 */
export function countOperations(pipeline: Pipeline, layout: TileLayout): number {
  return planPipeline(pipeline, layout).stages.reduce((sum, { outputs, maximum }) => {
    const roots = [...outputs.map(({ node }) => node), ...(maximum ? [maximum] : [])];
    return sum + reachable(roots).filter(({ op }) => !FREE.has(op)).length;
  }, 0);
}
