import type { ComputeDevice } from './compute-device.ts';
import { DeviceError } from './errors.ts';

/** How the shaders of one kind see their buffers, in the order of their bindings. */
export type Access = 'read' | 'write';

/** A compiled shader, and how its buffers are bound. */
export interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** One shader at work on its buffers; counts of workgroups. */
export interface Dispatch {
  readonly program: Program;
  readonly group: GPUBindGroup;
  readonly x: number;
  readonly y: number;
}

/** Part of a buffer that a shader sees; the whole unless told. */
export interface Binding {
  readonly buffer: GPUBuffer;
  readonly offset?: number;
  readonly size?: number;
}

const COMPUTE = 0x4;

interface Compiled {
  readonly layouts: Map<string, GPUBindGroupLayout>;
  readonly programs: Map<string, Promise<Program>>;
}

/** What a device has compiled it keeps: runs of one model and tile size share their shaders. */
const compiled = new WeakMap<GPUDevice, Compiled>();

/** Compiles a shader, or finds it. Throws DeviceLost, and what the compiler has to say. */
export function compileProgram(
  gpu: ComputeDevice,
  name: string,
  code: string,
  access: readonly Access[],
): Promise<Program> {
  const { device } = gpu;
  const known = compiled.get(device) ?? { layouts: new Map(), programs: new Map() };
  compiled.set(device, known);
  const kind = access.join(' ');
  const layout =
    known.layouts.get(kind) ??
    device.createBindGroupLayout({
      entries: access.map((each, binding) => ({
        binding,
        visibility: COMPUTE,
        buffer: { type: each === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
      })),
    });
  known.layouts.set(kind, layout);
  const key = `${kind}\n${code}`;
  let program = known.programs.get(key);
  if (!program) {
    program = gpu.await(compile(device, name, code, layout)).then((pipeline) => ({ pipeline, layout }));
    known.programs.set(key, program);
  }
  return program;
}

async function compile(
  device: GPUDevice,
  name: string,
  code: string,
  layout: GPUBindGroupLayout,
): Promise<GPUComputePipeline> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: name, code });
  const pipeline = device.createComputePipelineAsync({
    label: name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module },
  });
  const refused = (message: string) =>
    new DeviceError(
      'DeviceRefused',
      `${name} does not compile here: ${message} Report it with the name of the adapter, and use the processor.`,
    );
  // Met below, but maybe not before the scope has answered.
  pipeline.catch(() => {});
  const error = await device.popErrorScope();
  if (error) throw refused(error.message);
  try {
    return await pipeline;
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause));
  }
}

/** Binds a program to its buffers. */
export function bind({ device }: ComputeDevice, { layout }: Program, bindings: readonly Binding[]): GPUBindGroup {
  return device.createBindGroup({ layout, entries: bindings.map((resource, binding) => ({ binding, resource })) });
}

/** Workgroups in one row; a list that needs more goes on in the next. */
const ROW = 65535;

/** A dispatch over a list of `count` places in workgroups of `size`. */
export function overList(count: number, size: number): Pick<Dispatch, 'x' | 'y'> {
  const groups = Math.ceil(count / size);
  return { x: Math.min(groups, ROW), y: Math.ceil(groups / ROW) };
}
