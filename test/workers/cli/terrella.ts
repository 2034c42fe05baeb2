import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program: what users run, compute threads and all. */
export const MAIN = fileURLToPath(new URL('../../../dist/workers/cli/main.js', import.meta.url));

/** An ocean without land, six hours in a few steps. */
const RING = `terrella: 1
name: ring
title: A ring on an ocean without land
model: { equations: tsunami, precision: float32, parameters: { coriolis: false } }
grid: { cells: 24, tile: 12, bathymetry: { constant: 4 km } }
time: { start: 2000-01-01T00:00:00Z, duration: 6 h, courant: 1.4 }
sources:
  - { type: gaussian, longitude: 30, latitude: 20, height: 1 m, radius: 900 km }
output:
  fields:
    - { name: sea_surface_height_above_mean_sea_level, every: 1 h }
    - { name: maximum_amplitude }
    - { name: arrival_time }
  stations:
    - { name: near by, longitude: 40, latitude: 20 }
    - { name: far, longitude: 120, latitude: 0 }
  latitudeLongitude: 5
  checkpoints: { every: 2 h, keep: 2 }
expect:
  - { metric: mass.relativeDrift, below: 1e-4 }
`;

/** A directory of its own with the scenario in it, and a cache that no other test fills. */
export function workplace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'terrella-cli-'));
  mkdirSync(join(directory, 'cache'));
  writeFileSync(join(directory, 'ring.yaml'), RING);
  return directory;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON lines, where it is that. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Starts the program; `onEvent` sees each JSON line as it comes. */
export function start(
  cwd: string,
  words: readonly string[],
  onEvent?: (event: Readonly<Record<string, unknown>>, child: ChildProcess) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd,
    env: { ...process.env, TERRELLA_CACHE: join(cwd, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, seen] = ['', '', 0];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
    for (let end = stdout.indexOf('\n', seen); end >= 0; end = stdout.indexOf('\n', seen)) {
      if (onEvent) onEvent(JSON.parse(stdout.slice(seen, end)), child);
      seen = end + 1;
    }
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr, events: jsonLines(stdout) }));
  });
}

function jsonLines(text: string): Readonly<Record<string, unknown>>[] {
  const lines = text.trim().split('\n');
  return lines[0]?.startsWith('{') ? lines.map((line) => JSON.parse(line)) : [];
}
