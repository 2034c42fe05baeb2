import { rowBytesOf } from './addressing.ts';
import { bytesPerElement } from './pipeline.ts';
import type { Plan } from './plan.ts';
import type { FunctionWriter } from './wasm-encoder.ts';

/** Bytes that a vector instruction works on. */
export const VECTOR_BYTES = 16;

/** Locals 0 … 3 of every function: tile, scratch, params, and strips (`run`) or the row j (stages). */
export const TILE = 0;
export const SCRATCH = 1;
export const PARAMS = 2;
export const ROW = 3;

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
