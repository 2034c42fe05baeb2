import type { Node } from './graph.ts';
import type { Schedule, Statement } from './schedule.ts';

/**
 * An order of a stage's statements that suits V8. Within one stretch of straight code V8 orders operations level by
 * level from the end, so that unrelated sums advance in lockstep and most of them spill. Statements are therefore put
 * in an order that keeps few values alive, and cut into segments: what one segment hands to another goes through
 * memory, which V8 does not reorder.
 */
export interface Arrangement {
  readonly body: readonly Statement[];
  /** Segment of each statement of the body, growing. */
  readonly segmentOf: readonly number[];
  /** Nodes that later segments need: a slot of memory for each. */
  readonly slots: ReadonlyMap<Node, number>;
  /** Reads that later segments simply repeat. */
  readonly repeated: ReadonlySet<Node>;
}

/** What a segment of n operations loses to spills, n² over this, and what handing a value on costs: see bench/compiler. */
const SPILL_SCALE = 400;
const HAND_ON = 1;

interface Unit {
  readonly statement: Statement;
  readonly defines: readonly Node[];
  readonly needs: ReadonlySet<Node>;
  /** Operations on the usual path. */
  readonly size: number;
}

/** `mayRepeat` tells reads whose field the stage leaves alone. */
export function arrange(
  order: Schedule,
  roots: readonly Node[],
  storeLast: boolean,
  mayRepeat: (node: Node) => boolean,
): Arrangement {
  const invariant = new Set(order.invariant.flatMap((each) => (each.kind === 'let' ? [each.node] : [])));
  const units = order.body.map((statement) => unitOf(statement, order, invariant, roots));
  const isRead = (unit: Unit): boolean => unit.statement.kind === 'let' && mayRepeat(unit.statement.node);
  const movable = storeLast ? units.filter(({ statement }) => statement.kind !== 'store') : units;
  const fixed = storeLast ? units.filter(({ statement }) => statement.kind === 'store') : [];
  const sequence = [...leastAlive(movable, isRead), ...fixed];
  const lastNeed = new Map<Node, number>();
  sequence.forEach(({ needs }, k) => {
    for (const node of needs) lastNeed.set(node, k);
  });
  const segmentOf = cut(sequence, lastNeed, isRead);
  const slots = new Map<Node, number>();
  const repeated = new Set<Node>();
  const home = new Map<Node, number>();
  sequence.forEach(({ defines }, k) => {
    for (const node of defines) home.set(node, segmentOf[k]!);
  });
  sequence.forEach(({ needs }, k) => {
    for (const node of needs)
      if (home.has(node) && home.get(node) !== segmentOf[k]) {
        if (mayRepeat(node)) repeated.add(node);
        else if (!slots.has(node)) slots.set(node, slots.size);
      }
  });
  return { body: sequence.map(({ statement }) => statement), segmentOf, slots, repeated };
}

function unitOf(statement: Statement, order: Schedule, invariant: ReadonlySet<Node>, roots: readonly Node[]): Unit {
  const needs = new Set<Node>();
  const defines: Node[] = [];
  /** Enters the named nodes that an expression needs; gives its operations. */
  const enter = (node: Node): number => {
    if (!order.named.has(node)) return enterArgs(node);
    if (!invariant.has(node)) needs.add(node);
    return 0;
  };
  const enterArgs = (node: Node): number =>
    (node.args.length > 0 ? 1 : 0) + node.args.reduce((sum, arg) => sum + enter(arg), 0);
  const visit = (inner: Statement, defined: Node[]): number => {
    switch (inner.kind) {
      case 'store':
        return enter(roots[inner.root]!);
      case 'let':
        defined.push(inner.node);
        return enterArgs(inner.node);
      case 'rare': {
        const hidden: Node[] = [];
        for (const each of inner.body) visit(each, hidden);
        for (const select of inner.selects) enter(select.args[1]!);
        for (const node of hidden) needs.delete(node);
        defined.push(...inner.selects);
        return enter(inner.condition) + inner.selects.reduce((sum, select) => sum + enter(select.args[2]!), 0);
      }
    }
  };
  const size = visit(statement, defines);
  return { statement, defines, needs, size };
}

/** Takes, again and again, the statement that adds least to the values alive; reads come just before their first use. */
function leastAlive(units: readonly Unit[], isRead: (unit: Unit) => boolean): Unit[] {
  const definer = new Map<Node, Unit>();
  const pendingUses = new Map<Node, number>();
  for (const unit of units) {
    for (const node of unit.defines) definer.set(node, unit);
    for (const node of unit.needs) pendingUses.set(node, (pendingUses.get(node) ?? 0) + 1);
  }
  const done = new Set<Unit>();
  const sequence: Unit[] = [];
  const take = (unit: Unit) => {
    for (const node of unit.needs) {
      const read = definer.get(node);
      if (read && !done.has(read)) take(read);
    }
    done.add(unit);
    sequence.push(unit);
    for (const node of unit.needs) pendingUses.set(node, pendingUses.get(node)! - 1);
  };
  const growth = (unit: Unit): number => {
    let sum = unit.defines.length;
    for (const node of unit.needs) {
      const last = pendingUses.get(node) === 1;
      const fresh = definer.has(node) && !done.has(definer.get(node)!);
      if (fresh && !last) sum++;
      else if (!fresh && last) sum--;
    }
    return sum;
  };
  const pending = units.filter((unit) => !isRead(unit));
  while (pending.length > 0) {
    let best = -1;
    let least = Infinity;
    pending.forEach((unit, k) => {
      for (const node of unit.needs) {
        const source = definer.get(node);
        if (source && !done.has(source) && !isRead(source)) return;
      }
      const grown = growth(unit);
      if (grown < least) {
        least = grown;
        best = k;
      }
    });
    take(pending.splice(best, 1)[0]!);
  }
  return sequence;
}

/** Segments with the least sum of spills within and values handed on between, by dynamic programming. */
function cut(
  sequence: readonly Unit[],
  lastNeed: ReadonlyMap<Node, number>,
  isRead: (unit: Unit) => boolean,
): number[] {
  const count = sequence.length;
  const aliveAfter = new Array<number>(count).fill(0);
  sequence.forEach((unit, k) => {
    if (isRead(unit)) return;
    for (const node of unit.defines) for (let at = k; at < (lastNeed.get(node) ?? k); at++) aliveAfter[at]!++;
  });
  const before = [0];
  for (const { size } of sequence) before.push(before[before.length - 1]! + size);
  const cost = [0];
  const from = [0];
  for (let end = 1; end <= count; end++) {
    cost[end] = Infinity;
    for (let start = 0; start < end; start++) {
      const size = before[end]! - before[start]!;
      const handed = start === 0 ? 0 : HAND_ON * aliveAfter[start - 1]!;
      const total = cost[start]! + handed + (size * size) / SPILL_SCALE;
      if (total < cost[end]!) {
        cost[end] = total;
        from[end] = start;
      }
    }
  }
  const segmentOf = new Array<number>(count).fill(0);
  const starts: number[] = [];
  for (let end = count; end > 0; end = from[end]!) starts.push(from[end]!);
  for (const [segment, start] of starts.reverse().entries()) segmentOf.fill(segment, start);
  return segmentOf;
}
