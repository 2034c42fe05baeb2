import { bytesPerElement, type FieldShape } from '../../compiler/pipeline.ts';
import { CONTROL, DUTY, NONE } from '../../compiler/wgsl-layout.ts';
import { START } from '../../timesteppers/runge-kutta.ts';
import { CONTROL as HOST } from '../cpu/barrier.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { Exchange, Stepper } from '../cpu/stepper.ts';
import type { Advanced } from '../cpu/tile-runner.ts';
import { keepSamples, parameterAt } from '../step-parameters.ts';
import { type ComputeDevice, MAP_READ } from './compute-device.ts';
import { DeviceExchange, dispatchIn } from './device-exchange.ts';
import { type DeviceRun, layOutOnDevice } from './device-run.ts';
import { ownTiles } from './device-tables.ts';
import { DeviceError } from './errors.ts';

/** Steps handed to the device before it is asked whether it is through; a pause waits for no more than twice as many. */
const STEPS_AHEAD = 8;

/** Bytes that come back at a time. */
const FETCH_BYTES = 2 ** 26;

export interface DeviceSettings {
  /** What intermediate results of tiles may take together [bytes]; tiles that do not fit take turns. */
  readonly transientBytes?: number;
  /** Of a share of a run: brings the halos of a round. */
  readonly exchange?: Exchange;
  /** Times the waits for halos [ms]. */
  readonly now?: () => number;
  /** Told of the dispatches of a step, for whoever times them: they compute only where the run has been advanced before. */
  readonly onLaidOut?: (on: Pick<DeviceRun, 'step'>) => void;
}

/**
 * Steps a run, or a share of one, on a graphics device, where its state stays: `advance` brings back which tiles move and
 * what the samples saw, `fetch` brings fields. The run's form must be wgsl. The device is the caller's, and stays open.
 * Throws TooLargeForDevice, NotOnDevice; `advance` and `fetch` throw DeviceLost.
 */
export async function stepOnDevice(run: CpuRun, gpu: ComputeDevice, settings: DeviceSettings = {}): Promise<Stepper> {
  const { exchangePlan } = run;
  const { exchange, now, onLaidOut } = settings;
  if (exchangePlan && !exchange)
    throw new DeviceError(
      'NotOnDevice',
      'a share of a run was given nobody to exchange halos with. Compute all tiles.',
    );
  const laidOut = await layOutOnDevice(run, gpu, settings.transientBytes);
  try {
    const halos = exchangePlan && (await DeviceExchange.layOut(run, exchangePlan, gpu, laidOut.buffers.memory));
    const share = halos && { halos, exchange: exchange!, now: now ?? (() => 0) };
    const stepping = new DeviceStepping(run, gpu, laidOut, share);
    onLaidOut?.(laidOut);
    return {
      threads: 1,
      advance: (step, steps, disturbed) => stepping.advance(step, steps, disturbed),
      fetch: (fields) => stepping.fetch(fields),
      close: () => stepping.close(),
    };
  } catch (cause) {
    laidOut.close();
    throw cause;
  }
}

/** What a share of a run needs besides: others' halos. */
interface Share {
  readonly halos: DeviceExchange;
  readonly exchange: Exchange;
  readonly now: () => number;
}

class DeviceStepping {
  private readonly run: CpuRun;
  private readonly gpu: ComputeDevice;
  private readonly on: DeviceRun;
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly params: Float32Array<ArrayBuffer>;
  /** Fields that steps change. */
  private readonly stepped: readonly string[];
  private readonly share: Share | undefined;
  private isLoaded = false;
  private fetching: GPUBuffer | undefined;
  private isClosed = false;
  /** The last call, which may be under way. */
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(run: CpuRun, gpu: ComputeDevice, on: DeviceRun, share: Share | undefined) {
    this.run = run;
    this.gpu = gpu;
    this.on = on;
    this.share = share;
    this.words = new Uint32Array(CONTROL.duties + run.plan.tiles.length);
    this.params = new Float32Array(on.paramBytes / 4);
    this.stepped = run.options.model.fields.filter(({ role }) => role !== 'static').map(({ name }) => name);
  }

  advance(step: number, steps: number, disturbed: boolean): Promise<Advanced> {
    // Whoever goes on after the end must find no buffers that are gone.
    if (this.isClosed) return Promise.resolve({ outcome: 'abandoned', step, tileSteps: 0, waited: 0 });
    const made = this.make(step, steps, disturbed);
    // Met by the caller; `close` only waits for it.
    this.underWay = made.catch(() => {});
    return made;
  }

  private async make(step: number, steps: number, disturbed: boolean): Promise<Advanced> {
    const { run, gpu, share } = this;
    gpu.check();
    if (disturbed || !this.isLoaded) this.load();
    this.begin(step, steps, disturbed);
    run.sentAway(this.stepped);
    if (share) return this.makeShare(step, steps, share);
    let asked = 0;
    let before: Promise<unknown> = Promise.resolve();
    do {
      const many = Math.min(STEPS_AHEAD, steps - asked);
      for (let k = 0; k < many; k++) this.submit(0, this.on.step.length);
      asked += many;
      const now = gpu.device.queue.onSubmittedWorkDone();
      // Waited for in the next turn, or by what is read back after it.
      now.catch(() => {});
      await gpu.await(before);
      before = now;
    } while (asked < steps && !this.isPausing());
    return { ...(await this.conclude(step, asked)), waited: 0 };
  }

  /** Steps one after the other: before each phase its halos go out, and come in. */
  private async makeShare(step: number, steps: number, share: Share): Promise<Advanced> {
    const { phases, step: dispatches } = this.on;
    let waited = 0;
    let reached: Advanced = { step, tileSteps: 0, waited, outcome: 'done' };
    for (let ahead = 0; ahead < steps; ahead++) {
      for (const [phase, first] of phases.entries()) {
        await share.halos.bring(phase);
        const began = share.now();
        const isThere = await share.exchange((step + ahead) * phases.length + phase);
        waited += share.now() - began;
        if (!isThere) return { outcome: 'abandoned', step: step + ahead, tileSteps: reached.tileSteps, waited };
        // What others said of their tiles came with the halos.
        if (phase === 0) this.gpu.device.queue.writeBuffer(this.on.buffers.activity, 0, this.activity());
        this.submit(first, phases[phase + 1] ?? dispatches.length, phase);
      }
      // Others are told of the activity with the next halos, and of a failure at once.
      reached = { ...(await this.conclude(step, ahead + 1, ahead)), waited };
      if (reached.outcome !== 'done' || this.isPausing()) break;
    }
    return reached;
  }

  /** Brings fields into the run's memory. */
  fetch(fields: readonly string[]): Promise<void> {
    if (this.isClosed)
      return Promise.reject(new DeviceError('DeviceLost', 'the run was closed, and its state is gone.'));
    const fetched = this.bring(fields);
    this.underWay = Promise.all([this.underWay, fetched]).catch(() => {});
    return fetched;
  }

  private async bring(fields: readonly string[]): Promise<void> {
    const { run, gpu } = this;
    const { layout } = run.plan;
    // What others sent of their tiles lies in this memory already.
    const tiles = ownTiles(run).map((tile) => run.plan.tiles[tile]!);
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

  async close(): Promise<void> {
    this.isClosed = true;
    await this.underWay;
    this.on.close();
    this.share?.halos.close();
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

  /** Hands over part of a step, up to `end`; of a share with the halos of that phase. */
  private submit(first: number, end: number, phase?: number): void {
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (phase !== undefined) this.share?.halos.send(phase, pass);
    for (let k = first; k < end; k++) dispatchIn(pass, this.on.step[k]!);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** What the device tells of the steps since `step`, of which so many are known: which tiles move, what the samples saw, how far it came. */
  private async conclude(step: number, asked: number, known = 0) {
    const { gpu, on, run } = this;
    const tiles = run.plan.tiles.length;
    const { control, activity, series, readback } = on.buffers;
    const sampled = (asked - known) * on.cells;
    const encoder = gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(control, 0, readback, 0, CONTROL.duties * 4);
    encoder.copyBufferToBuffer(activity, 0, readback, CONTROL.duties * 4, tiles * 4);
    if (sampled > 0)
      encoder.copyBufferToBuffer(series, known * on.cells * 4, readback, (CONTROL.duties + tiles) * 4, sampled * 4);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.await(readback.mapAsync(MAP_READ));
    const words = new Uint32Array(readback.getMappedRange());
    const made = words[CONTROL.step]!;
    this.activity().set(words.subarray(CONTROL.duties, CONTROL.duties + tiles));
    const seen = new Float32Array(words.buffer, (CONTROL.duties + tiles) * 4);
    for (let ahead = known; ahead < made && on.cells > 0; ahead++)
      keepSamples(run, step + ahead, seen.subarray((ahead - known) * on.cells, (ahead - known + 1) * on.cells));
    const reached = { step: step + made, tileSteps: words[CONTROL.computed]! };
    const tile = words[CONTROL.failedTile]!;
    readback.unmap();
    return tile === NONE ? { ...reached, outcome: 'done' as const } : { ...reached, outcome: 'failed' as const, tile };
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
