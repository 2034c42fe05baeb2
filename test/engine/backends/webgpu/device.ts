import { existsSync } from 'node:fs';
import { afterAll } from 'vitest';
import { ComputeDevice } from '../../../../engine/backends/webgpu/compute-device.ts';
import { dawn } from '../../../../workers/gpu/dawn.ts';
import { tier } from '../../../tiers.ts';

/** Where Debian's Chromium puts the description of its software renderer. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

// These tests judge the shaders, so they run on the renderer whose arithmetic is known, on every machine the same, unless
// another driver is named.
if (existsSync(SWIFTSHADER)) process.env.VK_ICD_FILENAMES ??= SWIFTSHADER;
const adapterOf = async () =>
  (process.env.VK_ICD_FILENAMES === undefined ? undefined : await (await dawn())?.requestAdapter()) ?? undefined;
const found = await adapterOf();

/** Tests that need a WebGPU device; without a graphics card SwiftShader does. */
export const webgpuTier = tier(
  'WebGPU on SwiftShader',
  () => found !== undefined,
  'npm install && apt-get install -y --no-install-recommends chromium libvulkan1',
);

const opened: ComputeDevice[] = [];
afterAll(() => {
  for (const device of opened.splice(0)) device.close();
});

export const openAdapter = async (): Promise<GPUAdapter> => (await adapterOf())!;

/** A device of its own for one file's tests, closed after them. */
export async function openDevice(): Promise<ComputeDevice> {
  const device = await ComputeDevice.open(await openAdapter());
  opened.push(device);
  const { software, description } = device.adapter;
  if (process.env.VK_ICD_FILENAMES === SWIFTSHADER && !(software && /swiftshader/i.test(description)))
    throw new Error(`SwiftShader was asked for, ${description} answers`);
  return device;
}
