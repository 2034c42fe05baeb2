import { NOT_FINITE } from '../../compiler/emit-gpujs-passes.ts';
import { isSoftwareRenderer } from '../software-renderer.ts';
import { DeviceError } from '../webgpu/errors.ts';
import type { Gpujs, GpujsConstructor, GpujsKernelRun, GpujsTexture } from './gpujs.ts';

/** What a context says of the device that draws for it. */
export interface RendererFacts {
  readonly name: string;
  /** It draws on the processor: right, but slower than the engine's own WebAssembly. */
  readonly software: boolean;
  /** Largest width and height of a texture. */
  readonly largestTexture: number;
  /** Textures that a kernel may read. */
  readonly textureUnits: number;
}

/** Which device draws for a context, and whether that is the processor. */
export function rendererOf(gl: WebGL2RenderingContext): Pick<RendererFacts, 'name' | 'software'> {
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return { name, software: isSoftwareRenderer(name) };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sums of a gather have fewer terms, and rows of a tile fewer cells. */
const LONGEST_LOOP = 4096;

/** A WebGL2 context that computes by gpu.js: its kernels, kept by their text, and its textures, used again and again. */
export class WebglDevice {
  readonly gl: WebGL2RenderingContext;
  readonly renderer: RendererFacts;
  private readonly gpu: Gpujs;
  private readonly kernels = new Map<string, GpujsKernelRun>();
  /** By size: any texture of it, of which others are made, and those that nobody uses. */
  private readonly pools = new Map<string, { readonly first: GpujsTexture; readonly free: GpujsTexture[] }>();
  private readonly framebuffer: WebGLFramebuffer;
  /** Textures made and not yet deleted. */
  textures = 0;
  private readonly ran = new Set<string>();
  private isClosed = false;

  /** A device on a context of the caller's, for nothing else from now on. Throws DeviceRefused. */
  constructor(gpujs: GpujsConstructor, gl: WebGL2RenderingContext) {
    this.gl = gl;
    const { name, software } = rendererOf(gl);
    this.renderer = {
      name,
      software,
      largestTexture: Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), ...gl.getParameter(gl.MAX_VIEWPORT_DIMS)),
      textureUnits: gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS),
    };
    if (!gl.getExtension('EXT_color_buffer_float'))
      throw new DeviceError(
        'DeviceRefused',
        `${name} cannot write float32 textures. Use another device, or the processor.`,
      );
    try {
      this.gpu = new gpujs({ canvas: { width: 1, height: 1 }, context: gl });
    } catch (cause) {
      throw new DeviceError(
        'DeviceRefused',
        `gpu.js would not take ${name} (${messageOf(cause)}). Use another device, or the processor.`,
        { cause },
      );
    }
    this.gpu.injectNative(DIRECT_FETCH);
    this.gpu.addNativeFunction(NOT_FINITE.name, NOT_FINITE.glsl, { returnType: 'Number' });
    this.framebuffer = gl.createFramebuffer()!;
  }

  /** Throws DeviceLost once the context is gone. */
  check(): void {
    if (this.isClosed || this.gl.isContextLost())
      throw new DeviceError(
        'DeviceLost',
        `${this.renderer.name} has lost its context, and the state on it. Resume from the last checkpoint.`,
      );
  }

  /** A texture of a size, with anything in it. Throws TooLargeForDevice. */
  take(what: string, size: Size): GpujsTexture {
    this.checkSize(what, size);
    const free = this.pools.get(keyOf(size))?.free.pop();
    if (free) return free;
    this.textures++;
    const pool = this.pools.get(keyOf(size));
    if (pool) {
      const made = pool.first.clone();
      made.newTexture();
      return made;
    }
    // The library has no way of its own to make one but to run a kernel.
    const first = this.compile('blank', BLANK, size, [])() as GpujsTexture;
    this.pools.set(keyOf(size), { first, free: [] });
    return first;
  }

  /** Gives a texture back, for others to use. */
  give(texture: GpujsTexture): void {
    this.pools.get(keyOf(sizeOf(texture)))!.free.push(texture);
  }

  /** A texture with given texels, row by row, four numbers each. Throws TooLargeForDevice. */
  upload(what: string, size: Size, texels: Float32Array): GpujsTexture {
    const texture = this.take(what, size);
    this.write(texture, texels);
    return texture;
  }

  write(texture: GpujsTexture, texels: Float32Array): void {
    const { gl } = this;
    const { width, height } = sizeOf(texture);
    gl.bindTexture(gl.TEXTURE_2D, texture.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
  }

  /** The texels of a texture, once the device is through with all before. Throws DeviceLost. */
  async read(texture: GpujsTexture): Promise<Float32Array> {
    const { gl } = this;
    const { width, height } = sizeOf(texture);
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
    gl.flush();
    this.check();
    while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) await nextTask();
    gl.deleteSync(fence);
    this.check();
    const texels = new Float32Array(width * height * 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture.texture, 0);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
    this.check();
    const error = gl.getError();
    if (error === gl.OUT_OF_MEMORY)
      throw new DeviceError(
        'TooLargeForDevice',
        `${this.renderer.name} has no memory for ${this.textures} textures. Use fewer cells, or the processor.`,
      );
    // What an operation that was refused has left in a texture is no result.
    if (error !== gl.NO_ERROR)
      throw new DeviceError(
        'DeviceRefused',
        `${this.renderer.name} refused an operation (WebGL error ${error}). Resume from the last checkpoint on the processor.`,
      );
    return texels;
  }

  /**
   * A kernel string for results of a size from textures of some sizes, compiled once. Throws DeviceRefused where it does not
   * compile, or would run anywhere but on this device.
   */
  compile(
    name: string,
    source: string,
    output: Size,
    inputs: readonly Size[],
    also: readonly string[] = [],
  ): GpujsKernelRun {
    this.checkSize(`the results of ${name}`, output);
    if (inputs.length > this.renderer.textureUnits)
      throw new DeviceError(
        'DeviceRefused',
        `${name} reads ${inputs.length} textures, a kernel on ${this.renderer.name} may read ${this.renderer.textureUnits}. Use the processor.`,
      );
    const key = [output, ...inputs].map(keyOf).join(' ') + source;
    const known = this.kernels.get(key);
    if (known) return known;
    const settings = {
      output: [output.width, output.height],
      returnType: 'Array(4)',
      precision: 'single',
      tactic: 'precision',
      pipeline: true,
      immutable: false,
      fixIntegerDivisionAccuracy: false,
      loopMaxIterations: LONGEST_LOOP,
    } as const;
    const kernel =
      also.length > 0 ? this.gpu.createKernelMap(also, source, settings) : this.gpu.createKernel(source, settings);
    this.kernels.set(key, kernel);
    return kernel;
  }

  /** Runs a kernel into as many textures as it writes. Throws DeviceRefused, DeviceLost, TooLargeForDevice. */
  run(
    name: string,
    kernel: GpujsKernelRun,
    size: Size,
    args: readonly (GpujsTexture | number)[],
    results = 1,
  ): GpujsTexture[] {
    const targets = Array.from({ length: results }, () => this.take(`the results of ${name}`, size));
    this.aim(kernel.kernel, targets);
    try {
      kernel(...args);
    } catch (cause) {
      this.check();
      throw new DeviceError(
        'DeviceRefused',
        `${name} does not compile here: ${messageOf(cause)} Report it with the name of the device (${this.renderer.name}), and use the processor.`,
        { cause },
      );
    }
    const { fallbackReason } = kernel.kernel;
    const { mode } = kernel.kernel.constructor;
    this.ran.add(`${mode}${fallbackReason ? `: ${fallbackReason}` : ''}`);
    if (mode !== 'gpu' || fallbackReason)
      throw new DeviceError(
        'DeviceRefused',
        `${name} would run in gpu.js's mode ${mode}${fallbackReason ? ` (${fallbackReason})` : ''} and not on ${this.renderer.name}. Use the processor.`,
      );
    return targets;
  }

  /** Has a kernel's next results go to given textures. Without this every kernel would keep some for itself. */
  private aim(kernel: GpujsKernelRun['kernel'], [first, ...more]: readonly GpujsTexture[]): void {
    const { gl } = this;
    kernel.texture = first!;
    kernel._textureSwitched = true;
    if (more.length === 0) return;
    kernel.mappedTextures = more;
    kernel.drawBuffersMap = [first, ...more].map((_, k) => gl.COLOR_ATTACHMENT0 + k);
    // Before its first run the kernel has no framebuffer, and takes them as it makes one.
    if (!kernel.framebuffer) return;
    gl.bindFramebuffer(gl.FRAMEBUFFER, kernel.framebuffer);
    for (const [k, { texture }] of more.entries())
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + k + 1, gl.TEXTURE_2D, texture, 0);
  }

  /** Modes of gpu.js that kernels ran in, and why in others: what it falls back to, it falls back to in silence. */
  modes(): readonly string[] {
    return [...this.ran];
  }

  /** Deletes textures that nobody uses, but for the one of each size that others are made of. */
  trim(): void {
    for (const { first, free } of this.pools.values()) {
      const spare = free.filter((texture) => texture !== first);
      for (const { texture } of spare) this.gl.deleteTexture(texture);
      this.textures -= spare.length;
      if (free.includes(first)) free.splice(0, free.length, first);
      else free.length = 0;
    }
  }

  /** Gives the device back, its kernels and textures with it; the context is the caller's. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { free } of this.pools.values()) for (const { texture } of free) this.gl.deleteTexture(texture);
    this.pools.clear();
    this.gl.deleteFramebuffer(this.framebuffer);
    await this.gpu.destroy();
  }

  private checkSize(what: string, { width, height }: Size): void {
    const { name, largestTexture } = this.renderer;
    if (Math.max(width, height) > largestTexture)
      throw new DeviceError(
        'TooLargeForDevice',
        `${what} take a texture of ${width} × ${height}, ${name} allows ${largestTexture} × ${largestTexture}. Use fewer cells, or the processor.`,
      );
  }
}

/**
 * Reads a texel by its place. The library's own function divides by the texture's size, three times a texel, to the same end;
 * kernels stand after this line and are given to it.
 */
const DIRECT_FETCH =
  '#define getVec4FromSampler2D(texture, size, dimensions, z, y, x) texelFetch(texture, ivec2(x, y), 0)\n';

const BLANK = 'function() { return [0, 0, 0, 0]; }';

const keyOf = ({ width, height }: Size): string => `${width}×${height}`;

export const sizeOf = ({ size }: GpujsTexture): Size => ({ width: size[0]!, height: size[1]! });

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Lets the page do something else; a timer would wait longer than the device. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
