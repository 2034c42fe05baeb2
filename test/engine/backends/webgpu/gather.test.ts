import { expect, test } from 'vitest';
import { COPY_SRC, STORAGE } from '../../../../engine/backends/webgpu/compute-device.ts';
import { bind, compileProgram, overList } from '../../../../engine/backends/webgpu/programs.ts';
import { deviceTableWords, emitWgslGather } from '../../../../engine/compiler/emit-wgsl-gather.ts';
import { compileGather, readGatherTable, writeGatherTable } from '../../../../engine/compiler/gather.ts';
import { CONTROL, DUTY, LIST_GROUP } from '../../../../engine/compiler/wgsl-layout.ts';
import { mulberry32 } from '../../compiler/tile-in-memory.ts';
import { openDevice, webgpuTier } from './device.ts';
import { ulpOf } from './loose-evaluation.ts';
import { readBack } from './pipeline-on-device.ts';

const TABLE = 1024;
const DATA = 98304;

webgpuTier('gather on a device', () => {
  /** Targets in the first 200 elements, sources in the 800 behind, of two tiles in turn. */
  async function gathered(width: number, busy: readonly boolean[], constant?: number) {
    const gpu = await openDevice();
    const random = mulberry32(width);
    const memory = new WebAssembly.Memory({ initial: 2 });
    const values = new Float32Array(memory.buffer);
    for (let e = DATA / 4; e < DATA / 4 + 1500; e++) values[e] = constant ?? random() - 0.5;
    const count = 150;
    const table = {
      address: TABLE,
      width,
      targets: Array.from({ length: count }, (_, t) => DATA + t * 4),
      nearest: Array.from({ length: count }, () => Math.floor(random() * width)),
      sources: Array.from({ length: count * width }, () => DATA + (200 + Math.floor(random() * 800)) * 4),
      weights: Array.from({ length: count * width }, () => random() * 2 - 0.5),
    };
    const fields = [
      { from: 300 * 4, to: 0, sign: 1 },
      { from: 0, to: 1300 * 4, sign: -1 },
    ] as const;
    writeGatherTable(memory, 'float32', table);
    const read = readGatherTable(memory, 'float32', TABLE, count, width);
    const elements = (addresses: ArrayLike<number>) => Array.from(addresses, (address) => address / 4);
    const words = deviceTableWords({
      width,
      tiles: Array.from({ length: count }, (_, t) => t % 2),
      targets: elements(read.targets),
      nearest: elements(read.nearest),
      sources: elements(read.sources),
      weights: read.weights,
    });
    const before = values.slice();
    const image = gpu.buffer('memory', values.byteLength, STORAGE | COPY_SRC, before);
    const duties = new Uint32Array(CONTROL.duties + 2).fill(DUTY.idle);
    busy.forEach((is, tile) => {
      if (is) duties[CONTROL.duties + tile] = DUTY.busy;
    });
    const program = await compileProgram(gpu, 'gather', emitWgslGather(fields), ['write', 'read', 'read']);
    const buffers = [
      image,
      gpu.buffer('table', words.byteLength, STORAGE, words),
      gpu.buffer('control', duties.byteLength, STORAGE, duties),
    ];
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(program.pipeline);
    pass.setBindGroup(
      0,
      bind(
        gpu,
        program,
        buffers.map((buffer) => ({ buffer })),
      ),
    );
    const { x, y } = overList(count, LIST_GROUP);
    pass.dispatchWorkgroups(x, y);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const found = new Float32Array(await readBack(gpu, image));
    compileGather('float32', memory, 'wasm', fields)(TABLE, count, width);
    return { found, expected: values, before, count };
  }

  test.each([1, 2, 6, 36])('%i sources: the processor’s values, to an ulp a source', async (width) => {
    const { found, expected, before } = await gathered(width, [true, true]);
    let [furthest, changed] = [0, 0];
    expected.forEach((value, e) => {
      const far = value === found[e] ? 0 : Math.abs(found[e]! - value) / ulpOf(width);
      if (!(far <= furthest)) furthest = far;
      if (value !== before[e]) changed++;
    });
    expect(changed).toBeGreaterThan(250);
    expect(furthest).toBeLessThanOrEqual(width);
    console.log(`${width} sources: ${furthest} ulp`);
  });

  test('a constant stays constant to the bit', async () => {
    const { found, count } = await gathered(6, [true, true], 0.1);
    expect([...found.subarray(DATA / 4, DATA / 4 + count)]).toEqual(new Array(count).fill(Math.fround(0.1)));
  });

  test('targets of a tile that rests are left alone', async () => {
    const { found, expected, before, count } = await gathered(1, [true, false]);
    for (let t = 0; t < count; t++) expect(found[DATA / 4 + t]).toBe((t % 2 === 0 ? expected : before)[DATA / 4 + t]);
  });
});

test('lists longer than one row of workgroups go on in the next', () => {
  expect(overList(1000, 128)).toEqual({ x: 8, y: 1 });
  expect(overList(65535 * 128 + 1, 128)).toEqual({ x: 65535, y: 2 });
});
