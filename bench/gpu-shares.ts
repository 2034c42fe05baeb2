import type { Stepper } from '../engine/backends/cpu/stepper.ts';
import { parameterAt } from '../engine/backends/step-parameters.ts';
import { type PassGroup, runPasses } from '../engine/backends/webgl/passes.ts';
import { stepOnWebgl } from '../engine/backends/webgl/step-on-webgl.ts';
import type { WebglDevice } from '../engine/backends/webgl/webgl-device.ts';
import { AHEAD, layOutOnWebgl } from '../engine/backends/webgl/webgl-run.ts';
import type { ComputeDevice } from '../engine/backends/webgpu/compute-device.ts';
import { dispatchIn } from '../engine/backends/webgpu/device-exchange.ts';
import type { DeviceRun } from '../engine/backends/webgpu/device-run.ts';
import { stepOnDevice } from '../engine/backends/webgpu/step-on-device.ts';
import { Simulation, type SimulationOptions } from '../engine/simulation/simulation.ts';
import { median } from './rows.ts';

/** Of the time of a slice of steps with one upload before them and one readback after; 1 together. */
export interface Shares {
  readonly upload: number;
  /** Kernels of stages, and whatever else is not the rest. */
  readonly compute: number;
  /** What fills ghosts and the lines of panel edges. */
  readonly ghosts: number;
  readonly readback: number;
}

/** Steps of a slice. */
const SLICE = 64;
/** Looks at each part, steps and ghosts in turns since a machine is not as fast all the time; the median counts. */
const LOOKS = 5;
/** A part is repeated until it takes so many times what waiting for nothing does, at most so many times. */
const WAITS = 20;
const MOST_REPEATS = 64;
/** How often more than once ghosts are filled where they cannot be filled alone. */
const REFILLS = 4;
/** Passes that fill ghosts and lines of panel edges, by their names on either back end. */
export const GATHERS = /^(ghosts|margins|own lines|partners)/;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function medianTime(act: () => Promise<unknown>): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look++) looks.push(await timed(act));
  return median(looks);
}

/**
 * How often a part is to be asked for before it is waited for, which alone takes `wait` [ms]: a card makes a step in less than it takes to
 * hear of it.
 */
async function timesOf(
  repeat: (times: number) => Promise<unknown>,
  wait: number,
  most = MOST_REPEATS,
): Promise<number> {
  const once = (await timed(() => repeat(1))) - wait;
  return Math.ceil(Math.min(most, MOST_REPEATS, Math.max(1, (WAITS * wait) / Math.max(once, 1e-6))));
}

/**
 * All in the same unit; `ghosts` is part of `step`, `readback` includes that it is waited for, the others do not. Differences of times may come
 * out below nothing.
 */
function sharesOf(times: Record<'upload' | 'step' | 'ghosts' | 'readback', number>): Shares {
  const { readback } = times;
  const upload = Math.max(0, times.upload);
  const step = Math.max(0, times.step);
  const ghosts = Math.min(step, Math.max(0, times.ghosts));
  const whole = upload + SLICE * step + readback;
  return {
    upload: upload / whole,
    compute: (SLICE * (step - ghosts)) / whole,
    ghosts: (SLICE * ghosts) / whole,
    readback: readback / whole,
  };
}

const prognosticsOf = ({ model }: SimulationOptions): string[] =>
  model.fields.filter(({ role }) => role === 'prognostic').map(({ name }) => name);

/**
 * By WebGPU. Ghosts are filled alone, on what a step has left, one fill behind the other without a word in between, which may be quicker than
 * in a step; upload is one look, since only the first one brings everything. Options as of `trialOptions`, form wgsl.
 */
export async function sharesOnWebgpu(options: SimulationOptions, device: ComputeDevice): Promise<Shares> {
  let stepper!: Stepper;
  let dispatches!: DeviceRun['step'];
  const simulation = await Simulation.start(options, async (run) => {
    stepper = await stepOnDevice(run, device, {
      onLaidOut: ({ step }) => {
        dispatches = step;
      },
    });
    return stepper;
  });
  try {
    // No step: what there is goes up, and the word that nothing was made comes back.
    const loading = await timed(() => stepper.advance(0, 0, true));
    // What sets a run off does so at its first step.
    await simulation.advanceTo(1);
    let made = simulation.step;
    const step = async (times: number): Promise<void> => {
      simulation.run.writeTimes(made, times);
      const { outcome, step: reached } = await stepper.advance(made, times, false);
      if (outcome !== 'done')
        throw new Error(`step ${reached} ended as ${outcome}. Run with --backend wasm to see where.`);
      made = reached;
    };
    const gathers = dispatches.filter(({ program }) => GATHERS.test(program.pipeline.label));
    const fill = (times: number): Promise<unknown> => {
      const { queue } = device.device;
      const encoder = device.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let k = 0; k < times; k++) for (const one of gathers) dispatchIn(pass, one);
      pass.end();
      queue.submit([encoder.finish()]);
      return queue.onSubmittedWorkDone();
    };
    const asking = await medianTime(() => step(0));
    const submitting = await medianTime(() => fill(0));
    const steps = await timesOf(step, asking, options.sampleCapacity);
    const fills = await timesOf(fill, submitting);
    const [wholes, ghosts, readbacks]: [number[], number[], number[]] = [[], [], []];
    for (let look = 0; look < LOOKS; look++) {
      wholes.push(((await timed(() => step(steps))) - asking) / steps);
      ghosts.push(((await timed(() => fill(fills))) - submitting) / fills);
      readbacks.push(await timed(() => simulation.fetch(prognosticsOf(options))));
    }
    return sharesOf({
      upload: loading - asking,
      step: median(wholes),
      ghosts: median(ghosts),
      readback: median(readbacks),
    });
  } finally {
    await simulation.close();
  }
}

/**
 * By gpu.js on WebGL2. A pass takes the textures of the one before, so none is run alone: a step is timed whole, and once
 * more with ghosts filled several times, which changes nothing but the time. Options as of `trialOptions`, form gpujs.
 */
export async function sharesOnWebgl(options: SimulationOptions, device: WebglDevice): Promise<Shares> {
  const simulation = await Simulation.start(options, (run) => stepOnWebgl(run, device));
  const laidOut = layOutOnWebgl(simulation.run, device);
  try {
    const { textures, step: groups, lasting, stripQuads } = laidOut;
    const at = parameterAt(simulation.run);
    // What is read comes after all that was asked for before it.
    const wait = (): Promise<unknown> => device.read(textures.get('verdict'));
    // What sets a run off does so at its first step.
    await simulation.advanceTo(1);
    const readbacks: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      await simulation.advanceTo(simulation.step + 1);
      readbacks.push(await timed(() => simulation.fetch(prognosticsOf(options))));
    }
    let made = simulation.step;
    const run = (group: PassGroup): void =>
      runPasses(device, textures, group, (name, stage) => (name === AHEAD ? 0 : at(name, made, stage)));
    const step = async (times: number, refills: number): Promise<void> => {
      simulation.run.writeTimes(made, times);
      for (let k = 0; k < times; k++, made++)
        for (const group of groups) {
          const fills = GATHERS.test(group.passes[0]!.name) ? 1 + refills : 1;
          for (let fill = 0; fill < fills; fill++) run(group);
        }
      await wait();
    };
    const load = async (): Promise<void> => {
      for (const quad of lasting) laidOut.load('tiles', quad);
      for (const quad of stripQuads) laidOut.load('strips', quad);
      await wait();
    };
    // The state that was fetched goes up; shaders are compiled when they are first run.
    await load();
    await step(1, 0);
    const waiting = await medianTime(wait);
    const upload = (await medianTime(load)) - waiting;
    const times = await timesOf((many) => step(many, 0), waiting, options.sampleCapacity);
    const [wholes, ghosts]: [number[], number[]] = [[], []];
    for (let look = 0; look < LOOKS; look++) {
      const whole = await timed(() => step(times, 0));
      wholes.push((whole - waiting) / times);
      ghosts.push(((await timed(() => step(times, REFILLS))) - whole) / (REFILLS * times));
    }
    return sharesOf({ upload, step: median(wholes), ghosts: median(ghosts), readback: median(readbacks) });
  } finally {
    laidOut.close();
    await simulation.close();
  }
}
