import { overrideCopies, stageAddresses } from './addressing.ts';
import { emitStageFunction } from './emit-wasm-stage.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { PARAMS, pushSlot, SCRATCH, TILE, VECTOR_BYTES } from './wasm-addresses.ts';
import { encodeModule, F64, FunctionWriter, I32, type WasmFunction } from './wasm-encoder.ts';

/** Local 3 of `run`. */
const STRIPS = 3;

export interface WasmPipeline {
  /** The module for memories that are shared, and for those that are not. */
  readonly bytes: (shared: boolean) => Uint8Array<ArrayBuffer>;
  /** The plan's scratch, and behind it what stages put aside within a cell. */
  readonly scratchBytes: number;
}

/** A module whose `run` is the pipeline's, on an imported memory: one function a stage, and one that calls them row by row. */
export function emitWasm(plan: Plan): WasmPipeline {
  const stages = plan.sweep.map((stage) => emitStageFunction(plan, stage, stageAddresses(plan, stage)));
  const functions = [...stages.map((stage) => stage.code), emitRun(plan)];
  return {
    bytes: (shared) => encodeModule(functions, shared),
    scratchBytes: plan.scratchBytes + Math.max(...stages.map(({ slots }) => slots)) * VECTOR_BYTES,
  };
}

function emitRun(plan: Plan): WasmFunction {
  const writer = new FunctionWriter([I32, I32, I32, I32]);
  const { sweep, firstTime, lastTime, layout } = plan;
  const single = layout.precision === 'float32';
  const hasMaximum = sweep.some(({ maximum }) => maximum !== undefined);
  const time = writer.local(I32);
  const row = writer.local(I32);
  const slot = writer.local(I32);
  const strip = writer.local(I32);
  if (hasMaximum) {
    writer.get(SCRATCH);
    writer.v128(new Uint8Array(16));
    writer.simdMemory('v128.store', 0);
  }
  writer.i32(firstTime);
  writer.set(time);
  writer.loop(() => {
    sweep.forEach((stage, index) => {
      writer.get(time);
      writer.i32(stage.delay);
      writer.op('i32.sub');
      writer.tee(row);
      writer.i32(stage.box.y0);
      writer.op('i32.sub');
      writer.i32(stage.box.y1 - stage.box.y0);
      writer.op('i32.lt_u');
      writer.when(() => {
        for (const argument of [TILE, SCRATCH, PARAMS, row]) writer.get(argument);
        writer.call(index);
        emitOverrides(plan, stage, writer, row, slot, strip);
      });
    });
    writer.get(time);
    writer.i32(1);
    writer.op('i32.add');
    writer.tee(time);
    writer.i32(lastTime);
    writer.op('i32.le_s');
    writer.branchIf(0);
  });
  if (hasMaximum) {
    const lanes = single ? 4 : 2;
    const lane = (k: number) => {
      writer.get(SCRATCH);
      writer.memory(single ? 'f32.load' : 'f64.load', (k * 16) / lanes);
      if (single) writer.op('f64.promote_f32');
    };
    // Lanes are never NaN: each began at 0 and grew by comparison.
    lane(0);
    for (let k = 1; k < lanes; k++) {
      lane(k);
      writer.op('f64.max');
    }
  } else writer.f64(0);
  return { params: [I32, I32, I32, I32], results: [F64], writer };
}

function emitOverrides(
  plan: Plan,
  stage: SweepStage,
  writer: FunctionWriter,
  row: number,
  slot: number,
  strip: number,
): void {
  const width = bytesPerElement(plan.layout.precision);
  const single = plan.layout.precision === 'float32';
  for (const { pointer, ring, target, source, kind, row: line, count } of overrideCopies(plan, stage)) {
    writer.get(row);
    if (kind === 'element') {
      writer.i32(count);
      writer.op('i32.lt_u');
    } else {
      writer.i32(line);
      writer.op('i32.eq');
    }
    writer.when(() => {
      writer.get(STRIPS);
      writer.memory('i32.load', pointer);
      writer.tee(strip);
      writer.when(() => {
        pushSlot(plan, writer, ring, row, 0);
        writer.set(slot);
        if (kind === 'element') {
          writer.get(slot);
          writer.get(strip);
          writer.get(row);
          writer.i32(width);
          writer.op('i32.mul');
          writer.op('i32.add');
          writer.memory(single ? 'f32.load' : 'f64.load', source);
          writer.memory(single ? 'f32.store' : 'f64.store', target);
        } else {
          writer.get(slot);
          writer.i32(target);
          writer.op('i32.add');
          writer.get(strip);
          writer.i32(source);
          writer.op('i32.add');
          writer.i32(count * width);
          writer.memoryCopy();
        }
      });
    });
  }
}
