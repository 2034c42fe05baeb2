import { bytesPerElement, type FieldShape } from '../../compiler/pipeline.ts';
import { CONTROL, DUTY, NONE } from '../../compiler/wgsl-layout.ts';
import { START } from '../../timesteppers/runge-kutta.ts';
import { CONTROL as HOST } from '../cpu/barrier.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { Stepper } from '../cpu/stepper.ts';
import type { Advanced } from '../cpu/tile-runner.ts';
import { keepSamples, parameterAt } from '../step-parameters.ts';
import { type ComputeDevice, MAP_READ } from './compute-device.ts';
import { type DeviceRun, layOutOnDevice } from './device-run.ts';
import { DeviceError } from './errors.ts';

/** Steps handed to the device before it is asked whether it is through; a pause waits for no more than twice as many. */
const STEPS_AHEAD = 8;

/** Bytes that come back at a time. */
const FETCH_BYTES = 2 ** 26;

/**
 * Steps a run on a graphics device, where its state stays: `advance` brings back which tiles move and what the
 * samples saw, `fetch` brings fields. The run's form must be wgsl. The device is the caller's, and stays open.
 * `transientBytes` is what intermediate results of tiles may take together.
 * Throws TooLargeForDevice, NotOnDevice; `advance` and `fetch` throw DeviceLost.
 */
export async function stepOnDevice(run: CpuRun, gpu: ComputeDevice, transientBytes?: number): Promise<Stepper> {
  if (run.exchangePlan)
    throw new DeviceError(
      'NotOnDevice',
      'a share of a run is not computed on a device. Compute all tiles, or use the processor.',
    );
  const laidOut = await layOutOnDevice(run, gpu, transientBytes);
  const stepping = new DeviceStepping(run, gpu, laidOut);
  return {
    threads: 1,
    advance: (step, steps, disturbed) => stepping.advance(step, steps, disturbed),
    fetch: (fields) => stepping.fetch(fields),
    close: async () => {
      stepping.close();
    },
  };
}

class DeviceStepping {
  private readonly run: CpuRun;
  private readonly gpu: ComputeDevice;
  private readonly on: DeviceRun;
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly params: Float32Array<ArrayBuffer>;
  /** Fields that steps change. */
  private readonly stepped: readonly string[];
  private isLoaded = false;
  private fetching: GPUBuffer | undefined;

  constructor(run: CpuRun, gpu: ComputeDevice, on: DeviceRun) {
    this.run = run;
    this.gpu = gpu;
    this.on = on;
    this.words = new Uint32Array(CONTROL.duties + run.plan.tiles.length);
    this.params = new Float32Array(on.paramBytes / 4);
    this.stepped = run.options.model.fields.filter(({ role }) => role !== 'static').map(({ name }) => name);
  }

  async advance(step: number, steps: number, disturbed: boolean): Promise<Advanced> {
    const { run, gpu } = this;
    gpu.check();
    if (disturbed || !this.isLoaded) this.load();
    this.begin(step, steps, disturbed);
    run.sentAway(this.stepped);
    let asked = 0;
    let before: Promise<unknown> = Promise.resolve();
    do {
      const many = Math.min(STEPS_AHEAD, steps - asked);
      for (let k = 0; k < many; k++) this.submitStep();
      asked += many;
      const now = gpu.device.queue.onSubmittedWorkDone();
      // Waited for in the next turn, or by what is read back after it.
      now.catch(() => {});
      await gpu.await(before);
      before = now;
    } while (asked < steps && !this.isPausing());
    return this.conclude(step, asked);
  }

  /** Brings fields into the run's memory. */
  async fetch(fields: readonly string[]): Promise<void> {
    const { run, gpu } = this;
    const { tiles, layout } = run.plan;
    const { memory } = this.on.buffers;
    for (const field of run.awayOf(fields)) {
      const { offset, bytes } = this.arrayOf(field);
      const many = Math.max(1, Math.min(tiles.length, Math.floor(FETCH_BYTES / bytes)));
      // All cell fields are of one size, so the first one's buffer serves them all.
      this.fetching ??= gpu.buffer('what is fetched', many * bytes, MAP_READ);
      const staging = this.fetching;
      for (let first = 0; first < tiles.length; first += many) {
        const some = tiles.slice(first, first + many);
        const encoder = gpu.device.createCommandEncoder();
        some.forEach(({ base }, k) => {
          encoder.copyBufferToBuffer(memory, base + offset, staging, k * bytes, bytes);
        });
        gpu.device.queue.submit([encoder.finish()]);
        await gpu.await(staging.mapAsync(MAP_READ));
        const found = new Float32Array(staging.getMappedRange());
        some.forEach(({ base }, k) => {
          const length = bytes / bytesPerElement(layout.precision);
          new Float32Array(run.memory.buffer, base + offset, length).set(found.subarray(k * length, (k + 1) * length));
        });
        staging.unmap();
      }
      run.returned(field);
    }
  }

  close(): void {
    this.on.close();
    this.fetching?.destroy();
  }

  /** Puts on the device what is not there yet: everything at first, then what has been written since. */
  private load(): void {
    const { run, gpu, on } = this;
    const { queue } = gpu.device;
    const copy = (address: number, bytes: number) =>
      queue.writeBuffer(on.buffers.memory, address, run.memory.buffer, address, bytes);
    const written = run.takeWritten();
    if (!this.isLoaded) {
      for (let at = 0; at < run.plan.bytes; at += FETCH_BYTES) copy(at, Math.min(FETCH_BYTES, run.plan.bytes - at));
      this.isLoaded = true;
      return;
    }
    const { stripLayout } = run.plan;
    const rows = stripLayout ? stripLayout.stride * (stripLayout.cellsY + 2 * stripLayout.halo) : 0;
    for (const field of written) {
      const { offset, bytes } = this.arrayOf(field);
      const lines = run.setups[0]!.edgeLines.filter(({ from }) => stripLayout !== undefined && from === field);
      for (const { base, strips } of run.plan.tiles) {
        copy(base + offset, bytes);
        for (const strip of strips)
          for (const line of lines) copy(strip.base + stripLayout!.fields.get(line.field)!.offset, rows * 4);
      }
    }
  }

  /** Where a field's present values lie in a tile, and how many bytes they are. */
  private arrayOf(field: string): { readonly offset: number; readonly bytes: number } {
    const { fields, stride, cellsX, cellsY, halo } = this.run.plan.layout;
    const { offset, shape } = fields.get(field) ?? fields.get(`${field}.${START}`)!;
    const elements: Record<FieldShape, number> = {
      cell: stride * (cellsY + 2 * halo),
      column: cellsX + 2 * halo,
      row: cellsY + 2 * halo,
    };
    return { offset, bytes: elements[shape] * 4 };
  }

  /** Parameters of the steps ahead, and a clean slate for what they tell. */
  private begin(step: number, steps: number, disturbed: boolean): void {
    const { gpu, on, words, params } = this;
    const at = parameterAt(this.run);
    for (const { names, stage, offset, row } of on.params)
      for (let ahead = 0; ahead < steps; ahead++)
        names.forEach((name, k) => {
          params[offset / 4 + ahead * row + k] = at(name, step + ahead, stage);
        });
    const { queue } = gpu.device;
    queue.writeBuffer(on.buffers.params, 0, params);
    words.fill(0, 0, CONTROL.duties);
    words[CONTROL.failedTile] = NONE;
    words.fill(DUTY.busy, CONTROL.duties);
    queue.writeBuffer(on.buffers.control, 0, words, 0, disturbed ? words.length : CONTROL.duties);
    if (disturbed) queue.writeBuffer(on.buffers.activity, 0, this.activity());
  }

  private submitStep(): void {
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { program, group, x, y } of this.on.step) {
      pass.setPipeline(program.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** What the device tells of the steps since `step`: which tiles move, what the samples saw, how far it came. */
  private async conclude(step: number, asked: number): Promise<Advanced> {
    const { gpu, on, run } = this;
    const tiles = run.plan.tiles.length;
    const { control, activity, series, readback } = on.buffers;
    const sampled = asked * on.cells;
    const encoder = gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(control, 0, readback, 0, CONTROL.duties * 4);
    encoder.copyBufferToBuffer(activity, 0, readback, CONTROL.duties * 4, tiles * 4);
    if (sampled > 0) encoder.copyBufferToBuffer(series, 0, readback, (CONTROL.duties + tiles) * 4, sampled * 4);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.await(readback.mapAsync(MAP_READ));
    const words = new Uint32Array(readback.getMappedRange());
    const made = words[CONTROL.step]!;
    this.activity().set(words.subarray(CONTROL.duties, CONTROL.duties + tiles));
    const seen = new Float32Array(words.buffer, (CONTROL.duties + tiles) * 4);
    for (let ahead = 0; ahead < made && on.cells > 0; ahead++)
      keepSamples(run, step + ahead, seen.subarray(ahead * on.cells, (ahead + 1) * on.cells));
    const reached = { step: step + made, tileSteps: words[CONTROL.computed]!, waited: 0 };
    const tile = words[CONTROL.failedTile]!;
    readback.unmap();
    return tile === NONE ? { ...reached, outcome: 'done' } : { ...reached, outcome: 'failed', tile };
  }

  /** What the last stage of the last step found in each tile, in the run's own memory. */
  private activity(): Int32Array<ArrayBuffer> {
    const { memory, plan } = this.run;
    return new Int32Array(memory.buffer as ArrayBuffer, plan.activity, plan.tiles.length);
  }

  private isPausing(): boolean {
    const { memory, plan } = this.run;
    return Atomics.load(new Int32Array(memory.buffer, plan.control, HOST.cells), HOST.pauseAsked) !== 0;
  }
}
