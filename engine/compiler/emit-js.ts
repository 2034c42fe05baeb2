import { type Operand, overrideCopies, rowBytesOf, stageAddresses } from './addressing.ts';
import { type Dialect, makePrinter, SCRIPT_INFIX } from './expression-printer.ts';
import type { Node } from './graph.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { schedule } from './schedule.ts';

/** Text of a number literal, −0 and non-finite values included. */
const literal = (value: number): string =>
  Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : Number.isNaN(value) ? 'NaN' : String(value);

/** JavaScript, every operation rounded to float32 where numbers are `single`. */
const script = (single: boolean): Dialect => ({
  constant: 'const',
  variable: 'let',
  number: literal,
  infix: SCRIPT_INFIX,
  round: (text) => (single ? `fround(${text})` : text),
  call: (name, args) => `${name}(${args.join(', ')})`,
  select: (condition, whenTrue, whenFalse) => `(${condition} ? ${whenTrue} : ${whenFalse})`,
});

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
  const print = makePrinter(script(layout.precision === 'float32'), order, (leaf) =>
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
