import { LIST_GROUP } from '../../compiler/wgsl-layout.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { ExchangePlan } from '../cpu/exchange-plan.ts';
import { COPY_SRC, type ComputeDevice, MAP_READ, STORAGE } from './compute-device.ts';
import { bind, compileProgram, type Dispatch, overList } from './programs.ts';
import { packHalo, unpackHalo } from './step-shaders.ts';

/** Cells that go to others, or come from them, in a round: elements of the memory, and how the device moves them. */
interface Cells {
  readonly elements: Uint32Array<ArrayBuffer>;
  readonly move: Dispatch;
}

interface Round {
  readonly outgoing: Cells | undefined;
  readonly incoming: Cells | undefined;
}

/**
 * Carries the halos of a share between the device, where its state is, and the run's own memory, from which they are
 * packed and into which they are unpacked as on the processor: cells have the same addresses in both.
 */
export class DeviceExchange {
  private readonly gpu: ComputeDevice;
  private readonly values: Uint32Array;
  private readonly rounds: readonly Round[];
  private readonly halo: GPUBuffer;
  private readonly staging: GPUBuffer;
  private readonly sent: Uint32Array<ArrayBuffer>;
  private readonly made: readonly GPUBuffer[];

  private constructor(
    gpu: ComputeDevice,
    values: Uint32Array,
    rounds: readonly Round[],
    buffers: { readonly halo: GPUBuffer; readonly staging: GPUBuffer; readonly made: readonly GPUBuffer[] },
  ) {
    this.gpu = gpu;
    this.values = values;
    this.rounds = rounds;
    this.halo = buffers.halo;
    this.staging = buffers.staging;
    this.made = buffers.made;
    this.sent = new Uint32Array(Math.max(0, ...rounds.map(({ incoming }) => incoming?.elements.length ?? 0)));
  }

  /** Throws TooLargeForDevice, DeviceLost. */
  static async layOut(
    { memory: { buffer } }: CpuRun,
    { peers, rounds }: ExchangePlan,
    gpu: ComputeDevice,
    memory: GPUBuffer,
  ): Promise<DeviceExchange> {
    const made: GPUBuffer[] = [];
    const allocate = (...words: Parameters<ComputeDevice['buffer']>): GPUBuffer => {
      const found = gpu.buffer(...words);
      made.push(found);
      return found;
    };
    // A cell may go to several peers, and goes up once.
    const outgoing = [...new Set(peers.flatMap((peer) => [...peer.outgoing]))].sort((a, b) => a - b);
    const incoming = [...new Set(peers.flatMap((peer) => [...peer.incoming]))].sort((a, b) => a - b);
    const elementsOf = (addresses: readonly number[], offsets: readonly number[]) =>
      Uint32Array.from(offsets.flatMap((offset) => addresses.map((address) => (address + offset) / 4)));
    try {
      const most = Math.max(...rounds.map(({ offsets }) => offsets.length)) * 4;
      const halo = allocate('halos', most * Math.max(outgoing.length, incoming.length), STORAGE | COPY_SRC);
      const staging = allocate('halos that come back', most * outgoing.length, MAP_READ);
      const cells = async (what: string, elements: Uint32Array<ArrayBuffer>, code: (count: number) => string) => {
        const { length } = elements;
        if (length === 0) return undefined;
        const program = await compileProgram(gpu, what, code(length), ['write', 'read', 'write']);
        const places = allocate(`cells of ${what}`, elements.byteLength, STORAGE, elements);
        const group = bind(gpu, program, [{ buffer: memory }, { buffer: places }, { buffer: halo }]);
        return { elements, move: { program, group, ...overList(length, LIST_GROUP) } };
      };
      const laidOut: Round[] = [];
      for (const { offsets } of rounds)
        laidOut.push({
          outgoing: await cells('outgoing halos', elementsOf(outgoing, offsets), packHalo),
          incoming: await cells('incoming halos', elementsOf(incoming, offsets), unpackHalo),
        });
      return new DeviceExchange(gpu, new Uint32Array(buffer), laidOut, { halo, staging, made });
    } catch (cause) {
      for (const each of made) each.destroy();
      throw cause;
    }
  }

  /** Brings what others read in a phase of a step into the run's memory. Throws DeviceLost. */
  async bring(phase: number): Promise<void> {
    const { outgoing } = this.rounds[phase]!;
    if (!outgoing) return;
    const { gpu, halo, staging, values } = this;
    const { elements, move } = outgoing;
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    dispatchIn(pass, move);
    pass.end();
    encoder.copyBufferToBuffer(halo, 0, staging, 0, elements.byteLength);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.await(staging.mapAsync(MAP_READ));
    const found = new Uint32Array(staging.getMappedRange());
    for (let k = 0; k < elements.length; k++) values[elements[k]!] = found[k]!;
    staging.unmap();
  }

  /** Has the pass begin with what others have sent for a phase, which lies in the run's memory. */
  send(phase: number, pass: GPUComputePassEncoder): void {
    const { incoming } = this.rounds[phase]!;
    if (!incoming) return;
    const { elements, move } = incoming;
    for (let k = 0; k < elements.length; k++) this.sent[k] = this.values[elements[k]!]!;
    this.gpu.device.queue.writeBuffer(this.halo, 0, this.sent, 0, elements.length);
    dispatchIn(pass, move);
  }

  close(): void {
    for (const each of this.made) each.destroy();
  }
}

/** Has a pass do one shader's work. */
export function dispatchIn(pass: GPUComputePassEncoder, { program, group, x, y }: Dispatch): void {
  pass.setPipeline(program.pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y);
}
