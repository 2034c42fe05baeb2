/** A small encoder of WebAssembly modules: https://webassembly.github.io/spec/core/binary/ */

export const I32 = 0x7f;
export const F64 = 0x7c;
export const F32 = 0x7d;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof F64 | typeof F32 | typeof V128;

const VOID = 0x40;

const OPCODES = {
  'f32.load': 0x2a,
  'f64.load': 0x2b,
  'i32.load': 0x28,
  'f32.store': 0x38,
  'f64.store': 0x39,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.le_s': 0x4c,
  'i32.and': 0x71,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.rem_u': 0x70,
  'f32.add': 0x92,
  'f32.sub': 0x93,
  'f32.neg': 0x8c,
  'f32.mul': 0x94,
  'f64.add': 0xa0,
  'f64.sub': 0xa1,
  'f64.neg': 0x9a,
  'f64.mul': 0xa2,
  'f64.max': 0xa5,
  'f64.promote_f32': 0xbb,
} as const;

const SIMD_OPCODES = {
  'v128.load': 0,
  'v128.load32_splat': 9,
  'v128.load64_splat': 10,
  'v128.store': 11,
  'f32x4.extract_lane': 0x1f,
  'f64x2.extract_lane': 0x21,
  'f32x4.eq': 0x41,
  'f32x4.ne': 0x42,
  'f32x4.lt': 0x43,
  'f32x4.le': 0x45,
  'f64x2.eq': 0x47,
  'f64x2.ne': 0x48,
  'f64x2.lt': 0x49,
  'f64x2.le': 0x4b,
  'v128.not': 0x4d,
  'v128.and': 0x4e,
  'v128.andnot': 0x4f,
  'v128.or': 0x50,
  'v128.bitselect': 0x52,
  'v128.any_true': 0x53,
  'f32x4.abs': 0xe0,
  'f32x4.neg': 0xe1,
  'f32x4.sqrt': 0xe3,
  'f32x4.add': 0xe4,
  'f32x4.sub': 0xe5,
  'f32x4.mul': 0xe6,
  'f32x4.div': 0xe7,
  'f32x4.min': 0xe8,
  'f32x4.max': 0xe9,
  'f32x4.pmin': 0xea,
  'f32x4.pmax': 0xeb,
  'f64x2.abs': 0xec,
  'f64x2.neg': 0xed,
  'f64x2.sqrt': 0xef,
  'f64x2.add': 0xf0,
  'f64x2.sub': 0xf1,
  'f64x2.mul': 0xf2,
  'f64x2.div': 0xf3,
  'f64x2.min': 0xf4,
  'f64x2.max': 0xf5,
  'f64x2.pmin': 0xf6,
  'f64x2.pmax': 0xf7,
} as const;

export type Opcode = keyof typeof OPCODES;
export type SimdOpcode = keyof typeof SIMD_OPCODES;

function pushUnsigned(bytes: number[], value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}

function pushSigned(bytes: number[], value: number): void {
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
      bytes.push(low);
      return;
    }
    bytes.push(low | 0x80);
  }
}

/** Byte-aligned loads and stores cost nothing extra, so the alignment hint stays at one byte. */
const ALIGNMENT = 0;

/** Writes the body of one function. Locals are handed out by `local`, and may be given back for reuse. */
export class FunctionWriter {
  readonly bytes: number[] = [];
  private readonly params: readonly ValueType[];
  private readonly locals: ValueType[] = [];
  private readonly spare = new Map<ValueType, number[]>();

  constructor(params: readonly ValueType[]) {
    this.params = params;
  }

  local(type: ValueType): number {
    const free = this.spare.get(type)?.pop();
    return free ?? this.params.length + this.locals.push(type) - 1;
  }

  giveBack(local: number): void {
    const type = this.locals[local - this.params.length]!;
    this.spare.set(type, [...(this.spare.get(type) ?? []), local]);
  }

  op(name: Opcode): void {
    this.bytes.push(OPCODES[name]);
  }

  simd(name: SimdOpcode): void {
    this.bytes.push(0xfd);
    pushUnsigned(this.bytes, SIMD_OPCODES[name]);
  }

  /** A load or store at address + offset. */
  memory(name: Opcode, offset: number): void {
    this.bytes.push(OPCODES[name], ALIGNMENT);
    pushUnsigned(this.bytes, offset);
  }

  simdMemory(name: SimdOpcode, offset: number): void {
    this.simd(name);
    this.bytes.push(ALIGNMENT);
    pushUnsigned(this.bytes, offset);
  }

  extractLane(name: SimdOpcode, lane: number): void {
    this.simd(name);
    this.bytes.push(lane);
  }

  get(local: number): void {
    this.bytes.push(0x20);
    pushUnsigned(this.bytes, local);
  }

  set(local: number): void {
    this.bytes.push(0x21);
    pushUnsigned(this.bytes, local);
  }

  tee(local: number): void {
    this.bytes.push(0x22);
    pushUnsigned(this.bytes, local);
  }

  i32(value: number): void {
    this.bytes.push(0x41);
    pushSigned(this.bytes, value);
  }

  f64(value: number): void {
    this.bytes.push(0x44, ...new Uint8Array(Float64Array.of(value).buffer));
  }

  v128(bytes: Uint8Array): void {
    this.bytes.push(0xfd, 0x0c, ...bytes);
  }

  call(index: number): void {
    this.bytes.push(0x10);
    pushUnsigned(this.bytes, index);
  }

  block(body: () => void): void {
    this.nest(0x02, body);
  }

  loop(body: () => void): void {
    this.nest(0x03, body);
  }

  when(body: () => void): void {
    this.nest(0x04, body);
  }

  branchIf(depth: number): void {
    this.bytes.push(0x0d);
    pushUnsigned(this.bytes, depth);
  }

  /** memory.copy: target, source and size are on the stack. */
  memoryCopy(): void {
    this.bytes.push(0xfc, 0x0a, 0, 0);
  }

  private nest(opcode: number, body: () => void): void {
    this.bytes.push(opcode, VOID);
    body();
    this.bytes.push(0x0b);
  }

  /** Locals, instructions and end, with their size in front. */
  code(): number[] {
    const runs: [number, ValueType][] = [];
    for (const type of this.locals) {
      const last = runs[runs.length - 1];
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const inner: number[] = [];
    pushUnsigned(inner, runs.length);
    for (const [count, type] of runs) {
      pushUnsigned(inner, count);
      inner.push(type);
    }
    for (const byte of this.bytes) inner.push(byte);
    inner.push(0x0b);
    return sized(inner);
  }
}

export interface WasmFunction {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly writer: FunctionWriter;
}

function sized(content: readonly number[]): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, content.length);
  for (const byte of content) bytes.push(byte);
  return bytes;
}

function list(items: readonly (readonly number[])[]): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, items.length);
  for (const item of items) for (const byte of item) bytes.push(byte);
  return bytes;
}

const name = (text: string): number[] => sized([...text].map((letter) => letter.charCodeAt(0)));

/** A module that imports `engine.memory` and exports its last function as `run`. */
export function encodeModule(functions: readonly WasmFunction[], shared: boolean): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: readonly number[]): number[] => [id].concat(sized(content));
  const types = functions.map(({ params, results }) => [
    0x60,
    ...list(params.map((p) => [p])),
    ...list(results.map((r) => [r])),
  ]);
  // A shared memory must state a maximum; 65536 pages admit every memory.
  const limits = shared ? [0x03, 0, 0x80, 0x80, 0x04] : [0x00, 0];
  const parts = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list(types)),
    section(2, list([[...name('engine'), ...name('memory'), 0x02, ...limits]])),
    section(3, list(functions.map((_, k) => unsigned(k)))),
    section(7, list([[...name('run'), 0x00, ...unsigned(functions.length - 1)]])),
    section(10, list(functions.map(({ writer }) => writer.code()))),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}
