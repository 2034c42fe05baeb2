import { emitJs } from './emit-js.ts';
import { emitWasm } from './emit-wasm.ts';
import { emitWgsl, type WgslStage } from './emit-wgsl.ts';
import { mergeStages } from './merge-stages.ts';
import { type CompiledPipeline, isDeviceForm, type KernelForm, type Pipeline, type TileLayout } from './pipeline.ts';
import { type Plan, planPipeline } from './plan.ts';
import { referencePipeline } from './reference.ts';

/**
 * A pipeline compiled for one layout, not yet bound to a memory. The js and wasm forms are plain data: a worker can be
 * sent them. The reference form calls the kernels' functions and stays in its thread. The wgsl and gpujs forms are run by a
 * device, see `engine/backends/webgpu` and `engine/backends/webgl`; kernels of gpu.js are written for all pipelines of a run at
 * once, so that one is but planned here.
 */
export type PipelineModule = {
  readonly name: string;
  readonly scratchBytes: number;
  readonly params: readonly string[];
} & (
  | {
      readonly form: 'wasm';
      readonly module: WebAssembly.Module;
      readonly shared: boolean;
      readonly other: Uint8Array<ArrayBuffer>;
    }
  | { readonly form: 'js'; readonly text: string }
  | { readonly form: 'reference'; readonly plan: Plan }
  | { readonly form: 'gpujs'; readonly plan: Plan }
  | { readonly form: 'wgsl'; readonly stages: readonly WgslStage[]; readonly transientElements: number }
);

/** Layouts are few and plans are pure, so modules are kept as long as their pipeline. */
const kept = new WeakMap<Pipeline, Map<string, PipelineModule>>();

export function layoutKey({ precision, cellsX, cellsY, halo, stride, fields }: TileLayout): string {
  return JSON.stringify([
    precision,
    cellsX,
    cellsY,
    halo,
    stride,
    ...[...fields.values()].map(({ name, shape, offset }) => [name, shape, offset]),
  ]);
}

/** Compiles a pipeline for tiles of a layout, for memories that are shared (or not). Throws KernelError. */
export function compilePipelineModule(
  pipeline: Pipeline,
  layout: TileLayout,
  form: KernelForm,
  shared = true,
): PipelineModule {
  const modules = kept.get(pipeline) ?? new Map<string, PipelineModule>();
  kept.set(pipeline, modules);
  const key = `${form} ${shared} ${layoutKey(layout)}`;
  const known = modules.get(key);
  if (known) return known;
  const module = moduleOf(planPipeline(pipeline, layout, { fuse: isDeviceForm(form) }), form, shared);
  modules.set(key, module);
  return module;
}

/** A planned pipeline in one form. */
export function moduleOf(plan: Plan, form: KernelForm, shared: boolean): PipelineModule {
  const common = { name: plan.pipeline.name, scratchBytes: plan.scratchBytes, params: plan.params };
  switch (form) {
    case 'reference':
      return { ...common, form, plan };
    case 'js':
      return { ...common, form, text: emitJs(plan) };
    case 'wasm': {
      const { bytes, scratchBytes } = emitWasm(plan);
      return {
        ...common,
        scratchBytes,
        form,
        module: new WebAssembly.Module(bytes(shared)),
        shared,
        other: bytes(!shared),
      };
    }
    case 'wgsl':
      return { ...common, scratchBytes: 0, form, ...emitWgsl(plan) };
    case 'gpujs':
      return { ...common, scratchBytes: 0, form, plan: mergeStages(plan) };
  }
}

const isShared = (memory: WebAssembly.Memory): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;

/** Binds a compiled pipeline to a memory. */
export function instantiatePipeline(module: PipelineModule, memory: WebAssembly.Memory): CompiledPipeline {
  const { name, scratchBytes, params } = module;
  switch (module.form) {
    case 'reference':
      return referencePipeline(module.plan, memory);
    case 'js': {
      const make = new Function('memory', module.text) as (memory: WebAssembly.Memory) => CompiledPipeline['run'];
      return { name, scratchBytes, params, run: make(memory) };
    }
    case 'wasm': {
      // The module says whether its memory is shared; the twin for the other kind is compiled when it is needed.
      const code = isShared(memory) === module.shared ? module.module : new WebAssembly.Module(module.other);
      const instance = new WebAssembly.Instance(code, { engine: { memory } });
      return { name, scratchBytes, params, run: instance.exports.run as CompiledPipeline['run'] };
    }
    case 'wgsl':
    case 'gpujs':
      throw new Error(
        `NeedsDevice: pipeline ${name} was compiled to the form ${module.form}, which this processor cannot run. Step it with engine/backends/${module.form === 'wgsl' ? 'webgpu' : 'webgl'}, or use the form wasm.`,
      );
  }
}

/** Compiles a pipeline and binds it to a memory. Throws KernelError. */
export function compilePipeline(
  pipeline: Pipeline,
  layout: TileLayout,
  memory: WebAssembly.Memory,
  form: KernelForm,
): CompiledPipeline {
  return instantiatePipeline(compilePipelineModule(pipeline, layout, form, isShared(memory)), memory);
}
