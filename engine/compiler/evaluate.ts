import { applyOp, type Node, reachable, roundingOf } from './graph.ts';
import type { Precision } from './pipeline.ts';

export type Evaluator = (read: (node: Node) => number, param: (name: string) => number) => Float64Array;

/** Interprets expressions for one cell: the values of the roots, every operation rounded to the precision. */
export function createEvaluator(roots: readonly Node[], precision: Precision): Evaluator {
  const round = roundingOf(precision);
  const nodes = reachable(roots);
  const slots = new Map(nodes.map((node, slot) => [node, slot]));
  const slotOf = (node: Node | undefined): number => (node === undefined ? 0 : slots.get(node)!);
  const operands = nodes.map(({ args: [a, b, c] }) => [slotOf(a), slotOf(b), slotOf(c)] as const);
  const rootSlots = roots.map(slotOf);
  const values = new Float64Array(nodes.length);
  const results = new Float64Array(roots.length);
  return (read, param) => {
    for (let slot = 0; slot < nodes.length; slot++) {
      const node = nodes[slot]!;
      if (node.op === 'constant' || node.op === 'boolean') values[slot] = node.value;
      else if (node.op === 'param') values[slot] = round(param(node.name));
      else if (node.op === 'read') values[slot] = read(node);
      else {
        const [a, b, c] = operands[slot]!;
        values[slot] = applyOp(node.op, round, values[a]!, values[b]!, values[c]!);
      }
    }
    for (let k = 0; k < results.length; k++) results[k] = values[rootSlots[k]!]!;
    return results;
  };
}
