import {
  type AdapterFacts,
  adapterFacts,
  adapterName,
  ComputeDevice,
} from '../../engine/backends/webgpu/compute-device.ts';
import { dawn } from './dawn.ts';

const NO_PACKAGE =
  'the package webgpu is not here. Run npm install, which leaves it out only if told to; or --backend wasm';

/** Ways to ask that bring out every adapter; the first is the fastest. */
const ASKED: readonly GPURequestAdapterOptions[] = [
  { powerPreference: 'high-performance' },
  { powerPreference: 'low-power' },
  { forceFallbackAdapter: true },
];

/**
 * Opens the graphics device of this machine, or the one of that name. Throws NoDevice, with what to install; one that
 * draws on the processor is opened too, for the caller to tell of: see `AdapterFacts.software`.
 */
export async function openDevice(named?: string): Promise<ComputeDevice> {
  const gpu = await dawn();
  if (!gpu) throw new Error(`NoDevice: ${NO_PACKAGE}.`);
  const others: string[] = [];
  for (const options of named === undefined ? ASKED.slice(0, 1) : ASKED) {
    const adapter = await gpu.requestAdapter(options);
    if (!adapter) continue;
    const name = adapterName(adapterFacts(adapter));
    if (named === undefined || name === named) return ComputeDevice.open(adapter);
    others.push(name);
  }
  if (others.length > 0)
    throw new Error(
      `NoDevice: the run was begun on ${named}, here answers ${[...new Set(others)].join(', ')}. Use --backend webgpu to go on with that, or --backend wasm.`,
    );
  throw new Error(
    'NoDevice: no graphics device answers. Install its driver (on Linux a Vulkan one, and libvulkan1; terrella doctor lists what is seen), or use --backend wasm.',
  );
}

/** Adapters that answer, each once; undefined where WebGPU is not here. */
export async function listAdapters(): Promise<readonly AdapterFacts[] | undefined> {
  const gpu = await dawn();
  if (!gpu) return undefined;
  const found = new Map<string, AdapterFacts>();
  for (const options of ASKED) {
    const adapter = await gpu.requestAdapter(options);
    if (!adapter) continue;
    const facts = adapterFacts(adapter);
    found.set(JSON.stringify(facts), facts);
  }
  return [...found.values()];
}
