import { describe, expect, test } from 'vitest';
import { compileGather, gatherTableBytes, writeGatherTable } from '../../../engine/compiler/gather.ts';
import { bytesPerElement } from '../../../engine/compiler/pipeline.ts';
import { mulberry32, type Numbers, wildNumber } from './tile-in-memory.ts';

const FORMS = ['reference', 'js', 'wasm'] as const;
const TABLE = 1024;
const DATA = 32768;
const ELEMENTS = 1500;
const SAME = [{ from: 0, to: 0, sign: 1 }] as const;

const firstDifference = (a: Numbers, b: Numbers): number => a.findIndex((value, k) => !Object.is(value, b[k]));

describe.each(['float64', 'float32'] as const)('gather in %s', (precision) => {
  const width = bytesPerElement(precision);
  const round = precision === 'float32' ? Math.fround : (value: number) => value;
  const memoryOf = (shared: boolean, wild: number, seed: number) => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared });
    const values = precision === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
    const random = mulberry32(seed);
    for (let e = DATA / width; e < DATA / width + ELEMENTS; e++) values[e] = wildNumber(random, wild);
    return { memory, values };
  };
  /** Targets in the first 200 elements, sources in the 800 behind, in a field at offset 0. */
  const tableOf = (random: () => number, count: number, sources: number) => ({
    address: TABLE,
    width: sources,
    targets: Array.from({ length: count }, (_, t) => DATA + t * width),
    nearest: Array.from({ length: count }, () => Math.floor(random() * sources)),
    sources: Array.from({ length: count * sources }, () => DATA + (200 + Math.floor(random() * 800)) * width),
    weights: Array.from({ length: count * sources }, () => random() * 2 - 0.5),
  });

  test.each([1, 2, 6])('%i sources: every form sums differences from the nearest in source order', (sources) => {
    const fields = [
      { from: 300 * width, to: 100 * width, sign: 1 },
      { from: 0, to: 1400 * width, sign: -1 },
    ] as const;
    for (const wild of [0, 0.2])
      for (const shared of [false, true])
        for (let seed = 1; seed <= 6; seed++) {
          const table = tableOf(mulberry32(seed), 1 + seed * 7, sources);
          const [expected, ...others] = FORMS.map((form) => {
            const { memory, values } = memoryOf(shared, wild, seed);
            writeGatherTable(memory, precision, table);
            compileGather(precision, memory, form, fields)(TABLE, table.targets.length, sources);
            return values;
          });
          const { values: before } = memoryOf(shared, wild, seed);
          for (const { from, to, sign } of fields)
            table.targets.forEach((target, t) => {
              const at = (k: number) => before[(table.sources[t * sources + k]! + from) / width]!;
              const v0 = at(table.nearest[t]!);
              let sum = round(round(table.weights[t * sources]!) * round(at(0) - v0));
              for (let k = 1; k < sources; k++)
                sum = round(sum + round(round(table.weights[t * sources + k]!) * round(at(k) - v0)));
              const value = sources === 1 ? sign * v0 : round(v0 + sum);
              if (!Object.is(expected![(target + to) / width], value)) expect.fail(`seed ${seed}, target ${t}`);
            });
          for (const values of others) expect(firstDifference(values, expected!)).toBe(-1);
        }
  });

  test('a constant stays constant to the bit', () => {
    const { memory, values } = memoryOf(false, 0, 1);
    values.fill(0.1, DATA / width, DATA / width + ELEMENTS);
    const table = tableOf(mulberry32(3), 50, 6);
    writeGatherTable(memory, precision, table);
    for (const form of FORMS) {
      values.fill(7, DATA / width, DATA / width + 200);
      compileGather(precision, memory, form, SAME)(TABLE, 50, 6);
      expect([...values.subarray(DATA / width, DATA / width + 50)]).toEqual(new Array(50).fill(round(0.1)));
    }
  });

  test('an empty table does nothing', () => {
    for (const form of FORMS) {
      const { memory, values } = memoryOf(false, 0, 1);
      const before = values.slice();
      compileGather(precision, memory, form, SAME)(TABLE, 0, 6);
      compileGather(precision, memory, form, SAME)(TABLE, 0, 1);
      expect(firstDifference(values, before)).toBe(-1);
    }
  });

  test('a table takes the bytes it says', () => {
    const bytes = gatherTableBytes(precision)(7, 6);
    const { memory } = memoryOf(false, 0, 1);
    const view = new Uint8Array(memory.buffer);
    view.fill(0xaa, 0, DATA);
    writeGatherTable(memory, precision, tableOf(mulberry32(1), 7, 6));
    expect(view.subarray(TABLE + bytes, DATA).every((byte) => byte === 0xaa)).toBe(true);
    expect(view.subarray(TABLE + bytes - width, TABLE + bytes).every((byte) => byte === 0xaa)).toBe(false);
    expect(() => writeGatherTable(memory, precision, { ...tableOf(mulberry32(1), 7, 6), address: 4 })).toThrow(
      /multiple of 8/,
    );
  });
});
