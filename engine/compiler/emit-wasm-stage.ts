import type { Operand, StageAddresses } from './addressing.ts';
import { arrange } from './arrange.ts';
import type { Node } from './graph.ts';
import { lower } from './lower.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { schedule } from './schedule.ts';
import { PARAMS, pushSlot, pushStored, ROW, SCRATCH, VECTOR_BYTES } from './wasm-addresses.ts';
import { FunctionWriter, I32, type SimdOpcode, V128, type WasmFunction } from './wasm-encoder.ts';
import { prefixOf, wasmPrinter } from './wasm-printer.ts';

export interface StageFunction {
  readonly code: WasmFunction;
  /** Vectors that it puts aside behind the plan's scratch. */
  readonly slots: number;
}

/** One row of a stage: (tile, scratch, params, j). The last vector may run past the row's end, into padding. */
export function emitStageFunction(plan: Plan, stage: SweepStage, addresses: StageAddresses): StageFunction {
  const { layout } = plan;
  const writer = new FunctionWriter([I32, I32, I32, I32]);
  const width = bytesPerElement(layout.precision);
  const lanes = VECTOR_BYTES / width;
  const count = stage.box.x1 - stage.box.x0;
  const vectors = Math.ceil(count / lanes);
  const sources = stage.outputs.map(({ node }) => node);
  if (stage.maximum) sources.push(stage.maximum);
  const roots = lower(sources);
  const isRow = (node: Node) => node.op === 'read' && layout.fields.get(node.name)?.shape === 'row';
  const order = schedule(roots, {
    isInvariantLeaf: (node) => node.op === 'param' || isRow(node),
    storeLast: stage.inPlace,
  });

  const written = new Set(stage.outputs.map(({ field }) => field));
  const arrangement = arrange(
    order,
    roots,
    stage.inPlace,
    (node) => node.op === 'read' && !isRow(node) && !written.has(node.name),
  );

  const bases = addresses.bases.map(() => writer.local(I32));
  addresses.bases.forEach((base, b) => {
    if (base.kind === 'ring') pushSlot(plan, writer, base.ring, ROW, base.dj);
    else pushStored(plan, writer, base.kind, base.shift);
    writer.set(bases[b]!);
  });
  const moving = bases.filter((_, b) => addresses.bases[b]!.kind !== 'row');

  const splat: SimdOpcode = width === 4 ? 'v128.load32_splat' : 'v128.load64_splat';
  const load = ({ base, offset }: Operand, opcode: SimdOpcode) => {
    writer.get(bases[base]!);
    writer.simdMemory(opcode, offset);
  };
  const print = wasmPrinter(writer, layout.precision, arrangement, plan.scratchBytes, (leaf) => {
    if (leaf.op === 'param') {
      writer.get(PARAMS);
      writer.simdMemory(splat, plan.params.indexOf(leaf.name) * width);
    } else load(addresses.read(leaf.name, leaf.di, leaf.dj), isRow(leaf) ? splat : 'v128.load');
  });

  const largest = stage.maximum
    ? { now: writer.local(V128), before: writer.local(V128), last: writer.local(V128) }
    : undefined;
  const f = prefixOf(layout.precision);
  const store = (root: number) => {
    const output = stage.outputs[root];
    if (output) {
      const { base, offset } = addresses.write(output.field);
      writer.get(bases[base]!);
      print.use(roots[root]!);
      writer.simdMemory('v128.store', offset);
    } else if (largest) {
      writer.get(largest.now);
      writer.tee(largest.before);
      print.use(roots[root]!);
      writer.tee(largest.last);
      writer.simd(`${f}.pmax`);
      writer.set(largest.now);
    }
  };

  if (largest) {
    writer.get(SCRATCH);
    writer.simdMemory('v128.load', 0);
    writer.set(largest.now);
  }
  for (const statement of order.invariant) print.statement(statement, store);
  const body = () => {
    arrangement.body.forEach((statement, k) => {
      print.enter(arrangement.segmentOf[k]!);
      print.statement(statement, store);
    });
  };
  if (vectors === 1) body();
  else {
    const end = writer.local(I32);
    const counter = moving[0]!;
    writer.get(counter);
    writer.i32(vectors * VECTOR_BYTES);
    writer.op('i32.add');
    writer.set(end);
    writer.loop(() => {
      body();
      for (const base of moving) {
        writer.get(base);
        writer.i32(VECTOR_BYTES);
        writer.op('i32.add');
        writer.set(base);
      }
      writer.get(counter);
      writer.get(end);
      writer.op('i32.ne');
      writer.branchIf(0);
    });
  }
  if (largest) {
    // Lanes past the end of the row count as 0.
    writer.get(SCRATCH);
    if (count % lanes === 0) writer.get(largest.now);
    else {
      const mask = new Uint8Array(VECTOR_BYTES).fill(255, 0, (count % lanes) * width);
      writer.get(largest.before);
      writer.get(largest.last);
      writer.v128(mask);
      writer.simd('v128.and');
      writer.simd(`${f}.pmax`);
    }
    writer.simdMemory('v128.store', 0);
  }
  return { code: { params: [I32, I32, I32, I32], results: [], writer }, slots: arrangement.slots.size };
}
