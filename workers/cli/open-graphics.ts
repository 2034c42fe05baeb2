import { adapterName, type ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { printEvent, say } from './terminal.ts';

/** The graphics device, or the one of that name, never another in silence; says which it is. Throws NoDevice, DeviceRefused. */
export async function openGraphics(json: boolean, named?: string): Promise<ComputeDevice> {
  const { openDevice } = await import('../gpu/open-device.ts');
  const device = await openDevice(named);
  const { adapter } = device;
  say(
    true,
    `on ${adapterName(adapter)}${adapter.software ? ', which draws on the processor: --backend wasm is faster' : ''}`,
  );
  if (json) printEvent({ event: 'device', ...adapter });
  return device;
}
