import gpujs from 'gpu.js';
import type { GpujsConstructor, GpujsTexture } from '../../../../engine/backends/webgl/gpujs.ts';
import { stepOnWebgl } from '../../../../engine/backends/webgl/step-on-webgl.ts';
import { sizeOf, WebglDevice } from '../../../../engine/backends/webgl/webgl-device.ts';
import { Simulation } from '../../../../engine/simulation/simulation.ts';
import { compareFaults, compareRuns, compareWatched, EXPERIMENTS, type ExperimentName } from '../experiments.ts';
import { compareKernels } from '../parity.ts';
import { MODELS } from '../webgpu/models.ts';
import { type KernelRunner, runByGpujs } from './pipeline-by-gpujs.ts';

/** What tests call in a page that draws with WebGL2. */

function openWebgl(largestTexture?: number): WebglDevice {
  const gl = document.createElement('canvas').getContext('webgl2', { alpha: false, antialias: false, depth: false });
  if (!gl) throw new Error('the page has no WebGL2');
  if (largestTexture !== undefined) {
    const ask = gl.getParameter.bind(gl);
    gl.getParameter = (name) => (name === gl.MAX_TEXTURE_SIZE ? largestTexture : ask(name));
  }
  return new WebglDevice((gpujs as unknown as { GPU: GpujsConstructor }).GPU, gl);
}

/** Kernels that one test has compiled serve the next. */
let shared: WebglDevice | undefined;
const device = (): WebglDevice => {
  shared ??= openWebgl();
  return shared;
};

const runner = (): KernelRunner<GpujsTexture> => {
  const on = device();
  return {
    reads: 'whole',
    largestTexture: on.renderer.largestTexture,
    upload: (size, texels) => on.upload('texels', size, texels),
    run: ({ name, source, also }, size, textures, numbers) => {
      const kernel = on.compile(name, source, size, textures.map(sizeOf), also);
      return on.run(name, kernel, size, [...textures, ...numbers], also.length + 1);
    },
    done: (textures) => {
      for (const texture of textures) on.give(texture);
    },
    read: (texture) => on.read(texture),
  };
};

const begin = (name: ExperimentName, on: WebglDevice) =>
  Simulation.start({ ...EXPERIMENTS[name](), form: 'gpujs' }, (run) => stepOnWebgl(run, on));

/** What went wrong, in its own words. */
const troubleOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing went wrong',
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );

let leaking: Simulation | undefined;

const page = {
  renderer: () => device().renderer,
  /** Modes of gpu.js that kernels ran in so far, and reasons for others. */
  modes: () => device().modes(),
  kernels: (model: number) =>
    compareKernels(MODELS[model]![1], (pipeline, on, tile, parameter) =>
      runByGpujs(runner(), pipeline, on, tile, parameter),
    ),
  run: (name: ExperimentName, steps: number) => {
    const on = device();
    return compareRuns(name, steps, 'gpujs', (run) => stepOnWebgl(run, on));
  },
  watched: () => {
    const on = device();
    return compareWatched('gpujs', (run) => stepOnWebgl(run, on));
  },
  fault: (amount: number) => {
    const on = device();
    return compareFaults(amount, 'gpujs', (run) => stepOnWebgl(run, on));
  },
  /** A device that loses its context: what is said at once, later, and of a fetch. */
  loss: async () => {
    const on = openWebgl();
    const simulation = await begin('bowl', on);
    await simulation.advanceTo(2);
    await simulation.fetch();
    const saved = simulation.save();
    const onward = troubleOf(simulation.advanceTo(1000));
    // In the middle of the steps.
    await new Promise((resolve) => setTimeout(resolve, 50));
    on.gl.getExtension('WEBGL_lose_context')!.loseContext();
    const said = [await onward, await troubleOf(simulation.advanceTo(100)), await troubleOf(simulation.fetch())];
    const other = device();
    const resumed = await Simulation.start(
      { ...EXPERIMENTS.bowl(), form: 'gpujs' },
      (run) => stepOnWebgl(run, other),
      saved,
    );
    await resumed.advanceTo(4);
    await resumed.fetch();
    const processor = await Simulation.start(EXPERIMENTS.bowl());
    await processor.advanceTo(4);
    const [found, expected] = [resumed, processor].map((each) => each.run.read('surface')[0]!);
    await resumed.close();
    return { said, furthest: Math.max(...found!.map((value, cell) => Math.abs(value - expected![cell]!))) };
  },
  tooLarge: async () => {
    const on = openWebgl(40);
    const simulation = await begin('continents', on);
    const said = await troubleOf(simulation.advanceTo(1));
    await simulation.close();
    return said;
  },
  /** Steps on in calls of five with a fetch after each, and gives the textures held. */
  leak: async (steps: number) => {
    leaking ??= await begin('bowl', device());
    const until = leaking.step + steps;
    while (leaking.step < until) {
      await leaking.advanceTo(Math.min(until, leaking.step + 5));
      await leaking.fetch();
    }
    return device().textures;
  },
  endLeak: async () => {
    await leaking!.close();
    leaking = undefined;
    return device().textures;
  },
};
export type DevicePageApi = typeof page;
Object.assign(globalThis, { page });
