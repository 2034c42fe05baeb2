import { rendererOf } from '../../engine/backends/webgl/webgl-device.ts';
import { adapterFacts, adapterName } from '../../engine/backends/webgpu/compute-device.ts';
import type { DeviceApi } from '../../workers/page/page-device.ts';

/** The graphics device of this page. */
export interface Graphics {
  readonly api: DeviceApi;
  readonly name: string;
  /** It draws on the processor, which computes faster by itself. */
  readonly software: boolean;
}

/** Looks for a device, by WebGPU first; undefined where the page has none that computes. */
export async function findGraphics(): Promise<Graphics | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (adapter) {
    const facts = adapterFacts(adapter);
    return { api: 'webgpu', name: adapterName(facts), software: facts.software };
  }
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl?.getExtension('EXT_color_buffer_float')) return undefined;
  const { name, software } = rendererOf(gl);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { api: 'webgl', name, software };
}
