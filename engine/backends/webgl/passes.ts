import type { GpujsKernelRun, GpujsTexture } from './gpujs.ts';
import { type Size, sizeOf, type WebglDevice } from './webgl-device.ts';

/** A kernel at work: named textures and parameters in, textures out. */
export interface Pass {
  readonly name: string;
  readonly kernel: GpujsKernelRun;
  readonly size: Size;
  readonly inputs: readonly string[];
  readonly params: readonly string[];
  readonly outputs: readonly string[];
}

/** Passes that all read what was there before the first of them, the stage of the scheme, and textures that nobody needs after. */
export interface PassGroup {
  readonly passes: readonly Pass[];
  readonly stage: number;
  readonly done: readonly string[];
}

/** The textures of a run by name. Those of a remembered state are kept until it is forgotten. */
export class Textures {
  private readonly device: WebglDevice;
  private readonly named = new Map<string, GpujsTexture>();
  private remembered: ReadonlyMap<string, GpujsTexture> | undefined;
  private kept = new Set<GpujsTexture>();

  constructor(device: WebglDevice) {
    this.device = device;
  }

  get(name: string): GpujsTexture {
    const texture = this.named.get(name);
    if (!texture) throw new Error(`no texture ${name} is there yet`);
    return texture;
  }

  set(name: string, texture: GpujsTexture): void {
    this.drop(name);
    this.named.set(name, texture);
  }

  drop(name: string): void {
    const texture = this.named.get(name);
    this.named.delete(name);
    if (texture && !this.kept.has(texture)) this.device.give(texture);
  }

  /** Keeps the present textures, so that the state can come back to them. */
  remember(): void {
    this.forget();
    this.remembered = new Map(this.named);
    this.kept = new Set(this.named.values());
  }

  /** The remembered textures are the state again. */
  recall(): void {
    const { remembered, kept } = this;
    if (!remembered) throw new Error('no state is remembered');
    for (const [name, texture] of this.named) if (!kept.has(texture)) this.drop(name);
    this.named.clear();
    for (const [name, texture] of remembered) this.named.set(name, texture);
    this.forget();
  }

  forget(): void {
    const present = new Set(this.named.values());
    for (const texture of this.kept) if (!present.has(texture)) this.device.give(texture);
    this.kept = new Set();
    this.remembered = undefined;
  }

  /** Gives all back. */
  close(): void {
    this.forget();
    for (const name of [...this.named.keys()]) this.drop(name);
  }

  /** Bytes of all textures in use. */
  get bytes(): number {
    let sum = 0;
    for (const texture of new Set([...this.named.values(), ...this.kept])) {
      const { width, height } = sizeOf(texture);
      sum += width * height * 16;
    }
    return sum;
  }
}

export function runPasses(
  device: WebglDevice,
  textures: Textures,
  { passes, stage, done }: PassGroup,
  parameter: (name: string, stage: number) => number,
): void {
  const results = passes.map(({ name, kernel, size, inputs, params, outputs }) =>
    device.run(
      name,
      kernel,
      size,
      [...inputs.map((input) => textures.get(input)), ...params.map((param) => parameter(param, stage))],
      outputs.length,
    ),
  );
  passes.forEach(({ outputs }, k) => {
    for (const [place, output] of outputs.entries()) textures.set(output, results[k]![place]!);
  });
  for (const name of done) textures.drop(name);
}
