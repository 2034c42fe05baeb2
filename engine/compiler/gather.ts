import { bytesPerElement, type KernelForm, type Precision } from './pipeline.ts';
import { encodeModule, F32, F64, FunctionWriter, I32 } from './wasm-encoder.ts';

/**
 * Fills a list of cells from lists of others, in one field after another.
 *
 * A table lies in the memory that it addresses. For each target it holds Int32 byte addresses, as they are for a field
 * at offset 0 of its tile: [target, source] when width is 1, otherwise [target, nearest, source 0 … width − 1].
 * Behind them, at the next multiple of 8 bytes, lie count × width weights in the field's precision (none when width is
 * 1). The same table serves every field: `sourceOffset` and `targetOffset` are the fields' offsets in their blocks.
 *
 * width 1: target = sign · source. Otherwise, v₀ the nearest source's value:
 * target = v₀ + (w₀(v₀′ − v₀) + w₁(v₁′ − v₀) + …), summed in source order; sign is not used.
 */
export type Gather = (
  table: number,
  count: number,
  width: number,
  sourceOffset: number,
  targetOffset: number,
  sign: number,
) => void;

/** What is to be written as a table. */
export interface GatherEntries {
  /** Where the table lies; a multiple of 8. */
  readonly address: number;
  /** Sources of each target. */
  readonly width: number;
  /** Byte addresses of the targets. */
  readonly targets: ArrayLike<number>;
  /** Place (0 … width − 1) of the nearest source of each target. */
  readonly nearest: ArrayLike<number>;
  /** Byte addresses of the sources, targets × width. */
  readonly sources: ArrayLike<number>;
  /** Targets × width; not read when width is 1. */
  readonly weights: ArrayLike<number>;
}

const addressesOf = (width: number): number => (width === 1 ? 2 : 2 + width);

/** From the start of a table to its weights [bytes]. */
const weightsOffset = (count: number, width: number): number => Math.ceil((count * addressesOf(width) * 4) / 8) * 8;

/** Bytes that a table takes. */
export const gatherTableBytes =
  (precision: Precision) =>
  (count: number, width: number): number =>
    weightsOffset(count, width) + (width === 1 ? 0 : count * width * bytesPerElement(precision));

/** Writes a table into the memory, its weights rounded to the precision. */
export function writeGatherTable(memory: WebAssembly.Memory, precision: Precision, entries: GatherEntries): void {
  const { address, width, targets, nearest, sources, weights } = entries;
  if (address % 8 !== 0)
    throw new Error(`writeGatherTable: address ${address} is no multiple of 8. Align the table to 8 bytes.`);
  const count = targets.length;
  const integers = new Int32Array(memory.buffer, address, count * addressesOf(width));
  for (let t = 0, at = 0; t < count; t++) {
    integers[at++] = targets[t]!;
    if (width > 1) integers[at++] = sources[t * width + nearest[t]!]!;
    for (let k = 0; k < width; k++) integers[at++] = sources[t * width + k]!;
  }
  if (width === 1) return;
  const start = address + weightsOffset(count, width);
  const length = count * width;
  const numbers =
    precision === 'float32'
      ? new Float32Array(memory.buffer, start, length)
      : new Float64Array(memory.buffer, start, length);
  for (let s = 0; s < length; s++) numbers[s] = weights[s]!;
}

/** A gather on one memory. Every form gives the same bits. */
export function compileGather(precision: Precision, memory: WebAssembly.Memory, form: KernelForm): Gather {
  if (form !== 'wasm') return gatherInScript(precision, memory);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const key = `${precision} ${shared}`;
  const module = modules.get(key) ?? new WebAssembly.Module(emitGather(precision, shared));
  modules.set(key, module);
  return new WebAssembly.Instance(module, { engine: { memory } }).exports.run as Gather;
}

const modules = new Map<string, WebAssembly.Module>();

function gatherInScript(precision: Precision, memory: WebAssembly.Memory): Gather {
  const shift = precision === 'float32' ? 2 : 3;
  const round = precision === 'float32' ? Math.fround : (value: number) => value;
  const viewNumbers = () =>
    precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  let numbers = viewNumbers();
  let integers = new Int32Array(memory.buffer);
  return (table, count, width, sourceOffset, targetOffset, sign) => {
    if (numbers.buffer !== memory.buffer) {
      numbers = viewNumbers();
      integers = new Int32Array(memory.buffer);
    }
    let at = table >>> 2;
    if (width === 1) {
      for (let t = 0; t < count; t++, at += 2)
        numbers[(integers[at]! + targetOffset) >>> shift] =
          sign * numbers[(integers[at + 1]! + sourceOffset) >>> shift]!;
      return;
    }
    let weight = (table + weightsOffset(count, width)) >>> shift;
    for (let t = 0; t < count; t++) {
      const target = (integers[at]! + targetOffset) >>> shift;
      const v0 = numbers[(integers[at + 1]! + sourceOffset) >>> shift]!;
      at += 2;
      let sum = round(numbers[weight++]! * round(numbers[(integers[at++]! + sourceOffset) >>> shift]! - v0));
      for (let k = 1; k < width; k++) {
        const term = round(numbers[weight++]! * round(numbers[(integers[at++]! + sourceOffset) >>> shift]! - v0));
        sum = round(sum + term);
      }
      numbers[target] = v0 + sum;
    }
  };
}

function emitGather(precision: Precision, shared: boolean): Uint8Array<ArrayBuffer> {
  const single = precision === 'float32';
  const f = single ? ('f32' as const) : ('f64' as const);
  const element = bytesPerElement(precision);
  const params = [I32, I32, I32, I32, I32, F64] as const;
  const [table, count, width, sourceOffset, targetOffset, sign] = [0, 1, 2, 3, 4, 5];
  const w = new FunctionWriter(params);
  const number = single ? F32 : F64;
  const [v0, sum] = [w.local(number), w.local(number)];
  const [at, weight, left, target] = [w.local(I32), w.local(I32), w.local(I32), w.local(I32)];

  const advance = (local: number, bytes: number) => {
    w.get(local);
    w.i32(bytes);
    w.op('i32.add');
    w.set(local);
  };
  /** Pushes the value of the source whose address is `offset` bytes behind `at`. */
  const source = (offset: number) => {
    w.get(at);
    w.memory('i32.load', offset);
    w.get(sourceOffset);
    w.op('i32.add');
    w.memory(`${f}.load`, 0);
  };
  const targetAddress = () => {
    w.get(at);
    w.memory('i32.load', 0);
    w.get(targetOffset);
    w.op('i32.add');
  };
  const again = (local: number) => {
    w.get(local);
    w.i32(1);
    w.op('i32.sub');
    w.tee(local);
    w.branchIf(0);
  };
  /** Pushes weight · (source − v₀) and moves on to the next source. */
  const term = () => {
    w.get(weight);
    w.memory(`${f}.load`, 0);
    source(0);
    w.get(v0);
    w.op(`${f}.sub`);
    w.op(`${f}.mul`);
    advance(weight, element);
    advance(at, 4);
  };

  const copy = () => {
    w.loop(() => {
      targetAddress();
      w.get(sign);
      if (single) w.op('f32.demote_f64');
      source(4);
      w.op(`${f}.mul`);
      w.memory(`${f}.store`, 0);
      advance(at, 8);
      again(count);
    });
  };
  const interpolate = () => {
    w.get(table);
    w.get(count);
    w.get(width);
    w.i32(2);
    w.op('i32.add');
    w.op('i32.mul');
    w.i32(4);
    w.op('i32.mul');
    w.i32(7);
    w.op('i32.add');
    w.i32(-8);
    w.op('i32.and');
    w.op('i32.add');
    w.set(weight);
    w.loop(() => {
      targetAddress();
      w.set(target);
      source(4);
      w.set(v0);
      advance(at, 8);
      term();
      w.set(sum);
      w.get(width);
      w.i32(1);
      w.op('i32.sub');
      w.set(left);
      w.loop(() => {
        w.get(sum);
        term();
        w.op(`${f}.add`);
        w.set(sum);
        again(left);
      });
      w.get(target);
      w.get(v0);
      w.get(sum);
      w.op(`${f}.add`);
      w.memory(`${f}.store`, 0);
      again(count);
    });
  };

  w.get(count);
  w.when(() => {
    w.get(table);
    w.set(at);
    w.get(width);
    w.i32(1);
    w.op('i32.eq');
    w.when(copy);
    w.get(width);
    w.i32(1);
    w.op('i32.ne');
    w.when(interpolate);
  });
  return encodeModule([{ params, results: [], writer: w }], shared);
}
