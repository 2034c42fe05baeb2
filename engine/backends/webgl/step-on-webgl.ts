import { CHANNELS, placesOf } from '../../compiler/quads.ts';
import { FAILED } from '../../kernels/activity.ts';
import { START } from '../../timesteppers/runge-kutta.ts';
import { CONTROL } from '../cpu/barrier.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { Stepper } from '../cpu/stepper.ts';
import type { Advanced } from '../cpu/tile-runner.ts';
import { keepSamples, parameterAt } from '../step-parameters.ts';
import { DeviceError } from '../webgpu/errors.ts';
import { storeField } from './atlas.ts';
import { runPasses } from './passes.ts';
import type { WebglDevice } from './webgl-device.ts';
import { AHEAD, layOutOnWebgl, type WebglRun } from './webgl-run.ts';

/** Steps handed to the device before it is asked what came of them; a pause waits for no more. */
const STEPS_AHEAD = 8;

/**
 * Steps a run by gpu.js on a WebGL2 device, where its state stays: `advance` brings back which tiles move and what the
 * samples saw, `fetch` brings fields. All tiles are computed, those at rest too. The run's form must be gpujs. The device is the
 * caller's, and stays open.
 * Throws TooLargeForDevice, NotOnDevice, DeviceRefused; `advance` and `fetch` throw DeviceLost.
 */
export async function stepOnWebgl(run: CpuRun, device: WebglDevice): Promise<Stepper> {
  if (run.exchangePlan)
    throw new DeviceError(
      'NotOnDevice',
      'a share of a run is not computed on a device. Compute all tiles, or use the processor.',
    );
  const stepping = new WebglStepping(run, device);
  return {
    threads: 1,
    advance: (step, steps, disturbed) => stepping.advance(step, steps, disturbed),
    fetch: (fields) => stepping.fetch(fields),
    close: async () => {
      stepping.close();
    },
  };
}

class WebglStepping {
  private readonly run: CpuRun;
  private readonly device: WebglDevice;
  /** Laid out when it is first advanced, so that what is written before goes along. */
  private on: WebglRun | undefined;
  private readonly stepped: readonly string[];

  constructor(run: CpuRun, device: WebglDevice) {
    this.run = run;
    this.device = device;
    this.stepped = run.options.model.fields.filter(({ role }) => role !== 'static').map(({ name }) => name);
    device.check();
  }

  async advance(step: number, steps: number, disturbed: boolean): Promise<Advanced> {
    const { run, device } = this;
    device.check();
    const on = this.load(disturbed);
    const tiles = run.plan.tiles.length;
    const at = parameterAt(run);
    const make = (ahead: number) => {
      for (const group of on.step)
        runPasses(device, on.textures, group, (name, stage) =>
          name === AHEAD ? ahead : at(name, step + ahead, stage),
        );
    };
    const { width, height } = on.verdictSize;
    const fresh = new Float32Array(width * height * CHANNELS).fill(-1);
    on.textures.set('verdict', device.upload('verdicts', on.verdictSize, fresh));
    run.sentAway(this.stepped);
    let made = 0;
    let failed = -1;
    do {
      on.textures.remember();
      const first = made;
      for (; made < Math.min(steps, first + STEPS_AHEAD); made++) make(made);
      let verdict = await device.read(on.textures.get('verdict'));
      const failures = Array.from({ length: tiles }, (_, tile) => verdict[tile * CHANNELS + 1]!);
      const fault = Math.min(...failures.filter((ahead) => ahead >= 0));
      if (Number.isFinite(fault)) {
        // The device went on; so the state goes back, and comes to where it failed once more.
        on.textures.recall();
        for (made = first; made <= fault; made++) make(made);
        failed = failures.indexOf(fault);
        verdict = await device.read(on.textures.get('verdict'));
      }
      on.textures.forget();
      this.keepActivity(verdict);
    } while (made < steps && failed < 0 && !this.isPausing());
    if (on.cells > 0) {
      const series = await device.read(on.textures.get('series'));
      for (let ahead = 0; ahead < made; ahead++)
        keepSamples(
          run,
          step + ahead,
          Float32Array.from({ length: on.cells }, (_, cell) => series[(ahead * on.cells + cell) * CHANNELS]!),
        );
    }
    const reached = { step: step + made, tileSteps: made * tiles, waited: 0 };
    return failed < 0 ? { ...reached, outcome: 'done' } : { ...reached, outcome: 'failed', tile: failed };
  }

  /** Brings fields into the run's memory. */
  async fetch(fields: readonly string[]): Promise<void> {
    const { run, device, on } = this;
    device.check();
    if (!on) return;
    const place = placesOf(on.quads);
    const memory = new Float32Array(run.memory.buffer);
    const wanted = run.awayOf(fields);
    const arrays = wanted.map((field) => this.arrayOf(field));
    for (const quad of new Set(arrays.map((array) => place(array).quad))) {
      const texels = await device.read(on.textures.get(`tiles/${quad.name}`));
      for (const [k, array] of arrays.entries()) {
        if (place(array).quad !== quad) continue;
        storeField(on.tiles, quad, array, texels, memory);
        run.returned(wanted[k]!);
      }
    }
  }

  close(): void {
    this.on?.close();
    this.device.trim();
  }

  /** Puts on the device what is not there yet: everything at first, then what has been written since. */
  private load(disturbed: boolean): WebglRun {
    const { run } = this;
    if (!this.on) {
      run.takeWritten();
      this.on = layOutOnWebgl(run, this.device);
      return this.on;
    }
    if (!disturbed) return this.on;
    const { on } = this;
    const written = run.takeWritten();
    const isStatic = (field: string) =>
      run.options.model.fields.some(({ name, role }) => name === field && role === 'static');
    const arrays = written.map((field) => this.arrayOf(field));
    for (const quad of on.quads) {
      const changed = quad.fields.filter((field) => arrays.includes(field));
      if (changed.length === 0) continue;
      // All that is static lies apart, and is never newer on the device.
      if (changed.some(isStatic)) on.load('tiles', quad);
      else on.merge(quad, changed);
    }
    const lines = run.setups[0]!.edgeLines.filter(({ from }) => isStatic(from) && written.includes(from));
    for (const quad of on.stripQuads)
      if (quad.fields.some((name) => lines.some(({ field }) => field === name))) on.load('strips', quad);
    return on;
  }

  /** The array that holds a field between steps. */
  private arrayOf(field: string): string {
    return this.run.plan.layout.fields.has(field) ? field : `${field}.${START}`;
  }

  /** What the last stage of the last step found in each tile, in the run's own memory. */
  private keepActivity(verdict: Float32Array): void {
    const { memory, plan } = this.run;
    const activity = new Int32Array(memory.buffer, plan.activity, plan.tiles.length);
    for (let tile = 0; tile < activity.length; tile++)
      activity[tile] = Math.min(FAILED, Math.trunc(verdict[tile * CHANNELS]!));
  }

  private isPausing(): boolean {
    const { memory, plan } = this.run;
    return Atomics.load(new Int32Array(memory.buffer, plan.control, CONTROL.cells), CONTROL.pauseAsked) !== 0;
  }
}
