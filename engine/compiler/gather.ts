import { bytesPerElement, type KernelForm, type Precision } from './pipeline.ts';
import { encodeModule, F32, F64, FunctionWriter, I32 } from './wasm-encoder.ts';

/**
 * Fills a list of cells from lists of others, in several fields at once.
 *
 * A table lies in the memory that it addresses. For each target it holds Int32 byte addresses, as they are for a field
 * at offset 0 of its tile: [target, source] when width is 1, otherwise [target, nearest, source 0 … width − 1].
 * Behind them, at the next multiple of 8 bytes, lie count × width weights in the field's precision (none when width is
 * 1). The same table serves every field.
 *
 * width 1: target = sign · source. Otherwise, v₀ the nearest source's value:
 * target = v₀ + (w₀(v₀′ − v₀) + w₁(v₁′ − v₀) + …), summed in source order; sign is not used.
 */
export type Gather = (table: number, count: number, width: number) => void;

/** A field that a gather fills: offsets [bytes] in the blocks of its sources and targets, and what copies are multiplied by. */
export interface GatheredField {
  readonly from: number;
  readonly to: number;
  readonly sign: 1 | -1;
}

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

/** What `writeGatherTable` wrote; `nearest` are addresses here. A table of width 1 has no weights. */
export function readGatherTable(
  memory: WebAssembly.Memory,
  precision: Precision,
  address: number,
  count: number,
  width: number,
): Pick<GatherEntries, 'targets' | 'nearest' | 'sources' | 'weights'> {
  // Addresses beyond 2 GiB are no negative numbers.
  const integers = new Uint32Array(memory.buffer, address, count * addressesOf(width));
  const column = (place: number) =>
    Uint32Array.from({ length: count }, (_, t) => integers[t * addressesOf(width) + place]!);
  const [targets, nearest] = [column(0), column(1)];
  if (width === 1) return { targets, nearest, sources: nearest, weights: [] };
  const sources = Uint32Array.from(
    { length: count * width },
    (_, s) => integers[Math.floor(s / width) * addressesOf(width) + 2 + (s % width)]!,
  );
  const start = address + weightsOffset(count, width);
  const Numbers = precision === 'float32' ? Float32Array : Float64Array;
  return { targets, nearest, sources, weights: new Numbers(memory.buffer, start, count * width) };
}

/** A gather of some fields on one memory of this processor. Every form gives the same bits. */
export function compileGather(
  precision: Precision,
  memory: WebAssembly.Memory,
  form: KernelForm,
  fields: readonly GatheredField[],
): Gather {
  if (form === 'js' || form === 'reference') return gatherInScript(precision, memory, fields);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const module = gatherModule(precision, shared, fields);
  return new WebAssembly.Instance(module, { engine: { memory } }).exports.run as Gather;
}

/** Modules kept; one run has a few dozen. */
const MOST_KEPT = 256;
/** Those used last, the newest last: a run that is laid out anew, and its threads, ask for the same ones. */
const kept = new Map<string, WebAssembly.Module>();

function gatherModule(precision: Precision, shared: boolean, fields: readonly GatheredField[]): WebAssembly.Module {
  const key = `${precision} ${shared} ${fields.map(({ from, to, sign }) => `${from} ${to} ${sign}`).join()}`;
  const module = kept.get(key) ?? new WebAssembly.Module(emitGather(precision, shared, fields));
  kept.delete(key);
  kept.set(key, module);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  return module;
}

function gatherInScript(precision: Precision, memory: WebAssembly.Memory, fields: readonly GatheredField[]): Gather {
  const shift = precision === 'float32' ? 2 : 3;
  const round = precision === 'float32' ? Math.fround : (value: number) => value;
  const viewNumbers = () =>
    precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  let numbers = viewNumbers();
  let integers = new Int32Array(memory.buffer);
  const one = (table: number, count: number, width: number, { from, to, sign }: GatheredField) => {
    let at = table >>> 2;
    if (width === 1) {
      for (let t = 0; t < count; t++, at += 2)
        numbers[(integers[at]! + to) >>> shift] = sign * numbers[(integers[at + 1]! + from) >>> shift]!;
      return;
    }
    let weight = (table + weightsOffset(count, width)) >>> shift;
    for (let t = 0; t < count; t++) {
      const target = (integers[at]! + to) >>> shift;
      const v0 = numbers[(integers[at + 1]! + from) >>> shift]!;
      at += 2;
      let sum = round(numbers[weight++]! * round(numbers[(integers[at++]! + from) >>> shift]! - v0));
      for (let k = 1; k < width; k++) {
        const term = round(numbers[weight++]! * round(numbers[(integers[at++]! + from) >>> shift]! - v0));
        sum = round(sum + term);
      }
      numbers[target] = v0 + sum;
    }
  };
  return (table, count, width) => {
    if (numbers.buffer !== memory.buffer) {
      numbers = viewNumbers();
      integers = new Int32Array(memory.buffer);
    }
    for (const field of fields) one(table, count, width, field);
  };
}

/** A function made for its fields: each address and weight is read once, and the offsets are part of the instructions. */
function emitGather(precision: Precision, shared: boolean, fields: readonly GatheredField[]): Uint8Array<ArrayBuffer> {
  const single = precision === 'float32';
  const f = single ? ('f32' as const) : ('f64' as const);
  const element = bytesPerElement(precision);
  const params = [I32, I32, I32] as const;
  const [table, count, width] = [0, 1, 2];
  const w = new FunctionWriter(params);
  const number = single ? F32 : F64;
  const [factor, source] = [w.local(number), w.local(I32)];
  const [at, weight, left, target] = [w.local(I32), w.local(I32), w.local(I32), w.local(I32)];
  const sums = fields.map((field) => ({ ...field, v0: w.local(number), sum: w.local(number) }));

  const advance = (local: number, bytes: number) => {
    w.get(local);
    w.i32(bytes);
    w.op('i32.add');
    w.set(local);
  };
  /** Reads the address `offset` bytes behind `at`. */
  const addressAt = (offset: number, local: number) => {
    w.get(at);
    w.memory('i32.load', offset);
    w.set(local);
  };
  const again = (local: number) => {
    w.get(local);
    w.i32(1);
    w.op('i32.sub');
    w.tee(local);
    w.branchIf(0);
  };
  /** Moves on to the next source, and adds weight · (source − v₀) to every field's sum; `first` begins the sums. */
  const addTerms = (first: boolean) => {
    addressAt(0, source);
    w.get(weight);
    w.memory(`${f}.load`, 0);
    w.set(factor);
    for (const { from, v0, sum } of sums) {
      if (!first) w.get(sum);
      w.get(factor);
      w.get(source);
      w.memory(`${f}.load`, from);
      w.get(v0);
      w.op(`${f}.sub`);
      w.op(`${f}.mul`);
      if (!first) w.op(`${f}.add`);
      w.set(sum);
    }
    advance(weight, element);
    advance(at, 4);
  };

  const copy = () => {
    w.loop(() => {
      addressAt(0, target);
      addressAt(4, source);
      for (const { from, to, sign } of fields) {
        w.get(target);
        w.get(source);
        w.memory(`${f}.load`, from);
        if (sign < 0) w.op(`${f}.neg`);
        w.memory(`${f}.store`, to);
      }
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
      addressAt(0, target);
      addressAt(4, source);
      for (const { from, v0 } of sums) {
        w.get(source);
        w.memory(`${f}.load`, from);
        w.set(v0);
      }
      advance(at, 8);
      addTerms(true);
      w.get(width);
      w.i32(1);
      w.op('i32.sub');
      w.set(left);
      w.loop(() => {
        addTerms(false);
        again(left);
      });
      for (const { to, v0, sum } of sums) {
        w.get(target);
        w.get(v0);
        w.get(sum);
        w.op(`${f}.add`);
        w.memory(`${f}.store`, to);
      }
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
