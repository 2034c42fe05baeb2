import type { Stepper } from '../engine/backends/cpu/stepper.ts';
import { parameterAt } from '../engine/backends/step-parameters.ts';
import { type PassGroup, runPasses } from '../engine/backends/webgl/passes.ts';
import { stepOnWebgl } from '../engine/backends/webgl/step-on-webgl.ts';
import type { WebglDevice } from '../engine/backends/webgl/webgl-device.ts';
import { AHEAD, layOutOnWebgl } from '../engine/backends/webgl/webgl-run.ts';
import type { ComputeDevice } from '../engine/backends/webgpu/compute-device.ts';
import { dispatchIn } from '../engine/backends/webgpu/device-exchange.ts';
import { layOutOnDevice } from '../engine/backends/webgpu/device-run.ts';
import { stepOnDevice } from '../engine/backends/webgpu/step-on-device.ts';
import { Simulation, type SimulationOptions } from '../engine/simulation/simulation.ts';

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
/** Looks at each part; the median counts. */
const LOOKS = 5;
/** Passes that fill ghosts and lines of panel edges, by their names on either back end. */
const GATHERS = /^(ghosts|margins|own lines|partners)/;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** All in the same unit; `ghosts` is part of `step`. */
function sharesOf({ upload, step, ghosts, readback }: Record<'upload' | 'step' | 'ghosts' | 'readback', number>) {
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

/** By WebGPU. Each part is run alone and waited for. Options as of `trialOptions`, form wgsl. */
export async function sharesOnWebgpu(options: SimulationOptions, device: ComputeDevice): Promise<Shares> {
  let stepper!: Stepper;
  const simulation = await Simulation.start(options, async (run) => {
    stepper = await stepOnDevice(run, device);
    return stepper;
  });
  const laidOut = await layOutOnDevice(simulation.run, device);
  try {
    // No step: what there is goes up, and the word that nothing was made comes back.
    const upload = await timed(() => stepper.advance(0, 0, true));
    await stepper.advance(0, 1, false);
    const [readbacks, steps, ghosts]: [number[], number[], number[]] = [[], [], []];
    const { queue } = device.device;
    const dispatch = async (dispatches: typeof laidOut.step): Promise<void> => {
      const encoder = device.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const one of dispatches) dispatchIn(pass, one);
      pass.end();
      queue.submit([encoder.finish()]);
      await queue.onSubmittedWorkDone();
    };
    const gathers = laidOut.step.filter(({ program }) => GATHERS.test(program.pipeline.label));
    // Tiles are at work as the control block of the second layout has it: written by its own judge.
    await dispatch(laidOut.step);
    for (let look = 0; look < LOOKS; look++) {
      await stepper.advance(look + 1, 1, false);
      readbacks.push(await timed(() => stepper.fetch!(prognosticsOf(options))));
      steps.push(await timed(() => dispatch(laidOut.step)));
      ghosts.push(await timed(() => dispatch(gathers)));
    }
    return sharesOf({ upload, step: median(steps), ghosts: median(ghosts), readback: median(readbacks) });
  } finally {
    laidOut.close();
    await simulation.close();
  }
}

/**
 * By gpu.js on WebGL2. A pass takes the textures of the one before, so none is run alone: a step is timed whole, and once
 * more with a wait after each group of passes, which tells how much of it the ghosts take. Options as of `trialOptions`, form gpujs.
 */
export async function sharesOnWebgl(options: SimulationOptions, device: WebglDevice): Promise<Shares> {
  let stepper!: Stepper;
  const simulation = await Simulation.start(options, async (run) => {
    stepper = await stepOnWebgl(run, device);
    return stepper;
  });
  const laidOut = layOutOnWebgl(simulation.run, device);
  try {
    const { textures, step: groups, quads, stripQuads } = laidOut;
    const at = parameterAt(simulation.run);
    // What is read comes after all that was asked for before it.
    const wait = (): Promise<unknown> => device.read(textures.get('verdict'));
    let steps = 0;
    const run = (group: PassGroup): void =>
      runPasses(device, textures, group, (name, stage) => (name === AHEAD ? 0 : at(name, steps, stage)));
    const step = async (between: (group: PassGroup) => Promise<unknown> | undefined): Promise<void> => {
      for (const group of groups) {
        run(group);
        await between(group);
      }
      await wait();
      steps++;
    };
    // Shaders are compiled when they are first run.
    await step(() => undefined);
    await stepper.advance(0, 1, true);
    const [uploads, wholes, ghostShares, readbacks]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let look = 0; look < LOOKS; look++) {
      uploads.push(
        await timed(async () => {
          for (const quad of quads) laidOut.load('tiles', quad);
          for (const quad of stripQuads) laidOut.load('strips', quad);
          await wait();
        }),
      );
      wholes.push(await timed(() => step(() => undefined)));
      let [ofGhosts, ofAll, last] = [0, 0, performance.now()];
      await step(async ({ passes }) => {
        await wait();
        const now = performance.now();
        if (GATHERS.test(passes[0]!.name)) ofGhosts += now - last;
        ofAll += now - last;
        last = now;
      });
      ghostShares.push(ofGhosts / ofAll);
      await stepper.advance(look + 1, 1, false);
      readbacks.push(await timed(() => stepper.fetch!(prognosticsOf(options))));
    }
    const whole = median(wholes);
    return sharesOf({
      upload: median(uploads),
      step: whole,
      ghosts: median(ghostShares) * whole,
      readback: median(readbacks),
    });
  } finally {
    laidOut.close();
    await simulation.close();
  }
}
