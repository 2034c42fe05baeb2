import { type Node, reachable } from './graph.ts';

/**
 * Expressions in an order of statements. `let` gives a node a name that later statements use; nodes without a name are
 * written out where they are used. `rare` computes the selects' usual values first, and the rare ones only where the
 * condition holds. `store` writes a root.
 */
export type Statement =
  | { readonly kind: 'let'; readonly node: Node }
  | {
      readonly kind: 'rare';
      readonly condition: Node;
      readonly selects: readonly Node[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'store'; readonly root: number };

export interface Schedule {
  /** Lets that do not change along a row. */
  readonly invariant: readonly Statement[];
  readonly body: readonly Statement[];
  /** Nodes that have a name. */
  readonly named: ReadonlySet<Node>;
}

export interface ScheduleOptions {
  /** True for leaves that are the same along a row. */
  readonly isInvariantLeaf: (node: Node) => boolean;
  /** Compute every root before the first store: a root may read what another one overwrites. */
  readonly storeLast: boolean;
}

const isLiteral = (node: Node): boolean => node.op === 'constant' || node.op === 'boolean';
const isLeaf = (node: Node): boolean => node.args.length === 0;

export const isRareSelect = (node: Node): boolean => node.op === 'select' && isRare(node.args[0]!);

function isRare(condition: Node): boolean {
  return condition.op === 'unlikely' || (condition.op === 'and' && condition.args.some(isRare));
}

export function schedule(roots: readonly Node[], options: ScheduleOptions): Schedule {
  const nodes = reachable(roots);
  const uses = countUses(nodes, roots);
  const invariant = new Set<Node>();
  for (const node of nodes)
    if (isLeaf(node) ? isLiteral(node) || options.isInvariantLeaf(node) : node.args.every((arg) => invariant.has(arg)))
      invariant.add(node);
  const groups = groupRareSelects(nodes, invariant);
  const weight = new Map<Node, number>();
  for (const node of nodes)
    weight.set(node, Math.min(1e9, 1 + node.args.reduce((sum, arg) => sum + weight.get(arg)!, 0)));

  const named = new Set<Node>();
  const done = new Set<Node>();
  const hoisted: Statement[] = [];
  let body: Statement[] = [];
  const forced = new Set<Node>(options.storeLast ? roots.filter((root) => !isLiteral(root)) : []);

  const isNamed = (node: Node): boolean => !isLiteral(node) && (forced.has(node) || uses.get(node)! > 1);

  function visitArgs(node: Node): void {
    // Heavier arguments first: fewer values wait meanwhile.
    const args = [...node.args].sort((a, b) => weight.get(b)! - weight.get(a)!);
    for (const arg of args) visit(arg);
  }

  function hoist(node: Node): void {
    if (done.has(node)) return;
    done.add(node);
    for (const arg of node.args) hoistWithin(arg);
    named.add(node);
    hoisted.push({ kind: 'let', node });
  }

  function hoistWithin(node: Node): void {
    if (isNamed(node)) hoist(node);
    else for (const arg of node.args) hoistWithin(arg);
  }

  function visit(node: Node): void {
    if (done.has(node)) return;
    if (invariant.has(node)) {
      if (!isLiteral(node)) hoist(node);
      return;
    }
    const group = groups.get(node);
    if (group) {
      visitGroup(group);
      return;
    }
    visitArgs(node);
    done.add(node);
    if (!isNamed(node)) return;
    named.add(node);
    body.push({ kind: 'let', node });
  }

  function visitGroup(group: RareGroup): void {
    const exclusive = exclusiveTo(group, nodes, roots);
    const condition = group.selects[0]!.args[0]!;
    forced.add(condition);
    visit(condition);
    for (const select of group.selects) visit(select.args[2]!);
    // What the rare side shares with the rest is computed before the branch.
    for (const node of nodes) {
      if (!exclusive.has(node)) continue;
      for (const arg of node.args) shareBefore(arg, exclusive);
      // A branch that also serves selects outside this one cannot hide in it.
      if (groups.get(node)?.selects.some((select) => !exclusive.has(select))) visit(node);
    }
    for (const select of group.selects) shareBefore(select.args[1]!, exclusive);
    const outer = body;
    body = [];
    for (const select of group.selects) visit(select.args[1]!);
    const inner = body;
    body = outer;
    for (const select of group.selects) {
      named.add(select);
      done.add(select);
    }
    body.push({ kind: 'rare', condition, selects: group.selects, body: inner });
  }

  function shareBefore(node: Node, exclusive: ReadonlySet<Node>): void {
    if (exclusive.has(node) || isLiteral(node) || done.has(node)) return;
    forced.add(node);
    visit(node);
  }

  roots.forEach((root, k) => {
    visit(root);
    if (!options.storeLast) body.push({ kind: 'store', root: k });
  });
  if (options.storeLast) for (const root of roots.keys()) body.push({ kind: 'store', root });
  return { invariant: hoisted, body, named };
}

function countUses(nodes: readonly Node[], roots: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>(nodes.map((node) => [node, 0]));
  for (const node of nodes) for (const arg of node.args) uses.set(arg, uses.get(arg)! + 1);
  for (const root of roots) uses.set(root, uses.get(root)! + 1);
  return uses;
}

interface RareGroup {
  readonly selects: readonly Node[];
}

/** Selects with one rare condition, none of which depends on another, so that one branch serves them all. */
function groupRareSelects(nodes: readonly Node[], invariant: ReadonlySet<Node>): Map<Node, RareGroup> {
  const groups: { condition: Node; selects: Node[] }[] = [];
  const groupOf = new Map<Node, { condition: Node; selects: Node[] }>();
  for (const node of nodes) {
    if (!isRareSelect(node) || invariant.has(node)) continue;
    const condition = node.args[0]!;
    let joined = false;
    for (const group of groups) {
      if (group.condition !== condition) continue;
      group.selects.push(node);
      groupOf.set(node, group);
      if (!hasCycle(nodes, groupOf)) {
        joined = true;
        break;
      }
      group.selects.pop();
      groupOf.delete(node);
    }
    if (joined) continue;
    const group = { condition, selects: [node] };
    groups.push(group);
    groupOf.set(node, group);
  }
  return groupOf;
}

/** True if some group would have to be computed before itself, when each group counts as one node. */
function hasCycle(nodes: readonly Node[], groupOf: ReadonlyMap<Node, { readonly selects: readonly Node[] }>): boolean {
  const state = new Map<unknown, 'open' | 'closed'>();
  const enter = (node: Node): boolean => {
    const group = groupOf.get(node);
    const key = group ?? node;
    const known = state.get(key);
    if (known) return known === 'open';
    state.set(key, 'open');
    for (const member of group?.selects ?? [node]) for (const arg of member.args) if (enter(arg)) return true;
    state.set(key, 'closed');
    return false;
  };
  return nodes.some((node) => groupOf.has(node) && enter(node));
}

/** Nodes that nothing but the rare sides of the group needs. */
function exclusiveTo(group: RareGroup, nodes: readonly Node[], roots: readonly Node[]): Set<Node> {
  const selects = new Set(group.selects);
  const needed = new Set<Node>(roots);
  const exclusive = new Set<Node>();
  const wanted = new Set<Node>();
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!;
    if (wanted.has(node) && !needed.has(node)) exclusive.add(node);
    for (const [place, arg] of node.args.entries()) {
      const rareSide = (selects.has(node) && place === 1) || exclusive.has(node);
      (rareSide ? wanted : needed).add(arg);
    }
  }
  return exclusive;
}
