import { type AdapterFacts, adapterName } from '../../engine/backends/webgpu/compute-device.ts';

/** A device as results and provenance name it. */
export const deviceBackend = (adapter: AdapterFacts): string => `webgpu: ${adapterName(adapter)}`;
