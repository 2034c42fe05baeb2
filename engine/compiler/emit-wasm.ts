import { overrideCopies, rowBytesOf, stageAddresses } from './addressing.ts';
import { emitStageFunction } from './emit-wasm-stage.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';
import { encodeModule, F64, FunctionWriter, I32, type WasmFunction } from './wasm-encoder.ts';

/** Locals 0 … 3 of every function: tile, scratch, params, and strips (`run`) or the row j (stages). */
export const TILE = 0;
export const SCRATCH = 1;
export const PARAMS = 2;
export const ROW = 3;
const STRIPS = 3;

/** A module whose `run` is the pipeline's, on an imported memory: one function a stage, and one that calls them row by row. */
export function emitWasm(plan: Plan, shared: boolean): Uint8Array<ArrayBuffer> {
  const stages = plan.sweep.map((stage) => emitStageFunction(plan, stage, stageAddresses(plan, stage)));
  return encodeModule([...stages, emitRun(plan)], shared);
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

/** Pushes the address of the slot of row j + dj of a ring. */
export function pushSlot(plan: Plan, writer: FunctionWriter, ringIndex: number, row: number, dj: number): void {
  const { offset, rows, slotBytes, box } = plan.rings[ringIndex]!;
  writer.get(SCRATCH);
  if (rows > 1) {
    writer.get(row);
    writer.i32(dj - box.y0);
    writer.op('i32.add');
    writer.i32(rows);
    writer.op('i32.rem_u');
    writer.i32(slotBytes);
    writer.op('i32.mul');
    writer.op('i32.add');
  }
  writer.i32(offset);
  writer.op('i32.add');
}

/** Pushes base + j · step + shift for fields of the layout. */
export function pushStored(plan: Plan, writer: FunctionWriter, kind: 'cell' | 'column' | 'row', shift: number): void {
  const step = { cell: rowBytesOf(plan.layout), column: 0, row: bytesPerElement(plan.layout.precision) }[kind];
  writer.get(TILE);
  if (step > 0) {
    writer.get(ROW);
    writer.i32(step);
    writer.op('i32.mul');
    writer.op('i32.add');
  }
  writer.i32(shift);
  writer.op('i32.add');
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
