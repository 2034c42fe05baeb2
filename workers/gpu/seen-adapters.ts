import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AdapterFacts } from '../../engine/backends/webgpu/compute-device.ts';

const PROCESS = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/workers/gpu/adapters-process.js', import.meta.url)
  : new URL('./adapters-process.js', import.meta.url);

/** What this machine has for WebGPU; without adapters it says why, and what mends it. */
export type SeenAdapters =
  | { readonly adapters: readonly AdapterFacts[] }
  | { readonly adapters: undefined; readonly why: string; readonly cure: string };

/** Adapters that answer, as a process of its own sees them: a driver that breaks down takes nothing else along. */
export async function seenAdapters(): Promise<SeenAdapters> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(PROCESS)], { timeout: 20_000 });
    const found = JSON.parse(stdout) as readonly AdapterFacts[] | null;
    if (!found) return { adapters: undefined, why: 'no WebGPU', cure: 'npm install, without --omit=optional' };
    if (found.length > 0) return { adapters: found };
    return {
      adapters: undefined,
      why: 'none answers',
      cure: 'install its driver; on Linux a Vulkan one, and libvulkan1',
    };
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { adapters: undefined, why: `its driver breaks down (${said})`, cure: 'install another driver' };
  }
}
