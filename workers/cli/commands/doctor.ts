import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { adapterName } from '../../../engine/backends/webgpu/compute-device.ts';
import { bytes } from '../../../scenarios/prediction.ts';
import { type SeenAdapters, seenAdapters } from '../../gpu/seen-adapters.ts';
import { measureSpeed } from '../../run/estimate.ts';
import { cacheDirectory } from '../load.ts';
import { engineName } from '../run-directory.ts';
import { printEvent, say } from '../terminal.ts';
import { thisMachine } from './validate.ts';

/** One thing that a run, or a command, may need of this machine. */
interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Nothing runs without it; the others are for some commands only. */
  readonly needed: boolean;
  readonly found: string;
  /** One line that mends it. */
  readonly cure?: string;
}

/** Says what this machine can do, and how to get what is missing. */
export async function doctorCommand({ json }: { readonly json: boolean }): Promise<void> {
  const machine = await thisMachine(process.cwd());
  const simd = WebAssembly.validate(SIMD_MODULE);
  const speeds = simd
    ? { float32: await measureSpeed('float32', 'wasm', 0.5), float64: await measureSpeed('float64', 'wasm', 0.5) }
    : { float32: await measureSpeed('float32', 'js', 0.5), float64: await measureSpeed('float64', 'js', 0.5) };
  const cache = cacheDirectory();
  const seen = await seenAdapters();
  const checks: Check[] = [
    check('node', nodeIsNew(), true, process.version, 'install Node.js 20.19 or later: https://nodejs.org'),
    check('cores', true, true, `${availableParallelism()} usable, ${cpus()[0]?.model.trim() ?? 'of unknown make'}`),
    check(
      'WebAssembly SIMD',
      simd,
      false,
      simd ? 'yes' : 'no',
      'run with --backend js, or a processor with SSE4.1 or NEON',
    ),
    check(
      'threads',
      sharesMemory(),
      false,
      sharesMemory() ? 'SharedArrayBuffer and shared WebAssembly memory' : 'no shared memory',
      'run with --threads 1, or a newer Node.js',
    ),
    check(
      'memory',
      machine.freeMemoryBytes > 2 ** 30,
      true,
      `${bytes(machine.freeMemoryBytes)} free of ${bytes(totalmem())}`,
      'free some, or run fewer cells: --set grid.cells=270',
    ),
    check(
      'working directory',
      writable(process.cwd()),
      true,
      `${writable(process.cwd()) ? 'writable' : 'not writable'}, ${bytes(machine.freeDiskBytes)} free`,
      'go to another one, or give --output',
    ),
    check(
      'cache',
      canMake(cache),
      false,
      cache,
      'set TERRELLA_CACHE to a directory that can be written; without it bathymetry is averaged anew each run',
    ),
    ...graphics(seen),
    await program('nats-server', 'a cluster of machines', 'apt-get install nats-server', ['--version']),
    await program(['chromium', 'chromium-browser', 'google-chrome'], 'tests in a browser', 'apt-get install chromium', [
      '--version',
    ]),
    await program('ncdump', 'looking at NetCDF exports', 'apt-get install netcdf-bin'),
    await xarray(),
  ];
  const ok = checks.every((one) => one.ok || !one.needed);
  if (json) {
    printEvent({
      event: 'doctor',
      ok,
      engine: engineName(),
      cores: availableParallelism(),
      freeMemoryBytes: machine.freeMemoryBytes,
      freeDiskBytes: machine.freeDiskBytes,
      millionCellStagesPerSecond: speeds,
      checks,
      adapters: seen.adapters ?? [],
    });
  }
  const width = Math.max(...checks.map(({ name }) => name.length));
  say(
    json,
    [
      engineName(),
      ...checks.flatMap(({ name, ok: good, needed, found, cure }) => [
        `${good ? 'ok     ' : needed ? 'MISSING' : '–      '}  ${name.padEnd(width)}  ${found}`,
        ...(cure ? [`${' '.repeat(11 + width)}→ ${cure}`] : []),
      ]),
      `speed    ${'one thread'.padEnd(width)}  ${speeds.float32.toFixed(1)} million cell-stages a second in float32, ${speeds.float64.toFixed(1)} in float64`,
      ok ? 'everything that a run needs is here' : 'something that a run needs is missing',
    ].join('\n'),
  );
}

const check = (name: string, ok: boolean, needed: boolean, found: string, cure?: string): Check => ({
  name,
  ok,
  needed,
  found,
  ...(ok || cure === undefined ? {} : { cure }),
});

const nodeIsNew = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
};

/** (func (result v128) (i32.const 0) (i8x16.splat) (i8x16.popcnt)): valid only where there is SIMD. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

function sharesMemory(): boolean {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

function writable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canMake(directory: string): boolean {
  let there = directory;
  while (!existsSync(there)) there = join(there, '..');
  try {
    rmSync(mkdtempSync(join(there, '.terrella-')), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Devices that answer through WebGPU with their limits, and whether they are more than the processor in disguise. */
function graphics(seen: SeenAdapters): readonly Check[] {
  const name = 'graphics processor';
  if (!seen.adapters)
    return [check(name, false, false, `${seen.why}; needed for run --backend webgpu only`, seen.cure)];
  return seen.adapters.map((adapter) =>
    check(
      name,
      !adapter.software,
      false,
      `${[...new Set([adapter.vendor, adapter.architecture])].filter((part) => part !== '').join(' ')}: ${adapterName(adapter)}, ` +
        `${bytes(adapter.largestBinding)} in one buffer, ${adapter.storageBuffers} buffers a stage, ` +
        `${adapter.workgroups} workgroups in a row of ${adapter.invocations} at most, ${adapter.timestamps ? 'times itself' : 'no timestamps'}` +
        `${adapter.software ? '; it draws on the processor, for tests' : ''}`,
      'run with --backend wasm, which is faster',
    ),
  );
}

function whereIs(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

const run = promisify(execFile);

async function program(
  names: string | readonly string[],
  purpose: string,
  cure: string,
  version?: readonly string[],
): Promise<Check> {
  const all = typeof names === 'string' ? [names] : names;
  const path = all.map(whereIs).find((found) => found !== undefined);
  const title = all[0]!;
  if (!path) return check(title, false, false, `not here; needed for ${purpose} only`, cure);
  const said = version
    ? await run(path, [...version], { timeout: 5000 }).then(
        ({ stdout, stderr }) => (stdout || stderr).trim().split('\n')[0] ?? '',
        () => '',
      )
    : '';
  return check(title, true, false, said ? `${path}, ${said}` : path);
}

async function xarray(): Promise<Check> {
  const name = 'python3-xarray';
  const cure = 'apt-get install python3-xarray python3-netcdf4';
  const purpose = 'not here; needed for reading results in Python only';
  if (!whereIs('python3')) return check(name, false, false, purpose, cure);
  const script = 'import xarray, netCDF4; print(xarray.__version__, "with netCDF4", netCDF4.__version__)';
  const said = await run('python3', ['-c', script], { timeout: 20_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return said ? check(name, true, false, said) : check(name, false, false, purpose, cure);
}
