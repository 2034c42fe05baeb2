import { isSoftwareRenderer } from '../software-renderer.ts';
import { DeviceError } from './errors.ts';

/** What an adapter says of itself; browsers may leave parts empty. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** It draws on the processor: right, but slower than the engine's own WebAssembly. */
  readonly software: boolean;
  /** Largest buffer that a shader may see [bytes]. */
  readonly largestBinding: number;
  /** Buffers that the shaders of a stage may see at once. */
  readonly storageBuffers: number;
  /** Workgroups in a row, and invocations in one. */
  readonly workgroups: number;
  readonly invocations: number;
  /** Whether it can time its own work. */
  readonly timestamps: boolean;
}

const bufferLimit = ({ maxStorageBufferBindingSize, maxBufferSize }: GPUSupportedLimits): number =>
  Math.min(maxStorageBufferBindingSize, maxBufferSize);

export function adapterFacts({ info, limits, features }: GPUAdapter): AdapterFacts {
  const { vendor, architecture, device, description } = info;
  return {
    vendor,
    architecture,
    device,
    description,
    software: info.isFallbackAdapter || isSoftwareRenderer(`${vendor} ${architecture} ${device} ${description}`),
    largestBinding: bufferLimit(limits),
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    workgroups: limits.maxComputeWorkgroupsPerDimension,
    invocations: limits.maxComputeInvocationsPerWorkgroup,
    timestamps: features.has('timestamp-query'),
  };
}

/** An adapter in a few words: what it is, and its driver where it says so. */
export function adapterName({ vendor, architecture, device, description }: AdapterFacts): string {
  const name = device || architecture || vendor || 'a device without a name';
  return description ? `${name} (${description})` : name;
}

/** Storage buffers that the shaders of a stage see at once. */
const STORAGE_BUFFERS = 6;

/** A graphics device that computes: what was asked of it, and whether it is still there. */
export class ComputeDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterFacts;
  private trouble: DeviceError | undefined;
  /** Whoever waits: a promise that may never be kept, as that of a loss, must not be waited for again and again. */
  private readonly waiting = new Set<(trouble: DeviceError) => void>();

  private constructor(device: GPUDevice, adapter: AdapterFacts) {
    this.device = device;
    this.adapter = adapter;
    device.lost.then(({ reason, message }) => {
      this.trouble ??= new DeviceError(
        'DeviceLost',
        `${adapterName(adapter)} is gone (${reason}${message ? `: ${message}` : ''}), and the state on it. Resume from the last checkpoint.`,
      );
      this.tellTrouble(this.trouble);
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.trouble ??= new DeviceError(
        'DeviceRefused',
        `${adapterName(adapter)} would not go on: ${error.message} Resume from the last checkpoint, or use the processor.`,
      );
      this.tellTrouble(this.trouble);
    });
  }

  /** A device of an adapter with all that it allows. Throws DeviceRefused. */
  static async open(adapter: GPUAdapter): Promise<ComputeDevice> {
    const facts = adapterFacts(adapter);
    const { maxStorageBufferBindingSize, maxBufferSize, maxStorageBuffersPerShaderStage } = adapter.limits;
    if (maxStorageBuffersPerShaderStage < STORAGE_BUFFERS)
      throw new DeviceError(
        'DeviceRefused',
        `${adapterName(facts)} lets a shader see ${maxStorageBuffersPerShaderStage} buffers, ${STORAGE_BUFFERS} are needed. Use the processor.`,
      );
    try {
      const device = await adapter.requestDevice({
        requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
        requiredFeatures: facts.timestamps ? ['timestamp-query'] : [],
      });
      return new ComputeDevice(device, facts);
    } catch (cause) {
      throw new DeviceError(
        'DeviceRefused',
        `${adapterName(facts)} would not open (${cause instanceof Error ? cause.message : cause}). Use another adapter, or the processor.`,
        { cause },
      );
    }
  }

  private tellTrouble(trouble: DeviceError): void {
    for (const tell of this.waiting) tell(trouble);
    this.waiting.clear();
  }

  /** Throws what has happened to the device since it was opened, if anything. */
  check(): void {
    if (this.trouble) throw this.trouble;
  }

  /** Waits until the device is lost, or refuses something, which may never be. */
  gone(): Promise<DeviceError> {
    if (this.trouble) return Promise.resolve(this.trouble);
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** Waits for the device, unless it is known to be gone. Throws DeviceLost or DeviceRefused where it does not answer. */
  async await<T>(work: Promise<T>): Promise<T> {
    let refuse: ((trouble: DeviceError) => void) | undefined;
    // Whoever stops waiting for it must not leave it unhandled.
    work.catch(() => {});
    try {
      this.check();
      const result = await new Promise<T>((resolve, reject) => {
        refuse = reject;
        this.waiting.add(reject);
        work.then(resolve, reject);
      });
      this.check();
      return result;
    } catch (cause) {
      this.check();
      if (cause instanceof DeviceError) throw cause;
      throw new DeviceError(
        'DeviceLost',
        `${adapterName(this.adapter)} answers no more (${cause instanceof Error ? cause.message : cause}). Resume from the last checkpoint.`,
        { cause },
      );
    } finally {
      if (refuse) this.waiting.delete(refuse);
    }
  }

  /** A buffer, filled or of zeros. Throws TooLargeForDevice with the figure and the limit. */
  buffer(what: string, bytes: number, usage: GPUBufferUsageFlags, content?: ArrayBufferView<ArrayBuffer>): GPUBuffer {
    const limit = this.adapter.largestBinding;
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    if (size > limit)
      throw new DeviceError(
        'TooLargeForDevice',
        `${what} take ${mebibytes(size)} MiB, ${adapterName(this.adapter)} allows ${mebibytes(limit)} MiB in one buffer. Use fewer cells, or the processor.`,
      );
    const buffer = this.device.createBuffer({ size, usage: usage | COPY_DST });
    if (content) this.device.queue.writeBuffer(buffer, 0, content);
    return buffer;
  }

  /** Gives the device back; what it holds is lost. */
  close(): void {
    this.device.destroy();
  }
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 30 ? 1 : 0);

/** Uses of buffers, as the specification numbers them: outside browsers there is no global that names them. */
export const MAP_READ = 0x1;
export const COPY_SRC = 0x4;
export const COPY_DST = 0x8;
export const STORAGE = 0x80;
