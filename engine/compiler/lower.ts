import { type LoweredOp, type Node, reachable } from './graph.ts';
import { isRareSelect } from './schedule.ts';

const isZero = (node: Node): boolean => node.op === 'constant' && Object.is(node.value, 0);

/** Rewrites selects into cheaper vector operations with the same bits. */
export function lower(roots: readonly Node[]): Node[] {
  const known = new Map<string, Node>();
  const lowered = new Map<Node, Node>();
  let count = 0;

  function intern(node: Node, op: Node['op'], args: readonly Node[]): Node {
    const key = args.length === 0 ? `leaf ${node.id}` : `${op} ${args.map(({ id }) => id).join(' ')}`;
    const found = known.get(key) ?? { ...node, id: count++, op, args };
    known.set(key, found);
    return found;
  }

  /** Operation and arguments (of the old graph) that give a select's bits. */
  function cheaper(node: Node): readonly [LoweredOp, Node, Node] | undefined {
    const [c, a, b] = node.args as readonly [Node, Node, Node];
    if (node.op === 'and') {
      if (a.op === 'not') return ['drop', a.args[0]!, c];
      if (c.op === 'not') return ['drop', c.args[0]!, a];
    }
    if (node.op !== 'select' || isRareSelect(node)) return undefined;
    if (c.op === 'lt') {
      const [x, y] = c.args as readonly [Node, Node];
      if (a === x && b === y) return ['pmin', y, x];
      if (a === y && b === x) return ['pmax', x, y];
    }
    if (isZero(b)) return ['keep', c, a];
    if (isZero(a)) return ['drop', c, b];
    return undefined;
  }

  const visit = (node: Node): Node => {
    const known = lowered.get(node);
    if (known) return known;
    const better = cheaper(node);
    const result = better
      ? intern(node, better[0], [visit(better[1]), visit(better[2])])
      : intern(node, node.op, node.args.map(visit));
    lowered.set(node, result);
    return result;
  };
  // Arguments first, so that `visit` never goes deep.
  for (const node of reachable(roots)) visit(node);
  return roots.map(visit);
}
