import { type AdapterFacts, adapterFacts, ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { dawn } from './dawn.ts';

const NO_PACKAGE =
  'the package webgpu is not here. Run npm install, which leaves it out only if told to; or --backend wasm';

/**
 * Opens the graphics device of this machine. Throws NoDevice, with what to install; one that draws on the processor is
 * opened too, for the caller to tell of: see `AdapterFacts.software`.
 */
export async function openDevice(): Promise<ComputeDevice> {
  const gpu = await dawn();
  if (!gpu) throw new Error(`NoDevice: ${NO_PACKAGE}.`);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return ComputeDevice.open(adapter);
  throw new Error(
    'NoDevice: no graphics device answers. Install its driver (on Linux a Vulkan one, and libvulkan1; terrella doctor lists what is seen), or use --backend wasm.',
  );
}

/** Adapters that answer, each once; none where WebGPU is not here. */
export async function listAdapters(): Promise<readonly AdapterFacts[] | undefined> {
  const gpu = await dawn();
  if (!gpu) return undefined;
  const asked: GPURequestAdapterOptions[] = [
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
    { forceFallbackAdapter: true },
  ];
  const found = new Map<string, AdapterFacts>();
  for (const options of asked) {
    const adapter = await gpu.requestAdapter(options);
    if (!adapter) continue;
    const facts = adapterFacts(adapter);
    found.set(JSON.stringify(facts), facts);
  }
  return [...found.values()];
}
