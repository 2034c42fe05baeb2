import { type AdapterFacts, adapterName, type ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import type { KernelForm } from '../../engine/compiler/pipeline.ts';

/** Who had a share of a run on a cluster: whether processors had, and which devices. */
export interface SharedBy {
  readonly hasProcessors: boolean;
  readonly devices: readonly string[];
}

const onDevice = (name: string): string => `webgpu: ${name}`;

/** A device as results and provenance name it. */
export const deviceBackend = (adapter: AdapterFacts): string => onDevice(adapterName(adapter));

/** What computed a run, as results and provenance name it: this processor, a device, or those of a cluster. */
export function backendOf(form: KernelForm, device: ComputeDevice | undefined, shared: SharedBy | undefined): string {
  if (device) return deviceBackend(device.adapter);
  const { hasProcessors, devices } = shared ?? { hasProcessors: true, devices: [] };
  return [...(hasProcessors || devices.length === 0 ? [`cpu-${form}`] : []), ...devices.map(onDevice)].join(' and ');
}
