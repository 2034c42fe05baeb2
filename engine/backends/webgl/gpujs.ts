/** As much of gpu.js 2.24.1 as the engine uses. The library comes from outside: the engine imports none for a device. */
export type GpujsConstructor = new (settings: GpujsSettings) => Gpujs;

export interface GpujsSettings {
  /** gpu.js sets its size to that of the largest texture, which nothing draws to; so this is no real canvas. */
  readonly canvas: { width: number; height: number };
  readonly context: WebGL2RenderingContext;
}

export interface Gpujs {
  createKernel(source: string, settings: GpujsKernelSettings): GpujsKernelRun;
  /** A kernel whose `also` functions write textures of their own. */
  createKernelMap(also: readonly string[], source: string, settings: GpujsKernelSettings): GpujsKernelRun;
  /** GLSL that stands before every kernel. */
  injectNative(source: string): unknown;
  addNativeFunction(name: string, source: string, settings: { readonly returnType: string }): unknown;
  destroy(): Promise<void>;
}

export interface GpujsKernelSettings {
  readonly output: readonly [number, number];
  readonly returnType: 'Array(4)';
  /** float32 textures, not packed bytes. */
  readonly precision: 'single';
  /** highp. */
  readonly tactic: 'precision';
  /** A result stays on the device. */
  readonly pipeline: true;
  readonly immutable: false;
  /** Quotients as the device gives them, not corrected towards integers. */
  readonly fixIntegerDivisionAccuracy: false;
  readonly loopMaxIterations: number;
}

export interface GpujsKernelRun {
  (...args: readonly (GpujsTexture | number)[]): unknown;
  readonly kernel: {
    /** What the next result is written to; taken on where it is set before the first run. */
    texture: GpujsTexture | null;
    _textureSwitched: boolean;
    /** The same of a map's further results. */
    mappedTextures: readonly GpujsTexture[] | null;
    drawBuffersMap: readonly number[] | null;
    readonly framebuffer: WebGLFramebuffer | null;
    readonly constructor: { readonly name: string; readonly mode: string };
    readonly fallbackReason: string | null;
  };
}

export interface GpujsTexture {
  readonly texture: WebGLTexture;
  readonly size: ArrayLike<number>;
  /** A second handle of the same texture. */
  clone(): GpujsTexture;
  /** Gives the handle a texture of its own, of the same size. */
  newTexture(): void;
}
