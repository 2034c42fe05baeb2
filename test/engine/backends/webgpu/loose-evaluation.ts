import { applyOp, type Node, reachable, roundingOf } from '../../../../engine/compiler/graph.ts';

const round = roundingOf('float32');

/** Distance [1] between neighbouring float32 numbers of a size. */
export const ulpOf = (size: number): number => 2 ** (Math.floor(Math.log2(Math.max(size, 2 ** -126))) - 23);

/**
 * Evaluates float32 expressions as loosely as WGSL allows a device to: products may go into sums without being rounded,
 * quotients may be 2.5 ulp off, roots 4.5 (1/inverseSqrt with 2 ulp and a division), and subnormals may be flushed.
 * `chance` in [0, 1) draws what it does with each operation.
 */
export function looseEvaluator(roots: readonly Node[], chance: () => number) {
  const nodes = reachable(roots);
  // A device contracts and approximates an operation alike in all cells.
  const habits = new Map(nodes.map((node) => [node, { contracts: chance() < 0.5, error: 2 * chance() - 1 }]));
  return (read: (node: Node) => number, param: (name: string) => number): number[] => {
    const values = new Map<Node, number>();
    const evaluate = (node: Node): number => {
      const [a, b, c] = node.args.map((arg) => values.get(arg)!);
      const habit = habits.get(node)!;
      switch (node.op) {
        case 'constant':
        case 'boolean':
          return node.value;
        case 'param':
          return round(param(node.name));
        case 'read':
          return read(node);
        case 'add':
        case 'sub': {
          if (!habit.contracts) break;
          const sign = node.op === 'sub' ? -1 : 1;
          const [left, right] = node.args as [Node, Node];
          // Float64 holds the product of two float32 numbers exactly.
          const product = (factor: Node) => values.get(factor.args[0]!)! * values.get(factor.args[1]!)!;
          if (right.op === 'mul') return round(a! + sign * product(right));
          if (left.op === 'mul') return round(product(left) + sign * b!);
          break;
        }
        case 'div':
          return round(a! / b! + 2.5 * habit.error * ulpOf(Math.abs(a! / b!)));
        case 'sqrt':
          return round(Math.sqrt(a!) + (a! > 0 ? 4.5 * habit.error * ulpOf(Math.sqrt(a!)) : 0));
      }
      return applyOp(node.op, round, a ?? 0, b ?? 0, c ?? 0);
    };
    for (const node of nodes) {
      const value = evaluate(node);
      values.set(node, Math.abs(value) < 2 ** -126 ? 0 : value);
    }
    return roots.map((root) => values.get(root)!);
  };
}
