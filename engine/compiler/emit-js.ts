import { type Operand, overrideCopies, rowBytesOf, stageAddresses } from './addressing.ts';
import type { Node } from './graph.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { type Schedule, type Statement, schedule } from './schedule.ts';

/** Text of a number literal, −0 and non-finite values included. */
const literal = (value: number): string =>
  Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : Number.isNaN(value) ? 'NaN' : String(value);

const INFIX: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  lt: '<',
  le: '<=',
  eq: '===',
  ne: '!==',
  and: '&&',
  or: '||',
};
const ROUNDED: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div']);

/**
 * The text of a function body of (memory) that returns run(tile, scratch, params, strips). Every operation is one
 * JavaScript operation on numbers of the plan's precision, in the order of the graph.
 */
export function emitJs(plan: Plan): string {
  const { layout, rings, sweep } = plan;
  const width = bytesPerElement(layout.precision);
  const array = layout.precision === 'float32' ? 'Float32Array' : 'Float64Array';
  const hasMaximum = sweep.some(({ maximum }) => maximum !== undefined);
  const calls = sweep.map((stage, s) => {
    const guard = `j = t - ${stage.delay}; if (j >= ${stage.box.y0} && j < ${stage.box.y1}) `;
    const result = stage.maximum ? 'largest = ' : '';
    const call = `${result}stage${s}(tile, scratch, params, j${stage.maximum ? ', largest' : ''});`;
    return `${guard}{ ${call} ${emitOverrides(plan, stage)} }`;
  });
  const slots = rings.map(
    ({ offset, rows, slotBytes, box }, r) =>
      `const slot${r} = (scratch, j) => scratch + ${offset / width} + ((j - ${box.y0}) % ${rows}) * ${slotBytes / width};`,
  );
  return `'use strict';
const { abs, sqrt, min, max, fround } = Math;
let F = new ${array}(memory.buffer), P = new Uint32Array(memory.buffer);
${slots.join('\n')}
${sweep.map((stage, s) => emitStage(plan, stage, s)).join('\n')}
return (tileBytes, scratchBytes, paramBytes, strips) => {
  if (F.buffer !== memory.buffer) { F = new ${array}(memory.buffer); P = new Uint32Array(memory.buffer); }
  const tile = tileBytes / ${width}, scratch = scratchBytes / ${width}, params = paramBytes / ${width};
  strips = strips >>> 2;
  let j = 0${hasMaximum ? ', largest = 0' : ''};
  for (let t = ${plan.firstTime}; t <= ${plan.lastTime}; t++) {
    ${calls.join('\n    ')}
  }
  return ${hasMaximum ? 'largest' : '0'};
};`;
}

function emitStage(plan: Plan, stage: SweepStage, index: number): string {
  const { layout, params } = plan;
  const width = bytesPerElement(layout.precision);
  const addresses = stageAddresses(plan, stage);
  const roots = stage.outputs.map(({ node }) => node);
  if (stage.maximum) roots.push(stage.maximum);
  const shapeOf = (node: Node) => layout.fields.get(node.name)?.shape;
  const order = schedule(roots, {
    isInvariantLeaf: (node) => node.op === 'param' || (node.op === 'read' && shapeOf(node) === 'row'),
    storeLast: stage.inPlace,
  });
  // `| 0` tells V8 that an index is a small integer.
  const address = ({ base, offset }: Operand) =>
    addresses.bases[base]!.kind === 'row' ? `F[b${base} + ${offset / width}]` : `F[p${base} + ${offset / width} | 0]`;
  const print = printer(order, layout.precision === 'float32', (leaf) =>
    leaf.op === 'param'
      ? `F[params + ${params.indexOf(leaf.name)}]`
      : address(addresses.read(leaf.name, leaf.di, leaf.dj)),
  );
  const bases = addresses.bases.map((base, b) => {
    if (base.kind === 'ring')
      return `const b${b} = slot${base.ring}(scratch, j${base.dj === 0 ? '' : ` + ${base.dj}`});`;
    const step = base.kind === 'cell' ? rowBytesOf(layout) : base.kind === 'row' ? width : 0;
    return `const b${b} = tile + ${base.shift / width}${step > 0 ? ` + j * ${step / width}` : ''};`;
  });
  const moving = [...addresses.bases.keys()].filter((b) => addresses.bases[b]!.kind !== 'row');
  const write = (root: number): string => {
    const output = stage.outputs[root];
    const value = print.use(roots[root]!);
    if (!output) return `const found = ${value}; if (largest < found) largest = found;`;
    return `${address(addresses.write(output.field))} = ${value};`;
  };
  return `function stage${index}(tile, scratch, params, j${stage.maximum ? ', largest' : ''}) {
  ${bases.join('\n  ')}
  ${order.invariant.map((statement) => print.statement(statement, write)).join('\n  ')}
  for (let x = 0; x < ${stage.box.x1 - stage.box.x0}; x++) {
    ${moving.map((b) => `const p${b} = b${b} + x | 0;`).join(' ')}
    ${order.body.map((statement) => print.statement(statement, write)).join('\n    ')}
  }
  ${stage.maximum ? 'return largest;' : ''}
}`;
}

function printer(order: Schedule, single: boolean, leaf: (node: Node) => string) {
  const use = (node: Node): string => (order.named.has(node) ? `v${node.id}` : write(node));

  function write(node: Node): string {
    const [a, b, c] = node.args;
    switch (node.op) {
      case 'constant':
        return literal(node.value);
      case 'boolean':
        return node.value === 1 ? 'true' : 'false';
      case 'param':
      case 'read':
        return leaf(node);
      case 'neg':
        return `(-${use(a!)})`;
      case 'abs':
        return `abs(${use(a!)})`;
      case 'sqrt':
        return single ? `fround(sqrt(${use(a!)}))` : `sqrt(${use(a!)})`;
      case 'not':
        return `(!${use(a!)})`;
      case 'unlikely':
        return use(a!);
      case 'min':
      case 'max':
        return `${node.op}(${use(a!)}, ${use(b!)})`;
      case 'select':
        return `(${use(a!)} ? ${use(b!)} : ${use(c!)})`;
      default: {
        const text = `(${use(a!)} ${INFIX[node.op]} ${use(b!)})`;
        return single && ROUNDED.has(node.op) ? `fround${text}` : text;
      }
    }
  }

  function statement(item: Statement, store: (root: number) => string): string {
    switch (item.kind) {
      case 'let':
        return `const v${item.node.id} = ${write(item.node)};`;
      case 'store':
        return store(item.root);
      case 'rare': {
        const usual = item.selects.map((node) => `let v${node.id} = ${use(node.args[2]!)};`);
        const rare = item.selects.map((node) => `v${node.id} = ${use(node.args[1]!)};`);
        const inner = item.body.map((each) => statement(each, store));
        return `${usual.join(' ')} if (${use(item.condition)}) { ${inner.join(' ')} ${rare.join(' ')} }`;
      }
    }
  }

  return { use, statement };
}

function emitOverrides(plan: Plan, stage: SweepStage): string {
  const width = bytesPerElement(plan.layout.precision);
  return overrideCopies(plan, stage)
    .map(({ pointer, ring, target, source, kind, row, count }) => {
      const to = `slot${ring}(scratch, j) + ${target / width}`;
      const from = `P[strips + ${pointer / 4}] / ${width} + ${source / width}`;
      const present = `P[strips + ${pointer / 4}] !== 0`;
      return kind === 'element'
        ? `if (j >= 0 && j < ${count} && ${present}) F[${to}] = F[${from} + j];`
        : `if (j === ${row} && ${present}) F.copyWithin(${to}, ${from}, ${from} + ${count});`;
    })
    .join(' ');
}
